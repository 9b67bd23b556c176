//! The program as people run it: commands, exit codes, what it prints, and what it leaves in the database.

mod apply;
mod commands;
mod coverage;
mod journals;
mod locks;
mod others;
mod poolers;
mod privileges;
mod rivals;
mod seed;
mod signals;
mod stuck;
mod trouble;
mod waits;
mod work;
