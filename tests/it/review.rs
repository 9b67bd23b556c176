//! What changed between two versions of plans, in real git repositories.

mod driver;
mod findings;
mod history;
mod links;
mod pull_request;
mod repository;
mod versions;
