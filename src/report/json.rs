//! Events as JSON lines: one object a line, stable names, fields are only ever added.

use serde::Serialize;

use super::{closing::Closing, entry::Entry, failure::why};
use crate::machine::{Cause, Event, Failure};

#[derive(Serialize)]
struct Line<'a> {
    run: &'a str,
    seq: u64,
    at: &'a str,
    actor: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    event: &'a Event,
}

#[derive(Serialize)]
struct Last<'a> {
    kind: &'static str,
    run: &'a str,
    ending: &'static str,
    exit_code: u8,
    because: Option<String>,
    cause: Option<&'a Cause>,
}

#[derive(Serialize)]
struct Failed<'a> {
    kind: &'static str,
    failures: &'a [Failure],
    exit_code: u8,
}

/// `{"run","seq","at","actor","event":{"kind":…}}`, with a line break; before the event `"trace_id"` where a pipeline began a trace.
pub fn event(entry: &Entry<'_>, trace_id: Option<&str>) -> String {
    let Entry { run, seq, at, actor, event } = *entry;
    line(&Line { run, seq, at, actor, trace_id, event })
}

/// The line after the last event: `{"kind":"run_ended","run","ending","exit_code",…}`, with a line break.
pub fn run_ended(run: &str, closing: &Closing<'_>, exit_code: u8) -> String {
    let cause = closing.cause();
    let because = cause.map(why);
    line(&Last { kind: "run_ended", run, ending: closing.word(), exit_code, because, cause })
}

/// The line where no run came about: `{"kind":"failed","failures":[…],"exit_code"}`, with a line break.
pub fn failed(failures: &[Failure], exit_code: u8) -> String {
    line(&Failed { kind: "failed", failures, exit_code })
}

/// These values have texts as keys and no numbers that JSON lacks, so that writing them can't fail; if it ever did, the line
/// would say so instead of the program dying.
fn line(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string(value)
        .unwrap_or_else(|why| serde_json::json!({ "kind": "unwritable", "why": why.to_string() }).to_string());
    text.push('\n');
    text
}
