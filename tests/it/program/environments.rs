//! Environments of a repository: which database, which values, and who wins.

use super::work::Work;
use crate::support::{Output, Program, database};

const PLAN: &str = "format: backstop/v1\nname: p\nvars: {note: {type: string, default: default}, other: {type: string, default: ''}}\n\
    steps: [{id: s, sql: 'CREATE TABLE t AS SELECT {{ note | literal }} AS note, {{ other | literal }} AS other'}]\n";

fn repository(work: &Work) {
    work.file(".git/HEAD", "");
    work.file("plans/p.yaml", PLAN);
    work.file("values/production.yaml", "note: file\nother: file\nnobody: declares this\n");
    work.file(
        "backstop.toml",
        "format = 'backstop/v1'\nplans = ['plans']\n[environments.production]\ndatabase_url = {env = 'PROD_URL'}\n\
         values = ['values/production.yaml']\nvars = {note = 'settings'}\n[environments.local]\n\
         [environments.mounted]\ndatabase_url = {file = 'secrets/url'}\n",
    );
    work.file("deep/er/x", "");
}

fn program(work: &Work, arguments: &[&str]) -> Program {
    Program::new().arguments(arguments).directory(&work.path("deep/er"))
}

fn rendered(output: Output) -> String {
    let value: serde_json::Value = serde_json::from_str(output.expect_code(0).stdout.trim()).unwrap();
    value["steps"][0]["sql"].as_str().unwrap().to_owned()
}

#[test]
fn values_of_an_environment_stand_between_defaults_and_what_is_given() {
    let work = Work::new();
    repository(&work);
    let plan = "../../plans/p.yaml";
    let render = |more: &[&str]| program(&work, &[&["render", plan, "--format", "json"], more].concat());
    assert!(rendered(render(&[]).run()).contains("'default' AS note, '' AS other"));
    assert!(rendered(render(&["-e", "production"]).run()).contains("'settings' AS note, 'file' AS other"));
    assert!(rendered(render(&[]).env("BACKSTOP_ENVIRONMENT", "production").run()).contains("'settings' AS note"));
    let own = work.file("own.yaml", "note: own\n");
    let given = ["--environment", "production", "--values", own.to_str().unwrap()];
    assert!(rendered(render(&given).run()).contains("'own' AS note, 'file' AS other"));
    assert!(rendered(render(&given).env("BACKSTOP_VAR_NOTE", "variable").run()).contains("'variable' AS note"));
    assert!(rendered(render(&["-e", "production", "--var", "note=last"]).run()).contains("'last' AS note"));
    let config = work.path("backstop.toml");
    let elsewhere = Program::new().directory(std::path::Path::new("/")).arguments(&[
        "render",
        work.path("plans/p.yaml").to_str().unwrap(),
        "--format=json",
        "--config",
        config.to_str().unwrap(),
        "-eproduction",
    ]);
    assert!(rendered(elsewhere.run()).contains("'settings' AS note, 'file' AS other"));
}

#[test]
fn an_environment_that_is_not_there_is_wrong_usage() {
    let work = Work::new();
    repository(&work);
    let output = program(&work, &["render", "../../plans/p.yaml", "-e", "prodution"]).run().expect_code(2);
    assert!(output.stderr.contains("Did you mean `production`?"), "{}", output.stderr);
    std::fs::remove_dir_all(work.path(".git")).unwrap();
    // Outside of a git repository a file further up may be anybody's.
    let output = program(&work, &["render", "../../plans/p.yaml", "-e", "production"]).run().expect_code(2);
    assert!(output.stderr.contains("backstop::cli::no_repository"), "{}", output.stderr);
    work.file("backstop.toml", "format = 'backstop/v1'\n[environments.production]\ndatabase_url = 'postgres://a:b@c/d'\n");
    let config = ["render", "../../plans/p.yaml", "-e", "production", "--config", "../../backstop.toml"];
    let output = program(&work, &config).run().expect_code(3);
    assert!(
        output.stderr.contains("backstop::load::password") && output.stderr.contains("backstop.toml:3"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_named_environment_is_never_overridden_by_a_database_url_that_stands_around() {
    let (production, stray, work) = (database("environment_named"), database("environment_stray"), Work::new());
    repository(&work);
    let apply = |arguments: &[&str]| program(&work, &[&["apply"], arguments].concat()).env("DATABASE_URL", &stray.url);
    let there = |database: &crate::support::TestDatabase| database.one("SELECT to_regclass('t') IS NOT NULL");
    // Not set: an error, and no other database instead.
    let output = apply(&["-e", "production"]).run().expect_code(2);
    assert!(output.stderr.contains("PROD_URL is not set"), "{}", output.stderr);
    apply(&["-e", "mounted"]).run().expect_code(2);
    assert_eq!((there(&production), there(&stray)), ("f".into(), "f".into()));
    apply(&["-e", "production"]).env("PROD_URL", &production.url).run().expect_code(0);
    assert_eq!((there(&production), there(&stray)), ("t".into(), "f".into()));
    assert_eq!(production.one("SELECT note FROM t"), "settings");
    // What is given wins, and an environment without a database takes the surroundings'.
    apply(&["-e", "production", "--database-url", &stray.url]).env("PROD_URL", &production.url).run().expect_code(0);
    assert_eq!(stray.one("SELECT note FROM t"), "settings");
    let output = apply(&["-e", "local"]).run().expect_code(3);
    assert!(output.stderr.contains("applied at"), "{}", output.stderr);
    work.file("secrets/url", &format!("{}\n", production.url));
    let status = program(&work, &["status", "p", "--require", "-e", "mounted"]).env("DATABASE_URL", "postgres://nowhere/x");
    status.run().expect_code(0);
}
