//! Outputs against published forms: our own JSON Schemas, held strictly, and those of SARIF, JUnit and GitHub Actions.

mod answers;
mod docs;
mod dry_run;
mod events;
mod github;
mod junit;
mod sarif;
pub mod schemas;
