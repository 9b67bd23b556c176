//! The events of runs that are told in the samples.

use std::time::Duration;

use crate::{
    catalog::{Change, ChangeKind, ObjectKey, ObjectKind},
    machine::*,
    plan::{OnFailure, OnInterrupt, Rollback, Severity, Transaction},
    report::{JournalEntry, ProgressLog, Style},
};
pub(super) const RUN: &str = "0192f0a0-7b1c-7000-8000-000000000001";

/// Events at these milliseconds after noon.
pub(super) fn told(style: Style, events: &[(u32, Event)]) -> String {
    let mut narration = ProgressLog::new(style);
    events
        .iter()
        .zip(1..)
        .map(|((millis, event), seq)| {
            let at = format!("2026-11-22T12:{:02}:{:02}.{:03}Z", millis / 60_000, millis / 1000 % 60, millis % 1000);
            narration.tell(&JournalEntry { run: RUN, seq, at: &at, actor: "migrator", event })
        })
        .collect()
}

pub(super) fn started() -> Event {
    let step = |id: &str| StepOutline {
        id: id.into(),
        digest: "d".into(),
        transactional: true,
        cut: Default::default(),
        has_undo: false,
        attempts: 3,
        backoff: Duration::from_secs(1),
    };
    Event::RunStarted(RunStarted {
        run: RUN.into(),
        plan: "multi-org-security".into(),
        fingerprint: "f".into(),
        program: "0.1.0".into(),
        outline: Outline {
            transaction: Transaction::Step,
            steps: vec![step("convert-ids"), step("isolate-tenants")],
            rollback: Rollback { on_failure: OnFailure::Restore, on_interrupt: OnInterrupt::Hold },
            untouched: Untouched::Released,
        },
        backup_schema: "backup_pre_migration".into(),
        rendered: String::new(),
        sequences: Default::default(),
        restores: None,
        saved_plan: None,
    })
}

pub(super) fn preflight() -> Event {
    Event::PreflightPassed(PreflightPassed {
        server_version: 150_018,
        targets: vec!["public.organizations".into(), "public.profiles".into()],
        bytes: 126_400_000,
        warnings: vec!["wal_level is minimal".into()],
    })
}

pub(super) fn check(id: &str, phase: CheckPhase, outcome: CheckOutcome, message: &str) -> CheckResult {
    CheckResult {
        id: id.into(),
        phase,
        severity: Severity::Fail,
        outcome,
        message: message.into(),
        count: None,
        answer: None,
        sample: None,
        hint: None,
    }
}

pub(super) fn before() -> Event {
    Event::BeforeChecksPassed(ChecksEvaluated {
        results: vec![
            check("organizations-have-data", CheckPhase::Before, CheckOutcome::Pass, "100 rows"),
            check("same-people", CheckPhase::Unchanged, CheckOutcome::Pass, "1000000, 100"),
        ],
    })
}

pub(super) fn backup() -> Event {
    let table = |name: &str, rows, bytes| CopiedTable {
        table: format!("public.{name}"),
        copy: format!("{name}_1"),
        rows,
        bytes,
        digest: "d".into(),
    };
    Event::BackupCompleted(BackupCompleted {
        backup: "2026_11_22_12_00_00".into(),
        tables: vec![table("organizations", 100, 16_384), table("profiles", 1_000_000, 126_400_000)],
        catalog: "c".into(),
        trial: None,
        unchanged: Vec::new(),
    })
}

pub(super) fn committed() -> Event {
    let change = |how, object, what: &[&str]| Change { how, object, what: what.iter().map(|w| (*w).to_owned()).collect() };
    Event::StepCommitted(StepCommitted {
        index: 0,
        step: "convert-ids".into(),
        rows: vec![1_000_000],
        changes: vec![
            change(ChangeKind::Changed, ObjectKey::table("public", "organizations"), &["column id type text -> uuid"]),
            change(ChangeKind::Added, ObjectKey::new(ObjectKind::Index, "public", "profiles_org_id_idx"), &[]),
            change(ChangeKind::Removed, ObjectKey::part(ObjectKind::Policy, "public", "profiles", "everyone"), &[]),
        ],
        made: Vec::new(),
        written: vec![("public.organizations".into(), None), ("public.profiles".into(), Some(1_000_000))],
        uncovered: Vec::new(),
        checks: vec![check("id-is-uuid", CheckPhase::Step, CheckOutcome::Pass, "uuid")],
    })
}

pub(super) fn step_failed(attempt: u32, failure: Failure) -> Event {
    let (index, step, checks) = (1, "isolate-tenants".to_owned(), Vec::new());
    Event::StepFailed(StepFailed { index, step, attempt, failure, checks })
}

pub(super) fn lock_timeout() -> Failure {
    let mut failure = Failure::permanent("backstop::run::step", "canceling statement due to lock timeout")
        .class(FailureClass::Transient)
        .detail("while locking \"profiles\"\nALTER TABLE profiles ENABLE ROW LEVEL SECURITY");
    failure.sqlstate = Some("55P03".into());
    failure
}

pub(super) fn after_failed() -> Event {
    let mut orphans = check("no-orphans", CheckPhase::After, CheckOutcome::Fail, "3 rows, none expected");
    orphans.hint = Some("Attach these profiles to an organization first.".into());
    orphans.sample = Some(RowSample {
        columns: vec!["id".into(), "name".into()],
        rows: vec![
            vec![Some("17".into()), Some("Ada".into())],
            vec![Some("4711".into()), None],
            vec![Some("5".into()), Some("evil\u{1b}[31m\nname".into())],
        ],
        more: true,
    });
    Event::AfterChecksFailed(ChecksEvaluated {
        results: vec![
            check("id-is-uuid", CheckPhase::After, CheckOutcome::Pass, "uuid"),
            check("few-rows", CheckPhase::After, CheckOutcome::Warn, "12 rows, at most 10 expected"),
            orphans,
            check("rls-on", CheckPhase::After, CheckOutcome::Error, "permission denied"),
        ],
    })
}

pub(super) fn restored() -> Event {
    Event::RestoreCompleted(RestoreCompleted {
        backup: "2026_11_22_12_00_00".into(),
        restored: Restoration {
            reloaded: vec!["public.organizations".into(), "public.profiles".into()],
            untouched: vec!["public.memberships".into()],
            dropped: vec![("public.audit".into(), 12)],
            recreated: 4,
            respelled: vec!["policy own on public.profiles".into()],
            refreshed: vec!["materialized view public.totals".into()],
            unanalyzed: vec!["public.profiles: 60 s were not enough for all".into()],
            proven: 3,
            carried_over: 5,
            quarantined: 2,
            curtailed: 1,
            set_aside: 3,
            overwritten: vec![("public.profiles".into(), 4)],
            remaining: Vec::new(),
            uncovered: vec!["public.letters".into()],
            unpublished: vec!["table public.profiles in publication app".into()],
            slots: vec!["app_slot".into()],
            others: vec![
                "table public.high stands alone now: it was below table public.items, whose columns are others again".into(),
            ],
        },
    })
}
