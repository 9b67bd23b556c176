//! Fences that others took down while a run went on: what they may have written past it is not overwritten without a word.

use super::{
    gate::{WAITS, meanwhile},
    work::run,
};
use crate::support::{TestDatabase, database, psql};

const ITEMS: &str =
    "CREATE TABLE public.items (id int PRIMARY KEY, name text); INSERT INTO public.items VALUES (1, 'one'), (2, 'two')";
const LOADS: &str =
    "ALTER TABLE items DISABLE TRIGGER ALL; INSERT INTO items VALUES (9, 'others'); ALTER TABLE items ENABLE TRIGGER ALL";

fn plan(writers: &str, step: &str, after: &str) -> String {
    format!(
        "format: backstop/v1\nname: change\nbackup: {{writers: {writers}, targets: [{{tables: [public.items]}}]}}\nsteps:\n\
         \x20 - {{id: change, sql: '{step}'}}\n{WAITS}{after}  - {{id: fails, sql: SELECT 1 / 0}}\n"
    )
}

const CHANGES: &str = "UPDATE items SET name = upper(name)";

fn names(database: &TestDatabase) -> String {
    database.one("SELECT string_agg(concat(id, name), ',' ORDER BY id) FROM items")
}

#[test]
fn a_fence_that_was_disabled_and_enabled_again_holds_the_run() {
    let database = database("past_the_fence");
    database.execute(ITEMS);
    for writers in ["block", "capture"] {
        let output = meanwhile(&database, &plan(writers, CHANGES, ""), || database.execute(LOADS)).expect_code(6);
        assert!(output.stdout.contains("public.items: its fence was disabled and enabled again"), "{}", output.stdout);
        assert_eq!(names(&database), "1ONE,2TWO,9others");
        let refused = psql(&database.url, "SELECT backup_pre_migration.restore_from_backup()").unwrap_err();
        assert!(refused.contains("or may have, past its fence"), "{refused}");
        let output = run(&database, &["restore", "--yes", "--overwrite-later-writes"]).expect_code(0);
        assert!(output.stdout.contains("public.items overwritten, as asked"), "{}", output.stdout);
        assert_eq!(names(&database), "1one,2two");
    }
    assert_eq!(database.one("SELECT count(*) FROM backstop.fence_triggers"), "0");
}

#[test]
fn so_does_one_that_is_gone_or_disabled_or_that_another_table_lacks() {
    let drop = "DO $$DECLARE t name; BEGIN
                    FOR t IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'items'::regclass AND tgname LIKE '%backstop%' LOOP
                        EXECUTE format('DROP TRIGGER %I ON items', t);
                    END LOOP; END$$; INSERT INTO items VALUES (9, 'others')";
    let replace =
        "ALTER TABLE items RENAME TO put_aside; CREATE TABLE items (LIKE put_aside); INSERT INTO items VALUES (9, 'others')";
    let disable = "ALTER TABLE items DISABLE TRIGGER ALL; INSERT INTO items VALUES (9, 'others')";
    let attach = "CREATE TABLE above (LIKE items) PARTITION BY RANGE (id); ALTER TABLE above ATTACH PARTITION items DEFAULT;
                  INSERT INTO above VALUES (9, 'others')";
    let inherit = "CREATE TABLE above (LIKE items); ALTER TABLE items INHERIT above;
                   UPDATE above SET id = 9, name = 'others' WHERE id = 2";
    let cases = [
        ("removed", drop, "its fence was removed"),
        ("off", disable, "its fence was disabled"),
        ("rival", replace, "another table"),
        ("partition", attach, "through which writes pass its fence"),
        ("child", inherit, "through which writes pass its fence"),
    ];
    for (name, others, said) in cases {
        let database = database(&format!("past_the_fence_{name}"));
        database.execute(ITEMS);
        let output = meanwhile(&database, &plan("block", CHANGES, ""), || database.execute(others)).expect_code(6);
        assert!(output.stdout.contains(said), "{said}: {}", output.stdout);
        assert!(!output.stdout.contains("is declared here -> inherited"), "{}", output.stdout);
        run(&database, &["accept", "--reason", "theirs count"]).expect_code(0);
        assert!(names(&database).ends_with("9others"));
    }
}

#[test]
fn a_step_that_puts_the_fence_right_again_forgets_nothing_of_others() {
    let database = database("past_the_fence_steps");
    database.execute(ITEMS);
    // A step that disables triggers itself hides nothing of what others did before it, and is no reason to wait by itself.
    let own = "  - {id: own, sql: 'ALTER TABLE items DISABLE TRIGGER ALL; ALTER TABLE items ENABLE TRIGGER ALL'}\n";
    meanwhile(&database, &plan("block", CHANGES, own), || ()).expect_code(5);
    let anew =
        "  - {id: anew, sql: 'CREATE TABLE fresh (LIKE items); DROP TABLE items; ALTER TABLE fresh RENAME TO items'}\n";
    meanwhile(&database, &plan("block", CHANGES, anew), || ()).expect_code(5);
    let below = "  - {id: below, sql: 'CREATE TABLE above (LIKE items) PARTITION BY RANGE (id); ALTER TABLE above ATTACH PARTITION items DEFAULT'}\n";
    meanwhile(&database, &plan("block", CHANGES, below), || ()).expect_code(5);
    assert_eq!(names(&database), "1one,2two");
    for after in [own, anew] {
        let output = meanwhile(&database, &plan("block", CHANGES, after), || database.execute(LOADS)).expect_code(6);
        assert!(output.stdout.contains("its fence was disabled and enabled again"), "{}", output.stdout);
        run(&database, &["restore", "--yes", "--overwrite-later-writes"]).expect_code(0);
    }
    // The step has begun when others disable them, and does the same itself once they are done.
    let late = "  - {id: late, sql: 'SELECT pg_advisory_xact_lock(4711); ALTER TABLE items DISABLE TRIGGER ALL; ALTER TABLE items ENABLE TRIGGER ALL'}\n";
    for own in [
        late,
        &late.replace(
            "DISABLE TRIGGER ALL; ALTER TABLE items ENABLE TRIGGER ALL",
            "RENAME TO old; CREATE TABLE items AS TABLE old; DROP TABLE old",
        ),
    ] {
        let plan = plan("block", CHANGES, own).replace(WAITS, "");
        let output = meanwhile(&database, &plan, || database.execute(LOADS)).expect_code(6);
        assert!(output.stdout.contains("its fence was disabled and enabled again"), "{}", output.stdout);
        run(&database, &["restore", "--yes", "--overwrite-later-writes"]).expect_code(0);
    }
    // Others who drop a table have left nothing that could be lost.
    meanwhile(&database, &plan("block", CHANGES, ""), || database.execute("DROP TABLE items")).expect_code(5);
    assert_eq!(names(&database), "1one,2two");
}
