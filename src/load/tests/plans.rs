//! Good plans.

use std::time::Duration;

use super::*;
use crate::plan::{List, OnFailure, OnInterrupt, Retry, Rollback, SecretSource, Session, Value, VarName, Written};

/// The model without its places.
fn placeless(loaded: &Loaded) -> String {
    let text = format!("{:#?}", loaded.plan);
    let mut kept = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !line.trim_end().ends_with("Place {") {
            kept.push(line.to_owned());
            continue;
        }
        let end = format!("{}}}", " ".repeat(line.len() - line.trim_start().len()));
        for inner in lines.by_ref() {
            if inner.trim_end_matches(',') == end {
                break;
            }
        }
    }
    kept.join("\n")
}

#[test]
fn the_full_plan_is_the_same_in_both_notations() {
    let (in_yaml, in_toml) = (yaml(FULL_YAML), toml(FULL_TOML));
    for result in [&in_yaml, &in_toml] {
        if let Err(problems) = result {
            panic!("{}", rendered(problems));
        }
    }
    let (in_yaml, in_toml) = (placeless(&in_yaml.unwrap()), placeless(&in_toml.unwrap()));
    assert!(in_yaml.contains("retire-legacy-row"), "{in_yaml}");
    assert!(in_yaml == in_toml, "{}", similar::TextDiff::from_lines(&in_yaml, &in_toml).unified_diff());
}

#[test]
fn a_plan_that_says_little_gets_the_defaults() {
    let plan = yaml("format: backstop/v1\nname: p\nsteps: [{id: s, sql: SELECT 1}]\n").unwrap().plan;
    assert_eq!(plan.session.lock_timeout, Session::<Written>::LOCK_TIMEOUT);
    assert_eq!(plan.session.statement_timeout, Session::<Written>::STATEMENT_TIMEOUT);
    assert_eq!(plan.session.idle_in_transaction_session_timeout, Session::<Written>::IDLE_TIMEOUT);
    let List::Items(path) = &plan.session.search_path else { panic!("a list") };
    assert_eq!(path.iter().map(|schema| schema.source.as_str()).collect::<Vec<_>>(), ["public"]);
    assert_eq!((plan.backup.schema.source.as_str(), plan.backup.keep), ("backup_pre_migration", 3));
    assert_eq!(plan.rollback, Rollback { on_failure: OnFailure::Restore, on_interrupt: OnInterrupt::Hold });
    assert_eq!(plan.steps[0].retry, Retry { attempts: 3, backoff: Duration::from_secs(1) });
}

#[test]
fn scalars_are_read_as_people_expect() {
    let text =
        "format: backstop/v1\nname: no\ndescription: 1.10\nowner: \"~\"\nlinks: [0x1F, yes, 2024-01-01, '']\nsteps: []\n";
    assert_eq!(told(yaml(text)), [("empty_text", 5, 32), ("empty_list", 6, 8)]);
    let text = text.replace(", ''", "").replace("[]", "[{id: 007, sql: !!str 5}]");
    let plan = yaml(&text).unwrap().plan;
    assert_eq!(plan.name.as_str(), "no");
    assert_eq!(plan.description.as_deref(), Some("1.10"));
    assert_eq!(plan.owner.as_deref(), Some("~"));
    assert_eq!(plan.links, ["0x1F", "yes", "2024-01-01"]);
    assert_eq!(plan.steps[0].id.as_str(), "007");
    assert_eq!(told(yaml(&text.replace("\"~\"", "~"))), [("wrong_type", 4, 8)]);
}

#[test]
fn variables_keep_their_types() {
    let vars = yaml(FULL_YAML).unwrap().plan.vars;
    let default = |name: &str| vars[&VarName::parse(name).unwrap()].default.clone();
    let texts = ["profiles", "memberships"].map(|text| Value::String(text.into()));
    assert_eq!(default("tenant_tables"), Some(Value::List(texts.into())));
    assert_eq!(default("batch_size"), Some(Value::Integer(5000)));
    assert_eq!(default("ratio"), Some(Value::Number(1.5)));
    assert_eq!(default("dry"), Some(Value::Boolean(false)));
    assert_eq!(default("note"), Some(Value::String("no".into())));
    assert_eq!(default("api_role"), None);
    assert_eq!(default("api_password"), Some(Value::Secret(SecretSource::Env("API_PASSWORD".into()))));
}

#[test]
fn formats_are_known_by_the_ending_of_the_name() {
    for (path, format) in [
        ("a/b.yaml", Some(PlanFormat::Yaml)),
        ("b.YML", Some(PlanFormat::Yaml)),
        ("b.toml", Some(PlanFormat::Toml)),
        ("b.json", None),
        ("b", None),
    ] {
        assert_eq!(PlanFormat::of_path(std::path::Path::new(path)), format, "{path}");
    }
}
