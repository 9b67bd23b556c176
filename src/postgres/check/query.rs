//! Checks whose question the plan writes itself.

use std::pin::pin;

use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, SimpleQueryMessage, types::Type};

use super::{
    finding::{Finding, Unevaluated, Verdict},
    sample,
};
use crate::{
    machine::{CheckPhase, RowSample},
    plan::{CountBounds, Expect, Rendered, Severity, Text},
    postgres::search_path::PlanPath,
};

/// Longest answer that is kept as it is, in bytes; a longer one is kept as its digest.
const ANSWER_BYTES_MAX: usize = 512;

/// What an answer means.
pub(super) fn judge(
    answer: Answer,
    expect: Option<&Expect<Rendered>>,
    phase: CheckPhase,
    severity: Severity,
) -> Result<Finding, Unevaluated> {
    match expect {
        Some(Expect::Rows(bounds)) => Ok(rows(answer, bounds)),
        Some(Expect::Value(wanted)) => value(answer, wanted),
        Some(Expect::Number(bounds)) => number(answer, bounds),
        None if phase == CheckPhase::Unchanged || severity == Severity::Info => Ok(answered(answer)),
        None => Unevaluated::because("it says nothing of what to expect"),
    }
}

/// The text itself, or its digest where it is long.
pub(super) fn bounded_answer(text: String) -> String {
    if text.len() <= ANSWER_BYTES_MAX {
        return text;
    }
    let digest: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{} bytes with digest sha256:{digest}", text.len())
}

/// What a query answered.
pub(super) struct Answer {
    rows: u64,
    /// The first cell of the first row, in full.
    first: Option<String>,
    sample: RowSample,
    /// Every cell, in order; digested as it comes, because it may be long.
    text: String,
    digest: Sha256,
    bytes: u64,
}

impl Answer {
    /// The one cell of the one row.
    fn cell(&self) -> Result<Option<&str>, Unevaluated> {
        match (self.rows, self.sample.columns.len()) {
            (1, 1) => Ok(self.first.as_deref()),
            (rows, columns) => {
                Unevaluated::because(format!("one row with one column is expected, it answers {rows} rows of {columns}"))
            }
        }
    }

    fn as_text(&self) -> String {
        if self.bytes <= ANSWER_BYTES_MAX as u64 {
            return self.text.clone();
        }
        let digest: String = self.digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{} rows with digest sha256:{digest}", self.rows)
    }
}

/// Asks a single query. It is prepared first: the server prepares neither two statements nor anything that can't be
/// described, and what answers no columns is no query.
pub(super) async fn ask(client: &Client, path: &PlanPath, sql: &str) -> Result<Answer, Unevaluated> {
    path.during(client, answer(client, sql), Unevaluated::from).await
}

async fn answer(client: &Client, sql: &str) -> Result<Answer, Unevaluated> {
    let described = client.prepare(sql).await?;
    if described.columns().is_empty() {
        return Unevaluated::because("it is no query: it answers no columns");
    }
    if !described.params().is_empty() {
        return Unevaluated::because("it has parameters ($1, ...), which nobody fills");
    }
    let booleans: Vec<bool> = described.columns().iter().map(|column| *column.type_() == Type::BOOL).collect();
    let columns = described.columns().iter().map(|column| column.name().to_owned()).collect();
    let mut answer = Answer {
        rows: 0,
        first: None,
        sample: RowSample { columns, rows: Vec::new(), more: false },
        text: String::new(),
        digest: Sha256::new(),
        bytes: 0,
    };
    let mut messages = pin!(client.simple_query_raw(sql).await?);
    while let Some(message) = messages.try_next().await? {
        if let SimpleQueryMessage::Row(row) = message {
            let cell = |cell| Ok(row.try_get(cell)?.map(|text| spelled(text, booleans.get(cell))));
            let cells: Vec<Option<&str>> = (0..row.len()).map(cell).collect::<Result<_, tokio_postgres::Error>>()?;
            add(&mut answer, &cells);
        }
    }
    Ok(answer)
}

fn add(answer: &mut Answer, cells: &[Option<&str>]) {
    let line = serde_json::Value::from(cells.iter().map(|cell| cell.map(str::to_owned)).collect::<Vec<_>>()).to_string();
    if answer.rows == 0 {
        answer.first = cells.first().copied().flatten().map(str::to_owned);
    }
    answer.rows += 1;
    answer.bytes += line.len() as u64 + 1;
    answer.digest.update(line.as_bytes());
    answer.digest.update(b"\n");
    if answer.bytes <= ANSWER_BYTES_MAX as u64 {
        if !answer.text.is_empty() {
            answer.text.push('\n');
        }
        answer.text.push_str(&line);
    }
    sample::push(&mut answer.sample, cells.iter().copied());
}

/// People write `true`, the server `t`.
fn spelled<'t>(text: &'t str, boolean: Option<&bool>) -> &'t str {
    match (boolean, text) {
        (Some(true), "t") => "true",
        (Some(true), "f") => "false",
        _ => text,
    }
}

fn rows(answer: Answer, bounds: &CountBounds) -> Finding {
    let holds = bounds.hold(answer.rows);
    let message = match (holds, answer.rows) {
        (true, 1) => "1 row".to_owned(),
        (true, n) => format!("{n} rows"),
        (false, 1) => format!("1 row, not {bounds}"),
        (false, n) => format!("{n} rows, not {bounds}"),
    };
    let finding = Finding::when(holds, message).count(answer.rows);
    let show = !holds && answer.rows > 0;
    Finding { answer: Some(answer.as_text()), ..finding }.sample(show.then_some(answer.sample))
}

fn value(answer: Answer, wanted: &Text) -> Result<Finding, Unevaluated> {
    let is = answer.cell()?;
    let holds = is == Some(wanted.sent());
    let message = match (holds, is) {
        (true, _) => format!("the answer is {wanted}"),
        (false, Some(is)) => format!("the answer is {}, not {wanted}", sample::cut(is)),
        (false, None) => format!("the answer is NULL, not {wanted}"),
    };
    Ok(Finding { answer: Some(answer.as_text()), ..Finding::when(holds, message) })
}

fn number(answer: Answer, bounds: &CountBounds) -> Result<Finding, Unevaluated> {
    let Some(text) = answer.cell()? else { return Ok(Finding::broken(format!("the answer is NULL, not {bounds}"))) };
    let Ok(number) = text.parse::<i128>() else {
        return Unevaluated::because(format!("the answer is no whole number: {text}"));
    };
    let holds = bounds.at_least.is_none_or(|min| number >= i128::from(min))
        && bounds.at_most.is_none_or(|max| number <= i128::from(max));
    let message = if holds { format!("the answer is {number}") } else { format!("the answer is {number}, not {bounds}") };
    let finding = Finding { answer: Some(answer.as_text()), ..Finding::when(holds, message) };
    Ok(u64::try_from(number).map_or(finding.clone(), |count| finding.count(count)))
}

/// A question without an expectation can't be broken: it is compared later, or only shown.
fn answered(answer: Answer) -> Finding {
    let text = answer.as_text();
    let sample = (answer.rows > 1 || answer.sample.columns.len() > 1).then(|| answer.sample.clone());
    let message = match answer.cell() {
        Ok(cell) => sample::cut(cell.unwrap_or("NULL")),
        Err(_) => text.clone(),
    };
    Finding { verdict: Verdict::Holds, message, count: None, sample, answer: Some(text) }
}
