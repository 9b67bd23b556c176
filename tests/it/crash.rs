//! The crash matrix: whatever is struck down, and whenever, one command later the database is as the run should leave it.
//!
//! Scenes × journal prefixes × blows. The run is stopped where it wants to write an event, struck there, and taken up again.

mod application;
mod blow;
mod gate;
mod matrix;
mod proxy;
mod scene;
mod stage;
