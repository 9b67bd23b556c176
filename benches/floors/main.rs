//! What a run costs against the floor: the least that PostgreSQL itself needs for the same work.
//!
//! `cargo bench` measures everything; `cargo bench -- steps` one subject. Each pair is measured in turns, so that a busy
//! machine slows both. Without `--bench`, which is how `cargo test` runs it, one tiny round only shows that it works.
//!
//! BACKSTOP_BENCH_PROFILES   people in the example database (default 20,000)
//! BACKSTOP_BENCH_ROUNDS     rounds of each pair (default 3)
//! BACKSTOP_PG_BIN           the server's binaries

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a measurement may panic where a value is not what it should be"
)]

mod migration;
mod pairs;
mod plan_files;
mod plans;
mod run;
mod server;
mod size;
mod steps;
mod way_back;
mod writers;

use size::Size;

const SUBJECTS: [&str; 5] = ["plan_files", "steps", "migration", "way_back", "writers"];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Runners of tests ask first what tests there are.
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let size = if arguments.iter().any(|argument| argument == "--bench") { Size::of_environment() } else { Size::TINY };
    // Filters of tests, that name no subject, mean none of these.
    let named: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let subjects = SUBJECTS.into_iter().filter(|subject| named.is_empty() || named.iter().any(|name| name == subject));
    let subjects: Vec<&str> = subjects.collect();
    if subjects.is_empty() {
        return;
    }
    let server = server::Server::start();
    for subject in subjects {
        match subject {
            "plan_files" => plan_files::measure(size),
            "steps" => steps::measure(&server, size).await,
            "migration" => migration::measure(&server, size).await,
            "way_back" => way_back::measure(&server, size).await,
            _ => writers::measure(&server, size).await,
        }
    }
}
