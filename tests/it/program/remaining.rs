//! Objects that a restore can't make as they were: all the rest comes back, they are named with the statements that finish them, and
//! nothing more is asked of anybody.

use super::work::{Work, run, state};
use crate::support::{Output, TestDatabase, database};

/// Rules, an index and a materialized view that hold as long as the switch is on.
const SHOP: &str = "
    CREATE SCHEMA control;
    CREATE TABLE control.switch (is_on bool NOT NULL);
    INSERT INTO control.switch VALUES (true);
    CREATE FUNCTION control.is_on(v int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS $$
        BEGIN
            RETURN (SELECT s.is_on FROM control.switch AS s);
        END $$;
    CREATE FUNCTION control.value(v int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
        BEGIN
            IF NOT control.is_on(v) THEN RAISE EXCEPTION 'switched off'; END IF;
            RETURN v;
        END $$;
    CREATE TABLE public.items (id int PRIMARY KEY, n int, CONSTRAINT works CHECK (control.is_on(n)));
    INSERT INTO public.items SELECT i, i FROM generate_series(1, 10) AS i;
    CREATE INDEX items_value ON public.items (control.value(n));
    COMMENT ON INDEX public.items_value IS 'quick';
    CREATE MATERIALIZED VIEW public.totals AS SELECT control.value(count(*)::int) AS n FROM public.items;
    CREATE VIEW public.shown AS SELECT n FROM public.totals;";

/// Takes all of it away, switches it off, and fails.
const PLAN: &str = "
format: backstop/v1
name: change
backup: {targets: [{tables: [public.items]}], allow_uncovered: [control.switch]}
steps:
  - id: change
    sql: |
      DROP VIEW public.shown;
      DROP MATERIALIZED VIEW public.totals;
      DROP INDEX public.items_value;
      ALTER TABLE public.items DROP CONSTRAINT works;
      UPDATE public.items SET n = n + 1;
      UPDATE control.switch SET is_on = false;
checks: {after: [{id: never, sql: SELECT 1 AS broken, expect: {rows: 0}}]}
";

fn shop(name: &str) -> TestDatabase {
    let database = database(name);
    database.execute(SHOP);
    database
}

fn said(output: &Output) -> String {
    format!("{}{}", output.stdout, output.stderr)
}

/// The statements that finish what is left, as anybody with psql finds them.
fn finishing(database: &TestDatabase) -> Vec<String> {
    let text = database.psql("SELECT string_agg(statement, chr(1) ORDER BY place) FROM backstop.remaining_differences");
    text.trim_end().split('\u{1}').map(str::to_owned).collect()
}

#[test]
fn all_rows_come_back_and_what_is_left_is_finished_by_its_statements() {
    let database = shop("remaining_all");
    let before = state(&database, &["public.items"]);
    let work = Work::new();
    let output = work.apply(&database, PLAN).expect_code(10);
    let said = said(&output);
    for word in [
        "restored_except",
        "constraint works on public.items",
        "index public.items_value is missing",
        "materialized view public.totals",
        "switched off",
        "VALIDATE CONSTRAINT \"works\"",
        "CREATE INDEX items_value",
        "REFRESH MATERIALIZED VIEW",
    ] {
        assert!(said.contains(word), "{word} is missing in\n{said}");
    }
    assert_eq!(database.rows("public.items"), before.1[0].strip_prefix("public.items ").unwrap());
    assert_eq!(database.one("SELECT count(*) FROM pg_constraint WHERE conname = 'works' AND NOT convalidated"), "1");
    assert_eq!(database.one("SELECT count(*) FROM pg_trigger WHERE tgname LIKE '%backstop%'"), "0", "the fence is down");
    assert_eq!(database.one("SELECT count(*) FROM backstop.applied"), "0");
    assert_eq!(database.one("SELECT state FROM backstop.status"), "restored_except");

    let id = database.one("SELECT run FROM backstop.runs");
    let status = run(&database, &["status"]).expect_code(0).stdout;
    assert!(status.contains("no run waits for anything") && status.contains(&id), "{status}");
    let shown = run(&database, &["show", &id]).expect_code(0).stdout;
    assert!(shown.contains("VALIDATE CONSTRAINT"), "{shown}");
    let json = run(&database, &["show", &id, "--format", "json"]).expect_code(0).stdout;
    let last: serde_json::Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
    assert_eq!(last["outcome"], "restored_except");
    let objects: Vec<&str> =
        last["remaining"].as_array().unwrap().iter().map(|one| one["object"]["name"].as_str().unwrap()).collect();
    assert_eq!(objects, ["items_value", "works", "totals"]);

    database.execute("UPDATE control.switch SET is_on = true");
    for statement in finishing(&database) {
        database.execute(&statement);
    }
    assert_eq!(state(&database, &["public.items"]), before);
    assert!(run(&database, &["history"]).expect_code(0).stdout.contains("restored_except"));
    let good =
        PLAN.replace("UPDATE control.switch SET is_on = false;", "").replace("expect: {rows: 0}", "expect: {rows: 1}");
    work.apply(&database, &good).expect_code(0);
    let status = run(&database, &["status"]).expect_code(0).stdout;
    assert!(!status.contains("restored but for"), "{status}");
}

#[test]
fn a_restore_by_hand_leaves_out_the_same() {
    let database = shop("remaining_by_hand");
    let before = database.rows("public.items");
    let plan = PLAN.replace("expect: {rows: 0}", "expect: {rows: 1}");
    Work::new().apply(&database, &plan).expect_code(0);
    let backup = database.one("SELECT id FROM backstop.backups");
    let output = run(&database, &["restore", "--backup", &backup, "--yes"]).expect_code(10);
    assert!(said(&output).contains("index public.items_value is missing"), "{}", said(&output));
    assert_eq!(database.rows("public.items"), before);
    assert_eq!(database.one("SELECT count(*) FROM backstop.applied"), "0");
}

#[test]
fn what_can_be_made_as_it_was_leaves_nothing() {
    let database = shop("remaining_order");
    let plan = PLAN.replace("UPDATE control.switch SET is_on = false;", "");
    let before = state(&database, &["public.items"]);
    Work::new().apply(&database, &plan).expect_code(5);
    assert_eq!(state(&database, &["public.items"]), before);
}

#[test]
fn a_name_that_somebody_took_is_named() {
    let database = shop("remaining_name");
    let work = Work::new();
    let held = PLAN.replace("UPDATE control.switch SET is_on = false;", "") + "rollback: {on_failure: hold}\n";
    work.apply(&database, &held).expect_code(6);
    let before = database.rows("public.items");
    database.execute("CREATE TABLE public.shown (theirs int); INSERT INTO public.shown VALUES (7)");
    let id = database.one("SELECT run FROM backstop.runs");
    let output = run(&database, &["restore", &id, "--yes"]).expect_code(10);
    assert!(said(&output).contains("view public.shown is missing"), "{}", said(&output));
    assert_ne!(database.rows("public.items"), before);
    assert_eq!(database.one("SELECT theirs FROM public.shown"), "7", "what is theirs stays");
    database.execute("ALTER TABLE public.shown RENAME TO theirs");
    for statement in finishing(&database) {
        database.execute(&statement);
    }
    assert_eq!(database.one("SELECT n FROM public.shown"), "10");
}

#[test]
fn a_view_does_not_come_back_with_the_rights_of_the_runner() {
    let database = shop("remaining_owner");
    let owner = database.role("owner", "");
    database.execute(&format!(
        "GRANT CREATE, USAGE ON SCHEMA public TO {0}; GRANT SELECT ON public.totals TO {0}; ALTER VIEW public.shown OWNER TO {0};
         GRANT SELECT ON public.items TO {0}",
        owner.name
    ));
    let work = Work::new();
    let held = PLAN.replace("UPDATE control.switch SET is_on = false;", "") + "rollback: {on_failure: hold}\n";
    work.apply(&database, &held).expect_code(6);
    database.execute(&format!("DROP OWNED BY {0}; DROP ROLE {0}", owner.name));
    let id = database.one("SELECT run FROM backstop.runs");
    let output = run(&database, &["restore", &id, "--yes"]).expect_code(10);
    let said = said(&output);
    assert!(said.contains("backstop::restore::role_missing") && said.contains("view public.shown is missing"), "{said}");
    assert_eq!(database.one("SELECT count(*) FROM pg_views WHERE viewname = 'shown'"), "0");
    assert_eq!(database.one("SELECT count(*) FROM public.totals"), "1");
    database.execute(&format!("CREATE ROLE {0}; GRANT CREATE, USAGE ON SCHEMA public TO {0}", owner.name));
    for statement in finishing(&database) {
        database.execute(&statement);
    }
    assert_eq!(database.one("SELECT viewowner FROM pg_views WHERE viewname = 'shown'"), owner.name);
}
