//! A backup, from nothing to a complete manifest.

use std::{collections::BTreeSet, sync::Arc};

use tokio_postgres::{Client, Error};

use super::{
    clear::{clear_partial, discarded},
    copy_name::copy_names,
    copy_table::{Assignment, Destination},
    in_database::{copy_failure, not_prepared},
    read::Store,
    sequence::{readable_positions, sequences},
    target::{examine, largest_first},
    view::view_contents,
    workers::copy_all,
};
use crate::{
    catalog::{Definition, ObjectKey, Snapshot, fingerprint},
    drive::{
        ExpressionPaths,
        backups::NewBackup,
        manifest::{Algorithm, Manifest},
    },
    machine::Failure,
    postgres::{
        capture::{self, Memory},
        digest::{pin, remember, unpin},
        error_class::failure,
        expressions::{self, ExamineRequest},
        interrupt::Guard,
        table_lock::{Mode, Patience, lock_tables},
        transaction::roll_back,
    },
};

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Where it is kept.
    pub store: &'a Store,
    /// The schema of copies in the same database; made where it is missing.
    pub schema: &'a str,
    /// The plan that the backup is for.
    pub plan: &'a str,
    /// The run that takes it; none where a person does.
    pub run: Option<&'a str>,
    /// The tables, as schema and name; one that is named twice is copied once.
    pub tables: &'a [(String, String)],
    /// How long locks are waited for.
    pub patience: Patience,
    /// The schemas of the plan's own path: expressions of the tables may need it.
    pub search_path: &'a [String],
    /// What the session that locks, looks and writes the manifest keeps from one catalog snapshot to the next; none where it is the only
    /// one.
    pub memory: Option<&'a Memory>,
    /// Whether a backup is taken although rows break what a restore would ask of them.
    pub broken_rows: BrokenRows,
}

/// What becomes of a backup of rows that could not be brought back, because what counts as true of them is not any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokenRows {
    /// It fails.
    Refuse,
    /// It is taken all the same: a ROLLBACK is the way back.
    Accept,
}

/// Who does the work.
#[derive(Clone, Copy)]
pub enum Sessions<'a> {
    /// The coordinator holds the snapshot, workers import it and copy side by side. All are outside of transactions. Without
    /// workers the coordinator copies.
    Shared {
        /// Locks, looks and writes the manifest.
        coordinator: &'a Client,
        /// Copy.
        workers: &'a [&'a Client],
    },
    /// One session does everything within its open transaction, which may then go on with other things. Nobody else writes
    /// to the tables until it ends.
    Single(&'a Client),
}

/// Copies all tables at one moment and proves the copies. What is left of earlier, unfinished backups is cleared away first,
/// so the caller holds the run lock. The backup is complete only after [`Backups::complete`](crate::drive::backups::Backups::complete).
///
/// # Errors
/// `backstop::backup::…` with what stands in the way or went wrong, `backstop::table_lock::busy` where a table is locked.
/// Outside a transaction nothing of the backup is left then; a lost connection leaves a partial manifest for the next run.
pub async fn take(request: &Request<'_>, sessions: Sessions<'_>, guard: &Guard) -> Result<Manifest, Failure> {
    let each_once: BTreeSet<(String, String)> = request.tables.iter().cloned().collect();
    let tables: Vec<(String, String)> = each_once.into_iter().collect();
    let request = &Request { tables: &tables, ..request.clone() };
    match sessions {
        Sessions::Shared { coordinator, workers } => take_shared(request, coordinator, workers, guard).await,
        Sessions::Single(client) => guard.over(take_single(request, client)).await,
    }
}

async fn take_shared(
    request: &Request<'_>,
    coordinator: &Client,
    workers: &[&Client],
    guard: &Guard,
) -> Result<Manifest, Failure> {
    clear_partial(request.store, coordinator).await?;
    examine(coordinator, request.tables).await?;
    let begun = begin(request, coordinator).await?;
    let all: Vec<&Client> = std::iter::once(coordinator).chain(workers.iter().copied()).collect();
    // What comes after it is short, and is to be done whatever stops the copies.
    let copied = guard.over(async {
        share_snapshot(request, coordinator, workers).await?;
        let moment = moment(coordinator).await?;
        let copiers = if workers.is_empty() { all.as_slice() } else { workers };
        let manifest = copy(request, &begun, coordinator, copiers).await?;
        for client in &all {
            client.batch_execute("COMMIT").await.map_err(|e| copy_failure("the copies could not be committed", &e))?;
        }
        Ok(Manifest { moment: Some(moment), ..manifest })
    });
    let copied = copied.await;
    match copied {
        Ok(manifest) => Ok(manifest),
        Err(failure) => {
            for client in all {
                roll_back(client).await;
            }
            Err(discarded(request.store, coordinator, &begun.id, failure).await)
        }
    }
}

async fn take_single(request: &Request<'_>, client: &Client) -> Result<Manifest, Failure> {
    let failed = |error: Error| not_prepared(&error);
    clear_partial(request.store, client).await?;
    examine(client, request.tables).await?;
    lock_tables(client, request.tables, Mode::ShareRowExclusive, request.patience).await?;
    let begun = begin(request, client).await?;
    let before = remember(client).await.map_err(failed)?;
    pin(client).await.map_err(failed)?;
    let manifest = copy(request, &begun, client, &[client]).await?;
    unpin(client, &before).await.map_err(failed)?;
    Ok(manifest)
}

/// A backup that the store has begun.
struct Begun {
    id: String,
    algorithm: Algorithm,
}

async fn begin(request: &Request<'_>, client: &Client) -> Result<Begun, Failure> {
    let failed = |error: Error| not_prepared(&error);
    let version = client.query_one("SELECT pg_catalog.current_setting('server_version_num')::integer", &[]).await;
    let version: i32 = version.and_then(|row| row.try_get(0)).map_err(failed)?;
    let server_version = u32::try_from(version).unwrap_or_default();
    let algorithm = Algorithm::of_server(server_version);
    let Request { schema, plan, run, .. } = *request;
    let id = request.store.begin(client, &NewBackup { schema, plan, run, server_version, algorithm }).await?;
    Ok(Begun { id, algorithm })
}

/// Opens every session's transaction on one snapshot. All lock the tables before it is taken: a snapshot stops no TRUNCATE,
/// ALTER or DROP, and a worker that locked later could have to wait behind somebody who waits for the coordinator.
async fn share_snapshot(request: &Request<'_>, coordinator: &Client, workers: &[&Client]) -> Result<(), Failure> {
    let failed = |error: Error| failure("backstop::backup::no_snapshot", &error);
    for client in std::iter::once(&coordinator).chain(workers) {
        client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ WRITE").await.map_err(failed)?;
        pin(client).await.map_err(failed)?;
        lock_tables(client, request.tables, Mode::AccessShare, request.patience).await?;
    }
    let row = coordinator.query_one("SELECT pg_catalog.pg_export_snapshot()", &[]).await.map_err(failed)?;
    let snapshot: String = row.try_get(0).map_err(failed)?;
    let import = format!("SET TRANSACTION SNAPSHOT {}", crate::sql::quote::literal(&snapshot));
    for client in workers {
        client.batch_execute(&import).await.map_err(failed)?;
    }
    Ok(())
}

/// Which transactions the snapshot sees.
async fn moment(coordinator: &Client) -> Result<String, Failure> {
    let row = coordinator.query_one("SELECT pg_catalog.pg_current_snapshot()::pg_catalog.text", &[]).await;
    row.and_then(|row| row.try_get(0)).map_err(|error: Error| failure("backstop::backup::no_snapshot", &error))
}

/// Everything between the snapshot and the commit.
async fn copy(
    request: &Request<'_>,
    Begun { id, algorithm }: &Begun,
    coordinator: &Client,
    copiers: &[&Client],
) -> Result<Manifest, Failure> {
    let failed = |error: Error| failure("backstop::backup::copy_failed", &error);
    let left_out = [request.schema.to_owned()];
    let snapshot = match request.memory {
        Some(memory) => capture::snapshot_again(coordinator, &left_out, memory).await.map(Arc::unwrap_or_clone),
        None => capture::snapshot(coordinator, &left_out).await,
    };
    let snapshot = snapshot.map_err(failed)?;
    let positions = readable_positions(coordinator, &sequences(&snapshot)).await.map_err(failed)?;
    let paths = evaluation_paths(request, coordinator, &snapshot).await?;
    let views = view_contents(coordinator, *algorithm, &snapshot, request.tables, &paths).await?;
    let tables = largest_first(coordinator, request.tables).await.map_err(failed)?;
    let assignments = assign(id, tables, &snapshot, &paths)?;
    let to = Destination { store: request.store, backup: id, schema: request.schema, algorithm: *algorithm };
    let mut tables = copy_all(to, assignments, coordinator, copiers).await?;
    tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    Ok(Manifest {
        id: id.clone(),
        schema: request.schema.to_owned(),
        plan: request.plan.to_owned(),
        run: request.run.map(str::to_owned),
        moment: None,
        algorithm: *algorithm,
        fingerprint: fingerprint(&snapshot),
        snapshot,
        tables,
        positions,
        views,
        paths,
    })
}

/// Under which paths what hangs on the tables can be evaluated over their rows, and whether all of these could come back.
async fn evaluation_paths(request: &Request<'_>, client: &Client, snapshot: &Snapshot) -> Result<ExpressionPaths, Failure> {
    let wanted = ExamineRequest { snapshot, tables: request.tables, search_path: request.search_path, is_bounded: false };
    let looked = expressions::look(client, &wanted).await;
    let looked = looked.map_err(|error| failure("backstop::expressions::not_looked", &error))?;
    let mut failures = looked.failures.into_iter().filter(|_| request.broken_rows == BrokenRows::Refuse);
    let Some(mut first) = failures.next() else { return Ok(looked.paths) };
    let others: Vec<String> = failures.map(|other| other.message).collect();
    first.detail = Some(first.detail.into_iter().chain(others).collect::<Vec<_>>().join("\n"));
    Err(first)
}

/// In the order of the tables.
fn assign(
    id: &str,
    tables: Vec<(String, String)>,
    snapshot: &Snapshot,
    paths: &ExpressionPaths,
) -> Result<Vec<Assignment>, Failure> {
    let copies = copy_names(id, &tables);
    let assignment = |((schema, name), copy): ((String, String), String)| {
        let object = snapshot.objects.get(&ObjectKey::table(&schema, &name));
        match object.map(|object| &object.definition) {
            Some(Definition::Table(table)) => {
                let path = paths.of(&ObjectKey::table(&schema, &name)).to_owned();
                Ok(Assignment { schema, name, columns: table.columns.clone(), copy, path })
            }
            _ => Err(Failure::permanent(
                "backstop::backup::not_a_table",
                format!(
                    "{schema}.{name} is not in the catalog snapshot: it belongs to the system, an extension or backstop"
                ),
            )
            .hint("Take it out of the backup's targets.")),
        }
    };
    tables.into_iter().zip(copies).map(assignment).collect()
}
