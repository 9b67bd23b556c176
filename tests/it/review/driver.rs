//! `git diff` and `git log -p` through our own form of a plan, as the README sets them up.

use super::repository::Repository;

const PLAN: &str = "format: backstop/v1\nname: p\nsteps:\n  - {id: a, sql: SELECT 1}\n  - {id: b, sql_file: sql/b.sql}\n";

fn repository() -> Repository {
    let repository = Repository::new();
    let program = format!("'{}' render --normal", env!("CARGO_BIN_EXE_backstop"));
    repository.git(&["config", "diff.backstop.textconv", &program]);
    repository.commit(&[(".gitattributes", "plans/*.yaml diff=backstop\n"), ("plans/p.yaml", PLAN)]);
    repository
}

#[test]
fn layout_and_comments_are_no_difference_to_git() {
    let repository = repository();
    let other = "# a comment\nname: 'p'\nformat: backstop/v1\n\nsteps:\n- id: a\n  sql: |\n    SELECT 1\n- id: b\n  sql_file: sql/b.sql\n";
    repository.file("plans/p.yaml", other);
    let diff = repository.git(&["diff"]);
    assert!(!diff.contains("@@"), "{diff}");
    repository.file("plans/p.yaml", &other.replace("SELECT 1", "SELECT 2"));
    let diff = repository.git(&["diff"]);
    assert!(diff.contains("-  sql: SELECT 1\n+  sql: SELECT 2\n"), "{diff}");
    assert!(diff.contains(" steps:\n - id: a\n"), "{diff}");
}

#[test]
fn no_old_version_stops_git() {
    let repository = repository();
    let broken = "format: backstop/v1\nname: [\n";
    repository.commit(&[("plans/p.yaml", broken)]);
    repository.commit(&[("plans/p.yaml", "just: some yaml\n")]);
    repository.commit(&[("plans/p.yaml", PLAN)]);
    let log = repository.git(&["log", "-p", "--format=%h"]);
    assert!(log.contains("+name: [") && log.contains("-just: some yaml") && log.contains("+  sql_file: sql/b.sql"), "{log}");
}
