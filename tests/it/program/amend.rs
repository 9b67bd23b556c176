//! A plan that is edited while its run is held: what has run is frozen, the rest may change where a person says so.

use std::path::PathBuf;

use super::work::{Work, run, state};
use crate::support::{Output, TestDatabase, database};

const ITEMS: &str = "
    CREATE TABLE public.items (id int PRIMARY KEY, n int NOT NULL);
    INSERT INTO public.items SELECT i, 0 FROM generate_series(1, 100) AS i;";

const PLAN: &str = "
format: backstop/v1
name: amended
backup: {targets: [{tables: [public.items]}]}
steps:
  - {id: first, sql: UPDATE items SET n = n + 1}
  - {id: second, sql: UPDATE items SET n = n / 0}
rollback: {on_failure: hold}
";

/// A run that is held at its second step.
fn held(name: &str) -> (TestDatabase, Work) {
    let (database, work) = (database(name), Work::new());
    database.execute(ITEMS);
    work.apply(&database, PLAN).expect_code(6);
    (database, work)
}

fn resume(database: &TestDatabase, work: &Work, plan: &str, more: &[&str]) -> Output {
    let path: PathBuf = work.file("plan.yaml", plan);
    let mut arguments = vec!["resume", path.to_str().unwrap()];
    arguments.extend(more);
    run(database, &arguments)
}

#[test]
fn a_step_that_has_not_run_is_amended_and_the_run_goes_on() {
    let (database, work) = held("amend_goes");
    let edited = PLAN.replace("n / 0", "n + 10");
    let edited = edited.replace("rollback", "  - {id: third, sql: UPDATE items SET n = n + 100}\nrollback");
    let told = resume(&database, &work, &edited, &[]).expect_code(6);
    for word in ["step second is changed", "n / 0", "n + 10", "step third is new", "--amend"] {
        assert!(told.stderr.contains(word), "{word} is missing in\n{}", told.stderr);
    }
    assert_eq!(database.one("SELECT count(*) FROM backstop.events WHERE kind = 'plan_amended'"), "0");
    let done = resume(&database, &work, &edited, &["--amend"]).expect_code(0);
    assert!(done.stdout.contains("plan amended"), "{}", done.stdout);
    assert_eq!(database.one("SELECT count(*) FROM items WHERE n = 111"), "100");
    let again = work.apply(&database, &edited).expect_code(0);
    assert!(again.stdout.contains("nothing to do"), "it is applied as it was amended: {}", again.stdout);
    assert_eq!(database.one("SELECT count(*) FROM backstop.applied WHERE rendered LIKE '%third%'"), "1");
}

#[test]
fn what_has_run_and_what_the_backup_holds_are_frozen() {
    let (database, work) = held("amend_frozen");
    let before = state(&database, &["public.items"]);
    for (edited, word) in [
        (PLAN.replace("n + 1", "n + 2"), "step first has run"),
        (PLAN.replace("tables: [public.items]", "tables: [public.items, public.others]"), "backup has been used"),
    ] {
        for more in [&[][..], &["--amend"]] {
            let told = resume(&database, &work, &edited, more).expect_code(3);
            assert!(told.stderr.contains(word), "{word} is missing in\n{}", told.stderr);
        }
    }
    assert_eq!(state(&database, &["public.items"]), before);
    let edited = PLAN.replace("n / 0", "n + 10");
    resume(&database, &work, &edited, &["--amend"]).expect_code(0);
}

#[test]
fn an_amended_run_is_restored_to_where_it_began() {
    let (database, work) = (database("amend_restored"), Work::new());
    database.execute(ITEMS);
    let before = state(&database, &["public.items"]);
    work.apply(&database, PLAN).expect_code(6);
    let edited = PLAN.replace("n / 0", "n + 10 WHERE id = 1 / (n - 1)");
    resume(&database, &work, &edited, &["--amend"]).expect_code(6);
    run(&database, &["restore", "--yes"]).expect_code(0);
    assert_eq!(state(&database, &["public.items"]), before);
}
