//! Defaults that a database, a role or a connection string gives its sessions, and that our own statements must not depend on.

use super::{
    gate::meanwhile,
    work::{Work, run, state},
};
use crate::support::{Program, TestDatabase, database};

const TABLE: &str = "CREATE TABLE public.items (id int PRIMARY KEY, name text, raw bytea);
    INSERT INTO public.items SELECT g, 'a\\b''' || g, '\\x00ff' FROM generate_series(1, 200) AS g";

const FAILS: &str = r"
format: backstop/v1
name: fails
backup: {targets: [{tables: [public.items]}]}
checks: {after: [{id: none-is-empty, sql: SELECT id FROM public.items WHERE name = '', expect: {rows: 0}}]}
steps:
  - {id: empty, sql: 'UPDATE public.items SET name = $$$$; ALTER TABLE public.items ADD COLUMN note text'}
";
const WORKS: &str = r"
format: backstop/v1
name: works
backup: {targets: [{tables: [public.items]}]}
steps:
  - {id: slash, sql: 'UPDATE public.items SET name = ''C:\dir'' WHERE id = 1'}
  - {id: index, transaction: none, sql: CREATE INDEX CONCURRENTLY items_name_idx ON public.items (name)}
checks: {after: [{id: slash, sql: 'SELECT name FROM public.items WHERE id = 1', expect: {value: 'C:\dir'}}]}
";

/// Settings with values that nobody would have thought of.
const ODD: [&str; 20] = [
    "default_transaction_isolation = serializable",
    "default_transaction_deferrable = on",
    "standard_conforming_strings = off",
    "statement_timeout = '900ms'",
    "idle_in_transaction_session_timeout = '400ms'",
    "client_min_messages = error",
    "quote_all_identifiers = on",
    "bytea_output = escape",
    "\"DateStyle\" = 'SQL, DMY'",
    "\"IntervalStyle\" = iso_8601",
    "\"TimeZone\" = 'Pacific/Apia'",
    "extra_float_digits = 0",
    "gin_fuzzy_search_limit = 5",
    "plan_cache_mode = force_generic_plan",
    "transform_null_equals = on",
    "array_nulls = off",
    "check_function_bodies = off",
    "xmloption = document",
    "lock_timeout = '700ms'",
    "synchronous_commit = off",
];

#[track_caller]
fn succeeds_and_comes_back(database: &TestDatabase, more: &str) {
    let work = Work::new();
    let before = state(database, &["items"]);
    let url = format!("{}{more}", database.url);
    let apply = |name: &str, plan: &str| {
        let plan = work.file(name, plan);
        Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", &url]).run()
    };
    apply("fails.yaml", FAILS).expect_code(5);
    assert_eq!(state(database, &["items"]), before);
    apply("works.yaml", WORKS).expect_code(0);
    let backup = database.one("SELECT id FROM backstop.backups WHERE plan = 'works'");
    let on_it = |arguments: &[&str]| Program::new().arguments(arguments).arguments(&["--database-url", &url]).run();
    on_it(&["backup", "verify", &backup]).expect_code(0);
    on_it(&["diff", "--backup", &backup]).expect_code(0);
    on_it(&["restore", "--backup", &backup, "--yes"]).expect_code(0);
    assert_eq!(state(database, &["items"]), before);
}

#[test]
fn a_databases_settings_don_t_matter() {
    let database = database("odd_database");
    database.execute(TABLE);
    for setting in ODD {
        database.execute(&format!("ALTER DATABASE \"{}\" SET {setting}", database.name));
    }
    succeeds_and_comes_back(&database, "");
}

/// What they read and print is the same as the program's, whatever the session of psql reads and prints; and so is what the triggers of
/// a run write in the sessions of the application.
#[test]
fn a_databases_ways_to_read_and_print_constants_don_t_matter_to_psql_and_to_writers() {
    let database = database("odd_psql");
    database.send_bystanders_away();
    database.execute(TABLE);
    database.execute(
        r#"ALTER TABLE public.items ALTER raw SET DEFAULT '\x00ff', ALTER name SET DEFAULT 'a\b', ADD CHECK (name <> '\');
           CREATE TABLE public.parts (id int, name text, r int) PARTITION BY LIST (r);
           CREATE TABLE public.part_1 PARTITION OF public.parts FOR VALUES IN (1);
           CREATE TABLE public.part_2 PARTITION OF public.parts FOR VALUES IN (2);
           INSERT INTO public.parts VALUES (1, '\ " \', 1)"#,
    );
    let harmless = |setting: &&str| !["timeout", "transaction", "commit"].iter().any(|word| setting.contains(word));
    for setting in ODD.into_iter().filter(harmless) {
        database.execute(&format!("ALTER DATABASE \"{}\" SET {setting}", database.name));
    }
    let plan = r"
format: backstop/v1
name: odd
session: {lock_timeout: 60s}
backup: {targets: [{tables: [public.items, public.part*]}], writers: capture}
steps:
  - {id: more, sql: ALTER TABLE public.items ADD COLUMN more int}
  - {id: wait, sql: SELECT pg_advisory_xact_lock(4711)}
  - {id: fails, sql: SELECT 1 / 0}
checks:
  before:
    - {id: slashes, matches: {table: public.items, column: name, pattern: {regex: 'a\\b.*'}}}
    - {id: slash, sql: 'SELECT name FROM public.items WHERE id = 1', expect: {value: 'a\b''1'}}
";
    let before = state(&database, &["items"]);
    let work = Work::new();
    run(&database, &["install", work.file("odd.yaml", plan).to_str().unwrap()]).expect_code(0);
    assert_eq!(database.psql("SELECT * FROM backup_pre_migration.validate_pre_migration() WHERE status <> 'PASS'"), "");
    database.psql("SELECT backup_pre_migration.create_table_backups()");
    database.psql("ALTER TABLE public.items DROP COLUMN raw; UPDATE public.items SET name = 'other'");
    database.psql("SELECT backup_pre_migration.restore_from_backup()");
    assert_eq!(state(&database, &["items"]), before);
    meanwhile(&database, plan, || drop(database.psql("UPDATE public.parts SET r = 2"))).expect_code(5);
    assert_eq!(state(&database, &["items"]), before);
    assert_eq!(database.psql(r#"SET standard_conforming_strings = on; SELECT name = '\ " \', r FROM public.parts"#), "t|2");
}

/// The settings of a database whose functions count as immutable and are not.
const OWN: [&str; 6] = [
    "\"TimeZone\" = 'Asia/Tokyo'",
    "\"DateStyle\" = 'SQL, DMY'",
    "\"IntervalStyle\" = iso_8601",
    "bytea_output = escape",
    "extra_float_digits = 0",
    "app.tenant = '7'",
];

/// 20:00 in Greenwich is the next day in Tokyo. A value of a type of its own is copied as text.
const SHAPED: &str = "
    CREATE FUNCTION public.day(timestamptz) RETURNS date IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1::date; END';
    CREATE FUNCTION public.words(anyelement) RETURNS text IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN $1::text; END';
    CREATE TYPE public.stay AS (since timestamptz, how_long interval, raw bytea);
    CREATE TABLE public.moments (
        id int PRIMARY KEY, at timestamptz CHECK (public.day(at) = '2020-01-02'), f float8, raw bytea, span interval, stay public.stay,
        tenant int CHECK (tenant = current_setting('app.tenant')::int),
        day date GENERATED ALWAYS AS (public.day(at)) STORED, words text GENERATED ALWAYS AS (
            public.words(at) || public.words(f) || public.words(raw) || public.words(span) || public.words(stay)) STORED);
    INSERT INTO public.moments VALUES (1, '2020-01-01 20:00+00', 0.1::float8 + 0.2, '\\x610062', '-1 day +2 hours',
        ROW('2020-01-01 20:00+00', '-1 year -2 mons +3 days -04:05:06', '\\x6162')::public.stay, 7);
    CREATE INDEX by_day ON public.moments (public.day(at));
    CREATE TABLE public.parts (at timestamptz) PARTITION BY RANGE (public.day(at));
    CREATE TABLE public.parts_2 PARTITION OF public.parts FOR VALUES FROM ('2020-01-02') TO ('2020-01-03');
    INSERT INTO public.parts VALUES ('2020-01-01 20:00+00');
    CREATE MATERIALIZED VIEW public.days AS SELECT at::date AS day, at::text AS words, count(*) FROM public.moments GROUP BY 1, 2;";

#[test]
fn expressions_are_evaluated_under_the_settings_of_their_database() {
    let (database, work) = (database("own_settings"), Work::new());
    for setting in OWN {
        database.execute(&format!("ALTER DATABASE \"{}\" SET {setting}", database.name));
    }
    database.psql(SHAPED);
    let whole = || {
        let tables =
            ["moments", "parts_2", "days"].map(|table| database.psql(&format!("SELECT t::text FROM public.{table} AS t")));
        let by_index = "SET enable_seqscan = off; SELECT count(*) FROM public.moments WHERE public.day(at) = '2020-01-02'";
        (database.dump_others_schema(), tables, database.psql(by_index))
    };
    let before = whole();
    assert!(before.2.trim().ends_with('1'), "{}", before.2);
    let plan = |name: &str, checks: &str, more: &str| {
        format!(
            "format: backstop/v1\nname: {name}\nbackup: {{verify: restore, targets: [{{tables: [public.*]}}]}}\n\
             {checks}steps:\n  - {{id: s, sql: 'ALTER TABLE public.moments ADD z int DEFAULT 3; UPDATE public.moments SET z = 4; \
             ALTER TABLE public.parts ADD z int; DROP MATERIALIZED VIEW public.days{more}'}}\n"
        )
    };
    let never = "checks: {after: [{id: never, sql: SELECT 1, expect: {rows: 0}}]}\n";
    // What a step sets for later sessions is not what the rows came about under.
    let other = format!(
        "; ALTER DATABASE \"{0}\" SET \"TimeZone\" = ''UTC''; ALTER DATABASE \"{0}\" RESET app.tenant",
        database.name
    );
    let output = work.apply(&database, &plan("fails", never, &other)).expect_code(5);
    assert!(!(output.stdout + &output.stderr).contains("stale"));
    assert_eq!(whole(), before);
    let on_it = |arguments: &[&str]| Program::new().arguments(arguments).arguments(&["--database-url", &database.url]).run();
    let path = work.file("works.yaml", &plan("works", "", &other));
    on_it(&["apply", path.to_str().unwrap()]).expect_code(0);
    let backup = database.one("SELECT id FROM backstop.backups WHERE plan = 'works'");
    on_it(&["restore", "--backup", &backup, "--yes"]).expect_code(0);
    assert_eq!(whole(), before);
    let path = work.file("again.yaml", &plan("again", "", ""));
    on_it(&["apply", path.to_str().unwrap()]).expect_code(0);
    database.psql("SELECT backup_pre_migration.restore_from_backup()");
    assert_eq!(whole(), before);
}

#[test]
fn isolation_levels_of_the_connection_string_don_t_matter() {
    for level in ["serializable", "repeatable%5C%20read", "read%5C%20uncommitted"] {
        let database = database("odd_url");
        database.execute(TABLE);
        succeeds_and_comes_back(
            &database,
            &format!("?options=-c%20default_transaction_isolation%3D{level}").replacen(
                '?',
                if database.url.contains('?') { "&" } else { "?" },
                1,
            ),
        );
    }
}

#[test]
fn a_plan_that_leaves_an_isolation_level_behind_hinders_nothing() {
    let database = database("left_behind");
    database.execute(TABLE);
    let plan = "
format: backstop/v1
name: behind
backup: {targets: [{tables: [public.items]}]}
checks: {after: [{id: none, sql: SELECT 1, expect: {rows: 0}}]}
steps:
  - {id: level, sql: SET default_transaction_isolation = 'serializable'; UPDATE public.items SET name = 'x'}
  - {id: more, sql: UPDATE public.items SET name = 'y'}
";
    let before = state(&database, &["items"]);
    Work::new().apply(&database, plan).expect_code(5);
    assert_eq!(state(&database, &["items"]), before);
}

/// A login that becomes the owner at once, as operators for Kubernetes make them: it sees less of its own sessions then.
#[test]
fn a_login_with_another_role_set_works_and_ends_what_a_dead_runner_has_left() {
    let database = database("role_set");
    let (owner, login) = (database.role("owner", "NOLOGIN"), database.role("deploy", "LOGIN"));
    database.execute(&format!(
        "GRANT \"{0}\" TO \"{1}\"; ALTER ROLE \"{1}\" SET role = '{0}'; GRANT CREATE ON DATABASE \"{2}\" TO \"{0}\";
         ALTER SCHEMA public OWNER TO \"{0}\"; CREATE TABLE public.items AS SELECT g AS id, md5(g::text) AS name FROM generate_series(1, 60000) AS g;
         ALTER TABLE public.items OWNER TO \"{0}\"",
        owner.name, login.name, database.name
    ));
    let plan = "
format: backstop/v1
name: deploy
backup: {targets: [{tables: [public.items]}]}
steps:
  - {id: index, transaction: none, sql: 'CREATE INDEX CONCURRENTLY items_name_idx ON public.items (name, id)'}
  - {id: last, sql: UPDATE public.items SET name = 'z' WHERE id = 1}
";
    let work = Work::new();
    let path = work.file("deploy.yaml", plan);
    let url = database.url_as(&login);
    // One that waits for a lock in a session that nobody drives any more.
    let leftover = std::process::Command::new("psql")
        .args([&url, "-X", "-q", "-c", "SET application_name = 'backstop deploy/index'; SELECT pg_sleep(300)"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("psql starts");
    super::work::until(
        &database,
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'backstop deploy/index'",
    );
    Program::new().arguments(&["apply", path.to_str().unwrap(), "--database-url", &url]).run().expect_code(0);
    let mut leftover = leftover;
    assert!(!leftover.wait().unwrap().success(), "the session of an earlier runner was left at work");
    assert_eq!(database.one("SELECT count(*) FROM pg_indexes WHERE indexname = 'items_name_idx'"), "1");
    Program::new().arguments(&["status", "--database-url", &url]).run().expect_code(0);
}

/// Whatever a step sets in its session: neither what the run itself asks and records nor a later step runs under it.
#[test]
fn what_a_step_sets_ends_with_the_step() {
    const LEFT: [(&str, &str); 12] = [
        ("default_transaction_read_only", "on"),
        ("default_transaction_isolation", "serializable"),
        ("quote_all_identifiers", "on"),
        ("session_replication_role", "replica"),
        ("lock_timeout", "44441ms"),
        ("statement_timeout", "44442ms"),
        ("idle_in_transaction_session_timeout", "44443ms"),
        ("\"DateStyle\"", "German"),
        ("row_security", "off"),
        ("default_tablespace", "pg_default"),
        ("search_path", "nowhere"),
        ("app.tenant", "seven"),
    ];
    let database = database("set_by_steps");
    database.execute(TABLE);
    let before = state(&database, &["items"]);
    let has = |(name, value): &(&str, &str)| format!("current_setting('{}', true) ILIKE '{value}%'", name.trim_matches('"'));
    let any: Vec<String> = LEFT.iter().map(has).collect();
    let mut steps = vec![
        serde_json::json!({"id": "first", "sql": "UPDATE public.items SET name = 'other'"}),
        serde_json::json!({"id": "whole", "sql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"}),
        serde_json::json!({"id": "role", "sql": "SET SESSION AUTHORIZATION pg_monitor"}),
    ];
    for (index, (name, value)) in LEFT.iter().enumerate() {
        let sql = format!("SET {name} = '{value}'");
        steps.push(serde_json::json!({"id": format!("set-{index}"), "sql": sql}));
    }
    let found = format!("DO $$ BEGIN IF {} THEN RAISE 'left behind'; END IF; END $$", any.join(" OR "));
    let local = "ALTER TABLE public.items ADD n int; SET LOCAL quote_all_identifiers = on";
    steps.push(serde_json::json!({"id": "local", "sql": local}));
    steps.push(serde_json::json!({"id": "later", "sql": found}));
    let plan = serde_json::json!({
        "format": "backstop/v1", "name": "sets", "backup": {"targets": [{"tables": ["public.items"]}]},
        "checks": {"after": [{"id": "never", "sql": "SELECT 1", "expect": {"rows": 0}}]}, "steps": steps,
    });
    let output = Work::new().apply(&database, &plan.to_string()).expect_code(5);
    assert!(output.stdout.contains("✓ step later"), "{}{}", output.stdout, output.stderr);
    assert_eq!(state(&database, &["items"]), before);
}

const FIRST: &str = "{id: first, sql: UPDATE public.items SET name = 'x'}";

fn on_items(steps: &str) -> String {
    format!("format: backstop/v1\nname: sets\nbackup: {{targets: [{{tables: [public.items]}}]}}\nsteps: [{steps}]\n")
}

/// It comes to its end or not; the run is taken back by itself in either case.
#[test]
fn a_step_that_leaves_no_time_fails_no_more_than_itself() {
    let database = database("set_no_time");
    database.execute(TABLE);
    let before = state(&database, &["items"]);
    for setting in ["statement_timeout", "idle_in_transaction_session_timeout"] {
        let steps = format!("{FIRST}, {{id: hurries, sql: SET {setting} = 1}}, {{id: last, sql: SELECT 1}}");
        let fails = "checks: {after: [{id: never, sql: SELECT 1, expect: {rows: 0}}]}\n";
        Work::new().apply(&database, &(on_items(&steps) + fails)).expect_code(5);
        assert_eq!(state(&database, &["items"]), before);
    }
}

#[test]
fn deferred_triggers_find_what_their_step_has_set() {
    let database = database("set_for_triggers");
    database.execute(TABLE);
    database.execute(
        "CREATE FUNCTION public.asks() RETURNS trigger LANGUAGE plpgsql AS \
         $$BEGIN IF current_setting('app.who') <> 'me' THEN RAISE 'nobody'; END IF; RETURN NULL; END$$; \
         CREATE CONSTRAINT TRIGGER asks AFTER UPDATE ON public.items DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION public.asks()",
    );
    let step = "{id: s, sql: \"SET LOCAL app.who = 'me'; UPDATE public.items SET name = 'x'\"}";
    Work::new().apply(&database, &on_items(step)).expect_code(0);
}

#[test]
fn a_step_that_makes_its_transaction_read_only_fails_and_the_run_is_taken_back() {
    let database = database("set_read_only");
    database.execute(TABLE);
    let before = state(&database, &["items"]);
    for sql in ["SET LOCAL transaction_read_only = on", "SET TRANSACTION READ ONLY"] {
        let output = Work::new().apply(&database, &on_items(&format!("{FIRST}, {{id: reads, sql: {sql}}}"))).expect_code(5);
        let all = output.stdout + &output.stderr;
        assert!(all.contains("backstop::run::read_only"), "{all}");
        assert_eq!(state(&database, &["items"]), before);
    }
    Work::new().apply(&database, &on_items(FIRST)).expect_code(0);
}

/// The program's own sessions lift them before their first statement: each of them would be over before it is lifted.
#[test]
fn limits_of_time_that_leave_no_statement_its_time_don_t_matter() {
    let database = database("no_time");
    database.execute(TABLE);
    let role = database.role("no_time", "LOGIN SUPERUSER");
    let version: u32 = database.one("SHOW server_version_num").parse().unwrap();
    let limits = [
        ("statement_timeout", 0),
        ("lock_timeout", 0),
        ("idle_in_transaction_session_timeout", 0),
        ("idle_session_timeout", 140_000),
        ("transaction_timeout", 170_000),
    ];
    for (limit, since) in limits {
        if version >= since {
            database.execute(&format!("ALTER ROLE \"{}\" SET {limit} = 1", role.name));
        }
    }
    let (work, before) = (Work::new(), state(&database, &["items"]));
    let plan = work.file("fails.yaml", FAILS);
    let url = database.url_as(&role);
    Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", &url]).run().expect_code(5);
    assert_eq!(state(&database, &["items"]), before);
    for command in [&["status"][..], &["backup", "list"], &["plan", plan.to_str().unwrap()]] {
        Program::new().arguments(command).arguments(&["--database-url", &url]).run().expect_code(0);
    }
}
