//! Answers about runs, and about which plans are applied.

use schemars::JsonSchema;
use serde::Serialize;

/// What is going on in a database.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StatusAnswer {
    /// Whoever holds the run lock.
    pub lock: Option<String>,
    /// The runs that have not ended.
    pub unfinished: Vec<UnfinishedRun>,
    /// The plans that are applied.
    pub applied: Vec<AppliedPlanRecord>,
    /// The runs that were restored but for differences, as long as their plan has no later run.
    pub restored_except: Vec<RestoredExceptRecord>,
}

/// A run that was restored but for differences; `show` has them.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RestoredExceptRecord {
    /// Its plan's name.
    pub plan: String,
    /// UUID of the run, which `show` takes.
    pub run: String,
    /// How many.
    pub differences: u64,
}

/// A run that has not ended.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct UnfinishedRun {
    /// Its plan's name.
    pub plan: String,
    /// UUID of the run, which `resume`, `restore` and `show` take.
    pub run: String,
    /// Where it stands, in a word.
    pub state: String,
    /// When its last event was stored, RFC 3339.
    pub since: String,
    /// Who wrote that event.
    pub actor: String,
    /// How to go on, as people are told it.
    pub next: String,
}

/// A plan that is applied.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AppliedPlanRecord {
    /// The plan's name, as the journal has it.
    pub plan: String,
    /// Fingerprint of what was applied, hex.
    pub fingerprint: String,
    /// The run that applied it.
    pub run: String,
    /// When, RFC 3339.
    pub at: String,
}

/// How plans stand.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PlanStatesAnswer {
    /// One for each that was asked for.
    pub plans: Vec<NamedPlanState>,
    /// How many of them are not applied with the given content.
    pub waiting: usize,
    /// 0, or 9 where all are required and some wait.
    pub exit_code: u8,
}

/// How a plan stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct NamedPlanState {
    /// As its file has it, or as it was asked for.
    pub plan: String,
    /// `applied`, `pending`, `runs again`, `changed`, `unfinished`, or `missing: …`.
    pub state: String,
    /// When it was applied last, RFC 3339; empty where it never was.
    pub at: String,
    /// The run that did; empty where none did.
    pub run: String,
    /// Its file; empty where it was named.
    pub file: String,
}

/// The runs, the newest first.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct HistoryAnswer {
    /// At most as many as were asked for.
    pub runs: Vec<PastRun>,
}

/// A run.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PastRun {
    /// UUID of the run, which `show` takes.
    pub run: String,
    /// Its plan's name.
    pub plan: String,
    /// RFC 3339.
    pub started: String,
    /// How it ended, or where it stands, in a word.
    pub outcome: String,
    /// Its backup's id.
    pub backup: Option<String>,
    /// Who started it.
    pub actor: String,
    /// How long it took; none while it has not ended.
    pub seconds: Option<f64>,
}

/// A run that was told something.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct NamedRun {
    /// UUID of the run.
    pub run: String,
}

/// What can be seen of a step of which nobody knows whether it was applied.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct EvidenceAnswer {
    /// Sessions in which it still runs, a line each.
    pub running: Vec<String>,
    /// What its probe and the catalog say, a line each.
    pub facts: Vec<String>,
}
