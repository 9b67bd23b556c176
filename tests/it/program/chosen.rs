//! Restore by choice: `--backup`, `--table`, `--dry-run`, `--into`, and what is said and asked before it.

use serde_json::Value;

use super::{
    shop::{backup, plan, shop},
    work::{Work, run, state},
};
use crate::support::{Output, Program, TestDatabase, Turns, pg_dump_schema};

const TABLES: [&str; 5] = ["public.items", "public.customers", "public.shops", "public.orders", "public.notes"];

fn restore(database: &TestDatabase, more: &[&str]) -> Output {
    let mut arguments = vec!["restore"];
    arguments.extend(more);
    run(database, &arguments)
}

fn preview(database: &TestDatabase, more: &[&str]) -> Value {
    let mut arguments = vec!["--dry-run", "--format", "json"];
    arguments.extend(more);
    let output = restore(database, &arguments).expect_code(0);
    serde_json::from_str(output.stdout.trim()).unwrap_or_else(|error| panic!("{error}: {}", output.stdout))
}

/// A migration that leaves nothing as it was.
const MIGRATION: &str = "
    ALTER TABLE items ADD COLUMN region text DEFAULT 'eu';
    ALTER TABLE items DROP CONSTRAINT price_is_sane;
    DROP INDEX items_name_idx;
    UPDATE items SET name = upper(name) WHERE id <= 10;
    DELETE FROM items WHERE id > 95;
    INSERT INTO items (id, shop, name) VALUES (1001, 3, 'new'), (1002, 3, 'newer');
    DELETE FROM customers WHERE name = 'a'";

#[test]
fn a_dry_run_changes_nothing_and_its_statements_are_those_of_the_restore() {
    let (database, work) = (shop("chosen_dry"), Work::new());
    let original = state(&database, &TABLES);
    let id = backup(&database, &work, "items, public.customers");
    database.execute(MIGRATION);
    let migrated = state(&database, &TABLES);
    let text = restore(&database, &["--backup", &id, "--dry-run"]).expect_code(0).stdout;
    for said in [
        "- table public.items",
        "removed column region",
        "public.customers: 1 row removed since come back",
        "BEGIN;",
        "COMMIT;",
    ] {
        assert!(text.contains(said) || said.starts_with("- table"), "{said}:\n{text}");
    }
    let value = preview(&database, &["--backup", &id]);
    assert_eq!(state(&database, &TABLES), migrated);
    assert_eq!(database.one("SELECT count(*) FROM backstop.runs"), "0");
    let rows = |table: &str| value["rows"].as_array().unwrap().iter().find(|row| row["table"] == table).unwrap().clone();
    let items = rows("public.items");
    assert_eq!(
        (items["added"].as_u64(), items["removed"].as_u64(), items["changed"].as_u64(), items["by"].as_str()),
        (Some(2), Some(5), Some(10), Some("key_in_common_columns")),
        "{items:#}"
    );
    // What it prints for people does by itself what the restore does.
    let script: String = text.split("\nBEGIN;").nth(1).and_then(|rest| rest.split("COMMIT;").next()).unwrap().to_owned();
    let statements: Vec<&str> = value["statements"].as_array().unwrap().iter().map(|s| s["sql"].as_str().unwrap()).collect();
    assert!(statements.iter().all(|sql| script.contains(sql)), "{script}");
    database.psql(&format!("BEGIN;{script}COMMIT;"));
    assert_eq!(state(&database, &TABLES), original);
    // And the restore itself executes exactly these.
    database.execute(MIGRATION);
    let wanted = preview(&database, &["--backup", &id])["statements"].clone();
    let turns = Turns::before(&database);
    let arguments = ["restore", "--backup", &id, "--yes", "--database-url", &turns.url];
    Program::new().arguments(&arguments).run().expect_code(0);
    let is_ddl = |sql: &&str| {
        ["ALTER ", "CREATE ", "DROP ", "COMMENT ", "GRANT ", "REVOKE "].iter().any(|word| sql.starts_with(word))
    };
    let wanted: Vec<&str> = wanted.as_array().unwrap().iter().map(|s| s["sql"].as_str().unwrap()).filter(is_ddl).collect();
    let executed = turns.statements();
    // A view's lock is a command that changes nothing.
    let is_lock = |sql: &str| sql.contains("OWNER TO") && sql.contains("SET LOCAL lock_timeout");
    let executed =
        executed.iter().map(String::as_str).filter(is_ddl).filter(|sql| !sql.contains("backstop") && !is_lock(sql));
    assert_eq!(executed.collect::<Vec<&str>>(), wanted);
    assert_eq!(state(&database, &TABLES), original);
}

#[test]
fn one_table_comes_back_and_the_others_stay() {
    let (database, work) = (shop("chosen_table"), Work::new());
    let id = backup(&database, &work, "items, public.customers");
    let items = database.rows("items");
    database.execute(
        "UPDATE items SET price = 7 WHERE id < 4; DELETE FROM customers WHERE name = 'b'; INSERT INTO notes VALUES ('z')",
    );
    let others = (database.rows("customers"), database.rows("notes"), database.rows("orders"));
    restore(&database, &["--backup", &id, "--table", "items", "--yes"]).expect_code(0);
    assert_eq!(database.rows("items"), items);
    assert_eq!((database.rows("customers"), database.rows("notes"), database.rows("orders")), others);
    restore(&database, &["--backup", &id, "--table", "nonsense", "--yes"]).expect_code(2);
    // A table that was dropped, with what depends on it.
    let before = state(&database, &TABLES);
    database.execute("DROP TABLE items CASCADE");
    restore(&database, &["--backup", &id, "--table", "public.items", "--yes"]).expect_code(0);
    assert_eq!(state(&database, &TABLES), before);
}

#[test]
fn rows_that_would_not_fit_refuse_a_table() {
    let (database, work) = (shop("chosen_misfit"), Work::new());
    let id = backup(&database, &work, "items, public.shops");
    // An order of an item that was not there then.
    database.execute("INSERT INTO items (id, shop, name) VALUES (500, 1, 'late'); INSERT INTO orders VALUES (9, 500)");
    let before = state(&database, &TABLES);
    let output = restore(&database, &["--backup", &id, "--table", "items", "--yes"]).expect_code(4);
    assert!(output.stderr.contains("orders_item_fkey") && output.stderr.contains("500"), "{}", output.stderr);
    // An item of a shop that is not there now.
    database.execute("DELETE FROM orders; DELETE FROM items WHERE shop = 2; DELETE FROM shops WHERE id = 2");
    let output = restore(&database, &["--backup", &id, "--table", "items", "--yes"]).expect_code(4);
    assert!(output.stderr.contains("items_shop_fkey") && output.stderr.contains("public.shops"), "{}", output.stderr);
    assert_eq!(database.one("SELECT count(*) FROM backstop.runs"), "0");
    // Both tables together fit.
    restore(&database, &["--backup", &id, "--table", "items", "--table", "shops", "--yes"]).expect_code(0);
    assert_ne!(state(&database, &TABLES), before);
    assert_eq!(database.one("SELECT count(*) FROM items"), "100");
}

#[test]
fn a_backup_stands_beside_the_live_database() {
    let (database, work) = (shop("chosen_into"), Work::new());
    let all = "items, public.customers, public.shops, public.orders, public.notes";
    let id = backup(&database, &work, all);
    let then = pg_dump_schema(&database.url, &["-n", "public"]);
    let rows: Vec<String> = TABLES.iter().map(|table| database.rows(table)).collect();
    database.execute(MIGRATION);
    let live = state(&database, &TABLES);
    let beside = database.beside("chosen_beside");
    let output = restore(&database, &["--backup", &id, "--into", &beside.name]).expect_code(0);
    assert!(output.stdout.contains("which was made for it"), "{}", output.stdout);
    assert_eq!(pg_dump_schema(&beside.url, &["-n", "public"]), then);
    assert_eq!(TABLES.iter().map(|table| beside.rows(table)).collect::<Vec<_>>(), rows);
    assert_eq!(beside.one("SELECT nextval('items_id_seq')"), "101");
    assert_eq!(state(&database, &TABLES), live);
    let output = restore(&database, &["--backup", &id, "--into", &beside.name]).expect_code(4);
    assert!(output.stderr.contains("not empty"), "{}", output.stderr);
    let output = restore(&database, &["--backup", &id, "--into", &database.name]).expect_code(4);
    assert!(output.stderr.contains("own database"), "{}", output.stderr);
}

#[test]
fn one_table_beside_and_what_it_points_to_empty() {
    let (database, work) = (shop("chosen_into_table"), Work::new());
    let id = backup(&database, &work, "items, public.customers");
    let beside = crate::support::database("chosen_into_empty");
    beside.send_bystanders_away();
    beside.execute("DROP SCHEMA IF EXISTS bystanders CASCADE");
    let output = restore(&database, &["--backup", &id, "--table", "items", "--into", &beside.name]).expect_code(0);
    assert!(output.stdout.contains("items_shop_fkey") && !output.stdout.contains("made for it"), "{}", output.stdout);
    assert_eq!(beside.rows("items"), database.rows("items"));
    assert_eq!(beside.one("SELECT count(*) FROM shops"), "0");
    assert_eq!(beside.one("SELECT convalidated FROM pg_constraint WHERE conname = 'items_shop_fkey'"), "f");
    assert_eq!(beside.one("SELECT count(*) FROM pg_class WHERE relname = 'customers'"), "0");
}

#[test]
fn what_fails_beside_leaves_no_database() {
    let (database, work) = (shop("chosen_into_fails"), Work::new());
    let id = backup(&database, &work, "items");
    let copy = database.one("SELECT copy_name FROM backstop.backup_tables");
    database.execute(&format!("DELETE FROM backup_pre_migration.\"{copy}\" WHERE id = 7"));
    let beside = database.beside("chosen_fails");
    restore(&database, &["--backup", &id, "--into", &beside.name]).expect_code(4);
    assert_eq!(database.one(&format!("SELECT count(*) FROM pg_database WHERE datname = '{}'", beside.name)), "0");
}

#[test]
fn a_restore_says_what_it_overwrites_and_asks() {
    let (database, work) = (shop("chosen_asks"), Work::new());
    let id = backup(&database, &work, "items");
    database.execute("INSERT INTO items (shop, name) VALUES (1, 'later'); UPDATE items SET price = 1 WHERE id = 5");
    let changed = database.rows("items");
    // Without a terminal and without --yes.
    let output = restore(&database, &["--backup", &id]).expect_code(2);
    assert!(output.stderr.contains("not_agreed") && output.stderr.contains(&database.name), "{}", output.stderr);
    assert!(output.stdout.contains("public.items: 1 row added since go, 1 row changed since"), "{}", output.stdout);
    assert_eq!(database.rows("items"), changed);
    // On a terminal.
    let (code, told) =
        Program::new().arguments(&["restore", "--backup", &id, "--database-url", &database.url]).on_terminal("n\n");
    assert!(code == Some(2) && told.contains("[y/N]") && told.contains(&database.name), "{code:?} {told}");
    assert_eq!(database.rows("items"), changed);
    let (code, told) =
        Program::new().arguments(&["restore", "--backup", &id, "--database-url", &database.url]).on_terminal("y\n");
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(database.one("SELECT count(*) FROM items"), "100");
}

#[test]
fn an_unfinished_run_is_previewed_and_brought_back_whole() {
    let (database, work) = (shop("chosen_held"), Work::new());
    let before = state(&database, &TABLES);
    let text = plan("items", "").replace("SELECT 1}", "UPDATE items SET name = ''}, {id: bad, sql: SELECT 1/0}")
        + "rollback: {on_failure: hold}\n";
    work.apply(&database, &text).expect_code(6);
    restore(&database, &["--table", "items", "--yes"]).expect_code(2);
    let value = preview(&database, &[]);
    assert_eq!(value["rows"][0]["changed"].as_u64(), Some(100), "{value:#}");
    let output = restore(&database, &[]).expect_code(2);
    assert!(output.stdout.contains("100 rows changed"), "{}", output.stdout);
    restore(&database, &["--yes"]).expect_code(0);
    assert_eq!(state(&database, &TABLES), before);
}
