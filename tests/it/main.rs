//! Tests against real servers: each takes a fresh database, all run in parallel.

// A test may panic where a value is not what it should be.
#![allow(clippy::disallowed_methods)]

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
