//! What differs between a backup and the database.

use super::{
    step_change::lines,
    style::{Style, Tone, one_line},
    units::{count, so_many},
};
use crate::catalog::Change;

/// Most lines of structure that are shown before somebody is asked; the whole is shown where it was asked for.
pub const LINES_BEFORE_A_QUESTION_MAX: usize = 40;

/// What became of a row since the backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowChange {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It holds something else.
    Changed,
}

/// What became of a table's rows since the backup.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowsOfTable {
    /// `schema.table`
    pub table: String,
    /// Rows in the backup.
    pub then: u64,
    /// Rows now; none where the table is gone.
    pub now: Option<u64>,
    /// Rows that are new, gone, different; none where that can't be told.
    pub changes: Option<[u64; 3]>,
    /// What is to be known of how they were compared.
    pub remark: &'static str,
    /// Keys of some of them.
    pub sample: Vec<(RowChange, String)>,
}

/// How differences of rows are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceView {
    /// As what happened since the backup.
    Since,
    /// As what a restore would do to it.
    Undone,
}

/// Differences of structure, a line each: `+` is new, `-` gone, `~` different. Beyond `max` lines they are only counted.
pub fn structure(changes: &[Change], max: usize, style: Style) -> String {
    let mut told: Vec<String> = changes.iter().flat_map(|change| lines(change, style)).collect();
    let more = told.len().saturating_sub(max);
    told.truncate(max);
    if more > 0 {
        told.push(style.paint(Tone::Quiet, &format!("… and {} more", so_many(more as u64, "change"))));
    }
    told.iter().map(|line| format!("{line}\n")).collect()
}

/// Differences of rows, a table a line and some keys beneath it.
pub fn rows(tables: &[RowsOfTable], seen: DifferenceView, style: Style) -> String {
    tables.iter().map(|table| of_table(table, seen, style)).collect()
}

fn of_table(table: &RowsOfTable, seen: DifferenceView, style: Style) -> String {
    let mark = style.paint(Tone::Careful, "~");
    let words = match (table.now, table.changes) {
        (None, _) => match seen {
            DifferenceView::Since => format!("the table is gone, with {}", so_many(table.then, "row")),
            DifferenceView::Undone => format!("the table comes back with {}", so_many(table.then, "row")),
        },
        (Some(now), None) => format!("{} in the backup, {} now", so_many(table.then, "row"), count(now)),
        (Some(_), Some([added, removed, changed])) => {
            let parts = match seen {
                DifferenceView::Since => [(added, "added"), (removed, "removed"), (changed, "changed")],
                DifferenceView::Undone => [
                    (added, "added since go"),
                    (removed, "removed since come back"),
                    (changed, "changed since are as they were"),
                ],
            };
            let said: Vec<String> =
                parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", so_many(*n, "row"))).collect();
            if said.is_empty() { "no row differs".to_owned() } else { said.join(", ") }
        }
    };
    let remark = if table.remark.is_empty() { String::new() } else { format!(" ({})", table.remark) };
    let mut out = format!("{mark} {}: {words}{}\n", one_line(&table.table), style.paint(Tone::Quiet, &remark));
    for (which, tone, sign) in
        [(RowChange::Added, Tone::Good, "+"), (RowChange::Removed, Tone::Bad, "-"), (RowChange::Changed, Tone::Careful, "~")]
    {
        let keys: Vec<String> = table.sample.iter().filter(|(how, _)| *how == which).map(|(_, key)| one_line(key)).collect();
        if keys.is_empty() {
            continue;
        }
        let all = table.changes.map_or(0, |[added, removed, changed]| match which {
            RowChange::Added => added,
            RowChange::Removed => removed,
            RowChange::Changed => changed,
        });
        let more = if all > keys.len() as u64 { "; …" } else { "" };
        out += &format!("    {} {}{more}\n", style.paint(tone, sign), keys.join("; "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{ChangeKind, ObjectKey};

    fn items(changes: Option<[u64; 3]>, now: Option<u64>) -> RowsOfTable {
        RowsOfTable { table: "public.items".to_owned(), then: 3, now, changes, ..RowsOfTable::default() }
    }

    #[test]
    fn rows_are_counted_and_sampled() {
        let mut table = items(Some([2, 1, 0]), Some(4));
        table.sample = vec![(RowChange::Added, "8".to_owned()), (RowChange::Removed, "1".to_owned())];
        let told = rows(std::slice::from_ref(&table), DifferenceView::Since, Style::Plain);
        assert_eq!(told, "~ public.items: 2 rows added, 1 row removed\n    + 8; …\n    - 1\n");
        let told = rows(&[table], DifferenceView::Undone, Style::Plain);
        assert!(told.starts_with("~ public.items: 2 rows added since go, 1 row removed since come back\n"), "{told}");
    }

    #[test]
    fn what_can_not_be_told_is_not_told() {
        let told = |table| rows(&[table], DifferenceView::Since, Style::Plain);
        assert_eq!(told(items(None, Some(4))), "~ public.items: 3 rows in the backup, 4 now\n");
        assert_eq!(told(items(None, None)), "~ public.items: the table is gone, with 3 rows\n");
    }

    #[test]
    fn structure_is_bounded_where_it_must_be() {
        let change = |name: &str| Change { how: ChangeKind::Added, object: ObjectKey::table("s", name), what: Vec::new() };
        let changes = [change("a"), change("b"), change("c")];
        assert_eq!(structure(&changes, 1, Style::Plain), "+ table s.a\n… and 2 changes more\n");
        assert_eq!(structure(&changes, usize::MAX, Style::Plain).lines().count(), 3);
    }
}
