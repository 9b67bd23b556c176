//! What lint finds in the new version and not in the old one.

use super::repository::Repository;

const PLAN: &str = "\
format: backstop/v1
name: tidy-accounts
vars:
  table: {type: string, default: public.accounts}
backup:
  targets:
    - tables: [public.accounts]
checks:
  after:
    - id: some-are-left
      row_count: {table: public.accounts, at_least: 1}
steps:
  - id: describe
    sql: COMMENT ON TABLE public.accounts IS 'Who may log in.'
";
const DROPS: &str = "
  - id: drop
    sql: DROP TABLE public.invoices
";
const SETTINGS: &str = "\
format = \"backstop/v1\"
[lint]
fail_on = \"warning\"
[environments.production]
vars = { table = \"public.invoices\" }
[environments.staging]
vars = { table = \"public.accounts\" }
";

/// All but notes: level, rule, environments.
fn findings(document: &serde_json::Value, which: &str) -> Vec<String> {
    let told = |hazard: &serde_json::Value| {
        let only_in: Vec<&str> = hazard["only_in"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        format!("{} {} {}", hazard["level"].as_str().unwrap(), hazard["rule"].as_str().unwrap(), only_in.join(","))
    };
    let of_plan = |plan: &serde_json::Value| {
        plan["findings"][which]
            .as_array()
            .unwrap()
            .iter()
            .filter(|hazard| hazard["level"] != "note")
            .map(told)
            .collect::<Vec<_>>()
    };
    document["review"]["plans"].as_array().unwrap().iter().flat_map(of_plan).collect()
}

#[test]
fn a_new_finding_is_told_and_fails_as_lint_would() {
    let repository = Repository::new();
    repository.commit(&[("plans/tidy.yaml", PLAN)]);
    repository.commit(&[("plans/tidy.yaml", &format!("{PLAN}{DROPS}"))]);
    let document = repository.document(&["--git", "HEAD~..HEAD"], 3);
    assert_eq!(findings(&document, "new"), ["error drop-table "]);
    assert_eq!(document["failing_findings"], 1);
    let text = repository.diff(&["--git", "HEAD~..HEAD"]).expect_code(3);
    for part in
        ["what lint finds anew", "✗ error: step drop:", "[drop-table]", "2 new findings of lint, 1 of which fails it"]
    {
        assert!(text.stdout.contains(part), "{part}: {}", text.stdout);
    }
    assert!(text.stderr.contains("make an exception of it in the plan"), "{}", text.stderr);
    let comment = repository.diff(&["--git", "HEAD~..HEAD", "--report", "markdown"]).expect_code(3);
    assert!(comment.stdout.contains("### New findings of lint\n\n- ❌ `error: step drop:"), "{}", comment.stdout);
    // The way back is no new finding, and what went away is said.
    let back = repository.document(&["--git", "HEAD..HEAD~"], 0);
    assert_eq!((findings(&back, "new"), findings(&back, "gone")), (vec![], vec!["error drop-table ".to_owned()]));
    // What was found before is not the change's: no finding is new where another step changes.
    let edited = format!("{PLAN}{DROPS}").replace("Who may log in.", "Who logs in.");
    repository.commit(&[("plans/tidy.yaml", &edited)]);
    let document = repository.document(&["--git", "HEAD~..HEAD"], 0);
    assert_eq!((findings(&document, "new"), findings(&document, "gone")), (vec![], vec![]));
}

#[test]
fn what_the_repository_says_of_levels_counts_and_exceptions_are_told() {
    let repository = Repository::new();
    repository.commit(&[("plans/tidy.yaml", PLAN)]);
    let settings = "format = \"backstop/v1\"\n[lint.rules]\n\"drop-table\" = \"warning\"\n";
    let drops = format!("{PLAN}{DROPS}");
    repository.commit(&[("plans/tidy.yaml", &drops), ("backstop.toml", settings)]);
    let document = repository.document(&["--git", "HEAD~..HEAD"], 0);
    assert_eq!(findings(&document, "new"), ["warning drop-table "]);
    let excepted =
        drops.replace("  - id: drop\n", "  - id: drop\n    lint: {allow: [{rule: drop-table, reason: it is empty}]}\n");
    repository.commit(&[("plans/tidy.yaml", &excepted)]);
    let document = repository.document(&["--git", "HEAD~..HEAD", "--allow-weaker"], 0);
    assert_eq!(findings(&document, "gone"), ["warning drop-table "]);
    assert_eq!(document["review"]["plans"][0]["findings"]["gone"][0]["excepted"], "it is empty");
    let unknown = excepted.replace("rule: drop-table", "rule: drop-tabel");
    repository.commit(&[("plans/tidy.yaml", &unknown)]);
    let broken = repository.diff(&["--git", "HEAD~..HEAD", "--allow-weaker"]).expect_code(3);
    assert!(broken.stdout.contains("plans/tidy.yaml: there is no rule `drop-tabel`"), "{}", broken.stdout);
}

#[test]
fn what_is_seen_in_one_environment_alone_is_told_with_its_name() {
    let repository = Repository::new();
    let deletes = |sql: &str| format!("{PLAN}\n  - id: clean\n    expect_rows: {{at_least: 0}}\n    sql: {sql}\n");
    let before = deletes("SELECT {{ table | literal }}");
    repository.commit(&[("backstop.toml", SETTINGS), ("plans/tidy.yaml", &before)]);
    let after = deletes("DELETE FROM {{ table | ident }} WHERE id = 1");
    repository.commit(&[("plans/tidy.yaml", &after)]);
    let document = repository.document(&["--git", "HEAD~..HEAD"], 3);
    assert_eq!(findings(&document, "new"), ["warning uncovered-write production"]);
    let text = repository.diff(&["--git", "HEAD~..HEAD", "--side-by-side"]).expect_code(3);
    for part in ["(only in production)", "step clean: sql (only in production)", "step clean: sql (only in staging)"] {
        assert!(text.stdout.contains(part), "{part}: {}", text.stdout);
    }
    let rows: Vec<&str> = text.stdout.lines().filter(|line| line.contains(" │ ")).collect();
    assert!(
        rows.len() >= 2 && rows[0].contains("- SELECT 'public.invoices'") && rows[0].contains("+ DELETE FROM"),
        "{rows:#?}"
    );
    let chosen = repository.document(&["--git", "HEAD~..HEAD", "--environment", "staging"], 0);
    assert_eq!(findings(&chosen, "new"), Vec::<String>::new());
}
