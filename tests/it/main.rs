//! Tests against real servers: each takes a fresh database, all run in parallel.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test may panic where a value is not what it should be"
)]

mod backup;
mod catalog;
mod connection;
mod crash;
mod hints;
mod house;
mod lint;
mod operations;
mod pipelines;
mod program;
mod published;
mod random;
mod review;
mod run;
mod sandbox;
mod support;
