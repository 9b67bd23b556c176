//! The part of a database's structure that plans rely on.

use std::collections::BTreeSet;

use tokio_postgres::Client;

use super::problem::OperationProblem;
use crate::{
    catalog::{ObjectKey, ObjectKind, Snapshot, objects_named, referenced_objects},
    plan::{Plan, Rendered},
    postgres::dry_run,
    render::names,
    sql::TablePattern,
};

/// The structure of the database, without the schemas of these plans' backups.
pub async fn structure(client: &Client, plans: &[&Plan<Rendered>]) -> Result<Snapshot, OperationProblem> {
    let without: Vec<String> = plans.iter().map(|plan| plan.backup.schema.sent().to_owned()).collect();
    dry_run::structure(client, &without).await.map_err(OperationProblem::unreadable)
}

/// What of it the plans name, with all that belongs to it, depends on it and is needed by it.
pub fn of_plans(structure: &Snapshot, plans: &[&Plan<Rendered>]) -> Snapshot {
    let objects = plans.iter().flat_map(|plan| of_plan(structure, plan)).collect();
    referenced_objects(structure, &objects)
}

fn of_plan(structure: &Snapshot, plan: &Plan<Rendered>) -> BTreeSet<ObjectKey> {
    let path: Vec<String> = plan.session.search_path.iter().map(|schema| schema.sent().to_owned()).collect();
    let mut objects = objects_named(structure, &names(plan), &path);
    let patterns = plan.backup.targets.iter().flat_map(|target| &target.tables);
    // What is left out of a pattern is taken all the same: rather too much than too little.
    for pattern in patterns.filter_map(|text| TablePattern::parse(text.sent()).ok()) {
        let meant = |key: &&ObjectKey| {
            key.kind == ObjectKind::Table
                && (pattern.has_schema() || path.contains(&key.schema))
                && pattern.matches(&key.schema, &key.name)
        };
        objects.extend(structure.objects.keys().filter(meant).cloned());
    }
    objects
}
