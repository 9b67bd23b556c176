//! What changed between two versions of plans, for a terminal and for the comment of a pull request.

mod columns;
mod document;
mod lines;
mod markdown;
mod text;
mod width;

#[cfg(test)]
mod tests;

pub use document::{review_document, review_schema};
pub use markdown::{MARKER, markdown};
pub use text::{Layout, change_lines, text};
pub use width::Width;
