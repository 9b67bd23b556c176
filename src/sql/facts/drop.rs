//! DROP and TRUNCATE.

use super::{
    super::name::QualifiedName,
    node::{Kind, Node, child, children, has, name},
    operation::{Dropped, OperationKind},
};

/// TRUNCATE
pub(super) fn truncate(node: &Node) -> Option<OperationKind> {
    let list = child(node, Kind::TABLE_LIST)?;
    let tables = children(&list, Kind::TABLE_RELATION_NAME).filter_map(|table| name(&table)).collect();
    Some(OperationKind::Truncate { tables, cascade: has(node, Kind::CASCADE) })
}

/// DROP of whatever the node drops.
pub(super) fn of(node: &Node, kind: Kind) -> Option<OperationKind> {
    let (what, named) = match kind {
        Kind::DROP_TABLE => (Dropped::Table, Kind::TABLE_NAME_REF),
        Kind::DROP_VIEW => (Dropped::View, Kind::VIEW_REF),
        Kind::DROP_MATERIALIZED_VIEW => (Dropped::MaterializedView, Kind::VIEW_REF),
        Kind::DROP_INDEX => (Dropped::Index, Kind::INDEX_REF),
        Kind::DROP_SCHEMA => (Dropped::Schema, Kind::SCHEMA_REF),
        Kind::DROP_OWNED => (Dropped::Owned, Kind::ROLE_REF),
        Kind::DROP_TYPE => (Dropped::Other, Kind::TYPE_NAME_REF),
        Kind::DROP_DOMAIN
        | Kind::DROP_FUNCTION
        | Kind::DROP_PROCEDURE
        | Kind::DROP_ROUTINE
        | Kind::DROP_AGGREGATE
        | Kind::DROP_EXTENSION
        | Kind::DROP_SEQUENCE => (Dropped::Other, Kind::PATH_REF),
        _ => return None,
    };
    let names: Vec<QualifiedName> = children(node, named).filter_map(|name_of| name(&name_of)).collect();
    Some(OperationKind::Drop {
        what,
        names,
        cascade: has(node, Kind::CASCADE),
        concurrently: has(node, Kind::CONCURRENTLY_KW),
    })
}
