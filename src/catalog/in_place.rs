//! Whether a changed object can become what it was while it stands.

use super::{
    foreign_key::hang_alike,
    object::{Definition, Object},
    range::Range,
    table::{Column, NotNull, Table},
};

/// What there is of a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// A copy, so that the table can be made anew.
    Copied,
    /// Only the table itself, which must stay.
    Kept,
}

/// From this version on `SET STORAGE DEFAULT` names the type's own storage.
const STORAGE_DEFAULT: u32 = 160_000;

/// Whether statements can change the object back without dropping it. Owners, grants and comments always can be.
pub(super) fn is_possible(then: &Object, now: &Object, rows: Rows, server_version: u32) -> bool {
    hang_alike(then, now) && is_definition_possible(then, now, rows, server_version)
}

fn is_definition_possible(then: &Object, now: &Object, rows: Rows, server_version: u32) -> bool {
    match (&then.definition, &now.definition) {
        (Definition::Table(then), Definition::Table(now)) => table(then, now, rows, server_version),
        (Definition::Domain { base: a, collation: c, .. }, Definition::Domain { base: b, collation: d, .. }) => {
            a == b && c == d
        }
        (Definition::Composite { attributes: then }, Definition::Composite { attributes: now }) => {
            then.len() == now.len()
                && then
                    .iter()
                    .zip(now)
                    .all(|(a, b)| a.name == b.name && a.data_type == b.data_type && a.collation == b.collation)
        }
        (Definition::Sequence(then), Definition::Sequence(now)) => {
            then.identity == now.identity && (!then.identity || then.owned_by == now.owned_by)
        }
        (Definition::Function { signature: a, .. }, Definition::Function { signature: b, .. }) => a == b,
        (Definition::Constraint { contype: 'x', parent: Some(_), .. }, Definition::Constraint { parent: None, .. }) => false,
        (Definition::Constraint { definition: a, index: c, .. }, Definition::Constraint { definition: b, index: d, .. }) => {
            a == b && c.as_ref().map(|i| (&i.options, &i.tablespace)) == d.as_ref().map(|i| (&i.options, &i.tablespace))
        }
        (Definition::Index { create: a, valid: c, .. }, Definition::Index { create: b, valid: d, .. }) => a == b && c == d,
        (Definition::View { columns: a, query: c, .. }, Definition::View { columns: b, query: d, .. }) => a == b && c == d,
        (Definition::MaterializedView(then), Definition::MaterializedView(now)) => {
            then.query == now.query
                && then.access_method == now.access_method
                && then.columns.len() == now.columns.len()
                && then.columns.iter().zip(&now.columns).all(|(a, b)| is_same(a, b, server_version))
        }
        (Definition::Statistics { on: a, create: c, .. }, Definition::Statistics { on: b, create: d, .. }) => {
            a == b && c == d
        }
        (Definition::Range(then), Definition::Range(now)) => {
            let made_of = |range: &Range| Range { constructors: Vec::new(), multirange_comment: None, ..range.clone() };
            made_of(then) == made_of(now)
        }
        (Definition::Publication { all_tables: a, .. }, Definition::Publication { all_tables: b, .. }) => a == b,
        (Definition::Rule { create: a, .. }, Definition::Rule { create: b, .. }) => a == b,
        (Definition::Trigger { create: a, parent: c, .. }, Definition::Trigger { create: b, parent: d, .. }) => {
            a == b && c == d
        }
        (then @ Definition::Other { statements, .. }, now) => statements.is_empty() || then == now,
        (Definition::Database(then), Definition::Database(now)) => then.collation_version == now.collation_version,
        (then, now) => then == now,
    }
}

fn table(then: &Table, now: &Table, rows: Rows, server_version: u32) -> bool {
    then.lineage.partition_key == now.lineage.partition_key
        && can_inherit(then, now)
        // Words that are new come from objects that were made, and go with them.
        && then.access_method == now.access_method
        && then.unloadable == now.unloadable
        && then.unmodelled.iter().all(|fact| now.unmodelled.contains(fact))
        && match rows {
            Rows::Copied => then.columns.len() == now.columns.len(),
            Rows::Kept => true,
        }
        && has_columns(then, now, server_version)
}

/// Whether an inheritance child's columns can come from where they came. A column that it was given since can't be taken from it again,
/// and nor can a mark; tying a partition does both.
fn can_inherit(then: &Table, now: &Table) -> bool {
    let fits = |column: &Column, other: &Column| {
        let is_from_above = |mark: &&NotNull| !mark.descent.local;
        (column.descent.local || !other.descent.local)
            && column.not_null.as_ref().filter(is_from_above).is_none_or(|mark| {
                let facts = |mark: &NotNull| (mark.name.clone(), mark.validated, mark.no_inherit, mark.descent.local);
                other.not_null.as_ref().map(facts) == Some(facts(mark))
            })
    };
    then.lineage.inherits.is_empty()
        || now.lineage.partition_of.is_none()
            && then.columns.iter().all(|column| {
                now.columns.iter().find(|other| other.name == column.name).is_some_and(|other| fits(column, other))
            })
}

/// Whether now's columns are then's, with others among them at most.
fn has_columns(then: &Table, now: &Table, server_version: u32) -> bool {
    let mut columns = now.columns.iter();
    then.columns.iter().all(|column| columns.by_ref().any(|other| is_same(column, other, server_version)))
}

fn is_same(then: &Column, now: &Column, server_version: u32) -> bool {
    then.name == now.name
        && then.data_type == now.data_type
        && then.collation == now.collation
        && then.generated == now.generated
        && (then.storage == now.storage || then.storage.is_some() || server_version >= STORAGE_DEFAULT)
}
