//! By what a row that others wrote to is found again when their writes are carried over.

use super::{
    gate::{WAITS, meanwhile},
    work::Work,
};
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

/// What stands in quarantine, in the order in which it was written.
fn put_aside(database: &TestDatabase) -> String {
    database.one("SELECT string_agg(operation, ' ' ORDER BY seq) FROM backstop.quarantine WHERE NOT carried_over")
}

#[test]
fn by_a_key_that_a_step_has_dropped_no_row_is_taken_for_another() {
    let database = database("keys_dropped");
    database.execute(
        "CREATE TABLE public.keys (id int PRIMARY KEY, x text); INSERT INTO public.keys VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    );
    let step = "ALTER TABLE keys DROP CONSTRAINT keys_pkey; INSERT INTO keys SELECT id, $$run$$ FROM keys";
    let others = "INSERT INTO keys VALUES (1, 'twice'); UPDATE keys SET x = 'theirs' WHERE x = 'twice';
                  DELETE FROM keys WHERE id = 2 AND x = 'run'; UPDATE keys SET x = 'changed' WHERE x = 'c'; INSERT INTO keys VALUES (4, 'new')";
    carried_over(&database, step, others);
    assert_eq!(rows(&database), "1a,2b,3changed,4new");
    assert_eq!(put_aside(&database), "INSERT UPDATE DELETE");
}

#[test]
fn by_a_key_that_is_another_index_now_rows_are_found() {
    let database = database("keys_widened");
    database.execute(
        "CREATE TABLE public.keys (id int PRIMARY KEY, x text); INSERT INTO public.keys VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    );
    let others = "BEGIN ISOLATION LEVEL REPEATABLE READ; DELETE FROM keys WHERE id = 2; COMMIT; UPDATE keys SET x = 'one' WHERE id = 1";
    carried_over(&database, "ALTER TABLE keys ALTER id TYPE bigint; UPDATE keys SET x = upper(x)", others);
    assert_eq!(rows(&database), "1one,3c");
    assert_eq!(put_aside(&database), "");
}

#[test]
fn a_row_that_others_made_in_the_place_of_one_that_the_run_took_away_is_not_taken_for_that() {
    let database = database("keys_again");
    database.execute(
        "CREATE TABLE public.keys (id int PRIMARY KEY, x text); INSERT INTO public.keys VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    );
    let others = "INSERT INTO keys VALUES (2, 'new'); UPDATE keys SET x = 'newer' WHERE id = 2; DELETE FROM keys WHERE id = 2;
                  BEGIN; INSERT INTO keys VALUES (3, 'new'); UPDATE keys SET id = 4 WHERE id = 3; UPDATE keys SET id = 3 WHERE id = 1;
                  UPDATE keys SET x = 'moved' WHERE id = 3; COMMIT";
    carried_over(&database, "DELETE FROM keys WHERE id > 1", others);
    assert_eq!(rows(&database), "1a,2b,3c");
    assert_eq!(put_aside(&database), "INSERT UPDATE DELETE INSERT UPDATE UPDATE UPDATE");
}

/// Tables whose rows are found again by a key, by one that follows another table, or through the table above.
const FOUND: &str = "
    CREATE TABLE public.above (id int PRIMARY KEY);
    CREATE TABLE public.keys (id int PRIMARY KEY, x text UNIQUE, up int REFERENCES public.above ON UPDATE CASCADE);
    CREATE TABLE public.below (id int PRIMARY KEY REFERENCES public.above ON UPDATE CASCADE, n int);
    CREATE TABLE public.parts (id int NOT NULL UNIQUE, n int) PARTITION BY RANGE (id);
    CREATE TABLE public.part PARTITION OF public.parts FOR VALUES FROM (0) TO (100);
    INSERT INTO public.above VALUES (1), (2); INSERT INTO public.keys VALUES (1, 'a', 1), (2, 'b', 2);
    INSERT INTO public.below VALUES (1, 1), (2, 2); INSERT INTO public.parts VALUES (1, 1), (2, 2);";

/// A plan of this step around tables that others write to.
fn capturing(step: &str, writers: &str) -> String {
    let sql = serde_json::to_string(step).unwrap();
    format!(
        "format: backstop/v1\nname: keys\nrepeat: on_change\nbackup: {{writers: {writers}, targets: [{{tables: [public.keys, public.below, public.above, public.part]}}]}}\n\
         steps: [{{id: change, sql: {sql}}}]\n"
    )
}

#[test]
fn a_step_that_gives_rows_other_keys_is_refused_where_others_may_write_to_them() {
    let (database, work) = (database("keys_changed"), Work::new());
    database.execute(FOUND);
    let steps = [
        ("UPDATE keys SET id = id + 10", "public.keys get another id"),
        ("UPDATE public.keys AS k SET (x, \"id\") = ('z', 3) WHERE k.id = 1", "public.keys get another id"),
        ("DO $$BEGIN UPDATE above SET id = 3 - id; END$$", "public.below get another id"),
        ("UPDATE parts SET id = id + 10", "public.part get another id"),
        ("ALTER TABLE keys ALTER id TYPE bigint USING id * 2", "public.keys get another id"),
        (
            "MERGE INTO keys AS k USING above AS a ON a.id = k.id WHEN MATCHED THEN UPDATE SET id = k.id + 10",
            "public.keys get another id",
        ),
        ("INSERT INTO keys VALUES (1, 'a') ON CONFLICT (x) DO UPDATE SET id = EXCLUDED.id", "public.keys get another id"),
    ];
    for (step, said) in steps {
        let output = work.apply(&database, &capturing(step, "capture"));
        let output = output.expect_code(4);
        assert!(output.stdout.contains("[backstop::preflight::keys_changed]"), "{step}: {}", output.stdout);
        assert!(output.stdout.contains(&format!("rows of {said}")), "{step}: {}", output.stdout);
    }
    assert_eq!(rows(&database), "1a,2b");
    // Its advice is followed.
    work.apply(&database, &capturing(steps[0].0, "block")).expect_code(0);
    assert_eq!(rows(&database), "11a,12b");
}

#[test]
fn a_step_that_leaves_the_keys_alone_is_not_refused() {
    let (database, work) = (database("keys_unchanged"), Work::new());
    database.execute(FOUND);
    let steps = [
        "UPDATE keys SET x = upper(x), up = 2 WHERE id = 1",
        "INSERT INTO keys VALUES (1, 'c') ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id, x = EXCLUDED.x",
        "ALTER TABLE parts ALTER n TYPE numeric(9, 2) USING n * 2; ALTER TABLE keys ALTER id TYPE bigint USING (id::text)::bigint",
        "CREATE FUNCTION moved() RETURNS void LANGUAGE sql AS 'UPDATE public.keys SET id = id + 1'; DELETE FROM below WHERE id = 2",
    ];
    for step in steps {
        work.apply(&database, &capturing(step, "capture")).expect_code(0);
    }
}
