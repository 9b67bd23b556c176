//! Commands that look at strangers' changes read nothing outside of the repository, and no file without an end.

use std::{
    os::unix::fs::symlink,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use super::work::Work;
use crate::support::{Output, Program};

const WORD: &str = "kept-from-strangers";

fn git(work: &Work, arguments: &[&str]) {
    let output = Command::new("git")
        .current_dir(work.path("."))
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn at(work: &Work, arguments: &[&str]) -> Output {
    Program::new().directory(&work.path(".")).env("SECRET_OF_OURS", WORD).arguments(arguments).run()
}

fn plan(more: &str, step: &str) -> String {
    format!(
        "format: backstop/v1\nname: p\n{more}backup: {{targets: [{{tables: [public.t]}}]}}\nsteps: [{{id: s, {step}}}]\n"
    )
}

/// A repository, and a folder beside it with what is nobody's business.
fn repository() -> (Work, tempfile::TempDir) {
    let (work, outside) = (Work::new(), tempfile::tempdir().unwrap());
    git(&work, &["init", "--quiet", "--initial-branch=main"]);
    std::fs::write(outside.path().join("x.sql"), format!("SELECT '{WORD}'")).unwrap();
    std::fs::write(outside.path().join("values.yaml"), format!("word: {WORD}\n")).unwrap();
    (work, outside)
}

fn refused(work: &Work, what: &str) {
    for command in [&["lint"][..], &["render"], &["lint", "plans/p.yaml"], &["render", "plans/p.yaml", "--environment", "e"]]
    {
        let output = at(work, command);
        let all = output.stdout.clone() + &output.stderr;
        assert!(!all.contains(WORD), "{what}: {command:?}: {all}");
        if command.len() > 1 {
            assert_ne!(output.code, Some(0), "{what}: {command:?}: {all}");
        }
    }
}

#[test]
fn nothing_outside_of_the_repository_is_read() {
    let settings = "format = \"backstop/v1\"\nplans = [\"plans\"]\n[environments.e]\n";
    let absolute = |outside: &Path, name: &str| outside.join(name).display().to_string();
    let (work, outside) = repository();
    work.file("backstop.toml", settings);
    let leads_out = [
        ("an absolute path", plan("", &format!("sql_file: {}", absolute(outside.path(), "x.sql")))),
        ("dots", plan("", &format!("sql_file: ../../../../../../..{}", absolute(outside.path(), "x.sql")))),
        ("a link", plan("", "sql_file: linked.sql")),
        ("a linked folder", plan("", "sql_file: folder/x.sql")),
        ("/proc", plan("", "sql_file: /proc/self/environ")),
        ("macros", plan(&format!("templates: [{}]\n", absolute(outside.path(), "x.sql")), "sql: SELECT 1")),
    ];
    work.file("plans/x", "");
    symlink(outside.path().join("x.sql"), work.path("plans/linked.sql")).unwrap();
    symlink(outside.path(), work.path("plans/folder")).unwrap();
    for (what, text) in leads_out {
        work.file("plans/p.yaml", &text);
        refused(&work, what);
    }
    // Values, the list of plans, the settings themselves, and the plan's own file.
    work.file(
        "plans/p.yaml",
        &plan("vars: {word: {type: string, required: true}}\n", "sql: \"SELECT {{ word | literal }}\""),
    );
    work.file("backstop.toml", &format!("{settings}values = [\"{}\"]\n", absolute(outside.path(), "values.yaml")));
    refused(&work, "values");
    work.file("backstop.toml", &format!("format = \"backstop/v1\"\nplans = [\"{}\"]\n", outside.path().display()));
    std::fs::write(outside.path().join("p.yaml"), plan("", &format!("sql: \"SELECT '{WORD}'\""))).unwrap();
    refused(&work, "plans elsewhere");
    std::fs::remove_file(work.path("plans/p.yaml")).unwrap();
    symlink(outside.path().join("p.yaml"), work.path("plans/p.yaml")).unwrap();
    work.file("backstop.toml", settings);
    refused(&work, "a linked plan");
}

#[test]
fn secrets_are_not_read_where_nothing_is_run() {
    let (work, outside) = repository();
    let vars = format!(
        "vars:\n  a: {{type: secret, default: {{file: {}}}}}\n  b: {{type: secret, default: {{env: SECRET_OF_OURS}}}}\n  c: {{type: secret, default: {{file: /nowhere}}}}\n",
        outside.path().join("x.sql").display()
    );
    work.file("p.yaml", &plan(&vars, "sql: \"SELECT {{ a | literal }}, {{ b | literal }}, {{ c | literal }}\""));
    let output = at(&work, &["render", "p.yaml"]).expect_code(0);
    assert!(output.stdout.contains("'***a***', '***b***', '***c***'"), "{}", output.stdout);
    at(&work, &["lint", "p.yaml"]).expect_code(0);
}

#[test]
fn the_base_may_allow_what_the_change_may_not() {
    let (work, outside) = repository();
    let allowed = format!("format = \"backstop/v1\"\nread_outside = [\"{}\"]\n", outside.path().display());
    work.file("p.yaml", &plan("", &format!("sql_file: {}", outside.path().join("x.sql").display())));
    work.file("backstop.toml", "format = \"backstop/v1\"\n");
    git(&work, &["add", "--all"]);
    git(&work, &["commit", "--quiet", "--message", "without"]);
    // A change can't allow it to itself.
    work.file("backstop.toml", &allowed);
    at(&work, &["lint", "p.yaml"]).expect_code(3);
    at(&work, &["lint", "p.yaml", "--base", "HEAD"]).expect_code(3);
    git(&work, &["commit", "--quiet", "--all", "--message", "with"]);
    at(&work, &["lint", "p.yaml", "--base", "HEAD"]).expect_code(0);
    let output = at(&work, &["render", "p.yaml", "--base", "HEAD"]).expect_code(0);
    assert!(output.stdout.contains(WORD), "{}", output.stdout);
    at(&work, &["render", "p.yaml", "--base", "HEAD~1"]).expect_code(3);
    // What the command line names itself is the caller's word.
    let values = outside.path().join("values.yaml");
    work.file("p.yaml", &plan("vars: {word: {type: string, required: true}}\n", "sql: \"SELECT {{ word | literal }}\""));
    at(&work, &["render", "p.yaml", "--values", values.to_str().unwrap()]).expect_code(0);
}

#[test]
fn a_file_that_never_ends_is_refused() {
    let work = Work::new();
    work.file("p.yaml", &plan("vars: {word: {type: string, default: a}}\n", "sql: SELECT 1"));
    let status = Command::new("mkfifo").arg(work.path("pipe.yaml")).status().unwrap();
    assert!(status.success());
    symlink("/dev/zero", work.path("zero.yaml")).unwrap();
    let since = Instant::now();
    for (file, said) in [("zero.yaml", "backstop::load::too_large"), ("pipe.yaml", "backstop::cli::endless_file")] {
        let output = at(&work, &["check", "p.yaml", "--values", file, "--database-url", "host=/nowhere"]);
        assert!(output.stderr.contains(said), "{file}: {}", output.stderr);
    }
    assert!(since.elapsed() < Duration::from_secs(120), "{:?}", since.elapsed());
}

#[test]
fn a_refused_password_is_not_shown_in_the_excerpt() {
    let work = Work::new();
    work.file("p.yaml", &plan("", "sql: SELECT 1"));
    work.file(
        "backstop.toml",
        &format!(
            "format = \"backstop/v1\"\n[environments.e]\ndatabase_url = \"postgres://app:{WORD}@db/prod\"\nnonsense = 1\n"
        ),
    );
    let output = at(&work, &["lint", "p.yaml"]).expect_code(3);
    assert!(output.stderr.contains("backstop::load::password") && output.stderr.contains("***"), "{}", output.stderr);
    assert!(!output.stderr.contains(WORD), "{}", output.stderr);
    work.file("backstop.toml", "format = \"backstop/v1\"\n");
    work.file(
        "p.yaml",
        &plan(&format!("vars: {{a: {{type: secret, default: {WORD}}}, b: {{type: nothing}}}}\n"), "sql: SELECT 1"),
    );
    let output = at(&work, &["lint", "p.yaml"]).expect_code(3);
    assert!(!output.stderr.contains(WORD), "{}", output.stderr);
}

#[test]
fn pieces_of_a_badly_encoded_password_are_not_shown() {
    for url in [
        format!("postgres://app:a@{WORD}@db.example/prod"),
        format!("postgres://app:5/{WORD}@db.example/prod"),
        format!("postgres://app:5/x?sslmode={WORD}@db.example/prod"),
        format!("postgres://app:%zz{WORD}@db.example/prod"),
        format!("host=db password=a {WORD}=b"),
    ] {
        let output = Program::new().arguments(&["status", "--database-url", &url]).run().expect_code(2);
        assert!(!output.stderr.contains(WORD), "{url}: {}", output.stderr);
        assert!(output.stderr.contains("backstop::connect::conninfo_syntax"), "{url}: {}", output.stderr);
    }
}
