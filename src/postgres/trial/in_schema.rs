//! A trial in schemas of the backup's own database, for roles that may make no databases: tables with columns, keys, checks and
//! rows. Nobody ever sees them: all of it happens in a transaction that is rolled back.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::{Client, Error};

use super::build::BackupSource;
use crate::{
    catalog::{
        Action, Column, Constraint, Definition, Object, ObjectKey, ObjectKind, Scope, Snapshot, Table, closure, compare,
        diff, script,
    },
    drive::{
        ExpressionPaths,
        manifest::{Manifest, TableCopy},
    },
    machine::{Failure, Trial, TrialForm},
    postgres::{
        backup::{self, OpenCopy},
        capture,
        digest::pin,
        error_class::failure,
        expressions::{digest_along, evaluate_under, pin_formats, reading_texts, set_path},
        restore::{SETTINGS, around_load, copy_gone, in_words, statement_failed},
    },
    sql::quote::ident,
};

/// How the names of the schemas begin.
const PREFIX: &str = "backstop_trial_";

const FAILED: &str = "backstop::trial::failed";

/// Tries the tables, each behind a savepoint; the caller rolls everything back.
///
/// # Errors
/// `backstop::trial::no_schema` where the role may make no schema either; `backstop::trial::differs` or what the server said
/// where a table could not be brought back and nothing beneath it was changed since.
pub async fn try_in_schema(from: BackupSource<'_>, why: &str) -> Result<Trial, Failure> {
    let BackupSource { client, manifest, .. } = from;
    let failed = |error: Error| failure(FAILED, &error);
    pin(client).await.map_err(failed)?;
    client.batch_execute(SETTINGS).await.map_err(failed)?;
    let now = capture::snapshot(client, std::slice::from_ref(&manifest.schema)).await.map_err(failed)?;
    let changed: BTreeSet<ObjectKey> = diff(&manifest.snapshot, &now).into_iter().map(|change| change.object).collect();
    let schemas = make_schemas(client, manifest).await?;
    let mut trial = Trial {
        form: TrialForm::Schema,
        tables: 0,
        rows: 0,
        objects: 0,
        respelled: Vec::new(),
        unproven: vec![
            format!("anything but tables with their columns, keys, checks and rows: {why}"),
            "defaults, sequences, foreign keys, indexes, triggers, policies, views, owners and privileges".to_owned(),
        ],
    };
    for table in &manifest.tables {
        if let Some(why) = stands_with_others(manifest, table) {
            trial.unproven.push(format!("{}: {why}", table.title()));
            continue;
        }
        let renamed = renamed(manifest, table, &schemas);
        client.batch_execute("SAVEPOINT backstop_trial").await.map_err(failed)?;
        match try_table(from, table, &renamed, &now).await {
            Ok(respelled) => {
                client.batch_execute("RELEASE SAVEPOINT backstop_trial").await.map_err(failed)?;
                trial.tables += 1;
                trial.rows += table.content.rows;
                trial.objects += renamed.objects.keys().filter(|key| key.kind != ObjectKind::Schema).count();
                trial.respelled.extend(respelled);
            }
            Err(refused) => {
                let back = "ROLLBACK TO SAVEPOINT backstop_trial; RELEASE SAVEPOINT backstop_trial";
                client.batch_execute(back).await.map_err(failed)?;
                let beneath = reach_down(&manifest.snapshot, table);
                let Some(other) = changed.iter().find(|key| beneath.contains(*key)) else { return Err(refused) };
                let what =
                    format!("{}: {other} is not what it was, and the trial needs it: {}", table.title(), refused.message);
                trial.unproven.push(what);
            }
        }
    }
    Ok(trial)
}

/// A partition that was made anew would have to stand in the live tree.
fn stands_with_others(manifest: &Manifest, table: &TableCopy) -> Option<&'static str> {
    match &manifest.snapshot.objects.get(&table.key())?.definition {
        Definition::Table(table) if table.lineage.is_known() => Some("it stands in a tree of partitions or heirs"),
        Definition::Table(table) if table.of_type.is_some() => Some("it is made of a type"),
        _ => None,
    }
}

/// One schema for each that has tables in the backup.
async fn make_schemas(client: &Client, manifest: &Manifest) -> Result<BTreeMap<String, String>, Failure> {
    let originals: BTreeSet<&String> = manifest.tables.iter().map(|table| &table.schema).collect();
    let mut schemas = BTreeMap::new();
    for (number, original) in originals.into_iter().enumerate() {
        let name = format!("{PREFIX}{}_{}", manifest.id, number + 1);
        let create = format!("CREATE SCHEMA {}", ident(&name));
        client.batch_execute(&create).await.map_err(|error| {
            let failure = failure("backstop::trial::no_schema", &error);
            let message =
                format!("the role may make neither a database nor a schema to try the restore in: {}", failure.message);
            Failure { message, ..failure }.hint("ALTER ROLE ... CREATEDB, or GRANT CREATE ON DATABASE ... to the role.")
        })?;
        schemas.insert(original.clone(), name);
    }
    Ok(schemas)
}

/// The table, its keys and checks, as they would stand in their schema of the trial.
fn renamed(manifest: &Manifest, table: &TableCopy, schemas: &BTreeMap<String, String>) -> Snapshot {
    let key = table.key();
    let schema = schemas.get(&table.schema).cloned().unwrap_or_default();
    let there = |key: &ObjectKey| ObjectKey { schema: schema.clone(), ..key.clone() };
    let of_it = |other: &ObjectKey| other.schema == key.schema && (other == &key || other.of.as_deref() == Some(&key.name));
    let mut objects = BTreeMap::new();
    for (part, object) in manifest.snapshot.objects.iter().filter(|(part, _)| of_it(part)) {
        let definition = match &object.definition {
            Definition::Table(table) => Definition::Table(Box::new(bare(table))),
            Definition::Constraint(Constraint { contype: 'p' | 'u' | 'c' | 'x', .. }) => unmarked(&object.definition),
            _ => continue,
        };
        let needs = object.depends_on.iter().filter(|need| need.kind != ObjectKind::Schema);
        let depends_on = needs.map(|need| if of_it(need) { there(need) } else { need.clone() }).collect();
        let (grants, labels, companions, extensions) = (Vec::new(), Vec::new(), Vec::new(), BTreeSet::new());
        objects.insert(
            there(part),
            Object {
                definition,
                owner: None,
                grants,
                comment: None,
                labels,
                companions,
                extensions,
                hangs_on: None,
                depends_on,
            },
        );
    }
    Snapshot {
        server_version: manifest.snapshot.server_version,
        edition: manifest.snapshot.edition,
        default_grantees: BTreeSet::new(),
        settings: manifest.snapshot.settings.clone(),
        objects,
    }
}

/// Without what would need other objects, and without what hangs on columns.
fn bare(table: &Table) -> Table {
    let mut table = table.clone();
    for column in &mut table.columns {
        column.default = None;
        column.default_needs.clear();
        column.identity = None;
        column.facts.grants.clear();
        column.facts.comment = None;
        if let Some(mark) = &mut column.not_null {
            mark.comment = None;
        }
    }
    table.system_columns.clear();
    if table.replica_identity == 'i' {
        table.replica_identity = 'd';
    }
    (table.row_security, table.force_row_security) = (false, false);
    table
}

/// Without the marks that belong to the table, and without the comment on the index.
fn unmarked(definition: &Definition) -> Definition {
    let mut definition = definition.clone();
    if let Definition::Constraint(Constraint { replica_identity, index, .. }) = &mut definition {
        *replica_identity = false;
        if let Some(index) = index {
            index.comment = None;
        }
    }
    definition
}

/// Makes one table, fills it, and compares. Returns what was respelled.
async fn try_table(
    from: BackupSource<'_>,
    table: &TableCopy,
    wanted: &Snapshot,
    now: &Snapshot,
) -> Result<Vec<String>, Failure> {
    let BackupSource { client, manifest, .. } = from;
    let failed = |error: Error| failure(FAILED, &error);
    let Some(place) = wanted.objects.keys().find(|key| key.kind == ObjectKind::Table) else {
        return Err(Failure::permanent(FAILED, format!("{} is not in the backup's catalog", table.title())));
    };
    let scope = Scope {
        covered: BTreeSet::from([place.clone()]),
        changed: wanted.objects.keys().cloned().collect(),
        reload: BTreeSet::new(),
    };
    let script = script(wanted, now, &scope).map_err(|problems| {
        let why: Vec<String> = problems.iter().map(|problem| problem.why.clone()).collect();
        Failure::permanent(
            "backstop::trial::unrestorable",
            format!("{} can't be made anew: {}", table.title(), why.join("; ")),
        )
        .hint("A restore works only as long as the table is left as it is.")
    })?;
    evaluate_under(client, &manifest.snapshot).await.map_err(failed)?;
    client.batch_execute(&set_path(manifest.paths.of(&table.key()))).await.map_err(failed)?;
    for action in &script.actions {
        match action {
            Action::Sql { sql, object } => {
                client.batch_execute(sql).await.map_err(|error| statement_failed(sql, object, &error))?;
            }
            Action::Load(_) => load(from, table, place).await?,
            Action::Position(_) => {}
        }
    }
    client.batch_execute(&set_path("")).await.map_err(failed)?;
    pin_formats(client).await.map_err(failed)?;
    let mut after = capture::snapshot(client, std::slice::from_ref(&manifest.schema)).await.map_err(failed)?;
    for (key, object) in &mut after.objects {
        if let Some(wanted) = wanted.objects.get(key) {
            // Whose they are is no part of this trial.
            (object.owner, object.grants, object.comment) = (wanted.owner.clone(), Vec::new(), None);
            object.labels.clear();
            object.companions.clear();
            object.extensions.clear();
        }
    }
    let after = Snapshot {
        objects: after
            .objects
            .into_iter()
            .filter(|(key, _)| key.schema == place.schema && key.kind != ObjectKind::Schema)
            .collect(),
        ..after
    };
    let comparison = compare(wanted, &after, &script);
    let mut differences: Vec<String> = comparison.differences.iter().map(in_words).collect();
    let columns: &[Column] = manifest.columns(table).unwrap_or_default();
    // The trial's table stands elsewhere, under the same path.
    let of = BTreeMap::from([(place.clone(), manifest.paths.of(&table.key()).to_owned())]);
    let paths = ExpressionPaths { of, ..manifest.paths.clone() };
    let content = digest_along(client, manifest.algorithm, &paths, place, columns).await?;
    if content != table.content {
        differences.push(format!(
            "{} holds {} rows with digest {}, the backup recorded {} rows with digest {}",
            table.title(),
            content.rows,
            content.digest,
            table.content.rows,
            table.content.digest
        ));
    }
    if differences.is_empty() {
        return Ok(comparison.respelled.iter().map(ToString::to_string).collect());
    }
    Err(Failure::permanent(
        "backstop::trial::differs",
        format!("what the backup restores is not what it recorded: {}", differences.join("; ")),
    )
    .hint("Don't rely on this backup: take another one, and find out what changed its copies or its manifest."))
}

/// The domains are the live ones.
async fn load(
    BackupSource { client, manifest, store }: BackupSource<'_>,
    table: &TableCopy,
    place: &ObjectKey,
) -> Result<(), Failure> {
    let columns = manifest.columns(table).unwrap_or_default();
    let opened = OpenCopy::open(store, client, manifest.copy_id(table), columns).await?;
    let opened = opened.ok_or_else(|| copy_gone(manifest, table))?;
    let around = around_load(client, place).await.map_err(|error| failure(FAILED, &error))?;
    let sql = around.whole(&reading_texts(&backup::load(place, columns, &opened.relation), &manifest.snapshot));
    client.batch_execute(&sql).await.map_err(|error| statement_failed(&sql, place, &error))?;
    opened.close(client).await
}

/// What the table needs and may have been changed since.
fn reach_down(then: &Snapshot, table: &TableCopy) -> BTreeSet<ObjectKey> {
    let mut found = closure(then, &BTreeSet::from([table.key()]));
    found.remove(&table.key());
    found.retain(|key| matches!(key.kind, ObjectKind::Type | ObjectKind::Function | ObjectKind::Other));
    found
}
