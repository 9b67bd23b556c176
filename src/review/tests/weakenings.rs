//! Each kind of safety that can get weaker: found one way, and not the other way round.

use std::collections::BTreeSet;

use super::{PLAN, edited, resolved, review};
use crate::review::{Weakening, compare};

type WeakeningCase = (Weakening, &'static [(&'static str, &'static str)]);

/// What is edited, and the one thing that is weaker then.
const CASES: &[WeakeningCase] = {
    use Weakening::*;
    &[
        (
            BackupRemoved,
            &[("  targets:\n    - tables: [public.accounts, public.audit_*]\n    - tables: [public.events]\n", "")],
        ),
        (TargetRemoved, &[("[public.accounts, public.audit_*]", "[public.audit_*]")]),
        (TargetRemoved, &[("    - tables: [public.events]\n", "")]),
        (TargetNarrowed, &[("public.audit_*]", "public.audit_2024_*]")]),
        (CoverageWidened, &[("[public.cache]", "[public.cache, public.queue]")]),
        (CoverageWidened, &[("[public.cache]", "[public.*]")]),
        (WritersLoosened, &[("writers: block", "writers: capture")]),
        (WritersLoosened, &[("writers: block", "writers: detect")]),
        (WritersLoosened, &[("writers: block", "writers: allow")]),
        (VerifyLoosened, &[("verify: restore", "verify: digests")]),
        (KeepLowered, &[("keep: 3", "keep: 1")]),
        (SequencesExact, &[("sequences: forward", "sequences: exact")]),
        (ExecuteRoleAdmitted, &[("  keep: 3", "  keep: 3\n  execute_role: support")]),
        (AdminRoleAdmitted, &[("  keep: 3", "  keep: 3\n  admin_role: support")]),
        (OnFailureLoosened, &[("on_failure: undo", "on_failure: hold")]),
        (OnInterruptLoosened, &[("on_interrupt: restore", "on_interrupt: hold")]),
        (StepTransactionDropped, &[("    sql: ALTER ROLE app", "    transaction: none\n    sql: ALTER ROLE app")]),
        (LockTimeoutRaised, &[("lock_timeout: 5s", "lock_timeout: 1min")]),
        (LockTimeoutRaised, &[("lock_timeout: 2s", "lock_timeout: 4s")]),
        (LockTimeoutRaised, &[("    lock_timeout: 2s\n", "")]),
        (StatementTimeoutRaised, &[("statement_timeout: 30min", "statement_timeout: 2h")]),
        (StatementTimeoutRaised, &[("    statement_timeout: 5min\n", "")]),
        (IdleTimeoutRaised, &[("session_timeout: 10min", "session_timeout: 11min")]),
        (CheckDropped, &[("    - id: no-twins\n      unique: {table: public.accounts, columns: [email]}\n", "")]),
        (
            CheckMoved,
            &[
                ("    - id: has-rows\n      row_count: {table: public.accounts, at_least: 100}\n      hint: Fill it.\n", ""),
                ("  after:\n", "  after:\n    - id: has-rows\n      row_count: {table: public.accounts, at_least: 100}\n"),
            ],
        ),
        (SeverityLowered, &[("      hint: Fill it.", "      severity: warn")]),
        (SeverityLowered, &[("severity: warn", "severity: info")]),
        (CheckLoosened, &[("at_least: 100", "at_least: 1")]),
        (CheckLoosened, &[("columns: [email]}\n    - id: secured", "columns: [email, region]}\n    - id: secured")]),
        (CheckLoosened, &[(", forced: true", "")]),
        (CheckLoosened, &[("name: own_rows, at_least: 2", "name: own_rows, at_least: 1")]),
        (CheckLoosened, &[(", unique: true", "")]),
        (CheckLoosened, &[(", kind: primary_key", "")]),
        (CheckLoosened, &[(", returns: boolean", "")]),
        (CheckLoosened, &[("at_least: \"1.10\"", "at_least: \"1.9\"")]),
        (CheckLoosened, &[("expect: {rows: 0}", "expect: {rows: {at_most: 5}}")]),
        (CheckLoosened, &[("at_most: 10}}", "at_most: 11}}")]),
        (CheckNarrowed, &[("[public.accounts, public.events], columns", "[public.accounts], columns")]),
        (CheckNarrowed, &[("columns: [id, email]}\n    - id: no-twins", "columns: [id]}\n    - id: no-twins")]),
        (CheckNarrowed, &[("privileges: [INSERT, DELETE]", "privileges: [DELETE]")]),
        (CheckNarrowed, &[("[is_member_of(uuid), is_officer_of(uuid)]", "[is_member_of(uuid)]")]),
        (CheckNarrowed, &[("columns: [id, number]", "columns: [id]")]),
        (CheckNarrowed, &[("[public.events, public.accounts], columns", "[public.accounts], columns")]),
        (CheckNarrowed, &[("[public.events, public.outbox]", "[public.events]")]),
        (ExpectRowsDropped, &[("    expect_rows: {at_least: 1, at_most: 10}\n", "")]),
        (ExpectRowsWidened, &[("{at_least: 1, at_most: 10}", "{at_least: 1}")]),
        (StepCheckDropped, &[("[none-open, no-nulls]", "[no-nulls]")]),
        (ProbeDropped, &[("    probe: SELECT to_regclass('accounts_closed_at_idx') IS NOT NULL\n", "")]),
        (MaxLagRaised, &[(", max_lag: 10s", "")]),
        (MaxLagRaised, &[("max_lag: 10s", "max_lag: 20s")]),
        (BatchTargetRaised, &[("target: 1s", "target: 2s")]),
        (RequiresDropped, &[("[first, second]", "[first]")]),
        (
            RuleExcepted,
            &[("    undo: SELECT 1\n", "    undo: SELECT 1\n    lint: {allow: [{rule: some-rule, reason: Because.}]}\n")],
        ),
        (RuleExcepted, &[("rollback:\n", "lint: {allow: [{rule: some-rule, reason: Because.}]}\nrollback:\n")]),
        (RepeatAllowed, &[("repeat: never", "repeat: on_change")]),
        (RuleExcepted, &[("repeat: never", "repeat: never\nlint: {allow: [{rule: truncate, reason: It is meant.}]}")]),
    ]
};

/// Those whose other way round is a loss, too, or which need more than one edit.
const APART: &[Weakening] = {
    use Weakening::*;
    &[PlanTransactionDropped, StepCutIntoBatches, CheckReplaced, UndoDropped, Renamed, SecretExposed]
};

fn rules(review: &crate::review::Review) -> Vec<Weakening> {
    review.weaker.iter().map(|loss| loss.rule).collect()
}

#[test]
fn each_loss_is_found_and_its_opposite_is_none() {
    for (rule, edits) in CASES {
        let (then, now) = (resolved(PLAN), resolved(&edited(edits)));
        let loss = compare(&then, &now);
        assert_eq!(rules(&loss), [*rule], "{edits:?}: {loss:#?}");
        let gain = compare(&now, &then);
        // Of a check in another phase nobody can tell which of both was the better.
        if *rule != Weakening::CheckMoved {
            assert_eq!(rules(&gain), [], "the opposite of {edits:?}: {gain:#?}");
        }
        assert!(!loss.changes.is_empty() && !gain.changes.is_empty(), "{edits:?}");
        let [weaker] = loss.weaker.as_slice() else { panic!() };
        assert!(weaker.before != weaker.after && weaker.why.ends_with('.'), "{weaker:#?}");
    }
}

#[test]
fn every_kind_of_loss_has_its_case() {
    let tried: BTreeSet<Weakening> = CASES.iter().map(|(rule, _)| *rule).chain(APART.iter().copied()).collect();
    assert_eq!(tried, BTreeSet::from(Weakening::ALL));
    let names: BTreeSet<String> = Weakening::ALL.into_iter().map(Weakening::name).collect();
    assert_eq!(names.len(), Weakening::ALL.len());
    for rule in Weakening::ALL {
        assert!(rule.why().ends_with('.') && !rule.title().ends_with('.'), "{rule:?}");
    }
}

#[test]
fn one_transaction_for_everything_is_more_than_one_for_each_step() {
    let plan = |transaction: &str, writers: &str| {
        resolved(&format!(
            "format: backstop/v1\nname: t\ntransaction: {transaction}\nbackup: {{writers: {writers}, targets: [{{tables: [public.a]}}]}}\n\
             steps: [{{id: a, sql: UPDATE a SET n = 1}}]\n"
        ))
    };
    let found = |then: (&str, &str), now: (&str, &str)| rules(&compare(&plan(then.0, then.1), &plan(now.0, now.1)));
    use Weakening::*;
    assert_eq!(found(("plan", "block"), ("step", "block")), [PlanTransactionDropped]);
    assert_eq!(found(("step", "block"), ("plan", "block")), []);
    // Locks keep writers away from a plan that is one transaction, whatever it says of them.
    assert_eq!(found(("plan", "block"), ("plan", "allow")), []);
    assert_eq!(found(("step", "block"), ("plan", "allow")), []);
    assert_eq!(found(("plan", "allow"), ("step", "allow")), [WritersLoosened, PlanTransactionDropped]);
    // A write is made again, or somebody decides to lose it, or it is lost.
    assert_eq!(found(("step", "capture"), ("step", "detect")), [WritersLoosened]);
    assert_eq!(found(("step", "detect"), ("step", "capture")), []);
    assert_eq!(found(("step", "detect"), ("step", "allow")), [WritersLoosened]);
}

#[test]
fn batches_and_one_transaction_are_no_opposites() {
    let whole = [
        ("    batch: {table: public.events, key: id, size: 5000, target: 1s, max_lag: 10s}\n", ""),
        ("BETWEEN {{ batch.first }} AND {{ batch.last }}", "> 0"),
    ];
    let (cut, whole) = (resolved(PLAN), resolved(&edited(&whole)));
    assert_eq!(rules(&compare(&whole, &cut)), [Weakening::StepCutIntoBatches]);
    assert_eq!(rules(&compare(&cut, &whole)), []);
}

#[test]
fn a_check_that_asks_something_else_is_a_loss_both_ways() {
    for edits in [
        [("enabled: true", "enabled: false")],
        [("granted: false", "granted: true")],
        [("unique: {table: public.accounts, columns: [email]}", "not_null: {table: public.accounts, columns: [email]}")],
        [("no_invalid_indexes: {tables", "table_exists: {tables")],
    ] {
        let (then, now) = (resolved(PLAN), resolved(&edited(&edits)));
        assert_eq!(rules(&compare(&then, &now)), [Weakening::CheckReplaced]);
        assert_eq!(rules(&compare(&now, &then)), [Weakening::CheckReplaced]);
    }
}

#[test]
fn undo_counts_where_it_is_used() {
    let of = |policy: &str, undo: &str| {
        resolved(&format!(
            "format: backstop/v1\nname: t\nsteps: [{{id: a, sql: SELECT 1{undo}}}]\nrollback: {{on_failure: {policy}}}\n"
        ))
    };
    let (with, without) = (", undo: SELECT 2", "");
    assert_eq!(
        rules(&compare(&of("undo", with), &of("hold", without))),
        [Weakening::OnFailureLoosened, Weakening::UndoDropped]
    );
    assert_eq!(rules(&compare(&of("restore", with), &of("restore", without))), []);
    assert_eq!(rules(&compare(&of("restore", with), &of("undo", with))), [Weakening::OnFailureLoosened]);
}

#[test]
fn another_name_is_another_plan_to_the_journal() {
    assert_eq!(rules(&review(&[("name: sample", "name: other")])), [Weakening::Renamed]);
}

#[test]
fn a_secret_that_is_none_any_more_is_told_and_its_place_is_no_secret() {
    let found = review(&[("{type: secret, default: {env: TOKEN}}", "{type: string, default: abc}")]);
    assert_eq!(rules(&found), [Weakening::SecretExposed]);
    assert!(!format!("{found:?}").contains("hunter2"));
}

#[test]
fn what_can_not_be_less_is_no_loss() {
    for edits in [
        &[("attempts: 3", "attempts: 9")][..],
        &[("SELECT count(*) FROM public.cache", "SELECT 1")],
        &[(
            "    - id: noted\n      sql: SELECT count(*) FROM public.cache\n      expect: {number: {at_least: 0}}\n      severity: info\n",
            "",
        )],
        &[("search_path: [public]", "search_path: [public, other]")],
        &[("  schema: backup_pre_migration", "  schema: elsewhere")],
        &[("size: 5000", "size: 50000")],
        &[("column: id, pattern: uuid", "column: id, pattern: email")],
        &[("    - id: no-twins\n", "    - id: no-doubles\n")],
        &[("default: eu", "default: us")],
        &[("[public.accounts, public.audit_*]", "[public.audit_*, accounts]")],
        &[("    - tables: [public.events]\n", "    - tables: [public.*]\n")],
    ] {
        let found = review(edits);
        assert!(!found.changes.is_empty(), "{edits:?}");
        assert_eq!(rules(&found), [], "{edits:?}: {found:#?}");
    }
}
