//! What becomes of writes of the application while a run goes on: refused, noted, or carried over; never lost in silence.

use tokio::runtime::Runtime;

use super::{
    clients::{Accepting, Clients},
    gate::{Gate, WAITS, meanwhile},
    work::{Work, run, state, until},
};
use crate::support::{Program, Subscription, TestDatabase, database, psql};

const SHOP: &str = include_str!("writers/shop.sql");
const TABLES: [&str; 3] = ["accounts", "bookings", "visits"];

fn plan(writers: &str, steps: &str) -> String {
    format!(
        "format: backstop/v1\nname: change\nsession: {{lock_timeout: 60s}}\n\
         backup: {{writers: {writers}, targets: [{{tables: [public.accounts, public.bookings, public.visits]}}]}}\n\
         steps:\n{steps}"
    )
}

const FAILS: &str = "  - {id: fails, sql: SELECT 1 / 0}\n";
/// What clients of the old shape can live with, though it changes every row and its type.
const CHANGES: &str = "  - {id: remark, sql: UPDATE accounts SET note = 'by the run'}\n  \
    - {id: widen, sql: ALTER TABLE accounts ALTER balance TYPE bigint}\n";

fn no_trace(database: &TestDatabase) {
    assert_eq!(database.one("SELECT count(*) FROM pg_trigger WHERE tgname LIKE '%backstop%'"), "0");
    assert_eq!(database.one("SELECT count(*) FROM backstop.later_writes"), "0");
}

#[test]
fn eight_clients_lose_nothing_in_a_restore_that_carries_their_writes_over() {
    let database = database("writers_capture");
    database.execute(SHOP);
    let (work, gate) = (Work::new(), Gate::shut(&database));
    let clients = Clients::start(&database, Accepting::Everything);
    let plan = plan("capture", &format!("{CHANGES}{WAITS}{FAILS}"));
    let output = std::thread::scope(|scope| {
        let applied = scope.spawn(|| work.apply(&database, &plan));
        gate.await_somebody();
        clients.write_for_a_while();
        gate.open();
        applied.join().unwrap()
    });
    clients.write_for_a_while();
    let written = clients.stop();
    let output = output.expect_code(5);
    assert!(output.stdout.contains("changes of others carried over"), "{}", output.stdout);
    written.assert_is_all_there(&database);
    assert_eq!(database.one("SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 'accounts'::regclass AND attname = 'balance'"), "integer");
    assert_eq!(database.psql("SELECT reason FROM backstop.quarantine"), "");
    no_trace(&database);
    // What was carried over is not numbered again. Clients choose their keys, so that only they know what came after that.
    assert_eq!(database.one("SELECT nextval('accounts_id_seq') > 8000000"), "t");
}

/// How many runs fail in a row; `just failed-runs` has more.
fn rounds() -> usize {
    std::env::var("BACKSTOP_TEST_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(4)
}

/// What the steps of the rounds do to the tables; each is taken back.
const SHAPES: [&str; 4] = [
    "ALTER TABLE accounts ALTER balance TYPE bigint; UPDATE accounts SET note = 'by the run'",
    "ALTER TABLE accounts DROP COLUMN note; ALTER TABLE accounts ADD COLUMN region text DEFAULT 'eu'",
    "ALTER TABLE accounts RENAME note TO remark; ALTER TABLE bookings ADD COLUMN at timestamptz DEFAULT now(); DELETE FROM visits",
    "ALTER TABLE visits ALTER what TYPE text; ALTER TABLE readings DROP COLUMN note, ADD COLUMN note text DEFAULT 'anew'",
];

/// Failed runs one after the other, while clients write at all levels of isolation, some in prepared transactions, and a subscription
/// brings rows.
#[test]
fn nothing_is_lost_and_nothing_lands_in_another_column_in_many_failed_runs() {
    let (from, database) = (crate::support::database("writers_many_from"), database("writers_many"));
    database.execute(SHOP);
    for database in [&from, &database] {
        database.execute("CREATE TABLE public.readings (id int PRIMARY KEY, value int, note text)");
    }
    let subscription = Subscription::new(&from, "FOR TABLE readings", &database, "");
    let clients = Clients::start(&database, Accepting::Everything);
    for round in 0..rounds() {
        let steps = format!("  - {{id: shape, sql: \"{}\"}}\n{WAITS}{FAILS}", SHAPES[round % SHAPES.len()]);
        let plan = plan("capture", &steps).replace("public.visits]", "public.visits, public.readings]");
        meanwhile(&database, &plan, || {
            let (first, last) = (round * 20, round * 20 + 19);
            from.execute(&format!("INSERT INTO readings SELECT i, i, 'n' || i FROM generate_series({first}, {last}) AS i"));
            from.execute(&format!(
                "UPDATE readings SET value = value * 2 WHERE id = {first}; DELETE FROM readings WHERE id = {last}"
            ));
            clients.write_for_a_while();
        })
        .expect_code(5);
    }
    subscription.until_same("SELECT string_agg(concat_ws('/', id, value), ' ' ORDER BY id) FROM readings");
    clients.stop().assert_is_all_there(&database);
    let lost = "SELECT reason FROM backstop.quarantine WHERE NOT carried_over";
    assert_eq!(database.psql(lost), "");
    no_trace(&database);
}

#[test]
fn a_runner_that_is_killed_loses_no_write_either() {
    let database = database("writers_killed");
    database.execute(SHOP);
    let (work, gate) = (Work::new(), Gate::shut(&database));
    let clients = Clients::start(&database, Accepting::Everything);
    let path = work.file("plan.yaml", &plan("capture", &format!("{CHANGES}{WAITS}{FAILS}")));
    let mut child = Program::new().arguments(&["apply", path.to_str().unwrap(), "--database-url", &database.url]).spawn();
    gate.await_somebody();
    clients.write_for_a_while();
    child.kill().unwrap();
    child.wait().unwrap();
    clients.write_for_a_while();
    run(&database, &["restore", "--yes"]).expect_code(0);
    gate.open();
    clients.write_for_a_while();
    clients.stop().assert_is_all_there(&database);
    assert_eq!(database.psql("SELECT reason FROM backstop.quarantine"), "");
    no_trace(&database);
}

#[test]
fn eight_clients_that_are_kept_away_are_told_so_each_time() {
    let database = database("writers_block");
    database.execute(SHOP);
    let (work, gate) = (Work::new(), Gate::shut(&database));
    let clients = Clients::start(&database, Accepting::Refusals);
    let output = std::thread::scope(|scope| {
        let applied = scope.spawn(|| work.apply(&database, &plan("block", &format!("{CHANGES}{WAITS}{FAILS}"))));
        gate.await_somebody();
        clients.be_refused_for_a_while();
        gate.open();
        applied.join().unwrap()
    });
    clients.write_for_a_while();
    let written = clients.stop();
    output.expect_code(5);
    assert!(written.refused > 0);
    written.assert_is_all_there(&database);
    no_trace(&database);
}

#[test]
fn a_noted_write_stops_the_restore_until_somebody_decides() {
    let (database, work) = (database("writers_detect"), Work::new());
    database.execute(SHOP);
    let before = state(&database, &TABLES);
    let plan = plan("detect", &format!("{CHANGES}{WAITS}{FAILS}"));
    let output = meanwhile(&database, &plan, || {
        database.execute("BEGIN; UPDATE accounts SET balance = 5 WHERE id < 5; UPDATE accounts SET balance = 6; COMMIT");
        database
            .execute("BEGIN; DELETE FROM bookings; ROLLBACK; BEGIN; SAVEPOINT s; DELETE FROM visits; ROLLBACK TO s; COMMIT");
        database.execute("UPDATE bookings SET amount = 7 WHERE id = -1");
    })
    .expect_code(6);
    for word in ["public.accounts: 1 transaction by", "--overwrite-later-writes", "backstop accept", "later_writes"] {
        assert!(output.stdout.contains(word), "{word} is missing in\n{}", output.stdout);
    }
    assert!(!output.stdout.contains("bookings: "), "{}", output.stdout);
    assert_eq!(database.one("SELECT balance FROM accounts WHERE id = 20"), "6");
    let path = work.file("plan.yaml", &plan);
    let again = Program::new().arguments(&["resume", path.to_str().unwrap(), "--database-url", &database.url]).run();
    again.expect_code(6);
    run(&database, &["restore", "--yes"]).expect_code(6);
    assert_eq!(database.one("SELECT balance FROM accounts WHERE id = 20"), "6");
    let restored = run(&database, &["restore", "--yes", "--overwrite-later-writes"]).expect_code(0);
    assert!(restored.stdout.contains("overwritten, as asked"), "{}", restored.stdout);
    assert_eq!(state(&database, &TABLES), before);
    no_trace(&database);
}

#[test]
fn what_others_wrote_before_the_fence_is_no_change_of_the_run() {
    const STANDS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND application_name = 'backstop change/backup' AND wait_event_type = 'Lock'";

    let (database, work) = (database("writers_unchanged"), Work::new());
    database.execute(SHOP);
    let unchanged = "checks: {unchanged: [{id: same-visits, row_count: {table: public.visits}}]}\n";
    let plan = plan("block", CHANGES) + unchanged;
    let runtime = Runtime::new().unwrap();
    let other = runtime.block_on(database.connect());
    runtime.block_on(other.client.batch_execute("BEGIN; INSERT INTO visits VALUES ('late', NULL)")).unwrap();
    let output = std::thread::scope(|scope| {
        let applied = scope.spawn(|| work.apply(&database, &plan));
        until(&database, STANDS);
        runtime.block_on(other.client.batch_execute("COMMIT")).unwrap();
        applied.join().unwrap()
    });
    output.expect_code(0);
    let asked = "SELECT jsonb_array_length(event -> 'unchanged') FROM backstop.events WHERE kind = 'backup_completed'";
    assert_eq!(database.one(asked), "1");
    no_trace(&database);
}

#[test]
fn a_noted_write_can_be_kept() {
    let database = database("writers_kept");
    database.execute(SHOP);
    let plan = plan("detect", &format!("{CHANGES}{WAITS}{FAILS}"));
    meanwhile(&database, &plan, || database.execute("TRUNCATE visits")).expect_code(6);
    run(&database, &["accept", "--reason", "their visits count"]).expect_code(0);
    assert_eq!(database.one("SELECT count(*) FROM visits"), "0");
    no_trace(&database);
}

#[test]
fn without_a_later_write_a_restore_needs_nobody() {
    let database = database("writers_nothing_noted");
    database.execute(SHOP);
    let before = state(&database, &TABLES);
    let plan = plan("detect", &format!("{CHANGES}{WAITS}{FAILS}"));
    meanwhile(&database, &plan, || database.execute("UPDATE letters SET account = 1")).expect_code(5);
    assert_eq!(state(&database, &TABLES), before);
    no_trace(&database);
}

#[test]
fn truncation_cascades_and_changed_keys_are_carried_over() {
    let database = database("writers_whole");
    database.execute(SHOP);
    let plan = plan("capture", &format!("{CHANGES}{WAITS}{FAILS}"));
    let theirs = "
        DELETE FROM accounts WHERE id = 3;
        UPDATE accounts SET id = 104, balance = 1 WHERE id = 4;
        BEGIN; INSERT INTO accounts VALUES (200, 'new', 1, 'n'); INSERT INTO bookings VALUES (200, 200, 1.50); COMMIT;
        INSERT INTO letters VALUES (200), (104);
        DELETE FROM visits WHERE ctid = (SELECT min(ctid) FROM visits);
        UPDATE visits SET who = 'w' WHERE who = 'v3';
        UPDATE accounts SET balance = 9 WHERE id = 5; UPDATE accounts SET balance = 10 WHERE id = 5;
        BEGIN; UPDATE accounts SET balance = 11 WHERE id = 5; SAVEPOINT s; UPDATE accounts SET balance = 12 WHERE id = 5;
        ROLLBACK TO s; COMMIT;";
    let expected = crate::support::database("writers_whole_alone");
    expected.execute(SHOP);
    expected.psql(theirs);
    meanwhile(&database, &plan, || drop(database.psql(theirs))).expect_code(5);
    assert_eq!(database.psql("SELECT * FROM backstop.quarantine"), "");
    assert_eq!(state(&database, &TABLES), state(&expected, &TABLES));
    assert_eq!(database.rows("letters"), expected.rows("letters"));
    assert_eq!(database.rows("seen"), expected.rows("seen"));

    let all = "TRUNCATE accounts, bookings, letters; INSERT INTO accounts (owner, balance) VALUES ('first', 1)";
    meanwhile(&database, &plan, || drop(database.psql(all))).expect_code(5);
    assert_eq!(database.psql("SELECT reason FROM backstop.quarantine"), "");
    assert_eq!(database.one("SELECT string_agg(owner, ',') FROM accounts"), "first");
    assert_eq!(database.one("SELECT count(*) FROM bookings"), "0");
    no_trace(&database);
}

/// The backup's rows point to one that is gone until the captured writes, which went with it, are made again.
#[test]
fn a_row_that_the_backup_does_not_hold_is_deleted_with_those_that_point_to_it() {
    let database = database("writers_outside");
    database.execute(SHOP);
    database.execute(
        "CREATE TABLE branches (id int PRIMARY KEY); INSERT INTO branches VALUES (1), (2);
         ALTER TABLE accounts ADD branch int REFERENCES branches ON DELETE CASCADE;
         UPDATE accounts SET branch = 1 + id % 2 WHERE id > 15",
    );
    let plan = plan("capture", &format!("{CHANGES}{WAITS}{FAILS}"));
    meanwhile(&database, &plan, || database.execute("DELETE FROM branches WHERE id = 2")).expect_code(5);
    assert_eq!(database.psql("SELECT reason FROM backstop.quarantine"), "");
    assert_eq!(database.one("SELECT string_agg(id::text, ',' ORDER BY id) FROM accounts WHERE id > 14"), "15,16,18,20");
    assert_eq!(database.one("SELECT count(*) FROM accounts WHERE note <> ''"), "0");
    let validated = "SELECT convalidated FROM pg_constraint WHERE conname = 'accounts_branch_fkey'";
    assert_eq!(database.one(validated), "t");
    no_trace(&database);
}

/// Between a dropped foreign key and a restore the application may write what the key would have refused.
#[test]
fn what_a_dropped_foreign_key_let_through_stands_in_quarantine() {
    let database = database("writers_keys");
    database.execute(SHOP);
    database.execute(
        "CREATE TABLE branches (id int PRIMARY KEY, name text); INSERT INTO branches VALUES (1, 'a'), (2, 'b'), (3, 'c');
         ALTER TABLE accounts ADD branch int REFERENCES branches;
         UPDATE accounts SET branch = 1 + id % 2 WHERE id > 15; INSERT INTO letters VALUES (3), (4), (5)",
    );
    let before = database.dump_others_schema();
    let steps = "  - {id: free, sql: ALTER TABLE accounts DROP CONSTRAINT accounts_branch_fkey}\n  \
        - {id: freer, sql: ALTER TABLE letters DROP CONSTRAINT letters_account_fkey}\n  \
        - {id: row, sql: \"INSERT INTO accounts VALUES (500, 'theirs', 0)\"}\n";
    let plan = plan("capture", &format!("{CHANGES}{steps}{WAITS}{FAILS}"));
    let output = meanwhile(&database, &plan, || {
        // Its rows of the backup are 16, 18 and 20, and nobody captures what becomes of branches. 18 is gone by the end.
        database.execute("DELETE FROM branches WHERE id = 1");
        database.execute("UPDATE accounts SET balance = 7 WHERE id = 18");
        database.execute("DELETE FROM accounts WHERE id = 18");
        // Letters point to these two; the other change of the transaction is fine.
        database.execute("BEGIN; DELETE FROM accounts WHERE id = 3; UPDATE accounts SET balance = 8 WHERE id = 5; COMMIT");
        database.execute("UPDATE accounts SET id = 104 WHERE id = 4");
        // To a row that only a step had made, and to one that nobody has.
        database.execute("INSERT INTO letters VALUES (500), (900)");
        database.execute("UPDATE accounts SET branch = 77 WHERE id = 19");
        database.execute("INSERT INTO accounts (id, owner, balance, branch) VALUES (300, 'new', 1, 3), (301, 'new', 1, 33)");
    })
    .expect_code(5);
    assert!(output.stdout.contains("rows that pointed to nothing taken out"), "{}", output.stdout);
    assert_eq!(database.dump_others_schema(), before);
    assert_eq!(
        database.psql(
            "SELECT concat_ws(' ', table_name, operation, sqlstate, coalesce(old_row, new_row) ->> 'id', coalesce(old_row, new_row) ->> 'account',
             new_row ->> 'branch') FROM backstop.quarantine ORDER BY 1"
        ),
        "accounts DELETE 23503 3\naccounts INSERT 23503 16 1\naccounts INSERT 23503 20 1\naccounts INSERT 23503 301 33\n\
         accounts UPDATE 23503 19 77\naccounts UPDATE 23503 4\nbookings UPDATE 23503 4 4\n\
         letters INSERT 23503 500\nletters INSERT 23503 900"
    );
    assert_eq!(
        database.psql("SELECT DISTINCT reason FROM backstop.quarantine WHERE table_name = 'letters'"),
        "the row of public.accounts that it points to is not there, and foreign key letters_account_fkey is made again; \
         it was taken out of the table"
    );
    let accounts = "SELECT string_agg(concat_ws('/', id, balance, branch), ' ' ORDER BY id) FROM accounts WHERE id IN (3, 4, 5) OR id > 15";
    assert_eq!(database.one(accounts), "3/0 4/0 5/8 17/0/2 19/0/2 300/1/3");
    assert_eq!(database.one("SELECT string_agg(account::text, ' ' ORDER BY account) FROM letters"), "3 4 5");
    no_trace(&database);
}

/// What is taken out takes along what points to it, with its own row in quarantine.
#[test]
fn what_points_to_a_row_that_is_taken_out_stands_in_quarantine_too() {
    let database = database("writers_chain");
    database.execute(SHOP);
    database.execute(
        "CREATE EXTENSION citext; CREATE TABLE \"Odd branches\" (a citext, b int, PRIMARY KEY (a, b)) PARTITION BY LIST (b);
         CREATE TABLE one PARTITION OF \"Odd branches\" FOR VALUES IN (1); INSERT INTO \"Odd branches\" VALUES ('x', 1), ('y', 1);
         ALTER TABLE accounts ADD \"row_\" citext, ADD b int, ADD up bigint REFERENCES accounts ON DELETE CASCADE,
             ADD FOREIGN KEY (\"row_\", b) REFERENCES \"Odd branches\" ON DELETE SET NULL;
         UPDATE accounts SET \"row_\" = 'X', b = 1 WHERE id = 3; UPDATE accounts SET \"row_\" = 'Y', b = 1 WHERE id = 5;
         UPDATE accounts SET up = 3 WHERE id = 4; UPDATE accounts SET up = up.id FROM accounts AS up WHERE up.id = accounts.id AND up.id = 3;
         INSERT INTO letters VALUES (4), (5);
         CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;
         CREATE TRIGGER no BEFORE DELETE ON accounts FOR EACH ROW EXECUTE FUNCTION no()",
    );
    let before = database.dump_others_schema();
    let free = "  - {id: free, sql: 'ALTER TABLE accounts DROP CONSTRAINT \"accounts_row__b_fkey\"'}\n";
    let plan = plan("capture", &format!("{CHANGES}{free}{WAITS}{FAILS}"));
    meanwhile(&database, &plan, || database.execute("DELETE FROM \"Odd branches\" WHERE a = 'x'")).expect_code(5);
    assert_eq!(database.dump_others_schema(), before);
    assert_eq!(
        database.psql(
            "SELECT concat_ws(' ', table_name, new_row ->> 'id', new_row ->> 'account') FROM backstop.quarantine ORDER BY 1"
        ),
        "accounts 3\naccounts 4\nbookings 3 3\nbookings 4 4\nletters 4"
    );
    assert_eq!(database.one("SELECT count(*) FROM accounts"), "18");
    assert_eq!(database.one("SELECT tgenabled FROM pg_trigger WHERE tgname = 'no'"), "O");
    no_trace(&database);
}

#[test]
fn what_does_not_fit_the_restored_shape_stands_in_quarantine_with_its_reason() {
    let database = database("writers_shape");
    database.execute(SHOP);
    let steps = "  - {id: rename, sql: ALTER TABLE visits RENAME who TO visitor}\n  \
        - {id: retype, sql: ALTER TABLE bookings ALTER amount TYPE text}\n  \
        - {id: more, sql: ALTER TABLE accounts ADD region text NOT NULL DEFAULT 'eu'}\n  \
        - {id: moved, sql: ALTER TABLE accounts RENAME TO customers}\n  \
        - id: row\n    sql: INSERT INTO customers VALUES (500, 'theirs', 0)\n";
    let output = meanwhile(&database, &plan("capture", &format!("{steps}{WAITS}{FAILS}")), || {
        database.execute("INSERT INTO visits VALUES ('renamed', '{}')");
        database.execute("UPDATE bookings SET amount = '12.50' WHERE id = 1");
        database.execute("UPDATE bookings SET amount = 'twelve' WHERE id = 2");
        database.execute("INSERT INTO customers VALUES (300, 'with region', 3, '', DEFAULT, 'us')");
        database.execute("UPDATE customers SET balance = 4 WHERE id = 7");
        database.execute("UPDATE customers SET balance = 5 WHERE id = 500");
    })
    .expect_code(5);
    assert!(output.stdout.contains("look into backstop.quarantine"), "{}", output.stdout);
    assert_eq!(
        database.psql(
            "SELECT concat_ws(' | ', table_name, operation, sqlstate, reason, carried_over, coalesce(new_row ->> 'visitor', new_row ->> 'amount',
             new_row ->> 'region')) FROM backstop.quarantine ORDER BY seq"
        ),
        "bookings | UPDATE | 22P02 | invalid input syntax for type numeric: \"twelve\" | f | twelve\n\
         accounts | INSERT | 42703 | the restored table has no column region; the rest was made again | t | us\n\
         accounts | UPDATE | P0002 | the row that was changed is not in the restored table | f | eu"
    );
    assert_eq!(database.one("SELECT string_agg(amount::text, ',' ORDER BY id) FROM bookings WHERE id < 3"), "12.50,2.0");
    assert_eq!(
        database.one("SELECT string_agg(owner || balance || note, ',' ORDER BY id) FROM accounts WHERE id IN (7, 300, 500)"),
        "owner 74,with region3"
    );
    assert_eq!(
        database.one("SELECT count(*) FROM visits WHERE who = 'renamed'"),
        "1",
        "a column is the same under another name"
    );
    no_trace(&database);
}

/// By name alone the values of both would change places.
#[test]
fn a_value_goes_to_the_column_that_it_was_written_to_whatever_that_is_called_now() {
    let database = database("writers_renamed");
    database.execute(SHOP);
    database.execute(
        "ALTER TABLE bookings ADD COLUMN back numeric, ADD COLUMN due timestamptz, ADD COLUMN code char(4) DEFAULT 'x'",
    );
    let steps = "  - {id: swap, sql: ALTER TABLE bookings RENAME amount TO x; ALTER TABLE bookings RENAME back TO amount; ALTER TABLE bookings RENAME x TO back}\n  \
        - {id: anew, sql: ALTER TABLE visits DROP what; ALTER TABLE visits ADD what int}\n  \
        - {id: day, sql: 'ALTER TABLE bookings ALTER due TYPE timestamp, ALTER code TYPE text'}\n";
    meanwhile(&database, &plan("capture", &format!("{steps}{WAITS}{FAILS}")), || {
        for isolation in ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"] {
            let begin = format!("BEGIN ISOLATION LEVEL {isolation}");
            let id = database.one("SELECT max(id) + 1 FROM bookings");
            database.execute(&format!(
                "{begin}; INSERT INTO bookings (id, account, amount, back) VALUES ({id}, 1, 2, 1); COMMIT"
            ));
            database.execute(&format!("{begin}; UPDATE bookings SET back = 7 WHERE id = {id}; COMMIT"));
            database.execute(&format!(
                "{begin}; UPDATE bookings SET due = '2024-01-01 12:00', code = 'late' WHERE id = {id}; COMMIT"
            ));
            database.execute(&format!("{begin}; INSERT INTO visits (who, what) VALUES ('{isolation}', 4); COMMIT"));
        }
    })
    .expect_code(5);
    assert_eq!(
        database.psql("SELECT concat_ws(' ', amount, back, due, code::text) FROM bookings WHERE id > 10"),
        ["7 2.5 x"; 3].join("\n")
    );
    assert_eq!(
        database
            .psql("SELECT DISTINCT concat_ws(' ', sqlstate, reason) FROM backstop.quarantine WHERE table_name = 'bookings'"),
        "42804 column due had another type when this was written: '2024-01-01 12:00:00' is none of the values of type timestamp with time zone"
    );
    assert_eq!(database.one("SELECT count(*) FROM backstop.quarantine WHERE table_name = 'bookings'"), "3");
    assert_eq!(
        database.one("SELECT string_agg(who, ', ' ORDER BY who) FROM visits WHERE what IS NULL"),
        "READ COMMITTED, REPEATABLE READ, SERIALIZABLE"
    );
    no_trace(&database);
}

#[test]
fn the_log_is_closed_to_others_and_goes_with_success() {
    let database = database("writers_closed");
    let role = database.role("app", "LOGIN");
    database.execute(SHOP);
    database.execute(&format!("GRANT INSERT, SELECT, UPDATE ON visits TO \"{}\"", role.name));
    meanwhile(&database, &plan("capture", &format!("{CHANGES}{WAITS}")), || {
        let url = database.url_as(&role);
        psql(&url, "INSERT INTO visits VALUES ('a stranger', NULL)").unwrap();
        assert_eq!(database.one("SELECT role_name FROM backstop.later_writes"), role.name);
        for table in ["later_writes", "quarantine"] {
            assert!(psql(&url, &format!("SELECT * FROM backstop.{table}")).unwrap_err().contains("permission denied"));
        }
    })
    .expect_code(0);
    assert_eq!(database.one("SELECT count(*) FROM visits WHERE who = 'a stranger'"), "1");
    no_trace(&database);
    database.execute(&format!("DROP OWNED BY \"{}\"", role.name));
}

#[test]
fn what_a_fence_needs_is_said_before_anything_is_changed() {
    let (database, work) = (database("writers_privilege"), Work::new());
    database.execute(SHOP);
    let role = database.role("owner", "LOGIN");
    let all = "accounts, bookings, visits, letters, seen";
    for table in all.split(", ") {
        database.execute(&format!("ALTER TABLE {table} OWNER TO \"{}\"", role.name));
    }
    database.execute(&format!(
        "GRANT CREATE ON DATABASE \"{0}\" TO \"{1}\"; GRANT USAGE, CREATE ON SCHEMA public TO \"{1}\"",
        database.name, role.name
    ));
    database.execute(&format!("REVOKE TRIGGER ON bookings FROM \"{}\"", role.name));
    let path = work.file("plan.yaml", &plan("capture", CHANGES));
    let apply = || {
        let url = database.url_as(&role);
        Program::new().arguments(&["apply", path.to_str().unwrap(), "--database-url", &url]).run()
    };
    let output = apply().expect_code(4);
    assert!(output.stdout.contains("GRANT TRIGGER ON public.bookings TO"), "{}", output.stdout);
    database.execute(&format!("GRANT TRIGGER ON bookings TO \"{}\"", role.name));
    let output = apply().expect_code(0);
    assert!(output.stdout.contains("public.visits has no key"), "{}", output.stdout);
    no_trace(&database);
    database.execute(&format!("REASSIGN OWNED BY \"{0}\" TO CURRENT_USER; DROP OWNED BY \"{0}\"", role.name));
}
