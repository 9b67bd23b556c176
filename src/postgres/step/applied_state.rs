//! Whether a step outside a transaction has been applied, found out by looking.

use std::time::Duration;

use tokio_postgres::{Client, Error};

use super::{evidence::pending, probe, statements};
use crate::{
    machine::Failure,
    plan::{Plan, Rendered, Step},
    postgres::{
        error_class, interrupt,
        search_path::PlanPath,
        session::{Lifetime, SessionSettings, application_name, as_login},
    },
    sql::{ConcurrentIndex, DetachedPartition, QualifiedName, Statement, StatementKind, Tokens, Where, quote},
};

const FAILED: &str = "backstop::run::not_settled";

/// How often it is looked whether a leftover session has gone.
const LOOKS_MAX: u32 = 100;
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Whether the step has been applied: by its own `probe`, else by what is known of its statement; none where neither tells.
/// What a broken attempt has left, an invalid index for instance, is cleared away.
///
/// # Errors
/// What the server said, or that a leftover of the step still runs.
pub async fn find_applied_state(client: &Client, plan: &Plan<Rendered>, index: usize) -> Result<Option<bool>, Failure> {
    let Some(step) = plan.steps.get(index) else { return Ok(None) };
    end_leftovers(client, Leftovers::Named(&application_name(&plan.name, Some(&step.id)))).await?;
    SessionSettings::of_plan(&plan.name, &plan.session).apply(client, Lifetime::Session).await?;
    let path = PlanPath::of(&plan.session);
    if let Some(probe) = &step.probe {
        return probe::ask(client, &path, probe.sent()).await;
    }
    of_statement(client, &path, step).await
}

/// Sessions that a runner which is gone has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftovers<'a> {
    /// That of this `application_name`.
    Named(&'a str),
    /// All of steps and backups.
    All,
}

/// Ends sessions that a runner which is gone has left: the server goes on with a statement whose client is dead. The caller
/// holds the run lock, so that no living runner has such a session.
///
/// # Errors
/// What the server said, or that one does not go.
pub async fn end_leftovers(client: &Client, leftovers: Leftovers<'_>) -> Result<(), Failure> {
    const END: &str = "SELECT pid, pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
        WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database() AND usename OPERATOR(pg_catalog.=) session_user
          AND pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
          AND (application_name OPERATOR(pg_catalog.=) $1
               OR ($1 IS NULL AND application_name OPERATOR(pg_catalog.~) '^backstop .*/'))";
    let name = match leftovers {
        Leftovers::Named(name) => Some(name),
        Leftovers::All => None,
    };
    for _ in 0..LOOKS_MAX {
        let left =
            as_login(client, client.query(END, &[&name])).await.map_err(|error| error_class::failure(FAILED, &error))?;
        if left.is_empty() {
            return Ok(());
        }
        interrupt::pause(LOOK_EVERY).await;
    }
    Err(Failure::permanent(FAILED, "a session of an earlier runner does not end")
        .hint("Look for applications named `backstop ...` in pg_stat_activity, and try again when they are gone."))
}

/// Clears away what a failed statement has left.
pub(super) async fn clean_up(client: &Client, path: &PlanPath, statements: &[Statement]) -> Result<Option<bool>, Failure> {
    match statements.first() {
        Some(statement) => statement_applied_state(client, path, statement).await,
        None => Ok(None),
    }
}

/// Whether a statement outside a transaction has taken effect: true where it has, or what was cut off could be ended; false where it
/// must, or may, be run again; none where that can't be told.
///
/// # Errors
/// `backstop::run::not_settled`, with what the server said.
pub async fn statement_applied_state(
    client: &Client,
    path: &PlanPath,
    statement: &Statement,
) -> Result<Option<bool>, Failure> {
    known(client, path, statement).await.map_err(|error| error_class::failure(FAILED, &error))
}

async fn of_statement(client: &Client, path: &PlanPath, step: &Step<Rendered>) -> Result<Option<bool>, Failure> {
    let all = statements::of(&step.sql, Where::Outside)?;
    clean_up(client, path, &all).await
}

/// What is known of the statement: true where its effect is there, false where it must, or may, be run again.
async fn known(client: &Client, path: &PlanPath, statement: &Statement) -> Result<Option<bool>, Error> {
    match statement.kind() {
        StatementKind::CreateIndexConcurrently | StatementKind::DropIndexConcurrently => {
            match ConcurrentIndex::of(statement) {
                Some(ConcurrentIndex::Create { name: Some(name), table }) => {
                    index_is_built(client, path, &name, &table).await.map(Some)
                }
                Some(ConcurrentIndex::Drop { index }) => is_gone(client, path, &index).await.map(Some),
                Some(ConcurrentIndex::Create { name: None, .. }) | None => Ok(None),
            }
        }
        // To do these once more changes nothing.
        StatementKind::ReindexConcurrently => {
            if let Some(name) = reindexed(statement.text()) {
                drop_half_built(client, path, &name).await?;
            }
            Ok(Some(false))
        }
        StatementKind::DetachPartitionConcurrently => match DetachedPartition::of(statement) {
            Some(detached) => is_detached(client, path, &detached).await.map(Some),
            None => Ok(None),
        },
        StatementKind::ReindexMany | StatementKind::Vacuum | StatementKind::ClusterAll => Ok(Some(false)),
        _ => Ok(None),
    }
}

/// An index is made in its table's schema. An invalid one is dropped.
async fn index_is_built(client: &Client, path: &PlanPath, name: &str, table: &QualifiedName) -> Result<bool, Error> {
    let sql = "SELECT n.nspname::pg_catalog.text, i.indisvalid AND i.indisready
               FROM pg_catalog.pg_index AS i
               JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
               JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
               WHERE i.indrelid OPERATOR(pg_catalog.=) $1 AND c.relname OPERATOR(pg_catalog.=) $2";
    let table = path.relation(client, &table.quoted()).await?;
    match client.query_opt(sql, &[&table, &name]).await? {
        None => Ok(false),
        Some(row) if row.try_get(1)? => Ok(true),
        Some(row) => {
            let index = quote::qualified(row.try_get(0)?, name);
            client.batch_execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {index}")).await?;
            Ok(false)
        }
    }
}

/// An index whose drop was cut off is still there, invalid; to drop it again goes on with it.
async fn is_gone(client: &Client, path: &PlanPath, index: &QualifiedName) -> Result<bool, Error> {
    Ok(path.relation(client, &index.quoted()).await?.is_none())
}

/// A detachment that was cut off is pending: nobody sees the rows any more, and it is only to be ended.
async fn is_detached(client: &Client, path: &PlanPath, detached: &DetachedPartition) -> Result<bool, Error> {
    match pending(client, path, detached).await? {
        None => Ok(true),
        Some(false) => Ok(false),
        Some(true) => {
            path.during(client, client.batch_execute(&detached.finalize()), |error| error).await?;
            Ok(true)
        }
    }
}

/// A REINDEX that was cut off leaves the new index beside the old one, under a name of the server's.
async fn drop_half_built(client: &Client, path: &PlanPath, name: &QualifiedName) -> Result<(), Error> {
    let sql = "SELECT n.nspname::pg_catalog.text, c.relname::pg_catalog.text
               FROM pg_catalog.pg_index AS i
               JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
               JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
               WHERE NOT i.indisvalid AND c.relname OPERATOR(pg_catalog.~) '_ccnew[0-9]*$'
                 AND (i.indrelid OPERATOR(pg_catalog.=) $1
                      OR i.indrelid OPERATOR(pg_catalog.=)
                         (SELECT o.indrelid FROM pg_catalog.pg_index AS o WHERE o.indexrelid OPERATOR(pg_catalog.=) $1))";
    let meant = path.relation(client, &name.quoted()).await?;
    for row in client.query(sql, &[&meant]).await? {
        let index = quote::qualified(row.try_get(0)?, row.try_get(1)?);
        client.batch_execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {index}")).await?;
    }
    Ok(())
}

/// REINDEX [(...)] { INDEX | TABLE } CONCURRENTLY name; none for whole schemas and databases.
fn reindexed(sql: &str) -> Option<QualifiedName> {
    let tokens: Vec<_> = Tokens::of(sql).collect::<Result<_, _>>().ok()?;
    let words: Vec<&str> = tokens.iter().filter(|t| t.is_significant()).map(|t| &sql[t.range()]).collect();
    let at = words.iter().position(|word| word.eq_ignore_ascii_case("CONCURRENTLY"))?;
    let what = words.get(at.checked_sub(1)?)?;
    if !["INDEX", "TABLE"].iter().any(|kind| what.eq_ignore_ascii_case(kind)) {
        return None;
    }
    QualifiedName::parse(&words.get(at + 1..)?.concat()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reindexed_is_found_in_the_statement() {
        let name = |text| QualifiedName::parse(text).ok();
        assert_eq!(reindexed("REINDEX (VERBOSE) TABLE CONCURRENTLY public . t"), name("public.t"));
        assert_eq!(reindexed("reindex index concurrently \"I\""), name("\"I\""));
        assert_eq!(reindexed("REINDEX SCHEMA CONCURRENTLY public"), None);
    }
}
