//! Which plans are compared, from which version: renamed, moved, included, broken, in bare and in dirty repositories.

use super::repository::{Repository, changes};

const ONE: &str = "format: backstop/v1\nname: one\nsteps:\n  - {id: a, sql_file: sql/a.sql}\n";
const TWO: &str = "format: backstop/v1\nname: two\ntemplates: [m.j2]\nsteps:\n  - id: b\n    sql: |\n      {% from 'm.j2' import pick %}\n      {{ pick() }}\n";
const MACRO: &str = "{% macro pick() %}SELECT 1{% endmacro %}";

fn two() -> Repository {
    let repository = Repository::new();
    repository.commit(&[
        ("plans/one.yaml", ONE),
        ("plans/sql/a.sql", "SELECT 1 -- x\n"),
        ("plans/two.yml", TWO),
        ("plans/m.j2", MACRO),
        ("chart/values.yaml", "format: other\nreplicas: 3\n"),
    ]);
    repository
}

#[test]
fn a_file_that_a_plan_names_counts_and_comments_do_not() {
    let repository = two();
    repository.commit(&[("plans/sql/a.sql", "-- another\nSELECT   1\n"), ("chart/values.yaml", "replicas: 4\n")]);
    assert_eq!(changes(&repository.document(&["--git", "HEAD~..HEAD"], 0)), [""; 0]);
    repository.commit(&[("plans/sql/a.sql", "SELECT 2\n")]);
    assert_eq!(changes(&repository.document(&["--git", "HEAD~..HEAD"], 0)), ["plans/one.yaml step:a sql"]);
    repository.commit(&[("plans/m.j2", &MACRO.replace('1', "5"))]);
    assert_eq!(changes(&repository.document(&["--git", "HEAD~..HEAD"], 0)), ["plans/two.yml step:b sql"]);
    let both = ["plans/one.yaml step:a sql", "plans/two.yml step:b sql"];
    assert_eq!(changes(&repository.document(&["--git", "HEAD~3..HEAD"], 0)), both);
    assert_eq!(changes(&repository.document(&["--git", "HEAD~3..HEAD", "plans/one.yaml"], 0)), both[..1]);
    assert_eq!(changes(&repository.document(&["--git", "HEAD~3..HEAD", "chart"], 0)), [""; 0]);
}

#[test]
fn names_of_files_do_not_count() {
    let repository = two();
    repository.git(&["mv", "plans", "migrations"]);
    repository.git(&["mv", "migrations/one.yaml", "migrations/first.yaml"]);
    repository.commit(&[]);
    assert_eq!(changes(&repository.document(&["--git", "HEAD~..HEAD", "--exit-code"], 0)), [""; 0]);
    // A plan that is written anew elsewhere is known by its name.
    std::fs::remove_file(repository.path().join("migrations/first.yaml")).unwrap();
    let other = "format: backstop/v1\n\n\n\n# a long comment, so that git does not take it for the same file\n\n\nname: one\ndescription: Another one altogether, with many words.\nsteps:\n- id: a\n  sql: SELECT 7\n";
    repository.commit(&[("elsewhere/uno.yaml", other)]);
    let document = repository.document(&["--git", "HEAD~..HEAD"], 0);
    assert_eq!(changes(&document), ["elsewhere/uno.yaml step:a sql"]);
    assert_eq!(document["review"]["plans"][0]["was"], "migrations/first.yaml");
}

#[test]
fn plans_come_and_go() {
    let repository = two();
    std::fs::remove_file(repository.path().join("plans/two.yml")).unwrap();
    repository
        .commit(&[("plans/three.toml", "format = 'backstop/v1'\nname = 'three'\n[[steps]]\nid = 's'\nsql = 'SELECT 3'\n")]);
    let document = repository.document(&["--git", "HEAD~..HEAD", "--exit-code"], 1);
    assert_eq!(changes(&document), ["plans/three.toml added", "plans/two.yml removed"]);
    let steps = &document["review"]["plans"][0]["review"]["changes"];
    assert!(steps.as_array().unwrap().iter().any(|change| change["subject"]["name"] == "s"), "{steps:#}");
}

#[test]
fn a_version_that_can_not_be_read_is_said_and_the_others_are_compared() {
    let repository = Repository::new();
    let broken = ONE.replace("steps:", "stps:");
    repository.commit(&[("a.yaml", &broken), ("sql/a.sql", "SELECT 1"), ("two.yaml", TWO), ("m.j2", MACRO)]);
    repository.commit(&[("a.yaml", ONE), ("m.j2", &MACRO.replace('1', "2"))]);
    let document = repository.document(&["--git", "HEAD~..HEAD"], 0);
    let unreadable = &document["review"]["plans"][0]["unreadable"][0];
    assert_eq!(unreadable["version"], "old");
    let lines = unreadable["why"].as_array().unwrap();
    assert!(lines.iter().any(|line| line.as_str().unwrap().starts_with("a.yaml:3: ")), "{unreadable:#}");
    assert!(changes(&document).contains(&"two.yaml step:b sql".to_owned()));
    // A new version that is not valid is a rule broken, whatever is allowed.
    repository.commit(&[("a.yaml", &broken)]);
    let document = repository.document(&["--git", "HEAD~..HEAD", "--allow-weaker"], 3);
    assert_eq!(document["review"]["plans"][0]["unreadable"][0]["version"], "new");
    let text = repository.diff(&["--git", "HEAD~..HEAD"]).expect_code(3);
    assert!(text.stdout.contains("the new version is not valid"), "{}", text.stdout);
    // A file that it names and that is gone, or lies elsewhere.
    repository.commit(&[("a.yaml", &ONE.replace("sql/a.sql", "../../etc/passwd"))]);
    let document = repository.document(&["--git", "HEAD~2..HEAD"], 3);
    assert!(document.to_string().contains("out of the repository"), "{document:#}");
}

#[test]
fn a_working_tree_is_compared_as_it_is_and_left_alone() {
    let repository = two();
    repository.file("plans/sql/a.sql", "SELECT 99\n");
    let before = repository.git(&["status", "--porcelain"]);
    assert_eq!(changes(&repository.document(&["--git", "HEAD"], 0)), ["plans/one.yaml step:a sql"]);
    assert_eq!(changes(&repository.document(&["--git", "HEAD..HEAD"], 0)), [""; 0], "what is not committed is no commit's");
    assert_eq!(repository.git(&["status", "--porcelain"]), before);
}

#[test]
fn commits_that_parted_are_compared_from_where_they_did() {
    let repository = two();
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    repository.commit(&[("plans/m.j2", &MACRO.replace('1', "2"))]);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.commit(&[("plans/sql/a.sql", "SELECT 2\n")]);
    let both = ["plans/one.yaml step:a sql", "plans/two.yml step:b sql"];
    assert_eq!(changes(&repository.document(&["--git", "main..side"], 0)), both);
    assert_eq!(changes(&repository.document(&["--git", "main...side"], 0)), both[1..]);
    assert_eq!(changes(&repository.document(&["--git", "...side"], 0)), both[1..]);
}

#[test]
fn a_bare_repository_has_all_that_is_needed() {
    let repository = two();
    repository.commit(&[("plans/sql/a.sql", "SELECT 2\n")]);
    let bare = Repository::new();
    let path = bare.path().join("bare.git");
    repository.git(&["clone", "--quiet", "--bare", ".", path.to_str().unwrap()]);
    let run = |arguments: &[&str]| {
        crate::support::Program::new().directory(&path).arguments(&["diff", "--git"]).arguments(arguments).run()
    };
    let told = run(&["HEAD~..HEAD"]).expect_code(0);
    assert!(told.stdout.contains("plans/one.yaml"), "{}", told.stdout);
    run(&["HEAD"]).expect_code(2);
}

#[test]
fn paths_and_settings_are_looked_for_from_where_one_stands() {
    let repository = two();
    repository.commit(&[
        ("backstop.toml", "format = 'backstop/v1'\nplans = ['plans']\n"),
        ("other/three.yaml", "format: backstop/v1\nname: three\nsteps: [{id: s, sql: SELECT 1}]\n"),
    ]);
    repository.commit(&[
        ("plans/sql/a.sql", "SELECT 2\n"),
        ("other/three.yaml", "format: backstop/v1\nname: three\nsteps: [{id: s, sql: SELECT 2}]\n"),
    ]);
    // Plans lie where the repository's file says.
    assert_eq!(changes(&repository.document(&["--git", "HEAD~..HEAD"], 0)), ["plans/one.yaml step:a sql"]);
    let inside = crate::support::Program::new()
        .directory(&repository.path().join("plans"))
        .arguments(&["diff", "--git", "HEAD~..HEAD", "one.yaml"])
        .run()
        .expect_code(0);
    assert!(inside.stdout.contains("plans/one.yaml"), "{}", inside.stdout);
}

#[test]
fn what_is_no_commit_is_wrong_usage() {
    let repository = two();
    for range in ["nonsense..HEAD", "HEAD..nonsense", "--upload-pack=x", "-x..HEAD", "HEAD...nonsense"] {
        let told = repository.diff(&[&format!("--git={range}")]).expect_code(2);
        assert!(told.stderr.contains("no commit"), "{range}: {}", told.stderr);
    }
    let nowhere = tempfile::tempdir().unwrap();
    let told = crate::support::Program::new().directory(nowhere.path()).arguments(&["diff", "--git", "a..b"]).run();
    assert!(told.expect_code(2).stderr.contains("git"), "outside of a repository");
}
