//! What `apply` would do now, as values.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    catalog::Change,
    machine::{CheckResult, Failure},
};

/// What `apply` would do now.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Forecast {
    /// The database, without secrets: `alice@db.example:5432/shop`.
    pub database: String,
    /// The role that looked.
    pub role: String,
    /// When, by the server's clock, RFC 3339.
    pub at: String,
    /// Whoever holds the run lock now.
    pub lock: Option<String>,
    /// A run that has not ended; nothing can begin before it has.
    pub unfinished: Option<UnfinishedForecast>,
    /// Why this role, or this server, could not apply it; another one may.
    pub elsewhere: Vec<Failure>,
    /// The plans, in the order in which they would run.
    pub plans: Vec<PlanForecast>,
    /// Where it was saved.
    pub saved: Option<Saved>,
}

/// A run that has not ended.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct UnfinishedForecast {
    /// UUID of the run, which `resume` and `restore` take.
    pub run: String,
    /// Its plan's name.
    pub plan: String,
    /// How it stands.
    pub state: String,
}

/// Where an dry_run was saved.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Saved {
    /// The path that it was written to.
    pub file: String,
    /// The saved plan's id.
    pub id: String,
    /// Its digest, hex.
    pub digest: String,
    /// RFC 3339; none is never.
    pub expires_at: Option<String>,
}

/// One plan.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PlanForecast {
    /// As its file has it.
    pub name: String,
    /// As the command was given it, or found it in a folder.
    pub path: String,
    /// For people.
    pub description: Option<String>,
    /// What there is to do.
    pub state: AppliedState,
    /// Plans of the same command that would run before it. What is said of it is then how it looks before them.
    pub after: Vec<String>,
    /// What stands in its way.
    pub failures: Vec<Failure>,
    /// What is worth saying.
    pub warnings: Vec<String>,
    /// Its before-checks, and the answers now of those that must stay equal.
    pub checks: Vec<CheckResult>,
    /// Its backup; none where it is not looked at.
    pub backup: Option<BackupForecast>,
    /// Its statements and their locks.
    pub statements: Vec<StatementForecast>,
    /// What its statements would change without a backup.
    pub uncovered: Vec<Uncovered>,
    /// What changed of what it relies on; none where there is nothing to compare with.
    pub drift: Option<DriftForecast>,
}

/// What there is to do of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum AppliedState {
    /// It has not run.
    Pending,
    /// It has run as it is.
    Applied {
        /// When, RFC 3339.
        at: String,
        /// UUID of the run that applied it.
        run: String,
    },
    /// It has run with other content and says that it is to run again then.
    Repeats {
        /// When, RFC 3339.
        at: String,
    },
    /// It has run with other content, which is refused.
    Changed {
        /// When, RFC 3339.
        at: String,
        /// What is different, as a unified diff.
        diff: String,
    },
    /// Whether it has run can't be known.
    Unknown,
}

impl AppliedState {
    /// Whether there is something to do.
    pub fn is_pending(&self) -> bool {
        matches!(self, AppliedState::Pending | AppliedState::Repeats { .. } | AppliedState::Unknown)
    }
}

/// A plan's backup.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BackupForecast {
    /// The schema of the copies.
    pub schema: String,
    /// What is copied.
    pub targets: Vec<TargetForecast>,
    /// Heap and TOAST of all of them, in bytes: what the copies take.
    pub bytes: u64,
    /// The same with the indexes, in bytes: what a restore of everything writes anew.
    pub restore_bytes: u64,
    /// How long it takes, about; none where it can't be estimated.
    pub millis: Option<u64>,
    /// What the estimate rests on, a fragment.
    pub basis: String,
}

/// A table that is copied.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TargetForecast {
    /// `schema.table`
    pub table: String,
    /// Rows, as the server's statistics estimate them; none where it has none.
    pub rows: Option<u64>,
    /// Heap and TOAST in bytes.
    pub bytes: u64,
}

/// A statement and its lock.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StatementForecast {
    /// The step, or `backup` for what the backup itself locks.
    pub step: String,
    /// The statement, cut, on one line.
    pub statement: String,
    /// Who waits for it: `nobody`, `readers and writers`, …
    pub waits: String,
    /// The tables that it names and that exist.
    pub tables: Vec<String>,
    /// Who would keep it waiting at this moment.
    pub held: Vec<LockHeld>,
}

/// A lock that somebody holds.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LockHeld {
    /// On which table.
    pub table: String,
    /// Its mode, as `pg_locks` names it.
    pub mode: String,
    /// The server's process; none for a prepared transaction.
    pub pid: Option<i32>,
    /// The role; none where ours may not see it.
    pub role: Option<String>,
    /// Its `application_name`.
    pub application: Option<String>,
    /// `active`, `idle in transaction`, …
    pub state: Option<String>,
    /// Seconds since its transaction began.
    pub seconds: Option<u64>,
    /// Its last statement, cut.
    pub query: Option<String>,
}

/// A table that a statement would change and that no backup holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Uncovered {
    /// `schema.table`
    pub table: String,
    /// The id of the step that writes there.
    pub step: String,
}

/// What changed of the structure that a plan relies on.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DriftForecast {
    /// Since when: `backup 2026_01_01_00_00_00`, `saved plan … of 2026-01-01T00:00:00Z`.
    pub since: String,
    /// Whose changes are told.
    pub whose: DriftAuthors,
    /// Of what the plans rely on.
    pub changes: Vec<Change>,
}

/// Whose changes are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriftAuthors {
    /// Those that no run made.
    Others,
    /// All.
    Anybody,
}

impl DriftForecast {
    /// What its list is called: `changed by others since …`.
    pub(super) fn title(&self) -> String {
        let by = match self.whose {
            DriftAuthors::Others => " by others",
            DriftAuthors::Anybody => "",
        };
        format!("changed{by} since {}", self.since)
    }
}

/// What it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DryRunVerdict {
    /// Everything is applied.
    NothingToDo,
    /// Something would run.
    WouldRun,
    /// Something stands in the way.
    InTheWay,
    /// A plan was changed after it was applied.
    Changed,
    /// A run has not ended.
    Unfinished,
}

impl Forecast {
    /// What it comes to. What stands in the way of a plan that comes after others may be gone once they have run.
    pub fn verdict(&self) -> DryRunVerdict {
        let pending = || self.plans.iter().filter(|plan| plan.state.is_pending());
        if self.unfinished.is_some() {
            DryRunVerdict::Unfinished
        } else if self.plans.iter().any(|plan| matches!(plan.state, AppliedState::Changed { .. })) {
            DryRunVerdict::Changed
        } else if pending().any(|plan| plan.after.is_empty() && plan.is_stopped()) {
            DryRunVerdict::InTheWay
        } else if pending().next().is_some() {
            DryRunVerdict::WouldRun
        } else {
            DryRunVerdict::NothingToDo
        }
    }

    /// The verdict in a sentence.
    pub(super) fn conclusion(&self) -> String {
        let names = |wanted: &dyn Fn(&PlanForecast) -> bool| {
            self.plans.iter().filter(|plan| wanted(plan)).map(|plan| plan.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        match self.verdict() {
            DryRunVerdict::NothingToDo => "nothing to do".to_owned(),
            DryRunVerdict::WouldRun => format!("apply would run {}", names(&|plan| plan.state.is_pending())),
            DryRunVerdict::InTheWay => {
                let stopped = |plan: &PlanForecast| plan.state.is_pending() && plan.after.is_empty() && plan.is_stopped();
                format!("apply would stop before it changes anything: {}", names(&stopped))
            }
            DryRunVerdict::Changed => {
                let changed = |plan: &PlanForecast| matches!(plan.state, AppliedState::Changed { .. });
                format!("apply would refuse: {} was changed after it was applied", names(&changed))
            }
            DryRunVerdict::Unfinished => "apply would refuse: a run has not ended".to_owned(),
        }
    }
}

impl PlanForecast {
    /// Whether a run of it would end before it changes anything.
    pub fn is_stopped(&self) -> bool {
        !self.failures.is_empty() || self.checks.iter().any(CheckResult::blocks)
    }
}

impl LockHeld {
    /// On one line: `pid 42, role app, application web, idle in transaction for 33 s, holds … on public.t: SELECT …`.
    pub(super) fn line(&self) -> String {
        let mut out = self.pid.map_or_else(|| "a prepared transaction".to_owned(), |pid| format!("pid {pid}"));
        for (word, value) in [(", role ", &self.role), (", application ", &self.application), (", ", &self.state)] {
            if let Some(value) = value {
                out += &format!("{word}{value}");
            }
        }
        if let Some(seconds) = self.seconds {
            out += &format!(" for {seconds} s");
        }
        out += &format!(", holds {} on {}", self.mode, self.table);
        if let Some(query) = &self.query {
            out += &format!(": {query}");
        }
        out
    }
}
