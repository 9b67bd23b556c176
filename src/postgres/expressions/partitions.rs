//! Tables of a tree of partitions are made and attached together: whoever touches one has the keys above it planned.

use std::collections::BTreeMap;

use tokio_postgres::{Client, Error};

use super::{
    evaluate::ask,
    find::{Expression, RelationExpressions},
};
use crate::{
    catalog::{Definition, ObjectKey, Snapshot},
    drive::ExpressionPaths,
};

/// Gives the tables of a tree that need no path the one that others of it need, as far as it fits them.
pub(super) async fn even_out(
    client: &Client,
    snapshot: &Snapshot,
    subjects: &[RelationExpressions],
    paths: &mut ExpressionPaths,
) -> Result<(), Error> {
    let mut of_trees: BTreeMap<ObjectKey, String> = BTreeMap::new();
    for (table, path) in &paths.of {
        of_trees.entry(root(snapshot, table).clone()).or_insert_with(|| path.clone());
    }
    for (table, object) in &snapshot.objects {
        let Definition::Table(_) = &object.definition else { continue };
        let Some(path) = of_trees.get(root(snapshot, table)).filter(|_| !paths.of.contains_key(table)) else { continue };
        let fits = match subjects.iter().find(|subject| subject.key == *table) {
            None => true,
            Some(subject) => is_kept(client, subject, path).await?,
        };
        if fits {
            paths.of.insert(table.clone(), path.clone());
        }
    }
    Ok(())
}

async fn is_kept(client: &Client, subject: &RelationExpressions, path: &str) -> Result<bool, Error> {
    let expressions: Vec<&Expression> = subject.expressions.iter().collect();
    match ask(client, subject, &expressions, path).await {
        Ok(broken) => Ok(broken.is_empty()),
        Err(error) if error.code().is_none() => Err(error),
        Err(_) => Ok(false),
    }
}

/// The topmost table of the tree that it stands in: itself, if in none.
fn root<'s>(snapshot: &'s Snapshot, table: &'s ObjectKey) -> &'s ObjectKey {
    let mut root = table;
    // No tree is deeper than it has tables.
    for _ in 0..snapshot.objects.len() {
        let Some(Definition::Table(found)) = snapshot.objects.get(root).map(|object| &object.definition) else { break };
        match &found.lineage.partition_of {
            Some(above) => root = &above.parent,
            None => break,
        }
    }
    root
}
