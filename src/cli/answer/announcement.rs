//! Lines that stand among or in place of events and answers.

use schemars::JsonSchema;
use serde::Serialize;

use crate::load::Record;

/// A line that is neither an event nor what was asked for.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Announcement {
    /// A plan is applied already, or a saved plan has nothing to do.
    NothingToDo(NothingToDo),
    /// A run ended a session that kept it waiting.
    SessionEnded(EndedSessionRecord),
    /// Something went wrong beside a run and did not change how it went on.
    Warned(RunWarning),
    /// Files are not what they must be.
    Invalid(Invalid),
    /// Several plans were to be applied: what became of each.
    Overall(Overall),
}

/// What became of each of several plans.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Overall {
    /// In the order in which they run.
    pub plans: Vec<PlanOutcomeRecord>,
    /// The command's exit code.
    pub exit_code: u8,
}

/// What became of a plan.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PlanOutcomeRecord {
    /// The plan's name, as its file has it.
    pub plan: String,
    /// `applied`, `nothing_to_do`, `not_begun`, `restored`, `aborted`, `held`, `stuck`, `busy` or `failed`.
    pub outcome: &'static str,
}

/// A plan is applied already, or a saved plan has nothing to do.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct NothingToDo {
    /// By name; none for a saved plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The run that applied it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// When, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The saved plan's id, where it was an empty one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved_plan: Option<String>,
    /// Always 0.
    pub exit_code: u8,
}

/// A session that kept a run waiting and was ended by it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct EndedSessionRecord {
    /// UUID of the run that ended it.
    pub run: String,
    /// When, RFC 3339, the server's clock.
    pub at: String,
    /// Role and program that ended it.
    pub actor: String,
    /// The server's process behind it.
    pub pid: i32,
    /// `pg_stat_activity.usename`; none where that is hidden.
    pub role: Option<String>,
    /// Its `application_name`.
    pub application: Option<String>,
    /// Where it came from; none for a local socket.
    pub address: Option<String>,
    /// Its last statement, cut.
    pub query: Option<String>,
}

/// Something that went wrong beside a run and did not change how it went on.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RunWarning {
    /// UUID of the run that it is said of.
    pub run: String,
    /// When, RFC 3339, the server's clock.
    pub at: String,
    /// Its stable code.
    pub code: String,
    /// What went wrong, and what of it stays.
    pub message: String,
    /// The server's DETAIL, and what helps.
    pub detail: Option<String>,
}

/// Mistakes of files.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Invalid {
    /// Each at its place, in the order of their places.
    pub problems: Vec<Record>,
    /// How many were found beyond those.
    pub more: usize,
    /// 3.
    pub exit_code: u8,
}
