//! Questions that are asked of the parser's nodes.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::super::{name::QualifiedName, quote};

/// The first child of the kind.
pub(super) fn child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.children().find(|child| child.kind() == kind)
}

/// All children of the kind.
pub(super) fn children(node: &SyntaxNode, kind: SyntaxKind) -> impl Iterator<Item = SyntaxNode> {
    node.children().filter(move |child| child.kind() == kind)
}

/// The first node of the kind at or below the node.
pub(super) fn find(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.descendants().find(|below| below.kind() == kind)
}

/// Whether a child, node or token, is of the kind.
pub(super) fn has(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    node.children_with_tokens().any(|child| child.kind() == kind)
}

/// Whether a node or token of the kind stands anywhere below.
pub(super) fn holds(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    node.descendants_with_tokens().any(|child| child.kind() == kind)
}

/// The text without white space and comments, one blank between tokens.
pub(super) fn words(node: &SyntaxNode) -> String {
    let tokens = node.descendants_with_tokens().filter_map(|element| element.into_token());
    let said = tokens.filter(|token| !matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT));
    said.map(|token| token.text().to_owned()).collect::<Vec<_>>().join(" ")
}

/// The name that stands in the node, schema included.
pub(super) fn name(node: &SyntaxNode) -> Option<QualifiedName> {
    let path = node
        .descendants()
        .find(|below| matches!(below.kind(), SyntaxKind::PATH | SyntaxKind::PATH_REF))
        .unwrap_or(node.clone());
    QualifiedName::parse(&words(&path).replace(" . ", ".")).ok()
}

/// The name that stands in the first child of the kind.
pub(super) fn name_in(node: &SyntaxNode, kind: SyntaxKind) -> Option<QualifiedName> {
    name(&child(node, kind)?)
}

/// A name without a schema.
pub(super) fn bare(node: &SyntaxNode, kind: SyntaxKind) -> Option<String> {
    Some(name_in(node, kind)?.name)
}

/// What a constant says, where it is a string.
pub(super) fn string(node: &SyntaxNode) -> Option<String> {
    let text = words(node);
    let inside = text.strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inside.replace("''", "'")).filter(|plain| quote::literal(plain) == text)
}
