//! The statements of a step, one by one.

use tokio_postgres::Client;

use super::{lock_retry::LockRetry, statement_error};
use crate::{
    machine::Failure,
    plan::{CountBounds, Text},
    postgres::{error_class::failure, progress::Watch, search_path::PlanPath},
    sql::{LockLevel, Statement, StatementRefusal, Where, refusals, split},
};

/// What the statements reported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reported {
    /// Rows, for each statement that reports any.
    pub(super) rows: Vec<u64>,
    /// Rows of the last statement that changes rows.
    pub(super) last: Option<u64>,
}

/// The statements of a text, where all of them can be run there.
pub(super) fn of(text: &Text, place: Where) -> Result<Vec<Statement>, Failure> {
    let statements = split(text.sent()).map_err(|problem| {
        Failure::permanent("backstop::run::not_split", problem.message.clone()).hint(problem.help.clone())
    })?;
    match refusals(&statements, place).into_iter().next() {
        None => Ok(statements),
        Some(StatementRefusal { code, message, help, .. }) => Err(Failure::permanent(code, message).hint(help)),
    }
}

/// A text and the statements in it, and the schemas that their names are looked up in.
#[derive(Clone, Copy)]
pub(super) struct StepScript<'a> {
    pub(super) text: &'a Text,
    pub(super) statements: &'a [Statement],
    pub(super) path: &'a PlanPath,
}

/// Runs them in order up to the first that fails, under the plan's path. What was locked before them keeps nobody from waiting.
pub(super) async fn run(
    client: &Client,
    script: StepScript<'_>,
    watch: &Watch<'_>,
    patient: LockRetry,
) -> Result<Reported, Failure> {
    let work = one_by_one(client, script, watch, patient);
    script.path.during(client, work, |error| failure("backstop::session::not_set", &error)).await
}

async fn one_by_one(
    client: &Client,
    script: StepScript<'_>,
    watch: &Watch<'_>,
    patient: LockRetry,
) -> Result<Reported, Failure> {
    let StepScript { text, statements, .. } = script;
    let mut reported = Reported::default();
    let mut is_first = true;
    for (index, statement) in statements.iter().enumerate() {
        let (done, blockers) = patient.run(client, statement, is_first, watch).await;
        let rows = done.map_err(|error| statement_error::failure(text, index, statement, &error, &blockers))?;
        watch.went_on();
        is_first = is_first && leaves_locks_alone(statement);
        if statement.kind().reports_rows() {
            reported.rows.push(rows);
            reported.last = Some(rows);
        }
    }
    Ok(reported)
}

/// Whether a statement locks nothing, and does not say itself how long locks are waited for.
fn leaves_locks_alone(statement: &Statement) -> bool {
    statement.lock() == LockLevel::None && !statement.text().to_ascii_lowercase().contains("lock_timeout")
}

/// Whether the last statement that changes rows changed as many as expected.
pub(super) fn expect(reported: &Reported, bounds: Option<CountBounds>) -> Result<(), Failure> {
    let Some(bounds) = bounds else { return Ok(()) };
    let message = match reported.last {
        Some(rows) if bounds.hold(rows) => return Ok(()),
        Some(1) => format!("the last statement changed 1 row, not {bounds}"),
        Some(rows) => format!("the last statement changed {rows} rows, not {bounds}"),
        None => format!("no statement of the step reports rows, {bounds} expected"),
    };
    Err(Failure::permanent("backstop::run::unexpected_rows", message)
        .hint("Look at the rows that the statement means; change its condition or `expect_rows`."))
}
