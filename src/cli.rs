//! The command line: one command a file. The only room that reads files and the environment, prints, and picks exit codes.

mod arguments;
mod completions;
mod console;
mod exit;
mod man;
mod place;
mod problem;
mod reading;
mod render;
mod schema;

pub use exit::Exit;
