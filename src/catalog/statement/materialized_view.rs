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
    statements
}

/// Fills the view with what its query gives.
pub(crate) fn refresh(name: &str) -> String {
    format!("REFRESH MATERIALIZED VIEW {name}")
}

/// Makes the view unreadable, as it was.
pub(crate) fn empty(name: &str) -> String {
    format!("REFRESH MATERIALIZED VIEW {name} WITH NO DATA")
}
