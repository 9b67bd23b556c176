//! As text for people.

use std::time::Duration;

use super::model::{AppliedState, BackupForecast, Forecast, PlanForecast, StatementForecast};
use crate::report::{
    check_results::checks,
    difference::structure,
    failure::failure,
    style::{Style, Tone, indented, one_line, printable},
    table::{Align, table},
    units::{bytes, count, duration, moment, so_many},
};

/// Most lines of drift that are told.
const DRIFT_LINES_MAX: usize = 20;
/// Most statements of a plan that are told one by one; those that keep nobody waiting are only counted.
const STATEMENTS_MAX: usize = 60;

/// What `apply` would do now.
pub fn text(dry_run: &Forecast, style: Style) -> String {
    let mut out = format!(
        "{} at {}, looked at by {}; nothing was changed\n",
        one_line(&dry_run.database),
        moment(&dry_run.at),
        one_line(&dry_run.role)
    );
    if let Some(lock) = &dry_run.lock {
        out += &format!("{} the run lock is held by {}\n", style.careful(), one_line(lock));
    }
    if let Some(run) = &dry_run.unfinished {
        out += &format!("{} run {} of plan {} has not ended: {}\n", style.bad(), run.run, one_line(&run.plan), run.state);
    }
    for plan in &dry_run.plans {
        out += "\n";
        out += &of_plan(plan, style);
    }
    if !dry_run.elsewhere.is_empty() {
        out += &format!("\n{}\n", style.paint(Tone::Strong, "this session could not apply it; another role or server may:"));
        for one in &dry_run.elsewhere {
            out += &indented(&format!("{} {}", style.careful(), failure(one, style)), 2);
        }
    }
    out += &format!("\n{}\n", style.paint(Tone::Strong, &dry_run.conclusion()));
    if let Some(saved) = &dry_run.saved {
        let expires = saved.expires_at.as_ref().map(|at| format!(", good until {}", moment(at))).unwrap_or_default();
        out += &format!("saved as {}{expires}\n  id {}\n  digest {}\n", one_line(&saved.file), saved.id, saved.digest);
    }
    out
}

fn of_plan(plan: &PlanForecast, style: Style) -> String {
    let mut out = format!("{}  {}\n", style.paint(Tone::Strong, &plan.name), applied_state(&plan.state));
    if let AppliedState::Changed { diff, .. } = &plan.state {
        out += &indented(&printable(diff), 4);
    }
    if !plan.state.is_pending() {
        return out;
    }
    if !plan.after.is_empty() {
        out += &format!(
            "  after {}; this is how it looks before {}\n",
            plan.after.join(", "),
            if plan.after.len() == 1 { "it" } else { "them" }
        );
    }
    for one in &plan.failures {
        out += &indented(&format!("{} {}", style.bad(), failure(one, style)), 2);
    }
    for warning in &plan.warnings {
        out += &indented(&format!("{} {}", style.careful(), one_line(warning)), 2);
    }
    if !plan.checks.is_empty() {
        out += "  before-checks\n";
        out += &indented(&checks(&plan.checks, style), 4);
    }
    if let Some(backup) = &plan.backup {
        out += &of_backup(backup, style);
    }
    out += &of_statements(&plan.statements, style);
    if !plan.uncovered.is_empty() {
        out += "  not covered by the backup\n";
        for one in &plan.uncovered {
            out += &format!("    {} {} (step {})\n", style.careful(), one_line(&one.table), one.step);
        }
    }
    if let Some(drift) = plan.drift.as_ref().filter(|drift| !drift.changes.is_empty()) {
        out += &format!("  {}\n", one_line(&drift.title()));
        out += &indented(&structure(&drift.changes, DRIFT_LINES_MAX, style), 4);
    }
    out
}

pub(super) fn applied_state(state: &AppliedState) -> String {
    match state {
        AppliedState::Pending => "pending".to_owned(),
        AppliedState::Applied { at, run } => format!("applied at {} by run {run}", moment(at)),
        AppliedState::Repeats { at } => format!("changed since it was applied at {}, and runs again", moment(at)),
        AppliedState::Changed { at, .. } => format!("changed since it was applied at {}", moment(at)),
        AppliedState::Unknown => "whether it is applied can't be known: the journal can't be read".to_owned(),
    }
}

fn of_backup(backup: &BackupForecast, style: Style) -> String {
    let mut out = format!("  backup: {}\n", size(backup));
    let rows: Vec<Vec<String>> =
        backup.targets.iter().map(|target| vec![target.table.clone(), about(target.rows), bytes(target.bytes)]).collect();
    if !rows.is_empty() {
        let head = [("table", Align::Left), ("rows, about", Align::Right), ("size", Align::Right)];
        out += &indented(&table(&head, &rows, style), 4);
        out += &indented(&format!("{}\n", space(backup)), 4);
    }
    out
}

/// What must be free on the server's disks.
pub(super) fn space(backup: &BackupForecast) -> String {
    format!(
        "needs about {} of disk and as much of WAL for the copies; a restore of everything up to {} more of both",
        bytes(backup.bytes),
        bytes(backup.restore_bytes)
    )
}

/// `3 tables, 562.0 MiB, about 6.1 s (…)`
pub(super) fn size(backup: &BackupForecast) -> String {
    let tables = so_many(backup.targets.len() as u64, "table");
    if backup.targets.is_empty() {
        return tables;
    }
    let time = match backup.millis {
        Some(millis) => format!("about {}", duration(Duration::from_millis(millis))),
        None => "of unknown length".to_owned(),
    };
    format!("{tables}, {}, {time} (estimate: {})", bytes(backup.bytes), one_line(&backup.basis))
}

pub(super) fn about(rows: Option<u64>) -> String {
    rows.map_or_else(|| "unknown".to_owned(), count)
}

fn of_statements(statements: &[StatementForecast], style: Style) -> String {
    let loud: Vec<&StatementForecast> = statements.iter().filter(|one| one.is_loud()).collect();
    let quiet = statements.len() - loud.len();
    if statements.is_empty() {
        return String::new();
    }
    let mut out = "  locks\n".to_owned();
    for one in loud.iter().take(STATEMENTS_MAX) {
        let tables = if one.tables.is_empty() { String::new() } else { format!(" [{}]", one.tables.join(", ")) };
        out += &format!(
            "    {}: {} wait{}{}\n",
            one.step,
            one.waits,
            if one.waits == "nobody" { "s" } else { "" },
            one_line(&tables)
        );
        out += &format!("      {}\n", style.paint(Tone::Quiet, &one_line(&one.statement)));
        for held in &one.held {
            out += &format!("      {} {}\n", style.careful(), one_line(&held.line()));
        }
    }
    if loud.len() > STATEMENTS_MAX {
        out += &format!("    … and {} more\n", so_many((loud.len() - STATEMENTS_MAX) as u64, "statement"));
    }
    if quiet > 0 {
        out += &format!(
            "    {} that keep{} nobody waiting\n",
            so_many(quiet as u64, "statement"),
            if quiet == 1 { "s" } else { "" }
        );
    }
    out
}

impl StatementForecast {
    /// Whether somebody waits for it, or it for somebody.
    pub(super) fn is_loud(&self) -> bool {
        self.waits != "nobody" || !self.held.is_empty()
    }
}
