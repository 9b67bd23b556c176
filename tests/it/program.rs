//! The program as people run it: commands, exit codes, what it prints, and what it leaves in the database.

mod apply;
mod commands;
mod coverage;
mod kinds;
mod others;
mod seed;
mod trouble;
mod work;
