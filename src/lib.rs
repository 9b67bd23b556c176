//! backstop changes production PostgreSQL databases without fear: a plan is run as a state machine with checkpoints, and
//! when a step or a check fails the database is brought back by itself, structure and data, and proven to be as it was.
//!
//! Data flows one way: file → [`plan::Plan`] → [`render::ResolvedPlan`] → commands and effects → events (the journal) →
//! report. Every module is one room with one job; `tests/it/house.rs` holds what each may import.

pub mod catalog;
pub mod checks;
pub mod cli;
pub mod drive;
pub mod limits;
pub mod lint;
pub mod load;
pub mod machine;
pub mod plan;
pub mod postgres;
pub mod render;
pub mod report;
pub mod review;
pub mod sandbox;
pub mod saved;
pub mod secrets;
pub mod sql;
