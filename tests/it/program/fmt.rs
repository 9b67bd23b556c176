//! `fmt`: what is written, what is only told, and what is refused.

use std::{fs, os::unix::fs::PermissionsExt};

use super::work::Work;
use crate::support::{Output, Program};

const MIXED: &str =
    "name: p\n# first of all\nformat: backstop/v1\nsteps:\n  - sql: |\n      SELECT 1;\n\n      -- 2\n    id: one # it\n";
const ORDERED: &str =
    "# first of all\nformat: backstop/v1\nname: p\nsteps:\n  - id: one # it\n    sql: |\n      SELECT 1;\n\n      -- 2\n";

fn here(work: &Work, arguments: &[&str]) -> Output {
    Program::new().arguments(arguments).directory(&work.path("")).run()
}

#[test]
fn plans_are_put_in_order_where_they_lie() {
    let work = Work::new();
    let path = work.file("plans/p.yaml", MIXED);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let before = here(&work, &["render", "plans/p.yaml", "--format", "json"]).expect_code(0).stdout;
    let checked = here(&work, &["fmt", "plans", "--check"]).expect_code(3);
    assert_eq!(checked.stdout, "not in order: plans/p.yaml\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), MIXED);
    here(&work, &["fmt", "plans"]).expect_code(0);
    assert_eq!(fs::read_to_string(&path).unwrap(), ORDERED);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    // The fingerprint is the same: it is the same plan.
    assert_eq!(here(&work, &["render", "plans/p.yaml", "--format", "json"]).expect_code(0).stdout, before);
    here(&work, &["fmt", "plans", "--check"]).expect_code(0);
    let files: Vec<_> = fs::read_dir(work.path("plans")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["p.yaml"]);
}

#[test]
fn new_plans_are_in_order() {
    let work = Work::new();
    for kind in ["empty", "add-column", "backfill", "index", "retype", "rls"] {
        here(&work, &["new", kind, "--kind", kind]).expect_code(0);
    }
    here(&work, &["fmt", ".", "--check"]).expect_code(0);
}

#[test]
fn what_can_not_be_proven_is_refused_and_no_file_is_written() {
    let work = Work::new();
    let fine = work.file("plans/a.yaml", MIXED);
    let anchored = "name: q\nsteps:\n  - {id: &a one, sql: SELECT 1}\nformat: backstop/v1\ndescription: *a\n";
    let path = work.file("plans/q.yaml", anchored);
    let output = here(&work, &["fmt", "plans"]).expect_code(3);
    assert!(output.stderr.contains("backstop::fmt::") && output.stderr.contains("q.yaml"), "{}", output.stderr);
    assert_eq!((fs::read_to_string(path).unwrap(), fs::read_to_string(fine).unwrap()), (anchored.into(), MIXED.into()));
    work.file("plans/q.yaml", "name: q\nformat: backstop/v1\nstep: []\n");
    assert!(here(&work, &["fmt", "plans"]).expect_code(3).stderr.contains("Did you mean `steps`?"));
}
