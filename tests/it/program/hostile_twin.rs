//! The museum's hostile twin: a database in which everything leans on a path, rules are overtaken, others look on, and settings are odd.
//! Whatever a plan does to it comes back identical, or is refused before anything is changed.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio_postgres::Client;

use super::work::Work;
use crate::support::{
    Facts, Output, Program, Spelling, TestDatabase, TestRole, connected, database_like, database_with, server_major,
};

const SCHEMA: &str = include_str!("hostile_twin/schema.sql");
/// Runs side by side.
const AT_ONCE: usize = 2;

/// What a database or a role can have set for everybody who comes.
const SETTINGS: [(&str, &str); 12] = [
    ("search_path", "app, public"),
    ("default_transaction_isolation", "serializable"),
    ("default_transaction_deferrable", "on"),
    ("standard_conforming_strings", "off"),
    ("backslash_quote", "on"),
    ("DateStyle", "'German, DMY'"),
    ("IntervalStyle", "sql_standard"),
    ("bytea_output", "escape"),
    ("extra_float_digits", "0"),
    ("client_min_messages", "error"),
    ("check_function_bodies", "off"),
    ("statement_timeout", "'9s'"),
];

/// What plans do, and to which targets.
const CHANGES: &[(&str, &str, &str)] = &[
    ("rows", "accounts, loose", "UPDATE app.accounts SET net = net + 1, name = upper(name); DELETE FROM app.loose"),
    (
        "rows of partitions",
        "orders_old, orders_new",
        "UPDATE app.orders SET placed = placed + 200; DELETE FROM app.orders WHERE id < 9",
    ),
    (
        "retype a key",
        "accounts, orders",
        "ALTER TABLE app.orders DROP CONSTRAINT orders_account_fkey; DROP VIEW app.rich; ALTER TABLE app.accounts ALTER id TYPE bigint; ALTER TABLE app.orders ALTER account TYPE bigint",
    ),
    ("drop with cascade", "accounts, orders", "DROP TABLE app.accounts CASCADE"),
    ("drop partitions", "orders", "DROP TABLE app.orders CASCADE"),
    ("add a key", "loose", "ALTER TABLE app.loose ADD PRIMARY KEY (n)"),
    (
        "key and identity",
        "loose",
        "ALTER TABLE app.loose ALTER n DROP DEFAULT, ALTER n SET NOT NULL; ALTER TABLE app.loose ALTER n ADD GENERATED ALWAYS AS IDENTITY",
    ),
    (
        "outgrown sequence",
        "loose",
        "ALTER SEQUENCE app.loose_seq AS bigint MAXVALUE 100000; SELECT setval('app.loose_seq', 5000); ALTER TABLE app.loose ALTER n TYPE bigint; INSERT INTO app.loose VALUES (5000, 'y', 1)",
    ),
    (
        "new index on a function",
        "accounts",
        "CREATE INDEX more ON app.accounts (slug(name)); UPDATE app.accounts SET note = 'x'",
    ),
    (
        "new statistics",
        "accounts",
        "DROP STATISTICS app.accounts_both; CREATE STATISTICS app.more ON id, region FROM app.accounts; UPDATE app.accounts SET note = 'x'",
    ),
    (
        "new column by a function",
        "accounts",
        "ALTER TABLE app.accounts ADD slug text GENERATED ALWAYS AS (app.fold(name)) STORED",
    ),
    (
        "other functions",
        "accounts",
        "CREATE OR REPLACE FUNCTION app.fold(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1)'; UPDATE app.accounts SET name = name || 'x'",
    ),
    (
        "drop functions",
        "accounts",
        "DROP FUNCTION app.fold(text) CASCADE; DROP FUNCTION app.twice(numeric) CASCADE; DROP FUNCTION app.vat(numeric) CASCADE",
    ),
    ("drop the domain", "accounts", "DROP DOMAIN app.slugged CASCADE"),
    ("drop the enum", "accounts", "DROP TYPE app.mood CASCADE"),
    ("add to the enum", "accounts", "ALTER TYPE app.mood ADD VALUE 'elated'"),
    ("rename the enum's value", "accounts", "ALTER TYPE app.mood RENAME VALUE 'sad' TO 'blue'"),
    (
        "drop the view and the policy",
        "accounts",
        "DROP VIEW app.rich; DROP POLICY by_region ON app.accounts; ALTER TABLE app.accounts DISABLE ROW LEVEL SECURITY; UPDATE app.accounts SET net = 7",
    ),
    (
        "drop the materialized view",
        "accounts, rates",
        "DROP MATERIALIZED VIEW app.per_region; INSERT INTO app.rates VALUES ('uk', 1)",
    ),
    ("refresh", "accounts", "UPDATE app.accounts SET region = 'eu'; REFRESH MATERIALIZED VIEW app.per_region"),
    ("rows under a rule", "rates", "UPDATE app.rates SET rate = 9; INSERT INTO app.rates VALUES ('br', 3)"),
    ("triggers off", "accounts", "ALTER TABLE app.accounts DISABLE TRIGGER ALL; UPDATE app.accounts SET note = NULL"),
    ("drop the broken index", "broken", "DROP INDEX app.broken_v; UPDATE app.broken SET v = 9"),
    ("build the broken index again", "broken", "REINDEX INDEX app.broken_v; UPDATE app.broken SET v = 9"),
    ("drop the table with the broken index", "broken", "DROP TABLE app.broken"),
    ("rows beside a broken index", "broken", "DELETE FROM app.broken WHERE id > 3"),
    ("overtaken rows", "overtaken", "DELETE FROM app.overtaken"),
    ("drop overtaken rows", "overtaken", "DROP TABLE app.overtaken"),
    ("drop outdated values", "outdated", "DROP TABLE app.outdated"),
    ("outdated values", "outdated", "DELETE FROM app.outdated"),
    ("free a member", "broken", "ALTER EXTENSION plpgsql DROP FUNCTION app.member_function(); UPDATE app.broken SET v = 1"),
    (
        "free and drop a member",
        "broken",
        "ALTER EXTENSION plpgsql DROP FUNCTION app.member_function(); DROP FUNCTION app.member_function(); UPDATE app.broken SET v = 1",
    ),
    ("everything by a pattern", "*", "UPDATE app.broken SET v = 1; UPDATE app.loose SET what = 'y'"),
    ("move a table", "accounts, orders", "CREATE SCHEMA elsewhere; ALTER TABLE app.accounts SET SCHEMA elsewhere"),
    (
        "rename tables",
        "accounts, loose",
        "ALTER TABLE app.accounts RENAME TO people; ALTER TABLE app.loose RENAME COLUMN what TO which",
    ),
    ("rename the schema", "broken", "ALTER SCHEMA app RENAME TO application"),
    ("drop the schema", "*", "DROP SCHEMA app CASCADE"),
    (
        "other owners",
        "accounts",
        "ALTER TABLE app.accounts OWNER TO CURRENT_USER; ALTER FUNCTION app.fold(text) OWNER TO CURRENT_USER",
    ),
    (
        "grants",
        "accounts, broken",
        "REVOKE ALL ON app.broken FROM PUBLIC; GRANT SELECT (xmin) ON app.broken TO PUBLIC; GRANT ALL ON app.accounts TO PUBLIC; GRANT UPDATE (note) ON app.accounts TO PUBLIC",
    ),
    (
        "comments",
        "accounts",
        "COMMENT ON TYPE app.accounts IS 'x'; COMMENT ON COLUMN app.accounts.note IS NULL; COMMENT ON STATISTICS app.accounts_both IS NULL; COMMENT ON POLICY by_region ON app.accounts IS 'x'",
    ),
    (
        "default privileges",
        "loose",
        "ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM PUBLIC; ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT ALL ON SEQUENCES TO PUBLIC; DELETE FROM app.loose",
    ),
    (
        "publications",
        "loose",
        "ALTER PUBLICATION everything SET (publish = 'insert'); CREATE PUBLICATION more FOR TABLE app.loose; DELETE FROM app.loose",
    ),
    ("the event trigger", "loose", "ALTER EVENT TRIGGER log_ddl DISABLE; ALTER TABLE app.loose ADD more int"),
    (
        "a new event trigger",
        "loose",
        "CREATE FUNCTION public.never() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$; CREATE EVENT TRIGGER never ON sql_drop EXECUTE FUNCTION public.never(); DELETE FROM app.loose",
    ),
    (
        "many new things",
        "loose",
        "CREATE TABLE app.n1 (id serial PRIMARY KEY, s app.slugged, m app.mood); CREATE VIEW app.n2 AS SELECT * FROM app.n1; CREATE FUNCTION app.n3() RETURNS SETOF app.n2 LANGUAGE sql AS 'SELECT * FROM n2'; CREATE TYPE app.n4 AS (a app.mood); ALTER TABLE app.loose ADD more app.n4",
    ),
];

/// What the server itself refuses from PostgreSQL 17 on, where maintenance has no path: filling views and indexes whose functions need one.
const BEFORE_17: [&str; 2] = ["new index on a function", "refresh"];

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Restored,
    Refused,
    Wrong(String),
}

struct Scene {
    _owner: TestRole,
    _reader: TestRole,
    template: TestDatabase,
    settings: &'static [(&'static str, &'static str)],
}

impl Scene {
    fn new(name: &str, options: &str, settings: &'static [(&'static str, &'static str)]) -> Scene {
        let template = database_with(name, options);
        let (owner, reader) =
            (template.role(&format!("{name}_owner"), "LOGIN"), template.role(&format!("{name}_reader"), ""));
        let sql = SCHEMA.replace("{owner}", &owner.name).replace("{reader}", &reader.name);
        template.psql(&sql);
        Scene { _owner: owner, _reader: reader, template, settings }
    }

    /// Settings belong to a database, and its copy has none.
    fn copy(&self, name: &str) -> TestDatabase {
        let copy = database_like(&self.template, name);
        for (setting, value) in self.settings {
            copy.execute(&format!("ALTER DATABASE \"{}\" SET {setting} = {value}", copy.name));
        }
        copy
    }

    fn trial_restore(&self, (name, targets, sql): (&str, &str, &str)) -> (Verdict, Output) {
        let database = self.copy(&format!("hostile_{}", name.replace(' ', "_")));
        // A change that the server refuses would show nothing.
        database.psql(&format!("SET search_path = app, public; BEGIN; {sql}; ROLLBACK"));
        let before = connected(&database.url, |client| Box::pin(async move { Facts::find_under(client, "app").await }));
        let tables: Vec<String> = targets.split(", ").map(|table| format!("app.{table}")).collect();
        let plan = format!(
            "format: backstop/v1\nname: hostile\nsession: {{search_path: [app, public]}}\nbackup: {{allow_uncovered: [public.ddl_log], targets: [{{tables: [{}]}}]}}\nsteps:\n  - id: change\n    sql: |\n      {}\n  - {{id: fails, sql: SELECT 1 / 0}}\n",
            tables.iter().map(|table| format!("\"{table}\"")).collect::<Vec<_>>().join(", "),
            sql.replace("; ", ";\n      ")
        );
        let work = Work::new();
        let path = work.file("plan.yaml", &plan);
        let apply = || Program::new().arguments(&["apply", path.to_str().unwrap(), "--database-url", &database.url]).run();
        let output = with_clients(&database, apply);
        let after = connected(&database.url, |client| Box::pin(async move { Facts::find_under(client, "app").await }));
        let mut differences = before.differences(&after, Spelling::Respelled);
        // What the event trigger writes down of our own statements is the database's own memory of what happened.
        differences.retain(|line| !line.contains("ddl_log"));
        // Of no use to anybody, and announced before the first step.
        if output.stdout.contains("index app.broken_v is INVALID") {
            differences.retain(|line| !line.contains("broken_v"));
        }
        let verdict = match (output.code, differences.is_empty()) {
            (Some(5), true) if output.stdout.contains("✓ step change") => Verdict::Restored,
            // What can't be brought back is refused in the step's own transaction.
            (Some(5), true) if output.stdout.contains("nothing had been committed") => Verdict::Refused,
            (Some(3 | 4), true) => Verdict::Refused,
            (code, _) => Verdict::Wrong(format!("exit {code:?}: {}", differences.join("\n    "))),
        };
        (verdict, output)
    }

    /// Every second change, from this one on; all of them where `BACKSTOP_TEST_CASES` is set.
    fn try_all(&self, first: usize) {
        let only = std::env::var("BACKSTOP_TEST_MIGRATION").ok();
        let is_thorough = only.is_some() || std::env::var("BACKSTOP_TEST_CASES").is_ok();
        let (first, step) = if is_thorough { (0, 1) } else { (first, 2) };
        let chosen = CHANGES.iter().filter(|(name, ..)| only.as_ref().is_none_or(|only| name == only));
        let chosen = chosen.filter(|(name, ..)| server_major() < 17 || !BEFORE_17.contains(name));
        let chosen: Vec<_> = chosen.skip(first).step_by(step).collect();
        let next = AtomicUsize::new(0);
        let found = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some(change) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let (verdict, output) = self.trial_restore(**change);
                        found.lock().unwrap().push((change.0, verdict, output));
                    }
                });
            }
        });
        let found = found.into_inner().unwrap();
        let mut wrong = Vec::new();
        for (name, verdict, output) in &found {
            match verdict {
                Verdict::Restored => println!("restored  {name}"),
                Verdict::Refused => println!(
                    "refused   {name}: {}",
                    output.stdout.lines().skip_while(|line| !line.contains('✗')).take(4).collect::<Vec<_>>().join(" ")
                ),
                Verdict::Wrong(how) => wrong.push(format!("{name}: {how}\n{}\n{}", output.stdout, output.stderr)),
            }
        }
        let count = |wanted: &Verdict| found.iter().filter(|(_, verdict, _)| verdict == wanted).count();
        println!("{} restored, {} refused, {} wrong", count(&Verdict::Restored), count(&Verdict::Refused), wrong.len());
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }
}

/// What the application does all the while: it reads, and writes what it then takes back, so that nothing of it may be seen afterwards.
const WORK: &str = "SELECT count(*) FROM app.orders JOIN app.accounts ON account = accounts.id; SELECT * FROM app.rich;
    UPDATE app.accounts SET note = 'client' WHERE id = 1; INSERT INTO app.broken VALUES (100, 1); DELETE FROM app.loose; ROLLBACK";

/// Does something while a client is at work in each isolation level.
fn with_clients<T>(database: &TestDatabase, action: impl FnOnce() -> T) -> T {
    let stop = Arc::new(AtomicBool::new(false));
    std::thread::scope(|scope| {
        for level in ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"] {
            let (stop, url) = (Arc::clone(&stop), &database.url);
            scope.spawn(move || connected(url, move |client| Box::pin(work(client, level, stop))));
        }
        let done = action();
        stop.store(true, Ordering::Relaxed);
        done
    })
}

/// The fence and what the steps do to the tables may refuse any of it.
async fn work(client: &Client, level: &'static str, stop: Arc<AtomicBool>) {
    client.batch_execute("SET search_path = app, public; SET lock_timeout = '5s'").await.expect("settings");
    while !stop.load(Ordering::Relaxed) {
        let statements = format!("BEGIN ISOLATION LEVEL {level} NOT DEFERRABLE; {WORK}");
        if client.batch_execute(&statements).await.is_err() {
            client.batch_execute("ROLLBACK").await.expect("a session that lives");
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn a_hostile_database_comes_back_from_everything() {
    Scene::new("hostile", "ENCODING 'UTF8' LOCALE 'C'", &SETTINGS[..1]).try_all(0);
}

#[test]
fn a_hostile_database_in_latin1_with_odd_settings_comes_back_from_everything() {
    Scene::new("hostile_odd", "ENCODING 'LATIN1' LOCALE 'C'", &SETTINGS).try_all(1);
}
