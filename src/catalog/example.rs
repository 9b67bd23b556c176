//! Small snapshots for the tests of this room.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    kind::{ObjectKey, ObjectKind},
    kinds::{Column, ColumnFacts, Constraint, Definition, Index, Sequence, Table, View},
    lineage::{Descent, Lineage},
    object::Object,
    privilege::Grant,
    snapshot::Snapshot,
};

/// A snapshot of these objects.
pub(super) fn snapshot(objects: impl IntoIterator<Item = (ObjectKey, Object)>) -> Snapshot {
    Snapshot {
        server_version: 150_000,
        edition: 0,
        default_grantees: BTreeSet::new(),
        settings: BTreeMap::new(),
        objects: objects.into_iter().collect(),
    }
}

/// An object with this definition, owned by `owner`.
pub(super) fn object(definition: Definition, needs: &[&ObjectKey]) -> Object {
    Object {
        definition,
        owner: Some("owner".to_owned()),
        grants: Vec::new(),
        comment: None,
        labels: Vec::new(),
        companions: Vec::new(),
        extensions: BTreeSet::new(),
        hangs_on: None,
        depends_on: needs.iter().map(|key| (*key).clone()).collect(),
    }
}

pub(super) fn column(name: &str, data_type: &str) -> Column {
    Column {
        name: name.to_owned(),
        data_type: data_type.to_owned(),
        builtin: true,
        collation: None,
        not_null: None,
        default: None,
        default_needs: BTreeSet::new(),
        identity: None,
        generated: None,
        storage: None,
        compression: None,
        statistics: None,
        options: Vec::new(),
        descent: Descent::OWN,
        facts: ColumnFacts { column: name.to_owned(), ..ColumnFacts::default() },
    }
}

pub(super) fn table(columns: &[(&str, &str)]) -> Table {
    Table {
        columns: columns.iter().map(|(name, data_type)| column(name, data_type)).collect(),
        system_columns: Vec::new(),
        unlogged: false,
        row_security: false,
        force_row_security: false,
        replica_identity: 'd',
        options: Vec::new(),
        tablespace: None,
        access_method: None,
        lineage: Lineage::default(),
        of_type: None,
        unmodelled: Vec::new(),
        unloadable: Vec::new(),
    }
}

pub(super) fn view(query: &str) -> Definition {
    Definition::View(View {
        columns: vec!["id".to_owned()],
        query: query.to_owned(),
        options: Vec::new(),
        column_facts: Vec::new(),
        defaults: Vec::new(),
        own_types: Vec::new(),
    })
}

pub(super) fn constraint(contype: char, definition: &str) -> Definition {
    Definition::Constraint(Constraint {
        contype,
        definition: definition.to_owned(),
        validated: true,
        clustered: false,
        replica_identity: false,
        index: None,
        descent: Descent::OWN,
        parent: None,
        triggers: Vec::new(),
    })
}

pub(super) fn index(table: &str, create: &str) -> Definition {
    Definition::Index(Index {
        table: table.to_owned(),
        create: create.to_owned(),
        valid: true,
        tablespace: None,
        clustered: false,
        replica_identity: false,
        statistics: Vec::new(),
        has_expressions: false,
        parent: None,
        partitioned: false,
    })
}

pub(super) fn sequence(owned_by: Option<(&ObjectKey, &str)>) -> Definition {
    Definition::Sequence(Sequence {
        data_type: "integer".to_owned(),
        start: 1,
        increment: 1,
        min: 1,
        max: 9,
        cache: 1,
        cycle: false,
        unlogged: false,
        owned_by: owned_by.map(|(table, column)| (table.clone(), column.to_owned())),
        identity: false,
    })
}

pub(super) fn grant(privilege: &str, grantee: Option<&str>) -> Grant {
    Grant {
        grantee: grantee.map(str::to_owned),
        privilege: privilege.to_owned(),
        grantable: false,
        grantor: "owner".to_owned(),
    }
}

/// A foreign key that hangs on the last of what it needs.
pub(super) fn foreign_key(definition: &str, needs: &[&ObjectKey]) -> Object {
    Object { hangs_on: needs.last().map(|key| (*key).clone()), ..object(constraint('f', definition), needs) }
}

/// Two tables `s.a` and `s.b`, a foreign key from the second to the first, and a view on a view on the first.
pub(super) fn pair() -> Snapshot {
    let (a, b) = (ObjectKey::table("s", "a"), ObjectKey::table("s", "b"));
    let key = ObjectKey::part(ObjectKind::Constraint, "s", "a", "a_pkey");
    let (low, high) = (ObjectKey::new(ObjectKind::View, "s", "low"), ObjectKey::new(ObjectKind::View, "s", "high"));
    let foreign = ObjectKey::part(ObjectKind::Constraint, "s", "b", "b_a");
    snapshot([
        (a.clone(), object(Definition::Table(Box::new(table(&[("id", "integer"), ("v", "text")]))), &[])),
        (b.clone(), object(Definition::Table(Box::new(table(&[("a_id", "integer")]))), &[])),
        (key.clone(), object(constraint('p', "PRIMARY KEY (id)"), &[&a])),
        (foreign, foreign_key("FOREIGN KEY (a_id) REFERENCES s.a(id)", &[&a, &b, &key])),
        (low.clone(), object(view(" SELECT a.id FROM s.a"), &[&a])),
        (high, object(view(" SELECT low.id FROM s.low"), &[&low])),
    ])
}
