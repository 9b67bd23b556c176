//! A plan as it will run.

use crate::plan::{Plan, Rendered};

/// A plan as it will run: every text final, bound to a fingerprint.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedPlan {
    pub(super) plan: Plan<Rendered>,
    pub(super) fingerprint: String,
    pub(super) step_digests: Vec<String>,
    pub(super) shown: String,
}

impl ResolvedPlan {
    /// Final: every text as it will run.
    pub fn plan(&self) -> &Plan<Rendered> {
        &self.plan
    }

    /// SHA-256 over everything that matters, hex. Comments, layout and secrets are no part of it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// SHA-256 over each step's SQL and settings, hex, in the order of the steps.
    pub fn step_digests(&self) -> &[String] {
        &self.step_digests
    }

    /// The rendered plan as YAML, secrets redacted: for people, and for what changed since.
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

#[cfg(test)]
impl ResolvedPlan {
    /// A resolved plan for tests of rooms that do not render.
    pub(crate) fn for_test(plan: Plan<Rendered>, fingerprint: &str) -> Self {
        let step_digests = plan.steps.iter().map(|step| format!("digest of {}: {}", step.id, step.sql.shown())).collect();
        ResolvedPlan { plan, fingerprint: fingerprint.to_owned(), step_digests, shown: String::new() }
    }
}
