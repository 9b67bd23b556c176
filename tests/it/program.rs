//! The program as people run it: commands, exit codes, what it prints, and what it leaves in the database.

mod amend;
mod apply;
mod batches;
mod chosen;
mod commands;
mod coverage;
mod others;
mod privileges;
mod retention;
mod seed;
mod settle;
mod shop;
mod since;
mod stuck;
mod trouble;
mod verify;
mod work;
