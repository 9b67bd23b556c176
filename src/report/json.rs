//! Events as JSON lines: one object a line, stable names, fields are only ever added.

use schemars::JsonSchema;
use serde::Serialize;

use super::{closing::Closing, failure::why, journal_entry::JournalEntry};
use crate::machine::{Cause, Event, Failure, RemainingDifference};

/// An event of a run, as the journal has it.
#[derive(Serialize, JsonSchema)]
pub struct EventLine<'a> {
    /// UUID of the run.
    run: &'a str,
    /// From 1.
    seq: u64,
    /// RFC 3339, the server's clock.
    at: &'a str,
    /// Role and program that wrote it.
    actor: &'a str,
    /// The trace that a pipeline began.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    /// As the journal stores it.
    event: &'a Event,
}

/// The line behind which nothing comes of a run, or of a command.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Last<'a> {
    /// How the program left a run.
    RunEnded(RunEnded<'a>),
    /// Why there was no run, or no answer.
    Failed(FailureReport<'a>),
}

/// How the program left a run.
#[derive(Serialize, JsonSchema)]
pub struct RunEnded<'a> {
    /// UUID of the run.
    run: &'a str,
    /// `succeeded`, `aborted`, `restored`, `restored_except`, `accepted`, `stuck`, `held` or `interrupted`.
    outcome: &'static str,
    /// How the program ends with it.
    exit_code: u8,
    /// Why, a fragment; none where all went well.
    because: Option<String>,
    /// Why, for programs.
    cause: Option<&'a Cause>,
    /// What could not be made as it was, with the statements that finish it; none but with `restored_except`.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    remaining: &'a [RemainingDifference],
    /// Tables that were written to and not brought back, because no backup holds them (`allow_uncovered`): `schema.table`.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    uncovered: &'a [String],
}

/// Why there was no run, or no answer.
#[derive(Serialize, JsonSchema)]
pub struct FailureReport<'a> {
    /// Everything that was found.
    failures: &'a [Failure],
    /// How the program ends.
    exit_code: u8,
}

/// `{"run","seq","at","actor","event":{"kind":…}}`, with a line break; before the event `"trace_id"` where a pipeline began a trace.
pub fn event(entry: &JournalEntry<'_>, trace_id: Option<&str>) -> String {
    let JournalEntry { run, seq, at, actor, event } = *entry;
    line(&EventLine { run, seq, at, actor, trace_id, event })
}

/// The line after the last event: `{"kind":"run_ended","run","outcome","exit_code",…}`, with a line break.
pub fn run_ended(run: &str, closing: &Closing<'_>, exit_code: u8) -> String {
    let cause = closing.cause();
    let because = cause.map(why);
    line(&Last::RunEnded(RunEnded {
        run,
        outcome: closing.word(),
        exit_code,
        because,
        cause,
        remaining: closing.remaining(),
        uncovered: closing.uncovered(),
    }))
}

/// The line where no run came about: `{"kind":"failed","failures":[…],"exit_code"}`, with a line break.
pub fn failed(failures: &[Failure], exit_code: u8) -> String {
    line(&Last::Failed(FailureReport { failures, exit_code }))
}

/// These values have texts as keys and no numbers that JSON lacks, so that writing them can't fail; if it ever did, the line
/// would say so instead of the program dying.
fn line(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string(value)
        .unwrap_or_else(|why| serde_json::json!({ "kind": "unwritable", "why": why.to_string() }).to_string());
    text.push('\n');
    text
}
