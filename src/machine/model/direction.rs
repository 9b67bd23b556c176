//! Which way a run goes.

use crate::machine::{
    event::Event,
    state::{HeldAt, State},
};

/// Events whose second delivery must not move anything.
pub fn counts_once(event: &Event) -> bool {
    !matches!(event, Event::RunInterrupted(_) | Event::RunResumed(_) | Event::RestoreRequested(_))
}

/// Which way a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Held,
    Back,
    Ended,
}

impl Direction {
    pub fn of(state: &State) -> Self {
        match state {
            State::Preflighting
            | State::Opening
            | State::Checking
            | State::BackingUp(_)
            | State::Applying(_)
            | State::Validating
            | State::Succeeding => Direction::Forward,
            State::Held { at: HeldAt::Step(_) | HeldAt::Validation, .. } => Direction::Held,
            State::Undoing { .. }
            | State::Comparing { .. }
            | State::Restoring { .. }
            | State::Held { at: HeldAt::Restore, .. }
            | State::RollingBack { .. }
            | State::Aborting { .. } => Direction::Back,
            State::Finished(_) => Direction::Ended,
        }
    }

    /// Whether a run may go from this direction to that one: never from back to forward, and nowhere from its end.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Direction::Forward => true,
            Direction::Held => next != Direction::Held,
            Direction::Back => matches!(next, Direction::Back | Direction::Ended),
            Direction::Ended => false,
        }
    }
}
