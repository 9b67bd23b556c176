//! Runs as they are told, from the first event to the closing.

use super::sample_events::{
    RUN, after_failed, backup, before, check, committed, lock_timeout, preflight, restored, started, step_failed, told,
};
use crate::{
    catalog::{ObjectKey, ObjectKind},
    machine::*,
    report::{Closing, JournalEntry, Style, failure, json},
};
use insta::assert_snapshot;

#[test]
fn a_run_that_succeeds() {
    let step = StepStarted { index: 0, step: "convert-ids".into(), attempt: 1 };
    let passed = ChecksEvaluated { results: vec![check("id-is-uuid", CheckPhase::After, CheckOutcome::Pass, "uuid")] };
    let text = told(
        Style::Plain,
        &[
            (0, started()),
            (120, preflight()),
            (300, before()),
            (310, Event::BackupStarted(BackupStarted {})),
            (3_510, backup()),
            (3_520, Event::StepStarted(step)),
            (9_000, committed()),
            (9_100, Event::AfterChecksPassed(passed)),
            (9_110, Event::RunSucceeded(RunSucceeded {})),
        ],
    );
    assert_snapshot!(text + &Closing::Finished(&RunOutcome::Succeeded).text(RUN, Style::Plain), @r#"
    multi-org-security  2 steps, run 0192f0a0-7b1c-7000-8000-000000000001, 2026-11-22 12:00:00 UTC
      ✓ preflight  PostgreSQL 15.18, 2 tables to back up, 120.5 MiB  120 ms
          ! wal_level is minimal
      ✓ before-checks  2 passed  180 ms
          ✓ organizations-have-data  100 rows
          ✓ same-people              1000000, 100
      ✓ backup  2026_11_22_12_00_00: 2 tables, 1,000,100 rows, 120.6 MiB  3.2 s
      ✓ step convert-ids  1,000,000 rows  5.5 s
          ~ table public.organizations: column id type text -> uuid
          + index public.profiles_org_id_idx
          - policy everyone on public.profiles
          ~ public.organizations: rewritten or emptied
          ~ public.profiles: 1,000,000 rows written
          ✓ id-is-uuid  uuid
      ✓ after-checks  1 passed  100 ms
          ✓ id-is-uuid  uuid
    ✓ succeeded: migrated and validated
      backstop show 0192f0a0-7b1c-7000-8000-000000000001  everything that happened
    "#);
}

#[test]
fn a_run_that_is_restored() {
    let cause = Cause::Checks(vec!["no-orphans".into(), "rls-on".into()]);
    let text = told(
        Style::Plain,
        &[
            (0, started()),
            (5_000, step_failed(1, lock_timeout())),
            (9_000, after_failed()),
            (9_010, Event::RestoreStarted(RestoreStarted { attempt: 1, fidelity: Fidelity::Exact })),
            (131_010, restored()),
        ],
    );
    assert_snapshot!(text + &Closing::Finished(&RunOutcome::restored(cause)).text(RUN, Style::Plain), @r#"
    multi-org-security  2 steps, run 0192f0a0-7b1c-7000-8000-000000000001, 2026-11-22 12:00:00 UTC
      ! step isolate-tenants  attempt 1 failed  5.0 s
          canceling statement due to lock timeout [backstop::run::step, SQLSTATE 55P03]
            while locking "profiles"
            ALTER TABLE profiles ENABLE ROW LEVEL SECURITY
      ✗ after-checks  1 passed, 1 warned, 1 failed, 1 could not be evaluated  4.0 s
          ✓ id-is-uuid  uuid
          ! few-rows    12 rows, at most 10 expected
          ✗ no-orphans  3 rows, none expected
              id    name
              ────  ───────────────────
              17    Ada
              4711  NULL
              5     evil\u{1b}[31m⏎name
              … and more
              help: Attach these profiles to an organization first.
          ✗ rls-on      could not be evaluated: permission denied
      ↶ restored  from backup 2026_11_22_12_00_00: 2 tables reloaded, 1 table left as it was, 1 table dropped, 4 objects created again, 3 tables proven equal  2 min 02 s
          ↶ public.organizations
          ↶ public.profiles
          - table public.audit with 12 rows
          = policy own on public.profiles, respelled by the server
          = materialized view public.totals, filled again: it was stale at the backup
          ! no statistics yet, run ANALYZE: public.profiles: 60 s were not enough for all
          ! public.letters was written to without a copy, as allow_uncovered allows, and keeps what was written
          + 6 changes of others carried over
          ! 2 changes of others could not be made again: look into backstop.quarantine
          ! 3 rows that pointed to nothing taken out: look into backstop.quarantine
          ! 1 change of others lost values that have no column: look into backstop.quarantine
          ! public.profiles overwritten, as asked: writes of 4 transactions
          ! table public.profiles in publication app: its subscribers did not see these rows come back. Take it out of the publication, there ALTER SUBSCRIPTION … REFRESH PUBLICATION and TRUNCATE the table, put it in again, and REFRESH once more, which copies it
          ! replication slot app_slot: who reads changes from it may have seen only a part of what came back, and needs a new copy
          ! table public.high stands alone now: it was below table public.items, whose columns are others again
    ↶ restored: the database is as it was, verified
      because the checks no-orphans, rls-on did not hold
      backstop show 0192f0a0-7b1c-7000-8000-000000000001  everything that happened
    "#);
}

#[test]
fn a_run_that_is_aborted() {
    let failures = vec![
        Failure::permanent("backstop::run::privilege", "role app may not read public.profiles")
            .hint("GRANT SELECT ON public.profiles TO app."),
        Failure::permanent("backstop::run::space", "3.0 GiB are needed, 1.0 GiB is free"),
    ];
    let cause = Cause::Preflight(failures.clone());
    let text = told(Style::Plain, &[(0, started()), (70, Event::PreflightFailed(PreflightFailed { failures }))]);
    assert_snapshot!(text + &Closing::Finished(&RunOutcome::Aborted(cause)).text(RUN, Style::Plain), @r#"
    multi-org-security  2 steps, run 0192f0a0-7b1c-7000-8000-000000000001, 2026-11-22 12:00:00 UTC
      ✗ preflight  2 problems  70 ms
          ✗ role app may not read public.profiles [backstop::run::privilege]
            help: GRANT SELECT ON public.profiles TO app.
          ✗ 3.0 GiB are needed, 1.0 GiB is free [backstop::run::space]
    ! aborted: nothing was changed
      because role app may not read public.profiles; 3.0 GiB are needed, 1.0 GiB is free
      backstop show 0192f0a0-7b1c-7000-8000-000000000001  everything that happened
    "#);
}

#[test]
fn a_run_that_is_undone() {
    let (index, step) = (0, "convert-ids".to_owned());
    let differences = vec!["table public.profiles: column id type uuid, was text".to_owned()];
    let failed = UndoFailed { index, step: step.clone(), failure: lock_timeout() };
    let text = told(
        Style::Plain,
        &[
            (0, Event::UndoStarted(UndoStarted { index, step: step.clone() })),
            (5, Event::UndoCommitted(UndoCommitted { index, step, uncovered: Vec::new() })),
            (105, Event::UndoVerified(UndoVerified { tables: 3, uncovered: Vec::new() })),
            (205, Event::UndoDiffers(UndoDiffers { differences })),
            (305, Event::UndoFailed(failed)),
        ],
    );
    assert_snapshot!(text, @r#"
    ↶ undo convert-ids  5 ms
    ↶ comparison  3 tables proven equal to the backup  100 ms
    ! comparison  1 difference from the backup  100 ms
        table public.profiles: column id type uuid, was text
    ✗ undo convert-ids  failed  100 ms
        canceling statement due to lock timeout [backstop::run::step, SQLSTATE 55P03]
          while locking "profiles"
          ALTER TABLE profiles ENABLE ROW LEVEL SECURITY
    "#);
}

#[test]
fn a_run_that_is_held() {
    let failure =
        Failure::permanent("backstop::run::uncovered_write", "the step wrote to public.audit, which no backup covers")
            .hint("Add public.audit to backup.targets.");
    let text = told(
        Style::Plain,
        &[
            (0, started()),
            (100, step_failed(1, failure.clone())),
            (200, Event::RunInterrupted(RunInterrupted { signal: "SIGINT".into() })),
            (300, Event::RunResumed(RunResumed {})),
            (400, Event::RestoreRequested(RestoreRequested {})),
            (500, Event::RestoreFailed(RestoreFailed { attempt: 1, failure: lock_timeout() })),
        ],
    );
    let cause = Cause::Step { step: "isolate-tenants".into(), failure };
    assert_snapshot!(text + &Closing::Held(&cause).text(RUN, Style::Plain), @r#"
    multi-org-security  2 steps, run 0192f0a0-7b1c-7000-8000-000000000001, 2026-11-22 12:00:00 UTC
      ✗ step isolate-tenants  failed  100 ms
          the step wrote to public.audit, which no backup covers [backstop::run::uncovered_write]
            help: Add public.audit to backup.targets.
      ! SIGINT  the run was stopped  100 ms
      ! resumed  by migrator at 2026-11-22 12:00:00 UTC
      ! restore requested  by migrator at 2026-11-22 12:00:00 UTC
      ✗ restore  failed  100 ms
          canceling statement due to lock timeout [backstop::run::step, SQLSTATE 55P03]
            while locking "profiles"
            ALTER TABLE profiles ENABLE ROW LEVEL SECURITY
    ! held: a decision is needed
      because the step isolate-tenants failed: the step wrote to public.audit, which no backup covers
      backstop resume PLAN                                                go on where it stands
      backstop restore 0192f0a0-7b1c-7000-8000-000000000001               go back to what was before
      backstop accept 0192f0a0-7b1c-7000-8000-000000000001 --reason TEXT  end here and keep the database as it stands
      backstop show 0192f0a0-7b1c-7000-8000-000000000001                  everything that happened
    "#);
}

#[test]
fn a_run_in_one_transaction() {
    let failure = lock_timeout();
    let cause = Cause::Step { step: "isolate-tenants".into(), failure };
    let checks = vec![check("no-orphans", CheckPhase::Step, CheckOutcome::Fail, "3 rows, none expected")];
    let rolled = TransactionRolledBack { cause, steps: 2, checks };
    assert_snapshot!(told(Style::Plain, &[(0, Event::TransactionRolledBack(rolled))]), @r#"
    ↶ rolled back  with 2 steps: the step isolate-tenants failed: canceling statement due to lock timeout
        canceling statement due to lock timeout [backstop::run::step, SQLSTATE 55P03]
          while locking "profiles"
          ALTER TABLE profiles ENABLE ROW LEVEL SECURITY
        ✗ no-orphans  3 rows, none expected
    "#);
}

#[test]
fn other_closings() {
    let stuck = RunOutcome::Stuck(lock_timeout());
    let text = [
        Closing::Finished(&stuck),
        Closing::Interrupted("SIGTERM"),
        Closing::Finished(&RunOutcome::Accepted),
        Closing::Finished(&RunOutcome::restored(Cause::Requested)),
        Closing::RolledBack(&Cause::Requested),
    ]
    .map(|closing| closing.text(RUN, Style::Plain))
    .join("\n");
    assert_snapshot!(text, @r#"
    ✗ stuck: the restore failed; nothing more is changed, and everything is kept
      canceling statement due to lock timeout [backstop::run::step, SQLSTATE 55P03]
        while locking "profiles"
        ALTER TABLE profiles ENABLE ROW LEVEL SECURITY
      backstop restore 0192f0a0-7b1c-7000-8000-000000000001               try again, as often as you like, once what is in the way is gone
      backstop accept 0192f0a0-7b1c-7000-8000-000000000001 --reason TEXT  keep the database as it stands: the application may write again
      backstop backup list                                                the backup is still there
      backstop show 0192f0a0-7b1c-7000-8000-000000000001                  everything that happened

    ! interrupted: the run is not at its end
      because SIGTERM stopped the runner
      backstop resume PLAN                                go on in the same direction
      backstop show 0192f0a0-7b1c-7000-8000-000000000001  everything that happened

    ✓ accepted: the database stays as it stands
      backstop show 0192f0a0-7b1c-7000-8000-000000000001  everything that happened

    ↶ restored: the database is as it was, verified
      because somebody asked for it
      backstop show 0192f0a0-7b1c-7000-8000-000000000001  everything that happened

    ↶ restored: the transaction was rolled back, and nothing had been committed
      because somebody asked for it
      backstop show 0192f0a0-7b1c-7000-8000-000000000001  everything that happened
    "#);
}

#[test]
fn what_a_restore_left_is_told_with_the_statements_that_finish_it() {
    let remaining = vec![
        RemainingDifference {
            object: ObjectKey::part(ObjectKind::Constraint, "public", "items", "recent"),
            difference: "is different: validated -> not validated".into(),
            reason: Some("constraint recent could not be brought back: a row breaks it".into()),
            sqlstate: Some("23514".into()),
            statements: vec!["ALTER TABLE public.items VALIDATE CONSTRAINT recent".into()],
        },
        RemainingDifference {
            object: ObjectKey::new(ObjectKind::View, "public", "totals"),
            difference: "is missing".into(),
            reason: None,
            sqlstate: None,
            statements: Vec::new(),
        },
    ];
    let Event::RestoreCompleted(done) = restored() else { panic!("restored") };
    let completed = RestoreCompleted {
        restored: Restoration {
            remaining: remaining.clone(),
            reloaded: vec!["public.items".into()],
            ..Restoration::default()
        },
        ..done
    };
    let failure = Failure::permanent("backstop::restore::statement_failed", "a row breaks it").class(FailureClass::Partial);
    let text = told(
        Style::Plain,
        &[(0, Event::RestoreFailed(RestoreFailed { attempt: 1, failure })), (9, Event::RestoreCompleted(completed))],
    );
    let outcome =
        RunOutcome::RestoredExcept { cause: Cause::Requested, remaining, uncovered: vec!["public.letters".into()] };
    let closing = Closing::Finished(&outcome);
    assert_snapshot!(text + &closing.text(RUN, Style::Plain) + &json::run_ended(RUN, &closing, 10), @r#"
      ! restore  can't be exact; what can't be made as it was is left, and the rest brought back
          a row breaks it [backstop::restore::statement_failed]
      ! restored  from backup 2026_11_22_12_00_00: 1 table reloaded  9 ms
          ↶ public.items
          ! constraint recent on public.items is different: validated -> not validated
          ! view public.totals is missing
    ! restored_except: all rows are back, verified, and the application may write; but not every object could be made as it was
      because somebody asked for it
      ! constraint recent on public.items is different: validated -> not validated
        constraint recent could not be brought back: a row breaks it [SQLSTATE 23514]
      ! view public.totals is missing
      1 statement to finish it, once what is in the way is gone; nothing more is asked of this program:
        ALTER TABLE public.items VALIDATE CONSTRAINT recent;
      no statement is known that makes view public.totals as it was
      ! public.letters was written to without a copy, as allow_uncovered allows, and keeps what was written
      backstop show 0192f0a0-7b1c-7000-8000-000000000001  everything that happened
    {"kind":"run_ended","run":"0192f0a0-7b1c-7000-8000-000000000001","outcome":"restored_except","exit_code":10,"because":"somebody asked for it","cause":"requested","remaining":[{"object":{"kind":"constraint","schema":"public","name":"recent","of":"items"},"difference":"is different: validated -> not validated","reason":"constraint recent could not be brought back: a row breaks it","sqlstate":"23514","statements":["ALTER TABLE public.items VALIDATE CONSTRAINT recent"]},{"object":{"kind":"view","schema":"public","name":"totals","of":null},"difference":"is missing","statements":[]}],"uncovered":["public.letters"]}
    "#);
}

#[test]
fn colours_only_where_they_are_wanted() {
    let events = [(0, started()), (5, preflight()), (9, after_failed()), (12, committed()), (99, restored())];
    let plain = told(Style::Plain, &events);
    let coloured = told(Style::Coloured, &events);
    assert!(!plain.contains('\u{1b}'));
    assert!(coloured.contains("\u{1b}[32m✓\u{1b}[0m"));
    let codes = ["1", "2", "31", "32", "33", "0"].map(|code| format!("\u{1b}[{code}m"));
    assert_eq!(codes.iter().fold(coloured, |text, code| text.replace(code, "")), plain);
}

#[test]
fn a_failure_by_itself() {
    assert_snapshot!(failure(&lock_timeout().hint("Try again when the long query is over."), Style::Plain), @r#"
    canceling statement due to lock timeout [backstop::run::step, SQLSTATE 55P03]
      while locking "profiles"
      ALTER TABLE profiles ENABLE ROW LEVEL SECURITY
      help: Try again when the long query is over.
    "#);
}

#[test]
fn json_has_one_stable_line_an_event() {
    let event = step_failed(2, lock_timeout());
    let entry = JournalEntry { run: RUN, seq: 7, at: "2026-11-22T12:00:00Z", actor: "migrator", event: &event };
    let cause = Cause::Checks(vec!["no-orphans".into()]);
    let outcome = RunOutcome::restored(cause);
    let text = [
        json::event(&entry, None),
        json::run_ended(RUN, &Closing::Finished(&outcome), 5),
        json::run_ended(RUN, &Closing::Interrupted("SIGINT"), 6),
        json::failed(&[Failure::permanent("backstop::run::busy", "another run holds the lock")], 8),
    ];
    for line in &text {
        assert!(line.ends_with('\n') && line.matches('\n').count() == 1);
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok());
    }
    assert_snapshot!(text.concat(), @r#"
    {"run":"0192f0a0-7b1c-7000-8000-000000000001","seq":7,"at":"2026-11-22T12:00:00Z","actor":"migrator","event":{"kind":"step_failed","index":1,"step":"isolate-tenants","attempt":2,"failure":{"code":"backstop::run::step","class":"transient","message":"canceling statement due to lock timeout","detail":"while locking \"profiles\"\nALTER TABLE profiles ENABLE ROW LEVEL SECURITY","hint":null,"sqlstate":"55P03"},"checks":[]}}
    {"kind":"run_ended","run":"0192f0a0-7b1c-7000-8000-000000000001","outcome":"restored","exit_code":5,"because":"the check no-orphans did not hold","cause":{"checks":["no-orphans"]}}
    {"kind":"run_ended","run":"0192f0a0-7b1c-7000-8000-000000000001","outcome":"interrupted","exit_code":6,"because":null,"cause":null}
    {"kind":"failed","failures":[{"code":"backstop::run::busy","class":"permanent","message":"another run holds the lock","detail":null,"hint":null,"sqlstate":null}],"exit_code":8}
    "#);
}

#[test]
fn events_survive_their_json() {
    for event in [started(), preflight(), before(), backup(), committed(), after_failed(), restored()] {
        let entry = JournalEntry { run: RUN, seq: 1, at: "2026-11-22T12:00:00Z", actor: "a", event: &event };
        let value: serde_json::Value = serde_json::from_str(&json::event(&entry, None)).unwrap();
        assert_eq!(value["event"]["kind"], event.name());
        assert_eq!(serde_json::from_value::<Event>(value["event"].clone()).unwrap(), event);
    }
}
