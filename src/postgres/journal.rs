//! The append-only journal in the target database: runs, events, who may write, applied plans.
//!
//! Whoever writes holds a [`Claim`]; its fence number is looked at in every transaction that writes, so that a runner that
//! was believed dead can't write after another has taken over. This room knows nothing of what an event means for a run.

mod claim;
mod install;
mod list;
mod pause;
mod plan_states;
mod store;
mod terminations;
mod warnings;

pub use claim::{Claim, Fence, check, claim, sign_of_life};
pub use install::{VERSION, install, is_installed, make};
pub use list::{
    Applied, ListedOutcome, RestoredExcept, RunSummary, applied, applied_plan, find_runs, list_runs, restored_except,
    runs_since, unfinished_run, unfinished_runs,
};
pub use pause::{go_on, pause, paused};
pub use plan_states::{Application, JournalPlanState, plan_states};
pub use store::{append, read};
pub use terminations::{Termination, terminations};
pub use warnings::{Warning, warn, warnings};
