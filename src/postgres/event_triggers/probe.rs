//! Whether event triggers refuse what a restore does: it is tried with things of no use, and taken back.

use std::collections::BTreeMap;

use tokio_postgres::{Client, Error, error::SqlState, types::Oid};

use super::suppress::{FiringEventTrigger, disable, enabled, unsuppressed};
use crate::{
    machine::Failure,
    postgres::{digest::pin, error_class::failure, relation::Relation},
    sql::quote::{ident, literal},
};

const FAILED: &str = "backstop::preflight::not_looked";

/// In how many schemas it is tried at most.
const SCHEMAS_MAX: usize = 8;

/// Statements of each kind that a restore uses, with the command that event triggers know them by. `{s}` is the schema, and nothing of
/// the names is anybody's.
const STATEMENTS: [(&str, &str); 22] = [
    ("CREATE TABLE", "CREATE TABLE {s}.backstop_probe (id integer, n integer)"),
    ("ALTER TABLE", "ALTER TABLE {s}.backstop_probe ADD COLUMN more text DEFAULT 'x'"),
    ("ALTER TABLE", "ALTER TABLE {s}.backstop_probe ALTER COLUMN n TYPE bigint"),
    ("ALTER TABLE", "ALTER TABLE {s}.backstop_probe ADD CONSTRAINT backstop_probe_check CHECK (true)"),
    ("ALTER TABLE", "ALTER TABLE {s}.backstop_probe ADD CONSTRAINT backstop_probe_pkey PRIMARY KEY (id)"),
    ("CREATE INDEX", "CREATE INDEX backstop_probe_n ON {s}.backstop_probe (n)"),
    ("CREATE SEQUENCE", "CREATE SEQUENCE {s}.backstop_probe_numbers"),
    ("CREATE VIEW", "CREATE VIEW {s}.backstop_probe_view AS SELECT id FROM {s}.backstop_probe"),
    (
        "CREATE MATERIALIZED VIEW",
        "CREATE MATERIALIZED VIEW {s}.backstop_probe_filled AS SELECT id FROM {s}.backstop_probe WITH NO DATA",
    ),
    ("REFRESH MATERIALIZED VIEW", "REFRESH MATERIALIZED VIEW {s}.backstop_probe_filled"),
    ("CREATE POLICY", "CREATE POLICY backstop_probe_policy ON {s}.backstop_probe USING (true)"),
    (
        "CREATE TRIGGER",
        "CREATE TRIGGER backstop_probe_trigger BEFORE UPDATE ON {s}.backstop_probe FOR EACH ROW EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()",
    ),
    ("COMMENT", "COMMENT ON TABLE {s}.backstop_probe IS 'of no use'"),
    ("GRANT", "GRANT SELECT ON {s}.backstop_probe TO CURRENT_USER"),
    ("DROP TRIGGER", "DROP TRIGGER backstop_probe_trigger ON {s}.backstop_probe"),
    ("DROP POLICY", "DROP POLICY backstop_probe_policy ON {s}.backstop_probe"),
    ("DROP MATERIALIZED VIEW", "DROP MATERIALIZED VIEW {s}.backstop_probe_filled"),
    ("DROP VIEW", "DROP VIEW {s}.backstop_probe_view"),
    ("DROP SEQUENCE", "DROP SEQUENCE {s}.backstop_probe_numbers"),
    ("DROP INDEX", "DROP INDEX {s}.backstop_probe_n"),
    ("ALTER TABLE", "ALTER TABLE {s}.backstop_probe DROP CONSTRAINT backstop_probe_check"),
    ("DROP TABLE", "DROP TABLE {s}.backstop_probe"),
];

/// What event triggers refuse of what a restore does, or write to the targets meanwhile, each with who can switch them off. Tried in a
/// transaction that is rolled back, in those of the schemas in which the role may make tables; there is nothing to try where no event
/// trigger fires.
///
/// # Errors
/// `backstop::preflight::not_looked` with what the server said.
pub async fn failures(client: &Client, schemas: &[String], targets: &[Relation]) -> Result<Vec<Failure>, Failure> {
    let failed = |error: Error| failure(FAILED, &error);
    if enabled(client).await.map_err(failed)?.is_empty() {
        return Ok(Vec::new());
    }
    client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").await.map_err(failed)?;
    let done = probe(client, schemas, targets).await;
    // Whatever was tried, nothing of it stays; a lost connection shows in what comes next.
    let _ = client.batch_execute("ROLLBACK").await;
    done.map_err(failed)
}

async fn probe(client: &Client, schemas: &[String], targets: &[Relation]) -> Result<Vec<Failure>, Error> {
    const MAY: &str = "SELECT n.nspname::pg_catalog.text FROM pg_catalog.pg_namespace AS n \
                       WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) ANY ($1) \
                       AND pg_catalog.has_schema_privilege(n.oid, 'CREATE') ORDER BY 1";
    pin(client).await?;
    let _silenced = disable(client).await?;
    // Those that could not be switched off.
    let triggers = enabled(client).await?;
    if triggers.is_empty() {
        return Ok(Vec::new());
    }
    let before = rows_written(client, targets).await?;
    let rows = client.query(MAY, &[&schemas]).await?;
    for row in rows.iter().take(SCHEMAS_MAX) {
        let schema: String = row.try_get(0)?;
        for (command, statement) in STATEMENTS {
            let sql = statement.replace("{s}", &ident(&schema));
            client.batch_execute("SAVEPOINT backstop_probe").await?;
            let Err(error) = client.batch_execute(&sql).await else { continue };
            client.batch_execute("ROLLBACK TO SAVEPOINT backstop_probe").await?;
            if let Some(refusal) = refusal(command, &schema, &triggers, &error) {
                // What comes after it needs what it would have made.
                return Ok(vec![refusal]);
            }
            break;
        }
        if let Some(change) = changed(client, &schema, &triggers).await? {
            return Ok(vec![change]);
        }
    }
    let after = rows_written(client, targets).await?;
    let written = targets.iter().filter(|table| after.get(&table.oid) > before.get(&table.oid));
    let triggers: Vec<&FiringEventTrigger> = triggers.iter().collect();
    Ok(written.map(|table| writes(table, &triggers)).collect())
}

/// How many rows the session's transactions have written to each table, as far as that is counted.
async fn rows_written(client: &Client, tables: &[Relation]) -> Result<BTreeMap<Oid, i64>, Error> {
    const WRITTEN: &str = "SELECT t.oid, pg_catalog.pg_stat_get_xact_tuples_inserted(t.oid) \
                           OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_updated(t.oid) \
                           OPERATOR(pg_catalog.+) pg_catalog.pg_stat_get_xact_tuples_deleted(t.oid) \
                           FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS t (oid)";
    let oids: Vec<Oid> = tables.iter().map(|table| table.oid).collect();
    client.query(WRITTEN, &[&oids]).await?.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// A restore that makes or drops anything would leave other rows than the backup has.
fn writes(table: &Relation, triggers: &[&FiringEventTrigger]) -> Failure {
    let message = format!("an event trigger writes to target {table} when a restore makes or drops something");
    Failure::permanent("backstop::preflight::event_trigger", message)
        .hint(format!("{} Or leave {table} out of the targets.", hint(triggers)))
}

/// None where no event trigger fires for the command, or the role itself may not do it.
fn refusal(command: &str, schema: &str, triggers: &[FiringEventTrigger], error: &Error) -> Option<Failure> {
    let culprits: Vec<&FiringEventTrigger> = triggers
        .iter()
        .filter(|trigger| trigger.tags.as_ref().is_none_or(|tags| tags.iter().any(|tag| tag == command)))
        .collect();
    let db = error.as_db_error()?;
    let is_of_the_role = *db.code() == SqlState::INSUFFICIENT_PRIVILEGE && db.where_().is_none();
    if culprits.is_empty() || is_of_the_role {
        return None;
    }
    let mut found = failure("backstop::preflight::event_trigger", error);
    found.message = format!("an event trigger refuses what a restore does, {command} in schema {schema}: {}", found.message);
    Some(found.hint(hint(&culprits)))
}

/// Event triggers that give each new table further columns make another table of it.
async fn changed(client: &Client, schema: &str, triggers: &[FiringEventTrigger]) -> Result<Option<Failure>, Error> {
    let creating: Vec<&FiringEventTrigger> = triggers
        .iter()
        .filter(|trigger| trigger.tags.as_ref().is_none_or(|tags| tags.iter().any(|tag| tag == "CREATE TABLE")))
        .collect();
    if creating.is_empty() {
        return Ok(None);
    }
    let (name, owner) = (format!("{}.backstop_probe", ident(schema)), "CURRENT_USER");
    client.batch_execute(&format!("SAVEPOINT backstop_probe; CREATE TABLE {name} (id integer)")).await?;
    let count = format!(
        "SELECT count(*) OPERATOR(pg_catalog.=) 1 FROM pg_catalog.pg_attribute AS a \
         WHERE a.attrelid OPERATOR(pg_catalog.=) {}::pg_catalog.regclass AND a.attnum OPERATOR(pg_catalog.>) 0 \
         AND pg_catalog.pg_has_role({owner}, (SELECT c.relowner FROM pg_catalog.pg_class AS c \
         WHERE c.oid OPERATOR(pg_catalog.=) a.attrelid), 'USAGE')",
        literal(&name)
    );
    let is_as_made: bool = client.query_one(&count, &[]).await?.try_get(0)?;
    client.batch_execute("ROLLBACK TO SAVEPOINT backstop_probe").await?;
    let found = || {
        let message = format!("an event trigger gives new tables in schema {schema} other columns, or another owner");
        Failure::permanent("backstop::preflight::event_trigger", message).hint(hint(&creating))
    };
    Ok((!is_as_made).then(found))
}

/// A failure of statements of our own, with who can switch those event triggers off that saw them, where a function said it. Outside of
/// transactions.
pub async fn blamed(client: &Client, failure: Failure) -> Failure {
    // What functions say has a context, and it stands in the detail.
    if failure.sqlstate.is_none() || failure.detail.is_none() || failure.hint.is_some() {
        return failure;
    }
    // Where this can't be asked, the failure itself is what people need to know.
    match unsuppressed(client).await {
        Ok(triggers) if !triggers.is_empty() => failure.hint(hint(&triggers.iter().collect::<Vec<_>>())),
        Ok(_) | Err(_) => failure,
    }
}

fn hint(triggers: &[&FiringEventTrigger]) -> String {
    let each = triggers.iter().map(|trigger| {
        format!("ALTER EVENT TRIGGER {} DISABLE (as {} or a superuser)", ident(&trigger.name), ident(&trigger.owner))
    });
    format!(
        "Switch off, for the run, the one that does it: {}. A role that may set event_triggers or session_replication_role does so by \
         itself.",
        each.collect::<Vec<_>>().join("; ")
    )
}
