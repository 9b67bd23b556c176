//! `init` and `new`: what they write works as it stands, and nothing that is there is written over.

use super::work::{Work, run};
use crate::support::{Output, Program, database};

const KINDS: [&str; 6] = ["empty", "add-column", "backfill", "index", "retype", "rls"];
const ACCOUNTS: &str =
    "CREATE TABLE accounts (id bigint PRIMARY KEY, email text NOT NULL, reference text, tenant text NOT NULL);
    INSERT INTO accounts SELECT n, 'User' || n || '@example.org', gen_random_uuid(), 'a' FROM generate_series(1, 2500) AS n";

fn here(work: &Work, arguments: &[&str]) -> Output {
    Program::new().arguments(arguments).directory(&work.path("")).run()
}

#[test]
fn a_new_repository_works_and_is_never_written_over() {
    let work = Work::new();
    work.file(".git/HEAD", "");
    let first = here(&work, &["init"]).expect_code(0);
    assert!(first.stdout.contains("backstop new"), "{}", first.stdout);
    let settings = std::fs::read_to_string(work.path("backstop.toml")).unwrap();
    assert!(settings.starts_with("#:schema .backstop/backstop.schema.json\n"));
    work.file("backstop.toml", &settings.replace("\"error\" ", "\"note\"  "));
    let second = here(&work, &["init"]).expect_code(0);
    assert!(second.stdout.contains("kept    ./backstop.toml") && !second.stdout.contains("written"), "{}", second.stdout);
    assert!(std::fs::read_to_string(work.path("backstop.toml")).unwrap().contains("\"note\""));

    here(&work, &["new", "say-language", "--kind", "add-column"]).expect_code(0);
    let plan = std::fs::read_to_string(work.path("plans/say-language.yaml")).unwrap();
    assert!(plan.starts_with("# yaml-language-server: $schema=../.backstop/plan.schema.json\n"), "{plan}");
    assert!(work.path(".backstop/plan.schema.json").is_file());
    let again = here(&work, &["new", "say-language"]).expect_code(2);
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
    assert_eq!(std::fs::read_to_string(work.path("plans/say-language.yaml")).unwrap(), plan);
    here(&work, &["new", "no name"]).expect_code(2);
    here(&work, &["status", "--require", "--sandbox", "--environment", "production"]).expect_code(9);
}

#[test]
fn outside_of_a_repository_the_schema_lies_beside_the_plan() {
    let work = Work::new();
    here(&work, &["new", "p", "--into", "deep/er"]).expect_code(0);
    let plan = std::fs::read_to_string(work.path("deep/er/p.yaml")).unwrap();
    assert!(plan.starts_with("# yaml-language-server: $schema=.backstop/plan.schema.json\n"), "{plan}");
    assert!(work.path("deep/er/.backstop/plan.schema.json").is_file());
    here(&work, &["render", "deep/er/p.yaml"]).expect_code(0);
}

/// What people begin with has no finding of any level, reads as it stands, and is in order.
#[test]
fn every_kind_of_new_plan_passes_lint() {
    let work = Work::new();
    work.file(".git/HEAD", "");
    here(&work, &["init"]).expect_code(0);
    let settings = std::fs::read_to_string(work.path("backstop.toml")).unwrap();
    let report = |folder: &str| {
        let output = here(&work, &["lint", folder, "--fail-on", "note", "--report", "json"]).expect_code(0);
        serde_json::from_str::<serde_json::Value>(&output.stdout).unwrap()
    };
    for kind in KINDS {
        here(&work, &["new", kind, "--kind", kind]).expect_code(0);
        here(&work, &["new", kind, "--kind", kind, "--into", "elsewhere"]).expect_code(0);
        here(&work, &["render", &format!("plans/{kind}.yaml"), "--environment", "production"]).expect_code(0);
    }
    for folder in ["plans", "elsewhere"] {
        let report = report(folder);
        assert_eq!(report["plans"].as_array().unwrap().len(), KINDS.len());
        for counted in ["errors", "warnings", "notes"] {
            assert_eq!(report["counts"][counted], 0, "{report:#}");
        }
        // A change of type rewrites the table, and says why that may be.
        assert_eq!(report["counts"]["excepted"], 1, "{report:#}");
    }
    here(&work, &["fmt", "plans", "elsewhere", "--check"]).expect_code(0);
    assert_eq!(std::fs::read_to_string(work.path("backstop.toml")).unwrap(), settings);
}

#[test]
fn every_kind_of_new_plan_runs_as_it_stands() {
    for kind in KINDS {
        let (database, work) = (database("scaffold"), Work::new());
        database.execute(ACCOUNTS);
        here(&work, &["new", kind, "--kind", kind]).expect_code(0);
        let path = work.path(&format!("{kind}.yaml"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(&format!("\nname: {kind}\n")) && !text.contains("{schema}"), "{text}");
        let before = run(&database, &["check", path.to_str().unwrap(), "--phase", "before"]).expect_code(0);
        assert!(!before.stdout.contains("✗"), "{kind}: {}", before.stdout);
        run(&database, &["apply", path.to_str().unwrap()]).expect_code(0);
        run(&database, &["check", path.to_str().unwrap(), "--phase", "after"]).expect_code(0);
        let wrong = match kind {
            "backfill" => database.one("SELECT count(*) FROM accounts WHERE email <> lower(email)"),
            _ => database.one("SELECT 2500 - count(*) FROM accounts"),
        };
        assert_eq!(wrong, "0", "{kind}");
    }
}
