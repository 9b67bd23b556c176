//! One object in two states, and what leads from one to the other.

use super::{
    super::{
        database,
        name::title,
        trigger_state::{rule_state, trigger_as},
    },
    column, derived, plain,
};
use crate::catalog::{
    kind::ObjectKey,
    object::{Definition, Object},
    snapshot::Snapshot,
    table::{Column, Table},
};

/// One object in both states.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'a> {
    pub key: &'a ObjectKey,
    pub then: &'a Object,
    pub now: &'a Object,
}

/// The two snapshots that identity sequences are looked up in.
#[derive(Clone, Copy)]
pub(crate) struct Moments<'a> {
    pub then: &'a Snapshot,
    pub now: &'a Snapshot,
}

/// What is taken away before anything is dropped or loaded.
pub(crate) fn before(pair: Pair<'_>, moments: Moments<'_>) -> Vec<String> {
    match (&pair.then.definition, &pair.now.definition) {
        (Definition::Table(then), Definition::Table(now)) => {
            let columns = both(then, now).into_iter();
            let off = then.of_type != now.of_type && now.of_type.is_some();
            let off = off.then(|| format!("ALTER TABLE {} NOT OF", title(pair.key, &pair.then.definition)));
            off.into_iter().chain(columns.filter_map(|(then, now)| column::before(pair.key, then, now, moments))).collect()
        }
        (Definition::Domain { .. }, Definition::Domain { .. }) => plain::domain_before(pair),
        (Definition::Index { clustered: false, .. }, Definition::Index { clustered: true, .. })
        | (Definition::Constraint { clustered: false, .. }, Definition::Constraint { clustered: true, .. }) => {
            let table = crate::catalog::statement::name::table_of(pair.key, &pair.then.definition);
            vec![format!("ALTER TABLE {table} SET WITHOUT CLUSTER")]
        }
        _ => Vec::new(),
    }
}

/// The columns of a table that stays whose not-null marks must go before rows come, or for another mark.
pub(crate) fn dropped_marks(pair: Pair<'_>) -> Vec<String> {
    let (Definition::Table(then), Definition::Table(now)) = (&pair.then.definition, &pair.now.definition) else {
        return Vec::new();
    };
    let both = both(then, now);
    both.into_iter().filter(|(then, now)| column::drops_not_null(then, now)).map(|(then, _)| then.name.clone()).collect()
}

/// The columns of a table that stays which it did not have.
pub(crate) fn added_columns(pair: Pair<'_>) -> Vec<String> {
    let (Definition::Table(then), Definition::Table(now)) = (&pair.then.definition, &pair.now.definition) else {
        return Vec::new();
    };
    let is_new = |column: &&Column| then.columns.iter().all(|other| other.name != column.name);
    now.columns.iter().filter(is_new).map(|column| column.name.clone()).collect()
}

/// The columns that a table has in both states.
fn both<'a>(then: &'a Table, now: &'a Table) -> Vec<(&'a Column, &'a Column)> {
    let in_now =
        |column: &'a Column| now.columns.iter().find(|other| other.name == column.name).map(|other| (column, other));
    then.columns.iter().filter_map(in_now).collect()
}

/// The columns of a table that stays.
pub(crate) fn columns(pair: Pair<'_>, moments: Moments<'_>) -> Vec<String> {
    let (Definition::Table(then), Definition::Table(now)) = (&pair.then.definition, &pair.now.definition) else {
        return Vec::new();
    };
    let mut statements = Vec::new();
    let both = both(then, now);
    statements.extend(column::renames(&title(pair.key, &pair.then.definition), &both));
    for (column, other) in both {
        statements.extend(column::after(pair, column, other, moments));
    }
    statements
}

/// What is given back after everything stands, to a table whose columns have come back already.
pub(crate) fn after_columns(pair: Pair<'_>) -> Vec<String> {
    match (&pair.then.definition, &pair.now.definition) {
        (Definition::Table(then), Definition::Table(now)) => plain::table(pair, then, now),
        _ => Vec::new(),
    }
}

/// What is given back after everything stands and the rows are there. Owner, grants and comments are not in it.
pub(crate) fn after(pair: Pair<'_>, moments: Moments<'_>) -> Vec<String> {
    match (&pair.then.definition, &pair.now.definition) {
        (Definition::Table(then), Definition::Table(now)) => {
            let mut statements = columns(pair, moments);
            statements.extend(plain::table(pair, then, now));
            statements
        }
        (Definition::DefaultPrivileges { .. }, _) => {
            crate::catalog::statement::default_privileges(&pair.then.definition, &pair.now.grants, &pair.then.grants)
        }
        (Definition::Domain { .. }, Definition::Domain { .. }) => plain::domain_after(pair),
        (Definition::Sequence(then), Definition::Sequence(now)) => plain::sequence(pair, then, now),
        (Definition::Constraint { .. }, Definition::Constraint { .. })
        | (Definition::Index { .. }, Definition::Index { .. }) => plain::index(pair),
        (Definition::View { .. }, Definition::View { .. }) => plain::view(pair),
        (Definition::MaterializedView(then), Definition::MaterializedView(now)) => {
            derived::materialized_view(pair, then, now, moments)
        }
        (Definition::Statistics { .. }, Definition::Statistics { .. }) => derived::statistics(pair),
        (Definition::Publication { .. }, Definition::Publication { .. }) => derived::publication(pair),
        (Definition::Database(_), Definition::Database(_)) => database::alter(pair),
        (Definition::Trigger { .. }, Definition::Trigger { .. }) => {
            trigger_as(pair.key, &pair.then.definition, &pair.now.definition)
        }
        (Definition::Rule { enabled: then, .. }, Definition::Rule { enabled: now, .. }) if then != now => {
            vec![rule_state(pair.key, *then)]
        }
        _ => Vec::new(),
    }
}
