//! What a signal does to a run under way.

use std::ops::ControlFlow;

use super::{
    driven_run::{DrivenRun, Turn},
    ended::DriveOutcome,
    ports::{Clock, Executor, Interrupt, Observer},
};
use crate::machine::{Event, Failure, FailureClass, RunInterrupted, decide};

impl<W: Executor, C: Clock, O: Observer, I: Interrupt> DrivenRun<'_, W, C, O, I> {
    /// A signal that was not heard yet.
    pub(super) fn signal(&self) -> Option<String> {
        if self.heard { None } else { self.with.interrupt.signal() }
    }

    /// A signal came, and what was running is rolled back. Where the run would want the same effect again, the runner stops.
    pub(super) async fn interrupted(&mut self, signal: String) -> Turn {
        self.heard = true;
        self.with.interrupt.heard();
        let before = decide(&self.run.outline, &self.run.state);
        // Where something else had happened, the run goes on from that.
        let _ = self.record(Event::RunInterrupted(RunInterrupted { signal: signal.clone() })).await?;
        let stays = decide(&self.run.outline, &self.run.state) == before;
        Ok(if stays { ControlFlow::Break(DriveOutcome::Interrupted { signal }) } else { ControlFlow::Continue(()) })
    }

    /// An effect says that a signal stopped it.
    pub(super) async fn stopped(&mut self) -> Turn {
        let signal = self.signal_heard();
        self.interrupted(signal).await
    }

    /// Its name, for the journal; a signal may have come that nobody can name any more.
    pub(super) fn signal_heard(&self) -> String {
        self.with.interrupt.signal().unwrap_or_else(|| "a signal".to_owned())
    }
}

/// Whether it failed because a signal stopped it.
pub(super) fn is_interruption(failure: &Failure) -> bool {
    failure.class == FailureClass::Interrupted
}
