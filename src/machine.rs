//! How a run proceeds, as pure values and functions.
//!
//! Events are facts in the past tense and the only thing that a journal stores; a state says where the run is; commands are
//! imperatives. `apply` takes a state and an event to the next state, `decide` takes a state to the next command, `replay`
//! folds a journal through the same `apply`. This room knows nothing of async, clocks, random numbers or I/O.

#![deny(clippy::wildcard_enum_match_arm)]

mod apply;
mod check_results;
mod command;
mod decide;
mod decision;
mod event;
mod event_texts;
mod failure;
mod intervention;
mod outline;
mod own_changes;
mod replay;
mod restoration;
mod rollback;
mod run_outcome;
mod state;
mod uncovered;

#[allow(clippy::wildcard_enum_match_arm, reason = "the model check says of few states what must hold there")]
#[cfg(test)]
mod model;

pub use apply::{IllegalEvent, RESTORE_ATTEMPTS_MAX, apply};
pub use check_results::{CheckOutcome, CheckPhase, CheckResult, ChecksEvaluated, RowSample};
pub use command::Command;
pub use decide::decide;
pub use decision::{PlanAmended, RunAccepted, Settlement, StepSettled};
pub use event::*;
pub use failure::{Failure, FailureClass};
pub use intervention::frozen_steps;
pub use outline::{Cut, Outline, StepOutline, Untouched};
pub use own_changes::own_changes;
pub use replay::{Batched, ReplayError, Run, replay};
pub use restoration::{Fidelity, RemainingDifference, Restoration};
pub use run_outcome::{Cause, RunOutcome};
pub use state::{EffectProgress, HeldAt, State, StepPosition, StepProgress};
pub use uncovered::uncovered_writes;
