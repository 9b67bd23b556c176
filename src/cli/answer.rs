//! What commands print as JSON under `--format json`: each answer is one of these values, so that nothing is printed that the
//! published schemas don't know. Reports of their own (`lint`, `diff`, `plan`) have their schemas beside them.

mod announcement;
mod backups;
mod changes;
mod document;
mod plans;
mod runs;
mod schema;

pub use announcement::{Announcement, EndedSession, Invalid, NothingToDo, Overall, PlanOutcome, RunWarning};
pub use backups::{BackedUp, BackupRecord, Backups, Installed, Pruned, RestoredBeside, Verified};
pub use changes::{Difference, DroppedTable, MisfitRecord, RestorePreview, StatementRecord};
pub use document::Answer;
pub use plans::{Approvals, CheckedPlan, Checks, Formatted, Key, Rendered, RenderedStep, RuleRecord, Rules, Written};
pub use runs::{
    AppliedPlan, Evidence, History, NamedPlanState, NamedRun, PastRun, PlanStates, RestoredExcept, Status, UnfinishedRun,
};
pub use schema::{answers, events};
