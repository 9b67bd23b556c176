//! Who stands above and below whom in a snapshot: tables, and the parts of tables that are attached to each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    kind::ObjectKey,
    kinds::{Column, Constraint, Definition, Index, NotNull, Table},
    lineage::Lineage,
    object::Object,
    scope::{dependents, holder, parts},
    snapshot::Snapshot,
};

pub(super) type Map = BTreeMap<ObjectKey, BTreeSet<ObjectKey>>;

/// One snapshot, read from all sides.
pub(super) struct Hierarchy {
    /// What needs an object.
    pub dependents: Map,
    /// The parts of tables and views.
    pub parts: Map,
    /// The partitions and inheritance children of tables.
    pub children: Map,
    /// The parts that are attached to a part of the table above.
    pub attached: Map,
}

impl Hierarchy {
    pub fn of(snapshot: &Snapshot) -> Hierarchy {
        let (mut children, mut attached) = (Map::new(), Map::new());
        for (key, object) in &snapshot.objects {
            for above in lineage(object).into_iter().flat_map(Lineage::parents) {
                children.entry(above.clone()).or_default().insert(key.clone());
            }
            if let Some(above) = parent(object) {
                attached.entry(above.clone()).or_default().insert(key.clone());
            }
        }
        Hierarchy { dependents: dependents(snapshot), parts: parts(snapshot), children, attached }
    }

    /// The tables right below.
    pub fn children(&self, table: &ObjectKey) -> impl Iterator<Item = &ObjectKey> {
        self.children.get(table).into_iter().flatten()
    }

    /// All tables below, however deep.
    pub fn descendants(&self, table: &ObjectKey) -> BTreeSet<ObjectKey> {
        let (mut found, mut next) = (BTreeSet::new(), vec![table]);
        while let Some(table) = next.pop() {
            next.extend(self.children(table).filter(|child| found.insert((*child).clone())));
        }
        found
    }
}

pub(super) fn table(object: &Object) -> Option<&Table> {
    if let Definition::Table(table) = &object.definition { Some(table) } else { None }
}

pub(super) fn lineage(object: &Object) -> Option<&Lineage> {
    table(object).map(|table| &table.lineage)
}

pub(super) fn lineage_in<'a>(snapshot: &'a Snapshot, key: &ObjectKey) -> Option<&'a Lineage> {
    snapshot.objects.get(key).and_then(lineage)
}

/// What a part is attached to.
pub(super) fn parent(object: &Object) -> Option<&ObjectKey> {
    object.definition.parent()
}

pub(super) fn is_foreign_key(object: &Object) -> bool {
    object.definition.foreign_key().is_some()
}

/// Whether it is an index, or has one behind it.
pub(super) fn is_index(object: &Object) -> bool {
    matches!(&object.definition, Definition::Index(_) | Definition::Constraint(Constraint { index: Some(_), .. }))
}

/// Whether it is an exclusion constraint that came from above: no server attaches one that stands already.
pub(super) fn is_exclusion_from_above(object: &Object) -> bool {
    object.definition.constraint().is_some_and(|constraint| constraint.is_exclusion() && constraint.parent.is_some())
}

/// Whether it is a CHECK that tables below have, too.
pub(super) fn is_inheritable_check(object: &Object) -> bool {
    object.definition.check().is_some_and(|check| !check.definition.contains(" NO INHERIT"))
}

/// Whether it is a CHECK that comes from tables above.
pub(super) fn is_inherited_check(object: &Object) -> bool {
    object.definition.check().is_some_and(|check| check.descent.above > 0)
}

/// A table in both states.
pub(super) fn table_pair<'a>(then: &'a Object, now: &'a Object) -> Option<(&'a Table, &'a Table)> {
    Some((table(then)?, table(now)?))
}

/// Whether it is an index, or has one, that is its table's replica identity.
pub(super) fn is_replica_identity(object: &Object) -> bool {
    matches!(
        &object.definition,
        Definition::Index(Index { replica_identity: true, .. })
            | Definition::Constraint(Constraint { replica_identity: true, .. })
    )
}

/// Whether the table is partitioned: then it holds no rows itself.
pub(super) fn is_partitioned(snapshot: &Snapshot, key: &ObjectKey) -> bool {
    lineage_in(snapshot, key).is_some_and(|lineage| lineage.partition_key.is_some())
}

/// Whether the part's table is partitioned.
pub(super) fn is_of_partitioned(snapshot: &Snapshot, key: &ObjectKey) -> bool {
    let table = snapshot.objects.get(key).and_then(|object| holder(key, object, snapshot));
    table.is_some_and(|table| is_partitioned(snapshot, &table))
}

/// Whether tables above and below would have to follow: a column came, went or is another, or its mark or identity is.
pub(super) fn differ_in_shape(then: &Table, now: &Table) -> bool {
    fn mark(column: &Column) -> Option<(&Option<String>, bool, bool)> {
        column.not_null.as_ref().map(|NotNull { name, validated, no_inherit, .. }| (name, *validated, *no_inherit))
    }
    let facts = |column: &Column| {
        (column.name.clone(), column.data_type.clone(), column.collation.clone(), column.identity, column.generated.clone())
    };
    then.columns.len() != now.columns.len()
        || then.columns.iter().zip(&now.columns).any(|(a, b)| facts(a) != facts(b) || mark(a) != mark(b))
}

/// Whether its columns, or their marks, come from elsewhere.
pub(super) fn differ_in_descent(then: &Table, now: &Table) -> bool {
    let descent = |column: &Column| (column.descent, column.not_null.as_ref().map(|mark| mark.descent));
    then.columns.iter().zip(&now.columns).any(|(a, b)| descent(a) != descent(b))
}
