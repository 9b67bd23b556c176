//! SARIF against the schema of OASIS, which the crate `serde-sarif` holds.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use serde_sarif::sarif::Sarif;

use crate::{program::work::Work, support::Program};

/// The schema, from where cargo has unpacked the crate. Packages of other platforms may not be there.
fn schema() -> Value {
    let cargo = |arguments: &[&str]| {
        let program = std::env::var("CARGO").unwrap_or_else(|_| env!("CARGO").to_owned());
        Command::new(program).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs")
    };
    let version = String::from_utf8(cargo(&["-vV"]).stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo names its host");
    let output = cargo(&["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", host]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let package = metadata["packages"].as_array().unwrap().iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let text = fs::read_to_string(manifest.with_file_name("src").join("schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    assert!(schema["$id"].as_str().unwrap().ends_with("/sarif-schema-2.1.0.json"), "{}", schema["$id"]);
    schema
}

const RISKY: &str = "format: backstop/v1
name: risky
backup: {targets: [{tables: [public.orders]}]}
lint: {allow: [{rule: drop-table, reason: it is empty}]}
steps:
  - {id: drop, sql: DROP TABLE public.archive}
  - id: more
    sql: |
      ALTER TABLE public.orders ALTER COLUMN name SET NOT NULL;
      CREATE INDEX i ON public.orders (name);
      DELETE FROM public.orders;
      GRANT ALL ON public.orders TO PUBLIC;
";

#[test]
fn logs_fit_the_official_schema() {
    let (schema, work) = (schema(), Work::new());
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    work.file("odd name, 100%/a plan.yaml", RISKY);
    let fine = concat!(env!("CARGO_MANIFEST_DIR"), "/plans/add-region.toml");
    let folder = work.path("");
    for (plans, findings) in [(["."], true), ([fine], false)] {
        let output = Program::new().directory(&folder).arguments(&["lint", "--report", "sarif"]).arguments(&plans).run();
        let log: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|why| panic!("{why}: {}", output.stderr));
        let errors: Vec<String> =
            validator.iter_errors(&log).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        let typed: Sarif = serde_json::from_value(log.clone()).unwrap();
        let results = typed.runs[0].results.clone().unwrap_or_default();
        assert_eq!(!results.is_empty(), findings, "{log:#}");
        assert!(results.iter().all(|result| result.rule_id.is_some() && result.level.is_some()));
        let mut wrong = log;
        wrong["runs"][0]["tool"]["driver"]["rules"][0]["weight"] = 1.into();
        assert!(!validator.is_valid(&wrong));
    }
}
