//! A run under way, with all that it is driven with.

use std::ops::ControlFlow;

use super::ended::{DriveError, DriveOutcome};
use crate::{
    machine::{Failure, Run},
    render::ResolvedPlan,
};

/// What a run is driven with.
#[derive(Debug)]
pub struct Driver<'a, W, C, O, I> {
    /// Database and journal.
    pub executor: &'a mut W,
    /// Time and chance.
    pub clock: &'a mut C,
    /// Who is told.
    pub observer: &'a mut O,
    /// Who may stop it.
    pub interrupt: &'a I,
}

/// One drive of one run.
pub(super) struct DrivenRun<'a, W, C, O, I> {
    pub(super) with: Driver<'a, W, C, O, I>,
    pub(super) plan: Option<&'a ResolvedPlan>,
    pub(super) run: Run,
    /// Whether the plan's one transaction is open, so that events are stored inside it.
    pub(super) is_open: bool,
    /// Why another attempt is made.
    pub(super) last_failure: Option<Failure>,
    /// How often the outcome of a step outside a transaction was unknown.
    pub(super) doubts: u32,
    /// Whether the signal that came was heeded already.
    pub(super) heard: bool,
}

/// What follows a command: the next one, or the end of the drive.
pub(super) type Turn = Result<ControlFlow<DriveOutcome>, DriveError>;

impl<'a, W, C, O, I> DrivenRun<'a, W, C, O, I> {
    pub(super) fn new(with: Driver<'a, W, C, O, I>, plan: Option<&'a ResolvedPlan>, run: Run) -> Self {
        DrivenRun { with, plan, run, is_open: false, last_failure: None, doubts: 0, heard: false }
    }
}
