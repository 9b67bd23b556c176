//! The pieces of a run, each against a real server.

mod checks;
mod database;
mod executor;
mod journal;
mod lock;
mod plans;
mod preflight;
mod progress;
mod sessions;
mod steps;
