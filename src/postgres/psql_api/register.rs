//! What a plan registers: targets, the way back, checks.

use std::collections::BTreeSet;

use serde_json::Value;
use tokio_postgres::{Client, Error, types::Json};

use super::{
    callers::{Callers, callers},
    install::install_in,
};
use crate::{
    catalog::{Definition, ObjectKey, Snapshot, fingerprint},
    drive::{ExpressionPaths, manifest::Algorithm},
    machine::Failure,
    plan::{Check, Plan, Rendered, Sequences, Severity},
    postgres::{
        backup::{Keeper, copied, ensure_schema, load_from, record_statements, way},
        capture,
        check::stored,
        digest::{RowSource, around, statement},
        error_class::failure,
        expressions::{self, ExamineRequest},
        search_path::{PINNED, PlanPath},
        transaction::{self, BEGIN},
    },
    sql::quote::{ident, qualified},
};

/// What a plan is registered for.
#[derive(Debug, Clone, Copy)]
pub struct Registration<'a> {
    /// The tables, as they are resolved now, as schema and name.
    pub tables: &'a [(String, String)],
    /// The structure of the database.
    pub snapshot: &'a Snapshot,
    /// Under which paths what hangs on the tables can be evaluated.
    pub paths: &'a ExpressionPaths,
}

/// Registers a plan in a transaction of its own. The caller holds the run lock, and the journal is there.
///
/// # Errors
/// As [`register_in`].
pub async fn register(client: &Client, plan: &Plan<Rendered>, tables: &[(String, String)]) -> Result<(), Failure> {
    const CODE: &str = "backstop::psql_api::not_registered";
    let schema = plan.backup.schema.sent();
    client.batch_execute(BEGIN).await.map_err(failed)?;
    let done = async {
        let snapshot = capture::snapshot(client, &[schema.to_owned()]).await.map_err(failed)?;
        let search_path = PlanPath::of(&plan.session).schemas().to_vec();
        let wanted = ExamineRequest { snapshot: &snapshot, tables, search_path: &search_path, is_bounded: false };
        let paths = expressions::look(client, &wanted).await.map_err(failed)?.paths;
        let targets = Registration { tables, snapshot: &snapshot, paths: &paths };
        register_in(client, plan, &targets, &callers(plan)).await
    }
    .await;
    transaction::end(client, done, CODE).await
}

/// Registers a plan in the open transaction, in place of what it had registered before, and installs the functions in the
/// schema of its backups, which is made where it is missing: those that psql takes are always kept in the database.
///
/// # Errors
/// `backstop::psql_api::not_registered` with what the server said, `backstop::backup::no_schema`, or as [`install_in`].
pub async fn register_in(
    client: &Client,
    plan: &Plan<Rendered>,
    targets: &Registration<'_>,
    callers: &Callers,
) -> Result<(), Failure> {
    let Registration { tables, snapshot, paths } = *targets;
    let (name, schema) = (plan.name.as_str(), plan.backup.schema.sent());
    ensure_schema(client, schema).await?;
    refuse_open_path(client, plan, callers).await?;
    write_plan(client, plan, targets).await.map_err(failed)?;
    let covered: BTreeSet<ObjectKey> = tables.iter().map(|(schema, name)| ObjectKey::table(schema, name)).collect();
    write_tables(client, name, &covered, targets).await.map_err(failed)?;
    let load = |key: &ObjectKey| match &snapshot.objects.get(key)?.definition {
        Definition::Table(table) => Some(load_from(key, &table.columns)),
        _ => None,
    };
    let path_of_object = |key: &ObjectKey| paths.of_object(key, snapshot).to_owned();
    record_statements(client, Keeper::Plan(name), &way(snapshot, &covered), load, path_of_object).await.map_err(failed)?;
    write_checks(client, name, "before", &plan.checks.before).await.map_err(failed)?;
    write_checks(client, name, "after", &plan.checks.after).await.map_err(failed)?;
    install_in(client, schema, callers).await
}

fn failed(error: Error) -> Failure {
    failure("backstop::psql_api::not_registered", &error)
}

/// Checks are asked with their owner's rights where roles may call them: neither these nor their members must be able to slip
/// functions of their own in.
async fn refuse_open_path(client: &Client, plan: &Plan<Rendered>, callers: &Callers) -> Result<(), Failure> {
    let roles: Vec<&String> = callers.execute.iter().chain(&callers.admin).collect();
    let schemas: Vec<&str> = plan.session.search_path.iter().map(|schema| schema.sent()).collect();
    let row = client.query_opt(include_str!("open_path.sql"), &[&schemas, &roles]).await.map_err(failed)?;
    let Some(row) = row else { return Ok(()) };
    let (role, schema): (String, String) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
    let help = format!(
        "REVOKE CREATE ON SCHEMA {} FROM PUBLIC, {}; or take the schema out of the plan's search_path: the plan's checks are asked \
         with their owner's rights.",
        ident(&schema),
        ident(&role)
    );
    Err(Failure::permanent(
        "backstop::psql_api::open_search_path",
        format!("role {role} may call the functions for psql, and may make things in schema {schema} of the search path"),
    )
    .hint(help))
}

async fn write_plan(client: &Client, plan: &Plan<Rendered>, targets: &Registration<'_>) -> Result<(), Error> {
    const PROGRAM: &str = concat!("backstop ", env!("CARGO_PKG_VERSION"));
    const WRITE: &str = "INSERT INTO backstop.plans (plan, schema_name, program, actor, search_path, sequences, server_version, \
                         algorithm, structure, catalog, search_paths) \
                         VALUES ($1, $2, $3, session_user || ' with ' || $3, $4, $5, $6, $7, $8, $9, $10)";
    let Registration { snapshot, paths, .. } = *targets;
    let name = plan.name.as_str();
    client.execute("DELETE FROM backstop.plans WHERE plan = $1", &[&name]).await?;
    // Temporary objects must not stand before the database's own.
    let path = match plan.session.search_path.is_empty() {
        true => PINNED.to_owned(),
        false => PlanPath::of(&plan.session).value() + ", pg_temp",
    };
    let sequences = match plan.backup.sequences {
        Sequences::Forward => "forward",
        Sequences::Exact => "exact",
    };
    let version = i32::try_from(snapshot.server_version).unwrap_or_default();
    let algorithm = Algorithm::of_server(snapshot.server_version).name();
    let schema = plan.backup.schema.sent();
    let (structure, catalog) = (fingerprint(snapshot), Json(snapshot));
    client
        .execute(
            WRITE,
            &[&name, &schema, &PROGRAM, &path, &sequences, &version, &algorithm, &structure, &catalog, &paths.others],
        )
        .await
        .map(drop)
}

async fn write_tables(
    client: &Client,
    plan: &str,
    covered: &BTreeSet<ObjectKey>,
    targets: &Registration<'_>,
) -> Result<(), Error> {
    const WRITE: &str = "INSERT INTO backstop.plan_tables (plan, schema_name, table_name, copied, live_digest, copy_digest_head, \
                         copy_digest_tail, search_path) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let Registration { snapshot, paths, .. } = *targets;
    let algorithm = Algorithm::of_server(snapshot.server_version);
    for key in covered {
        let Some(Definition::Table(table)) = snapshot.objects.get(key).map(|object| &object.definition) else { continue };
        let query = copied(&key.schema, &key.name, &table.columns);
        let live = statement(algorithm, &qualified(&key.schema, &key.name), &table.columns, RowSource::Live);
        let [head, tail] = around(algorithm, &table.columns, RowSource::Copy);
        client.execute(WRITE, &[&plan, &key.schema, &key.name, &query, &live, &head, &tail, &paths.of(key)]).await?;
    }
    Ok(())
}

async fn write_checks(client: &Client, plan: &str, phase: &str, checks: &[Check<Rendered>]) -> Result<(), Error> {
    const WRITE: &str = "INSERT INTO backstop.plan_checks (plan, phase, id, severity, hint, question, place) \
                         SELECT $1, $2, c.* FROM ROWS FROM (pg_catalog.unnest($3::pg_catalog.text[]), \
                         pg_catalog.unnest($4::pg_catalog.text[]), pg_catalog.unnest($5::pg_catalog.text[]), \
                         pg_catalog.unnest($6::pg_catalog.jsonb[])) WITH ORDINALITY AS c";
    let severity = |check: &Check<Rendered>| match check.severity {
        Severity::Fail => "fail",
        Severity::Warn => "warn",
        Severity::Info => "info",
    };
    let ids: Vec<&str> = checks.iter().map(|check| check.id.as_str()).collect();
    let severities: Vec<&str> = checks.iter().map(severity).collect();
    let hints: Vec<Option<&str>> = checks.iter().map(|check| check.hint.as_deref()).collect();
    let questions: Vec<Value> = checks.iter().map(stored).collect();
    client.execute(WRITE, &[&plan, &phase, &ids, &severities, &hints, &questions]).await.map(drop)
}
