//! A pull request that takes safety away, as a reviewer and a pipeline see it.

use insta::assert_snapshot;

use super::repository::Repository;

const PLAN: &str = "\
format: backstop/v1
name: close-legacy-accounts
vars:
  product: {type: string, default: legacy}
backup:
  targets:
    - tables: [public.accounts, public.invoices]
checks:
  after:
    - id: none-left-open
      sql: SELECT id FROM accounts WHERE product = {{ product | literal }} AND closed_at IS NULL
      expect: {rows: 0}
steps:
  - id: add-column
    sql: ALTER TABLE accounts ADD COLUMN closed_at timestamptz
  - id: close
    sql_file: sql/close.sql
    expect_rows: {at_least: 1}
";
const CLOSE: &str = "UPDATE accounts\nSET closed_at = now()\nWHERE product = {{ product | literal }};\n";

/// Main, and a branch that removes a target, lowers a severity and edits what a step does.
fn request() -> Repository {
    let repository = Repository::new();
    repository.commit(&[("plans/close.yaml", PLAN), ("plans/sql/close.sql", CLOSE), ("README.md", "x")]);
    repository.git(&["checkout", "--quiet", "-b", "request"]);
    let edited = PLAN.replace("[public.accounts, public.invoices]", "[public.accounts]");
    let edited = edited.replace("      expect: {rows: 0}\n", "      expect: {rows: 0}\n      severity: warn\n");
    let close = CLOSE.replace("now()", "now() - interval '1 day'");
    repository.commit(&[("plans/close.yaml", &edited), ("plans/sql/close.sql", &close), ("README.md", "y")]);
    repository
}

#[test]
fn a_request_that_removes_a_target_and_lowers_a_severity_is_flagged() {
    let repository = request();
    let comment = repository.diff(&["--git", "main..request", "--report", "markdown"]).expect_code(3);
    assert_snapshot!(comment.stdout);
    assert!(comment.stderr.contains("--allow-weaker"), "{}", comment.stderr);
    let text = repository.diff(&["--git", "main...request"]).expect_code(3);
    assert_snapshot!(text.stdout);
    let document = repository.document(&["--git", "main..request"], 3);
    let rules: Vec<&str> = document["review"]["plans"][0]["review"]["weaker"]
        .as_array()
        .unwrap()
        .iter()
        .map(|loss| loss["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["target_removed", "severity_lowered"]);
}

#[test]
fn what_is_meant_can_be_allowed_and_differences_can_be_asked_for() {
    let repository = request();
    repository.document(&["--git", "main..request", "--allow-weaker"], 0);
    repository.document(&["--git", "main..request", "--allow-weaker", "--exit-code"], 1);
    repository.document(&["--git", "main..request", "--exit-code"], 3);
    repository.document(&["--git", "request..main"], 0);
    repository.document(&["--git", "main..main", "--exit-code"], 0);
    let same = repository.diff(&["--git", "main..main", "--report", "markdown"]).expect_code(0);
    assert!(
        same.stdout.contains("<!-- backstop diff -->") && same.stdout.contains("nothing changed in meaning"),
        "{same:?}"
    );
    repository.diff(&["--git", "main..main", "--report", "sarif"]).expect_code(2);
}

#[test]
fn two_files_are_compared_without_git() {
    let work = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = work.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    file("old/sql/close.sql", CLOSE);
    file("new/sql/close.sql", CLOSE);
    let old = file("old/close.yaml", PLAN);
    let new = file("new/close.yaml", &format!("# another comment\n{PLAN}").replace("expect_rows: {at_least: 1}", ""));
    let diff = |arguments: &[&str]| {
        crate::support::Program::new().directory(work.path()).arguments(&["diff", &old, &new]).arguments(arguments).run()
    };
    let told = diff(&[]).expect_code(3);
    assert!(told.stdout.contains("[expect_rows_dropped]"), "{}", told.stdout);
    diff(&["--allow-weaker"]).expect_code(0);
    let same = crate::support::Program::new().directory(work.path()).arguments(&["diff", &old, &old, "--exit-code"]).run();
    assert!(same.expect_code(0).stdout.contains("nothing changed in meaning"));
    // One file is no two versions, and one that is not there is none.
    crate::support::Program::new().directory(work.path()).arguments(&["diff", &old]).run().expect_code(2);
    crate::support::Program::new().directory(work.path()).arguments(&["diff", &old, "none.yaml"]).run().expect_code(2);
}
