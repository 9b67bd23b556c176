//! Every answer.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    backups::{BackedUp, Backups, Installed, Pruned, RestoredBeside, Verified},
    changes::{Difference, RestorePreview},
    plans::{Approvals, Checks, Formatted, Key, Rendered, RuleRecord, Rules, Written},
    runs::{Evidence, History, NamedRun, PlanStates, Status},
};

/// What a command was asked for, as one JSON value on one line. Fields are only ever added.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    /// `status`
    Status(Status),
    /// `status PLAN…`
    Plans(PlanStates),
    /// `history`
    History(History),
    /// `pause`
    Paused(NamedRun),
    /// `continue`
    Continued(NamedRun),
    /// `continue` of a run that was not paused.
    NotPaused(NamedRun),
    /// `settle` without an outcome.
    Evidence(Evidence),
    /// `check`
    Checks(Checks),
    /// `render`
    Rendered(Rendered),
    /// `approve`
    Approvals(Approvals),
    /// `approve --new-key`
    Key(Key),
    /// `fmt`
    Formatted(Formatted),
    /// `init` and `new`
    Written(Written),
    /// `lint --rules`
    Rules(Rules),
    /// `lint --explain`
    Rule(RuleRecord),
    /// `backup create`
    Backup(BackedUp),
    /// `backup list`
    Backups(Backups),
    /// `backup verify`
    Verified(Verified),
    /// `backup prune`
    Removed(Pruned),
    /// `backup prune --dry-run`
    WouldRemove(Pruned),
    /// `install`
    Installed(Installed),
    /// `diff --backup`
    Difference(Difference),
    /// `restore --dry-run`
    RestorePreview(RestorePreview),
    /// `restore --into`
    RestoredBeside(RestoredBeside),
}
