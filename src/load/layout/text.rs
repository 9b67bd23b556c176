//! The whole way: read, put in order, prove.

use super::{order::ValueSchema, proof, toml, yaml};
use crate::load::{Loaded, PlanFormat, assemble::root, diagnostics::Diagnostics, node::ValueNode};

/// Why a plan's fields could not be put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unordered {
    /// The outcome would have held other values.
    Values,
    /// The outcome would have lost or changed a comment.
    Comments,
    /// The outcome could not be read.
    Unreadable,
}

/// The text of a plan with its fields in the order of the format; the same text where they are in order.
///
/// # Errors
/// Where the outcome can't be proven to be the same plan with the same comments.
pub fn ordered(loaded: &Loaded) -> Result<String, Unordered> {
    let (text, format) = (loaded.source.text(), loaded.source.format());
    let before = tree(text, format)?;
    let after = match format {
        PlanFormat::Yaml => yaml::ordered(text, &before, ValueSchema::plan()),
        PlanFormat::Toml => toml::ordered(text, ValueSchema::plan()).ok_or(Unordered::Unreadable)?,
    };
    if after == text {
        return Ok(after);
    }
    if !proof::is_same(&before, &tree(&after, format)?) {
        return Err(Unordered::Values);
    }
    if proof::comments(text, format) != proof::comments(&after, format) {
        return Err(Unordered::Comments);
    }
    Ok(after)
}

fn tree(text: &str, format: PlanFormat) -> Result<ValueNode, Unordered> {
    let mut diagnostics = Diagnostics::default();
    let root = root(text, format, &mut diagnostics).ok().flatten().filter(|_| diagnostics.is_empty());
    root.ok_or(Unordered::Unreadable)
}
