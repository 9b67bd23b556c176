//! Locks, maintenance and settings.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::{
    node::{child, children, find, has, holds, name, name_in, words},
    operation::OperationKind,
};

/// LOCK TABLE
pub(super) fn lock(node: &SyntaxNode) -> Option<OperationKind> {
    let list = child(node, SyntaxKind::RELATION_LIST)?;
    Some(OperationKind::LockTable {
        tables: children(&list, SyntaxKind::RELATION_NAME).filter_map(|table| name(&table)).collect(),
    })
}

/// REFRESH MATERIALIZED VIEW
pub(super) fn refresh(node: &SyntaxNode) -> Option<OperationKind> {
    Some(OperationKind::Refresh {
        view: name_in(node, SyntaxKind::VIEW_REF)?,
        concurrently: has(node, SyntaxKind::CONCURRENTLY_KW),
    })
}

/// REINDEX
pub(super) fn reindex(node: &SyntaxNode) -> Option<OperationKind> {
    let options =
        find(node, SyntaxKind::REINDEX_OPTION_LIST).map(|list| words(&list).to_ascii_lowercase()).unwrap_or_default();
    let target = node.children().find(|child| child.kind() != SyntaxKind::REINDEX_OPTION_LIST)?;
    let one = matches!(target.kind(), SyntaxKind::REINDEX_TARGET_TABLE | SyntaxKind::REINDEX_TARGET_INDEX);
    let concurrently = holds(&target, SyntaxKind::CONCURRENTLY_KW)
        || (options.contains("concurrently")
            && !options.contains("concurrently false")
            && !options.contains("concurrently off"));
    Some(OperationKind::Reindex { name: one.then(|| name(&target)).flatten(), concurrently })
}

/// CLUSTER
pub(super) fn cluster(node: &SyntaxNode) -> Option<OperationKind> {
    let table = name_in(node, SyntaxKind::TABLE_NAME_REF).or_else(|| {
        let legacy = child(node, SyntaxKind::CLUSTER_LEGACY)?;
        name(&find(&legacy, SyntaxKind::TABLE_NAME_REF)?)
    });
    Some(OperationKind::Cluster { table })
}

/// VACUUM FULL; a plain VACUUM disturbs nobody.
pub(super) fn vacuum(node: &SyntaxNode) -> Option<OperationKind> {
    let options =
        child(node, SyntaxKind::VACUUM_OPTION_LIST).map(|list| words(&list).to_ascii_lowercase()).unwrap_or_default();
    let in_list =
        options.split([',', '(', ')']).any(|option| matches!(option.trim(), "full" | "full true" | "full on" | "full 1"));
    (has(node, SyntaxKind::FULL_KW) || in_list).then_some(())?;
    let list = child(node, SyntaxKind::TABLE_AND_COLUMNS_LIST);
    let tables = list.into_iter().flat_map(|list| children(&list, SyntaxKind::TABLE_AND_COLUMNS).collect::<Vec<_>>());
    Some(OperationKind::VacuumFull { tables: tables.filter_map(|table| name(&table)).collect() })
}

/// SET, RESET
pub(super) fn setting(node: &SyntaxNode) -> Option<OperationKind> {
    let parameter = find(node, SyntaxKind::CONFIG_PARAMETER_REF).map(|parameter| words(&parameter).to_ascii_lowercase());
    let text = words(node).to_ascii_lowercase();
    let local = text.starts_with("set local ");
    let setting = parameter.or_else(|| {
        let second = text.split(' ').find(|word| !matches!(*word, "set" | "reset" | "local" | "session"))?;
        Some(second.to_owned())
    })?;
    Some(OperationKind::Set { setting: setting.replace(" . ", "."), local })
}
