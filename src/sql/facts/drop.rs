//! DROP and TRUNCATE.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::{
    super::name::QualifiedName,
    node::{child, children, has, name},
    operation::{DroppedKind, OperationKind},
};

/// TRUNCATE
pub(super) fn truncate(node: &SyntaxNode) -> Option<OperationKind> {
    let list = child(node, SyntaxKind::TABLE_LIST)?;
    let tables = children(&list, SyntaxKind::TABLE_RELATION_NAME).filter_map(|table| name(&table)).collect();
    Some(OperationKind::Truncate { tables, cascade: has(node, SyntaxKind::CASCADE) })
}

/// DROP of whatever the node drops.
pub(super) fn of(node: &SyntaxNode, kind: SyntaxKind) -> Option<OperationKind> {
    let (what, named) = match kind {
        SyntaxKind::DROP_TABLE => (DroppedKind::Table, SyntaxKind::TABLE_NAME_REF),
        SyntaxKind::DROP_VIEW => (DroppedKind::View, SyntaxKind::VIEW_REF),
        SyntaxKind::DROP_MATERIALIZED_VIEW => (DroppedKind::MaterializedView, SyntaxKind::VIEW_REF),
        SyntaxKind::DROP_INDEX => (DroppedKind::Index, SyntaxKind::INDEX_REF),
        SyntaxKind::DROP_SCHEMA => (DroppedKind::Schema, SyntaxKind::SCHEMA_REF),
        SyntaxKind::DROP_OWNED => (DroppedKind::Owned, SyntaxKind::ROLE_REF),
        SyntaxKind::DROP_TYPE => (DroppedKind::Other, SyntaxKind::TYPE_NAME_REF),
        SyntaxKind::DROP_DOMAIN
        | SyntaxKind::DROP_FUNCTION
        | SyntaxKind::DROP_PROCEDURE
        | SyntaxKind::DROP_ROUTINE
        | SyntaxKind::DROP_AGGREGATE
        | SyntaxKind::DROP_EXTENSION
        | SyntaxKind::DROP_SEQUENCE => (DroppedKind::Other, SyntaxKind::PATH_REF),
        _ => return None,
    };
    let names: Vec<QualifiedName> = children(node, named).filter_map(|name_of| name(&name_of)).collect();
    Some(OperationKind::Drop {
        what,
        names,
        cascade: has(node, SyntaxKind::CASCADE),
        concurrently: has(node, SyntaxKind::CONCURRENTLY_KW),
    })
}
