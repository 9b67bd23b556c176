//! What is derived from tables, and stays: materialized views, statistics, publications.

use super::{
    super::{materialized_view::replica_identity, name::title, publication::set_options},
    Moments, Pair, column,
    column::options,
};
use crate::{
    catalog::{materialized_view::MaterializedView, object::Definition},
    sql::quote::ident,
};

/// Everything but the rows.
pub(super) fn materialized_view(
    pair: Pair<'_>,
    then: &MaterializedView,
    now: &MaterializedView,
    moments: Moments<'_>,
) -> Vec<String> {
    let alter = format!("ALTER MATERIALIZED VIEW {}", title(pair.key, &pair.then.definition));
    let mut statements: Vec<String> = Vec::new();
    for (before, after) in then.columns.iter().zip(&now.columns) {
        statements.extend(column::after(pair, before, after, moments));
    }
    statements.extend(options(&alter, &then.options, &now.options));
    if then.replica_identity != now.replica_identity {
        statements.extend(replica_identity(&title(pair.key, &pair.then.definition), then));
    }
    if then.tablespace != now.tablespace {
        let tablespace = then.tablespace.as_deref().unwrap_or("pg_default");
        statements.push(format!("{alter} SET TABLESPACE {}", ident(tablespace)));
    }
    statements
}

pub(super) fn statistics(pair: Pair<'_>) -> Vec<String> {
    match (&pair.then.definition, &pair.now.definition) {
        (Definition::Statistics { target: then, .. }, Definition::Statistics { target: now, .. }) if then != now => {
            let target = then.unwrap_or(-1);
            vec![format!("ALTER STATISTICS {} SET STATISTICS {target}", title(pair.key, &pair.then.definition))]
        }
        _ => Vec::new(),
    }
}

pub(super) fn publication(pair: Pair<'_>) -> Vec<String> {
    match (&pair.then.definition, &pair.now.definition) {
        (Definition::Publication { options: then, .. }, Definition::Publication { options: now, .. }) if then != now => {
            vec![set_options(pair.key, then)]
        }
        _ => Vec::new(),
    }
}
