//! The two stages of a plan's texts: written as templates, and rendered.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::place::Place;

/// What the texts of a plan are at one stage of its life.
pub trait Stage: fmt::Debug + Clone + PartialEq {
    /// One text.
    type Text: fmt::Debug + Clone + PartialEq;
    /// A list of texts.
    type List: fmt::Debug + Clone + PartialEq;
    /// The SQL of a step.
    type Sql: fmt::Debug + Clone + PartialEq;
    /// A whole number.
    type Number: fmt::Debug + Clone + PartialEq;
}

/// As people wrote it: texts are templates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Written;

/// As it will run: texts are final.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rendered;

impl Stage for Written {
    type Text = Template;
    type List = List;
    type Sql = SqlSource;
    type Number = Template;
}

impl Stage for Rendered {
    type Text = Text;
    type List = Vec<Text>;
    type Sql = Text;
    type Number = u64;
}

/// A text that may hold template expressions, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The decoded text: a block scalar without its indentation, a quoted one without its escapes.
    pub source: String,
    /// Its place in the file, quotes and block markers included.
    pub at: Place,
}

/// A list as it is written: item by item, or one expression that gives the whole list (`"{{ tenant_tables }}"`).
#[derive(Debug, Clone, PartialEq)]
pub enum List {
    /// Item by item.
    Items(Vec<Template>),
    /// One text: a single item, or an expression whose value is a list.
    Whole(Template),
}

/// Where a written step's SQL comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlSource {
    /// It stands in the plan.
    Inline(Template),
    /// It stands in a file beside the plan; the template is the path.
    File(Template),
}

/// A rendered text. Where a secret went into it there are two readings: the one that is sent to the server, and the one
/// that may be shown, stored and fingerprinted.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text {
    shown: String,
    sent: Option<String>,
}

impl Text {
    /// A text without secrets.
    pub fn plain(text: impl Into<String>) -> Self {
        Text { shown: text.into(), sent: None }
    }

    /// A text with secrets: `shown` has them redacted, `sent` has them in clear.
    pub fn redacted(shown: impl Into<String>, sent: impl Into<String>) -> Self {
        let (shown, sent) = (shown.into(), sent.into());
        Text { sent: (sent != shown).then_some(sent), shown }
    }

    /// What may be printed, stored and fingerprinted.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// What is sent to the server. Never print or store it.
    pub fn sent(&self) -> &str {
        self.sent.as_deref().unwrap_or(&self.shown)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shown, f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Text::plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_sent_but_never_shown() {
        let text = Text::redacted("PASSWORD '***'", "PASSWORD 'hunter2'");
        assert_eq!(text.sent(), "PASSWORD 'hunter2'");
        for shown in [text.to_string(), format!("{text:?}"), serde_json::to_string(&text).unwrap()] {
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}
