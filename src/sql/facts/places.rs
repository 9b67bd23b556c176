//! Where what was read stands in the text.

use std::ops::Range;

use squawk_syntax::SyntaxNode;

/// Where the nodes of a tree stand in the text that was read.
pub(super) enum NodePlaces<'a> {
    /// The tree of a statement, which begins at this byte.
    Statement { base: usize },
    /// The tree of a body.
    Body(&'a dyn Fn(&SyntaxNode) -> Range<usize>),
}

impl NodePlaces<'_> {
    /// The bytes of a node.
    pub(super) fn of(&self, node: &SyntaxNode) -> Range<usize> {
        match self {
            NodePlaces::Statement { base } => {
                let range = node.text_range();
                base + usize::from(range.start())..base + usize::from(range.end())
            }
            NodePlaces::Body(find) => find(node),
        }
    }
}
