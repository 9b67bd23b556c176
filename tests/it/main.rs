//! One binary for all tests against a real PostgreSQL.

mod backup;
mod catalog;
mod run;
//! Tests against real servers: each takes a fresh database, all run in parallel.

mod connection;
mod sandbox;
mod support;
