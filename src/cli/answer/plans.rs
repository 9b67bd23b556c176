//! Answers about plans and their files.

use schemars::JsonSchema;
use serde::Serialize;

use crate::machine::{CheckPhase, CheckResult};

/// Answers of one phase of plans' checks.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ChecksAnswer {
    /// Which phase.
    pub phase: CheckPhase,
    /// The plans, in the order in which they would run.
    pub plans: Vec<CheckedPlan>,
    /// 0, or 4 where a check stands in the way.
    pub exit_code: u8,
}

/// A plan's answers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CheckedPlan {
    /// The plan's name, as its file has it.
    pub plan: String,
    /// Path of the plan's file, as the command was given it.
    pub file: String,
    /// The answers, in the plan's order.
    pub results: Vec<CheckResult>,
    /// Ids of the checks that stand in the way.
    pub blocking: Vec<String>,
}

/// A plan as it would run.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RenderedPlanRecord {
    /// The plan's name, as its file has it.
    pub name: String,
    /// Path of the plan's file, as the command was given it.
    pub file: String,
    /// Fingerprint, hex: what it does, without comments and layout.
    pub fingerprint: String,
    /// Its steps.
    pub steps: Vec<RenderedStep>,
    /// All of it, secrets redacted.
    pub rendered: String,
}

/// A step as it would run.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RenderedStep {
    /// As the plan names the step; unique in the plan.
    pub id: String,
    /// Its SQL, secrets redacted.
    pub sql: String,
    /// Digest of its SQL, hex.
    pub digest: String,
}

/// Who approved a saved plan.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ApprovalsAnswer {
    /// The saved plan's id.
    pub id: String,
    /// Its digest, hex.
    pub digest: String,
    /// Whose approvals count, by the names that the repository gives the keys.
    pub approved_by: Vec<String>,
    /// Keys that the repository does not name; their approvals don't count.
    pub unknown_keys: Vec<String>,
    /// How many approvals the repository wants.
    pub required: u32,
    /// Names of the plans in it.
    pub plans: Vec<String>,
}

/// A new private key.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct KeyAnswer {
    /// Path of the file with the private key.
    pub file: String,
    /// Its public part, base64: for the repository's file.
    pub public: String,
}

/// Plans whose fields were put in order.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FormattedAnswer {
    /// The files that were not in order.
    pub files: Vec<String>,
    /// Whether they were written; not under `--check`.
    pub written: bool,
    /// 0, or 3 where files are not in order and were not written.
    pub exit_code: u8,
}

/// Files that were made.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct WrittenFilesAnswer {
    /// Those that are new.
    pub files: Vec<String>,
    /// Those that were there and stay as they are.
    pub kept: Vec<String>,
    /// Always 0.
    pub exit_code: u8,
}

/// All rules of `lint`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Rules {
    /// The rules.
    pub rules: Vec<RuleRecord>,
}

/// A rule of `lint`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RuleRecord {
    /// Its code.
    pub code: String,
    /// In a few words.
    pub title: String,
    /// What it belongs to: locks, loss, …
    pub group: String,
    /// How much it weighs where nobody says otherwise: off, note, warning or error.
    pub level: String,
    /// What is found.
    pub condition: String,
    /// What it leads to.
    pub effect: String,
    /// What to do instead.
    pub remedy: String,
    /// The page of PostgreSQL's manual that says so.
    pub manual: Option<String>,
    /// A plan in which it is found.
    pub bad: String,
    /// The same without it.
    pub good: String,
}
