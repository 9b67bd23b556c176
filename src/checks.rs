//! The kinds of checks: one file a kind, with its fields, what they mean together, when it asks for less than before, and the one SQL
//! that answers it. Whoever asks, the program or a function for psql, asks by that SQL.
//!
//! This room knows of no database and of no file format. A new kind is a file here, its line in the registry, and its tests.

#![deny(clippy::wildcard_enum_match_arm)]

mod answer;
mod column_type;
mod constraint;
mod extension;
mod foreign_key;
mod function;
mod index;
mod kind;
mod matches;
mod no_invalid_indexes;
mod not_null;
mod offending;
mod policy;
mod privilege;
mod question;
mod read;
mod references;
mod registry;
mod row_count;
mod row_security;
mod sequence_ahead_of_max;
mod sql;
mod table_exists;
mod unique;
mod validated_constraint;

pub use kind::{CheckField, CheckSpec, FieldForm, FieldRule, Need, WeakerWhen};
pub use question::{Of, Question, Tables};
pub use registry::{KINDS, find, question};
