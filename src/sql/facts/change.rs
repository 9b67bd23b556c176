//! INSERT, UPDATE, DELETE, MERGE.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::{
    expression,
    node::{child, has, name, words},
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
    Some(OperationKind::Write { write, table: name(&named)?, rows })
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
