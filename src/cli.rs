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
mod findings;
mod history;
mod install;
mod journals;
mod lint;
mod man;
mod pause;
mod place;
mod preview;
mod problem;
mod progress;
mod reading;
mod render;
mod restore;
mod resume;
mod running;
mod schema;
mod settle;
mod show;
mod signals;
mod status;

pub use dispatch::main;
pub use exit::Exit;
