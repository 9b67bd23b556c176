//! The seed's migration, on the example database.

use std::path::{Path, PathBuf};

use super::work::{run, state};
use crate::support::{Program, TestDatabase, database};

const TABLES: [&str; 9] = [
    "organizations",
    "profiles",
    "memberships",
    "projects",
    "documents",
    "audit_events",
    "invitations",
    "render_jobs",
    "countries",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(super) fn plan(name: &str) -> String {
    root().join("plans").join(name).display().to_string()
}

pub(super) fn example(name: &str, profiles: u32) -> TestDatabase {
    let database = database(name);
    let folder = root().join("examples/multi-org");
    let read = |file: &str| std::fs::read_to_string(Path::new(&folder).join(file)).unwrap();
    database.psql(&read("schema.sql"));
    database.psql(&format!("SET backstop_demo.profiles = '{profiles}';\n{}", read("generate.sql")));
    database
}

#[test]
fn the_migration_succeeds() {
    let database = example("seed_success", 1000);
    let output = run(&database, &["apply", &plan("multi-org-security.yaml")]).expect_code(0);
    assert!(output.stdout.contains("succeeded"), "{}", output.stdout);
    assert_eq!(database.one("SELECT pg_typeof(id) FROM organizations LIMIT 1"), "uuid");
    assert_eq!(database.one("SELECT relrowsecurity FROM pg_class WHERE oid = 'profiles'::regclass"), "t");
    run(&database, &["apply", &plan("add-region.toml")]).expect_code(0);
    run(&database, &["apply", &plan("fill-locale.yaml")]).expect_code(0);
    run(&database, &["check", &plan("multi-org-security.yaml"), "--phase", "after"]).expect_code(0);
}

#[test]
fn a_failing_after_check_restores_it_exactly() {
    let database = example("seed_restored", 1000);
    let before = state(&database, &TABLES);
    let output = run(&database, &["apply", &plan("multi-org-security-failing.yaml")]).expect_code(5);
    assert!(output.stdout.contains("every-organization-has-an-officer"), "{}", output.stdout);
    assert_eq!(state(&database, &TABLES), before);
    assert_eq!(database.one("SELECT count(*) FROM backstop.events WHERE kind = 'restore_completed'"), "1");
}

#[test]
fn an_applied_migration_can_be_taken_back_later() {
    let database = example("seed_later", 500);
    let before = state(&database, &TABLES);
    run(&database, &["apply", &plan("multi-org-security.yaml")]).expect_code(0);
    let backup = database.one("SELECT id FROM backstop.backups");
    run(&database, &["backup", "verify"]).expect_code(0);
    run(&database, &["restore", "--backup", &backup, "--yes"]).expect_code(0);
    assert_eq!(state(&database, &TABLES), before);
    // It can be applied again, because it isn't any more.
    run(&database, &["apply", &plan("multi-org-security.yaml")]).expect_code(0);
}

#[test]
fn both_ends_on_a_throwaway_server() {
    let output = Program::new().arguments(&["demo", "--profiles", "100"]).run().expect_code(0);
    assert!(output.stdout.contains("succeeded") && output.stdout.contains("restored"), "{}", output.stdout);
}
