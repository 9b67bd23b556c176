//! A backup, from nothing to a complete manifest.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error, types::Json};

use super::{
    clear::{clear_partial, discarded},
    copy_name::copy_names,
    copy_table::Assignment,
    load::load,
    manifest::{Manifest, TableCopy},
    sequence::{readable_positions, sequences},
    statements::{Keeper, record_statements},
    storage::{copy_failure, ensure_schema},
    target::{examine, largest_first},
    view::{ViewContent, record_views, view_contents},
    way::way,
    workers::copy_all,
};
use crate::{
    catalog::{Action, Definition, ObjectKey, Snapshot, fingerprint},
    machine::{BackupCompleted, CopiedTable, Failure},
    postgres::{
        capture::{self, Positions},
        digest::{Algorithm, pin, remember, unpin},
        error_class::failure,
        expressions::{self, Paths, Wanted},
        interrupt::Guard,
        table_lock::{Mode, Patience, lock_tables},
        transaction::roll_back,
    },
    sql::quote::qualified,
};

/// Most seconds that an id is moved on where others were taken in the same ones.
const ID_ATTEMPTS: u32 = 60;

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The schema of the copies; made where it is missing.
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

/// All copies made and verified; the manifest is still partial.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The backup's id.
    pub id: String,
    /// The schema of the copies.
    pub schema: String,
    /// How rows were digested.
    pub algorithm: Algorithm,
    /// The copies, by schema and name.
    pub tables: Vec<TableCopy>,
    /// The structure of the database.
    pub snapshot: Snapshot,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Where sequences stood.
    pub positions: Positions,
    /// What the materialized views over the tables held.
    pub views: Vec<ViewContent>,
    /// Under which paths what hangs on tables and views can be evaluated.
    pub paths: Paths,
}

/// What a complete backup lacks that does not make it worthless, for people.
pub type Shortcoming = Option<Failure>;

impl Taken {
    /// What the journal is told of it.
    pub fn event(&self) -> BackupCompleted {
        let table = |table: &TableCopy| CopiedTable {
            table: table.title(),
            copy: table.copy.clone(),
            rows: table.content.rows,
            bytes: table.bytes,
            digest: table.content.digest.clone(),
        };
        BackupCompleted {
            backup: self.id.clone(),
            tables: self.tables.iter().map(table).collect(),
            catalog: self.fingerprint.clone(),
            trial: None,
            unchanged: Vec::new(),
        }
    }

    /// The manifest that it will have once it is complete.
    pub fn manifest(&self, request: &Request<'_>) -> Manifest {
        Manifest {
            id: self.id.clone(),
            schema: request.schema.to_owned(),
            plan: request.plan.to_owned(),
            run: request.run.map(str::to_owned),
            algorithm: Algorithm::of_server(self.snapshot.server_version),
            snapshot: self.snapshot.clone(),
            fingerprint: self.fingerprint.clone(),
            tables: self.tables.clone(),
            positions: self.positions.clone(),
            views: self.views.clone(),
            paths: self.paths.clone(),
            moment: None,
        }
    }
}

/// Copies all tables at one moment and proves the copies. What is left of earlier, unfinished backups is cleared away first,
/// so the caller holds the run lock. The backup is complete only after [`complete_in`].
///
/// # Errors
/// `backstop::backup::…` with what stands in the way or went wrong, `backstop::table_lock::busy` where a table is locked.
/// Outside a transaction nothing of the backup is left then; a lost connection leaves a partial manifest for the next run.
pub async fn take(request: &Request<'_>, sessions: Sessions<'_>, guard: &Guard) -> Result<Taken, Failure> {
    let each_once: BTreeSet<(String, String)> = request.tables.iter().cloned().collect();
    let tables: Vec<(String, String)> = each_once.into_iter().collect();
    let request = &Request { tables: &tables, ..request.clone() };
    match sessions {
        Sessions::Shared { coordinator, workers } => take_shared(request, coordinator, workers, guard).await,
        Sessions::Single(client) => guard.over(take_single(request, client)).await,
    }
}

/// Turns the manifest complete in the open transaction, with the way back as statements; the caller stores the event in it,
/// too.
///
/// # Errors
/// `backstop::backup::not_completed` with what the server said, or where the partial manifest is gone.
pub async fn complete_in(client: &Client, taken: &Taken) -> Result<Shortcoming, Failure> {
    const COMPLETE: &str = "UPDATE backstop.backups SET status = 'complete', completed_at = pg_catalog.clock_timestamp(), \
                            fingerprint = $2, catalog = $3, search_paths = $4 WHERE id = $1 AND status = 'partial'";
    const NOT_COMPLETED: &str = "backstop::backup::not_completed";
    let beyond_psql = record_way(client, taken).await.map_err(|error| failure(NOT_COMPLETED, &error))?;
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&taken.id, &taken.fingerprint, &Json(&taken.snapshot), &taken.paths.others];
    match client.execute(COMPLETE, &parameters).await {
        Ok(1) => Ok(beyond_psql),
        Ok(_) => Err(Failure::permanent(NOT_COMPLETED, format!("the manifest of backup {} is gone", taken.id))),
        Err(error) => Err(failure(NOT_COMPLETED, &error)),
    }
}

async fn record_way(client: &Client, taken: &Taken) -> Result<Shortcoming, Error> {
    let covered: BTreeSet<ObjectKey> = taken.tables.iter().map(TableCopy::key).collect();
    let load_one = |key: &ObjectKey| {
        let copy = taken.tables.iter().find(|table| table.key() == *key)?;
        let Definition::Table(table) = &taken.snapshot.objects.get(key)?.definition else { return None };
        Some(load(key, &table.columns, &qualified(&taken.schema, &copy.copy)))
    };
    let way = way(&taken.snapshot, &covered);
    let path_of = |key: &ObjectKey| taken.paths.of_object(key, &taken.snapshot).to_owned();
    record_statements(client, Keeper::Backup(&taken.id), &way, load_one, path_of).await?;
    let is_loaded = |key: &&ObjectKey| way.iter().any(|action| matches!(action, Action::Load(table) if table == *key));
    let left_out: Vec<String> = covered.iter().filter(|key| !is_loaded(key)).map(ToString::to_string).collect();
    Ok((!left_out.is_empty()).then(|| beyond_psql(&taken.id, &left_out)))
}

fn beyond_psql(backup: &str, left_out: &[String]) -> Failure {
    let message = format!("psql alone can't bring these back from backup {backup}: {}", left_out.join(", "));
    Failure::permanent("backstop::backup::no_statements", message)
        .hint(format!("The backup is whole: `backstop restore --backup {backup}` brings them back."))
}

async fn take_shared(
    request: &Request<'_>,
    coordinator: &Client,
    workers: &[&Client],
    guard: &Guard,
) -> Result<Taken, Failure> {
    clear_partial(coordinator).await?;
    examine(coordinator, request.tables).await?;
    ensure_schema(coordinator, request.schema).await?;
    let (id, algorithm) = reserve(coordinator, request).await?;
    let all: Vec<&Client> = std::iter::once(coordinator).chain(workers.iter().copied()).collect();
    // What comes after it is short, and is to be done whatever stops the copies.
    let copied = guard.over(async {
        share_snapshot(request, coordinator, workers).await?;
        record_moment(coordinator, &id).await?;
        let copiers = if workers.is_empty() { all.as_slice() } else { workers };
        let taken = copy(request, &id, algorithm, coordinator, copiers).await?;
        for client in &all {
            client.batch_execute("COMMIT").await.map_err(|e| copy_failure("the copies could not be committed", &e))?;
        }
        Ok(taken)
    });
    let copied = copied.await;
    match copied {
        Ok(taken) => Ok(taken),
        Err(failure) => {
            for client in all {
                roll_back(client).await;
            }
            Err(discarded(coordinator, &id, failure).await)
        }
    }
}

async fn take_single(request: &Request<'_>, client: &Client) -> Result<Taken, Failure> {
    let failed = |error: Error| failure("backstop::backup::not_prepared", &error);
    clear_partial(client).await?;
    examine(client, request.tables).await?;
    ensure_schema(client, request.schema).await?;
    lock_tables(client, request.tables, Mode::ShareRowExclusive, request.patience).await?;
    let (id, algorithm) = reserve(client, request).await?;
    let before = remember(client).await.map_err(failed)?;
    pin(client).await.map_err(failed)?;
    let taken = copy(request, &id, algorithm, client, &[client]).await?;
    unpin(client, &before).await.map_err(failed)?;
    Ok(taken)
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

/// Writes down which transactions the snapshot sees.
async fn record_moment(coordinator: &Client, id: &str) -> Result<(), Failure> {
    const RECORD: &str = "UPDATE backstop.backups SET moment = pg_catalog.pg_current_snapshot() WHERE id = $1";
    let recorded = coordinator.execute(RECORD, &[&id]).await;
    recorded.map(drop).map_err(|error: Error| failure("backstop::backup::no_snapshot", &error))
}

/// Everything between the snapshot and the commit.
async fn copy(
    request: &Request<'_>,
    id: &str,
    algorithm: Algorithm,
    coordinator: &Client,
    copiers: &[&Client],
) -> Result<Taken, Failure> {
    let failed = |error: Error| failure("backstop::backup::copy_failed", &error);
    let snapshot = capture::snapshot(coordinator, &[request.schema.to_owned()]).await.map_err(failed)?;
    let positions = readable_positions(coordinator, &sequences(&snapshot)).await.map_err(failed)?;
    record_positions(coordinator, id, &positions).await.map_err(failed)?;
    let paths = evaluation_paths(request, coordinator, &snapshot).await?;
    let views = view_contents(coordinator, algorithm, &snapshot, request.tables, &paths).await?;
    record_views(coordinator, id, &views).await.map_err(failed)?;
    let tables = largest_first(coordinator, request.tables).await.map_err(failed)?;
    let assignments = assign(id, tables, &snapshot, &paths)?;
    let mut tables = copy_all((id, request.schema), algorithm, assignments, coordinator, copiers).await?;
    tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    let (id, schema, fingerprint) = (id.to_owned(), request.schema.to_owned(), fingerprint(&snapshot));
    Ok(Taken { id, schema, algorithm, tables, fingerprint, snapshot, positions, views, paths })
}

/// Under which paths what hangs on the tables can be evaluated over their rows, and whether all of these could come back.
async fn evaluation_paths(request: &Request<'_>, client: &Client, snapshot: &Snapshot) -> Result<Paths, Failure> {
    let wanted = Wanted { snapshot, tables: request.tables, search_path: request.search_path, is_bounded: false };
    let looked = expressions::look(client, &wanted).await;
    let looked = looked.map_err(|error| failure("backstop::expressions::not_looked", &error))?;
    let mut failures = looked.failures.into_iter().filter(|_| request.broken_rows == BrokenRows::Refuse);
    let Some(mut first) = failures.next() else { return Ok(looked.paths) };
    let others: Vec<String> = failures.map(|other| other.message).collect();
    first.detail = Some(first.detail.into_iter().chain(others).collect::<Vec<_>>().join("\n"));
    Err(first)
}

/// In the order of the tables.
fn assign(id: &str, tables: Vec<(String, String)>, snapshot: &Snapshot, paths: &Paths) -> Result<Vec<Assignment>, Failure> {
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

/// Writes the partial manifest under an id that no other backup has.
async fn reserve(client: &Client, request: &Request<'_>) -> Result<(String, Algorithm), Failure> {
    const RESERVE: &str = include_str!("reserve.sql");
    let failed = |error: Error| failure("backstop::backup::not_prepared", &error);
    let version = client.query_one("SELECT pg_catalog.current_setting('server_version_num')::integer", &[]).await;
    let version: i32 = version.and_then(|row| row.try_get(0)).map_err(failed)?;
    let algorithm = Algorithm::of_server(u32::try_from(version).unwrap_or_default());
    for later in 0..ID_ATTEMPTS {
        let later = f64::from(later);
        let row = client
            .query_opt(RESERVE, &[&later, &request.schema, &request.plan, &request.run, &version, &algorithm.name()])
            .await
            .map_err(failed)?;
        if let Some(row) = row {
            return Ok((row.try_get(0).map_err(failed)?, algorithm));
        }
    }
    Err(Failure::permanent("backstop::backup::not_prepared", "no id is free for the backup")
        .hint("Wait a minute; another program takes backups all the time."))
}

async fn record_positions(client: &Client, id: &str, positions: &Positions) -> Result<(), Error> {
    const RECORD: &str = "INSERT INTO backstop.backup_sequences (backup, schema_name, sequence_name, last_value, is_called) \
                          SELECT $1, s.* FROM ROWS FROM (pg_catalog.unnest($2::pg_catalog.text[]), \
                          pg_catalog.unnest($3::pg_catalog.text[]), pg_catalog.unnest($4::pg_catalog.int8[]), \
                          pg_catalog.unnest($5::pg_catalog.bool[])) AS s";
    let (schemas, names): (Vec<&str>, Vec<&str>) =
        positions.keys().map(|key| (key.schema.as_str(), key.name.as_str())).unzip();
    let (values, called): (Vec<i64>, Vec<bool>) =
        positions.values().map(|position| (position.last_value, position.is_called)).unzip();
    client.execute(RECORD, &[&id, &schemas, &names, &values, &called]).await.map(drop)
}
