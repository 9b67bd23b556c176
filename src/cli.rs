//! The command line: one command a file. The only room that reads files and the environment, prints, and picks exit codes.

mod arguments;
mod exit;

pub use exit::Exit;
