//! What a restore fails with at one object.

use tokio_postgres::Error;

use crate::{
    catalog::ObjectKey,
    drive::manifest::{Manifest, TableCopy},
    machine::Failure,
    postgres::error_class::failure,
    secrets,
    sql::quote::qualified,
};

/// Longest part of a failed statement that is shown, in characters.
const STATEMENT_SHOWN_CHARS_MAX: usize = 500;

/// Why a table can't be filled.
pub(super) fn copy_missing(table: &ObjectKey, why: String) -> Failure {
    Failure::permanent("backstop::restore::copy_missing", format!("{table} can't be filled: {why}"))
        .hint("Nothing was changed. Look for the copy in another backup: `backstop backup list`.")
}

/// Why a table can't be filled whose copy is not there any more.
pub fn copy_gone(manifest: &Manifest, copy: &TableCopy) -> Failure {
    let name = qualified(&manifest.schema, &copy.copy);
    copy_missing(&copy.key(), format!("its copy {name} is gone"))
}

/// What the server said to a statement of the script.
pub fn statement_failed(sql: &str, object: &ObjectKey, error: &Error) -> Failure {
    let mut failure = failure("backstop::restore::statement_failed", error);
    failure.message = format!("{object} could not be brought back: {}", failure.message);
    let (shown, _) = secrets::beginning(sql, STATEMENT_SHOWN_CHARS_MAX);
    let said = failure.detail.take();
    failure.detail(said.into_iter().chain([shown]).collect::<Vec<_>>().join("\n"))
}
