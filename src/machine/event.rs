//! What happened: one struct an event. Events are stored as JSON for ever, so fields are only ever added, with a default.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    check_results::{CheckResult, ChecksEvaluated},
    decision::{PlanAmended, RunAccepted, StepSettled},
    failure::Failure,
    outline::Outline,
    restoration::{Fidelity, Restoration},
    run_outcome::{Cause, RunOutcome},
};
use crate::{
    catalog::{Change, ObjectKey},
    plan::Sequences,
};

/// A fact about a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The run exists; it holds the lock.
    RunStarted(RunStarted),
    /// Nothing stands in the way.
    PreflightPassed(PreflightPassed),
    /// Something does; nothing was changed.
    PreflightFailed(PreflightFailed),
    /// The plan's one transaction is open (`transaction: plan`).
    TransactionOpened(TransactionOpened),
    /// The before-checks hold.
    BeforeChecksPassed(ChecksEvaluated),
    /// They do not; nothing was changed.
    BeforeChecksFailed(ChecksEvaluated),
    /// From here on a partial backup may exist.
    BackupStarted(BackupStarted),
    /// The backup is complete and verified.
    BackupCompleted(BackupCompleted),
    /// There is no backup; what there was of it is cleared away.
    BackupFailed(BackupFailed),
    /// A step is about to run.
    StepStarted(StepStarted),
    /// A step is committed, in the same transaction as this event wherever it runs in one.
    StepCommitted(StepCommitted),
    /// A batch of a step is committed, in the same transaction as this event.
    BatchCommitted(BatchCommitted),
    /// A step failed; nothing of it is there, unless it ran outside a transaction.
    StepFailed(StepFailed),
    /// The after-checks hold.
    AfterChecksPassed(ChecksEvaluated),
    /// They do not.
    AfterChecksFailed(ChecksEvaluated),
    /// A step's undo is about to run.
    UndoStarted(UndoStarted),
    /// A step's undo is committed, in the same transaction as this event.
    UndoCommitted(UndoCommitted),
    /// A step's undo failed.
    UndoFailed(UndoFailed),
    /// After the last undo, everything was found equal to the backup.
    UndoVerified(UndoVerified),
    /// After the last undo, something differed; a restore follows.
    UndoDiffers(UndoDiffers),
    /// A restore is about to begin.
    RestoreStarted(RestoreStarted),
    /// The database is as it was, but for the differences that it names; written in the restore's own transaction.
    RestoreCompleted(RestoreCompleted),
    /// The restore was rolled back; nothing was changed by it.
    RestoreFailed(RestoreFailed),
    /// All that the run had begun was in transactions that were rolled back.
    TransactionRolledBack(TransactionRolledBack),
    /// A signal stopped the run.
    RunInterrupted(RunInterrupted),
    /// A person, or the runner of a later day, goes on.
    RunResumed(RunResumed),
    /// A person wants the way back.
    RestoreRequested(RestoreRequested),
    /// A person changed the plan for the steps that have not run yet.
    PlanAmended(PlanAmended),
    /// A person found out whether a step was applied.
    StepSettled(StepSettled),
    /// A person accepts the database as it stands; the run ends here.
    RunAccepted(RunAccepted),
    /// All done, validated.
    RunSucceeded(RunSucceeded),
    /// Ended before any step; nothing was changed.
    RunAborted(RunAborted),
}

impl Event {
    /// What the journal calls its kind.
    pub fn name(&self) -> &'static str {
        match self {
            Event::RunStarted(_) => "run_started",
            Event::PreflightPassed(_) => "preflight_passed",
            Event::PreflightFailed(_) => "preflight_failed",
            Event::TransactionOpened(_) => "transaction_opened",
            Event::BeforeChecksPassed(_) => "before_checks_passed",
            Event::BeforeChecksFailed(_) => "before_checks_failed",
            Event::BackupStarted(_) => "backup_started",
            Event::BackupCompleted(_) => "backup_completed",
            Event::BackupFailed(_) => "backup_failed",
            Event::StepStarted(_) => "step_started",
            Event::StepCommitted(_) => "step_committed",
            Event::BatchCommitted(_) => "batch_committed",
            Event::StepFailed(_) => "step_failed",
            Event::AfterChecksPassed(_) => "after_checks_passed",
            Event::AfterChecksFailed(_) => "after_checks_failed",
            Event::UndoStarted(_) => "undo_started",
            Event::UndoCommitted(_) => "undo_committed",
            Event::UndoFailed(_) => "undo_failed",
            Event::UndoVerified(_) => "undo_verified",
            Event::UndoDiffers(_) => "undo_differs",
            Event::RestoreStarted(_) => "restore_started",
            Event::RestoreCompleted(_) => "restore_completed",
            Event::RestoreFailed(_) => "restore_failed",
            Event::TransactionRolledBack(_) => "transaction_rolled_back",
            Event::RunInterrupted(_) => "run_interrupted",
            Event::RunResumed(_) => "run_resumed",
            Event::RestoreRequested(_) => "restore_requested",
            Event::PlanAmended(_) => "plan_amended",
            Event::StepSettled(_) => "step_settled",
            Event::RunAccepted(_) => "run_accepted",
            Event::RunSucceeded(_) => "run_succeeded",
            Event::RunAborted(_) => "run_aborted",
        }
    }
}

/// The run exists; it holds the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunStarted {
    /// The run's id (UUID version 7).
    pub run: String,
    /// By it the journal knows what was applied.
    pub plan: String,
    /// Fingerprint of the resolved plan, hex.
    pub fingerprint: String,
    /// The program's version.
    pub program: String,
    /// What the machine needs to know of the plan.
    pub outline: Outline,
    /// The schema of the backup.
    pub backup_schema: String,
    /// The rendered plan as it may be shown, for `show` and for what changed since.
    pub rendered: String,
    /// Whether sequences may move backwards in a restore.
    #[serde(default)]
    pub sequences: Sequences,
    /// What the run brings back; none for a run of a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<Restores>,
    /// The saved plan that the run does; none for a run of a plan file by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_plan: Option<SavedPlanUsed>,
}

/// The saved plan that a run does. It can be used once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SavedPlanUsed {
    /// UUID, by which it counts as used.
    pub id: String,
    /// Its digest, hex.
    pub digest: String,
    /// Who approved it, by the names that the repository's policy gives the keys.
    pub approved_by: Vec<String>,
}

/// What a run brings back that has no steps of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Restores {
    /// The backup's id, `YYYY_MM_DD_HH24_MI_SS`.
    pub backup: String,
    /// What the runs since then committed, in order.
    pub steps: Vec<StepCommitted>,
    /// The only tables of it that are brought back, as `schema.table`; all where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<String>,
}

/// Nothing stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PreflightPassed {
    /// `server_version_num`
    pub server_version: u32,
    /// The tables that will be copied, globs resolved.
    pub targets: Vec<String>,
    /// Heap and TOAST of all of them, in bytes.
    pub bytes: u64,
    /// What is worth saying though nothing stands in the way.
    pub warnings: Vec<String>,
}

/// Something stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PreflightFailed {
    /// Everything that was found, all at once.
    pub failures: Vec<Failure>,
}

/// The plan's one transaction is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransactionOpened {}

/// From here on a partial backup may exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BackupStarted {}

/// The backup is complete and verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BackupCompleted {
    /// Its id: the moment in UTC, `YYYY_MM_DD_HH24_MI_SS`.
    pub backup: String,
    /// What was copied.
    pub tables: Vec<CopiedTable>,
    /// Fingerprint of the catalog at that moment, hex.
    pub catalog: String,
    /// What a trial restore of it proved; none where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<Trial>,
    /// The answers of the `unchanged` checks behind the fence, which count from then on; none where writers are not kept away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unchanged: Vec<CheckResult>,
}

/// What a trial restore of a backup proved, without touching the tables that it was taken of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trial {
    /// Where it was tried.
    pub form: TrialForm,
    /// Tables whose rows were brought there and found equal to the backup.
    pub tables: usize,
    /// Their rows.
    pub rows: u64,
    /// Objects that were made there and found equal to the backup, the tables among them.
    pub objects: usize,
    /// Those of them whose text the server respelled.
    pub respelled: Vec<String>,
    /// What it did not prove, a fragment each.
    pub unproven: Vec<String>,
}

/// Where a restore was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrialForm {
    /// In a database of its own, made for it and dropped after it.
    Database,
    /// In a schema of the backup's own database, in a transaction that was rolled back.
    Schema,
}

/// A copied table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CopiedTable {
    /// `schema.table`
    pub table: String,
    /// The copy's name in the backup schema.
    pub copy: String,
    /// How many were copied.
    pub rows: u64,
    /// Size of the copy in bytes.
    pub bytes: u64,
    /// Digest of the content, see `postgres::digest`.
    pub digest: String,
}

/// There is no backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BackupFailed {
    /// What stopped it.
    pub failure: Failure,
}

/// A step is about to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepStarted {
    /// Of the step in the plan, from 0.
    pub index: usize,
    /// The step's id.
    pub step: String,
    /// From 1.
    pub attempt: u32,
}

/// A step is committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepCommitted {
    /// Of the step in the plan, from 0.
    pub index: usize,
    /// The step's id.
    pub step: String,
    /// Rows that its statements reported, in order of the statements that report any.
    pub rows: Vec<u64>,
    /// What it changed in the structure of the database.
    pub changes: Vec<Change>,
    /// The tables that it made, with their `pg_class.oid`: one of that name that has another is not the step's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<(ObjectKey, u32)>,
    /// Tables whose rows it changed: `schema.table`, with how many rows (none where TRUNCATE or a rewrite hides the number).
    pub written: Vec<(String, Option<u64>)>,
    /// Those of them that no backup holds, as the plan's `allow_uncovered` allows: no restore brings these back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncovered: Vec<String>,
    /// Its checks.
    pub checks: Vec<CheckResult>,
}

impl StepCommitted {
    /// A step that was found to be there; what it did was not seen.
    pub fn unseen(index: usize, step: &str) -> Self {
        StepCommitted {
            index,
            step: step.to_owned(),
            rows: Vec::new(),
            changes: Vec::new(),
            made: Vec::new(),
            written: Vec::new(),
            uncovered: Vec::new(),
            checks: Vec::new(),
        }
    }
}

/// A batch of a step is committed: the checkpoint that the next one goes on from. There are thousands of these, so that each
/// holds no more than that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BatchCommitted {
    /// Which step, from 0.
    pub index: usize,
    /// The step's id.
    pub step: String,
    /// Which batch, from 1.
    pub batch: u64,
    /// Key of its last row, as text.
    pub last: String,
    /// Key of the table's last row when the first batch began, as text: rows behind it are not the step's.
    pub end: String,
    /// Rows whose keys lie in it.
    pub keys: u64,
    /// Rows that its statements reported, all together.
    pub rows: u64,
    /// How many keys it was meant to have.
    pub size: u64,
    /// Tables whose rows it changed: `schema.table`.
    pub written: Vec<String>,
    /// Those of them that no backup holds, as the plan's `allow_uncovered` allows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncovered: Vec<String>,
}

/// A step failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepFailed {
    /// Of the step in the plan, from 0.
    pub index: usize,
    /// The step's id.
    pub step: String,
    /// From 1.
    pub attempt: u32,
    /// Its class decides whether there is another attempt.
    pub failure: Failure,
    /// Its checks, where one of them was the reason.
    pub checks: Vec<CheckResult>,
}

/// A step's undo is about to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UndoStarted {
    /// Of the step in the plan, from 0.
    pub index: usize,
    /// The step's id.
    pub step: String,
}

/// A step's undo is committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UndoCommitted {
    /// Of the step in the plan, from 0.
    pub index: usize,
    /// The step's id.
    pub step: String,
    /// Tables that it wrote to though no backup holds them, as the plan's `allow_uncovered` allows: `schema.table`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncovered: Vec<String>,
}

/// A step's undo failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UndoFailed {
    /// Of the step in the plan, from 0.
    pub index: usize,
    /// The step's id.
    pub step: String,
    /// Why the undo did not commit.
    pub failure: Failure,
}

/// Everything was found equal to the backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UndoVerified {
    /// Tables whose content was compared.
    pub tables: usize,
    /// Tables that were written to and not compared, because no backup holds them: `schema.table`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncovered: Vec<String>,
}

/// Something differed from the backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UndoDiffers {
    /// A fragment each.
    pub differences: Vec<String>,
}

/// A restore is about to begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RestoreStarted {
    /// From 1, of those that are as exact.
    pub attempt: u32,
    /// Whether single objects may be left unfinished.
    #[serde(default, skip_serializing_if = "Fidelity::is_exact")]
    pub fidelity: Fidelity,
}

/// The database is as it was, but for what is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RestoreCompleted {
    /// Id of the backup that was brought back, `YYYY_MM_DD_HH24_MI_SS`.
    pub backup: String,
    /// What was done, table by table and object by object.
    pub restored: Restoration,
}

/// The restore was rolled back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RestoreFailed {
    /// From 1, of those that are as exact.
    pub attempt: u32,
    /// Why. Where its class is `partial`, what follows may leave single objects unfinished.
    pub failure: Failure,
}

/// The plan's one transaction was rolled back; or that of the first step was, so that there was nothing to bring back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransactionRolledBack {
    /// What the transaction was rolled back for.
    pub cause: Cause,
    /// The steps that had run in it, one that failed included.
    pub steps: usize,
    /// The checks that were the reason, where some were: what was stored of them inside went with the transaction.
    #[serde(default)]
    pub checks: Vec<CheckResult>,
}

impl TransactionRolledBack {
    /// How the run ended with it.
    pub fn outcome(&self) -> RunOutcome {
        if self.steps == 0 { RunOutcome::Aborted(self.cause.clone()) } else { RunOutcome::restored(self.cause.clone()) }
    }
}

/// A signal stopped the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunInterrupted {
    /// SIGINT or SIGTERM.
    pub signal: String,
}

/// A person, or the runner of a later day, goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunResumed {}

/// A person wants the way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RestoreRequested {}

/// All done, validated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunSucceeded {}

/// Ended before any step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunAborted {
    /// What stopped it before it had changed anything.
    pub cause: Cause,
}
