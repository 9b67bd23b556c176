//! The program as people run it: commands, exit codes, what it prints, and what it leaves in the database.

mod apply;
mod chosen;
mod commands;
mod coverage;
mod others;
mod retention;
mod seed;
mod shop;
mod since;
mod trouble;
mod verify;
mod work;
