//! Triggers behind foreign keys and deferrable keys that are not in their usual state, which only a superuser can give them.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error};

use crate::{
    catalog::{Constraint, Definition, ObjectKey, Snapshot},
    machine::Failure,
};

/// What a restore of the tables could not bring back, unless the role is a superuser's.
pub(super) async fn failures(
    client: &Client,
    snapshot: &Snapshot,
    covered: &BTreeSet<ObjectKey>,
) -> Result<Vec<Failure>, Error> {
    const SUPERUSER: &str = "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user";
    let unusual: Vec<&ObjectKey> = snapshot
        .objects
        .iter()
        .filter(|(_, object)| matches!(&object.definition, Definition::Constraint(Constraint { triggers, .. }) if !triggers.is_empty()))
        .filter(|(_, object)| object.depends_on.iter().any(|need| covered.contains(need)))
        .map(|(key, _)| key)
        .collect();
    if unusual.is_empty() || client.query_one(SUPERUSER, &[]).await?.try_get(0)? {
        return Ok(Vec::new());
    }
    Ok(unusual.into_iter().map(failure).collect())
}

fn failure(constraint: &ObjectKey) -> Failure {
    Failure::permanent(
        "backstop::preflight::not_restorable",
        format!("{constraint} could not be brought back: its own triggers are not in their usual state, and only a superuser can set that"),
    )
    .hint("Run ALTER TABLE ... ENABLE TRIGGER ALL on the tables of this constraint first, or run the plan as a superuser.")
}
