//! Which way a run goes.

use crate::machine::{
    event::Event,
    state::{HeldAt, State},
};

/// Events whose second delivery must not move anything.
pub fn counts_once(event: &Event) -> bool {
    !matches!(event, Event::RunInterrupted(_) | Event::RunResumed(_) | Event::RestoreRequested(_) | Event::PlanAmended(_))
}

/// Which way a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunDirection {
    Forward,
    Held,
    Back,
    Ended,
}

impl RunDirection {
    pub fn of(state: &State) -> Self {
        match state {
            State::Preflighting
            | State::Opening
            | State::Checking
            | State::BackingUp(_)
            | State::Applying(_)
            | State::Validating
            | State::Succeeding => RunDirection::Forward,
            State::Held { at: HeldAt::Step(_) | HeldAt::Validation, .. } => RunDirection::Held,
            State::Undoing { .. }
            | State::Comparing { .. }
            | State::Restoring { .. }
            | State::Held { at: HeldAt::Restore, .. }
            | State::RollingBack { .. }
            | State::Aborting { .. } => RunDirection::Back,
            State::Finished(_) => RunDirection::Ended,
        }
    }

    /// Whether a run may go from this direction to that one: never from back to forward, and nowhere from its end.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            RunDirection::Forward => true,
            // A person may say what became of a step without saying where to go.
            RunDirection::Held => true,
            RunDirection::Back => matches!(next, RunDirection::Back | RunDirection::Ended),
            RunDirection::Ended => false,
        }
    }
}
