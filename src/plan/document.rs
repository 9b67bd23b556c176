//! The plan itself.

use super::{
    backup::Backup,
    check::Checks,
    exception::LintException,
    id::{PlanName, VarName},
    place::Place,
    rollback::Rollback,
    session::Session,
    stage::{Stage, Template, Written},
    step::Step,
    variable::Variable,
};
use std::collections::BTreeMap;

/// A plan: what to change, how to know that it went well, and the way back.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan<S: Stage = Written> {
    /// How the journal knows the plan; applied at most once.
    pub name: PlanName,
    /// Where the name stands.
    pub name_at: Place,
    /// For people.
    pub description: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Tickets, design documents.
    pub links: Vec<String>,
    /// Plans that must have been applied before, and where each is named.
    pub requires: Vec<(PlanName, Place)>,
    /// What happens when an applied plan's content changed.
    pub repeat: Repeat,
    /// One transaction a step, or one for everything.
    pub transaction: Transaction,
    /// Declared variables.
    pub vars: BTreeMap<VarName, Variable>,
    /// Macro files, by path relative to the plan; each is a template that every other one may import.
    pub templates: Vec<Template>,
    /// Settings of every session.
    pub session: Session<S>,
    /// What is copied first.
    pub backup: Backup<S>,
    /// What must hold before, and after, and stay equal.
    pub checks: Checks<S>,
    /// What is done, in order.
    pub steps: Vec<Step<S>>,
    /// What a failure leads to.
    pub rollback: Rollback,
    /// Rules of `lint` that don't count in it. They change nothing that runs.
    pub lint: Vec<LintException>,
}

/// What a second `apply` of a plan with the same name and another content does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// It is refused, with what changed.
    #[default]
    Never,
    /// It runs again.
    OnChange,
}

/// Where the boundaries of transactions lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transaction {
    /// Each step commits together with its row in the journal.
    #[default]
    Step,
    /// Backup, steps, checks and the journal's outcome commit together; a failure is a plain ROLLBACK.
    Plan,
}
