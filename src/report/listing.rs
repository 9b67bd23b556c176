//! Tables of runs, events and backups.

use super::{
    style::{Style, Tone},
    table::{Align, table},
    units::{bytes, count, moment},
};

/// A run that has not ended, or the last one of its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusRow {
    /// As the journal has it.
    pub plan: String,
    /// UUID, as text.
    pub run: String,
    /// Where it is, `State::name` or an outcome's word.
    pub state: String,
    /// Its last event's time, RFC 3339.
    pub since: String,
    /// Who wrote its last event.
    pub actor: String,
    /// What to do, or nothing.
    pub next: String,
}

/// A run of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// UUID, as text.
    pub run: String,
    /// As the journal has it.
    pub plan: String,
    /// RFC 3339.
    pub started: String,
    /// How long it took; none while it has not ended.
    pub took: Option<std::time::Duration>,
    /// Where it is, or how it ended.
    pub outcome: String,
    /// Its backup's id.
    pub backup: Option<String>,
    /// Who started it.
    pub actor: String,
}

/// A backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupRow {
    /// `YYYY_MM_DD_HH24_MI_SS`
    pub id: String,
    /// The plan whose run took it.
    pub plan: String,
    /// RFC 3339.
    pub taken: String,
    /// Tables in it.
    pub tables: u64,
    /// Their rows.
    pub rows: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// `complete`, `partial`, …
    pub state: String,
}

/// A plan and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// As its file has it, or as it was asked for.
    pub plan: String,
    /// `applied`, `pending`, …
    pub state: String,
    /// When it was applied last, RFC 3339; empty where it wasn't.
    pub at: String,
    /// The run that did it; empty where it wasn't.
    pub run: String,
    /// Its file; empty where only its name is known.
    pub file: String,
}

/// Plans in their order.
pub fn plans(rows: &[PlanRow], style: Style) -> String {
    let head = ["plan", "state", "applied", "run", "file"].map(left);
    let cells = |row: &PlanRow| {
        let PlanRow { plan, state, at, run, file } = row.clone();
        let at = if at.is_empty() { at } else { moment(&at) };
        vec![plan, state, at, run, file]
    };
    listing(&head, rows.iter().map(cells).collect(), "no plan", style)
}

/// The runs that are under way, or the last of each plan.
pub fn status(rows: &[StatusRow], style: Style) -> String {
    let head = ["plan", "run", "state", "since", "by", "next"].map(left);
    let cells = |row: &StatusRow| {
        let StatusRow { plan, run, state, since, actor, next } = row.clone();
        vec![plan, run, state, moment(&since), actor, next]
    };
    listing(&head, rows.iter().map(cells).collect(), "no run yet", style)
}

/// The runs of the past, as they are given.
pub fn history(rows: &[HistoryRow], style: Style) -> String {
    let head = [left("started"), right("took"), left("plan"), left("outcome"), left("backup"), left("by"), left("run")];
    let cells = |row: &HistoryRow| {
        let HistoryRow { run, plan, started, took, outcome, backup, actor } = row.clone();
        let took = took.map(super::units::duration).unwrap_or_default();
        vec![moment(&started), took, plan, outcome, backup.unwrap_or_default(), actor, run]
    };
    listing(&head, rows.iter().map(cells).collect(), "no run yet", style)
}

/// The backups, as they are given.
pub fn backups(rows: &[BackupRow], style: Style) -> String {
    let head = [left("backup"), left("plan"), left("taken"), right("tables"), right("rows"), right("size"), left("state")];
    let cells = |row: &BackupRow| {
        let BackupRow { id, plan, taken, tables, rows, bytes: size, state } = row.clone();
        vec![id, plan, moment(&taken), count(tables), count(rows), bytes(size), state]
    };
    let total = rows.iter().map(|row| row.bytes).sum();
    let foot = match rows.len() {
        0 | 1 => String::new(),
        some => style.paint(Tone::Quiet, &format!("{some} backups, {}", bytes(total))) + "\n",
    };
    listing(&head, rows.iter().map(cells).collect(), "no backup", style) + &foot
}

fn left(name: &str) -> (&str, Align) {
    (name, Align::Left)
}

fn right(name: &str) -> (&str, Align) {
    (name, Align::Right)
}

fn listing(head: &[(&str, Align)], rows: Vec<Vec<String>>, none: &str, style: Style) -> String {
    if rows.is_empty() { style.paint(Tone::Quiet, none) + "\n" } else { table(head, &rows, style) }
}
