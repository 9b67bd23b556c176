//! Logical replication on both sides of a run: what subscriptions bring to its targets, and what subscribers see of a restore.

use super::{
    gate::{WAITS, meanwhile},
    work::{Work, run, until},
};
use crate::support::{Subscription, TestDatabase, database, server_major};

const READINGS: &str = "CREATE TABLE public.readings (id int PRIMARY KEY, value int, note text)";
const ALL: &str = "SELECT string_agg(concat_ws('/', id, value, note), ' ' ORDER BY id) FROM public.readings";
const FAILS: &str = "  - {id: fails, sql: SELECT 1 / 0}\n";

fn plan(writers: &str, steps: &str) -> String {
    format!(
        "format: backstop/v1\nname: readings\nbackup: {{writers: {writers}, targets: [{{tables: [public.readings]}}]}}\n\
         steps:\n{steps}"
    )
}

/// Two databases with the table, some rows of it in both.
fn pair(name: &str) -> (TestDatabase, TestDatabase) {
    let (from, to) = (database(&format!("{name}_from")), database(&format!("{name}_to")));
    for database in [&from, &to] {
        database.execute(READINGS);
        database.execute("INSERT INTO readings SELECT i, i, 'n' || i FROM generate_series(1, 50) AS i");
    }
    (from, to)
}

fn write_some(database: &TestDatabase) {
    for turn in 0..20 {
        database.execute(&format!(
            "INSERT INTO readings VALUES ({0}, {0}, 'new'); UPDATE readings SET value = value + 1 WHERE id = {1}; \
             DELETE FROM readings WHERE id = {2}",
            100 + turn,
            1 + turn,
            30 + turn / 2
        ));
    }
}

#[test]
fn changes_of_a_subscription_are_refused_while_the_fence_is_up_and_applied_when_it_is_down() {
    let (from, to) = pair("sub_block");
    let subscription = Subscription::new(&from, "FOR TABLE readings", &to, "");
    let steps = format!("  - {{id: note, sql: UPDATE readings SET note = 'by the run'}}\n{WAITS}{FAILS}");
    let output = meanwhile(&to, &plan("block", &steps), || {
        write_some(&from);
        // The worker tries again every few seconds.
        std::thread::sleep(std::time::Duration::from_secs(3));
        assert_eq!(to.one("SELECT count(*) FROM readings WHERE note = 'new'"), "0", "it went past the fence");
    })
    .expect_code(5);
    assert!(output.stdout.contains("a subscription brings changes to public.readings"), "{}", output.stdout);
    subscription.until_same(ALL);
}

#[test]
fn changes_of_a_subscription_are_carried_over() {
    let (from, to) = pair("sub_capture");
    let subscription = Subscription::new(&from, "FOR TABLE readings", &to, "");
    let steps = format!(
        "  - {{id: note, sql: UPDATE readings SET note = 'by the run'}}\n  \
         - {{id: more, sql: ALTER TABLE readings ADD COLUMN unit text}}\n{WAITS}{FAILS}"
    );
    meanwhile(&to, &plan("capture", &steps), || {
        write_some(&from);
        until(&to, "SELECT count(*) FROM readings WHERE id = 119");
    })
    .expect_code(5);
    subscription.until_same(ALL);
    assert_eq!(to.psql("SELECT reason FROM backstop.quarantine"), "");
}

#[test]
fn a_subscription_that_is_disabled_at_the_first_error_is_told_before_anything_is_changed() {
    if server_major() < 15 {
        return;
    }
    let (from, to) = pair("sub_disabled");
    let _subscription = Subscription::new(&from, "FOR TABLE readings", &to, ", disable_on_error = true");
    let work = Work::new();
    let plan = plan("block", "  - {id: note, sql: UPDATE readings SET note = 'by the run'}\n");
    let refused = work.apply(&to, &plan).expect_code(4);
    let help = "ALTER SUBSCRIPTION s SET (disable_on_error = false)";
    assert!(refused.stdout.contains("subscription_disabled") && refused.stdout.contains(help), "{}", refused.stdout);
    to.execute(help);
    work.apply(&to, &plan).expect_code(0);
}

/// What a publication must be like so that subscribers see everything.
#[test]
fn a_subscriber_sees_rows_of_a_failed_plan_go_and_those_of_the_backup_come() {
    let mut publications = vec!["FOR TABLE readings", "FOR TABLE readings WITH (publish = 'insert, update, delete')"];
    if server_major() >= 15 {
        publications.extend(["FOR TABLES IN SCHEMA public", "FOR TABLE readings (id, value, note) WHERE (id < 1000)"]);
    }
    let changes = "UPDATE readings SET note = upper(note), value = -1; DELETE FROM readings WHERE id > 40";
    for (number, members) in publications.into_iter().enumerate() {
        let (from, to) = pair(&format!("sub_shown_{number}"));
        from.execute(
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;
             CREATE TRIGGER no BEFORE TRUNCATE ON readings EXECUTE FUNCTION no()",
        );
        // A subscriber needs all columns that are published; it may have more.
        to.execute("ALTER TABLE readings ADD COLUMN more text");
        let subscription = Subscription::new(&from, members, &to, "");
        let before = from.dump_others_schema();
        for shape in
            ["SELECT 1", "ALTER TABLE readings ADD COLUMN more text", "ALTER TABLE readings ALTER COLUMN value TYPE bigint"]
        {
            let steps = format!("  - {{id: shape, sql: {shape}}}\n  - {{id: rows, sql: \"{changes}\"}}\n{FAILS}");
            let output = Work::new().apply(&from, &plan("block", &steps)).expect_code(5);
            assert!(!output.stdout.contains("did not see"), "{}", output.stdout);
            from.execute("INSERT INTO readings SELECT max(id) + 1, 0, 'later' FROM readings");
            subscription.until_same(ALL);
            assert_eq!(
                to.one("SELECT count(*) FROM readings WHERE note = 'later'"),
                from.one("SELECT count(*) - 50 FROM readings")
            );
        }
        assert_eq!(from.dump_others_schema(), before);
    }
}

#[test]
fn subscribers_that_can_not_see_a_restore_are_named_before_and_after() {
    let database = database("sub_unseen");
    database.execute(READINGS);
    database.execute(
        "INSERT INTO readings VALUES (1, 1, 'a'); CREATE PUBLICATION app FOR TABLE readings WITH (publish = 'insert')",
    );
    let slot = database.name.to_lowercase();
    database.execute(&format!("SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')"));
    let steps = format!("  - {{id: shape, sql: ALTER TABLE readings ADD COLUMN more text}}\n{FAILS}");
    let work = Work::new();
    let path = work.file("plan.yaml", &plan("block", &steps));
    let planned = run(&database, &["plan", path.to_str().unwrap()]);
    let output = work.apply(&database, &plan("block", &steps)).expect_code(5);
    database.execute(&format!("SELECT pg_drop_replication_slot('{slot}')"));
    for stdout in [&planned.stdout, &output.stdout] {
        assert!(stdout.contains("table public.readings in publication app"), "{stdout}");
    }
    assert!(output.stdout.contains("REFRESH PUBLICATION") && output.stdout.contains(&slot), "{}", output.stdout);
}

#[test]
fn how_a_subscription_connects_is_changed_by_no_plan() {
    const CHANGE: &str = "ALTER SUBSCRIPTION kept CONNECTION 'host=/nowhere password=other'";
    let database = database("sub_connection");
    database.execute(READINGS);
    database.execute(
        "CREATE SUBSCRIPTION kept CONNECTION 'host=/nowhere password=first' PUBLICATION p
         WITH (connect = false, enabled = false, create_slot = false, slot_name = NONE)",
    );
    let work = Work::new();
    let output = work.apply(&database, &plan("block", &format!("  - id: change\n    sql: {CHANGE}\n"))).expect_code(4);
    assert!(output.stdout.contains("backstop::run::no_way_back"), "{}", output.stdout);
    // What is not read in the plan is seen by whoever may read it.
    let hidden = format!("  - id: change\n    sql: DO $$BEGIN EXECUTE $x${CHANGE}$x$; END$$\n");
    let output = work.apply(&database, &plan("block", &hidden)).expect_code(5);
    assert!(output.stdout.contains("subscription kept"), "{}", output.stdout);
    let connection = database.one("SELECT subconninfo FROM pg_subscription WHERE subname = 'kept'");
    database.execute("DROP SUBSCRIPTION kept");
    assert_eq!(connection, "host=/nowhere password=first");
}
