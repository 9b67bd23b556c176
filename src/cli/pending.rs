//! How given plans stand in a database, before anything is locked or run.

use std::{collections::BTreeMap, path::PathBuf};

use tokio_postgres::Client;
use uuid::Uuid;

use super::{journals::unreadable, problem::Problem};
use crate::{
    plan::Repeat,
    postgres::journal::{self, Application, Standing},
    render::ResolvedPlan,
};

/// How one plan stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stands {
    /// Applied with this content: there is nothing to do.
    Applied(Application),
    /// Never applied.
    Pending,
    /// Applied with other content, and the plan says that it runs again then.
    Again(Application),
    /// Applied with other content, which is refused.
    Changed(Application),
    /// A run of it has not ended.
    Unfinished(Uuid),
}

impl Stands {
    /// In a word.
    pub fn word(&self) -> &'static str {
        match self {
            Stands::Applied(_) => "applied",
            Stands::Pending => "pending",
            Stands::Again(_) => "runs again",
            Stands::Changed(_) => "changed",
            Stands::Unfinished(_) => "unfinished",
        }
    }

    /// Its last application, as far as this tells of one.
    pub fn application(&self) -> Option<&Application> {
        match self {
            Stands::Applied(application) | Stands::Again(application) | Stands::Changed(application) => Some(application),
            Stands::Pending | Stands::Unfinished(_) => None,
        }
    }
}

/// A plan and how it stands.
#[derive(Debug)]
pub struct Looked {
    /// The plan's file.
    pub path: PathBuf,
    /// The plan.
    pub plan: ResolvedPlan,
    /// How it stands.
    pub stands: Stands,
}

/// What was found of all plans.
#[derive(Debug)]
pub struct Look {
    /// The plans in their order.
    pub plans: Vec<Looked>,
    /// What plans require that is neither among them nor applied: the plan, and what it requires.
    pub missing: Vec<(String, String)>,
}

/// Asks the journal once for all plans and for all that they require.
pub async fn look(client: &Client, plans: Vec<(PathBuf, ResolvedPlan)>) -> Result<Look, Problem> {
    let mut names: Vec<&str> = plans.iter().flat_map(|(_, plan)| names_of(plan)).collect();
    names.sort_unstable();
    names.dedup();
    let standings = journal::standings(client, &names).await.map_err(unreadable)?;
    let missing = missing(&plans, &standings);
    let plans = plans.into_iter().map(|(path, plan)| {
        let standing = standings.get(plan.plan().name.as_str()).cloned().unwrap_or_default();
        Looked { stands: stands(&plan, standing), path, plan }
    });
    Ok(Look { plans: plans.collect(), missing })
}

fn names_of(plan: &ResolvedPlan) -> impl Iterator<Item = &str> {
    let plan = plan.plan();
    std::iter::once(plan.name.as_str()).chain(plan.requires.iter().map(|(name, _)| name.as_str()))
}

fn stands(plan: &ResolvedPlan, standing: Standing) -> Stands {
    match standing {
        Standing { unfinished: Some(run), .. } => Stands::Unfinished(run),
        Standing { applied: None, .. } => Stands::Pending,
        Standing { applied: Some(applied), .. } if applied.fingerprint == plan.fingerprint() => Stands::Applied(applied),
        Standing { applied: Some(applied), .. } => match plan.plan().repeat {
            Repeat::OnChange => Stands::Again(applied),
            Repeat::Never => Stands::Changed(applied),
        },
    }
}

fn missing(plans: &[(PathBuf, ResolvedPlan)], standings: &BTreeMap<String, Standing>) -> Vec<(String, String)> {
    let is_given = |name: &str| plans.iter().any(|(_, plan)| plan.plan().name.as_str() == name);
    let is_applied = |name: &str| standings.get(name).is_some_and(|standing| standing.applied.is_some());
    let mut missing = Vec::new();
    for (_, plan) in plans {
        let plan = plan.plan();
        let required = plan.requires.iter().map(|(name, _)| name.as_str());
        for name in required.filter(|name| !is_given(name) && !is_applied(name)) {
            missing.push((plan.name.to_string(), name.to_owned()));
        }
    }
    missing
}
