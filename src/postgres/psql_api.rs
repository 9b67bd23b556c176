//! The way back for those who have nothing but psql: functions in the schema of the backups, and what plans register for them.
//!
//! The functions work from the manifest and the registered plans alone; this room only installs them. It knows nothing of
//! runs. The SQL of the functions stands in its folder.

mod callers;
mod install;
mod register;
mod text;

pub use callers::{Callers, callers};
pub use install::{AS_WRITTEN, SCHEMA, install_in};
pub use register::{Registration, register, register_in};
