//! One binary for all tests against a real PostgreSQL.

mod backup;
mod catalog;
mod run;
