//! What a restore would do, without doing it.

use std::collections::BTreeSet;

use tokio_postgres::Client;

use super::{
    fit::{Misfit, misfits},
    kept_rows::KeptTable,
    position::{SequenceTargets, setval},
    request::{RestoreRequest, snapshot},
    run::{PlannedRestore, SETTINGS, find_way},
    script_runner::{copy_of, row_counts},
};
use crate::{
    catalog::{Action, Change, ObjectKey, Snapshot, diff},
    drive::manifest::Manifest,
    machine::Failure,
    postgres::{
        backup::{OpenCopies, load},
        difference::{TableDelta, table_deltas},
        digest::pin,
        error_class::failure,
        expressions::{evaluation_settings, set_path},
        transaction,
    },
    sql::quote::{literal, qualified},
};

/// The codes of what stands in the way of a restore, and not of looking.
const BLOCKS: [&str; 2] = ["backstop::restore::unrestorable", "backstop::restore::role_missing"];

const NOT_LOOKED: &str = "backstop::restore::not_previewed";

/// What an action of a script comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewStatement {
    /// Complete and quoted.
    pub sql: String,
    /// What it is about.
    pub object: ObjectKey,
}

/// What a restore would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// What it would change in the structure.
    pub structure: Vec<Change>,
    /// What became since the backup of the rows that it would bring back: what was added would be lost, and so on.
    pub tables: Vec<TableDelta>,
    /// Tables that it would drop because they were made since, with their rows.
    pub dropped: Vec<(String, u64)>,
    /// The settings that the statements are to be run under, in one transaction.
    pub settings: Vec<String>,
    /// Its statements, in order, without settings and locks.
    pub statements: Vec<PreviewStatement>,
    /// What stands in its way.
    pub blocked: Option<Failure>,
    /// Foreign keys that rows would break which it leaves alone.
    pub misfits: Vec<Misfit>,
}

impl Preview {
    /// Whether it would change neither structure nor rows. Positions of sequences may still move.
    pub fn is_nothing(&self) -> bool {
        self.structure.is_empty() && self.tables.iter().all(TableDelta::is_nothing) && self.dropped.is_empty()
    }
}

fn settings(then: &Snapshot) -> Vec<String> {
    let set = |(name, value): (&str, &str)| format!("SET LOCAL {name} = {}", literal(value));
    let all = evaluation_settings(then).into_iter().map(set);
    all.chain(SETTINGS.split("; ").map(|setting| setting.trim().to_owned())).collect()
}

/// Looks what a restore would do at this moment, in a read-only transaction of its own. Nobody is locked out meanwhile, and
/// what is written after it is not known to it.
///
/// # Errors
/// `backstop::restore::not_previewed` with what the server said, or what comparing needs and can't have.
pub async fn preview(client: &Client, request: &RestoreRequest<'_>) -> Result<Preview, Failure> {
    let failed = |error| failure(NOT_LOOKED, &error);
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await.map_err(failed)?;
    let done = look(client, request).await;
    transaction::end(client, done, NOT_LOOKED).await
}

async fn look(client: &Client, request: &RestoreRequest<'_>) -> Result<Preview, Failure> {
    let failed = |error| failure(NOT_LOOKED, &error);
    pin(client).await.map_err(failed)?;
    let manifest = request.manifest;
    let copies = OpenCopies::open(request.store, client, manifest).await?;
    let covered: BTreeSet<ObjectKey> = manifest.tables.iter().map(|table| table.key()).collect();
    match find_way(client, request).await {
        Ok(PlannedRestore { manifest, now, script, kept, .. }) => {
            let manifest = &manifest;
            let targets = SequenceTargets::find(client, manifest, &now, &script, request.sequences).await.map_err(failed)?;
            let structure = back(&manifest.snapshot, &now, |key| script.in_scope.contains(key));
            let keeping =
                kept.iter().map(|(table, rows)| PreviewStatement { sql: rows.keeping(table), object: table.clone() });
            let mut statements: Vec<PreviewStatement> = keeping.collect();
            let mut path = "";
            for action in &script.actions {
                let from_kept = |(table, rows): (&ObjectKey, &KeptTable)| PreviewStatement {
                    sql: load(table, &rows.columns, &rows.relation),
                    object: table.clone(),
                };
                let statement = match kept.filled_by(action) {
                    Some(kept) => Some(from_kept(kept)),
                    None => statement(action, manifest, &copies, &targets)?,
                };
                let Some(statement) = statement else { continue };
                let wanted = manifest.paths.of_object(&statement.object, &manifest.snapshot);
                if wanted != path {
                    statements.push(PreviewStatement { sql: set_path(wanted), object: statement.object.clone() });
                    path = wanted;
                }
                statements.push(statement);
            }
            Ok(Preview {
                structure,
                tables: table_deltas(client, manifest, &copies, &now, &covered).await?,
                dropped: row_counts(client, &script.dropped_tables).await.map_err(failed)?,
                settings: settings(&manifest.snapshot),
                statements,
                blocked: None,
                misfits: misfits(client, manifest, &copies, &now).await.map_err(failed)?,
            })
        }
        Err(blocked) if BLOCKS.contains(&blocked.code.as_str()) => {
            let now = snapshot(client, request).await?;
            Ok(Preview {
                structure: back(&manifest.snapshot, &now, |key| belongs_to(key, &covered)),
                tables: table_deltas(client, manifest, &copies, &now, &covered).await?,
                dropped: Vec::new(),
                settings: settings(&manifest.snapshot),
                statements: Vec::new(),
                blocked: Some(blocked),
                misfits: Vec::new(),
            })
        }
        Err(failure) => Err(failure),
    }
}

/// The statement that an action comes to; none for a sequence of whose position nothing is known.
///
/// # Errors
/// `backstop::restore::copy_missing`, naming the table.
fn statement(
    action: &Action,
    manifest: &Manifest,
    copies: &OpenCopies,
    targets: &SequenceTargets,
) -> Result<Option<PreviewStatement>, Failure> {
    let (sql, object) = match action {
        Action::Sql { sql, object } => (Some(sql.clone()), object),
        Action::Load(table) => {
            let (copy, columns) = copy_of(manifest, table)?;
            // That a copy is gone is found out by whoever needs its rows.
            let there = copies.of(table).map(str::to_owned);
            let relation = there.unwrap_or_else(|| qualified(&manifest.schema, &copy.copy));
            (Some(load(table, columns, &relation)), table)
        }
        Action::Position(sequence) => (targets.of(sequence).map(|position| setval(sequence, position)), sequence),
    };
    Ok(sql.map(|sql| PreviewStatement { sql, object: object.clone() }))
}

/// What the way back changes: the differences seen from now.
fn back(then: &Snapshot, now: &Snapshot, counts: impl Fn(&ObjectKey) -> bool) -> Vec<Change> {
    diff(now, then).into_iter().filter(|change| counts(&change.object)).collect()
}

fn belongs_to(key: &ObjectKey, tables: &BTreeSet<ObjectKey>) -> bool {
    tables.contains(key) || key.of.as_ref().is_some_and(|of| tables.contains(&ObjectKey::table(&key.schema, of)))
}
