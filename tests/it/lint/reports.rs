//! The reports of `backstop lint`, its exit codes, its settings and the exceptions of plans.

use serde_json::{Value, json};

use crate::{
    program::work::Work,
    support::{Output, Program},
};

const PLAN: &str = "\
format: backstop/v1
name: risky
backup: {targets: [{tables: [public.orders]}]}
checks: {after: [{id: c, row_count: {table: public.orders, at_least: 1}}]}
vars: {tables: {type: list, default: [public.orders, public.customers]}}
steps:
  - id: drop
    sql: |
      SELECT 1;
      DROP TABLE public.archive
  - id: many
    sql: |
      {% for table in tables %}
      ALTER TABLE {{ table | ident }} ALTER COLUMN name SET NOT NULL;
      {% endfor %}
  - id: file
    sql_file: sql/index.sql
";

fn work() -> Work {
    let work = Work::new();
    work.file("plan.yaml", PLAN);
    work.file("sql/index.sql", "-- an index\nCREATE INDEX i\n  ON public.orders (name);\n");
    work
}

fn lint(work: &Work, arguments: &[&str]) -> Output {
    let folder = work.path("plan.yaml").parent().unwrap().to_owned();
    Program::new().arguments(&["lint", "plan.yaml"]).arguments(arguments).directory(&folder).run()
}

fn places(report: &Value) -> Vec<(String, String, u64, u64)> {
    let findings = report["plans"][0]["findings"].as_array().unwrap();
    let place = |finding: &Value| {
        let text = |name: &str| finding[name].as_str().unwrap().to_owned();
        (text("rule"), text("file"), finding["line"].as_u64().unwrap(), finding["column"].as_u64().unwrap())
    };
    findings.iter().map(place).collect()
}

#[test]
fn findings_stand_where_people_wrote_them() {
    let output = lint(&work(), &["--report", "json"]).expect_code(3);
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    let place = |rule: &str, file: &str, line, column| (rule.to_owned(), file.to_owned(), line, column);
    assert_eq!(
        places(&report),
        [
            place("drop-table", "plan.yaml", 10, 7),
            place("set-not-null", "plan.yaml", 14, 39),
            place("set-not-null", "plan.yaml", 14, 39),
            place("create-index", "sql/index.sql", 2, 1),
        ]
    );
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/lint.schema.json")).unwrap();
    jsonschema::validate(&schema, &report).unwrap();
    assert_eq!(report["counts"], json!({"errors": 1, "warnings": 3, "notes": 0, "excepted": 0}));
}

#[test]
fn people_see_the_place_and_what_to_do() {
    let output = lint(&work(), &[]).expect_code(3);
    for text in [
        "plan.yaml:10:7",
        "DROP TABLE public.archive",
        "backup.targets",
        "error: drop-table in step drop",
        "1 error, 3 warnings",
    ] {
        assert!(output.stdout.contains(text), "{text} is missing in\n{}", output.stdout);
    }
    assert!(output.stderr.is_empty(), "{}", output.stderr);
}

#[test]
fn levels_decide_about_the_exit_code() {
    let work = work();
    work.file("plan.yaml", &PLAN.replace("DROP TABLE public.archive", "SELECT 2"));
    lint(&work, &[]).expect_code(0);
    lint(&work, &["--fail-on", "warning"]).expect_code(3);
    work.file("backstop.toml", "format = \"backstop/v1\"\n[lint]\nfail_on = \"warning\"\n");
    lint(&work, &[]).expect_code(3);
    let off = "format = \"backstop/v1\"\n[lint.rules]\n\"set-not-null\" = \"off\"\n\"create-index\" = \"error\"\n";
    work.file("backstop.toml", off);
    let report: Value = serde_json::from_str(&lint(&work, &["--report", "json"]).expect_code(3).stdout).unwrap();
    assert_eq!(report["counts"], json!({"errors": 1, "warnings": 0, "notes": 0, "excepted": 0}));
    work.file("backstop.toml", "format = \"backstop/v1\"\n[lint.rules]\n\"set-not-nul\" = \"off\"\n");
    let output = lint(&work, &[]).expect_code(3);
    assert!(output.stderr.contains("Did you mean `set-not-null`?"), "{}", output.stderr);
}

#[test]
fn exceptions_have_reasons_and_are_reported() {
    let work = work();
    let of_step = "  - id: drop\n    lint: {allow: [{rule: drop-table, reason: it is empty}]}\n";
    let of_plan = "lint: {allow: [{rule: set-not-null, reason: small tables}, {rule: cluster, reason: none}]}\nsteps:\n";
    work.file("plan.yaml", &PLAN.replace("  - id: drop\n", of_step).replace("steps:\n", of_plan));
    let report: Value = serde_json::from_str(&lint(&work, &["--report", "json"]).expect_code(0).stdout).unwrap();
    assert_eq!(report["counts"], json!({"errors": 0, "warnings": 2, "notes": 0, "excepted": 3}));
    let findings = report["plans"][0]["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["rule"] == "idle-exception"));
    let dropped = findings.iter().find(|finding| finding["rule"] == "drop-table").unwrap();
    assert_eq!(dropped["excepted"], "it is empty");
    work.file("plan.yaml", &PLAN.replace("steps:\n", "lint: {allow: [{rule: drop-tabel, reason: x}]}\nsteps:\n"));
    let output = lint(&work, &[]).expect_code(3);
    assert!(
        output.stderr.contains("Did you mean `drop-table`?") && output.stderr.contains("plan.yaml:6:23"),
        "{}",
        output.stderr
    );
}

#[test]
fn exceptions_are_no_part_of_the_fingerprint() {
    let work = work();
    let fingerprint = |text: &str| {
        work.file("plan.yaml", text);
        let output =
            Program::new().arguments(&["render", work.path("plan.yaml").to_str().unwrap(), "--format", "json"]).run();
        let value: Value = serde_json::from_str(&output.expect_code(0).stdout).unwrap();
        value["fingerprint"].as_str().unwrap().to_owned()
    };
    let excepted = PLAN.replace("steps:\n", "lint: {allow: [{rule: drop-table, reason: x}]}\nsteps:\n");
    assert_eq!(fingerprint(PLAN), fingerprint(&excepted));
}

#[test]
fn sarif_names_its_rules_and_suppresses_exceptions() {
    let work = work();
    work.file("plan.yaml", &PLAN.replace("steps:\n", "lint: {allow: [{rule: drop-table, reason: it is empty}]}\nsteps:\n"));
    let output = lint(&work, &["--report", "sarif"]).expect_code(0);
    let log: Value = serde_json::from_str(&output.stdout).unwrap();
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
    }
    assert_eq!(run["results"][0]["suppressions"][0]["justification"], "it is empty");
}

#[test]
fn annotations_stand_on_one_line_each() {
    let output = lint(&work(), &["--report", "github"]).expect_code(3);
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("::error file=plan.yaml,line=10,endLine=10,col=7,"), "{}", lines[0]);
    assert!(
        lines[3].starts_with("::warning file=sql/index.sql,line=2,endLine=3,title=backstop%3A create-index::"),
        "{}",
        lines[3]
    );
    assert!(lines[0].contains("%0A"));
}

#[test]
fn junit_and_markdown_tell_the_same() {
    let junit = lint(&work(), &["--report", "junit"]).expect_code(3).stdout;
    for text in [
        "<testsuite name=\"risky\" tests=\"4\"",
        "failures=\"1\"",
        "drop-table in step drop, line 10",
        "classname=\"plan.yaml\"",
    ] {
        assert!(junit.contains(text), "{text} is missing in\n{junit}");
    }
    let markdown = lint(&work(), &["--report", "markdown"]).expect_code(3).stdout;
    for text in ["❌ backstop lint: 1 error, 3 warnings in 1 plan", "| error | drop, 10 |", "`drop-table`", "<details>"] {
        assert!(markdown.contains(text), "{text} is missing in\n{markdown}");
    }
}

#[test]
fn rules_explain_themselves() {
    let list = Program::new().arguments(&["lint", "--rules"]).run().expect_code(0).stdout;
    assert!(list.lines().count() >= 40);
    let explained = Program::new().arguments(&["lint", "--explain", "set-not-null"]).run().expect_code(0).stdout;
    assert!(explained.contains("NOT VALID") && explained.contains("https://www.postgresql.org/docs/current/"));
    for arguments in
        [["--explain", "set-not-null", "--report", "markdown"], ["--rules", "--fail-on", "note", "--report=sarif"]]
    {
        let refused = Program::new().arguments(&["lint"]).arguments(&arguments).run().expect_code(2);
        assert!(refused.stderr.contains("backstop::cli::report"), "{}", refused.stderr);
    }
    let unknown = Program::new().arguments(&["lint", "--explain", "set-not-nil"]).run().expect_code(2);
    assert!(unknown.stderr.contains("Did you mean `set-not-null`?"));
    let manual = Program::new().arguments(&["lint", "--rules", "--report", "markdown"]).run().expect_code(0).stdout;
    assert!(manual.matches("\n### `").count() >= 40);
    let work = Work::new();
    let folder = work.file("man/x", "").parent().unwrap().to_owned();
    Program::new().arguments(&["man", "--into", folder.to_str().unwrap()]).run().expect_code(0);
    let page = std::fs::read_to_string(folder.join("backstop-lint-rules.7")).unwrap();
    assert!(page.starts_with(".TH backstop-lint-rules 7") && page.contains("set\\-not\\-null"));
}

#[test]
fn the_projects_own_plans_are_clean() {
    let plans = concat!(env!("CARGO_MANIFEST_DIR"), "/plans");
    let output = Program::new().arguments(&["lint", plans, "--fail-on", "note"]).run();
    let output = output.expect_code(0);
    assert!(output.stdout.contains("nothing found"), "{}", output.stdout);
}

#[test]
fn a_plan_is_looked_at_without_its_secrets() {
    let work = work();
    let secret = "vars: {pw: {type: secret, default: {env: NOT_SET_ANYWHERE}}}\nsteps:\n";
    let step = "  - {id: role, sql: \"ALTER ROLE app PASSWORD {{ pw | literal }}\"}\n";
    let text = PLAN.replace("vars: {tables: {type: list, default: [public.orders, public.customers]}}\n", "");
    let text = text
        .replace("{% for table in tables %}\n", "")
        .replace("      {% endfor %}\n", "")
        .replace("{{ table | ident }}", "a");
    work.file("plan.yaml", &(text.replace("steps:\n", secret) + step));
    let report: Value = serde_json::from_str(&lint(&work, &["--report", "json"]).expect_code(3).stdout).unwrap();
    assert!(!report.to_string().contains("password-in-sql"), "{report}");
}
