//! Good files, every mistake of a bad one, and the schema beside the loader.

use super::repository;
use crate::{
    load::{Problems, repository_schema},
    plan::{ConnectionSource, FailOn, RuleLevel, SecretSource, Value, VarName},
};

const COMMITTED: &str = include_str!("../../../schemas/backstop.schema.json");
const ALICE: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const BOB: &str = "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";

fn full() -> String {
    format!(
        r#"
format = "backstop/v1"
plans = ["plans", "more/one.yaml"]

[environments.production]
database_url = {{ env = "PROD_DATABASE_URL" }}
values = ["values/production.yaml"]
vars = {{ api_role = "api", size = 5, password = {{ file = "secrets/api" }} }}

[environments.staging]
database_url = {{ service = "staging" }}

[environments.local]
database_url = "postgres://app@localhost/app"

[lint]
fail_on = "warning"
[lint.rules]
"missing-lock-timeout" = "off"
drop-table = "note"

[approval]
required = 2
[approval.keys]
alice = "{ALICE}"
bob = "{BOB}"
"#
    )
}

#[test]
fn every_setting_is_read() {
    let repository = repository("backstop.toml", full().as_bytes()).unwrap().repository;
    assert_eq!(repository.plans, ["plans", "more/one.yaml"]);
    let named: Vec<_> = repository.environments.iter().map(|(name, e)| (name.as_str(), e.connection.clone())).collect();
    assert_eq!(
        named,
        [
            ("local", Some(ConnectionSource::Url("postgres://app@localhost/app".into()))),
            ("production", Some(ConnectionSource::Env("PROD_DATABASE_URL".into()))),
            ("staging", Some(ConnectionSource::Service("staging".into()))),
        ]
    );
    let production = repository.environments.values().find(|e| !e.values.is_empty()).unwrap();
    assert_eq!(production.values, ["values/production.yaml"]);
    let var = |name: &str| production.vars.get(&VarName::parse(name).unwrap()).cloned();
    assert_eq!(var("api_role"), Some(Value::String("api".into())));
    assert_eq!(var("size"), Some(Value::Integer(5)));
    assert_eq!(var("password"), Some(Value::Secret(SecretSource::File("secrets/api".into()))));
    assert_eq!(repository.lint.fail_on, FailOn::Warning);
    let rules: Vec<_> = repository.lint.rules.iter().map(|(code, rule)| (code.as_str(), rule.level)).collect();
    assert_eq!(rules, [("drop-table", RuleLevel::Note), ("missing-lock-timeout", RuleLevel::Off)]);
    assert_eq!(repository.approval.required, 2);
    assert_eq!(repository.approval.keys.keys().collect::<Vec<_>>(), ["alice", "bob"]);
}

fn codes(text: &str) -> Vec<(&'static str, usize)> {
    let Err(problems) = repository("backstop.toml", text.as_bytes()) else { return Vec::new() };
    problems.records().iter().map(|record| (record.code, record.line)).collect()
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    let text = format!(
        r#"format = "backstop/v1"
plan = ["plans"]
[environments."a b"]
[environments.production]
database_url = "postgres://app:secret@db/prod"
vars = {{ 1st = 1 }}
[environments.staging]
database_url = {{ env = "A", file = "b" }}
[environments.other]
database_url = {{}}
[lint]
fail_on = "eror"
[lint.rules]
some-rule = "fatal"
[approval]
required = 3
[approval.keys]
alice = "{ALICE}"
again = "{ALICE}"
bad = "AAAA"
"#
    );
    let text = text.replace("required = 3", "required = 4");
    assert_eq!(
        codes(&text),
        [
            ("backstop::load::unknown_field", 2),
            ("backstop::load::bad_id", 3),
            ("backstop::load::password", 5),
            ("backstop::load::bad_id", 6),
            ("backstop::load::conflict", 8),
            ("backstop::load::missing_field", 10),
            ("backstop::load::unknown_value", 12),
            ("backstop::load::unknown_value", 14),
            ("backstop::load::impossible", 16),
            ("backstop::load::duplicate_key", 19),
            ("backstop::load::bad_key", 20),
        ]
    );
    assert_eq!(help(repository("b", text.as_bytes()).unwrap_err(), 0), "Did you mean `plans`?");
}

fn help(problems: Problems, nth: usize) -> String {
    problems.records()[nth].help.clone().unwrap_or_default()
}

#[test]
fn an_empty_file_misses_its_format_and_nothing_else() {
    assert_eq!(codes(""), [("backstop::load::missing_field", 1)]);
    assert_eq!(codes("format = 'backstop/v2'"), [("backstop::load::unknown_format", 1)]);
    assert_eq!(codes("format = "), [("backstop::load::syntax", 1)]);
}

#[test]
fn the_committed_schema_is_the_generated_one() {
    let generated = serde_json::to_string_pretty(&repository_schema()).unwrap() + "\n";
    assert!(COMMITTED == generated, "run `just schema`");
}

/// The schema says what the loader says, but for what no schema can say: passwords, keys, counts.
#[test]
fn the_schema_agrees_with_the_loader() {
    let full = full();
    let good = ["format = 'backstop/v1'", &full, "format = 'backstop/v1'\nplans = 'plans'\n[environments.x]\n"];
    let bad = [
        "plans = ['plans']",
        "format = 'backstop/v1'\nplans = []",
        "format = 'backstop/v1'\nplan = ['x']",
        "format = 'backstop/v1'\n[environments.'a b']",
        "format = 'backstop/v1'\n[environments.a]\nurl = 'x'",
        "format = 'backstop/v1'\n[environments.a]\ndatabase_url = {env = 'A', file = 'B'}",
        "format = 'backstop/v1'\n[environments.a]\ndatabase_url = {}",
        "format = 'backstop/v1'\n[environments.a]\ndatabase_url = ['x']",
        "format = 'backstop/v1'\n[lint]\nfail_on = 'off'",
        "format = 'backstop/v1'\n[lint.rules]\nx = 'high'",
        "format = 'backstop/v1'\n[approval]\nrequired = -1",
        "format = 'backstop/v1'\n[approval]\nrequire = 1",
    ];
    let schema = repository_schema();
    let cases = good.iter().map(|text| (*text, true)).chain(bad.iter().map(|text| (*text, false)));
    for (text, expected) in cases {
        let value: serde_json::Value = ::toml::from_str(text).unwrap();
        let verdicts = (repository("b", text.as_bytes()).is_ok(), jsonschema::is_valid(&schema, &value));
        assert_eq!(verdicts, (expected, expected), "loader, schema:\n{text}");
    }
}
