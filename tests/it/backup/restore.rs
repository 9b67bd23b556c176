//! After a restore everything is as it was; or nothing was changed.

use std::{collections::BTreeSet, time::Duration};

use backstop::{
    catalog::{ObjectKey, OthersWork, diff, fingerprint},
    drive::manifest::Manifest,
    machine::{Failure, FailureClass, Fidelity, Restoration},
    plan::{Sequences, Writers},
    postgres::{
        backup, capture,
        fence::{self, FenceTerms, Lets},
        journal,
        later_writes::LaterWrites,
        restore::{self, RestoreRequest, RestoreScope},
    },
};
use tokio_postgres::Client;

use super::harness::{COPIES, Database, IMPATIENT, ask, copy_of, in_public};
use crate::support::{BYSTANDERS, Kept, has_bystanders, wherever_backups_are_kept};

wherever_backups_are_kept! {
    rows_types_and_tables_come_back,
    only_what_differs_is_touched,
    swapped_values_are_noticed_and_brought_back,
    values_that_name_objects_follow_a_table_that_is_made_anew,
    sequences_go_back_only_where_that_is_wanted,
    a_reader_in_the_way_is_named_and_another_attempt_may_help,
    a_restore_that_is_killed_changes_nothing,
    the_fence_lets_the_restore_through_and_goes_with_it,
    what_has_no_way_back_is_said_before_anything_is_changed,
    a_backup_can_be_restored_without_a_run,
    an_undo_is_compared_with_the_backup,
    a_role_that_owns_the_tables_needs_no_superuser,
    a_backup_of_one_transaction_can_be_restored_in_another,
}

const RUN: &str = "01900000-0000-7000-8000-000000000001";
const TERMS: FenceTerms<'_> = FenceTerms { run: RUN, plan: "test", writers: Writers::Block };

const SHOP: &str = "CREATE TYPE state AS ENUM ('new', 'paid');
    CREATE TABLE customers (id text PRIMARY KEY, name text NOT NULL, shout text GENERATED ALWAYS AS (upper(name)) STORED);
    CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer text REFERENCES customers,
                         state state DEFAULT 'new', total numeric(12,2), tags text[]);
    CREATE INDEX orders_customer_idx ON orders (customer);
    CREATE TABLE prices (item text PRIMARY KEY, price money, checked regclass DEFAULT 'customers');
    CREATE TABLE bystander (a int);
    CREATE VIEW open_orders AS SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer WHERE o.state = 'new';
    INSERT INTO customers SELECT 'c' || i, 'customer ' || i FROM generate_series(1, 50) AS i;
    INSERT INTO orders (customer, total, tags) SELECT 'c' || 1 + i % 50, i / 7.0, ARRAY['a', NULL] FROM generate_series(1, 300) AS i;
    INSERT INTO prices SELECT 'i' || i, i FROM generate_series(1, 20) AS i";
const COVERED: [&str; 3] = ["customers", "orders", "prices"];

/// A database with a backup, and what the run changed since.
struct Scene {
    database: Database,
    client: Client,
    manifest: Manifest,
    changed: BTreeSet<ObjectKey>,
}

impl Scene {
    async fn new(kept: Kept, tables: &[&str], setup: &str, migration: &str) -> Scene {
        let database = Database::with(kept.store()).await;
        database.run(setup).await;
        let taken = database.back_up(tables).await;
        let client = database.session().await;
        let manifest = backup::read(&*database.store, &client, &taken.id).await.unwrap();
        database.run(migration).await;
        let now = capture::snapshot(&client, &[COPIES.to_owned()]).await.unwrap();
        let changes = diff(&manifest.snapshot, &now).into_iter().map(|change| change.object);
        let changed = changes.filter(|key| key.schema != BYSTANDERS).collect();
        Scene { database, client, manifest, changed }
    }

    fn order(&self) -> RestoreRequest<'_> {
        RestoreRequest {
            manifest: &self.manifest,
            store: &*self.database.store,
            changed: RestoreScope::ByRun(&self.changed),
            others: OthersWork::Tables,
            sequences: Sequences::Forward,
            run: None,
            later_writes: LaterWrites::Spare,
            patience: IMPATIENT,
            fidelity: Fidelity::Exact,
            memory: None,
        }
    }

    async fn restore(&self) -> Result<Restoration, Failure> {
        restore::restore(&self.client, &self.order()).await
    }

    async fn fingerprint(&self) -> String {
        fingerprint(&capture::snapshot(&self.client, &[COPIES.to_owned(), BYSTANDERS.to_owned()]).await.unwrap())
    }

    async fn assert_as_it_was(&self) {
        // What an application makes and drops meanwhile is none of the backup's.
        if !has_bystanders() {
            assert_eq!(self.fingerprint().await, self.manifest.fingerprint);
        }
        let nothing = BTreeSet::new();
        let compared = restore::compare_with_backup(&self.client, &self.manifest, &nothing).await.unwrap();
        assert_eq!(compared.unwrap().tables, self.manifest.tables.len());
    }
}

async fn rows_types_and_tables_come_back(kept: Kept) {
    let migration = "UPDATE orders SET total = 0 WHERE id % 2 = 0; DELETE FROM orders WHERE id < 10;
        DROP VIEW open_orders;
        ALTER TABLE orders DROP CONSTRAINT orders_customer_fkey, ALTER state DROP DEFAULT, ALTER state TYPE text;
        DROP TYPE state; ALTER TABLE orders ADD region text DEFAULT 'eu';
        ALTER TABLE prices ALTER checked DROP DEFAULT; DROP TABLE customers; TRUNCATE prices;
        CREATE TABLE audit (a int); INSERT INTO audit VALUES (1), (2);
        INSERT INTO orders (customer) SELECT 'new' FROM generate_series(1, 10)";
    let scene = Scene::new(kept, &COVERED, SHOP, migration).await;
    let restored = scene.restore().await.unwrap();
    assert_eq!(restored.reloaded, ["public.customers", "public.orders", "public.prices"]);
    assert_eq!(restored.dropped, [("public.audit".to_owned(), 2)]);
    assert_eq!(restored.proven, 3);
    scene.assert_as_it_was().await;
    let next = ask(&scene.client, "INSERT INTO orders (customer) VALUES ('c1') RETURNING id").await;
    assert_eq!(next, [Some("311".to_owned())]);
}

async fn only_what_differs_is_touched(kept: Kept) {
    let migration = "UPDATE prices SET price = '1'; ALTER TABLE customers ADD CONSTRAINT c CHECK (name <> '');
        CREATE INDEX extra ON orders (total)";
    let scene = Scene::new(kept, &COVERED, SHOP, migration).await;
    // Others go on meanwhile, elsewhere.
    scene.database.run("ALTER TABLE bystander ADD b int; INSERT INTO bystander VALUES (1, 2)").await;
    let files = "SELECT string_agg(pg_relation_filenode(c)::text, ' ') FROM unnest('{customers,orders}'::regclass[]) c";
    let before = scene.database.ask(files).await;
    let restored = scene.restore().await.unwrap();
    assert_eq!(restored.reloaded, ["public.prices"]);
    assert_eq!(restored.untouched, ["public.customers", "public.orders"]);
    assert_eq!(scene.database.ask(files).await, before);
    assert_eq!(scene.database.ask("SELECT b FROM bystander").await, [Some("2".to_owned())]);
    scene.database.run("ALTER TABLE bystander DROP b").await;
    assert_eq!(scene.database.ask("SELECT 1 FROM pg_indexes WHERE indexname = 'extra'").await.len(), 0);
}

async fn swapped_values_are_noticed_and_brought_back(kept: Kept) {
    let migration =
        "UPDATE customers AS c SET name = o.name FROM customers AS o WHERE o.id = 'c' || 51 - substr(c.id, 2)::int";
    let scene = Scene::new(kept, &COVERED, SHOP, migration).await;
    let restored = scene.restore().await.unwrap();
    assert_eq!(restored.reloaded, ["public.customers"]);
    scene.assert_as_it_was().await;
}

async fn values_that_name_objects_follow_a_table_that_is_made_anew(kept: Kept) {
    // `prices`, whose rows are as they were, points at a table that is dropped and made again.
    let migration = "ALTER TABLE customers ADD extra int";
    let scene = Scene::new(kept, &COVERED, SHOP, migration).await;
    scene.restore().await.unwrap();
    assert_eq!(scene.database.ask("SELECT DISTINCT checked FROM prices").await, [Some("customers".to_owned())]);
    scene.assert_as_it_was().await;
}

async fn sequences_go_back_only_where_that_is_wanted(kept: Kept) {
    let migration = "INSERT INTO orders (customer) VALUES ('c1'), ('c2')";
    let scene = Scene::new(kept, &COVERED, SHOP, migration).await;
    restore::restore(&scene.client, &RestoreRequest { sequences: Sequences::Exact, ..scene.order() }).await.unwrap();
    let last = "SELECT last_value FROM orders_id_seq";
    assert_eq!(scene.database.ask(last).await, [Some("300".to_owned())]);
    scene.database.run(migration).await;
    scene.restore().await.unwrap();
    assert_eq!(scene.database.ask(last).await, [Some("302".to_owned())]);
    scene.assert_as_it_was().await;
}

#[tokio::test]
async fn a_tampered_copy_is_named_and_nothing_is_changed() {
    let scene =
        Scene::new(Kept::InTheDatabase, &COVERED, SHOP, "TRUNCATE prices; ALTER TABLE customers ADD extra int").await;
    let tamper = format!("UPDATE {COPIES}.{} SET price = '99' WHERE item = 'i7'", copy_of(&scene.manifest, "prices"));
    scene.database.run(&tamper).await;
    let before = scene.fingerprint().await;
    let failure = scene.restore().await.unwrap_err();
    assert_eq!((failure.code.as_str(), failure.class), ("backstop::restore::differs", FailureClass::Partial));
    assert!(failure.message.contains("public.prices holds 20 rows with digest"), "{failure:?}");
    assert_eq!(scene.fingerprint().await, before);
    assert_eq!(scene.database.ask("SELECT count(*) FROM prices").await, [Some("0".to_owned())]);

    scene.database.run(&format!("DROP TABLE {COPIES}.{}", copy_of(&scene.manifest, "prices"))).await;
    let failure = scene.restore().await.unwrap_err();
    assert_eq!(failure.code, "backstop::restore::copy_missing");
    assert!(failure.message.contains("table public.prices"), "{failure:?}");
    assert_eq!(scene.fingerprint().await, before);
}

async fn a_reader_in_the_way_is_named_and_another_attempt_may_help(kept: Kept) {
    let scene = Scene::new(kept, &COVERED, SHOP, "TRUNCATE prices").await;
    let reader = scene.database.session().await;
    reader.batch_execute("SET application_name = 'report'; BEGIN; SELECT * FROM prices").await.unwrap();
    let failure = scene.restore().await.unwrap_err();
    assert_eq!((failure.code.as_str(), failure.class), ("backstop::table_lock::busy", FailureClass::Transient));
    assert!(failure.detail.as_ref().unwrap().contains("report"), "{failure:?}");
    reader.batch_execute("COMMIT").await.unwrap();
    scene.restore().await.unwrap();
    scene.assert_as_it_was().await;
}

async fn a_restore_that_is_killed_changes_nothing(kept: Kept) {
    // Every row waits as long as the table `pace` says.
    let setup = format!(
        "{SHOP}; CREATE TABLE pace AS SELECT 0.0 AS seconds;
         CREATE FUNCTION slow(text) RETURNS boolean LANGUAGE plpgsql AS
         $$ BEGIN PERFORM pg_sleep((SELECT seconds FROM public.pace)); RETURN true; END $$;
         ALTER TABLE prices ADD CHECK (slow(item))"
    );
    let scene =
        Scene::new(kept, &COVERED, &setup, "TRUNCATE prices; DROP VIEW open_orders; UPDATE pace SET seconds = 1").await;
    let pids = ask(&scene.client, "SELECT pg_backend_pid()").await;
    let before = scene.fingerprint().await;
    let (restored, ()) = tokio::join!(scene.restore(), async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        scene.database.run(&format!("SELECT pg_terminate_backend({})", pids[0].as_ref().unwrap())).await;
    });
    let failure = restored.unwrap_err();
    assert_eq!(failure.class, FailureClass::Transient, "{failure:?}");
    let client = scene.database.session().await;
    let left_out = [COPIES.to_owned(), BYSTANDERS.to_owned()];
    assert_eq!(fingerprint(&capture::snapshot(&client, &left_out).await.unwrap()), before);
    assert_eq!(ask(&client, "SELECT count(*) FROM prices").await, [Some("0".to_owned())]);

    client.batch_execute("UPDATE pace SET seconds = 0").await.unwrap();
    let scene = Scene { client, ..scene };
    scene.restore().await.unwrap();
    scene.assert_as_it_was().await;
}

async fn the_fence_lets_the_restore_through_and_goes_with_it(kept: Kept) {
    let scene = Scene::new(kept, &COVERED, SHOP, "SELECT 1").await;
    let before = scene.fingerprint().await;
    fence::put_up(&scene.client, &TERMS, &in_public(&COVERED), IMPATIENT).await.unwrap();
    assert_eq!(scene.fingerprint().await, before);
    scene.client.batch_execute("BEGIN").await.unwrap();
    fence::announce(&scene.client, RUN, Lets::Transaction).await.unwrap();
    scene.client.batch_execute("TRUNCATE prices; COMMIT").await.unwrap();
    restore::restore(&scene.client, &RestoreRequest { run: Some(RUN), ..scene.order() }).await.unwrap();
    scene.database.run("BEGIN; DELETE FROM orders; ROLLBACK").await;
    fence::clear_away(&scene.client).await.unwrap();
    assert_eq!(scene.database.ask("SELECT 1 FROM pg_trigger WHERE tgname LIKE 'backstop%'").await.len(), 0);
    scene.assert_as_it_was().await;
}

async fn what_has_no_way_back_is_said_before_anything_is_changed(kept: Kept) {
    let scene = Scene::new(kept, &["prices"], SHOP, "DROP VIEW open_orders; DROP TABLE orders; TRUNCATE prices").await;
    let before = scene.fingerprint().await;
    let failure = scene.restore().await.unwrap_err();
    assert_eq!(failure.code, "backstop::restore::unrestorable");
    assert!(failure.message.contains("table public.orders"), "{failure:?}");
    assert_eq!(scene.fingerprint().await, before);
}

async fn a_backup_can_be_restored_without_a_run(kept: Kept) {
    let migration = "DROP VIEW open_orders; ALTER TABLE orders DROP state; DROP TYPE state; CREATE TABLE unrelated (a int)";
    let scene = Scene::new(kept, &COVERED, SHOP, migration).await;
    let order = RestoreRequest { changed: RestoreScope::Beneath, ..scene.order() };
    let restored = restore::restore(&scene.client, &order).await.unwrap();
    // `prices` holds names of tables, and one was made anew.
    assert_eq!(restored.reloaded, ["public.orders", "public.prices"]);
    assert_eq!(scene.database.ask("SELECT 1 FROM pg_class WHERE relname = 'unrelated'").await.len(), 1);
    scene.database.run("DROP TABLE unrelated").await;
    scene.assert_as_it_was().await;
}

async fn an_undo_is_compared_with_the_backup(kept: Kept) {
    let scene =
        Scene::new(kept, &COVERED, SHOP, "UPDATE prices SET price = price + '1'; ALTER TABLE customers ADD extra int").await;
    let compare = async || restore::compare_with_backup(&scene.client, &scene.manifest, &scene.changed).await.unwrap();
    let differences = compare().await.unwrap_err().differences;
    assert_eq!(differences.len(), 2, "{differences:?}");
    assert!(differences[0].contains("customers") && differences[1].contains("public.prices holds"), "{differences:?}");
    scene.database.run("UPDATE prices SET price = price - '1'; ALTER TABLE customers DROP extra").await;
    assert_eq!(compare().await.unwrap().tables, 3);
}

async fn a_role_that_owns_the_tables_needs_no_superuser(kept: Kept) {
    let database = Database::with(kept.store()).await;
    let role = database.role();
    let setup =
        format!("DROP SCHEMA backstop CASCADE; CREATE ROLE {role}; ALTER DATABASE {} OWNER TO {role}", database.name);
    database.run(&setup).await;
    let client = database.session_of(&role).await;
    journal::install(&client).await.unwrap();
    client.batch_execute(backup::SCHEMA).await.unwrap();
    client.batch_execute(fence::SCHEMA).await.unwrap();
    client.batch_execute(SHOP).await.unwrap();
    client
        .batch_execute("ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON orders USING (id = 1)")
        .await
        .unwrap();
    let workers = [database.session_of(&role).await, database.session_of(&role).await];
    fence::put_up(&client, &TERMS, &in_public(&COVERED), IMPATIENT).await.unwrap();
    let tables = in_public(&COVERED);
    let shared = backup::Sessions::Shared { coordinator: &client, workers: &[&workers[0], &workers[1]] };
    let taken = backup::take(&database.request(&tables), shared, &super::harness::calm()).await.unwrap();
    database.store.complete(&client, &taken).await.unwrap();
    client.batch_execute("BEGIN").await.unwrap();
    fence::announce(&client, RUN, Lets::Transaction).await.unwrap();
    let changes = "DROP VIEW open_orders; TRUNCATE prices; ALTER TABLE orders DROP total; COMMIT";
    client.batch_execute(changes).await.unwrap();
    let manifest = backup::read(&*database.store, &client, &taken.id).await.unwrap();
    let changed = BTreeSet::from([ObjectKey::new(backstop::catalog::ObjectKind::View, "public", "open_orders")]);
    let scene = Scene { database, client, manifest, changed };
    restore::restore(&scene.client, &RestoreRequest { run: Some(RUN), ..scene.order() }).await.unwrap();
    scene.assert_as_it_was().await;
    drop(scene);
    Database::new().await.run(&format!("DROP ROLE {role}")).await;
}

async fn a_backup_of_one_transaction_can_be_restored_in_another(kept: Kept) {
    let database = Database::with(kept.store()).await;
    database.run(SHOP).await;
    let client = database.session().await;
    client.batch_execute("BEGIN").await.unwrap();
    let tables = in_public(&COVERED);
    let single = backup::Sessions::Single(&client);
    let taken = backup::take(&database.request(&tables), single, &super::harness::calm()).await.unwrap();
    database.store.complete(&client, &taken).await.unwrap();
    client.batch_execute("DROP VIEW open_orders; TRUNCATE customers CASCADE; COMMIT").await.unwrap();
    let manifest = backup::read(&*database.store, &client, &taken.id).await.unwrap();
    let changed = BTreeSet::from([ObjectKey::new(backstop::catalog::ObjectKind::View, "public", "open_orders")]);
    let scene = Scene { database, client, manifest, changed };
    scene.restore().await.unwrap();
    scene.assert_as_it_was().await;
}
