//! What a database may hold that once kept a plan from running at all, though the way back is there or can be named.

use super::work::{Work, state};
use crate::support::database;

fn plan(tables: &str, sql: &str) -> String {
    format!(
        "format: backstop/v1\nname: change\nbackup: {{targets: [{{tables: [{tables}]}}]}}\n\
         checks: {{after: [{{id: never, sql: SELECT 1 AS broken, expect: {{rows: 0}}}}]}}\n\
         steps:\n  - {{id: change, sql: \"{sql}\"}}\n"
    )
}

#[test]
fn a_renamed_schema_comes_back_with_all_that_it_holds() {
    let (database, work) = (database("obstacles_schema"), Work::new());
    database.execute(
        "CREATE SCHEMA app; CREATE TYPE app.state AS ENUM ('a', 'b'); CREATE TABLE app.items (id serial PRIMARY KEY, s app.state);
         INSERT INTO app.items (s) VALUES ('a'), ('b'); CREATE TABLE app.orders (id int PRIMARY KEY, item int REFERENCES app.items);
         CREATE FUNCTION app.f(i app.items) RETURNS app.state LANGUAGE sql AS 'SELECT i.s'; CREATE VIEW app.seen AS SELECT i.*, app.f(i) FROM app.items AS i",
    );
    let before = state(&database, &["app.items", "app.orders"]);
    let sql = "ALTER SCHEMA app RENAME TO shop; UPDATE shop.items SET s = 'a'";
    work.apply(&database, &plan("app.items, app.orders", sql)).expect_code(5);
    assert_eq!(state(&database, &["app.items", "app.orders"]), before);
}

const LEFTOVER: &str = "CREATE TABLE items (id int PRIMARY KEY, n int); INSERT INTO items VALUES (1, 1), (2, 1);
    CREATE INDEX left_behind ON items (n); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'left_behind'::regclass";

#[test]
fn an_index_that_a_failed_build_left_keeps_no_plan_from_running() {
    let (database, work) = (database("obstacles_invalid"), Work::new());
    database.execute(LEFTOVER);
    let rows = database.rows("items");
    let rebuilt = "DROP INDEX left_behind; UPDATE items SET n = id; CREATE UNIQUE INDEX left_behind ON items (n)";
    let output = work.apply(&database, &plan("public.items", rebuilt)).expect_code(5);
    assert!(output.stdout.contains("index public.left_behind is INVALID"), "{}", output.stdout);
    assert_eq!(database.rows("items"), rows);
    assert_eq!(database.one("SELECT count(*) FROM pg_class WHERE relname = 'left_behind'"), "0");
}

#[test]
fn an_invalid_index_stays_where_its_table_is_left_alone_and_goes_where_rows_come_back() {
    let (database, work) = (database("obstacles_stays"), Work::new());
    database.execute(LEFTOVER);
    let before = state(&database, &["items"]);
    work.apply(&database, &plan("public.items", "ALTER TABLE items ALTER n SET DEFAULT 7")).expect_code(5);
    assert_eq!(state(&database, &["items"]), before);
    assert_eq!(database.one("SELECT indisvalid FROM pg_index WHERE indexrelid = 'left_behind'::regclass"), "f");
    work.apply(&database, &plan("public.items", "UPDATE items SET n = 3")).expect_code(5);
    assert_eq!(database.rows("items"), before.1[0].trim_start_matches("items "));
    assert_eq!(database.one("SELECT count(*) FROM pg_class WHERE relname = 'left_behind'"), "0");
}

#[test]
fn tables_that_targets_lack_are_named_and_naming_them_is_enough() {
    let (database, work) = (database("obstacles_enum"), Work::new());
    database.execute(
        "CREATE TYPE state AS ENUM ('a', 'b'); CREATE TABLE items (id int PRIMARY KEY, s state); INSERT INTO items VALUES (1, 'a');
         CREATE TABLE \"Others\" (s state[]); INSERT INTO \"Others\" VALUES ('{b}'); CREATE TYPE pair AS (s state, n int); CREATE TABLE pairs (p pair);
         CREATE TABLE of_rows (o \"Others\"); CREATE DOMAIN good AS state CHECK (VALUE <> 'b'); CREATE TABLE goods (g good)",
    );
    let sql = "ALTER TYPE state ADD VALUE 'c' BEFORE 'b'";
    let output = work.apply(&database, &plan("public.items", sql)).expect_code(5);
    let (_, rest) = output.stdout.split_once("{tables: [").unwrap_or_else(|| panic!("{}", output.stdout));
    let (named, _) = rest.split_once(']').expect("a list");
    assert_eq!(named, "'public.\"Others\"', public.goods, public.of_rows, public.pairs", "{}", output.stdout);
    let tables = ["items", "\"Others\"", "pairs", "of_rows", "goods"];
    let before = state(&database, &tables);
    let output = work.apply(&database, &plan(&format!("public.items, {named}"), sql)).expect_code(5);
    assert!(output.stdout.contains("verified"), "{}", output.stdout);
    assert_eq!(state(&database, &tables), before);
}

#[test]
fn a_collation_that_a_step_drops_comes_back_and_no_copy_holds_it() {
    let (database, work) = (database("obstacles_collation"), Work::new());
    database.execute(
        "CREATE COLLATION plainly (LOCALE = 'C'); CREATE DOMAIN word AS text COLLATE plainly;
         CREATE TABLE items (id int PRIMARY KEY, t text COLLATE plainly, w word); INSERT INTO items VALUES (1, 'a', 'b')",
    );
    let before = state(&database, &["items"]);
    let sql = "ALTER TABLE items ALTER t TYPE text, ALTER w TYPE text; DROP DOMAIN word; DROP COLLATION plainly";
    work.apply(&database, &plan("public.items", sql)).expect_code(5);
    assert_eq!(state(&database, &["items"]), before);
}
