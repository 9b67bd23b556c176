//! INSERT, UPDATE, DELETE, MERGE.

use super::{
    expression,
    node::{Kind, Node, child, has, name, words},
    operation::{OperationKind, Rows, Truth, Write},
};

/// What the statement writes.
pub(super) fn of(node: &Node) -> Option<OperationKind> {
    let named = node
        .children()
        .find(|child| matches!(child.kind(), Kind::RELATION_NAME | Kind::RELATION_NAME_REF | Kind::TABLE_RELATION_NAME))?;
    let (write, rows) = match node.kind() {
        Kind::INSERT => (Write::Insert, inserted(node)),
        Kind::UPDATE => (Write::Update, chosen(node)),
        Kind::DELETE => (Write::Delete, chosen(node)),
        _ => (Write::Merge, Rows::OfQuery),
    };
    Some(OperationKind::Write { write, table: name(&named)?, rows })
}

fn inserted(node: &Node) -> Rows {
    let listed = has(node, Kind::VALUES) || has(node, Kind::DEFAULT_VALUES);
    let reads = node
        .children()
        .any(|child| matches!(child.kind(), Kind::SELECT | Kind::COMPOUND_SELECT | Kind::PAREN_SELECT | Kind::TABLE));
    if listed || !reads { Rows::Listed } else { Rows::OfQuery }
}

fn chosen(node: &Node) -> Rows {
    let condition = child(node, Kind::WHERE_CLAUSE);
    let always = condition.as_ref().is_some_and(|clause| {
        let said = words(clause).to_ascii_lowercase();
        matches!(said.trim_start_matches("where").trim(), "true" | "1 = 1") || expression::truth(clause) == Truth::Always
    });
    match condition {
        Some(_) if !always => Rows::Where,
        None if has(node, Kind::WHERE_CURRENT_OF) || has(node, Kind::FROM_CLAUSE) || has(node, Kind::USING_CLAUSE) => {
            Rows::Where
        }
        _ => Rows::All,
    }
}
