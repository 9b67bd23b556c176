//! The text of a repository's file (`backstop.toml`) → its settings, with spans; every problem at once.
//!
//! It is read by the same shapes as plans are, so that a mistake is answered in the same way. It knows nothing of folders:
//! whoever reads the file looks for it, and joins its paths.

mod approval;
mod connection;
mod document;
mod environment;
mod form;

pub use document::{LoadedRepository, repository};
pub(super) use form::RepositoryForm;

#[cfg(test)]
mod tests;
