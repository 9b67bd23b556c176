//! What counts as a change, and how it is told.

use insta::assert_snapshot;

use super::{PLAN, described, edited, resolved, review};
use crate::{
    load::{self, PlanFormat},
    render,
    review::{ChangeSubject, ReviewedChange, compare, introduced},
};

#[test]
fn comments_layout_and_words_for_people_are_no_change() {
    for edits in [
        &[("format: backstop/v1", "# new\nformat: 'backstop/v1'\n")][..],
        &[("description: For reviews.", "description: Otherwise."), ("owner: data", "owner: other")],
        &[("links: [https://tracker.example/1]\n", "")],
        &[("      hint: Fill it.\n", "")],
        &[("    description: A column.\n", "")],
        &[("description: Where.", "description: There.")],
        &[(
            "      UPDATE accounts SET closed_at = now()\n",
            "      -- why\n      UPDATE accounts\n         SET closed_at = now()\n",
        )],
        &[("[first, second]", "[second, first]")],
        &[(
            "    - tables: [public.accounts, public.audit_*]\n    - tables: [public.events]\n",
            "    - tables: [public.events, public.audit_*, public.accounts]\n",
        )],
        &[("repeat: never\n", ""), ("transaction: step\n", "")],
        &[("'eu' WHERE id", "'{{ region }}' WHERE id")],
    ] {
        // A text in SQL says what it is.
        let edits: Vec<_> =
            edits.iter().map(|(from, to)| (*from, to.replace("'{{ region }}'", "{{ region | literal }}"))).collect();
        let edits: Vec<(&str, &str)> = edits.iter().map(|(from, to)| (*from, to.as_str())).collect();
        let found = review(&edits);
        assert!(found.is_nothing(), "{edits:?}: {found:#?}");
    }
}

#[test]
fn every_kind_of_change_is_told_with_before_and_after() {
    let found = review(&[
        (
            "  region: {type: string, default: eu, description: Where.}",
            "  region: {type: string, default: us}\n  more: {type: integer, default: 5}",
        ),
        ("search_path: [public]", "search_path: [public, audit]"),
        ("public.audit_*]", "public.audit_log, public.new]"),
        ("at_least: 100", "at_least: 1"),
        ("    - id: version\n      extension: {name: pgcrypto, at_least: \"1.10\"}\n", ""),
        (
            "expect: {rows: 0}",
            "expect: {rows: {at_most: 3}}\n    - id: fresh\n      row_count: {table: public.events, at_least: 1}",
        ),
        (
            "    sql: ALTER TABLE accounts ADD COLUMN closed_at timestamptz",
            "    sql: ALTER TABLE accounts ADD COLUMN closed_at timestamp",
        ),
        ("retry: {attempts: 3, backoff: 2s}", "retry: {attempts: 5, backoff: 2s}"),
        ("    lock_timeout: 2s\n", ""),
        (", max_lag: 10s", ""),
        ("on_failure: undo", "on_failure: restore"),
        ("  - id: index\n", "  - id: extra\n    sql: SELECT 3\n    undo: SELECT 3\n  - id: index\n"),
    ]);
    assert_snapshot!(described(&found).join("\n"));
    assert_snapshot!(
        found
            .weaker
            .iter()
            .map(|loss| format!("{} {}: {} → {}", loss.subject, loss.rule.name(), loss.before, loss.after))
            .collect::<Vec<_>>()
            .join("\n")
    );
}

const INDEX: &str = "  - id: index\n    transaction: none\n    sql: CREATE INDEX CONCURRENTLY accounts_closed_at_idx ON accounts (closed_at)\n    undo: DROP INDEX accounts_closed_at_idx\n    probe: SELECT to_regclass('accounts_closed_at_idx') IS NOT NULL\n";

#[test]
fn a_step_that_moved_is_neither_gone_nor_new() {
    let moved = review(&[(INDEX, ""), ("steps:\n", &format!("steps:\n{INDEX}"))]);
    assert_eq!(described(&moved), ["step index moved: step 4 of 5, after token → step 1 of 5, the first"]);
    assert!(moved.weaker.is_empty());
    let inserted = review(&[("steps:\n", "steps:\n  - {id: zero, sql: SELECT 0, undo: SELECT 0}\n")]);
    assert_eq!(described(&inserted), ["step zero added: - → id: zero⏎sql: SELECT 0⏎undo: SELECT 0"]);
}

#[test]
fn a_step_or_check_of_another_name_is_known_by_what_it_does() {
    let named =
        review(&[("- id: close\n", "- id: close-accounts\n"), ("    expect_rows: {at_least: 1, at_most: 10}\n", "")]);
    assert_eq!(
        described(&named),
        [
            "step close-accounts id changed: close → close-accounts",
            "step close-accounts expect_rows removed: between 1 and 10 → -"
        ]
    );
    assert_eq!(named.weaker.len(), 1, "what was lost on the way is found: {named:#?}");
    let check = review(&[("- id: none-open\n", "- id: all-closed\n"), ("[none-open, no-nulls]", "[all-closed, no-nulls]")]);
    assert!(check.weaker.is_empty(), "{check:#?}");
}

#[test]
fn a_step_that_goes_is_told_with_all_that_it_was() {
    let gone = review(&[(INDEX, "")]);
    assert_snapshot!(described(&gone).join("\n").replace('⏎', "\n"), @r"
    step index removed: id: index
    transaction: none
    sql: CREATE INDEX CONCURRENTLY accounts_closed_at_idx ON accounts (closed_at)
    undo: DROP INDEX accounts_closed_at_idx
    probe: SELECT to_regclass('accounts_closed_at_idx') IS NOT NULL → -
    ");
}

#[test]
fn a_value_counts_where_it_is_rendered() {
    let found = review(&[("default: eu", "default: us")]);
    assert_eq!(
        described(&found),
        [
            "variable region default changed: eu → us",
            "step close sql changed: UPDATE accounts SET closed_at = now()⏎WHERE region = 'eu' → UPDATE accounts SET closed_at = now()⏎WHERE region = 'us'",
        ]
    );
}

#[test]
fn secrets_are_in_nothing_that_is_told() {
    let found = review(&[("ALTER ROLE app PASSWORD", "ALTER ROLE other PASSWORD")]);
    assert!(described(&found)[0].contains("***token***") && !format!("{found:?}").contains("hunter2"), "{found:#?}");
}

#[test]
fn a_new_plan_is_told_with_what_is_not_as_by_default() {
    let plan = resolved(PLAN);
    let found = introduced(&plan);
    assert!(found.weaker.is_empty());
    let subjects: Vec<String> = found.changes.iter().map(|change| change.subject.to_string()).collect();
    assert_eq!(subjects.iter().filter(|subject| subject.starts_with("step ")).count(), 5);
    assert_eq!(subjects.iter().filter(|subject| subject.starts_with("check ")).count(), 21);
    assert!(described(&found).contains(&"backup verify changed: digests → restore".to_owned()), "{:#?}", described(&found));
}

#[test]
fn the_normal_form_of_a_plan_means_the_same() {
    let written = |text: &str| load::load("plan.yaml", text.as_bytes(), PlanFormat::Yaml).unwrap().plan;
    let example = include_str!("../../../plans/fill-locale.yaml");
    for text in [PLAN, example] {
        let normal = render::normal(&written(text));
        assert!(compare(&resolved(text), &resolved(&normal)).is_nothing(), "{normal}");
        assert_eq!(render::normal(&written(&normal)), normal, "once is enough");
    }
    let normal = render::normal(&written(PLAN));
    assert!(normal.contains("{{ region | literal }}") && !normal.contains("***"), "{normal}");
}

#[test]
fn what_the_journal_has_of_a_plan_can_be_compared_with() {
    for text in [PLAN, include_str!("../../../plans/fill-locale.yaml")] {
        let recorded = |text: &str| {
            let shown = format!("format: backstop/v1\n{}", super::shown(text));
            let loaded = load::load("the journal", shown.as_bytes(), PlanFormat::Yaml);
            render::as_written(&loaded.unwrap_or_else(|why| panic!("{:#?}\n{shown}", why.records())).plan)
        };
        assert!(compare(&recorded(text), &recorded(text)).is_nothing());
        let only_variables = |change: &ReviewedChange| matches!(change.subject, ChangeSubject::Variable(_));
        let found = compare(&resolved(text), &recorded(text));
        assert!(found.changes.iter().all(only_variables), "{found:#?}");
    }
}

#[test]
fn a_plan_is_itself() {
    assert!(compare(&resolved(PLAN), &resolved(&edited(&[]))).is_nothing());
}
