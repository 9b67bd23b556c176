//! Plans about partitions and heirs: a table that is named covers those below it, and one partition can be a target alone.

use tokio::runtime::Runtime;

use super::work::{Work, state, until};
use crate::support::{database, server_major};

const TREES: &str = "
    CREATE TABLE public.kind (id int PRIMARY KEY);
    INSERT INTO public.kind VALUES (1), (2);
    CREATE TABLE public.visit (id int, day date, kind_id int REFERENCES public.kind, note text, PRIMARY KEY (id, day, kind_id)) PARTITION BY RANGE (day);
    CREATE TABLE public.visit_2020 PARTITION OF public.visit FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
    CREATE TABLE public.visit_2021 PARTITION OF public.visit FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY LIST (kind_id);
    CREATE TABLE public.visit_2021_one PARTITION OF public.visit_2021 FOR VALUES IN (1);
    CREATE TABLE public.visit_2021_rest PARTITION OF public.visit_2021 DEFAULT;
    CREATE INDEX ON public.visit (kind_id, note);
    CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
    CREATE TRIGGER never BEFORE INSERT ON public.visit FOR EACH ROW WHEN (NEW.note = 'old') EXECUTE FUNCTION public.refuse();
    ALTER TABLE public.visit_2020 DISABLE TRIGGER never;
    INSERT INTO public.visit (id, day, kind_id) SELECT i, date '2020-01-01' + i * 14, 1 + i % 2 FROM generate_series(1, 50) AS i;
    UPDATE public.visit SET note = 'old' WHERE id % 3 = 0;
    CREATE TABLE public.base (id int, name text, CHECK (id > 0));
    CREATE TABLE public.heir (more int) INHERITS (public.base);
    ALTER TABLE public.base ADD COLUMN late text DEFAULT 'l';
    INSERT INTO public.base VALUES (1, 'one'), (2, 'two');
    INSERT INTO public.heir (id, name, more) VALUES (10, 'ten', 1);";

/// Partitioned tables show all rows below them, so each leaf is looked at, too.
const TABLES: [&str; 8] = ["visit", "visit_2020", "visit_2021", "visit_2021_one", "visit_2021_rest", "base", "heir", "kind"];

const NEVER: &str = "checks: {after: [{id: never, sql: SELECT 1 AS broken, expect: {rows: 0}}]}\n";

fn plan(target: &str, steps: &[&str]) -> String {
    let mut plan = format!("format: backstop/v1\nname: change\nbackup: {{targets: [{{tables: [{target}]}}]}}\nsteps:\n");
    for (number, sql) in steps.iter().enumerate() {
        plan.push_str(&format!("  - id: s{number}\n    sql: |\n      {sql}\n"));
    }
    plan
}

/// Each step commits, a check fails after all of them, and everything comes back.
#[track_caller]
fn comes_back(name: &str, target: &str, steps: &[&str]) -> String {
    let (database, work) = (database(name), Work::new());
    database.execute(TREES);
    let before = state(&database, &TABLES);
    let output = work.apply(&database, &(plan(target, steps) + NEVER)).expect_code(5);
    assert_eq!(state(&database, &TABLES), before, "{}", output.stdout);
    assert_eq!(database.one("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'backstop%'"), "0");
    output.stdout
}

#[test]
fn a_partitioned_target_covers_its_partitions() {
    let said = comes_back(
        "trees_whole",
        "public.visit",
        &[
            "DELETE FROM visit WHERE id < 10; UPDATE visit_2021_rest SET note = 'x'",
            "ALTER TABLE visit ADD COLUMN region text DEFAULT 'eu'; CREATE INDEX ON visit (region)",
            "ALTER TABLE visit DETACH PARTITION visit_2020; DROP TABLE visit_2021_one",
            "CREATE TABLE visit_2022 PARTITION OF visit FOR VALUES FROM ('2022-01-01') TO ('2023-01-01'); INSERT INTO visit (id, day, kind_id) VALUES (99, '2022-02-02', 1)",
            "TRUNCATE visit",
        ],
    );
    assert!(said.contains("visit_2021_rest"), "{said}");
}

/// From version 14 on. Such a step commits on its own, and leaves a CHECK behind that says what the partition's bound said.
#[test]
fn a_partition_that_was_detached_concurrently_comes_back() {
    if server_major() < 14 {
        return;
    }
    let detach = "  - {id: detach, transaction: none, sql: ALTER TABLE visit DETACH PARTITION visit_2020 CONCURRENTLY}\n";
    let (database, work) = (database("trees_detached"), Work::new());
    database.execute(TREES);
    let before = state(&database, &TABLES);
    let plan = plan("public.visit", &[]) + detach + "  - {id: more, sql: UPDATE visit_2020 SET note = 'alone'}\n" + NEVER;
    let output = work.apply(&database, &plan).expect_code(5);
    assert_eq!(state(&database, &TABLES), before, "{}", output.stdout);
}

/// The first half of it is committed when the second is cut off: the partition is there for nobody any more, and not yet gone.
#[test]
fn a_partition_that_was_half_detached_comes_back() {
    if server_major() < 14 {
        return;
    }
    let detach = "  - {id: detach, transaction: none, statement_timeout: 1s, probe: SELECT false, \
                  sql: ALTER TABLE visit DETACH PARTITION visit_2020 CONCURRENTLY}\n";
    let (database, work) = (database("trees_half_detached"), Work::new());
    database.execute(TREES);
    let before = state(&database, &TABLES);
    // One runtime for all that it does: what a connection reads and writes is done there.
    let runtime = Runtime::new().unwrap();
    let reader = runtime.block_on(database.connect());
    let pending = "SELECT count(*) FROM pg_inherits WHERE inhdetachpending";
    let output = std::thread::scope(|scope| {
        // It lets the backup be taken, is waited for by the statement's second half, and is gone before the restore has given up.
        let applied = scope.spawn(|| work.apply(&database, &(plan("public.visit", &[]) + HELD + detach)));
        until(&database, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4712 AND granted");
        runtime.block_on(reader.client.batch_execute("BEGIN; SELECT count(*) FROM visit")).unwrap();
        until(
            &database,
            "SELECT count(*) FROM pg_inherits WHERE inhdetachpending AND NOT EXISTS (
             SELECT FROM pg_stat_activity WHERE query LIKE '%DETACH PARTITION%' AND state = 'active'
             AND datname = current_database() AND pid <> pg_backend_pid())",
        );
        runtime.block_on(reader.client.batch_execute("ROLLBACK")).unwrap();
        applied.join().unwrap()
    });
    assert_eq!(state(&database, &TABLES), before, "{}", output.expect_code(5).stdout);
    assert_eq!(database.one(pending), "0");
}

/// Holds a lock that tells others that the backup is taken.
const HELD: &str = "  - {id: held, sql: \"SELECT pg_advisory_xact_lock(4712), pg_sleep(1)\"}\n";

#[test]
fn a_tree_that_was_dropped_comes_back() {
    comes_back("trees_dropped", "public.visit", &["DROP TABLE visit CASCADE"]);
}

#[test]
fn one_partition_can_be_the_target() {
    comes_back(
        "trees_leaf",
        "public.visit_2020",
        &[
            "UPDATE visit_2020 SET note = 'new'; DELETE FROM visit_2020 WHERE id = 3",
            "ALTER TABLE visit DETACH PARTITION visit_2020",
        ],
    );
    comes_back("trees_leaf_dropped", "public.visit_2020", &["DROP TABLE visit_2020"]);
    comes_back(
        "trees_leaf_above",
        "public.visit_2021",
        &["ALTER TABLE visit ADD COLUMN region text", "TRUNCATE visit_2021"],
    );
}

#[test]
fn a_parent_covers_its_heirs() {
    comes_back(
        "trees_heirs",
        "public.base",
        &[
            "UPDATE base SET name = upper(name)",
            "ALTER TABLE base ADD COLUMN region text, DROP COLUMN late",
            "ALTER TABLE heir NO INHERIT base",
        ],
    );
}

#[test]
fn rows_of_another_partition_are_not_covered() {
    let (database, work) = (database("trees_other"), Work::new());
    database.execute(TREES);
    let before = state(&database, &TABLES);
    for sql in ["UPDATE visit SET note = 'x'", "TRUNCATE visit_2021_one", "DROP TABLE visit_2021"] {
        let output = work.apply(&database, &plan("public.visit_2020", &[sql])).expect_code(5);
        assert!(output.stdout.contains("backstop::run::uncovered_write"), "{sql}: {}", output.stdout);
        assert!(output.stdout.contains("public.visit_2021_one"), "{sql}: {}", output.stdout);
        assert_eq!(state(&database, &TABLES), before);
    }
}

#[test]
fn writers_are_kept_from_leaves_and_from_the_whole() {
    let (database, work) = (database("trees_fence"), Work::new());
    database.execute(TREES);
    let writes = [
        "INSERT INTO visit (id, day, kind_id) VALUES (900, '2020-05-05', 1)",
        "DELETE FROM visit_2021_one",
        "TRUNCATE visit_2021_rest",
    ];
    // A step speaks to the server as another session would.
    let tries: Vec<String> = writes
        .iter()
        .map(|sql| format!("SET LOCAL backstop.run = ''; DO $$ BEGIN EXECUTE '{}'; RAISE EXCEPTION 'it was let through'; EXCEPTION WHEN SQLSTATE 'BSW01' THEN NULL; END $$", sql.replace('\'', "''")))
        .collect();
    let steps: Vec<&str> = tries.iter().map(String::as_str).collect();
    let output = work.apply(&database, &plan("public.visit", &steps));
    assert!(!output.stdout.contains("it was let through"), "{}", output.stdout);
    output.expect_code(0);
}

#[test]
fn foreign_tables_below_are_refused_before_anything() {
    let (database, work) = (database("trees_foreign"), Work::new());
    database.execute(TREES);
    database.execute(
        "CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
         CREATE TABLE public.mixed (id int) PARTITION BY LIST (id); CREATE TABLE public.mixed_1 PARTITION OF public.mixed FOR VALUES IN (1);
         CREATE FOREIGN TABLE public.mixed_2 PARTITION OF public.mixed FOR VALUES IN (2) SERVER far",
    );
    let output = work.apply(&database, &plan("public.mixed", &["DELETE FROM mixed_1"])).expect_code(4);
    let said = format!("{}{}", output.stdout, output.stderr);
    assert!(said.contains("has the foreign table public.mixed_2 among its partitions"), "{said}");
}
