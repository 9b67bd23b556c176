//! What the tests of this binary stand on: a server, fresh databases in it, PostgreSQL's own programs as oracles, and our program.
//!
//! The server is the one of `BACKSTOP_TEST_URL`, whose role must be a superuser, else one throwaway server for all tests of
//! this process, or of this run of nextest, which gives each test a process. Without either the tests fail, and say what to install.

#![allow(dead_code, unused_imports, reason = "the benchmarks share this, and use less of it")]

mod admin;
mod bystanders;
mod certificate;
mod chance;
mod database;
mod directory;
mod facts;
mod network;
mod oracle;
mod pgbouncer;
mod process;
mod program;
mod replica;
mod server;
mod shared;
mod small_disk;
mod subscription;
mod turns;

pub use admin::{block_on, connected};
pub use bystanders::{SCHEMA as BYSTANDERS, asked_for as has_bystanders};
pub use certificate::Authority;
pub use chance::Chance;
pub use database::{TestDatabase, TestRole, database, database_like, database_with, open, template};
pub(crate) use directory::wherever_backups_are_kept;
pub use directory::{Directory, Kept};
pub use facts::{Facts, Spelling};
pub use network::Network;
pub use oracle::{client_program, client_programs, pg_dump, pg_dump_schema, psql, server_major};
pub use pgbouncer::Pgbouncer;
pub use process::is_alive;
pub use program::{Output, Program, backstop};
pub use replica::Replica;
pub use server::{Server, at_exit, server};
pub use small_disk::SmallDisk;
pub use subscription::Subscription;
pub use turns::Turns;
