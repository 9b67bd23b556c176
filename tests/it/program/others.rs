//! What others do to the database while a run goes on.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use super::{
    gate::{self, WAITS},
    work::{Work, run, state},
};
use crate::support::{TestDatabase, block_on, database, psql};

const ITEMS: &str = "
    CREATE TABLE public.shops (id int PRIMARY KEY);
    INSERT INTO public.shops VALUES (1), (2);
    CREATE TABLE public.items (id int PRIMARY KEY, shop int REFERENCES public.shops ON DELETE CASCADE, name text);
    INSERT INTO public.items SELECT i, 1 + i % 2, 'item ' || i FROM generate_series(1, 10) AS i;
    CREATE TABLE public.orders (id int PRIMARY KEY, item int REFERENCES public.items);
    INSERT INTO public.orders VALUES (1, 1);
    CREATE FUNCTION public.price(int) RETURNS int LANGUAGE sql AS 'SELECT 1';";

fn plan(steps: &str) -> String {
    format!(
        "format: backstop/v1\nname: change\nbackup: {{targets: [{{tables: [public.items]}}]}}\n\
         checks: {{after: [{{id: never, sql: SELECT 1 AS broken, expect: {{rows: 0}}}}]}}\nsteps:\n{steps}"
    )
}

/// Applies the plan, whose check fails at its end, and does something else while its step `wait` runs.
fn meanwhile(database: &TestDatabase, steps: &str, others: impl FnOnce()) {
    gate::meanwhile(database, &plan(&(WAITS.to_owned() + steps)), others).expect_code(5);
}

#[test]
fn what_others_make_while_a_step_runs_is_not_taken_back() {
    let database = database("others_make");
    database.execute(ITEMS);
    let before = database.rows("items");
    meanwhile(&database, "  - {id: drop, sql: DROP TABLE items CASCADE}\n", || {
        database.execute("CREATE TABLE public.extra AS SELECT generate_series(1, 7) AS n");
        database
            .execute("CREATE TABLE public.notes (item int REFERENCES public.items); INSERT INTO public.notes VALUES (3)");
        database.execute("ALTER TABLE public.orders ADD COLUMN remark text DEFAULT 'theirs'");
        database.execute("CREATE OR REPLACE FUNCTION public.price(int) RETURNS int LANGUAGE sql AS 'SELECT 2'");
        database.execute("INSERT INTO public.orders VALUES (2, 2)");
    });
    assert_eq!(database.rows("items"), before);
    assert_eq!(database.one("SELECT count(*) FROM extra"), "7");
    assert_eq!(database.one("SELECT item FROM notes"), "3");
    assert_eq!(database.one("SELECT string_agg(id || remark, ',' ORDER BY id) FROM orders"), "1theirs,2theirs");
    assert_eq!(database.one("SELECT price(0)"), "2");
}

#[test]
fn what_others_drop_while_a_step_runs_is_not_taken_for_the_steps_work() {
    let database = database("others_drop");
    database.execute(ITEMS);
    database.execute(
        "CREATE TABLE public.staging (id int PRIMARY KEY); INSERT INTO public.staging VALUES (1);
         CREATE VIEW public.staged AS SELECT 1 AS one; CREATE SEQUENCE public.numbers; CREATE TYPE public.mood AS ENUM ('fine');
         CREATE TABLE public.kept (id int CONSTRAINT positive CHECK (id > 0)); CREATE INDEX kept_id ON public.kept (id)",
    );
    let before = database.rows("items");
    // The step itself drops something, too, which is made again.
    meanwhile(&database, "  - {id: drop, sql: DROP FUNCTION public.price(int)}\n", || {
        database.execute(
            "DROP TABLE public.staging; DROP VIEW public.staged; DROP SEQUENCE public.numbers; DROP TYPE public.mood;
             ALTER TABLE public.kept DROP CONSTRAINT positive; DROP INDEX public.kept_id",
        );
    });
    assert_eq!(database.rows("items"), before);
    assert_eq!(database.one("SELECT price(0)"), "1");
    let left = "SELECT count(*) FROM pg_class WHERE relname IN ('staging', 'staged', 'numbers', 'kept_id')";
    assert_eq!(database.one(left), "0");
    assert_eq!(database.one("SELECT to_regtype('public.mood') IS NULL"), "t");
    assert_eq!(database.one("SELECT count(*) FROM pg_constraint WHERE conname = 'positive'"), "0");
}

#[test]
fn what_others_took_away_meanwhile_is_left_as_a_difference_and_finished_later() {
    let (database, work) = (database("others_left"), Work::new());
    database.execute(ITEMS);
    let before = state(&database, &["shops", "items"]);
    let held = plan("  - {id: widen, sql: ALTER TABLE items ALTER id TYPE bigint}\n")
        .replace("items]}]}", "items]}], writers: allow}")
        + "rollback: {on_failure: hold}\n";
    work.apply(&database, &held).expect_code(6);
    // The items of shop 2 come back, and there is no shop 2.
    database.execute("DELETE FROM orders; DELETE FROM shops WHERE id = 2");
    let left = run(&database, &["restore", "--yes"]).expect_code(10);
    assert!(left.stdout.contains("items_shop_fkey"), "{}", left.stdout);
    assert_eq!(state(&database, &["items"]).1, before.1[1..]);
    assert!(run(&database, &["status"]).stdout.contains("no run waits"));
    database.execute("INSERT INTO shops VALUES (2)");
    let finishing = "SELECT string_agg(statement, '; ' ORDER BY place) FROM backstop.remaining_differences";
    database.execute(&database.one(finishing));
    assert_eq!(state(&database, &["shops", "items"]), before);
    // Nothing stands in the way of the next plan.
    work.apply(&database, &held).expect_code(6);
    run(&database, &["accept", "--reason", "as agreed"]).expect_code(0);
}

#[test]
fn writes_stay_fenced_off_where_a_step_replaces_a_table_or_disables_its_triggers() {
    for (name, step) in [
        ("others_replaced", "ALTER TABLE items RENAME TO old_items; CREATE TABLE items AS SELECT * FROM old_items"),
        ("others_disabled", "ALTER TABLE items DISABLE TRIGGER ALL"),
    ] {
        let (database, work) = (database(name), Work::new());
        database.execute(ITEMS);
        let before = state(&database, &["items"]);
        let held = plan(&format!("  - {{id: s, sql: {step}}}\n")) + "rollback: {on_failure: hold}\n";
        work.apply(&database, &held).expect_code(6);
        let refused = psql(&database.url, "INSERT INTO items VALUES (99, 1, 'theirs')").unwrap_err();
        assert!(refused.contains("is frozen"), "{refused}");
        run(&database, &["restore", "--yes"]).expect_code(0);
        assert_eq!(state(&database, &["items"]), before);
        database.execute("INSERT INTO items VALUES (99, 1, 'ours')");

        work.apply(&database, &held).expect_code(6);
        run(&database, &["accept", "--reason", "as agreed"]).expect_code(0);
        database.execute("INSERT INTO items VALUES (100, 1, 'ours')");
        assert_eq!(database.one("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'backstop%'"), "0");
    }
}

/// What an application does that makes tables for a moment: each statement is a transaction.
const COMES_AND_GOES: [&str; 5] = [
    "BEGIN; CREATE TEMPORARY TABLE staging (id int PRIMARY KEY, t text) ON COMMIT DROP; INSERT INTO staging VALUES (1, 'one'); COMMIT",
    "CREATE TABLE public.made_{} (id int PRIMARY KEY, t text DEFAULT 'none' CHECK (t <> ''))",
    "CREATE INDEX ON public.made_{} ((lower(t)))",
    "CREATE VIEW public.seen_{} AS SELECT id FROM public.made_{}",
    "DROP TABLE public.made_{} CASCADE",
];

#[test]
fn tables_that_come_and_go_all_the_time_are_in_nobodys_way() {
    let database = database("others_come_and_go");
    database.execute(ITEMS);
    let work = Work::new();
    let file = work.file("plan.yaml", &plan("  - {id: change, sql: UPDATE items SET name = 'other'}\n"));
    let file = file.to_str().expect("a path");
    let is_done = AtomicBool::new(false);
    let codes: Vec<Option<i32>> = thread::scope(|scope| {
        for place in ["first", "second"] {
            let (database, is_done) = (&database, &is_done);
            scope.spawn(move || {
                block_on(async {
                    let session = database.connect().await;
                    while !is_done.load(Ordering::Relaxed) {
                        for statement in COMES_AND_GOES {
                            session.client.batch_execute(&statement.replace("{}", place)).await.expect("a statement");
                        }
                    }
                });
            });
        }
        let codes = (0..4).map(|_| run(&database, &["apply", file]).code).collect();
        is_done.store(true, Ordering::Relaxed);
        codes
    });
    assert_eq!(codes, [Some(5); 4]);
}
