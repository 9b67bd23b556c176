//! What keeps a plan from being rendered.

use std::fmt;

use crate::plan::Place;

/// What keeps a text of a plan from being rendered. Secrets appear in none of its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderProblem {
    /// Stable code.
    pub code: &'static str,
    /// What is wrong, as a fragment.
    pub message: String,
    /// What to do, as a sentence.
    pub help: String,
    /// The text: its place in the plan, or a whole SQL or macro file.
    pub at: Place,
    /// Where in the text, in bytes of [`Self::text`].
    pub offset: Option<usize>,
    /// The template itself, as [`crate::plan::Template::source`] or the file has it.
    pub text: String,
}

impl fmt::Display for RenderProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RenderProblem {}

/// Why a filter or the output refuses a value. It travels through the template engine as the source of its error. The message
/// goes on after the expression: "`name` " + message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ValueRefusal {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) help: String,
}

impl ValueRefusal {
    pub(super) fn error(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> minijinja::Error {
        let refused = ValueRefusal { code, message: message.into(), help: help.into() };
        minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, refused.message.clone()).with_source(refused)
    }
}

impl fmt::Display for ValueRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ValueRefusal {}
