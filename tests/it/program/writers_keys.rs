//! By what a row that others wrote to is found again when their writes are carried over.

use super::gate::{WAITS, meanwhile};
use crate::support::{Output, TestDatabase, database};

/// A run whose step changes `keys` and is taken back, while others write.
fn carried_over(database: &TestDatabase, step: &str, others: &str) -> Output {
    let plan = format!(
        "format: backstop/v1\nname: change\nbackup: {{writers: capture, targets: [{{tables: [public.keys]}}]}}\nsteps:\n\
         \x20 - {{id: change, sql: '{step}'}}\n{WAITS}  - {{id: fails, sql: SELECT 1 / 0}}\n"
    );
    meanwhile(database, &plan, || database.execute(others)).expect_code(5)
}

fn rows(database: &TestDatabase) -> String {
    database.one("SELECT string_agg(concat(id, x), ',' ORDER BY id, x) FROM keys")
}

#[test]
fn a_key_that_is_asked_at_the_end_of_a_transaction_tells_no_rows_apart_before() {
    let database = database("keys_deferred");
    database.execute(
        "CREATE TABLE public.keys (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, x text);
         INSERT INTO public.keys VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e')",
    );
    let others = "BEGIN; UPDATE keys SET id = 2 WHERE id = 1; DELETE FROM keys WHERE id = 2 AND x = 'b'; COMMIT;
                  BEGIN; UPDATE keys SET id = 5 WHERE id = 4; UPDATE keys SET id = 4 WHERE id = 5 AND x = 'e'; COMMIT";
    let output = carried_over(&database, "UPDATE keys SET x = $$z$$ WHERE id = 3", others);
    assert!(output.stdout.contains("4 changes of others carried over"), "{}", output.stdout);
    assert_eq!(rows(&database), "2a,3c,4e,5d");
    assert_eq!(database.psql("SELECT reason FROM backstop.quarantine"), "");
}

#[test]
fn a_row_that_only_the_run_had_made_is_not_taken_for_another_that_has_its_new_key() {
    let database = database("keys_new");
    database
        .execute("CREATE TABLE public.keys (id int PRIMARY KEY, x text); INSERT INTO public.keys VALUES (1, 'a'), (2, 'b')");
    let step = "DELETE FROM keys WHERE id = 2; INSERT INTO keys VALUES (9, $$run$$)";
    carried_over(&database, step, "UPDATE keys SET id = 2, x = 'others' WHERE id = 9");
    assert_eq!(rows(&database), "1a,2b");
    assert_eq!(database.one("SELECT count(*) FROM backstop.quarantine WHERE NOT carried_over"), "1");
}
