//! Planner statistics of what was loaded or made anew: without them queries are planned blind until autovacuum comes by.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use tokio_postgres::{Client, Error};

use crate::{
    catalog::{Action, Definition, ExtendedStatistics, Index, Object, ObjectKey, ObjectKind, Script, Snapshot},
    postgres::error_class,
    sql::quote::{literal, qualified},
};

/// How long all of them may take. The tables are locked meanwhile.
const WHOLE_MAX: Duration = Duration::from_secs(60);

/// Counts the statistics of what the script loaded and made, in the restore's own transaction. Gives those that have none yet, each
/// with the reason: that is no reason to undo a restore.
///
/// # Errors
/// The driver's, where the transaction can't go on.
pub(super) async fn analyze(client: &Client, then: &Snapshot, script: &Script) -> Result<Vec<String>, Error> {
    let tables = bare(then, script);
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    const TIMEOUT: &str = "SELECT pg_catalog.current_setting('statement_timeout')";
    let timeout: String = client.query_one(TIMEOUT, &[]).await?.try_get(0)?;
    let started = Instant::now();
    let mut without = Vec::new();
    for table in tables {
        let left = WHOLE_MAX.saturating_sub(started.elapsed());
        let why = match (left.is_zero(), may_analyze(client, &table).await?) {
            (true, _) => Some(format!("{} s were not enough for all", WHOLE_MAX.as_secs())),
            (false, false) => Some("only its owner may count them".to_owned()),
            (false, true) => one(client, &table, left).await?,
        };
        without.extend(why.map(|why| format!("{}.{}: {why}", table.schema, table.name)));
    }
    client.batch_execute(&format!("SET LOCAL statement_timeout = {}", literal(&timeout))).await?;
    Ok(without)
}

/// What is wrong, where it can't be done.
async fn one(client: &Client, table: &ObjectKey, left: Duration) -> Result<Option<String>, Error> {
    client
        .batch_execute(&format!("SAVEPOINT backstop_statistics; SET LOCAL statement_timeout = {}", left.as_millis().max(1)))
        .await?;
    let done = client.batch_execute(&format!("ANALYZE {}", qualified(&table.schema, &table.name))).await;
    let Err(error) = done else {
        return client.batch_execute("RELEASE SAVEPOINT backstop_statistics").await.map(|()| None);
    };
    client.batch_execute("ROLLBACK TO SAVEPOINT backstop_statistics; RELEASE SAVEPOINT backstop_statistics").await?;
    Ok(Some(error_class::failure("backstop::restore::not_analyzed", &error).message))
}

/// Whether the server would not merely pass it over with a warning.
async fn may_analyze(client: &Client, table: &ObjectKey) -> Result<bool, Error> {
    let name = qualified(&table.schema, &table.name);
    let row = client.query_opt(include_str!("may_analyze.sql"), &[&name]).await?;
    row.map_or(Ok(false), |row| row.try_get(0))
}

/// The tables and materialized views whose statistics are gone or are those of other rows; not those partitions that are counted with
/// the table above.
fn bare(then: &Snapshot, script: &Script) -> Vec<ObjectKey> {
    let mut found: BTreeSet<ObjectKey> = BTreeSet::new();
    for action in &script.actions {
        match action {
            Action::Load(table) => _ = found.insert(table.clone()),
            Action::Sql { sql, object } if sql.starts_with("CREATE ") || sql.starts_with("REFRESH ") => {
                found.extend(then.objects.get(object).and_then(|made| counted_for(object, made)));
            }
            Action::Sql { .. } | Action::Position(_) => {}
        }
    }
    let above = |key: &ObjectKey| match then.objects.get(key).map(|object| &object.definition) {
        Some(Definition::Table(table)) => table.lineage.partition_of.as_ref().map(|of| of.parent.clone()),
        Some(_) | None => None,
    };
    let is_counted = |key: &ObjectKey| std::iter::successors(above(key), above).any(|table| found.contains(&table));
    found.iter().filter(|key| !is_counted(key)).cloned().collect()
}

/// What must be counted because this was made.
fn counted_for(key: &ObjectKey, made: &Object) -> Option<ObjectKey> {
    match &made.definition {
        // Those of its partitions are loaded, its own are counted over all of them.
        Definition::Table(table) if table.lineage.partition_key.is_some() => Some(key.clone()),
        Definition::MaterializedView(view) if view.populated => Some(key.clone()),
        Definition::Statistics(ExtendedStatistics { on, .. }) => Some(on.clone()),
        // What an expression gives is counted with the index.
        Definition::Index(Index { table, has_expressions: true, .. }) => {
            let is_it = |need: &&ObjectKey| {
                matches!(need.kind, ObjectKind::Table | ObjectKind::MaterializedView)
                    && need.schema == key.schema
                    && need.name == *table
            };
            made.depends_on.iter().find(is_it).cloned()
        }
        Definition::Schema
        | Definition::Enum(_)
        | Definition::Domain(_)
        | Definition::Composite(_)
        | Definition::Range(_)
        | Definition::Sequence(_)
        | Definition::Function(_)
        | Definition::Aggregate(_)
        | Definition::Table(_)
        | Definition::Constraint(_)
        | Definition::Index(_)
        | Definition::View(_)
        | Definition::MaterializedView(_)
        | Definition::Rule(_)
        | Definition::Trigger(_)
        | Definition::Policy(_)
        | Definition::Publication(_)
        | Definition::Published(_)
        | Definition::PublishedSchema
        | Definition::DefaultPrivileges(_)
        | Definition::Database(_)
        | Definition::Operator(_)
        | Definition::Cast(_)
        | Definition::EventTrigger(_)
        | Definition::Other(_) => None,
    }
}
