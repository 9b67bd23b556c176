//! What a backup does not cover, a run may not change.

use super::work::{Work, run, state};
use crate::support::database;

const SHOP: &str = "
    CREATE TABLE public.orders (id int PRIMARY KEY, total int);
    INSERT INTO public.orders SELECT i, i FROM generate_series(1, 10) AS i;
    CREATE TABLE public.audit (id int GENERATED ALWAYS AS IDENTITY, what text);
    INSERT INTO public.audit (what) SELECT 'x' FROM generate_series(1, 5);
    CREATE FUNCTION public.touch() RETURNS void LANGUAGE sql AS $$ INSERT INTO public.audit (what) VALUES ('touched') $$;
    CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO public.audit (what) VALUES ('order changed'); RETURN NULL; END $$;";

fn plan(sql: &str, allow: &str) -> String {
    format!(
        "format: backstop/v1\nname: change\nbackup: {{targets: [{{tables: [public.orders]}}], allow_uncovered: [{allow}]}}\n\
         steps:\n  - id: s\n    sql: |\n      {sql}\n"
    )
}

/// The statement is refused, names the table, and nothing of it is committed.
#[track_caller]
fn refused(name: &str, before: &str, sql: &str) {
    let (database, work) = (database(name), Work::new());
    database.execute(SHOP);
    database.execute(before);
    let then = state(&database, &["orders", "audit"]);
    let output = work.apply(&database, &plan(sql, "")).expect_code(5);
    assert!(output.stdout.contains("backstop::run::uncovered_write"), "{}", output.stdout);
    assert!(output.stdout.contains("public.audit"), "{}", output.stdout);
    assert_eq!(state(&database, &["orders", "audit"]), then);
}

#[test]
fn a_direct_write_is_refused() {
    refused("cover_direct", "SELECT 1", "UPDATE audit SET what = 'y'");
}

#[test]
fn a_write_through_a_function_is_refused() {
    refused("cover_function", "SELECT 1", "SELECT touch()");
}

#[test]
fn a_write_through_a_trigger_is_refused() {
    let trigger = "CREATE TRIGGER note AFTER UPDATE ON public.orders FOR EACH STATEMENT EXECUTE FUNCTION public.note()";
    refused("cover_trigger", trigger, "UPDATE orders SET total = 0");
}

#[test]
fn truncate_rewrites_and_drops_are_refused() {
    refused("cover_truncate", "SELECT 1", "TRUNCATE audit");
    refused("cover_rewrite", "SELECT 1", "ALTER TABLE audit ALTER COLUMN what TYPE varchar(5) USING left(what, 5)");
    refused("cover_drop", "SELECT 1", "DROP TABLE audit");
}

/// Only a superuser could, and nothing would show it.
#[test]
fn switching_the_counters_off_and_on_again_hides_no_write() {
    let (database, work) = (database("cover_counters"), Work::new());
    database.execute(SHOP);
    for off in [
        "SET LOCAL Track_Counts = off",
        "SELECT set_config('track_counts', 'off', true)",
        "DO 'BEGIN SET LOCAL track_counts = off; END'",
    ] {
        let sql = format!("{off}; UPDATE audit SET what = 'y'; SET LOCAL track_counts = on; UPDATE orders SET total = 1");
        let output = work.apply(&database, &plan(&sql, "")).expect_code(4);
        assert!(output.stdout.contains("backstop::preflight::counters_changed"), "{}", output.stdout);
    }
    assert_eq!(database.one("SELECT count(*) FROM audit WHERE what = 'y'"), "0");
}

/// What an exception let through stays, and whoever reads that all is as it was reads that, too.
#[test]
fn a_restore_names_what_was_written_under_an_exception() {
    let (database, work) = (database("cover_named"), Work::new());
    database.execute(SHOP);
    let fails = |sql: &str| {
        plan(&format!("UPDATE orders SET total = 0; {sql}"), "public.audit") + "  - {id: fails, sql: SELECT 1 / 0}\n"
    };
    let junit = work.path("junit.xml");
    let more = ["--junit", junit.to_str().unwrap()];
    let output = work.apply_with(&database, &fails("SELECT touch()"), &more).expect_code(5);
    let kept = "public.audit was written to without a copy, as allow_uncovered allows, and keeps what was written";
    assert!(output.stdout.contains("verified, but for tables that no backup holds"), "{}", output.stdout);
    assert_eq!(output.stdout.matches(kept).count(), 2, "{}", output.stdout);
    assert!(std::fs::read_to_string(&junit).unwrap().contains(kept));
    assert_eq!(database.one("SELECT count(*) FROM audit"), "6");
    assert_eq!(database.one("SELECT count(*) FROM orders WHERE total = 0"), "0");
    assert_eq!(
        database.one("SELECT event -> 'uncovered' FROM backstop.events WHERE kind = 'step_committed'"),
        "[\"public.audit\"]"
    );
    let shown = run(&database, &["show", "--format", "json"]).expect_code(0);
    let ended = shown.stdout.lines().last().unwrap();
    assert!(ended.contains("\"outcome\":\"restored\"") && ended.contains("\"uncovered\":[\"public.audit\"]"), "{ended}");

    // Brought back by psql it is told, too.
    work.apply(&database, &fails("SELECT touch()").replace("name: change", "name: held\nrollback: {on_failure: hold}"))
        .expect_code(6);
    let said = database.one("SELECT backup_pre_migration.restore_from_backup()");
    assert!(said.ends_with("written to without a copy, and left so: public.audit"), "{said}");
    let shown = run(&database, &["show"]).expect_code(0);
    assert!(shown.stdout.contains(kept), "{}", shown.stdout);
}

#[test]
fn an_explicit_exception_lets_it_through() {
    let (database, work) = (database("cover_allowed"), Work::new());
    database.execute(SHOP);
    work.apply(&database, &plan("SELECT touch()", "public.audit")).expect_code(0);
    assert_eq!(database.one("SELECT count(*) FROM audit"), "6");
}

#[test]
fn the_backup_itself_is_off_limits() {
    let (database, work) = (database("cover_backup"), Work::new());
    database.execute(SHOP);
    let output = work.apply(&database, &plan("DELETE FROM backstop.backups", "")).expect_code(5);
    assert!(output.stdout.contains("backstop::run::"), "{}", output.stdout);
    assert_eq!(database.one("SELECT count(*) FROM orders"), "10");
}

#[test]
fn nor_may_a_step_change_what_holds_the_backup_together() {
    for (name, sql) in [
        ("cover_own_schema", "ALTER SCHEMA backup_pre_migration RENAME TO elsewhere"),
        ("cover_own_function", "DROP FUNCTION backstop.refuse_write() CASCADE"),
    ] {
        let (database, work) = (database(name), Work::new());
        database.execute(SHOP);
        let before = state(&database, &["orders", "audit"]);
        let output = work.apply(&database, &plan(sql, "")).expect_code(5);
        assert!(output.stdout.contains("backstop::run::touches_backup"), "{}", output.stdout);
        assert_eq!(state(&database, &["orders", "audit"]), before);
        work.apply(&database, &plan("UPDATE orders SET total = 0", "")).expect_code(0);
    }
}

#[test]
fn sequences_that_a_step_moved_backwards_stand_where_they_stood() {
    let (database, work) = (database("cover_sequence"), Work::new());
    database.execute(SHOP);
    database.execute("CREATE SEQUENCE public.numbers START 5000; SELECT nextval('numbers')");
    // Nothing takes setval back, neither ROLLBACK nor the table that it belongs to.
    for sql in ["SELECT setval('numbers', 1)", "SELECT setval('numbers', 1), 1 / (SELECT 0)"] {
        let failing = plan(sql, "") + "checks: {after: [{id: never, sql: SELECT 1 AS broken, expect: {rows: 0}}]}\n";
        work.apply(&database, &failing).expect_code(5);
        assert_eq!(database.one("SELECT nextval('numbers') > 5000"), "t");
    }
    for sql in ["SELECT setval('numbers', 1)", "SELECT setval('numbers', 1), 1 / (SELECT 0)"] {
        let whole = plan(sql, "")
            + "transaction: plan\nchecks: {after: [{id: never, sql: SELECT 1 AS broken, expect: {rows: 0}}]}\n";
        work.apply(&database, &whole).expect_code(5);
        assert_eq!(database.one("SELECT nextval('numbers') > 5000"), "t");
    }
    // One that goes round may stand further back than before, but not unused.
    database.execute("CREATE SEQUENCE public.round START 100 MAXVALUE 101 CYCLE; SELECT nextval('round')");
    let failing = |sql| plan(sql, "") + "checks: {after: [{id: never, sql: SELECT 1 AS broken, expect: {rows: 0}}]}\n";
    work.apply(&database, &failing("ALTER SEQUENCE round RESTART")).expect_code(5);
    assert_eq!(database.one("SELECT nextval('round')"), "101");
    work.apply(&database, &failing("SELECT nextval('round')")).expect_code(5);
    assert_eq!(database.one("SELECT last_value FROM round"), "1");
}

#[test]
fn what_belongs_to_the_server_is_written_to_by_exception_alone() {
    let (database, work) = (database("cover_catalog"), Work::new());
    database.execute(SHOP);
    const WRITE: &str = "UPDATE pg_proc SET procost = procost WHERE proname = 'touch'";
    for write in [
        WRITE,
        "DO $$BEGIN DELETE FROM pg_catalog.pg_enum WHERE false; END$$",
        "UPDATE information_schema.sql_parts SET comments = NULL",
    ] {
        let output = work.apply(&database, &plan(write, "")).expect_code(4);
        assert!(output.stdout.contains("backstop::run::uncovered_write"), "{}", output.stdout);
    }
    let fails = "checks: {after: [{id: never, sql: SELECT 1 AS broken, expect: {rows: 0}}]}\n";
    let output = work.apply(&database, &(plan(WRITE, "pg_catalog.pg_proc") + fails)).expect_code(5);
    assert!(output.stdout.contains("pg_catalog.pg_proc"), "{}", output.stdout);
}

#[test]
fn nothing_is_made_in_the_servers_own_schemas() {
    let (database, work) = (database("cover_system"), Work::new());
    database.execute(SHOP);
    database.execute("CREATE FUNCTION pg_catalog.earlier() RETURNS int LANGUAGE sql AS 'SELECT 1'");
    work.apply(&database, &plan("UPDATE orders SET total = 0", "")).expect_code(0);
    for (made, named) in [
        ("CREATE FUNCTION pg_catalog.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function pg_catalog.mine()"),
        ("CREATE OR REPLACE FUNCTION pg_catalog.earlier() RETURNS int LANGUAGE sql AS 'SELECT 2'", "pg_catalog.earlier()"),
        ("DROP FUNCTION pg_catalog.earlier()", "pg_catalog.earlier()"),
        ("CREATE VIEW information_schema.mine AS SELECT 1 AS one", "view information_schema.mine"),
    ] {
        let output = work.apply(&database, &plan(made, "").replace("name: change", "name: make")).expect_code(5);
        let said = output.stdout;
        assert!(said.contains("backstop::run::no_way_back") && said.contains(named), "{said}");
    }
}

#[test]
fn a_step_may_analyze_everything() {
    let (database, work) = (database("cover_analyze"), Work::new());
    database.execute(SHOP);
    work.apply(&database, &plan("UPDATE orders SET total = 0; ANALYZE", "")).expect_code(0);
    let analyzed = "SELECT count(*) FROM pg_statistic WHERE starelid = 'orders'::regclass";
    assert_eq!(database.one(analyzed), "2");
}
