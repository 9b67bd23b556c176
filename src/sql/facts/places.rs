//! Where what was read stands in the text.

use std::ops::Range;

use super::node::Node;

/// Where the nodes of a tree stand in the text that was read.
pub(super) enum Places<'a> {
    /// The tree of a statement, which begins at this byte.
    Statement {
        /// The byte.
        base: usize,
    },
    /// The tree of a body.
    Body(&'a dyn Fn(&Node) -> Range<usize>),
}

impl Places<'_> {
    /// The bytes of a node.
    pub(super) fn of(&self, node: &Node) -> Range<usize> {
        match self {
            Places::Statement { base } => {
                let range = node.text_range();
                base + usize::from(range.start())..base + usize::from(range.end())
            }
            Places::Body(find) => find(node),
        }
    }
}
