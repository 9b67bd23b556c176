//! Backups are complete and equal, or not there.

use backstop::{
    drive::backups::BackupStatus,
    machine::FailureClass,
    postgres::{
        backup::{self, Pruning, Retention, Sessions},
        digest::{RowSource, digest},
        interrupt::{Guard, interruption},
    },
};

use super::harness::{COPIES, Database, algorithms, ask, calm, copy_of, digest_of, in_public};
use crate::support::{Kept, wherever_backups_are_kept};

wherever_backups_are_kept! {
    all_copies_are_of_one_moment_while_others_write,
    two_backups_of_one_second_have_different_ids,
    one_transaction_can_take_a_backup_and_go_on,
    obstacles_are_told_at_once_and_nothing_is_left,
    a_role_that_may_not_see_all_rows_is_told_so,
    a_table_locked_by_someone_is_named_and_nothing_is_left,
    somebody_who_waits_for_the_table_does_not_hold_the_workers_up,
    old_backups_are_pruned_and_others_left,
    backups_of_runs_that_need_them_stay,
}

const SHOP: &str = "CREATE TYPE state AS ENUM ('new', 'paid');
    CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text,
                            shout text GENERATED ALWAYS AS (upper(name)) STORED);
    CREATE TABLE orders (id serial PRIMARY KEY, customer bigint REFERENCES customers, state state, total numeric(12,2));
    INSERT INTO customers (name) SELECT 'customer ' || i FROM generate_series(1, 500) AS i;
    INSERT INTO orders (customer, state, total) SELECT 1 + i % 500, 'paid', i / 7.0 FROM generate_series(1, 3000) AS i";

#[tokio::test]
async fn a_backup_holds_what_the_tables_hold_and_is_closed() {
    let database = Database::new().await;
    database.run(SHOP).await;
    let reader = database.role();
    let granted = format!("CREATE ROLE {reader}; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {reader}, PUBLIC");
    database.run(&granted).await;
    let taken = database.back_up(&["customers", "orders"]).await;
    let client = database.session().await;
    let manifest = backup::read(&*database.store, &client, &taken.id).await.unwrap();
    assert_eq!(manifest.tables, taken.tables);
    assert_eq!(manifest.snapshot, taken.snapshot);
    assert_eq!(manifest.positions.keys().filter(|key| key.schema == "public").count(), 2);
    assert_eq!(copy_of(&manifest, "orders"), format!("orders_{}", taken.id));
    assert_eq!(taken.event().tables.iter().map(|table| table.rows).sum::<u64>(), 3500);
    for table in &taken.tables {
        assert_eq!(digest_of(&client, manifest.algorithm, &table.name).await, table.content);
    }
    let types = format!(
        "SELECT DISTINCT t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
         JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = '{COPIES}'::regnamespace AND attnum > 0 ORDER BY 1"
    );
    let types: Vec<String> = database.ask(&types).await.into_iter().flatten().collect();
    assert_eq!(types, ["int4", "int8", "numeric", "text"]);
    let open = format!(
        "SELECT c.relname FROM pg_class c, aclexplode(c.relacl) g \
         WHERE c.relnamespace = '{COPIES}'::regnamespace AND g.grantee <> c.relowner"
    );
    assert_eq!(database.ask(&open).await.len(), 0);
    assert!(backup::verify(&*database.store, &client, &taken.id).await.unwrap().problems.is_empty());
    database.run(&format!("ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM {reader}")).await;
    database.run(&format!("DROP OWNED BY {reader}; DROP ROLE {reader}")).await;
}

async fn all_copies_are_of_one_moment_while_others_write(kept: Kept) {
    let database = Database::with(kept.store()).await;
    database.run("CREATE TABLE a (n bigint, pad text); CREATE TABLE b (n bigint, pad text)").await;
    database
        .run("INSERT INTO a SELECT 0, repeat('x', 500) FROM generate_series(1, 2000); INSERT INTO b SELECT * FROM a")
        .await;
    let writer = database.session().await;
    let writing = tokio::spawn(async move {
        // Both tables move together, in one transaction each time.
        while writer.batch_execute("BEGIN; INSERT INTO a VALUES (1, ''); INSERT INTO b VALUES (1, ''); COMMIT").await.is_ok()
        {
        }
    });
    for _ in 0..5 {
        let taken = database.back_up(&["a", "b"]).await;
        let rows: Vec<u64> = taken.tables.iter().map(|table| table.content.rows).collect();
        assert_eq!(rows[0], rows[1]);
        assert_eq!(taken.tables[0].content.digest, taken.tables[1].content.digest);
    }
    writing.abort();
}

async fn two_backups_of_one_second_have_different_ids(kept: Kept) {
    let database = Database::with(kept.store()).await;
    database.run("CREATE TABLE a (n int); CREATE SCHEMA other; CREATE TABLE other.a (n int)").await;
    let client = database.session().await;
    let tables = [("public".to_owned(), "a".to_owned()), ("other".to_owned(), "a".to_owned())];
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let sessions = Sessions::Shared { coordinator: &client, workers: &[] };
        let taken = backup::take(&database.request(&tables), sessions, &calm()).await.unwrap();
        database.store.complete(&client, &taken).await.unwrap();
        ids.insert(taken.id);
    }
    assert_eq!(ids.len(), 3);
    assert_eq!(database.traces().await, (6, 3));
}

async fn one_transaction_can_take_a_backup_and_go_on(kept: Kept) {
    let database = Database::with(kept.store()).await;
    database.run(SHOP).await;
    let client = database.session().await;
    client
        .batch_execute("BEGIN; SET LOCAL search_path = public, pg_temp; SET LOCAL statement_timeout = '77s'")
        .await
        .unwrap();
    let tables = in_public(&["customers", "orders"]);
    let taken = backup::take(&database.request(&tables), Sessions::Single(&client), &calm()).await.unwrap();
    database.store.complete(&client, &taken).await.unwrap();
    assert_eq!(ask(&client, "SHOW statement_timeout").await, [Some("77s".to_owned())]);
    assert_eq!(ask(&client, "SHOW search_path").await, [Some("public, pg_temp".to_owned())]);
    let writer = database.session().await;
    writer.batch_execute("SET lock_timeout = '50ms'; UPDATE orders SET total = 0").await.unwrap_err();
    client.batch_execute("UPDATE orders SET total = 0; COMMIT").await.unwrap();
    assert!(backup::verify(&*database.store, &client, &taken.id).await.unwrap().problems.is_empty());
}

async fn obstacles_are_told_at_once_and_nothing_is_left(kept: Kept) {
    let database = Database::with(kept.store()).await;
    database.run(SHOP).await;
    database.run("CREATE VIEW v AS SELECT 1").await;
    let sessions = [database.session().await];
    let failure = database.take(&sessions, &["orders", "nowhere", "v"]).await.unwrap_err();
    assert_eq!(failure.code, "backstop::backup::missing_table");
    assert!(failure.message.contains("public.nowhere does not exist"), "{failure:?}");
    assert!(failure.message.contains("public.v is no table"), "{failure:?}");
    assert_eq!(database.traces().await, (0, 0));
}

async fn a_role_that_may_not_see_all_rows_is_told_so(kept: Kept) {
    let database = Database::with(kept.store()).await;
    let role = database.role();
    let setup = format!(
        "CREATE ROLE {role}; GRANT CREATE ON DATABASE {} TO {role}; GRANT USAGE, CREATE ON SCHEMA backstop, public TO {role};
         GRANT ALL ON ALL TABLES IN SCHEMA backstop TO {role};
         CREATE TABLE secrets (a int); ALTER TABLE secrets OWNER TO {role}; INSERT INTO secrets VALUES (1), (2);
         ALTER TABLE secrets ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON secrets USING (a = 1);
         CREATE TABLE closed (a int)",
        database.name
    );
    database.run(&setup).await;
    let owner = [database.session_of(&role).await];
    let taken = database.take(&owner, &["secrets"]).await.unwrap();
    assert_eq!(taken.tables[0].content.rows, 2);
    database.store.remove(&owner[0], &taken.id).await.unwrap();

    database.run("ALTER TABLE secrets FORCE ROW LEVEL SECURITY").await;
    let failure = database.take(&owner, &["secrets"]).await.unwrap_err();
    assert_eq!(failure.code, "backstop::backup::row_security", "{failure:?}");
    assert!(failure.hint.unwrap().contains("BYPASSRLS"));
    assert_eq!(database.take(&owner, &["closed"]).await.unwrap_err().code, "backstop::backup::privilege");
    assert_eq!(database.traces().await, (0, 0));

    database.run(&format!("ALTER ROLE {role} BYPASSRLS")).await;
    assert_eq!(database.take(&owner, &["secrets"]).await.unwrap().tables[0].content.rows, 2);
    drop(owner);
    database.forget(&role).await;
}

async fn a_table_locked_by_someone_is_named_and_nothing_is_left(kept: Kept) {
    let database = Database::with(kept.store()).await;
    database.run(SHOP).await;
    let other = database.session().await;
    other.batch_execute("SET application_name = 'nightly'; BEGIN; LOCK TABLE orders").await.unwrap();
    let sessions = [database.session().await, database.session().await];
    let failure = database.take(&sessions, &["customers", "orders"]).await.unwrap_err();
    assert_eq!((failure.code.as_str(), failure.class), ("backstop::table_lock::busy", FailureClass::Transient));
    assert!(failure.detail.unwrap().contains("nightly"));
    assert_eq!(database.traces().await, (0, 0));
}

/// How often it is looked whether a copy is being made.
const POLLS_MAX: usize = 1000;

async fn somebody_who_waits_for_the_table_does_not_hold_the_workers_up(kept: Kept) {
    let database = Database::with(kept.store()).await;
    database.run("CREATE TABLE big AS SELECT i, repeat('x', 200) AS pad FROM generate_series(1, 200000) AS i").await;
    database.run("CREATE TABLE small AS SELECT 1 AS a").await;
    let sessions = [database.session().await, database.session().await];
    let waiting = database.session().await;
    // A single worker copies the large table first; meanwhile somebody queues for the small one.
    let (taken, _) = tokio::join!(database.take(&sessions, &["big", "small"]), async {
        // Who makes a copy has a lock on it that nobody else gets.
        let copying =
            "SELECT 1 FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database AND d.datname = current_database()
                       WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid()";
        for _ in 0..POLLS_MAX {
            if !ask(&waiting, copying).await.is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        waiting.batch_execute("SET lock_timeout = '20s'; ALTER TABLE small ADD b int").await.unwrap();
    });
    assert_eq!(taken.unwrap().tables.len(), 2);
}

/// Runs the statement of PL/pgSQL in the middle of every copy whose name begins so. For a role that can't switch off the event triggers of
/// others, as every superuser can: it gets all that a backup needs, and whoever makes it drops it.
async fn trap(database: &Database, copy: &str, statement: &str) -> String {
    let role = database.role();
    let sql = format!(
        "CREATE FUNCTION public.trap() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
             IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() AS c WHERE c.object_identity LIKE '{COPIES}.{copy}%') THEN
                 {statement};
             END IF;
         END $$;
         CREATE EVENT TRIGGER trap ON ddl_command_end WHEN TAG IN ('CREATE TABLE AS') EXECUTE FUNCTION public.trap();
         CREATE ROLE {role}; GRANT CREATE ON DATABASE {} TO {role}; GRANT USAGE, CREATE ON SCHEMA backstop, public TO {role};
         GRANT ALL ON ALL TABLES IN SCHEMA backstop, public TO {role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}",
        database.name
    );
    database.run(&sql).await;
    role
}

#[tokio::test]
async fn a_signal_stops_whoever_copies_and_nothing_is_left() {
    for copiers in [0, 1, 2] {
        let database = Database::new().await;
        database.run("CREATE TABLE slow AS SELECT 1 AS a; CREATE TABLE other AS SELECT 1 AS a").await;
        let role = trap(&database, "slow", "PERFORM pg_sleep(60)").await;
        let coordinator = database.connection_of(&role).await;
        let workers = [database.connection_of(&role).await, database.connection_of(&role).await];
        let copiers: Vec<&tokio_postgres::Client> = workers.iter().take(copiers).map(|worker| &**worker.client).collect();
        let sessions = Sessions::Shared { coordinator: &coordinator.client, workers: &copiers };
        let (interrupter, interruption) = interruption();
        let cancels = workers.iter().chain([&coordinator]).map(|session| session.cancel()).collect();
        let (tables, guard) = (in_public(&["slow", "other"]), Guard::new(&interruption, cancels));
        let raising = async {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            interrupter.raise("SIGTERM");
            std::time::Instant::now()
        };
        let request = database.request(&tables);
        let (failure, raised) = futures_util::future::join(backup::take(&request, sessions, &guard), raising).await;
        let failure = failure.unwrap_err();
        assert_eq!((failure.class, failure.code.as_str()), (FailureClass::Interrupted, "backstop::run::interrupted"));
        assert!(raised.elapsed().as_secs() < 10, "{:?}", raised.elapsed());
        assert_eq!(database.traces().await, (0, 0));
        database.forget(&role).await;
    }
}

#[tokio::test]
async fn a_worker_that_dies_leaves_nothing() {
    let database = Database::new().await;
    database.run(SHOP).await;
    let role = trap(&database, "orders", "PERFORM pg_terminate_backend(pg_backend_pid())").await;
    let sessions = [database.session_of(&role).await, database.session_of(&role).await, database.session_of(&role).await];
    let failure = database.take(&sessions, &["customers", "orders"]).await.unwrap_err();
    assert_eq!(failure.class, FailureClass::Transient, "{failure:?}");
    assert_eq!(database.traces().await, (0, 0));
    database.forget(&role).await;
}

#[tokio::test]
async fn a_full_disk_is_named_and_nothing_is_left() {
    let database = Database::new().await;
    database.run(SHOP).await;
    // The server says so in the middle of the copy, as it does when the last block is taken.
    let full = "RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'";
    let role = trap(&database, "orders", full).await;
    let sessions = [database.session_of(&role).await, database.session_of(&role).await, database.session_of(&role).await];
    let failure = database.take(&sessions, &["customers", "orders"]).await.unwrap_err();
    assert_eq!(failure.code, "backstop::backup::disk_full", "{failure:?}");
    assert!(failure.hint.unwrap().contains("Free space"));
    assert_eq!(database.traces().await, (0, 0));
    database.forget(&role).await;
}

#[tokio::test]
async fn what_a_dead_coordinator_left_is_cleared_by_the_next() {
    let database = Database::new().await;
    database.run(SHOP).await;
    let dead = [database.session().await];
    database.take(&dead, &["customers"]).await.unwrap();
    drop(dead);
    assert_eq!(database.traces().await, (1, 1));
    assert_eq!(
        backup::list(&*database.store, &database.session().await).await.unwrap()[0].stored.status,
        BackupStatus::Partial
    );
    let partial = database.ask("SELECT id FROM backstop.backups").await;
    let refused = backup::read(&*database.store, &database.session().await, partial[0].as_ref().unwrap()).await.unwrap_err();
    assert_eq!(refused.code, "backstop::backup::incomplete");
    database.run(&format!("CREATE TABLE {COPIES}.foreign_table (a int)")).await;
    database.back_up(&["orders"]).await;
    assert_eq!(database.traces().await, (2, 1));
}

#[tokio::test]
async fn tampered_copies_are_named() {
    let database = Database::new().await;
    database.run(SHOP).await;
    database.run("CREATE TABLE third (a int); INSERT INTO third VALUES (1)").await;
    let taken = database.back_up(&["customers", "orders", "third"]).await;
    database.run(&format!("UPDATE {COPIES}.orders_{} SET total = total + 1 WHERE id = 7", taken.id)).await;
    database.run(&format!("ALTER TABLE {COPIES}.customers_{} DROP name", taken.id)).await;
    database.run(&format!("DROP TABLE {COPIES}.third_{}", taken.id)).await;
    let found = backup::verify(&*database.store, &database.session().await, &taken.id).await.unwrap();
    assert_eq!((found.tables, found.problems.len()), (3, 3), "{found:?}");
    assert!(found.problems[0].contains("public.customers, can't be read"), "{found:?}");
    assert!(found.problems[1].contains("public.orders, was changed"), "{found:?}");
    assert!(found.problems[2].contains("public.third, is gone"), "{found:?}");
}

async fn old_backups_are_pruned_and_others_left(kept: Kept) {
    let database = Database::with(kept.store()).await;
    database.run("CREATE TABLE a (n int)").await;
    for _ in 0..3 {
        database.back_up(&["a"]).await;
    }
    let client = database.session().await;
    let retention = Retention { keep: 2, plan: Some("test") };
    let named = backup::prune(&*database.store, &client, &retention, Pruning::Preview).await.unwrap();
    assert_eq!((named.len(), database.traces().await), (1, (3, 3)));
    assert_eq!(backup::prune(&*database.store, &client, &retention, Pruning::Remove).await.unwrap(), named);
    assert_eq!(database.traces().await, (2, 2));
    assert_eq!(
        backup::prune(&*database.store, &client, &Retention { keep: 0, plan: None }, Pruning::Remove).await.unwrap().len(),
        1
    );
    assert_eq!(database.traces().await, (1, 1));
    assert!(backup::newest_complete(&*database.store, &client, Some("test")).await.is_ok());
    assert_eq!(
        backup::newest_complete(&*database.store, &client, Some("none")).await.unwrap_err().code,
        "backstop::backup::unknown"
    );
}

async fn backups_of_runs_that_need_them_stay(kept: Kept) {
    let database = Database::with(kept.store()).await;
    database.run("CREATE TABLE a (n int)").await;
    let client = database.session().await;
    let run = |last: char| format!("01900000-0000-7000-8000-00000000000{last}");
    for (last, outcome) in [('1', "NULL, NULL"), ('2', "now(), 'restored'"), ('3', "now(), 'succeeded'")] {
        let runs = "backstop.runs (run, plan, fingerprint, program, backup_schema, actor, started_at, ended_at, outcome)";
        database
            .run(&format!("INSERT INTO {runs} VALUES ('{}', 'test', '', '', '', '', now(), {outcome})", run(last)))
            .await;
        let (tables, id) = (in_public(&["a"]), run(last));
        let request = backup::Request { run: Some(&id), ..database.request(&tables) };
        let sessions = Sessions::Shared { coordinator: &client, workers: &[] };
        let taken = backup::take(&request, sessions, &calm()).await.unwrap();
        database.store.complete(&client, &taken).await.unwrap();
    }
    database.back_up(&["a"]).await;
    let pinned: Vec<bool> =
        backup::list(&*database.store, &client).await.unwrap().iter().map(|backup| backup.pinned).collect();
    assert_eq!(pinned, [false, false, false, true]);
    let gone = backup::prune(&*database.store, &client, &Retention { keep: 1, plan: None }, Pruning::Remove).await.unwrap();
    assert_eq!(gone.iter().map(|backup| backup.stored.run.clone()).collect::<Vec<_>>(), [Some(run('3')), Some(run('2'))]);
    assert_eq!(database.traces().await, (2, 2));
}

#[tokio::test]
async fn a_copy_in_text_has_the_digest_of_its_table() {
    let database = Database::new().await;
    database.run("CREATE TYPE pair AS (a int, b text); CREATE DOMAIN short AS char(4);
                  CREATE DOMAIN loose AS bpchar;
                  CREATE TABLE odd (a pair, b short, c regclass, d pair[], e loose, f bpchar);
                  INSERT INTO odd VALUES ('(1,\"x y\")', 'ab', 'pg_class', '{\"(1,2)\",NULL}', 'y  ', 'z  '), (NULL, NULL, NULL, NULL, NULL, NULL)").await;
    let client = database.session().await;
    let taken = database.back_up(&["odd"]).await;
    let manifest = backup::read(&*database.store, &client, &taken.id).await.unwrap();
    for algorithm in algorithms(&client).await {
        let columns = manifest.columns(&manifest.tables[0]).unwrap();
        client.batch_execute("BEGIN").await.unwrap();
        backstop::postgres::digest::pin(&client).await.unwrap();
        let copy = digest(&client, algorithm, &format!("{COPIES}.{}", copy_of(&manifest, "odd")), columns, RowSource::Copy)
            .await
            .unwrap();
        client.batch_execute("COMMIT").await.unwrap();
        assert_eq!(digest_of(&client, algorithm, "odd").await, copy);
    }
}
