//! What is different about an object, in words.

mod definition;
mod derived;
mod lineage;
mod phrase;
mod table;

pub(super) use definition::of;
