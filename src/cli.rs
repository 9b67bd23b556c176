//! The command line: one command a file. The only room that reads files and the environment, prints, and picks exit codes.

mod accept;
mod apply;
mod arguments;
mod backup;
mod beside;
mod check;
mod completions;
mod console;
mod demo;
mod diff;
mod dispatch;
mod exit;
mod fmt;
mod history;
mod install;
mod journals;
mod man;
mod new;
#[cfg(feature = "otlp")]
mod otlp;
mod pause;
mod pending;
mod place;
mod plan_files;
mod preview;
mod problem;
mod progress;
mod reading;
mod render;
mod repository;
mod restore;
mod resume;
mod review;
mod running;
mod schema;
mod selection;
mod settle;
mod show;
mod signals;
mod since;
mod standing;
mod status;
mod telemetry;

pub use dispatch::{main, understand};
pub use exit::Exit;
