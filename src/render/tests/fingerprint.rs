//! What counts, and what doesn't.

use std::{collections::BTreeSet, time::Duration};

use super::sample::*;
use crate::{
    checks::{CheckSpec, FieldForm, KINDS},
    plan::*,
};

type Edit = fn(&mut Plan);

fn changed(edit: Edit) -> Plan {
    let mut plan = full();
    edit(&mut plan);
    plan
}

/// A plan that has something of everything.
fn full() -> Plan {
    let mut plan = plan("ALTER TABLE a ADD b int; -- c\nUPDATE a SET b = 1");
    let expect = || ("expect", FieldValue::Expect(Expect::Rows(CountBounds::exactly(0))));
    let sql = |sql: &str| asked("sql", vec![("sql", FieldValue::Query(template(sql))), expect()]);
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
    let kinds: Vec<CheckKind<Written>> = KINDS.into_iter().flat_map(variants).collect();
    assert!(kinds.len() > 2 * KINDS.len());
    let total = kinds.len();
    let fingerprints: BTreeSet<_> = kinds.into_iter().map(|k| rendered(&kind(k)).fingerprint().to_owned()).collect();
    assert_eq!(fingerprints.len(), total);
}

/// A check of the kind, and one for each other value of each of its fields.
fn variants(of: &'static CheckSpec) -> Vec<CheckKind<Written>> {
    let base: Vec<(&str, FieldValue<Written>)> =
        of.fields.iter().map(|field| (field.name, values(&field.form)[0].clone())).collect();
    let mut all = vec![of.of(base.clone())];
    for (nth, field) in of.fields.iter().enumerate() {
        for value in values(&field.form).into_iter().skip(1) {
            let mut other = base.clone();
            other[nth].1 = value;
            all.push(of.of(other));
        }
    }
    all
}

/// Values of a field; whichever is taken, the check is another one.
fn values(form: &FieldForm) -> Vec<FieldValue<Written>> {
    let count = |at_least, at_most| CountBounds { at_least, at_most };
    let t = template;
    match form {
        FieldForm::Tables { .. } => vec![FieldValue::Tables(items(&["a"])), FieldValue::Tables(items(&["a", "b"]))],
        FieldForm::Texts { are_objects: true, .. } => {
            vec![FieldValue::Objects(items(&["a"])), FieldValue::Objects(items(&["a", "b"]))]
        }
        FieldForm::Texts { are_objects: false, .. } => {
            vec![FieldValue::Texts(items(&["a"])), FieldValue::Texts(items(&["a", "b"])), FieldValue::Texts(items(&[]))]
        }
        FieldForm::Table { .. } => vec![FieldValue::Table(t("a")), FieldValue::Table(t("b"))],
        FieldForm::Text { .. } => vec![FieldValue::Absent, FieldValue::Text(t("a")), FieldValue::Text(t("b"))],
        FieldForm::Word { words, .. } => {
            [FieldValue::Absent].into_iter().chain(words.iter().map(|word| FieldValue::Word(word))).collect()
        }
        FieldForm::Flag { .. } => vec![FieldValue::Absent, FieldValue::Flag(true), FieldValue::Flag(false)],
        FieldForm::Count { .. } => vec![FieldValue::Count(1), FieldValue::Count(2)],
        FieldForm::Bounds => vec![
            FieldValue::Bounds(count(None, None)),
            FieldValue::Bounds(count(Some(1), None)),
            FieldValue::Bounds(count(None, Some(1))),
        ],
        FieldForm::Pattern { .. } => vec![
            FieldValue::Pattern(Pattern::Uuid),
            FieldValue::Pattern(Pattern::Email),
            FieldValue::Pattern(Pattern::Regex(t("uuid"))),
            FieldValue::Pattern(Pattern::Regex(t("x"))),
        ],
        FieldForm::Query => vec![FieldValue::Query(t("SELECT 1")), FieldValue::Query(t("SELECT 3"))],
        FieldForm::Expect => vec![
            FieldValue::Absent,
            FieldValue::Expect(Expect::Rows(count(None, Some(0)))),
            FieldValue::Expect(Expect::Number(count(None, Some(0)))),
            FieldValue::Expect(Expect::Value(t("0"))),
        ],
    }
}

/// Plans that were applied stay applied: this is the fingerprint that the plan had when each kind was a case of one enum.
#[test]
fn checks_of_before_keep_their_fingerprint() {
    let text = include_bytes!("../../../tests/fixtures/checks/before.yaml");
    let loaded = crate::load::load("before.yaml", text, crate::load::PlanFormat::Yaml).unwrap();
    assert_eq!(rendered(&loaded.plan).fingerprint(), "0bacae7edeb92e8fac43b15e97850d4e6ee45d33e33fb99cc957abeb25282711");
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
