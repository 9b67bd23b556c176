//! Checks whose question the plan writes itself.

use std::pin::pin;

use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, SimpleQueryMessage, types::Type};

use super::{
    finding::{CheckFinding, Unevaluated},
    sample,
    verdict::{rows_of, verdict},
};
use crate::{machine::RowSample, plan::Text, postgres::search_path::PlanPath, sql::quote};

/// Longest answer that is kept as it is, in bytes; a longer one is kept as its digest.
const ANSWER_BYTES_MAX: usize = 512;

/// What is expected of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// A number of rows: those that came are shown where it is another one.
    Rows,
    /// One cell.
    Cell,
    /// Nothing: it is compared later, or only shown.
    Nothing,
}

/// Asks a query of the plan's own, and then what its answer means.
pub(super) async fn ask(
    (client, path): (&Client, &PlanPath),
    sql: &Text,
    judgement: &str,
    expected: Expected,
) -> Result<CheckFinding, Unevaluated> {
    let answer = path.during(client, answer(client, sql.sent()), Unevaluated::from).await?;
    let text = |text: Option<&str>| text.map_or_else(|| "NULL".to_owned(), quote::literal);
    let judged = format!(
        "WITH answered (rows, columns, cell, shown, text) AS (VALUES ({}::pg_catalog.int8, {}::pg_catalog.int8, \
         {}::pg_catalog.text, {}::pg_catalog.text, {}::pg_catalog.text)) {judgement}",
        answer.rows,
        answer.sample.columns.len(),
        text(answer.first.as_deref()),
        text(answer.first.as_deref().map(sample::cut).as_deref()),
        text(Some(&answer.as_text())),
    );
    let said = rows_of(client, &judged).await?.first().map(verdict).transpose()?.unwrap_or_default();
    let Some(holds) = said.holds else { return Unevaluated::because(said.message) };
    let is_shown = match expected {
        Expected::Rows => !holds && answer.rows > 0,
        Expected::Cell => false,
        Expected::Nothing => answer.rows > 1 || answer.sample.columns.len() > 1,
    };
    let mut finding = CheckFinding::when(holds, said.message);
    finding.count = said.count;
    finding.answer = Some(answer.as_text());
    Ok(finding.sample(is_shown.then_some(answer.sample)))
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
struct QueryAnswer {
    rows: u64,
    /// The first cell of the first row, in full.
    first: Option<String>,
    sample: RowSample,
    /// Every cell, in order; digested as it comes, because it may be long.
    text: String,
    digest: Sha256,
    bytes: u64,
}

impl QueryAnswer {
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
async fn answer(client: &Client, sql: &str) -> Result<QueryAnswer, Unevaluated> {
    let described = client.prepare(sql).await?;
    if described.columns().is_empty() {
        return Unevaluated::because("it is no query: it answers no columns");
    }
    if !described.params().is_empty() {
        return Unevaluated::because("it has parameters ($1, ...), which nobody fills");
    }
    let booleans: Vec<bool> = described.columns().iter().map(|column| *column.type_() == Type::BOOL).collect();
    let columns = described.columns().iter().map(|column| column.name().to_owned()).collect();
    let mut answer = QueryAnswer {
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

fn add(answer: &mut QueryAnswer, cells: &[Option<&str>]) {
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
