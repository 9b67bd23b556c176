//! Samples of the tables.

use std::time::Duration;

use insta::assert_snapshot;

use super::{BackupRow, HistoryRow, StatusRow, Style, backups, history, status};

const RUN: &str = "0192f0a0-7b1c-7000-8000-000000000001";

#[test]
fn tables_of_runs() {
    let run = RUN.to_owned();
    let (plan, actor, at) = ("multi-org-security".to_owned(), "migrator".to_owned(), "2026-11-22T12:00:00.5Z".to_owned());
    let waiting = StatusRow {
        plan: plan.clone(),
        run: run.clone(),
        state: "held".into(),
        since: at.clone(),
        actor: actor.clone(),
        next: "backstop resume PLAN".into(),
    };
    assert_snapshot!(status(&[waiting], Style::Plain), @r#"
    plan                run                                   state  since                    by        next
    ──────────────────  ────────────────────────────────────  ─────  ───────────────────────  ────────  ────────────────────
    multi-org-security  0192f0a0-7b1c-7000-8000-000000000001  held   2026-11-22 12:00:00 UTC  migrator  backstop resume PLAN
    "#);
    let past = |took, backup: Option<&str>, outcome: &str| HistoryRow {
        run: run.clone(),
        plan: plan.clone(),
        started: at.clone(),
        took,
        outcome: outcome.into(),
        backup: backup.map(str::to_owned),
        actor: actor.clone(),
    };
    let rows =
        [past(Some(Duration::from_millis(131_000)), Some("2026_11_22_12_00_00"), "restored"), past(None, None, "checking")];
    assert_snapshot!(history(&rows, Style::Plain), @r#"
    started                        took  plan                outcome   backup               by        run
    ───────────────────────  ──────────  ──────────────────  ────────  ───────────────────  ────────  ────────────────────────────────────
    2026-11-22 12:00:00 UTC  2 min 11 s  multi-org-security  restored  2026_11_22_12_00_00  migrator  0192f0a0-7b1c-7000-8000-000000000001
    2026-11-22 12:00:00 UTC              multi-org-security  checking                       migrator  0192f0a0-7b1c-7000-8000-000000000001
    "#);
}

#[test]
fn a_table_of_backups() {
    let backup = |id: &str, rows, bytes, state: &str| BackupRow {
        id: id.into(),
        plan: "multi-org-security".into(),
        taken: "2026-11-22T12:00:00Z".into(),
        tables: 3,
        rows,
        bytes,
        state: state.into(),
    };
    let rows = [
        backup("2026_11_22_12_00_00", 1_000_100, 126_416_384, "complete"),
        backup("2026_11_21_09_30_00", 7, 8192, "partial"),
    ];
    assert_snapshot!(backups(&rows, Style::Plain), @r#"
    backup               plan                taken                    tables       rows       size  state
    ───────────────────  ──────────────────  ───────────────────────  ──────  ─────────  ─────────  ────────
    2026_11_22_12_00_00  multi-org-security  2026-11-22 12:00:00 UTC       3  1,000,100  120.6 MiB  complete
    2026_11_21_09_30_00  multi-org-security  2026-11-22 12:00:00 UTC       3          7    8.0 KiB  partial
    2 backups, 120.6 MiB
    "#);
    assert_eq!(backups(&[], Style::Plain), "no backup\n");
}
