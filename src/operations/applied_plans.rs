//! How given plans stand in a database, before anything is locked or run.

use std::collections::BTreeMap;

use tokio_postgres::Client;
use uuid::Uuid;

use super::{plan_files::PlanFile, problem::OperationProblem};
use crate::{
    plan::Repeat,
    postgres::journal::{self, Application, JournalPlanState},
    render::ResolvedPlan,
};

/// How one plan stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanState {
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

impl PlanState {
    /// In a word.
    pub fn word(&self) -> &'static str {
        match self {
            PlanState::Applied(_) => "applied",
            PlanState::Pending => "pending",
            PlanState::Again(_) => "runs again",
            PlanState::Changed(_) => "changed",
            PlanState::Unfinished(_) => "unfinished",
        }
    }

    /// Whether there is nothing to do.
    pub fn is_applied(&self) -> bool {
        matches!(self, PlanState::Applied(_))
    }

    /// Its last application, as far as this tells of one.
    pub fn application(&self) -> Option<&Application> {
        match self {
            PlanState::Applied(application) | PlanState::Again(application) | PlanState::Changed(application) => {
                Some(application)
            }
            PlanState::Pending | PlanState::Unfinished(_) => None,
        }
    }
}

/// A plan and how it stands.
#[derive(Debug)]
pub struct PlanStatus {
    /// The plan and its file.
    pub file: PlanFile,
    /// How it stands.
    pub state: PlanState,
}

/// What was found of all plans.
#[derive(Debug)]
pub struct PlanStatuses {
    /// The plans in their order.
    pub plans: Vec<PlanStatus>,
    /// What plans require that is neither among them nor applied: the plan, and what it requires.
    pub missing: Vec<(String, String)>,
}

/// Asks the journal once for all plans and for all that they require.
pub(super) async fn look(client: &Client, plans: Vec<PlanFile>) -> Result<PlanStatuses, OperationProblem> {
    let mut names: Vec<&str> = plans.iter().flat_map(|file| names_of(&file.plan)).collect();
    names.sort_unstable();
    names.dedup();
    let plan_states = journal::plan_states(client, &names).await.map_err(OperationProblem::unreadable)?;
    let missing = missing(&plans, &plan_states);
    let plans = plans.into_iter().map(|file| {
        let state = plan_states.get(file.plan.plan().name.as_str()).cloned().unwrap_or_default();
        PlanStatus { state: state_of(&file.plan, state), file }
    });
    Ok(PlanStatuses { plans: plans.collect(), missing })
}

fn names_of(plan: &ResolvedPlan) -> impl Iterator<Item = &str> {
    let plan = plan.plan();
    std::iter::once(plan.name.as_str()).chain(plan.requires.iter().map(|(name, _)| name.as_str()))
}

fn state_of(plan: &ResolvedPlan, state: JournalPlanState) -> PlanState {
    match state {
        JournalPlanState { unfinished: Some(run), .. } => PlanState::Unfinished(run),
        JournalPlanState { applied: None, .. } => PlanState::Pending,
        JournalPlanState { applied: Some(applied), .. } if applied.fingerprint == plan.fingerprint() => {
            PlanState::Applied(applied)
        }
        JournalPlanState { applied: Some(applied), .. } => match plan.plan().repeat {
            Repeat::OnChange => PlanState::Again(applied),
            Repeat::Never => PlanState::Changed(applied),
        },
    }
}

fn missing(plans: &[PlanFile], plan_states: &BTreeMap<String, JournalPlanState>) -> Vec<(String, String)> {
    let is_given = |name: &str| plans.iter().any(|file| file.plan.plan().name.as_str() == name);
    let is_applied = |name: &str| plan_states.get(name).is_some_and(|state| state.applied.is_some());
    let mut missing = Vec::new();
    for file in plans {
        let plan = file.plan.plan();
        let required = plan.requires.iter().map(|(name, _)| name.as_str());
        for name in required.filter(|name| !is_given(name) && !is_applied(name)) {
            missing.push((plan.name.to_string(), name.to_owned()));
        }
    }
    missing
}
