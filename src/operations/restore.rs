//! The way back: of a run that has not ended, or to a backup. Looked at first, then made, in one transaction that proves itself.

mod basis;
mod bring_back;
mod into_database;
mod look;
mod target;

pub use bring_back::restore;
pub use into_database::{RestoredInto, restore_into};
pub use look::{ConfirmationSubject, Restore, RestoreForecast, look};
pub use target::RestoreOptions;

pub use crate::postgres::{
    later_writes::LaterWrites,
    restore::{Misfit, Preview, PreviewStatement},
    trial::Filled,
};
