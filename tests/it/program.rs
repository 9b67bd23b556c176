//! The program as people run it: commands, exit codes, what it prints, and what it leaves in the database.

mod apply;
mod commands;
mod coverage;
mod others;
mod seed;
mod trouble;
pub mod work;
