//! As Markdown (GitHub's flavour, which GitLab reads too), for a comment on a pull request or the summary of a job.

use super::{
    model::{AppliedState, DryRunVerdict, Forecast, PlanForecast, StatementForecast},
    text::{about, applied_state, size, space},
};
use crate::{
    machine::{CheckOutcome, CheckResult, Failure},
    report::{
        difference::structure,
        style::{Style, one_line, printable, shortened},
        units::{bytes, moment},
    },
    secrets,
};

/// Most characters: GitHub takes 65,536 in a comment, and somebody may put a few around it.
pub const MARKDOWN_CHARS_MAX: usize = 60_000;
/// Most rows of a table.
const ROWS_MAX: usize = 50;
/// Most lines of drift.
const DRIFT_LINES_MAX: usize = 40;

/// What `apply` would do now.
pub fn markdown(dry_run: &Forecast) -> String {
    let mark = match dry_run.verdict() {
        DryRunVerdict::NothingToDo => "✅",
        DryRunVerdict::WouldRun => "▶️",
        DryRunVerdict::InTheWay | DryRunVerdict::Changed | DryRunVerdict::Unfinished => "⛔",
    };
    let mut pieces = vec![format!(
        "### {mark} backstop plan: {}\n\n{} at {}, looked at by {}; nothing was changed.\n",
        prose(&dry_run.conclusion()),
        code(&dry_run.database),
        moment(&dry_run.at),
        code(&dry_run.role)
    )];
    if let Some(lock) = &dry_run.lock {
        pieces.push(format!("\n⚠️ The run lock is held by {}.\n", prose(lock)));
    }
    if let Some(run) = &dry_run.unfinished {
        pieces.push(format!("\n⛔ Run `{}` of plan {} has not ended: {}.\n", run.run, code(&run.plan), prose(&run.state)));
    }
    pieces.extend(dry_run.plans.iter().map(of_plan));
    if !dry_run.elsewhere.is_empty() {
        let all: String = dry_run.elsewhere.iter().map(|one| failure(one, "⚠️")).collect();
        pieces.push(folded("This session could not apply it; another role or server may", &all));
    }
    if let Some(saved) = &dry_run.saved {
        let expires = saved.expires_at.as_ref().map(|at| format!(", good until {}", moment(at))).unwrap_or_default();
        pieces.push(format!("\nSaved as {}{expires}, id `{}`, digest `{}`.\n", code(&saved.file), saved.id, saved.digest));
    }
    bounded(pieces)
}

/// Whole pieces, as many as fit.
fn bounded(pieces: Vec<String>) -> String {
    const CUT: &str = "\n_The rest is left out: it is longer than a comment may be. The text of the job has it._\n";
    let (mut out, mut chars) = (String::new(), 0);
    for piece in pieces {
        chars += piece.chars().count();
        if chars + CUT.chars().count() > MARKDOWN_CHARS_MAX {
            return out + CUT;
        }
        out += &piece;
    }
    out
}

fn of_plan(plan: &PlanForecast) -> String {
    let mark = match (&plan.state, plan.is_stopped()) {
        (AppliedState::Applied { .. }, _) => "✅",
        (AppliedState::Changed { .. }, _) | (_, true) => "⛔",
        (_, false) => "▶️",
    };
    let mut out = format!("\n#### {mark} {}: {}\n\n", prose(&plan.name), prose(&applied_state(&plan.state)));
    if let AppliedState::Changed { diff, .. } = &plan.state {
        out += &fenced("diff", diff);
    }
    if !plan.state.is_pending() {
        return out;
    }
    if !plan.after.is_empty() {
        out += &format!("Runs after {}; this is how it looks before.\n\n", prose(&plan.after.join(", ")));
    }
    out.extend(plan.failures.iter().map(|one| failure(one, "⛔")));
    out.extend(plan.warnings.iter().map(|warning| format!("- ⚠️ {}\n", prose(warning))));
    for one in &plan.uncovered {
        out += &format!("- ⚠️ {} is changed by step {} and not covered by the backup\n", code(&one.table), code(&one.step));
    }
    out.extend(plan.checks.iter().filter(|check| check.outcome != CheckOutcome::Pass).map(failed_check));
    out += &held(&plan.statements);
    if let Some(drift) = plan.drift.as_ref().filter(|drift| !drift.changes.is_empty()) {
        let lines = structure(&drift.changes, DRIFT_LINES_MAX, Style::Plain);
        let title = prose(&drift.title()).replacen("changed", "Changed", 1);
        out += &folded(&title, &fenced("", &lines));
    }
    out += &details(plan);
    out
}

fn details(plan: &PlanForecast) -> String {
    let mut out = String::new();
    let held = plan.checks.iter().filter(|check| check.outcome == CheckOutcome::Pass).count();
    if held > 0 {
        let rows = plan.checks.iter().filter(|check| check.outcome == CheckOutcome::Pass);
        let rows = rows.map(|check| [code(&check.id), cell(&check.message)].to_vec()).collect::<Vec<_>>();
        out += &folded(&format!("✅ {held} before-checks hold"), &table(&["check", "found"], &rows));
    }
    if let Some(backup) = &plan.backup {
        let rows = backup.targets.iter().map(|t| vec![code(&t.table), about(t.rows), bytes(t.bytes)]).collect::<Vec<_>>();
        let tables = table(&["table", "rows, about", "size"], &rows);
        let space = if backup.targets.is_empty() { String::new() } else { format!("\nIt {}.\n", space(backup)) };
        out += &folded(&format!("Backup: {}", size(backup)), &(tables + &space));
    }
    let loud: Vec<&StatementForecast> = plan.statements.iter().filter(|one| one.is_loud()).collect();
    if !loud.is_empty() {
        let row = |one: &&StatementForecast| {
            let tables = one.tables.iter().map(|table| code(table)).collect::<Vec<_>>().join(", ");
            vec![code(&one.step), code(&one.statement), cell(&one.waits), tables]
        };
        let rows: Vec<Vec<String>> = loud.iter().map(row).collect();
        out += &folded(
            &format!("Locks: {} of {} statements keep somebody waiting", loud.len(), plan.statements.len()),
            &table(&["step", "statement", "who waits", "tables"], &rows),
        );
    }
    out
}

/// Who holds locks that are in the way now.
fn held(statements: &[StatementForecast]) -> String {
    let mut seen: Vec<String> = Vec::new();
    for held in statements.iter().flat_map(|one| &one.held) {
        let line = format!("- 🔒 {}\n", prose(&held.line()));
        if !seen.contains(&line) {
            seen.push(line);
        }
    }
    seen.truncate(ROWS_MAX);
    seen.concat()
}

fn failed_check(check: &CheckResult) -> String {
    let mark = if check.blocks() { "⛔" } else { "⚠️" };
    let what = if check.outcome == CheckOutcome::Error { "could not be evaluated: " } else { "" };
    let mut out = format!("- {mark} check {}: {what}{}\n", code(&check.id), prose(&check.message));
    if let Some(hint) = &check.hint {
        out += &format!("  {}\n", prose(hint));
    }
    if let Some(sample) = check.sample.as_ref().filter(|sample| !sample.rows.is_empty()) {
        let head: Vec<&str> = sample.columns.iter().map(String::as_str).collect();
        let value = |value: &Option<String>| value.as_ref().map_or_else(|| "NULL".to_owned(), |value| code(value));
        let rows: Vec<Vec<String>> = sample.rows.iter().map(|row| row.iter().map(value).collect()).collect();
        out += &folded(&format!("rows that break {}", check.id), &table(&head, &rows));
    }
    out
}

fn failure(failure: &Failure, mark: &str) -> String {
    let mut out = format!("- {mark} {} ({})\n", prose(&failure.message), code(&failure.code));
    if let Some(hint) = &failure.hint {
        out += &format!("  {}\n", prose(hint));
    }
    out
}

fn folded(head: &str, body: &str) -> String {
    format!("\n<details><summary>{}</summary>\n\n{body}\n</details>\n", prose(head))
}

fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut out = line(&head.iter().map(|name| cell(name)).collect::<Vec<_>>());
    out += &line(&vec!["---".to_owned(); head.len()]);
    out.extend(rows.iter().take(ROWS_MAX).map(|row| line(row)));
    if rows.len() > ROWS_MAX {
        out += &format!("\n… and {} more\n", rows.len() - ROWS_MAX);
    }
    out
}

fn fenced(language: &str, text: &str) -> String {
    // Longer than every run of backticks inside, so that none of them ends it.
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0).max(2);
    let fence = "`".repeat(longest + 1);
    format!("{fence}{language}\n{}\n{fence}\n", printable(text).trim_end())
}

/// Text in which nothing is markup.
fn prose(text: &str) -> String {
    one_line(text).chars().fold(String::new(), |mut out, c| {
        match c {
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '&' => out += "&amp;",
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '@' | '!' => out.extend(['\\', c]),
            c => out.push(c),
        }
        out
    })
}

fn cell(text: &str) -> String {
    prose(text)
}

/// Text as code, also within a table, where a bar would end the cell.
fn code(text: &str) -> String {
    const CHARS_MAX: usize = 120;
    let text = shortened(&one_line(&secrets::redacted(text)).replace('|', "∣"), CHARS_MAX);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    match longest {
        0 => format!("`{text}`"),
        longest => {
            let fence = "`".repeat(longest + 1);
            format!("{fence} {text} {fence}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::model::{BackupForecast, Saved},
        *,
    };

    fn dry_run(plans: usize) -> Forecast {
        let plan = |number: usize| PlanForecast {
            name: format!("plan-{number}"),
            path: "p.yaml".to_owned(),
            description: None,
            state: AppliedState::Pending,
            after: Vec::new(),
            failures: Vec::new(),
            warnings: vec!["<img src=x> | @everyone `x`".to_owned()],
            checks: Vec::new(),
            backup: Some(BackupForecast {
                schema: "b".to_owned(),
                targets: Vec::new(),
                bytes: 0,
                restore_bytes: 0,
                millis: None,
                basis: "x".to_owned(),
            }),
            statements: (0..60)
                .map(|_| StatementForecast {
                    step: "s".to_owned(),
                    statement: "ALTER TABLE a | `b`".to_owned(),
                    waits: "readers and writers".to_owned(),
                    tables: vec!["public.a".to_owned()],
                    held: Vec::new(),
                })
                .collect(),
            uncovered: Vec::new(),
            drift: None,
        };
        Forecast {
            database: "a@b/c".to_owned(),
            role: "r".to_owned(),
            at: "2026-01-01T00:00:00Z".to_owned(),
            lock: None,
            unfinished: None,
            elsewhere: Vec::new(),
            plans: (0..plans).map(plan).collect(),
            saved: Some(Saved { file: "f".to_owned(), id: "i".to_owned(), digest: "d".to_owned(), expires_at: None }),
        }
    }

    #[test]
    fn nothing_from_outside_is_markup() {
        let told = markdown(&dry_run(1));
        assert!(told.contains("&lt;img src=x&gt; \\| \\@everyone \\`x\\`"), "{told}");
        assert!(told.contains("`` ALTER TABLE a ∣ `b` ``"), "{told}");
        assert_eq!(told.matches("<details>").count(), told.matches("</details>").count());
        assert!(told.contains("… and 10 more"));
    }

    #[test]
    fn it_is_bounded_and_still_whole() {
        let told = markdown(&dry_run(100));
        assert!(told.chars().count() <= MARKDOWN_CHARS_MAX, "{}", told.chars().count());
        assert!(told.contains("The rest is left out"));
        assert_eq!(told.matches("<details>").count(), told.matches("</details>").count());
    }
}
