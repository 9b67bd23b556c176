//! The locks that a restore needs, before it holds anything.
//!
//! A reader of a view locks the view first and then what it reads. A restore that held a table and then wanted to drop a view on it
//! would meet that reader in a deadlock, each time anew where the application is busy. So it finds out first what it may have to
//! touch, and locks the views before the tables.

use std::collections::BTreeSet;

use tokio_postgres::{Client, error::SqlState};

use super::{
    kept_rows::script_keeping,
    request::{RestoreRequest, RestoreScope, snapshot_before},
    scope::scope,
};
use crate::{
    catalog::{Action, ObjectKey, ObjectKind, Script, Snapshot, WithOthers, with_others},
    machine::Failure,
    postgres::{
        error_class::failure,
        table_lock::{Lockable, Mode, lock},
    },
};

/// Locks everything that is there of the covered tables, of those that the run made or changed, and of what else the way back
/// might touch.
///
/// # Errors
/// `backstop::table_lock::busy`, transient, with the sessions that are in the way; what the server said.
pub async fn lock_all(client: &Client, request: &RestoreRequest<'_>) -> Result<(), Failure> {
    for _ in 1..LOOKS_MAX {
        match lock_found(client, request).await {
            Err(failure) if is_of_what_is_gone(&failure) => {}
            done => return done,
        }
    }
    lock_found(client, request).await
}

/// How often it is looked again for what is to be locked: tables of others may come and go.
const LOOKS_MAX: u32 = 10;

fn is_of_what_is_gone(failure: &Failure) -> bool {
    let gone = [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME];
    gone.iter().any(|state| failure.sqlstate.as_deref() == Some(state.code()))
}

async fn lock_found(client: &Client, request: &RestoreRequest<'_>) -> Result<(), Failure> {
    let (now, _) = snapshot_before(client, request).await?;
    let mut tables: BTreeSet<ObjectKey> = request.manifest.tables.iter().map(|table| table.key()).collect();
    if let RestoreScope::ByRun(changed) = request.changed {
        tables.extend(changed.iter().filter(|key| key.kind == ObjectKind::Table).cloned());
    }
    tables.retain(|table| now.objects.contains_key(table));
    // As if all rows had to be brought back. What stands in the way of that is said where the way is found.
    let scope = scope(request, &now, tables.clone());
    let WithOthers { then, remade, .. } =
        with_others(&request.manifest.snapshot, &now, &scope, request.others, request.place());
    let (longest, _) = script_keeping(&then, &now, &scope, &remade).unwrap_or_default();
    let beside = of_our_roles(client, touched(&longest, &now)).await?;
    let (views, further): (Vec<ObjectKey>, Vec<ObjectKey>) =
        beside.into_iter().partition(|key| key.kind != ObjectKind::Table);
    tables.extend(further);
    let views = views.iter().filter_map(|key| {
        let owner = now.objects.get(key)?.owner.as_deref()?;
        Some(Lockable::view(&key.schema, &key.name, owner))
    });
    let tables = tables.iter().map(|key| Lockable::table(&key.schema, &key.name));
    lock(client, views.chain(tables).collect(), Mode::AccessExclusive, request.patience).await
}

/// The tables and views that are there and that the script touches, in the order in which it does: what needs others comes before
/// those, for it is dropped before them.
fn touched(script: &Script, now: &Snapshot) -> Vec<ObjectKey> {
    let objects = script.actions.iter().filter_map(|action| match action {
        Action::Sql { object, .. } | Action::Load(object) => Some(object),
        Action::Position(_) => None,
    });
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for object in objects {
        let name = object.of.as_ref().unwrap_or(&object.name);
        let relation = [ObjectKind::Table, ObjectKind::View, ObjectKind::MaterializedView]
            .map(|kind| ObjectKey::new(kind, &object.schema, name))
            .into_iter()
            .find(|key| (object.of.is_some() || key.kind == object.kind) && now.objects.contains_key(key));
        found.extend(relation.filter(|key| seen.insert(key.clone())));
    }
    found
}

/// Those of the relations that we may lock: the longest way may touch some that the way itself does not.
async fn of_our_roles(client: &Client, relations: Vec<ObjectKey>) -> Result<Vec<ObjectKey>, Failure> {
    let (schemas, names): (Vec<&str>, Vec<&str>) =
        relations.iter().map(|key| (key.schema.as_str(), key.name.as_str())).unzip();
    let rows = client.query(include_str!("of_our_roles.sql"), &[&schemas, &names]).await;
    let rows = rows.map_err(|error| failure("backstop::restore::failed", &error))?;
    let mut ours = BTreeSet::new();
    for row in &rows {
        let read = row.try_get(0).and_then(|schema: String| Ok((schema, row.try_get::<_, String>(1)?)));
        ours.insert(read.map_err(|error| failure("backstop::restore::failed", &error))?);
    }
    Ok(relations.into_iter().filter(|key| ours.contains(&(key.schema.clone(), key.name.clone()))).collect())
}
