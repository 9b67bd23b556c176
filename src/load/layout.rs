//! A plan's text → the same plan's text with its fields in the order of the format.
//!
//! Whole lines change places, and nothing else is touched: comments stay with the field that they stand above or behind, texts stay
//! as they are, byte by byte. What can't be moved by lines, as maps in braces, stays as it is. The result is given out only where it
//! is proven to hold the same values and the same comments.

mod order;
mod proof;
mod text;
mod toml;
mod yaml;

pub use text::{Unordered, ordered};

#[cfg(test)]
mod tests;
