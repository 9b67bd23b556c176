//! What counts, and what doesn't.

use std::{collections::BTreeSet, time::Duration};

use super::sample::*;
use crate::plan::*;

type Edit = fn(&mut Plan);

fn changed(edit: Edit) -> Plan {
    let mut plan = full();
    edit(&mut plan);
    plan
}

/// A plan that has something of everything.
fn full() -> Plan {
    let mut plan = plan("ALTER TABLE a ADD b int; -- c\nUPDATE a SET b = 1");
    let sql = |sql: &str| CheckKind::Sql { sql: template(sql), expect: Some(Expect::Rows(CountBounds::exactly(0))) };
    plan.checks.before = vec![check(sql("SELECT 1"))];
    plan.checks.after = vec![check(sql("SELECT 2"))];
    plan
}

fn kind(kind: CheckKind<Written>) -> Plan {
    let mut plan = full();
    plan.checks.after[0].kind = kind;
    plan
}

#[test]
fn comments_layout_and_words_for_people_do_not_count() {
    let edits: [Edit; 9] = [
        |plan| plan.description = Some("x".to_owned()),
        |plan| plan.owner = Some("x".to_owned()),
        |plan| plan.links = vec!["x".to_owned()],
        |plan| plan.name_at.start = 9,
        |plan| plan.steps[0].description = Some("x".to_owned()),
        |plan| plan.steps[0].sql = SqlSource::Inline(template("ALTER TABLE a /* ! */\n\tADD b int ;\nUPDATE a SET b=1;\n")),
        |plan| {
            plan.steps[0].sql =
                SqlSource::Inline(template("{# x #}ALTER TABLE {{ 'a' | raw }} ADD b int; UPDATE a SET b = {{ 1 }}"))
        },
        |plan| plan.checks.after[0].hint = Some("x".to_owned()),
        |plan| plan.session.search_path = List::Whole(template("{{ ['public'] }}")),
    ];
    for (index, edit) in edits.into_iter().enumerate() {
        assert_eq!(rendered(&changed(edit)).fingerprint(), rendered(&full()).fingerprint(), "edit {index}");
        assert_eq!(rendered(&changed(edit)).step_digests(), rendered(&full()).step_digests(), "edit {index}");
    }
}

#[test]
fn everything_else_of_a_plan_counts() {
    let edits: [Edit; 33] = [
        |_| {},
        |plan| plan.name = PlanName::parse("other").unwrap(),
        |plan| plan.requires = vec![(PlanName::parse("other").unwrap(), Place::default())],
        |plan| plan.repeat = Repeat::OnChange,
        |plan| plan.transaction = Transaction::Plan,
        |plan| plan.session.lock_timeout = Duration::from_secs(6),
        |plan| plan.session.statement_timeout = Duration::from_secs(6),
        |plan| plan.session.idle_in_transaction_session_timeout = Duration::from_secs(6),
        |plan| plan.session.search_path = items(&["public", "b"]),
        |plan| plan.backup.schema = template("b"),
        |plan| plan.backup.keep = 4,
        |plan| plan.backup.writers = Writers::Allow,
        |plan| plan.backup.sequences = Sequences::Exact,
        |plan| plan.backup.verify = Verify::Restore,
        |plan| plan.backup.targets[0].tables = items(&["public.b"]),
        |plan| plan.backup.targets[0].exclude = items(&["public.b"]),
        |plan| plan.backup.targets.push(plan.backup.targets[0].clone()),
        |plan| plan.backup.allow_uncovered = items(&["b"]),
        |plan| plan.checks.unchanged = plan.checks.before.clone(),
        |plan| plan.checks.before.clear(),
        |plan| plan.checks.after[0].id = CheckId::parse("b").unwrap(),
        |plan| plan.checks.after[0].severity = Severity::Warn,
        |plan| plan.steps.push(plan.steps[0].clone()),
        |plan| plan.steps[0].sql = SqlSource::Inline(template("ALTER TABLE a ADD b int; UPDATE a SET b = 2")),
        |plan| plan.steps[0].sql = SqlSource::Inline(template("ALTER TABLE a ADD b int; -- c UPDATE a SET b = 1")),
        |plan| plan.steps[0].id = StepId::parse("b").unwrap(),
        |plan| plan.steps[0].transaction = StepTransaction::None,
        |plan| plan.steps[0].retry.attempts = 9,
        |plan| plan.steps[0].retry.backoff = Duration::from_millis(1),
        |plan| plan.steps[0].checks = vec![(CheckId::parse("a-check").unwrap(), Place::default())],
        |plan| plan.rollback.on_failure = OnFailure::Hold,
        |plan| plan.rollback.on_interrupt = OnInterrupt::Restore,
        |plan| plan.checks.after.push(plan.checks.after[0].clone()),
    ];
    let count = edits.len();
    let fingerprints: BTreeSet<_> =
        edits.into_iter().map(|edit| rendered(&changed(edit)).fingerprint().to_owned()).collect();
    assert_eq!(fingerprints.len(), count);
}

#[test]
fn every_setting_of_a_step_counts_for_its_digest() {
    let edits: [Edit; 12] = [
        |_| {},
        |plan| plan.steps[0].sql = SqlSource::Inline(template("SELECT 1")),
        |plan| plan.steps[0].transaction = StepTransaction::None,
        |plan| plan.steps[0].retry.attempts = 9,
        |plan| plan.steps[0].retry.backoff = Duration::from_millis(1),
        |plan| plan.steps[0].expect_rows = Some(CountBounds::exactly(1)),
        |plan| plan.steps[0].expect_rows = Some(CountBounds { at_least: Some(1), at_most: None }),
        |plan| plan.steps[0].undo = Some(template("SELECT 1")),
        |plan| plan.steps[0].probe = Some(template("SELECT 1")),
        |plan| plan.steps[0].lock_timeout = Some(Duration::from_secs(1)),
        |plan| plan.steps[0].statement_timeout = Some(Duration::from_secs(1)),
        |plan| plan.steps[0].checks = vec![(CheckId::parse("a-check").unwrap(), Place::default())],
    ];
    let count = edits.len();
    let digests: BTreeSet<_> = edits.into_iter().map(|edit| rendered(&changed(edit)).step_digests()[0].clone()).collect();
    assert_eq!(digests.len(), count);
    assert!(digests.iter().all(|digest| digest.len() == 64 && digest.bytes().all(|c| c.is_ascii_hexdigit())));
}

#[test]
fn every_field_of_every_check_counts() {
    use CheckKind as K;
    let (a, ab) = (|| items(&["a"]), || items(&["a", "b"]));
    let t = template;
    let count = |at_least, at_most| CountBounds { at_least, at_most };
    let kinds = vec![
        K::TableExists { tables: a(), columns: a() },
        K::TableExists { tables: ab(), columns: a() },
        K::TableExists { tables: a(), columns: ab() },
        K::ColumnType { tables: a(), column: t("a"), data_type: t("a") },
        K::ColumnType { tables: ab(), column: t("a"), data_type: t("a") },
        K::ColumnType { tables: a(), column: t("b"), data_type: t("a") },
        K::ColumnType { tables: a(), column: t("a"), data_type: t("b") },
        K::RowCount { tables: a(), bounds: count(None, None) },
        K::RowCount { tables: ab(), bounds: count(None, None) },
        K::RowCount { tables: a(), bounds: count(Some(1), None) },
        K::RowCount { tables: a(), bounds: count(None, Some(1)) },
        K::NotNull { tables: a(), columns: a() },
        K::NotNull { tables: ab(), columns: a() },
        K::NotNull { tables: a(), columns: ab() },
        K::Unique { tables: a(), columns: a() },
        K::Unique { tables: ab(), columns: a() },
        K::Unique { tables: a(), columns: ab() },
        K::Matches { tables: a(), column: t("a"), pattern: Pattern::Uuid },
        K::Matches { tables: ab(), column: t("a"), pattern: Pattern::Uuid },
        K::Matches { tables: a(), column: t("b"), pattern: Pattern::Uuid },
        K::Matches { tables: a(), column: t("a"), pattern: Pattern::Email },
        K::Matches { tables: a(), column: t("a"), pattern: Pattern::Regex(t("uuid")) },
        K::Matches { tables: a(), column: t("a"), pattern: Pattern::Regex(t("x")) },
        K::References { tables: a(), columns: a(), to: t("a"), to_columns: a() },
        K::References { tables: ab(), columns: a(), to: t("a"), to_columns: a() },
        K::References { tables: a(), columns: ab(), to: t("a"), to_columns: a() },
        K::References { tables: a(), columns: a(), to: t("b"), to_columns: a() },
        K::References { tables: a(), columns: a(), to: t("a"), to_columns: ab() },
        K::ForeignKey { tables: a(), columns: a(), to: t("a") },
        K::ForeignKey { tables: ab(), columns: a(), to: t("a") },
        K::ForeignKey { tables: a(), columns: ab(), to: t("a") },
        K::ForeignKey { tables: a(), columns: a(), to: t("b") },
        K::Index { tables: a(), columns: a(), name: None, unique: None },
        K::Index { tables: ab(), columns: a(), name: None, unique: None },
        K::Index { tables: a(), columns: ab(), name: None, unique: None },
        K::Index { tables: a(), columns: a(), name: Some(t("a")), unique: None },
        K::Index { tables: a(), columns: a(), name: None, unique: Some(true) },
        K::RowSecurity { tables: a(), enabled: true, forced: None },
        K::RowSecurity { tables: ab(), enabled: true, forced: None },
        K::RowSecurity { tables: a(), enabled: false, forced: None },
        K::RowSecurity { tables: a(), enabled: true, forced: Some(true) },
        K::Policy { tables: a(), name: None, at_least: 1 },
        K::Policy { tables: ab(), name: None, at_least: 1 },
        K::Policy { tables: a(), name: Some(t("a")), at_least: 1 },
        K::Policy { tables: a(), name: None, at_least: 2 },
        K::Function { names: a(), returns: None },
        K::Function { names: ab(), returns: None },
        K::Function { names: a(), returns: Some(t("a")) },
        K::Constraint { tables: a(), name: None, kind: None, columns: a() },
        K::Constraint { tables: ab(), name: None, kind: None, columns: a() },
        K::Constraint { tables: a(), name: Some(t("a")), kind: None, columns: a() },
        K::Constraint { tables: a(), name: None, kind: Some(ConstraintKind::Check), columns: a() },
        K::Constraint { tables: a(), name: None, kind: None, columns: ab() },
        K::Privilege { tables: a(), role: t("a"), privileges: a(), granted: true },
        K::Privilege { tables: ab(), role: t("a"), privileges: a(), granted: true },
        K::Privilege { tables: a(), role: t("b"), privileges: a(), granted: true },
        K::Privilege { tables: a(), role: t("a"), privileges: ab(), granted: true },
        K::Privilege { tables: a(), role: t("a"), privileges: a(), granted: false },
        K::Extension { name: t("a"), at_least: None },
        K::Extension { name: t("b"), at_least: None },
        K::Extension { name: t("a"), at_least: Some(t("1")) },
        K::Sql { sql: t("SELECT 1"), expect: None },
        K::Sql { sql: t("SELECT 3"), expect: None },
        K::Sql { sql: t("SELECT 1"), expect: Some(Expect::Rows(count(None, Some(0)))) },
        K::Sql { sql: t("SELECT 1"), expect: Some(Expect::Number(count(None, Some(0)))) },
        K::Sql { sql: t("SELECT 1"), expect: Some(Expect::Value(t("0"))) },
    ];
    let total = kinds.len();
    let fingerprints: BTreeSet<_> = kinds.into_iter().map(|k| rendered(&kind(k)).fingerprint().to_owned()).collect();
    assert_eq!(fingerprints.len(), total);
}

#[test]
fn the_shown_plan_reads_like_a_plan() {
    let mut plan = full();
    plan.description = Some("Adds a column.".to_owned());
    plan.steps[0].undo = Some(template("{% for t in tables %}\nSELECT {{ t | literal }};   \n{% endfor %}"));
    insta::assert_snapshot!(rendered(&plan).shown());
    let read: serde_json::Value = serde_yaml::from_str(rendered(&plan).shown()).unwrap();
    assert_eq!(read["steps"][0]["sql"], "ALTER TABLE a ADD b int; -- c\nUPDATE a SET b = 1");
}
