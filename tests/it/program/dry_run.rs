//! `plan`: what `apply` would meet now, looked at by sessions that can't write.

use backstop::sandbox::{Options, Sandbox, ServerReach};

use super::work::{Work, run};
use crate::support::{Output, Program, Replica, TestDatabase, database, psql};

/// What a look at one plan may take; most of them are a single statement.
const TRANSACTIONS_MAX: i64 = 56;

const ITEMS: &str = "CREATE TABLE public.items (id int PRIMARY KEY, name text NOT NULL);
    INSERT INTO public.items SELECT i, repeat('x', 200) FROM generate_series(1, 20000) AS i;
    CREATE TABLE public.loose AS SELECT 1 AS id;
    ANALYZE";

const PLAN: &str = "format: backstop/v1
name: look
backup: {targets: [{tables: [public.items]}]}
checks:
  before: [{id: short, sql: 'SELECT id FROM items WHERE id <= 2', expect: {rows: 0}, severity: warn, hint: Shorten them.}]
steps:
  - {id: alter, sql: ALTER TABLE items ADD COLUMN extra int}
  - {id: loose, sql: UPDATE loose SET id = 2}
";
const IN_A_BLOCK: &str = "  - {id: block, sql: 'DO $$ BEGIN DELETE FROM loose; END $$'}\n";

fn plan(database: &TestDatabase, text: &str, more: &[&str]) -> Output {
    let work = Work::new();
    let path = work.file("plan.yaml", text);
    run(database, &[&["plan", path.to_str().unwrap()], more].concat())
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_str(output.stdout.trim()).unwrap_or_else(|why| panic!("{why}: {}", output.stdout))
}

#[test]
fn it_says_what_would_happen_and_changes_nothing() {
    let database = database("dry_run");
    database.execute(ITEMS);
    let before = database.dump_schema();
    let output = plan(&database, PLAN, &["--format", "json", "--exit-code"]).expect_code(9);
    assert_eq!(database.dump_schema(), before);
    let value = json(&output);
    assert_eq!(value["verdict"], "would_run");
    let one = &value["dry_run"]["plans"][0];
    assert_eq!(one["state"]["is"], "pending");
    assert_eq!(one["checks"][0]["outcome"], "warn");
    assert_eq!(one["checks"][0]["sample"]["rows"].as_array().unwrap().len(), 2);
    assert_eq!(one["backup"]["targets"][0]["table"], "public.items");
    assert_eq!(one["backup"]["targets"][0]["rows"], 20000);
    assert!(one["backup"]["millis"].as_u64().unwrap() > 0, "{one:#}");
    assert_eq!(one["uncovered"][0]["table"], "public.loose");
    let alter = one["statements"].as_array().unwrap().iter().find(|s| s["step"] == "alter").unwrap();
    assert_eq!(alter["waits"], "readers and writers");
    assert_eq!(alter["tables"][0], "public.items");
    let block = json(&plan(
        &database,
        &PLAN.replace("  - {id: alter", &(IN_A_BLOCK.to_owned() + "  - {id: alter")),
        &["--format", "json"],
    ));
    assert_eq!(block["dry_run"]["plans"][0]["uncovered"][0]["step"], "block", "{block:#}");
    let text = plan(&database, PLAN, &[]).expect_code(0).stdout;
    for words in ["pending", "apply would run look", "public.loose (step loose)", "Shorten them.", "estimate"] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let markdown = plan(&database, PLAN, &["--report", "markdown"]).expect_code(0).stdout;
    assert!(markdown.starts_with("### ▶️ backstop plan") && markdown.contains("<details>"), "{markdown}");
    plan(&database, PLAN, &["--report", "sarif"]).expect_code(2);
}

#[test]
fn whoever_is_in_the_way_is_named() {
    let database = database("dry_run_locks");
    database.execute(ITEMS);
    let work = Work::new();
    let path = work.file("plan.yaml", PLAN);
    let held = crate::support::block_on(async {
        let holder = database.connect().await;
        holder.client.batch_execute("BEGIN; SELECT count(*) FROM items; SET application_name = 'reader'").await.unwrap();
        let output = run(&database, &["plan", path.to_str().unwrap(), "--format", "json"]).expect_code(0);
        drop(holder);
        json(&output)
    });
    let statements = held["dry_run"]["plans"][0]["statements"].as_array().unwrap().clone();
    let alter = statements.iter().find(|s| s["step"] == "alter").unwrap();
    assert_eq!(alter["held"][0]["application"], "reader", "{alter:#}");
    assert_eq!(alter["held"][0]["state"], "idle in transaction");
    assert!(alter["held"][0]["query"].as_str().unwrap().contains("SET application_name"));
    let loose = statements.iter().find(|s| s["step"] == "loose").unwrap();
    assert_eq!(loose["held"].as_array().unwrap().len(), 0);
}

#[test]
fn the_server_refuses_what_a_check_tries_to_write() {
    let database = database("dry_run_writes");
    database.execute(ITEMS);
    database.execute(
        "CREATE FUNCTION public.writes() RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.loose VALUES (7); RETURN 1; END $$;
         CREATE FUNCTION public.unlocks() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
           PERFORM set_config('default_transaction_read_only', 'off', false);
           PERFORM set_config('transaction_read_only', 'off', false);
           INSERT INTO public.loose VALUES (8); RETURN 1; END $$;
         CREATE SEQUENCE public.numbers",
    );
    let text = "format: backstop/v1
name: writes
backup: {targets: [{tables: [public.items]}]}
checks:
  before:
    - {id: writes, sql: 'SELECT public.writes()', expect: {value: '1'}}
    - {id: unlocks, sql: 'SELECT public.unlocks()', expect: {value: '1'}}
    - {id: counts, sql: \"SELECT nextval('public.numbers')\", expect: {value: '1'}}
    - {id: again, sql: 'SELECT public.writes()', expect: {value: '1'}}
steps: [{id: s, sql: SELECT 1}]
";
    let value = json(&plan(&database, text, &["--format", "json"]).expect_code(4));
    for check in value["dry_run"]["plans"][0]["checks"].as_array().unwrap() {
        assert_eq!(check["outcome"], "error", "{check:#}");
        assert!(check["message"].as_str().unwrap().contains("read-only"), "{check:#}");
    }
    assert_eq!(database.one("SELECT count(*) FROM loose"), "1");
    assert_eq!(database.one("SELECT is_called FROM numbers"), "f");
}

#[test]
fn a_role_that_may_only_read_can_look_and_save() {
    let database = database("dry_run_reader");
    database.execute(ITEMS);
    let role = database.role("reader", "LOGIN");
    database.execute(&format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO \"{}\"", role.name));
    let work = Work::new();
    let path = work.file("plan.yaml", PLAN);
    let folder = path.parent().unwrap();
    let looked = || {
        Program::new()
            .directory(folder)
            .arguments(&["plan", "plan.yaml", "-o", "saved.json", "--database-url", &database.url_as(&role)])
            .run()
            .expect_code(0)
    };
    let output = looked();
    assert!(
        output.stdout.contains("this session could not apply it") && output.stdout.contains("GRANT"),
        "{}",
        output.stdout
    );
    // Its owner applies what the reader saved.
    Program::new()
        .directory(folder)
        .arguments(&["apply", "saved.json", "--database-url", &database.url])
        .run()
        .expect_code(5);
    // The journal is closed to the reader.
    let output = looked();
    assert!(output.stdout.contains("the journal can't be read"), "{}", output.stdout);
}

#[test]
fn a_replica_serves_for_looking() {
    let mut primary = Sandbox::start(&Options {
        config: vec![("fsync".to_owned(), "off".to_owned())],
        reach: ServerReach::Socket,
        label: "dry_run".to_owned(),
        bin: None,
    })
    .unwrap();
    psql(&primary.url(), ITEMS).unwrap();
    let replica = Replica::of(&mut primary);
    let work = Work::new();
    let plan = PLAN.replace("  - {id: loose, sql: UPDATE loose SET id = 2}\n", "");
    let path = work.file("plan.yaml", &plan);
    let run = |url: &str, arguments: &[&str]| {
        Program::new().directory(path.parent().unwrap()).arguments(arguments).arguments(&["--database-url", url]).run()
    };
    let output = run(&replica.url_of("postgres"), &["plan", "plan.yaml", "-o", "saved.json"]).expect_code(0);
    assert!(output.stdout.contains("read-only replica"), "{}", output.stdout);
    run(&replica.url_of("postgres"), &["apply", "saved.json"]).expect_code(4);
    run(&primary.url(), &["apply", "saved.json"]).expect_code(0);
    let attributes = format!("{}?target_session_attrs=read-write", primary.url().split('?').next().unwrap());
    let attributes = match primary.url().split_once('?') {
        Some((_, rest)) => format!("{attributes}&{rest}"),
        None => attributes,
    };
    run(&attributes, &["plan", "plan.yaml"]).expect_code(0);
}

#[test]
fn what_stands_in_the_way_decides_the_exit_code() {
    let database = database("dry_run_codes");
    database.execute(ITEMS);
    plan(&database, &PLAN.replace("severity: warn", "severity: fail"), &[]).expect_code(4);
    let output = plan(&database, &PLAN.replace("tables: [public.items]", "tables: [public.missing]"), &["-o", "no.json"]);
    let output = output.expect_code(4);
    assert!(
        output.stderr.contains("not saved") && output.stdout.contains("public.missing"),
        "{}{}",
        output.stdout,
        output.stderr
    );
    let fine = PLAN.replace("  - {id: loose, sql: UPDATE loose SET id = 2}\n", "");
    Work::new().apply(&database, &fine).expect_code(0);
    plan(&database, &fine, &["--exit-code"]).expect_code(0);
    let changed = plan(&database, &fine.replace("extra int", "extra text"), &[]).expect_code(3);
    assert!(changed.stdout.contains("extra text"), "{}", changed.stdout);
    let held = "format: backstop/v1\nname: held\nrollback: {on_failure: hold}\nsteps: [{id: s, sql: SELECT 1/0}]\n";
    Work::new().apply(&database, held).expect_code(6);
    plan(&database, held, &[]).expect_code(6);
}

#[test]
fn what_others_changed_since_the_last_run_is_said() {
    let database = database("dry_run_drift");
    database.execute(ITEMS);
    let fine = PLAN.replace("  - {id: loose, sql: UPDATE loose SET id = 2}\n", "");
    Work::new().apply(&database, &fine).expect_code(0);
    let next = fine.replace("name: look", "name: next").replace("extra int", "more int");
    let drift = |value: &serde_json::Value| value["dry_run"]["plans"][0]["drift"]["changes"].clone();
    // What the run did is no drift.
    assert_eq!(drift(&json(&plan(&database, &next, &["--format", "json"]).expect_code(0))), serde_json::json!([]));
    database.execute("CREATE INDEX theirs ON items (name); CREATE TABLE beside (id int)");
    let changes = drift(&json(&plan(&database, &next, &["--format", "json"]).expect_code(0)));
    assert_eq!(changes.as_array().unwrap().len(), 1, "{changes:#}");
    assert_eq!(changes[0]["object"]["name"], "theirs");
}

#[test]
fn it_takes_few_transactions() {
    let database = database("dry_run_trips");
    database.send_bystanders_away();
    database.execute(ITEMS);
    let work = Work::new();
    let path = work.file("plan.yaml", PLAN);
    let ended = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()";
    let before: i64 = database.one(ended).parse().unwrap();
    run(&database, &["plan", path.to_str().unwrap()]).expect_code(0);
    // Sessions tell their counts at their end, at the latest.
    std::thread::sleep(std::time::Duration::from_millis(500));
    let after: i64 = database.one(ended).parse().unwrap();
    assert!(after - before <= TRANSACTIONS_MAX, "{} transactions", after - before);
}
