//! All kinds, in the order in which plans and their schema list them.

use super::{
    column_type, constraint, extension, foreign_key, function, index, kind::CheckSpec, matches, no_invalid_indexes,
    not_null, policy, privilege, question::Question, references, row_count, row_security, sequence_ahead_of_max, sql,
    table_exists, unique,
};
use crate::plan::{Check, Rendered};

/// Every kind of check.
pub static KINDS: [&CheckSpec; 18] = [
    &table_exists::KIND,
    &column_type::KIND,
    &row_count::KIND,
    &not_null::KIND,
    &unique::KIND,
    &matches::KIND,
    &references::KIND,
    &foreign_key::KIND,
    &index::KIND,
    &no_invalid_indexes::KIND,
    &row_security::KIND,
    &policy::KIND,
    &function::KIND,
    &constraint::KIND,
    &privilege::KIND,
    &sequence_ahead_of_max::KIND,
    &extension::KIND,
    &sql::KIND,
];

/// The kind of this name.
pub fn find(name: &str) -> Option<&'static CheckSpec> {
    KINDS.into_iter().find(|kind| kind.name == name)
}

/// What a check asks.
///
/// # Errors
/// Why it can't be asked, as a fragment.
pub fn question(check: &Check<Rendered>) -> Result<Question, String> {
    match find(check.kind.name) {
        Some(kind) => (kind.question)(&check.kind),
        None => Err(format!("there is no check `{}`", check.kind.name)),
    }
}
