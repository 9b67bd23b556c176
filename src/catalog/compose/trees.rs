//! What is known of trees of partitions and inheritance children before anything is composed.

use std::collections::BTreeMap;

use crate::catalog::{
    hierarchy::{self, is_foreign_key, lineage_in, parent},
    kind::{ObjectKey, ObjectKeys, ObjectKind},
    object::Object,
    reconciliation::Reconciliation,
};

/// How the table is called below which an inheritance child keeps what it has from above alone, with a number behind it.
const SCAFFOLD: &str = "backstop_scaffold_";

/// What the composer knows of trees before it begins.
#[derive(Default)]
pub(super) struct Trees {
    /// The tables that are tied.
    pub(super) ties: ObjectKeys,
    /// The tables for a while, by their inheritance children.
    pub(super) scaffolds: BTreeMap<ObjectKey, ObjectKey>,
    /// Foreign keys that were dropped before anything was loose, and what went with them.
    pub(super) dropped: ObjectKeys,
}

impl Trees {
    pub(super) fn of(reconciliation: &Reconciliation<'_>) -> Trees {
        let is_below =
            |key: &&ObjectKey| lineage_in(reconciliation.then, key).is_some_and(|of| of.parents().next().is_some());
        let ties: ObjectKeys = reconciliation
            .detached
            .iter()
            .chain(&reconciliation.create)
            .filter(|key| key.kind == ObjectKind::Table)
            .filter(is_below)
            .cloned()
            .collect();
        let mut scaffolds = BTreeMap::new();
        for child in ties.iter().filter(|key| has_from_above(reconciliation, key)) {
            let is_free = |name: &String| {
                let mut all = reconciliation.then.objects.keys().chain(reconciliation.now.objects.keys());
                all.all(|key| key.schema != child.schema || key.name != *name)
            };
            let taken = scaffolds.len();
            let name = (taken..).map(|number| format!("{SCAFFOLD}{number}")).find(is_free).unwrap_or_default();
            scaffolds.insert(child.clone(), ObjectKey::table(&child.schema, name));
        }
        let dropped =
            if reconciliation.detached.is_empty() { ObjectKeys::new() } else { going_foreign_keys(reconciliation) };
        Trees { ties, scaffolds, dropped }
    }
}

/// The foreign keys that go, each but those that go with their tables.
fn going_foreign_keys(reconciliation: &Reconciliation<'_>) -> ObjectKeys {
    let goes = |key: &ObjectKey| reconciliation.drop.contains(key) || reconciliation.gone.contains(key);
    let is_early = |key: &&ObjectKey| {
        let object = reconciliation.now.objects.get(*key).filter(|object| is_foreign_key(object));
        object.is_some_and(|object| parent(object).is_none_or(goes))
    };
    reconciliation.drop.iter().chain(&reconciliation.gone).filter(is_early).cloned().collect()
}

/// Whether an inheritance child has a column, a mark or a CHECK from above alone.
fn has_from_above(reconciliation: &Reconciliation<'_>, key: &ObjectKey) -> bool {
    let Some(table) = reconciliation.then.objects.get(key).and_then(hierarchy::table) else { return false };
    let column = |column: &crate::catalog::Column| {
        !column.descent.local || column.not_null.as_ref().is_some_and(|mark| !mark.descent.local)
    };
    let check = |part: &&ObjectKey| reconciliation.then.objects.get(*part).is_some_and(is_check_from_above);
    !table.lineage.inherits.is_empty()
        && (table.columns.iter().any(column)
            || reconciliation.hierarchy_then.parts.get(key).into_iter().flatten().any(|part| check(&part)))
}

/// Whether it is a CHECK that an inheritance child has from above alone.
pub(super) fn is_check_from_above(object: &Object) -> bool {
    object.definition.check().is_some_and(|check| !check.descent.local)
}
