//! The program as people run it: commands, exit codes, what it prints, and what it leaves in the database.

mod amend;
mod apply;
mod batches;
mod commands;
mod coverage;
mod others;
mod seed;
mod settle;
mod trouble;
mod work;
