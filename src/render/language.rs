//! What rendered texts are written in.

/// What a text becomes a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// SQL: a text that goes in says what it is.
    Sql,
    /// Names, types and other values that are never run: a text goes in as it is.
    Plain,
}
