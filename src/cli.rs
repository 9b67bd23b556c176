//! The command line: one command a file, which parses, asks, calls an operation and prints. The only room that prints, listens to
//! signals and picks exit codes; it knows nothing of PostgreSQL.

mod accept;
mod answer;
mod apply;
mod approve;
mod arguments;
mod backup;
mod check;
mod completions;
mod confirm;
mod console;
mod current_run;
mod demo;
mod diff;
mod diff_since_backup;
mod dispatch;
mod exit;
mod findings;
mod fmt;
mod history;
mod install;
mod lint;
mod man;
mod new;
#[cfg(feature = "otlp")]
mod otlp;
mod pause;
mod plan;
mod plan_outcomes;
mod plan_states;
mod progress;
mod render;
mod restore;
mod restore_preview;
mod resume;
mod schema;
mod settle;
mod show;
mod signals;
mod status;
mod stdio;
mod telemetry;

pub use dispatch::{main, understand};
pub use exit::Exit;
