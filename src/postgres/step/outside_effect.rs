//! What the statements that run outside a transaction do to the structure: they make or drop an index, or detach a partition. Everything
//! else that changes meanwhile is the work of others.

use tokio_postgres::{Client, Error};

use crate::{
    catalog::{Change, ChangeKind, Definition, ObjectKey, ObjectKind, Snapshot},
    machine::Failure,
    postgres::{error_class, search_path::PlanPath},
    sql::{ConcurrentIndex, DetachedPartition, Statement},
};

/// What one of them does, by names that were looked up before it ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OutsideEffect {
    /// An index is made on the table.
    Indexes {
        table: ObjectKey,
        /// None where the server chooses it.
        name: Option<String>,
    },
    /// The index is dropped.
    Drops(ObjectKey),
    /// A partition is detached from its table.
    Detaches { table: ObjectKey, partition: ObjectKey },
}

impl OutsideEffect {
    /// What these statements do. What they name and is not there is the server's to refuse.
    ///
    /// # Errors
    /// `backstop::run::coverage_unknown` with what the server said to a name.
    pub(super) async fn of(client: &Client, path: &PlanPath, statements: &[Statement]) -> Result<Vec<Self>, Failure> {
        let mut effects = Vec::new();
        let unknown = |error| error_class::failure("backstop::run::coverage_unknown", &error);
        for statement in statements {
            if let Some(detached) = DetachedPartition::of(statement) {
                let table = key_of(client, path, &detached.table.quoted(), ObjectKind::Table).await.map_err(unknown)?;
                let partition =
                    key_of(client, path, &detached.partition.quoted(), ObjectKind::Table).await.map_err(unknown)?;
                effects.extend(table.zip(partition).map(|(table, partition)| OutsideEffect::Detaches { table, partition }));
            }
            match ConcurrentIndex::of(statement) {
                Some(ConcurrentIndex::Create { name, table }) => {
                    let table = key_of(client, path, &table.quoted(), ObjectKind::Table).await.map_err(unknown)?;
                    effects.extend(table.map(|table| OutsideEffect::Indexes { table, name }));
                }
                Some(ConcurrentIndex::Drop { index }) => {
                    let index = key_of(client, path, &index.quoted(), ObjectKind::Index).await.map_err(unknown)?;
                    effects.extend(index.map(OutsideEffect::Drops));
                }
                None => {}
            }
        }
        Ok(effects)
    }

    /// Whether the change is its work. `after` is the structure with the change.
    pub(super) fn has_made(&self, change: &Change, after: &Snapshot) -> bool {
        let key = &change.object;
        let is_index_of = |table: &ObjectKey| {
            let definition = after.objects.get(key).map(|object| &object.definition);
            key.schema == table.schema && matches!(definition, Some(Definition::Index(index)) if index.table == table.name)
        };
        match self {
            OutsideEffect::Indexes { table, name } => {
                change.how == ChangeKind::Added && is_index_of(table) && name.as_ref().is_none_or(|name| *name == key.name)
            }
            OutsideEffect::Drops(index) => change.how == ChangeKind::Removed && key == index,
            OutsideEffect::Detaches { table, partition } => [table, partition].iter().any(|of| {
                let is_part = key.schema == of.schema && key.of.as_ref() == Some(&of.name);
                key == *of || is_part || change.how == ChangeKind::Changed && is_index_of(of)
            }),
        }
    }
}

/// The object that a name means under the plan's path; none where there is none.
async fn key_of(client: &Client, path: &PlanPath, name: &str, kind: ObjectKind) -> Result<Option<ObjectKey>, Error> {
    const NAMES: &str = "SELECT n.nspname::text, c.relname::text FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace WHERE c.oid OPERATOR(pg_catalog.=) $1";
    let relation = path.relation(client, name).await?;
    let Some(row) = client.query_opt(NAMES, &[&relation]).await? else { return Ok(None) };
    Ok(Some(ObjectKey::new(kind, row.try_get::<_, &str>(0)?, row.try_get::<_, &str>(1)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detachment_changes_its_two_tables_alone() {
        let (table, partition) = (ObjectKey::table("s", "a"), ObjectKey::table("s", "b"));
        let effect = OutsideEffect::Detaches { table, partition };
        let made = |key: ObjectKey| {
            let change = Change { how: ChangeKind::Changed, object: key, what: Vec::new() };
            effect.has_made(&change, &Snapshot::default())
        };
        let trigger = ObjectKey { of: Some("b".to_owned()), ..ObjectKey::new(ObjectKind::Trigger, "s", "t") };
        assert_eq!([ObjectKey::table("s", "b"), trigger].map(made), [true, true]);
        assert_eq!([ObjectKey::table("other", "b"), ObjectKey::table("s", "c")].map(made), [false, false]);
    }
}
