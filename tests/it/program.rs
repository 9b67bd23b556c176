//! The program as people run it: commands, exit codes, what it prints, and what it leaves in the database.

mod apply;
mod chosen;
mod clients;
mod commands;
mod coverage;
mod journals;
mod kinds;
mod locks;
mod others;
mod poolers;
mod privileges;
mod retention;
mod rivals;
mod seed;
mod seed_sql;
mod shop;
mod signals;
mod since;
mod stuck;
mod trees;
mod trouble;
mod verify;
mod waits;
mod work;
mod writers;
