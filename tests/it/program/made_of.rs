//! Tables of others that are made of what a step changed: of the rows of a target, of an enum, of a composite type.

use super::{
    gate::{WAITS, meanwhile},
    work::{Work, run},
};
use crate::support::{Output, TestDatabase, database};

const BEFORE: &str = "
    CREATE TYPE public.mood AS ENUM ('low', 'high'); CREATE TYPE public.pair AS (x int, y int);
    CREATE TABLE public.items (id int PRIMARY KEY, name text, n int);
    INSERT INTO public.items VALUES (1, 'one', 1), (2, 'two', 2);
    CREATE TABLE public.far (i int);
    INSERT INTO public.far VALUES (1);";

const PLAN: &str = "format: backstop/v1\nname: change\nbackup: {targets: [{tables: [public.items]}]}\n\
     checks: {after: [{id: never, sql: SELECT 1 AS broken, expect: {rows: 0}}]}\nsteps:\n";

/// Applies a plan of one step, whose check fails at its end, and lets others do something between the step and that.
fn after_step(database: &TestDatabase, step: &str, others: &str) -> Output {
    database.execute(BEFORE);
    let items = database.rows("items");
    let plan = format!("{PLAN}  - {{id: change, sql: '{step}'}}\n{WAITS}");
    let output = meanwhile(database, &plan, || database.execute(others));
    assert_eq!(database.rows("items"), items);
    assert!(run(database, &["status"]).stdout.contains("no run waits"));
    output
}

#[test]
fn tables_made_of_what_a_step_changed_stay_with_their_rows_and_all_that_hangs_on_them() {
    let database = database("made_of_fits");
    let step =
        "ALTER TABLE items ALTER n TYPE bigint; ALTER TYPE mood ADD VALUE $$top$$; ALTER TYPE pair ADD ATTRIBUTE z int";
    let output = after_step(
        &database,
        step,
        "CREATE DOMAIN item AS items;
         CREATE TABLE theirs (i int PRIMARY KEY, v items[] DEFAULT '{}', d item, m mood DEFAULT 'high' CHECK (m <> 'low'));
         INSERT INTO theirs (i, v, d) SELECT 1, array_agg(t), min(t::text)::items FROM items AS t;
         CREATE INDEX theirs_n ON theirs (((v[1]).n)); CREATE VIEW seen AS SELECT (v[1]).name FROM theirs;
         CREATE TABLE points (i int REFERENCES theirs); INSERT INTO points VALUES (1);
         CREATE TABLE parts (i int, v items) PARTITION BY RANGE (i);
         CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (9); INSERT INTO parts SELECT id, t FROM items AS t;
         CREATE TABLE typed OF pair; INSERT INTO typed VALUES (1, 2, 3);
         ALTER TABLE far ADD v items; UPDATE far SET v = (7, 'seven', 7)",
    );
    let output = output.expect_code(5);
    assert!(output.stdout.contains("table public.typed is a table of its own now"), "{}", output.stdout);
    assert!(!output.stdout.contains("others changed it"), "{}", output.stdout);
    let rows = "SELECT concat_ws(' ', (SELECT v::text || d::text || m FROM theirs), (SELECT name FROM seen), (SELECT i FROM points),
                (SELECT count(v) FROM parts), (SELECT z FROM typed), (SELECT (v).name FROM far))";
    assert_eq!(database.one(rows), r#"{"(1,one,1)","(2,two,2)"}(1,one,1)high one 1 2 3 seven"#);
    assert_eq!(
        database
            .one("SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'far'::regclass AND attname = 'v'"),
        "items"
    );
    assert_eq!(database.one("SELECT indisvalid FROM pg_index WHERE indexrelid = 'theirs_n'::regclass"), "t");
    database.execute("INSERT INTO theirs (i) VALUES (2)");
}

#[test]
fn values_that_do_not_fit_their_type_as_it_was_stay_as_text_and_are_named() {
    let database = database("made_of_misfits");
    let step = "ALTER TYPE mood ADD VALUE $$top$$; ALTER TABLE items DROP COLUMN n";
    let output = after_step(
        &database,
        step,
        "CREATE TABLE theirs (i int, m mood DEFAULT 'high', other mood, v items);
         INSERT INTO theirs SELECT id, 'top', 'low', t FROM items AS t ORDER BY id",
    );
    let output = output.expect_code(10);
    let is_text = |column: &str| {
        database.one(&format!(
            "SELECT atttypid = 'text'::regtype FROM pg_attribute WHERE attrelid = 'theirs'::regclass AND attname = '{column}'"
        ))
    };
    assert_eq!(["m", "other", "v"].map(is_text), ["t", "f", "t"]);
    assert_eq!(database.one("SELECT string_agg(m || v, ' ' ORDER BY i) FROM theirs"), "top(1,one) top(2,two)");
    assert!(output.stdout.contains("column \"m\" is text"), "{}", output.stdout);
    assert!(!output.stdout.contains("no statement is known"), "{}", output.stdout);
    // What is named finishes it, once the values fit.
    database.execute("UPDATE theirs SET m = 'high', v = NULL");
    let finishing = "SELECT string_agg(statement, '; ' ORDER BY place) FROM backstop.remaining_differences";
    database.execute(&database.one(finishing));
    database.execute("INSERT INTO theirs (i) VALUES (3)");
    assert_eq!(database.one("SELECT m FROM theirs WHERE i = 3"), "high");
}

#[test]
fn what_a_restore_would_do_with_such_tables_is_shown() {
    let (database, work) = (database("made_of_preview"), Work::new());
    database.execute(BEFORE);
    let plan =
        format!("{PLAN}  - {{id: change, sql: ALTER TABLE items ALTER n TYPE bigint}}\nrollback: {{on_failure: hold}}\n");
    work.apply(&database, &plan).expect_code(6);
    database.execute("CREATE TABLE theirs (v items); INSERT INTO theirs SELECT t FROM items AS t");
    let shown = run(&database, &["restore", "--dry-run"]).expect_code(0).stdout;
    for statement in ["CREATE TEMPORARY TABLE", "DROP TABLE \"public\".\"theirs\"", "INSERT INTO \"public\".\"theirs\""] {
        assert!(shown.contains(statement), "{statement}: {shown}");
    }
    run(&database, &["restore", "--yes"]).expect_code(0);
    assert_eq!(database.one("SELECT count(v) FROM theirs"), "2");
}
