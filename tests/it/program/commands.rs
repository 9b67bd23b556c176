//! The commands beside `apply`, and how plans' mistakes are told.

use super::work::{Work, run};
use crate::support::{Program, backstop, database};

const MISTAKEN_YAML: &str = include_str!("../../fixtures/load/twelve.yaml");
const MISTAKEN_TOML: &str = include_str!("../../fixtures/load/twelve.toml");

/// Line, column and code of each problem that `render` tells as JSON.
fn problems(name: &str, text: &str) -> Vec<(u64, u64, String)> {
    let work = Work::new();
    let path = work.file(name, text);
    let output = backstop(&["render", path.to_str().unwrap(), "--format", "json"]).expect_code(3);
    let value: serde_json::Value = serde_json::from_str(output.stdout.trim()).unwrap();
    let problems = value["problems"].as_array().unwrap();
    let one = |p: &serde_json::Value| {
        (p["line"].as_u64().unwrap(), p["column"].as_u64().unwrap(), p["code"].as_str().unwrap().to_owned())
    };
    problems.iter().map(one).collect()
}

#[test]
fn twelve_mistakes_are_told_at_once_each_at_its_place() {
    let mut codes = [problems("p.yaml", MISTAKEN_YAML), problems("p.toml", MISTAKEN_TOML)]
        .map(|found| found.into_iter().map(|(_, _, code)| code).collect::<Vec<_>>());
    codes.iter_mut().for_each(|codes| codes.sort());
    assert_eq!(codes[0].len(), 12, "{codes:#?}");
    assert_eq!(codes[0], codes[1]);
}

#[test]
fn mistakes_are_drawn_with_place_and_advice() {
    let work = Work::new();
    let path = work.file("plan.yaml", MISTAKEN_YAML);
    let output = backstop(&["render", path.to_str().unwrap()]).expect_code(3);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("plan.yaml:") && output.stderr.contains("Did you mean"), "{}", output.stderr);
}

#[test]
fn a_template_error_points_into_the_plan_or_its_file() {
    let work = Work::new();
    work.file("sql/a.sql", "SELECT 1;\nSELECT {{ missing }};\n");
    let plan = work.file(
        "plan.yaml",
        "format: backstop/v1\nname: t\nvars: {role: {type: string, default: x}}\nsteps:\n  - id: a\n    sql: |\n      SELECT 1;\n      \
         GRANT {{ role }} TO y\n  - {id: b, sql_file: sql/a.sql}\n",
    );
    let output = backstop(&["render", plan.to_str().unwrap(), "--format", "json"]).expect_code(3);
    let value: serde_json::Value = serde_json::from_str(output.stdout.trim()).unwrap();
    let at = |n: usize| {
        (value["problems"][n]["line"].as_u64(), value["problems"][n]["file"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(at(0).0, Some(8), "{value:#}");
    assert_eq!(at(1), (Some(2), "sql/a.sql".to_owned()), "{value:#}");
}

#[test]
fn secrets_appear_nowhere() {
    let (database, work) = (database("commands_secret"), Work::new());
    let role = database.role("with_password", "LOGIN");
    let plan = work.file(
        "plan.yaml",
        &format!(
            "format: backstop/v1\nname: secret\nvars: {{pw: {{type: secret, default: {{env: NEW_PASSWORD}}}}}}\nsteps:\n  - id: set\n    \
             sql: ALTER ROLE \"{}\" PASSWORD {{{{ pw | literal }}}}\n  - {{id: bad, sql: \"SELECT {{{{ pw | literal }}}}::int\"}}\n",
            role.name
        ),
    );
    let shown =
        Program::new().arguments(&["render", plan.to_str().unwrap()]).env("NEW_PASSWORD", "hunter2").run().expect_code(0);
    let applied = Program::new()
        .arguments(&["apply", plan.to_str().unwrap(), "--database-url", &database.url, "--format", "json"])
        .env("NEW_PASSWORD", "hunter2")
        .run();
    let journal = database.psql("SELECT event::text FROM backstop.events; SELECT r::text FROM backstop.runs AS r");
    for text in [&shown.stdout, &shown.stderr, &applied.stdout, &applied.stderr, &journal] {
        assert!(!text.contains("hunter2"), "{text}");
    }
    assert!(shown.stdout.contains("***"), "{}", shown.stdout);
}

#[test]
fn events_are_json_lines_on_standard_output() {
    let (database, work) = (database("commands_json"), Work::new());
    let plan = "format: backstop/v1\nname: j\nsteps: [{id: s, sql: CREATE TABLE t (id int)}]\n";
    let output = work.apply_with(&database, plan, &["--format", "json"]).expect_code(0);
    let kinds: Vec<String> = output
        .stdout
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
            value["event"]["kind"].as_str().or(value["kind"].as_str()).unwrap_or_default().to_owned()
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "run_started",
            "preflight_passed",
            "before_checks_passed",
            "backup_started",
            "backup_completed",
            "step_started",
            "step_committed",
            "after_checks_passed",
            "run_succeeded",
            "run_ended",
        ]
    );
}

#[test]
fn runs_are_listed_and_shown() {
    let (database, work) = (database("commands_show"), Work::new());
    assert!(run(&database, &["history"]).expect_code(0).stdout.contains("no run"));
    work.apply(&database, "format: backstop/v1\nname: shown\nsteps: [{id: make, sql: CREATE TABLE t (id int)}]\n")
        .expect_code(0);
    let history = run(&database, &["history"]).expect_code(0);
    assert!(history.stdout.contains("shown") && history.stdout.contains("succeeded"), "{}", history.stdout);
    let id = database.one("SELECT run FROM backstop.runs");
    let show = run(&database, &["show", &id]).expect_code(0);
    assert!(show.stdout.contains("make") && show.stdout.contains("public.t"), "{}", show.stdout);
    run(&database, &["show", "nonsense"]).expect_code(2);
    let status = run(&database, &["status"]).expect_code(0);
    assert!(status.stdout.contains("applied  shown"), "{}", status.stdout);
    // What a person sees with psql alone.
    assert_eq!(database.one("SELECT state FROM backstop.status"), "succeeded");
}

#[test]
fn a_phase_of_checks_runs_alone_and_changes_nothing() {
    let (database, work) = (database("commands_check"), Work::new());
    database.execute("CREATE TABLE t AS SELECT generate_series(1, 3) AS id");
    let plan = |at_least: u32| {
        format!(
            "format: backstop/v1\nname: c\nchecks: {{before: [{{id: rows, row_count: {{table: t, at_least: {at_least}}}}}]}}\n\
             steps: [{{id: s, sql: SELECT 1}}]\n"
        )
    };
    let path = work.file("good.yaml", &plan(3));
    run(&database, &["check", path.to_str().unwrap()]).expect_code(0);
    let path = work.file("bad.yaml", &plan(4));
    let output = run(&database, &["check", path.to_str().unwrap()]).expect_code(4);
    assert!(output.stdout.contains("rows"), "{}", output.stdout);
    assert_eq!(database.one("SELECT count(*) FROM pg_namespace WHERE nspname = 'backstop'"), "0");
}

#[test]
fn folders_are_checked_and_rendered_like_others() {
    let (database, work) = (database("commands_folders"), Work::new());
    database.execute("CREATE TABLE t AS SELECT generate_series(1, 3) AS id");
    let plan = |name: &str, requires: &str, at_least: u32| {
        format!(
            "format: backstop/v1\nname: {name}\nrequires: [{requires}]\nchecks: {{before: [{{id: rows-of-{name}, row_count: {{table: t, at_least: {at_least}}}}}]}}\n\
             steps: [{{id: s, sql: SELECT 1}}]\n"
        )
    };
    work.file("plans/a.yaml", &plan("second", "first", 4));
    work.file("plans/b.yaml", &plan("first", "", 3));
    work.file("plans/values.yaml", "x: 1\n");
    let folder = work.path("plans").to_str().unwrap().to_owned();
    let output = run(&database, &["check", &folder]).expect_code(4);
    let at = |word: &str| output.stdout.find(word).unwrap_or_else(|| panic!("{word}\n{}", output.stdout));
    assert!(at("rows-of-first") < at("rows-of-second"), "{}", output.stdout);
    assert!(output.stderr.contains("left out, no plans: "), "{}", output.stderr);
    run(&database, &["check", &folder, "--until", "first"]).expect_code(0);
    run(&database, &["check", &folder, "--only", "second", "--report", "json"]).expect_code(4);
    run(&database, &["check", &folder, "--only", "thrid"]).expect_code(2);
    run(&database, &["check", &folder, "--report", "sarif"]).expect_code(2);
    let rendered = backstop(&["render", &folder]).expect_code(0).stdout;
    let names: Vec<&str> = rendered.split("\n---\n").filter_map(|plan| plan.lines().next()).collect();
    assert_eq!(names, ["name: first", "name: second"], "{rendered}");
    backstop(&["render", &folder, "--normal"]).expect_code(2);
    // Without any the repository's.
    work.file("backstop.toml", "format = \"backstop/v1\"\nplans = [\"plans\"]\n");
    let here = Program::new().directory(&work.path("")).arguments(&["check", "--database-url", &database.url]).run();
    assert_eq!(here.expect_code(4).stdout, output.stdout.replace(&folder, "plans"));
}

#[test]
fn backups_are_made_listed_verified_and_pruned_by_hand() {
    let (database, work) = (database("commands_backup"), Work::new());
    database.execute("CREATE TABLE t AS SELECT generate_series(1, 3) AS id; CREATE TABLE u AS SELECT 1 AS id");
    let plan =
        "format: backstop/v1\nname: b\nbackup: {targets: [{tables: ['public.*']}]}\nsteps: [{id: s, sql: SELECT 1}]\n";
    let path = work.file("plan.yaml", plan);
    for _ in 0..3 {
        run(&database, &["backup", "create", path.to_str().unwrap()]).expect_code(0);
    }
    let list = run(&database, &["backup", "list"]).expect_code(0);
    assert_eq!(list.stdout.matches("complete").count(), 3, "{}", list.stdout);
    run(&database, &["backup", "verify"]).expect_code(0);
    run(&database, &["backup", "prune", "--keep", "1", "--dry-run"]).expect_code(0);
    assert_eq!(database.one("SELECT count(*) FROM backstop.backups"), "3");
    run(&database, &["backup", "prune", "--keep", "1"]).expect_code(0);
    assert_eq!(database.one("SELECT count(*) FROM backstop.backups"), "1");
    let copy = database.one("SELECT copy_name FROM backstop.backup_tables WHERE table_name = 't'");
    database.execute(&format!("UPDATE backup_pre_migration.\"{copy}\" SET id = id + 1"));
    let verify = run(&database, &["backup", "verify"]).expect_code(4);
    assert!(verify.stderr.contains("public.t"), "{}", verify.stderr);
    // A restore of it is refused, and nothing is changed.
    database.execute("UPDATE t SET id = 7");
    let backup = database.one("SELECT id FROM backstop.backups");
    run(&database, &["restore", "--backup", &backup, "--yes"]).expect_code(7);
    assert_eq!(database.one("SELECT sum(id) FROM t"), "21");
}

#[test]
fn wrong_usage_is_code_2() {
    backstop(&["aply"]).expect_code(2);
    backstop(&["apply"]).expect_code(2);
    backstop(&["render", "no-such-file.yaml"]).expect_code(2);
    backstop(&["apply", "x.yaml", "--lock-wait", "soon"]).expect_code(2);
}

#[test]
fn an_unexpected_failure_is_code_1() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_backstop")).arg("schema").stdout(full).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

#[test]
fn schema_completions_and_manual_come_from_the_program() {
    let schema = backstop(&["schema"]).expect_code(0);
    let file = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/plan.schema.json")).unwrap();
    assert_eq!(schema.stdout.trim_end(), file.trim_end());
    for shell in ["bash", "zsh", "fish"] {
        assert!(backstop(&["completions", shell]).expect_code(0).stdout.contains("backstop"));
    }
    assert!(backstop(&["man"]).expect_code(0).stdout.contains(".TH backstop"));
    let work = Work::new();
    let folder = work.file("man/x", "").parent().unwrap().to_owned();
    backstop(&["man", "--into", folder.to_str().unwrap()]).expect_code(0);
    assert!(folder.join("backstop-apply.1").exists());
}

#[test]
fn the_sandbox_serves_every_command() {
    let work = Work::new();
    let sql = work.file("init.sql", "CREATE TABLE t AS SELECT 1 AS id");
    let plan = work.file(
        "plan.yaml",
        "format: backstop/v1\nname: s\nbackup: {targets: [{tables: [public.t]}]}\nsteps: [{id: s, sql: UPDATE t SET id = 2}]\n",
    );
    let output = backstop(&["apply", plan.to_str().unwrap(), "--sandbox", "--sandbox-sql", sql.to_str().unwrap()]);
    assert!(output.expect_code(0).stdout.contains("succeeded"));
}

#[test]
fn the_readme_names_every_command_and_exit_code() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let help = backstop(&["--help"]).expect_code(0).stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    for command in commands
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|word| !word.is_empty() && *word != "help")
    {
        assert!(readme.contains(&format!("backstop {command}")), "{command} is missing in the README");
    }
    for line in help.lines().skip_while(|line| *line != "Exit codes:").skip(1) {
        let (code, meaning) = line.trim().split_once("  ").unwrap();
        assert!(readme.contains(&format!("| {code} | {}", meaning.trim())), "exit code {code} differs in the README");
    }
}
