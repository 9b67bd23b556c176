//! Whether a changed table can become what it was while it stands.

use super::{
    super::catalog_kind::{AlterTerms, RowBackup},
    model::{Column, NotNull, Table},
};

/// From this version on `SET STORAGE DEFAULT` names the type's own storage.
const STORAGE_DEFAULT: u32 = 160_000;

pub(super) fn can_stay(then: &Table, now: &Table, terms: AlterTerms) -> bool {
    then.lineage.partition_key == now.lineage.partition_key
        && can_inherit(then, now)
        // Words that are new come from objects that were made, and go with them.
        && then.access_method == now.access_method
        && then.unloadable == now.unloadable
        && then.unmodelled.iter().all(|fact| now.unmodelled.contains(fact))
        && match terms.rows {
            RowBackup::Copied => then.columns.len() == now.columns.len(),
            RowBackup::Kept => true,
        }
        && has_columns(then, now, terms.server_version)
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
    then.columns.iter().all(|column| columns.by_ref().any(|other| is_same_column(column, other, server_version)))
}

/// Whether a column can become what it was.
pub(crate) fn is_same_column(then: &Column, now: &Column, server_version: u32) -> bool {
    then.name == now.name
        && then.data_type == now.data_type
        && then.collation == now.collation
        && then.generated == now.generated
        && (then.storage == now.storage || then.storage.is_some() || server_version >= STORAGE_DEFAULT)
}
