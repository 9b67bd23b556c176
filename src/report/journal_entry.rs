//! An event with its place in a journal, as this room is told of it.

use crate::machine::Event;

/// An event with its place in a run's journal.
#[derive(Debug, Clone, Copy)]
pub struct JournalEntry<'a> {
    /// UUID, as text.
    pub run: &'a str,
    /// From 1.
    pub seq: u64,
    /// RFC 3339, the server's clock.
    pub at: &'a str,
    /// Role and program that wrote it.
    pub actor: &'a str,
    /// As the journal has it.
    pub event: &'a Event,
}
