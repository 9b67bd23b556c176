//! INSERT, UPDATE, DELETE, MERGE.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::{
    expression,
    node::{bare, child, children, find, has, name, words},
    operation::{OperationKind, Truth, Write, WrittenRows},
};

/// What the statement writes.
pub(super) fn of(node: &SyntaxNode) -> Option<OperationKind> {
    let named = node.children().find(|child| {
        matches!(child.kind(), SyntaxKind::RELATION_NAME | SyntaxKind::RELATION_NAME_REF | SyntaxKind::TABLE_RELATION_NAME)
    })?;
    let (write, rows) = match node.kind() {
        SyntaxKind::INSERT => (Write::Insert, inserted(node)),
        SyntaxKind::UPDATE => (Write::Update, chosen(node)),
        SyntaxKind::DELETE => (Write::Delete, chosen(node)),
        _ => (Write::Merge, WrittenRows::OfQuery),
    };
    Some(OperationKind::Write { write, table: name(&named)?, rows, set: set(node) })
}

/// The columns of rows that are there which the statement sets, but for those that ON CONFLICT sets to what it found them by.
fn set(node: &SyntaxNode) -> Vec<String> {
    let clauses: Vec<SyntaxNode> = match node.kind() {
        SyntaxKind::UPDATE => children(node, SyntaxKind::SET_CLAUSE).collect(),
        SyntaxKind::INSERT => child(node, SyntaxKind::ON_CONFLICT_CLAUSE)
            .and_then(|clause| find(&clause, SyntaxKind::SET_CLAUSE))
            .into_iter()
            .collect(),
        _ => node
            .descendants()
            .filter(|below| below.kind() == SyntaxKind::MERGE_UPDATE)
            .filter_map(|update| find(&update, SyntaxKind::SET_CLAUSE))
            .collect(),
    };
    let found_by: Vec<String> = child(node, SyntaxKind::ON_CONFLICT_CLAUSE)
        .and_then(|clause| find(&clause, SyntaxKind::CONFLICT_ON_INDEX))
        .map(|items| items.descendants().filter(|item| item.kind() == SyntaxKind::NAME_REF).filter_map(|item| name(&item)))
        .into_iter()
        .flatten()
        .map(|name| name.name)
        .collect();
    let set =
        clauses.iter().flat_map(|clause| clause.descendants()).filter(|below| below.kind() == SyntaxKind::COLUMN_TARGET);
    set.filter_map(|target| {
        let column = bare(&target, SyntaxKind::COLUMN_NAME_REF)?;
        let value = target.parent().and_then(|set| child(&set, SyntaxKind::SET_EXPR)).map(|value| words(&value));
        let is_same = value.is_some_and(|value| value.eq_ignore_ascii_case(&format!("excluded . {column}")));
        Some(column).filter(|column| !(is_same && found_by.contains(column)))
    })
    .collect()
}

fn inserted(node: &SyntaxNode) -> WrittenRows {
    let listed = has(node, SyntaxKind::VALUES) || has(node, SyntaxKind::DEFAULT_VALUES);
    let reads = node.children().any(|child| {
        matches!(
            child.kind(),
            SyntaxKind::SELECT | SyntaxKind::COMPOUND_SELECT | SyntaxKind::PAREN_SELECT | SyntaxKind::TABLE
        )
    });
    if listed || !reads { WrittenRows::Listed } else { WrittenRows::OfQuery }
}

fn chosen(node: &SyntaxNode) -> WrittenRows {
    let condition = child(node, SyntaxKind::WHERE_CLAUSE);
    let always = condition.as_ref().is_some_and(|clause| {
        let said = words(clause).to_ascii_lowercase();
        matches!(said.trim_start_matches("where").trim(), "true" | "1 = 1") || expression::truth(clause) == Truth::Always
    });
    match condition {
        Some(_) if !always => WrittenRows::Where,
        None if has(node, SyntaxKind::WHERE_CURRENT_OF)
            || has(node, SyntaxKind::FROM_CLAUSE)
            || has(node, SyntaxKind::USING_CLAUSE) =>
        {
            WrittenRows::Where
        }
        _ => WrittenRows::All,
    }
}
