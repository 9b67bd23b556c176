//! `backup verify` and `backup.verify: restore`: proving a backup without touching the live tables.

use super::{
    shop::{SHOP, backup, plan, shop},
    work::{Work, run, state, until},
};
use crate::support::{Output, Program, TestDatabase, database};

const TABLES: [&str; 4] = ["public.items", "public.customers", "public.shops", "public.orders"];

fn verify(database: &TestDatabase, more: &[&str]) -> Output {
    let mut arguments = vec!["backup", "verify"];
    arguments.extend(more);
    run(database, &arguments)
}

#[test]
fn a_backup_is_restored_in_a_database_of_its_own() {
    let (database, work) = (shop("verify_database"), Work::new());
    backup(&database, &work, "items, public.customers");
    let before = state(&database, &TABLES);
    let output = verify(&database, &["--format", "json"]).expect_code(0);
    let value: serde_json::Value = serde_json::from_str(output.stdout.trim()).unwrap();
    assert_eq!(value["trial"]["form"], "database", "{value:#}");
    assert_eq!((value["trial"]["tables"].as_u64(), value["trial"]["rows"].as_u64()), (Some(2), Some(103)), "{value:#}");
    let unproven = value["trial"]["unproven"].to_string();
    assert!(unproven.contains("items_shop_fkey") && unproven.contains("public.shops"), "{unproven}");
    assert!(!unproven.contains("customers"), "{unproven}");
    let text = verify(&database, &[]).expect_code(0).stdout;
    assert!(text.contains("in a database of its own: 2 tables with 103 rows"), "{text}");
    assert_eq!(state(&database, &TABLES), before);
    let quick = verify(&database, &["--quick"]).expect_code(0).stdout;
    assert!(!quick.contains("trial"), "{quick}");
    nothing_is_left(&database);
}

/// Waits until there is no scratch database whose maker is gone: other tests kill theirs.
fn nothing_is_left(database: &TestDatabase) {
    until(
        database,
        "SELECT (count(*) = 0)::int FROM pg_database AS d WHERE d.datname ~ '^backstop_trial_' AND NOT EXISTS
         (SELECT FROM pg_stat_activity AS a WHERE a.pid::text = split_part(d.datname, '_', 3))",
    );
}

#[test]
fn a_tampered_copy_is_found() {
    let (database, work) = (shop("verify_tampered"), Work::new());
    backup(&database, &work, "items");
    let copy = database.one("SELECT copy_name FROM backstop.backup_tables");
    // Somebody who deceives the digests deceives the first look; that the rows break a key shows only when they are restored.
    database.execute(&format!("UPDATE backup_pre_migration.\"{copy}\" SET id = 2 WHERE id = 1"));
    let output = verify(&database, &[]).expect_code(4);
    assert!(output.stderr.contains("backstop::backup::damaged"), "{}", output.stderr);
    database.execute(&format!(
        "UPDATE backstop.backup_tables SET digest = d FROM (SELECT '{}'::text AS d) AS x",
        digest_of(&database, &copy)
    ));
    verify(&database, &["--quick"]).expect_code(0);
    let output = verify(&database, &[]).expect_code(4);
    assert!(output.stderr.contains("items_pkey"), "{}", output.stderr);
    nothing_is_left(&database);
}

/// What the program says that the copy's digest is.
fn digest_of(database: &TestDatabase, copy: &str) -> String {
    let told = verify(database, &["--quick"]).expect_code(4).stderr;
    let told: String = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let after =
        told.split(copy).nth(1).and_then(|rest| rest.split("rows with digest ").nth(1)).unwrap_or_else(|| panic!("{told}"));
    after.chars().filter(char::is_ascii_hexdigit).take(32).collect()
}

#[test]
fn a_structure_that_can_not_be_made_is_found() {
    let (database, work) = (shop("verify_structure"), Work::new());
    backup(&database, &work, "items");
    database.execute(
        "UPDATE backstop.backups SET catalog = replace(catalog::text, 'price >= (0)::numeric', 'price >= no_such_function()')::jsonb",
    );
    verify(&database, &["--quick"]).expect_code(0);
    let output = verify(&database, &[]).expect_code(4);
    assert!(output.stderr.contains("no_such_function"), "{}", output.stderr);
    nothing_is_left(&database);
}

#[test]
fn the_scratch_database_of_a_killed_verify_is_removed_by_the_next_one() {
    let (database, work) = (shop("verify_killed"), Work::new());
    database.execute("INSERT INTO customers (name) SELECT 'c' || i FROM generate_series(1, 300) AS i");
    // A check that sleeps keeps the trial busy, and nothing else.
    database.execute(
        "CREATE FUNCTION public.slow(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
         'SELECT pg_catalog.pg_sleep(CASE WHEN pg_catalog.current_database() LIKE ''backstop_trial%'' THEN 0.1 ELSE 0 END) IS NOT NULL';
         ALTER TABLE customers ADD CONSTRAINT slowly CHECK (slow(name)) NOT VALID;
         UPDATE pg_constraint SET convalidated = true WHERE conname = 'slowly'",
    );
    backup(&database, &work, "customers");
    let arguments = ["backup", "verify", "--database-url", &database.url];
    let mut child = Program::new().arguments(&arguments).spawn();
    let busy = "SELECT count(*) FROM pg_stat_activity AS a WHERE a.application_name LIKE 'backstop trial%' AND a.datname LIKE 'backstop_trial_%'
                AND a.query LIKE '%slowly%'";
    until(&database, busy);
    let name = database
        .one("SELECT datname FROM pg_stat_activity WHERE datname LIKE 'backstop_trial_%' AND query LIKE '%slowly%' LIMIT 1");
    child.kill().unwrap();
    child.wait().unwrap();
    let exists = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    assert_eq!(database.one(&exists), "1");
    // The server notices the loss only when the statement ends; nobody waits for that here.
    database.execute(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' OR pid = split_part('{name}', '_', 3)::int"));
    until(
        &database,
        &format!("SELECT (count(*) = 0)::int FROM pg_stat_activity WHERE pid = split_part('{name}', '_', 3)::int"),
    );
    database.execute("ALTER TABLE customers DROP CONSTRAINT slowly");
    backup(&database, &work, "customers");
    verify(&database, &[]).expect_code(0);
    assert_eq!(database.one(&exists), "0");
}

#[test]
fn a_signal_ends_a_trial_and_leaves_nothing() {
    let (database, work) = (shop("verify_signal"), Work::new());
    database.execute(
        "CREATE FUNCTION public.slow(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
         'SELECT pg_catalog.pg_sleep(CASE WHEN pg_catalog.current_database() LIKE ''backstop_trial%'' THEN 60 ELSE 0 END) IS NOT NULL';
         ALTER TABLE customers ADD CONSTRAINT slow_signal CHECK (slow(name)) NOT VALID;
         UPDATE pg_constraint SET convalidated = true WHERE conname = 'slow_signal'",
    );
    backup(&database, &work, "customers");
    let child = Program::new().arguments(&["backup", "verify", "--database-url", &database.url]).spawn();
    let busy = "SELECT count(*) FROM pg_stat_activity AS a WHERE a.datname LIKE 'backstop_trial_%' AND a.query LIKE '%slow_signal%'";
    until(&database, busy);
    let name = database.one(
        "SELECT datname FROM pg_stat_activity WHERE datname LIKE 'backstop_trial_%' AND query LIKE '%slow_signal%' LIMIT 1",
    );
    let status = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(database.one(&format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'")), "0");
}

#[test]
fn without_createdb_the_trial_is_made_in_a_schema_and_says_what_it_leaves_open() {
    let database = database("verify_schema");
    let role = database.role("keeper", "LOGIN");
    database.execute(SHOP);
    database.execute(&format!(
        "GRANT CREATE ON DATABASE \"{0}\" TO \"{1}\"; ALTER TABLE items OWNER TO \"{1}\"; ALTER TABLE customers OWNER TO \"{1}\";
         GRANT USAGE, CREATE ON SCHEMA public TO \"{1}\"; GRANT SELECT, REFERENCES ON shops TO \"{1}\"",
        database.name, role.name
    ));
    let work = Work::new();
    let path = work.file("plan.yaml", &plan("items, public.customers", ""));
    let url = database.url_as(&role);
    let program = |arguments: &[&str]| Program::new().arguments(arguments).arguments(&["--database-url", &url]).run();
    program(&["backup", "create", path.to_str().unwrap()]).expect_code(0);
    let output = program(&["backup", "verify", "--format", "json"]).expect_code(0);
    let value: serde_json::Value = serde_json::from_str(output.stdout.trim()).unwrap();
    assert_eq!((&value["trial"]["form"], value["trial"]["rows"].as_u64()), (&"schema".into(), Some(103)), "{value:#}");
    assert!(value["trial"]["unproven"].to_string().contains("CREATEDB"), "{value:#}");
    assert_eq!(database.one("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'backstop\\_trial%'"), "0");
    // What the rows need was changed since: that is no fault of the backup's.
    database.execute("ALTER TABLE items ALTER COLUMN mood DROP DEFAULT, ALTER COLUMN mood TYPE text; DROP TYPE mood");
    let output = program(&["backup", "verify"]).expect_code(0);
    assert!(output.stdout.contains("public.items") && output.stdout.contains("type public.mood"), "{}", output.stdout);
    // With CREATEDB it is the whole trial, but for what belongs to others.
    database.execute(&format!("ALTER ROLE \"{}\" CREATEDB", role.name));
    let output = program(&["backup", "verify", "--format", "json"]).expect_code(0);
    let value: serde_json::Value = serde_json::from_str(output.stdout.trim()).unwrap();
    assert_eq!(value["trial"]["form"], "database", "{output:?}");
    assert!(value["trial"]["unproven"].to_string().contains("can't act as"), "{value:#}");
    database.execute(&format!("REASSIGN OWNED BY \"{0}\" TO CURRENT_USER; DROP OWNED BY \"{0}\"", role.name));
}

#[test]
fn roles_policies_extensions_and_materialized_views_are_part_of_the_trial() {
    let database = database("verify_kinds");
    let (role, other) = (database.role("verify_api", "LOGIN"), database.role("verify_owner", ""));
    database.execute(SHOP);
    database.execute(&format!(
        "CREATE SCHEMA shelf AUTHORIZATION \"{1}\"; CREATE EXTENSION citext SCHEMA shelf;
         ALTER TABLE items ADD COLUMN code shelf.citext DEFAULT 'Ab', ADD UNIQUE (code, id);
         ALTER TABLE items ENABLE ROW LEVEL SECURITY;
         CREATE POLICY own ON items FOR SELECT TO \"{0}\" USING (shop IN (SELECT id FROM shops));
         GRANT SELECT (id, name), UPDATE (price) ON items TO \"{0}\";
         ALTER TABLE customers OWNER TO \"{1}\"; ALTER TABLE customers SET SCHEMA shelf;
         CREATE TABLE shelf.named (which regclass); INSERT INTO shelf.named VALUES ('public.items');
         CREATE VIEW shelf.everything AS SELECT i.name, c.name AS customer FROM items AS i, shelf.customers AS c",
        role.name, other.name
    ));
    let work = Work::new();
    backup(&database, &work, "items, shelf.customers, shelf.named");
    let output = verify(&database, &["--format", "json"]).expect_code(0);
    let value: serde_json::Value = serde_json::from_str(output.stdout.trim()).unwrap();
    assert_eq!((value["trial"]["tables"].as_u64(), value["trial"]["rows"].as_u64()), (Some(2), Some(103)), "{value:#}");
    let unproven = value["trial"]["unproven"].to_string();
    assert!(unproven.contains("shelf.named") && unproven.contains("regclass"), "{unproven}");
    assert!(!unproven.contains("citext"), "{unproven}");
    database.execute(&format!("DROP OWNED BY \"{0}\", \"{1}\" CASCADE", role.name, other.name));
}

#[test]
fn a_plan_tries_its_backup_before_its_first_step() {
    let (database, work) = (shop("verify_plan"), Work::new());
    let text = plan("items", "verify: restore, ");
    let output = work.apply(&database, &text).expect_code(0);
    assert!(output.stdout.contains("trial restore in a database of its own: 1 table with 100 rows"), "{}", output.stdout);
    assert_eq!(
        database.one("SELECT event #>> '{trial,form}' FROM backstop.events WHERE kind = 'backup_completed'"),
        "database"
    );
}

#[test]
fn a_trial_that_fails_ends_the_run_with_nothing_changed() {
    for transaction in ["step", "plan"] {
        let (database, work) = (shop("verify_plan_fails"), Work::new());
        // The function does not say what it needs, so that nothing tells but a trial.
        database.execute(
            "CREATE OR REPLACE FUNCTION public.cheap(numeric) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
             $$ BEGIN IF NOT EXISTS (SELECT FROM public.shops) THEN RAISE 'no shop is there'; END IF; RETURN true; END $$;
             ALTER TABLE items ADD CONSTRAINT cheap CHECK (cheap(price))",
        );
        let before = state(&database, &TABLES);
        let text = plan("items", "verify: restore, ").replace("steps:", &format!("transaction: {transaction}\nsteps:"));
        let output = work.apply(&database, &text).expect_code(4);
        let said = output.stdout + &output.stderr;
        assert!(said.contains("no shop is there"), "{said}");
        assert_eq!(state(&database, &TABLES), before);
        assert_eq!(database.one("SELECT count(*) FROM backstop.backups"), "0");
        nothing_is_left(&database);
    }
}
