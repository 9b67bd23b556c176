//! Materialized views.

use super::{create::with_options, source_form::source_form, table::storage};
use crate::{catalog::materialized_view::MaterializedView, sql::quote::ident};

/// The view without rows: it is filled when everything that it reads from is there, and its owner may read it.
pub(super) fn create(name: &str, view: &MaterializedView) -> Vec<String> {
    let columns: Vec<String> = view.columns.iter().map(|column| ident(&column.name)).collect();
    let mut statement = format!("CREATE MATERIALIZED VIEW {name} ({})", columns.join(", "));
    if let Some(method) = &view.access_method {
        statement.push_str(&format!(" USING {}", ident(method)));
    }
    statement.push_str(&with_options(&view.options));
    if let Some(tablespace) = &view.tablespace {
        statement.push_str(&format!(" TABLESPACE {}", ident(tablespace)));
    }
    statement.push_str(&format!(" AS\n{}\nWITH NO DATA", source_form(&view.query)));
    let mut statements = vec![statement];
    statements.extend(view.columns.iter().flat_map(|column| storage(name, column)));
    statements.extend(view.replica_identity.and_then(|_| replica_identity(name, view)));
    statements
}

/// Sets what its changes are published by; none where an index is it, which is said at the index.
pub(super) fn replica_identity(name: &str, view: &MaterializedView) -> Option<String> {
    let word = match view.replica_identity {
        None | Some('d') => "DEFAULT",
        Some('n') => "NOTHING",
        Some('f') => "FULL",
        Some(_) => return None,
    };
    Some(format!("ALTER TABLE {name} REPLICA IDENTITY {word}"))
}

/// Fills the view with what its query gives.
pub(crate) fn refresh(name: &str) -> String {
    format!("REFRESH MATERIALIZED VIEW {name}")
}

/// Makes the view unreadable, as it was.
pub(crate) fn empty(name: &str) -> String {
    format!("REFRESH MATERIALIZED VIEW {name} WITH NO DATA")
}
