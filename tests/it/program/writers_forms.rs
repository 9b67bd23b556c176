//! Every form in which an application may write, on both sides of a step that alters the tables: after the failed run the tables are as
//! if there had been no run, and the writes had come one after the other.

use tokio::runtime::Runtime;

use super::{
    gate::{Gate, waits_at},
    work::{Work, run, state},
};
use crate::support::{TestDatabase, database};

const TABLES: &str = include_str!("writers_forms/tables.sql");
const TARGETS: [&str; 13] = [
    "accounts",
    "bookings",
    "remarks",
    "visits",
    "events",
    "events_eu",
    "events_us",
    "events_other",
    "events_other_0",
    "events_other_1",
    "marks",
    "things",
    "machines",
];

/// Columns get other numbers and types, rows are rewritten and changed; what the application names stays.
const SHAPE: &str = "ALTER TABLE accounts ALTER score TYPE bigint, DROP extra; ALTER TABLE accounts ADD extra int;
    UPDATE accounts SET note = 'by the run'; DELETE FROM visits; ALTER TABLE visits DROP extra, ADD extra int;
    ALTER TABLE bookings DROP extra, ADD extra int; UPDATE bookings SET amount = amount + 1000;
    ALTER TABLE remarks ALTER remark TYPE varchar(100); UPDATE remarks SET remark = 'by the run';
    ALTER TABLE events ALTER n TYPE bigint, DROP extra; ALTER TABLE events ADD extra int; UPDATE events SET what = 'by the run';
    ALTER TABLE things DROP extra; ALTER TABLE things ADD extra int; UPDATE things SET name = 'by the run'";

/// A form of writing. Each line is sent by itself, all by one session.
struct Form {
    name: &'static str,
    /// The first version that knows it.
    since: u32,
    /// Before the run, while the tables are as they were, after the step, and after the run.
    moments: [&'static str; 4],
}

const FORMS: &[Form] = &[
    Form {
        name: "prepared statements",
        since: 0,
        moments: [
            "PREPARE put (bigint, text) AS INSERT INTO accounts (id, owner) VALUES ($1, $2)
             PREPARE give (bigint, int) AS UPDATE accounts SET balance = $2 WHERE id = $1
             PREPARE remove (bigint) AS DELETE FROM bookings WHERE id = $1
             PREPARE happen (bigint, text) AS INSERT INTO events (id, region, what) VALUES ($1, $2, 'prepared')
             SET plan_cache_mode = force_generic_plan
             EXECUTE give(1, 1)",
            "EXECUTE put(101, 'a'); EXECUTE give(101, 1); UPDATE accounts SET score = 8 WHERE id = 101
             EXECUTE remove(1)
             EXECUTE happen(101, 'eu')",
            "EXECUTE put(102, 'b')
             EXECUTE give(101, 2); UPDATE accounts SET score = 9 WHERE id = 101; EXECUTE give(102, 3); EXECUTE give(2, 4)
             EXECUTE remove(2)
             EXECUTE happen(102, 'us')",
            "EXECUTE put(103, 'c')
             EXECUTE give(102, 5)
             EXECUTE happen(103, 'asia')
             RESET plan_cache_mode",
        ],
    },
    Form {
        name: "prepared transactions",
        since: 0,
        moments: [
            "",
            "BEGIN; UPDATE accounts SET balance = 5 WHERE id = 4; INSERT INTO bookings (id, account) VALUES (110, 4); PREPARE TRANSACTION '{}1'
             COMMIT PREPARED '{}1'
             BEGIN; UPDATE accounts SET balance = 6 WHERE id = 5; PREPARE TRANSACTION '{}2'
             ROLLBACK PREPARED '{}2'",
            "BEGIN ISOLATION LEVEL SERIALIZABLE; UPDATE accounts SET balance = 7 WHERE id IN (4, 6); DELETE FROM bookings WHERE id = 3; PREPARE TRANSACTION '{}3'
             COMMIT PREPARED '{}3'
             BEGIN; INSERT INTO events (id, region, what) VALUES (110, 'us', 'in two phases'); PREPARE TRANSACTION '{}4'
             COMMIT PREPARED '{}4'",
            "",
        ],
    },
    Form {
        name: "cursors",
        since: 0,
        moments: [
            "",
            "BEGIN; DECLARE c CURSOR FOR SELECT * FROM accounts WHERE id BETWEEN 7 AND 9 ORDER BY id FOR UPDATE; FETCH c; UPDATE accounts SET balance = 8 WHERE CURRENT OF c; FETCH c; DELETE FROM accounts WHERE CURRENT OF c; COMMIT",
            "BEGIN; DECLARE c CURSOR FOR SELECT * FROM accounts WHERE id BETWEEN 10 AND 12 ORDER BY id FOR UPDATE; FETCH c; UPDATE accounts SET balance = 8 WHERE CURRENT OF c; FETCH c; DELETE FROM accounts WHERE CURRENT OF c; COMMIT
             BEGIN; DECLARE c CURSOR FOR SELECT * FROM events_us WHERE id = 10 FOR UPDATE; FETCH c; UPDATE events_us SET n = 1000 WHERE CURRENT OF c; COMMIT
             BEGIN; DECLARE c CURSOR FOR SELECT * FROM events_us WHERE id = 13 FOR UPDATE; FETCH c; DELETE FROM events_us WHERE CURRENT OF c; COMMIT",
            "",
        ],
    },
    Form {
        name: "COPY",
        since: 0,
        moments: [
            "",
            r#"COPY accounts (id, owner) FROM PROGRAM $$printf '201\tcopied\n202\tcopied as well\n'$$
             COPY visits (who) FROM PROGRAM $$printf 'copied\n'$$"#,
            r#"COPY accounts (balance, id, owner) FROM PROGRAM $$printf '9\t203\tlater\n'$$
             COPY visits (what, who) FROM PROGRAM $$printf '{"a":  1},comma\n' | sed 's/,/\t/'$$
             COPY events (id, n, region) FROM PROGRAM $$printf '201\t1\teu\n202\t2\tus\n203\t3\tasia\n'$$ WHERE n < 3
             COPY events_us (what, id, region) FROM PROGRAM $$printf 'direct\t204\tus\n'$$"#,
            "",
        ],
    },
    Form {
        name: "MERGE",
        since: 15,
        moments: [
            "",
            "MERGE INTO accounts AS a USING (VALUES (13, 'x'), (14, 'y'), (301, 'new')) AS v (id, owner) ON a.id = v.id WHEN MATCHED AND a.id = 13 THEN DELETE WHEN MATCHED THEN UPDATE SET owner = v.owner WHEN NOT MATCHED THEN INSERT (id, owner) VALUES (v.id, v.owner)",
            "MERGE INTO accounts AS a USING (VALUES (15, 'x'), (16, 'y'), (301, 'newer'), (302, 'later')) AS v (id, owner) ON a.id = v.id WHEN MATCHED AND a.id = 15 THEN DELETE WHEN MATCHED THEN UPDATE SET owner = v.owner, balance = 3 WHEN NOT MATCHED THEN INSERT (id, owner) VALUES (v.id, v.owner)
             MERGE INTO events AS e USING (VALUES (16, 'us'), (17, 'asia'), (301, 'eu')) AS v (id, region) ON e.id = v.id WHEN MATCHED THEN UPDATE SET region = 'eu', n = 5 WHEN NOT MATCHED THEN INSERT (id, region, n) VALUES (v.id, v.region, 6)
             MERGE INTO events AS e USING (VALUES (47, 'asia', true), (311, 'us', false), (50, 'us', false), (312, 'eu', false)) AS v (id, region, goes) ON e.id = v.id WHEN MATCHED AND goes THEN DELETE WHEN MATCHED THEN UPDATE SET region = v.region WHEN NOT MATCHED THEN INSERT (id, region) VALUES (v.id, v.region)",
            "",
        ],
    },
    Form {
        name: "ON CONFLICT",
        since: 0,
        moments: [
            "",
            "INSERT INTO accounts (id, owner) VALUES (17, 'again'), (401, 'first') ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, balance = accounts.balance + 1",
            "INSERT INTO accounts (id, owner) VALUES (18, 'again'), (401, 'second'), (402, 'third') ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, balance = accounts.balance + 1
             INSERT INTO accounts (id, owner) VALUES (18, 'nothing'), (403, 'fourth') ON CONFLICT DO NOTHING
             INSERT INTO events AS e (id, region, n) VALUES (18, 'eu', 1), (19, 'us', 2), (401, 'asia', 3) ON CONFLICT (region, id) DO UPDATE SET n = excluded.n + e.n",
            "",
        ],
    },
    Form {
        name: "partitions",
        since: 0,
        moments: [
            "",
            "UPDATE events SET region = 'us' WHERE id = 21
             UPDATE events SET region = 'asia', n = 7 WHERE id = 22
             INSERT INTO events_us (n, what, region, id) VALUES (1, 'direct', 'us', 501)
             INSERT INTO events (id, region) VALUES (502, 'africa'), (503, 'eu')",
            "UPDATE events SET region = 'eu' WHERE id IN (23, 24, 25)
             UPDATE events SET region = 'us', n = 8 WHERE id IN (26, 501, 502, 503)
             UPDATE events SET id = id + 1000 WHERE id IN (27, 28, 29, 30, 31, 32)
             INSERT INTO events_us (n, what, region, id) VALUES (2, 'direct', 'us', 504)
             INSERT INTO events_other (id, region, n) VALUES (505, 'africa', 3), (506, 'africa', 4)
             UPDATE events_other SET id = 507 WHERE id = 505
             DELETE FROM events_other WHERE id = 506
             BEGIN; DELETE FROM events WHERE id = 44; INSERT INTO events (id, region, n) VALUES (44, 'us', 9); COMMIT
             BEGIN; UPDATE events SET n = 9 WHERE id = 53; UPDATE events SET region = 'us' WHERE id = 53; UPDATE events SET region = 'eu', id = 553 WHERE id = 53; COMMIT
             WITH moved AS (DELETE FROM events_us WHERE id = 504 RETURNING *) INSERT INTO events (id, region, what, n) SELECT id, 'eu', what, n FROM moved",
            "",
        ],
    },
    Form {
        name: "cascades",
        since: 0,
        moments: [
            "",
            "DELETE FROM accounts WHERE id = 31
             UPDATE accounts SET id = 632 WHERE id = 32
             DELETE FROM bookings WHERE id = 33",
            "DELETE FROM accounts WHERE id = 34
             UPDATE accounts SET id = 635 WHERE id = 35
             UPDATE accounts SET id = 636 WHERE id = 36; UPDATE accounts SET id = 637 WHERE id = 636; DELETE FROM accounts WHERE id = 637
             DELETE FROM bookings WHERE id = 37
             DELETE FROM events WHERE id = 38
             UPDATE events SET id = 639 WHERE id = 39
             BEGIN; INSERT INTO remarks (id, account) VALUES (601, 640); INSERT INTO accounts (id, owner) VALUES (640, 'after its remark'); COMMIT
             BEGIN; SET CONSTRAINTS ALL DEFERRED; UPDATE remarks SET account = 641 WHERE id = 40; UPDATE accounts SET id = 641 WHERE id = 40; COMMIT",
            "",
        ],
    },
    Form {
        name: "several at once",
        since: 0,
        moments: [
            "",
            "WITH gone AS (DELETE FROM bookings WHERE id = 41 RETURNING account) UPDATE accounts SET balance = 41 FROM gone WHERE accounts.id = gone.account
             UPDATE rich SET owner = 'richer' WHERE id = 41
             INSERT INTO rich (id, owner, balance) VALUES (701, 'rich', 2000)
             UPDATE things SET name = 'first' WHERE id IN (1, 11)",
            "WITH gone AS (DELETE FROM bookings WHERE id = 42 RETURNING account), other AS (INSERT INTO accounts (id, owner) VALUES (702, 'other') RETURNING id) UPDATE accounts SET balance = 42 FROM gone WHERE accounts.id = gone.account
             UPDATE rich SET owner = 'richer' WHERE id = 701
             INSERT INTO rich (id, owner, balance) VALUES (703, 'rich', 2000)
             DELETE FROM bookings USING accounts WHERE accounts.id = bookings.account AND accounts.owner = 'owner 43'
             INSERT INTO seen VALUES (701, 'by a rule')
             INSERT INTO accounts (id, owner, note) VALUES (704, 'with a note', '  to be trimmed ')
             DO $$ BEGIN UPDATE accounts SET balance = 44 WHERE id = 44; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN UPDATE accounts SET balance = 45 WHERE id = 45; END $$
             BEGIN; UPDATE accounts SET balance = 1 WHERE id = 46; SAVEPOINT s; UPDATE accounts SET balance = 2 WHERE id = 46; ROLLBACK TO s; UPDATE accounts SET balance = balance + 4 WHERE id = 46; COMMIT
             UPDATE things SET name = 'second' WHERE id IN (2, 12)
             INSERT INTO machines (id, name, power) VALUES (20, 'new', 1)
             DELETE FROM things WHERE id IN (3, 13)
             SET session_replication_role = replica
             UPDATE accounts SET balance = 47 WHERE id = 47; INSERT INTO visits (who) VALUES ('briefly'), ('for long'); DELETE FROM visits WHERE who = 'briefly'; INSERT INTO events (id, region) VALUES (705, 'eu')
             RESET session_replication_role",
            "",
        ],
    },
    Form {
        name: "TRUNCATE",
        since: 0,
        moments: [
            "",
            "TRUNCATE visits; INSERT INTO visits (who) VALUES ('first')
             TRUNCATE ONLY machines
             BEGIN; TRUNCATE remarks; ROLLBACK",
            "INSERT INTO visits (who) VALUES ('second')
             BEGIN; SAVEPOINT s; TRUNCATE accounts, bookings, remarks, letters; ROLLBACK TO s; INSERT INTO visits (who) VALUES ('third'); COMMIT
             TRUNCATE marks, events_us; INSERT INTO events (id, region) VALUES (801, 'us')
             TRUNCATE things; INSERT INTO things (id, name) VALUES (801, 'anew')",
            "TRUNCATE remarks",
        ],
    },
    Form {
        name: "TRUNCATE of everything",
        since: 0,
        moments: [
            "",
            "TRUNCATE bookings CASCADE; INSERT INTO bookings (id, account) VALUES (-1, 50)",
            "TRUNCATE accounts RESTART IDENTITY CASCADE
             INSERT INTO accounts (owner) VALUES ('the first again')
             TRUNCATE events CASCADE; INSERT INTO events (id, region) VALUES (901, 'eu'), (902, 'us'), (903, 'asia')",
            "",
        ],
    },
];

#[test]
fn every_form_of_writing_is_carried_over_whatever_a_step_makes_of_the_tables() {
    let (changed, alone) = (database("writers_forms"), database("writers_forms_alone"));
    for database in [&changed, &alone] {
        database.execute(TABLES);
    }
    let version: u32 = alone.one("SELECT current_setting('server_version_num')::int / 10000").parse().unwrap();
    for form in FORMS.iter().filter(|form| form.since <= version) {
        let writer = Writer::new(&alone);
        form.moments.iter().for_each(|moment| writer.write(moment));
        fail_while_it_is_written(&changed, form);
        let lost =
            "SELECT concat_ws(' ', table_name, operation, old_row, new_row, sqlstate, reason) FROM backstop.quarantine";
        assert_eq!(changed.psql(lost), "", "{}", form.name);
        for table in TARGETS.iter().chain(&["letters"]) {
            let rows = format!("SELECT * FROM ONLY {table} AS t ORDER BY t::text COLLATE \"C\"");
            assert_eq!(changed.psql(&rows), alone.psql(&rows), "{} {table}", form.name);
        }
    }
    assert_eq!(state(&changed, &TARGETS).0, state(&alone, &TARGETS).0);
}

/// A run that comes to nothing, with what the form does before, on both sides of the step, and after.
fn fail_while_it_is_written(database: &TestDatabase, form: &Form) {
    let (work, before, after) = (Work::new(), Gate::shut_at(database, 4711), Gate::shut_at(database, 4712));
    let [first, second, third, fourth] = form.moments;
    let writer = Writer::new(database);
    writer.write(first);
    let output = std::thread::scope(|scope| {
        let applied = scope.spawn(|| work.apply(database, &plan("60s")));
        before.await_somebody();
        writer.write(second);
        before.open();
        after.await_somebody();
        writer.write(third);
        after.open();
        applied.join().unwrap()
    });
    assert_eq!(output.code, Some(5), "{}: {}{}", form.name, output.stdout, output.stderr);
    writer.write(fourth);
}

fn plan(lock_timeout: &str) -> String {
    let tables: Vec<String> = TARGETS.iter().map(|table| format!("public.{table}")).collect();
    format!(
        "format: backstop/v1\nname: change\nsession: {{lock_timeout: {lock_timeout}, search_path: [public]}}\n\
         backup: {{writers: capture, targets: [{{tables: [{}]}}]}}\nsteps:\n{}  - {{id: shape, sql: \"{}\"}}\n{}  \
         - {{id: fails, sql: SELECT 1 / 0}}\n",
        tables.join(", "),
        waits_at(4711),
        SHAPE.replace('\n', " "),
        waits_at(4712)
    )
}

/// One session of the application.
struct Writer {
    runtime: Runtime,
    session: backstop::postgres::connection::Connection,
    name: String,
}

impl Writer {
    fn new(database: &TestDatabase) -> Self {
        let runtime = Runtime::new().unwrap();
        let session = runtime.block_on(database.connect());
        Writer { runtime, session, name: database.name.clone() }
    }

    /// Names of prepared transactions are the server's: `{}` stands for what makes them the database's own.
    fn write(&self, lines: &str) {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let sent = self.runtime.block_on(self.session.client.batch_execute(&line.replace("{}", &self.name)));
            sent.unwrap_or_else(|error| panic!("{line}: {error:?}"));
        }
    }
}

/// It keeps its locks without a session: a step waits for it, and so does the way back, which can be tried again.
#[test]
fn a_prepared_transaction_is_waited_for_and_nothing_of_it_is_lost() {
    let database = database("writers_prepared");
    database.execute(TABLES);
    let (work, before, after) = (Work::new(), Gate::shut_at(&database, 4711), Gate::shut_at(&database, 4712));
    let writer = Writer::new(&database);
    let output = std::thread::scope(|scope| {
        let applied = scope.spawn(|| work.apply(&database, &plan("3s")));
        before.await_somebody();
        writer.write("BEGIN; UPDATE accounts SET balance = 1 WHERE id = 1; PREPARE TRANSACTION '{}a'");
        before.open();
        super::work::until(
            &database,
            "SELECT count(*) FROM pg_locks WHERE relation = 'accounts'::regclass AND NOT granted AND mode = 'AccessExclusiveLock'",
        );
        writer.write("COMMIT PREPARED '{}a'");
        after.await_somebody();
        writer.write(
            "BEGIN; UPDATE accounts SET balance = 2 WHERE id = 2; INSERT INTO events (id, region) VALUES (101, 'us'); PREPARE TRANSACTION '{}b'",
        );
        after.open();
        applied.join().unwrap()
    });
    assert!([Some(6), Some(7)].contains(&output.code), "{:?} {}{}", output.code, output.stdout, output.stderr);
    assert!(output.stdout.contains("prepared"), "{}", output.stdout);
    writer.write("COMMIT PREPARED '{}b'");
    run(&database, &["restore", "--yes"]).expect_code(0);
    assert_eq!(database.psql("SELECT reason FROM backstop.quarantine"), "");
    assert_eq!(
        database
            .one("SELECT string_agg(concat_ws(' ', id, balance, note, extra), ', ' ORDER BY id) FROM accounts WHERE id < 4"),
        "1 1  x1, 2 2  x2, 3 0  x3"
    );
    assert_eq!(database.one("SELECT count(*) FROM events_us WHERE id = 101"), "1");
}
