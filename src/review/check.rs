//! Checks, matched by id over all phases.

use std::collections::HashMap;

use super::{
    change::ChangeSubject, describe::name, findings::ReviewFindings, question::CheckComparison, weakening::Weakening,
};
use crate::{
    plan::{Check, CheckId, Checks, Phase, Rendered, Severity, Text},
    render,
};

struct PhasedCheck<'p> {
    phase: Phase,
    check: &'p Check<Rendered>,
}

impl PhasedCheck<'_> {
    fn subject(&self) -> ChangeSubject {
        ChangeSubject::Check(self.check.id.to_string())
    }

    /// One check, in a line.
    fn words(&self) -> String {
        let Check { kind, severity, .. } = self.check;
        format!("{} in phase {}, severity {}", kind.name, name(&self.phase), name(severity))
    }

    /// Whether its failure leads to anything.
    fn weighs(&self) -> bool {
        self.check.severity != Severity::Info
    }
}

/// Compares the checks, and says which have another id now.
pub(super) fn compare(
    findings: &mut ReviewFindings,
    (then, path_then): (&Checks<Rendered>, &[Text]),
    (now, path_now): (&Checks<Rendered>, &[Text]),
) -> HashMap<CheckId, CheckId> {
    let (old, new) = (asked(then), asked(now));
    let by_id: HashMap<&CheckId, &PhasedCheck<'_>> = old.iter().map(|asked| (&asked.check.id, asked)).collect();
    let still: HashMap<&CheckId, &PhasedCheck<'_>> = new.iter().map(|asked| (&asked.check.id, asked)).collect();
    let mut fresh: Vec<&PhasedCheck<'_>> = Vec::new();
    for after in &new {
        match by_id.get(&after.check.id) {
            Some(before) => pair(findings, (before, path_then), (after, path_now)),
            None => fresh.push(after),
        }
    }
    let mut renamed = HashMap::new();
    for before in old.iter().filter(|asked| !still.contains_key(&asked.check.id)) {
        let same = fresh.iter().position(|after| after.phase == before.phase && after.check.kind == before.check.kind);
        match same.map(|at| fresh.remove(at)) {
            Some(after) => {
                findings.field(&after.subject(), "id", &before.check.id.to_string(), &after.check.id.to_string());
                pair(findings, (before, path_then), (after, path_now));
                renamed.insert(before.check.id.clone(), after.check.id.clone());
            }
            None => {
                findings.removed(&before.subject(), render::check_yaml(before.check));
                if before.weighs() {
                    findings.weaker(Weakening::CheckDropped, &before.subject(), &before.words(), &None::<String>);
                }
            }
        }
    }
    for after in fresh {
        findings.added(&after.subject(), format!("phase: {}\n{}", name(&after.phase), render::check_yaml(after.check)));
    }
    renamed
}

fn asked(checks: &Checks<Rendered>) -> Vec<PhasedCheck<'_>> {
    checks.with_phases().map(|(phase, check)| PhasedCheck { phase, check }).collect()
}

fn pair(
    findings: &mut ReviewFindings,
    (then, path_then): (&PhasedCheck<'_>, &[Text]),
    (now, path_now): (&PhasedCheck<'_>, &[Text]),
) {
    // The hint is for people.
    let Check { id: _, at: _, kind, severity, hint: _ } = then.check;
    let subject = now.subject();
    findings.words(&subject, "phase", then.phase, now.phase);
    if then.phase != now.phase && then.weighs() {
        findings.weaker(Weakening::CheckMoved, &subject, &name(&then.phase), &name(&now.phase));
    }
    findings.ranked(
        &subject,
        "severity",
        (*severity, now.check.severity),
        (Weakening::SeverityLowered, strength_of_severity),
    );
    if *kind == now.check.kind {
        return;
    }
    let yaml = (render::check_yaml(then.check), render::check_yaml(now.check));
    CheckComparison { findings, subject: &subject, weighs: then.weighs(), path_then, path_now, yaml }
        .compare(kind, &now.check.kind);
}

fn strength_of_severity(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 0,
        Severity::Warn => 1,
        Severity::Fail => 2,
    }
}
