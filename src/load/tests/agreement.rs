//! The schema says what the loader says, over a corpus of good and bad plans; and the committed schema is the generated one.

use serde_json::{Map, Value, json};

use super::*;
use crate::load::{
    diagnostics::Diagnostics,
    node::{Meaning, NodeKind, ValueNode},
    schema,
};

const COMMITTED: &str = include_str!("../../../schemas/plan.schema.json");

#[test]
fn the_committed_schema_is_the_generated_one() {
    let generated = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if let Some(path) = std::env::var_os("BACKSTOP_WRITE_SCHEMA") {
        std::fs::write(path, &generated).unwrap();
    }
    assert!(COMMITTED == generated, "run `BACKSTOP_WRITE_SCHEMA=schemas/plan.schema.json cargo test committed_schema`");
}

/// What a validator of JSON sees of the tree.
fn as_json(node: &ValueNode) -> Value {
    match &node.kind {
        NodeKind::List(items) => items.iter().map(as_json).collect(),
        NodeKind::Map(entries) => {
            Value::Object(entries.iter().map(|entry| (entry.key.clone(), as_json(&entry.value))).collect::<Map<_, _>>())
        }
        NodeKind::Scalar(scalar) => match scalar.meaning {
            Meaning::Null => Value::Null,
            Meaning::Flag(flag) => flag.into(),
            Meaning::Integer(number) => number.into(),
            Meaning::Number(number) => json!(number),
            Meaning::Date | Meaning::Text => scalar.text.clone().into(),
        },
    }
}

/// Whether the loader and the schema take the plan.
fn verdicts(text: &str, format: PlanFormat) -> (bool, bool) {
    let mut diagnostics = Diagnostics::default();
    let tree = match format {
        PlanFormat::Yaml => crate::load::yaml::parse(text, &mut diagnostics).unwrap().unwrap(),
        PlanFormat::Toml => crate::load::toml::parse(text, &mut diagnostics).unwrap(),
    };
    let loaded = load("p", text.as_bytes(), format);
    (loaded.is_ok(), jsonschema::is_valid(&schema(), &as_json(&tree)))
}

/// A plan with these lines at the top, and with these fields in its only step.
fn plan(top: &str, step: &str) -> String {
    format!("format: backstop/v1\nname: p\n{top}\nsteps:\n- {{id: s, {step}}}\n")
}

fn check(check: &str) -> String {
    plan(&format!("checks: {{before: [{{id: c, {check}}}]}}"), "sql: SELECT 1")
}

fn invariant(check: &str) -> String {
    plan(&format!("checks: {{unchanged: [{{id: c, {check}}}]}}"), "sql: SELECT 1")
}

fn var(var: &str) -> String {
    plan(&format!("vars: {{v: {{{var}}}}}"), "sql: SELECT 1")
}

fn top(top: &str) -> String {
    plan(top, "sql: SELECT 1")
}

fn step(step: &str) -> String {
    plan("", step)
}

#[test]
fn both_accept_good_plans() {
    let mut corpus = vec![FULL_YAML.to_owned(), plan("", "sql: SELECT 1")];
    corpus.extend(GOOD_TOPS.iter().map(|text| top(text)));
    corpus.extend(GOOD_STEPS.iter().map(|text| step(text)));
    corpus.extend(GOOD_CHECKS.iter().map(|text| check(text)));
    corpus.extend(GOOD_INVARIANTS.iter().map(|text| invariant(text)));
    corpus.extend(GOOD_VARS.iter().map(|text| var(text)));
    for text in corpus {
        if let Err(problems) = yaml(&text) {
            panic!("{text}\n{}", rendered(&problems));
        }
        assert_eq!(verdicts(&text, PlanFormat::Yaml), (true, true), "loader, schema:\n{text}");
    }
    assert_eq!(verdicts(FULL_TOML, PlanFormat::Toml), (true, true));
}

#[test]
fn both_reject_bad_plans_with_one_problem() {
    let mut corpus: Vec<(&str, String)> = Vec::new();
    corpus.extend(BAD_TOPS.iter().map(|(code, text)| (*code, top(text))));
    corpus.extend(BAD_STEPS.iter().map(|(code, text)| (*code, step(text))));
    corpus.extend(BAD_CHECKS.iter().map(|(code, text)| (*code, check(text))));
    corpus.extend(BAD_INVARIANTS.iter().map(|(code, text)| (*code, invariant(text))));
    corpus.extend(BAD_VARS.iter().map(|(code, text)| (*code, var(text))));
    corpus.extend(BAD_PLANS.iter().map(|(code, text)| (*code, (*text).to_owned())));
    for (code, text) in corpus {
        let codes: Vec<&str> = told(yaml(&text)).into_iter().map(|(code, ..)| code).collect();
        assert_eq!(codes, [code], "{text}");
        assert_eq!(verdicts(&text, PlanFormat::Yaml), (false, false), "loader, schema:\n{text}");
        // The same mistake in TOML, but for what TOML can't write down.
        let tree = crate::load::yaml::parse(&text, &mut Diagnostics::default()).unwrap().unwrap();
        if let Some(written) = ::toml::to_string(&as_json(&tree)).ok().filter(|written| !written.contains("00000000000")) {
            let codes: Vec<&str> = told(toml(&written)).into_iter().map(|(code, ..)| code).collect();
            assert_eq!(codes, [code], "{written}");
        }
    }
}

/// What JSON Schema can't say: references and ids across a file, bounds that depend on each other or on a unit.
#[test]
fn the_loader_alone_rejects_what_a_schema_cannot_say() {
    let corpus = [
        ("unknown_check", step("sql: a, checks: [nope]")),
        ("unknown_check", plan("checks: {before: [{id: c, extension: {name: x}}]}", "sql: a, checks: c")),
        ("duplicate_id", top("checks: {before: [{id: c, extension: {name: x}}], after: [{id: c, extension: {name: y}}]}")),
        ("duplicate_id", plan("", "sql: a}\n- {id: s, sql: b")),
        ("cycle", top("requires: [p]")),
        ("bad_id", top("requires: [\"a b\"]")),
        ("bad_id", step("sql: a, checks: [\"a b\"]")),
        ("impossible", check("row_count: {table: t, at_least: 2, at_most: 1}")),
        ("impossible", step("sql: a, expect_rows: {at_least: 2, at_most: 1}")),
        ("impossible", check("references: {table: t, columns: [a, b], to: u, to_columns: [c]}")),
        ("bad_duration", top("session: {lock_timeout: 25d}")),
        ("bad_duration", step("sql: a, lock_timeout: 99999999999999999999s")),
        ("bad_duration", step("sql: a, retry: {backoff: 61s}")),
        ("bad_duration", step("sql: a, batch: {table: t, key: id, target: 61s}")),
        ("duplicate_field", top("owner: a\nowner: b")),
    ];
    for (code, text) in corpus {
        let codes: Vec<&str> = told(yaml(&text)).into_iter().map(|(code, ..)| code).collect();
        assert_eq!(codes, [code], "{text}");
        assert_eq!(verdicts(&text, PlanFormat::Yaml), (false, true), "loader, schema:\n{text}");
    }
}

const GOOD_TOPS: &[&str] = &[
    "owner: 5\nlinks: one\nrequires: one\ntemplates: [a]\nrepeat: never\ntransaction: plan",
    "description: ''\nlinks: []\nrequires: []\nvars: {}\ntemplates: []",
    "session: {}\nbackup: {}\nchecks: {}\nrollback: {}",
    "session: {lock_timeout: 0500ms, search_path: []}",
    "session: {search_path: \"{{ path }}\"}",
    "backup: {keep: 1, writers: block, sequences: forward, verify: restore, targets: []}",
    "backup: {targets: [{tables: public.a}], allow_uncovered: \"{{ list }}\"}",
    "checks: {before: [], unchanged: [], after: []}",
    "rollback: {on_failure: hold, on_interrupt: hold}",
    "rollback: {on_failure: restore}",
];

const GOOD_STEPS: &[&str] = &[
    "sql_file: a.sql",
    "sql: SELECT 1, undo: SELECT 2, description: 1.10",
    "sql: SELECT 1, transaction: plan, expect_rows: 0",
    "sql: SELECT 1, expect_rows: {at_most: 5}",
    "sql: SELECT 1, expect_rows: {exactly: 5}",
    "sql: SELECT 1, transaction: none, probe: SELECT true",
    "sql: SELECT 1, transaction: none",
    "sql: SELECT 1, retry: {}",
    "sql: SELECT 1, retry: {attempts: 1, backoff: 0s}",
    "sql: SELECT 1, checks: []",
    "sql: SELECT 1, batch: {table: t, key: id}",
    "sql: SELECT 1, batch: {table: t, key: id, size: \"{{ n }}\", target: 500ms, max_lag: 10s}, undo: SELECT 2",
    "sql: SELECT 1, batch: {table: t, key: id, size: 5000}, checks: []",
];

const GOOD_CHECKS: &[&str] = &[
    "table_exists: {table: a}",
    "table_exists: {tables: [a, b], column: id}",
    "column_type: {table: a, column: no, type: uuid}",
    "row_count: {table: a, exactly: 0}",
    "row_count: {table: a}, severity: info",
    "not_null: {table: a, column: id}",
    "unique: {tables: \"{{ t }}\", columns: \"{{ c }}\"}",
    "matches: {table: a, column: b, pattern: email}",
    "matches: {table: a, column: b, pattern: {regex: .}}",
    "references: {table: a, columns: [b], to: c, to_columns: [d]}",
    "foreign_key: {table: a, column: b, to: c}",
    "index: {table: a, name: b}",
    "index: {table: a, columns: [b], name: c, unique: true}",
    "no_invalid_indexes: {table: a}",
    "no_invalid_indexes: {tables: [a, \"b_*\"]}",
    "row_security: {table: a}",
    "policy: {table: a, name: p}",
    "policy: {table: a, at_least: 0}",
    "function: {name: f}",
    "constraint: {table: a, name: c}",
    "constraint: {table: a, name: c, kind: check}",
    "constraint: {table: a, kind: exclusion, column: c}",
    "privilege: {table: a, role: r, privilege: SELECT}",
    "sequence_ahead_of_max: {table: a}",
    "sequence_ahead_of_max: {tables: \"{{ t }}\", columns: [a, b]}",
    "extension: {name: x}",
    "sql: SELECT 1, expect: {rows: 0}, severity: warn, hint: ''",
    "sql: SELECT 1, expect: {value: ''}",
    "sql: SELECT 1, expect: {value: true}",
    "sql: SELECT 1, expect: {number: 5}",
    "sql: SELECT 1, severity: info",
];

const GOOD_INVARIANTS: &[&str] = &["sql: SELECT 1", "sql: SELECT 1, severity: warn, hint: a", "row_count: {table: a}"];

const GOOD_VARS: &[&str] = &[
    "type: string",
    "type: string, default: 1.10",
    "type: integer, default: -5",
    "type: number, default: 5",
    "type: boolean, default: true",
    "type: list, default: []",
    "type: list, default: [a, 1, 1.5, true]",
    "type: secret, default: {file: /run/secret}",
    "type: secret, required: true",
    "type: string, required: false, default: a",
];

const BAD_TOPS: &[(&str, &str)] = &[
    ("unknown_field", "batch: 1"),
    ("unknown_field", "<<: 1"),
    ("wrong_type", "owner: [a]"),
    ("wrong_type", "owner:"),
    ("wrong_type", "owner: ~"),
    ("wrong_type", "links: {a: b}"),
    ("empty_text", "links: ['']"),
    ("wrong_type", "links: [[a]]"),
    ("unknown_value", "repeat: always"),
    ("unknown_value", "repeat: no"),
    ("unknown_value", "transaction: none"),
    ("wrong_type", "transaction: [step]"),
    ("wrong_type", "session: 5s"),
    ("wrong_type", "session:"),
    ("unknown_field", "session: {lock_time: 5s}"),
    ("bad_duration", "session: {lock_timeout: 5}"),
    ("bad_duration", "session: {lock_timeout: 0s}"),
    ("bad_duration", "session: {lock_timeout: 5 s}"),
    ("bad_duration", "session: {lock_timeout: five}"),
    ("wrong_type", "session: {lock_timeout: [5s]}"),
    ("unknown_value", "backup: {writers: notice}"),
    ("out_of_range", "backup: {keep: 0}"),
    ("out_of_range", "backup: {keep: 4294967296}"),
    ("out_of_range", "backup: {keep: 99999999999999999999}"),
    ("wrong_type", "backup: {keep: '3'}"),
    ("wrong_type", "backup: {keep: 1.5}"),
    ("missing_field", "backup: {targets: [{}]}"),
    ("unknown_field", "backup: {targets: [{tables: a, into: archive}]}"),
    ("unknown_field", "backup: {targets: [{tables: a, standby: true}]}"),
    ("empty_list", "backup: {targets: [{tables: []}]}"),
    ("wrong_type", "backup: {targets: {tables: a}}"),
    ("unknown_value", "rollback: {on_failure: restart}"),
    ("unknown_field", "checks: {during: []}"),
    ("wrong_type", "vars: [a]"),
    ("bad_id", "vars: {a-b: {type: string}}"),
    ("bad_id", "vars: {1a: {type: string}}"),
    ("impossible", "rollback: {on_failure: undo}"),
];

const BAD_STEPS: &[(&str, &str)] = &[
    ("missing_field", "description: nothing to do"),
    ("conflict", "sql: a, sql_file: b"),
    ("empty_text", "sql: ' '"),
    ("wrong_type", "sql: [a]"),
    ("missing_field", "sql: a, batch: {table: t}"),
    ("unknown_field", "sql: a, batch: {table: t, key: id, sise: 5}"),
    ("bad_duration", "sql: a, batch: {table: t, key: id, target: 0s}"),
    ("bad_duration", "sql: a, batch: {table: t, key: id, max_lag: 10}"),
    ("impossible", "sql: a, batch: {table: t, key: id}, transaction: none"),
    ("impossible", "sql: a, batch: {table: t, key: id}, expect_rows: 1"),
    ("unknown_value", "sql: a, transaction: step"),
    ("out_of_range", "sql: a, retry: {attempts: 0}"),
    ("out_of_range", "sql: a, retry: {attempts: 101}"),
    ("bad_duration", "sql: a, retry: {backoff: 1}"),
    ("out_of_range", "sql: a, expect_rows: -1"),
    ("wrong_type", "sql: a, expect_rows: many"),
    ("missing_field", "sql: a, expect_rows: {}"),
    ("conflict", "sql: a, expect_rows: {exactly: 1, at_least: 1}"),
    ("impossible", "sql: a, transaction: none, expect_rows: 1"),
    ("impossible", "sql: a, probe: b"),
    ("impossible", "sql: a, transaction: plan, probe: b"),
    ("impossible", "sql: a, transaction: none, checks: []"),
];

const BAD_CHECKS: &[(&str, &str)] = &[
    ("missing_field", "severity: fail"),
    ("conflict", "table_exists: {table: a}, extension: {name: b}"),
    ("unknown_field", "table_exits: {table: a}, extension: {name: b}"),
    ("missing_field", "table_exists: {}"),
    ("conflict", "table_exists: {table: a, tables: [b]}"),
    ("conflict", "table_exists: {table: a, column: b, columns: c}"),
    ("missing_field", "column_type: {table: a, column: b}"),
    ("missing_field", "row_count: {table: a}"),
    ("conflict", "row_count: {table: a, exactly: 1, at_most: 2}"),
    ("missing_field", "not_null: {table: a}"),
    ("conflict", "unique: {table: a, column: b, columns: c}"),
    ("unknown_value", "matches: {table: a, column: b, pattern: guid}"),
    ("missing_field", "matches: {table: a, column: b, pattern: {}}"),
    ("missing_field", "references: {table: a, column: b, to: c}"),
    ("missing_field", "foreign_key: {table: a, column: b}"),
    ("missing_field", "index: {table: a}"),
    ("missing_field", "no_invalid_indexes: {}"),
    ("unknown_field", "no_invalid_indexes: {table: a, columns: b}"),
    ("missing_field", "sequence_ahead_of_max: {column: a}"),
    ("conflict", "sequence_ahead_of_max: {table: a, column: b, columns: c}"),
    ("wrong_type", "row_security: {table: a, enabled: 'true'}"),
    ("wrong_type", "row_security: {table: a, enabled: yes}"),
    ("wrong_type", "policy: {table: a, at_least: one}"),
    ("missing_field", "function: {returns: a}"),
    ("missing_field", "constraint: {table: a}"),
    ("missing_field", "constraint: {table: a, kind: check}"),
    ("unknown_value", "constraint: {table: a, kind: primary, columns: [a]}"),
    ("missing_field", "privilege: {table: a, role: r}"),
    ("missing_field", "privilege: {table: a, privilege: SELECT}"),
    ("missing_field", "extension: {}"),
    ("wrong_type", "extension: pgcrypto"),
    ("missing_field", "sql: SELECT 1"),
    ("missing_field", "sql: SELECT 1, severity: warn"),
    ("conflict", "extension: {name: a}, expect: {rows: 0}"),
    ("missing_field", "sql: a, expect: {}"),
    ("conflict", "sql: a, expect: {rows: 0, value: b}"),
    ("unknown_value", "sql: a, expect: {empty: false}"),
    ("wrong_type", "sql: a, expect: {value: ~}"),
    ("unknown_value", "sql: a, expect: {rows: 0}, severity: error"),
];

const BAD_INVARIANTS: &[(&str, &str)] = &[
    ("missing_field", "hint: a"),
    ("conflict", "sql: a, row_count: {table: b}"),
    ("meaningless", "sql: a, expect: {rows: 0}"),
    ("meaningless", "sql: a, extension: {name: x}"),
    ("meaningless", "sql: a, no_invalid_indexes: {table: x}"),
    ("meaningless", "row_count: {table: a, at_least: 1}"),
    ("unknown_field", "sql: a, severty: warn"),
];

const BAD_VARS: &[(&str, &str)] = &[
    ("missing_field", "default: 5"),
    ("unknown_value", "type: text"),
    ("conflict", "type: string, default: a, required: true"),
    ("bad_default", "type: string, default: [a]"),
    ("bad_default", "type: integer, default: 1.5"),
    ("bad_default", "type: integer, default: '5'"),
    ("bad_default", "type: number, default: five"),
    ("bad_default", "type: boolean, default: yes"),
    ("bad_default", "type: list, default: a"),
    ("wrong_type", "type: list, default: [[a]]"),
    ("secret", "type: secret, default: hunter2"),
    ("missing_field", "type: secret, default: {}"),
    ("conflict", "type: secret, default: {env: a, file: b}"),
    ("unknown_field", "type: secret, default: {env: a, vault: b}"),
    ("wrong_type", "type: string, default: ~"),
];

const BAD_PLANS: &[(&str, &str)] = &[
    ("missing_field", "name: p\nsteps: [{id: s, sql: a}]\n"),
    ("missing_field", "format: backstop/v1\nsteps: [{id: s, sql: a}]\n"),
    ("missing_field", "format: backstop/v1\nname: p\n"),
    ("unknown_format", "format: backstop/v2\nname: p\nsteps: [{id: s, sql: a}]\n"),
    ("unknown_format", "format: 1\nname: p\nsteps: [{id: s, sql: a}]\n"),
    ("empty_list", "format: backstop/v1\nname: p\nsteps: []\n"),
    ("wrong_type", "format: backstop/v1\nname: p\nsteps: {id: s, sql: a}\n"),
    ("wrong_type", "format: backstop/v1\nname: p\nsteps: [SELECT 1]\n"),
    ("missing_field", "format: backstop/v1\nname: p\nsteps: [{sql: a}]\n"),
    ("bad_id", "format: backstop/v1\nname: p\nsteps: [{id: a b, sql: a}]\n"),
    ("bad_id", "format: backstop/v1\nname: ''\nsteps: [{id: s, sql: a}]\n"),
    ("impossible", "format: backstop/v1\nname: p\ntransaction: plan\nsteps: [{id: s, sql: a, transaction: none}]\n"),
];
