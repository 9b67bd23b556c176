//! What of tables must be looked at.

use tokio_postgres::{Client, Error, Row};

use crate::{
    catalog::{ObjectKey, ObjectKind},
    postgres::capture::fitted,
    sql::quote::qualified,
};

/// Up to so many rows each is compared with each other one: that takes the square of the time.
pub(super) const PAIRS_OF_ROWS_MAX: f64 = 5000.0;

/// What an expression is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExpressionUse {
    Check,
    Generated,
    Index,
    Unique,
    Exclusion,
    Statistics,
    Partition,
    /// The key of a partitioned table.
    Key,
    Domain,
    /// The query of a materialized view.
    Query,
}

impl ExpressionUse {
    fn named(word: &str) -> Self {
        match word {
            "check" => ExpressionUse::Check,
            "generated" => ExpressionUse::Generated,
            "unique" => ExpressionUse::Unique,
            "exclusion" => ExpressionUse::Exclusion,
            "statistics" => ExpressionUse::Statistics,
            "partition" => ExpressionUse::Partition,
            "key" => ExpressionUse::Key,
            "domain" => ExpressionUse::Domain,
            _ => ExpressionUse::Index,
        }
    }
}

/// An expression that may not come to today what it once came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expression {
    pub used_for: ExpressionUse,
    /// Of the constraint or column; of indexes and statistics with the schema, quoted.
    pub name: String,
    /// SQL that is true of a row that breaks it; none where it gives rows no rule.
    pub broken: Option<String>,
    /// SQL that evaluates it; none where `broken` does.
    pub value: Option<String>,
    /// For which rows it is evaluated.
    pub condition: Option<String>,
    /// A query for how many values stand there too often, and some of them.
    pub duplicates: Option<String>,
    /// Whether the table is too large to ask for pairs of rows.
    pub is_too_large: bool,
    /// As the server prints it.
    pub definition: String,
    /// The domain that it belongs to, or what is to be set for a generated column to be computed again.
    pub beside: Option<String>,
    /// Whether the server evaluates it under a path of its own where it maintains something (from version 17 on).
    pub is_maintained: bool,
    /// Functions that were written here and have no path of their own.
    pub functions: Vec<String>,
    /// Schemas of functions that were written here.
    pub schemas: Vec<String>,
}

/// A table or materialized view with what hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RelationExpressions {
    pub key: ObjectKey,
    /// As a FROM clause takes it.
    pub relation: String,
    pub owner: String,
    /// The role that asks, where it is not the session's own.
    pub asks: Option<String>,
    /// SQL for what a row is known by.
    pub label: String,
    pub expressions: Vec<Expression>,
}

/// Looks for such expressions. The open transaction's `search_path` is empty.
pub(super) async fn find(client: &Client, version: u32, relations: &[ObjectKey]) -> Result<Vec<RelationExpressions>, Error> {
    let names: Vec<String> = relations.iter().map(|key| qualified(&key.schema, &key.name)).collect();
    let mut subjects: Vec<RelationExpressions> = Vec::new();
    for row in client.query(&fitted(include_str!("find.sql"), version), &[&names, &PAIRS_OF_ROWS_MAX]).await? {
        let (subject, expression) = read(&row)?;
        match subjects.last_mut().filter(|last| last.key == subject.key) {
            Some(last) => last.expressions.push(expression),
            None => subjects.push(RelationExpressions { expressions: vec![expression], ..subject }),
        }
    }
    Ok(subjects)
}

fn read(row: &Row) -> Result<(RelationExpressions, Expression), Error> {
    let kind = if row.try_get(2)? { ObjectKind::MaterializedView } else { ObjectKind::Table };
    let subject = RelationExpressions {
        key: ObjectKey::new(kind, row.try_get::<_, String>(0)?, row.try_get::<_, String>(1)?),
        relation: row.try_get(3)?,
        owner: row.try_get(4)?,
        asks: row.try_get(5)?,
        label: row.try_get(6)?,
        expressions: Vec::new(),
    };
    let expression = Expression {
        used_for: ExpressionUse::named(row.try_get(7)?),
        name: row.try_get(8)?,
        broken: row.try_get(9)?,
        value: row.try_get(10)?,
        condition: row.try_get(11)?,
        duplicates: row.try_get(12)?,
        is_too_large: row.try_get(13)?,
        definition: row.try_get(14)?,
        beside: row.try_get(15)?,
        is_maintained: row.try_get(16)?,
        functions: row.try_get(17)?,
        schemas: row.try_get(18)?,
    };
    Ok((subject, expression))
}
