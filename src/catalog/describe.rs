//! What is different about an object, in words.

mod definition;
mod derived;
mod lineage;
mod table;
mod wording;

pub(super) use definition::of;
