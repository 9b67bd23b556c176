//! Asking expressions of the rows.

use tokio_postgres::{Client, Error, Row};

use super::{
    find::{Expression, ExpressionUse, RelationExpressions},
    path::set_path,
};
use crate::sql::quote::{ident, literal};

/// How many rows that break an expression are shown.
const SAMPLE_MAX: usize = 5;

/// Rows that break an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub expression: Expression,
    pub rows: u64,
    /// What some of them are known by.
    pub sample: Vec<String>,
}

/// Evaluates expressions over all rows under a path, behind a savepoint that takes every setting back. Stale indexes answer nothing.
///
/// # Errors
/// What the server said: something can't be evaluated there.
pub(super) async fn ask(
    client: &Client,
    subject: &RelationExpressions,
    expressions: &[&Expression],
    path: &str,
) -> Result<Vec<Broken>, Error> {
    let role = subject.asks.as_ref().map(|role| format!("; SET LOCAL ROLE {}", ident(role))).unwrap_or_default();
    let open = format!(
        "SAVEPOINT backstop_ask; {}; SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; \
         SET LOCAL enable_bitmapscan = off{role}",
        set_path(path)
    );
    client.batch_execute(&open).await?;
    let answer = ask_in(client, subject, expressions).await;
    let closed = client.batch_execute("ROLLBACK TO SAVEPOINT backstop_ask; RELEASE SAVEPOINT backstop_ask").await;
    let answer = answer?;
    closed.map(|()| answer)
}

async fn ask_in(client: &Client, subject: &RelationExpressions, expressions: &[&Expression]) -> Result<Vec<Broken>, Error> {
    let mut scanned: Vec<Expression> = Vec::new();
    for expression in expressions {
        match expression.used_for {
            ExpressionUse::Query => of_query(client, expression).await?,
            ExpressionUse::Partition => scanned.push(bound(client, subject, expression).await?),
            _ => scanned.push((*expression).clone()),
        }
    }
    let mut broken = scan(client, subject, &scanned).await?;
    for expression in &scanned {
        let Some(query) = &expression.duplicates else { continue };
        let row = client.query_one(query, &[]).await?;
        let rows = count(&row, 0)?;
        if rows > 0 {
            let sample = row.try_get::<_, Option<Vec<String>>>(1)?.unwrap_or_default();
            broken.push(Broken { expression: expression.clone(), rows, sample });
        }
    }
    Ok(broken)
}

/// One pass over the table for all of them.
async fn scan(client: &Client, subject: &RelationExpressions, expressions: &[Expression]) -> Result<Vec<Broken>, Error> {
    if expressions.is_empty() {
        return Ok(Vec::new());
    }
    let items: Vec<String> = expressions.iter().map(item).collect();
    let row = client.query_one(&format!("SELECT {} FROM {}", items.join(", "), subject.relation), &[]).await?;
    let mut broken = Vec::new();
    for (place, expression) in expressions.iter().enumerate() {
        let (Some(condition), rows) = (&expression.broken, count(&row, place)?) else { continue };
        if rows > 0 {
            let sample = sample(client, subject, condition).await?;
            broken.push(Broken { expression: expression.clone(), rows, sample });
        }
    }
    Ok(broken)
}

fn item(expression: &Expression) -> String {
    match (&expression.broken, &expression.value, &expression.condition) {
        (Some(broken), _, _) => format!("pg_catalog.count(*) FILTER (WHERE {broken})"),
        (None, Some(value), Some(condition)) => format!("pg_catalog.count({value}) FILTER (WHERE {condition})"),
        (None, Some(value), None) => format!("pg_catalog.count({value})"),
        // What can't be said as SQL is planned with the table.
        (None, None, _) => "pg_catalog.count(*)".to_owned(),
    }
}

async fn sample(client: &Client, subject: &RelationExpressions, condition: &str) -> Result<Vec<String>, Error> {
    let sql = format!("SELECT {} FROM {} WHERE {condition} LIMIT {SAMPLE_MAX}", subject.label, subject.relation);
    client.query(&sql, &[]).await?.iter().map(|row| row.try_get(0)).collect()
}

/// What must hold for a partition's rows, as the path prints it.
async fn bound(client: &Client, subject: &RelationExpressions, expression: &Expression) -> Result<Expression, Error> {
    let relation = literal(subject.relation.trim_start_matches("ONLY "));
    let sql = format!("SELECT pg_catalog.pg_get_partition_constraintdef(pg_catalog.to_regclass({relation}))");
    let holds: Option<String> = client.query_one(&sql, &[]).await?.try_get(0)?;
    Ok(Expression { broken: holds.map(|holds| format!("NOT ({holds})")), ..expression.clone() })
}

/// Row security hides from a materialized view what it hides when it is refreshed.
async fn of_query(client: &Client, expression: &Expression) -> Result<(), Error> {
    client.batch_execute("SET LOCAL row_security = on").await?;
    let sql = format!("SELECT pg_catalog.count(q.*) FROM ({}) AS q", expression.definition.trim_end().trim_end_matches(';'));
    let done = client.query_one(&sql, &[]).await.map(drop);
    if done.is_ok() {
        client.batch_execute("SET LOCAL row_security = off").await?;
    }
    done
}

fn count(row: &Row, place: usize) -> Result<u64, Error> {
    row.try_get::<_, i64>(place).map(|rows| u64::try_from(rows).unwrap_or_default())
}
