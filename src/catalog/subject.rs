//! What the words of a change are about.

use std::collections::BTreeSet;

use super::{change::Change, hierarchy::table, kind::ObjectKey, snapshot::Snapshot};

/// What a difference in words is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject<'a> {
    Column(&'a str),
    /// A fact of the whole object, by its first word.
    Fact(&'a str),
}

impl<'a> Subject<'a> {
    /// columns: all that the object has or had.
    pub(super) fn of(what: &'a str, columns: &[String]) -> Self {
        let bare = ["added ", "removed "].into_iter().find_map(|word| what.strip_prefix(word)).unwrap_or(what);
        let first = |text: &'a str| text.split(' ').next().unwrap_or(text);
        let Some(rest) = bare.strip_prefix("column ") else { return Subject::Fact(first(bare)) };
        let is_named = |name: &&String| rest.strip_prefix(name.as_str()).is_some_and(|after| after.starts_with(' '));
        let longest = columns.iter().filter(is_named).map(String::len).max();
        Subject::Column(longest.and_then(|length| rest.get(..length)).unwrap_or_else(|| first(rest)))
    }
}

/// The columns that a table has in either snapshot.
pub(super) fn column_names(key: &ObjectKey, snapshots: [&Snapshot; 2]) -> Vec<String> {
    let tables = snapshots.into_iter().filter_map(|snapshot| snapshot.objects.get(key).and_then(table));
    tables.flat_map(|table| table.columns.iter().map(|column| column.name.clone())).collect()
}

/// The change without what it says of these columns of a table, which has them in one of the snapshots; nothing if that was all.
pub(crate) fn without_columns(mut change: Change, columns: &BTreeSet<String>, snapshots: [&Snapshot; 2]) -> Option<Change> {
    if columns.is_empty() {
        return Some(change);
    }
    let names = column_names(&change.object, snapshots);
    change.what.retain(|what| match Subject::of(what, &names) {
        Subject::Column(name) => !columns.contains(name),
        Subject::Fact(_) => true,
    });
    (!change.what.is_empty()).then_some(change)
}
