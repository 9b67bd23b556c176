//! Every answer.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    backups::{BackedUp, BackupsAnswer, InstalledAnswer, PrunedAnswer, RestoredBeside, VerifiedAnswer},
    changes::{Difference, RestorePreview},
    plans::{
        ApprovalsAnswer, ChecksAnswer, FormattedAnswer, KeyAnswer, RenderedPlanRecord, RuleRecord, Rules, WrittenFilesAnswer,
    },
    runs::{EvidenceAnswer, HistoryAnswer, NamedRun, PlanStatesAnswer, StatusAnswer},
};

/// What a command was asked for, as one JSON value on one line. Fields are only ever added.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    /// `status`
    Status(StatusAnswer),
    /// `status PLAN…`
    Plans(PlanStatesAnswer),
    /// `history`
    History(HistoryAnswer),
    /// `pause`
    Paused(NamedRun),
    /// `continue`
    Continued(NamedRun),
    /// `continue` of a run that was not paused.
    NotPaused(NamedRun),
    /// `settle` without an outcome.
    Evidence(EvidenceAnswer),
    /// `check`
    Checks(ChecksAnswer),
    /// `render`
    Rendered(RenderedPlanRecord),
    /// `approve`
    Approvals(ApprovalsAnswer),
    /// `approve --new-key`
    Key(KeyAnswer),
    /// `fmt`
    Formatted(FormattedAnswer),
    /// `init` and `new`
    Written(WrittenFilesAnswer),
    /// `lint --rules`
    Rules(Rules),
    /// `lint --explain`
    Rule(RuleRecord),
    /// `backup create`
    Backup(BackedUp),
    /// `backup list`
    Backups(BackupsAnswer),
    /// `backup verify`
    Verified(VerifiedAnswer),
    /// `backup prune`
    Removed(PrunedAnswer),
    /// `backup prune --dry-run`
    WouldRemove(PrunedAnswer),
    /// `install`
    Installed(InstalledAnswer),
    /// `diff --backup`
    Difference(Difference),
    /// `restore --dry-run`
    RestorePreview(RestorePreview),
    /// `restore --into`
    RestoredBeside(RestoredBeside),
}
