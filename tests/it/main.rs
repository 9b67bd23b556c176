//! One binary for all tests against a real PostgreSQL.

mod catalog;
mod run;
