//! One tree for both notations, every value with its place.

use crate::plan::{FileIndex, Place};

/// Deepest nesting of lists and maps that is read. Plans need six.
pub(super) const NESTING_MAX: usize = 64;
/// Most values that one file may hold, those that aliases repeat included. A plan with 10,000 steps has some 200,000.
pub(super) const NODES_MAX: usize = 1_000_000;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ValueNode {
    pub(super) at: Place,
    pub(super) kind: NodeKind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum NodeKind {
    Scalar(Scalar),
    List(Vec<ValueNode>),
    Map(Vec<MapEntry>),
}

/// One text, number or the like.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scalar {
    /// Of a text the decoded reading, of everything else what stands in the file.
    pub(super) text: String,
    pub(super) meaning: Meaning,
}

/// What a scalar means where nothing says that a text is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    Null,
    Flag(bool),
    Integer(i64),
    Number(f64),
    Date,
    Text,
}

/// A field of a map.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MapEntry {
    pub(super) key: String,
    pub(super) key_at: Place,
    pub(super) value: ValueNode,
}

impl ValueNode {
    /// The value in words, for messages.
    pub(super) fn describe(&self) -> String {
        match &self.kind {
            NodeKind::List(_) => "a list".to_owned(),
            NodeKind::Map(_) => "a map".to_owned(),
            NodeKind::Scalar(scalar) => match scalar.meaning {
                Meaning::Null => "nothing".to_owned(),
                Meaning::Flag(_) => format!("`{}`", scalar.text),
                Meaning::Integer(_) | Meaning::Number(_) => format!("the number {}", shortened(&scalar.text)),
                Meaning::Date => format!("the date {}", scalar.text),
                Meaning::Text => format!("the text {:?}", shortened(&scalar.text)),
            },
        }
    }

    /// The place that stands for the value in a message: of a map its first field, because both notations know it.
    pub(super) fn face(&self) -> Place {
        match &self.kind {
            NodeKind::Map(entries) => entries.first().map_or(self.at, |entry| entry.key_at),
            _ => self.at,
        }
    }
}

/// A place in the plan's file.
pub(super) fn place(start: usize, len: usize) -> Place {
    Place { file: FileIndex(0), start, len }
}

/// A text as messages show it.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
