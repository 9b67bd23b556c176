//! Why something did not work, as the journal keeps it and people read it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of failure it is; the machine branches on this, never on texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// Worth another attempt: lock timeout, deadlock, serialization failure, connection lost before the commit.
    Transient,
    /// Another attempt would fail alike.
    Permanent,
    /// Another attempt would fail alike; one that may leave single objects unfinished need not. Of restores alone.
    Partial,
    /// A signal stopped it.
    Interrupted,
    /// Whether it took effect could not be found out.
    Unknown,
    /// Nothing broke: it was left undone, because only a person can decide whether it is right.
    Undecided,
}

/// Why something did not work.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// Stable code, `backstop::run::uncovered_write` for instance.
    pub code: String,
    /// What kind it is.
    pub class: FailureClass,
    /// What happened: a lowercase fragment.
    pub message: String,
    /// What the server said beside it: DETAIL, CONTEXT, the statement with the place marked.
    pub detail: Option<String>,
    /// What to do next: a sentence.
    pub hint: Option<String>,
    /// The server's SQLSTATE (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
    pub sqlstate: Option<String>,
}

impl Failure {
    /// What may say something of the database in a server's words.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        [Some(&mut self.message), self.detail.as_mut(), self.hint.as_mut()].into_iter().flatten()
    }

    /// A failure that another attempt would not mend.
    pub fn permanent(code: &str, message: impl Into<String>) -> Self {
        Failure {
            code: code.to_owned(),
            class: FailureClass::Permanent,
            message: message.into(),
            detail: None,
            hint: None,
            sqlstate: None,
        }
    }

    /// The same with another class.
    pub fn class(mut self, class: FailureClass) -> Self {
        self.class = class;
        self
    }

    /// The same with advice.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with detail.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}
