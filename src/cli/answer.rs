//! What commands print as JSON under `--format json`: each answer is one of these values, so that nothing is printed that the
//! published schemas don't know. Reports of their own (`lint`, `diff`, `plan`) have their schemas beside them.

mod announcement;
mod backups;
mod changes;
mod document;
mod plans;
mod runs;
mod schema;

pub use announcement::{Announcement, EndedSessionRecord, Invalid, NothingToDo, Overall, PlanOutcomeRecord, RunWarning};
pub use backups::{BackedUp, BackupRecord, BackupsAnswer, InstalledAnswer, PrunedAnswer, RestoredBeside, VerifiedAnswer};
pub use changes::{Difference, DroppedTable, MisfitRecord, RestorePreview, StatementRecord};
pub use document::Answer;
pub use plans::{
    ApprovalsAnswer, CheckedPlan, ChecksAnswer, FormattedAnswer, KeyAnswer, RenderedPlanRecord, RenderedStep, RuleRecord,
    Rules, WrittenFilesAnswer,
};
pub use runs::{
    AppliedPlanRecord, EvidenceAnswer, HistoryAnswer, NamedPlanState, NamedRun, PastRun, PlanStatesAnswer,
    RestoredExceptRecord, StatusAnswer, UnfinishedRun,
};
pub use schema::{answers, events};
