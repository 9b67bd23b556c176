//! With which values plans are compared: those of each environment, those of the command line, and what stands for others.

use super::repository::{Repository, changes};

const PLAN: &str = "\
format: backstop/v1
name: p
vars:
  role: {type: string, required: true}
  size: {type: integer, default: 5}
  tables: {type: list, required: true}
  token: {type: secret, required: true}
steps:
  - {id: grant, sql: 'GRANT SELECT ON t TO {{ role | ident }}'}
  - {id: list, sql: 'SELECT {{ tables | literals }}'}
  - {id: size, sql: 'SELECT {{ size }}'}
  - {id: token, sql: 'ALTER ROLE x PASSWORD {{ token | literal }}'}
";

#[test]
fn a_plan_that_lacks_values_is_compared_with_what_stands_for_them() {
    let repository = Repository::new();
    repository.commit(&[("p.yaml", PLAN)]);
    repository.commit(&[("p.yaml", &PLAN.replace("ON t TO", "ON u TO"))]);
    let document = repository.document(&["--git", "HEAD~..HEAD"], 0);
    assert_eq!(changes(&document), ["p.yaml step:grant sql"]);
    let plan = &document["review"]["plans"][0];
    assert_eq!(plan["stand_ins"], serde_json::json!(["role", "tables", "token"]));
    assert_eq!(plan["review"]["changes"][0]["after"], "GRANT SELECT ON u TO \"<role>\"");
    let text = repository.diff(&["--git", "HEAD~..HEAD", "--var", "role=api"]).expect_code(0);
    assert!(text.stdout.contains("\"api\"") && text.stdout.contains("<tables>"), "{}", text.stdout);
}

#[test]
fn secrets_are_neither_needed_nor_shown() {
    let repository = Repository::new();
    repository.commit(&[("p.yaml", PLAN)]);
    repository.commit(&[("p.yaml", &PLAN.replace("ROLE x", "ROLE y"))]);
    let output = crate::support::Program::new()
        .directory(repository.path())
        .arguments(&["diff", "--git", "HEAD~..HEAD", "--var", "token=env:TOKEN"])
        .env("TOKEN", "hunter2")
        .run()
        .expect_code(0);
    assert!(output.stdout.contains("***token***") && !output.stdout.contains("hunter2"), "{}", output.stdout);
}

#[test]
fn each_environment_is_compared_and_what_is_the_same_is_told_once() {
    let repository = Repository::new();
    let settings = |size: u32| {
        format!(
            "format = 'backstop/v1'\nplans = ['plans']\n\
             [environments.production]\nvalues = ['values/production.yaml']\nvars = {{ size = {size} }}\n\
             [environments.staging]\nvalues = ['values/staging.yaml']\nvars = {{ size = 1 }}\n"
        )
    };
    let values = |role: &str| format!("role: {role}\ntables: [a]\ntoken: {{env: NOWHERE}}\n");
    repository.commit(&[
        ("backstop.toml", &settings(10)),
        ("plans/p.yaml", PLAN),
        ("values/production.yaml", &values("api")),
        ("values/staging.yaml", &values("test")),
    ]);
    repository.commit(&[("plans/p.yaml", &PLAN.replace("ON t TO", "ON u TO").replace("ROLE x", "ROLE y"))]);
    let document = repository.document(&["--git", "HEAD~..HEAD"], 0);
    assert_eq!(document["review"]["environments"], serde_json::json!(["production", "staging"]));
    let told: Vec<(String, serde_json::Value)> = document["review"]["plans"][0]["review"]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (change["after"].as_str().unwrap().to_owned(), change["only_in"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            ("GRANT SELECT ON u TO \"api\"".to_owned(), serde_json::json!(["production"])),
            ("GRANT SELECT ON u TO \"test\"".to_owned(), serde_json::json!(["staging"])),
            ("ALTER ROLE y PASSWORD '***token***'".to_owned(), serde_json::Value::Null),
        ]
    );
    let one = repository.document(&["--git", "HEAD~..HEAD", "--environment", "staging"], 0);
    assert_eq!(one["review"]["environments"], serde_json::json!(["staging"]));
    repository.diff(&["--git", "HEAD~..HEAD", "--environment", "nowhere"]).expect_code(2);
    // Values are part of what runs: theirs are compared, too, each as it was and as it is.
    repository.commit(&[("values/staging.yaml", &values("other"))]);
    assert_eq!(changes(&repository.document(&["--git", "HEAD~..HEAD"], 0)), ["plans/p.yaml step:grant sql"]);
    repository.commit(&[("backstop.toml", &settings(11))]);
    assert_eq!(changes(&repository.document(&["--git", "HEAD~..HEAD"], 0)), ["plans/p.yaml step:size sql"]);
}

#[test]
fn a_file_of_values_on_the_command_line_is_read_from_both_versions() {
    let repository = Repository::new();
    repository.commit(&[("p.yaml", PLAN), ("v.yaml", "size: 1\n")]);
    repository.commit(&[("v.yaml", "size: 2\nanother_plans: 7\n")]);
    let document = repository.document(&["--git", "HEAD~..HEAD", "--values", "v.yaml"], 0);
    assert_eq!(changes(&document), ["p.yaml step:size sql"]);
    assert_eq!(changes(&repository.document(&["--git", "HEAD~..HEAD"], 0)), [""; 0]);
    repository.diff(&["--git", "HEAD~..HEAD", "--values", "nowhere.yaml"]).expect_code(2);
}

#[test]
fn the_schema_of_the_document_comes_from_the_program() {
    let schema = crate::support::backstop(&["schema", "--of", "diff"]).expect_code(0);
    let file = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/diff.schema.json")).unwrap();
    assert_eq!(schema.stdout.trim_end(), file.trim_end());
}
