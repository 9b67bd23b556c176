//! What others wrote is made again to the last bit.

use backstop::{
    plan::Writers,
    postgres::{
        digest,
        fence::{self, FenceTerms, Lets},
    },
};

use super::harness::{Database, IMPATIENT, ask, in_public};

const RUN: &str = "01900000-0000-7000-8000-000000000001";
const CAPTURE: FenceTerms<'_> = FenceTerms { run: RUN, plan: "test", writers: Writers::Capture };

/// What was captured is there until the triggers are cleared away.
async fn lower(client: &tokio_postgres::Client) {
    client.batch_execute("BEGIN").await.unwrap();
    fence::lower_in(client, RUN).await.unwrap();
    client.batch_execute("COMMIT").await.unwrap();
}

#[tokio::test]
async fn values_of_every_kind_are_carried_over_to_the_last_bit() {
    let database = Database::new().await;
    database.run(include_str!("odd.sql")).await;
    let ours = database.session().await;
    fence::put_up(&ours, &CAPTURE, &in_public(&["odd"]), IMPATIENT).await.unwrap();
    database.run(include_str!("odd_writes.sql")).await;
    lower(&ours).await;
    database.run("DELETE FROM odd; INSERT INTO odd (id, e) OVERRIDING SYSTEM VALUE SELECT id, e FROM odd_then").await;
    database.run("SELECT setval('odd_id_seq', 2)").await;

    ours.batch_execute("BEGIN").await.unwrap();
    digest::pin(&ours).await.unwrap();
    let carried =
        format!("SELECT concat_ws(' ', carried_over, quarantined, curtailed) FROM backstop.carry_over('{RUN}', NULL)");
    assert_eq!(ask(&ours, &carried).await, [Some("6 0 0".to_owned())]);
    let differ = "SELECT id FROM public.odd AS live FULL JOIN public.odd_now AS theirs USING (id)
        WHERE live::text IS DISTINCT FROM theirs::text";
    assert!(ask(&ours, differ).await.is_empty());
    assert_eq!(ask(&ours, "SELECT count(*) FROM public.odd").await, [Some("4".to_owned())]);
    ours.batch_execute("COMMIT").await.unwrap();
    assert_eq!(database.ask("INSERT INTO odd DEFAULT VALUES RETURNING id").await, [Some("6".to_owned())]);
}

#[tokio::test]
async fn a_row_that_was_written_in_one_transaction_by_triggers_too_ends_as_it_did() {
    let database = Database::new().await;
    let setup = "CREATE TABLE t (id int PRIMARY KEY, n int, up int REFERENCES t DEFERRABLE INITIALLY DEFERRED);
        CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN UPDATE t SET n = n + 1 WHERE id = NEW.id AND n < 3; RETURN NULL; END $$;
        CREATE TRIGGER \"A\" AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION more();
        CREATE RULE r AS ON DELETE TO t DO ALSO NOTIFY gone";
    database.run(setup).await;
    let ours = database.session().await;
    fence::put_up(&ours, &CAPTURE, &in_public(&["t"]), IMPATIENT).await.unwrap();
    // The one points to the other, which comes later; and then both are gone but one.
    database.run("BEGIN; INSERT INTO t VALUES (1, 0, 2); INSERT INTO t VALUES (2, 0, 1); COMMIT").await;
    database.run("BEGIN; UPDATE t SET up = NULL; DELETE FROM t WHERE id = 2; COMMIT").await;
    let there = database.ask("SELECT t FROM t").await;
    assert_eq!(there, [Some("(1,3,)".to_owned())]);
    lower(&ours).await;
    database.run("DELETE FROM t").await;
    database.run(&format!("SELECT backstop.carry_over('{RUN}', NULL)")).await;
    assert_eq!(database.ask("SELECT t FROM t").await, there);
    assert!(database.ask("SELECT reason FROM backstop.quarantine").await.is_empty());
    let enabled = "SELECT tgenabled FROM pg_trigger WHERE tgname = 'A' UNION ALL SELECT ev_enabled FROM pg_rewrite WHERE rulename = 'r'";
    assert_eq!(database.ask(enabled).await, [Some("O".to_owned()), Some("O".to_owned())]);
}

#[tokio::test]
async fn a_partition_is_fenced_whatever_its_rows_are_written_through() {
    let database = Database::new().await;
    let setup = "CREATE TABLE events (id int, n int) PARTITION BY RANGE (id);
        CREATE TABLE low PARTITION OF events FOR VALUES FROM (0) TO (10);
        CREATE TABLE high PARTITION OF events FOR VALUES FROM (10) TO (20)";
    for (writers, noted) in [(Writers::Block, "0"), (Writers::Detect, "1"), (Writers::Capture, "2")] {
        database.run(&format!("DROP TABLE IF EXISTS events; TRUNCATE backstop.later_writes; {setup}")).await;
        let ours = database.session().await;
        let terms = FenceTerms { writers, ..CAPTURE };
        fence::put_up(&ours, &terms, &in_public(&["low"]), IMPATIENT).await.unwrap();
        let theirs = database.session().await;
        theirs.batch_execute("INSERT INTO events VALUES (11, 1)").await.unwrap();
        let refused = theirs.batch_execute("INSERT INTO events VALUES (1, 1), (2, 1)").await;
        assert_eq!(refused.is_err(), writers == Writers::Block);
        assert_eq!(database.ask("SELECT count(*) FROM backstop.later_writes").await, [Some(noted.to_owned())]);
        ours.batch_execute("BEGIN").await.unwrap();
        fence::announce(&ours, RUN, Lets::Transaction).await.unwrap();
        ours.batch_execute("INSERT INTO events VALUES (3, 1); COMMIT").await.unwrap();
        assert_eq!(database.ask("SELECT count(*) FROM backstop.later_writes").await, [Some(noted.to_owned())]);
        assert_eq!(database.ask("SELECT count(*) FROM low WHERE id = 3").await, [Some("1".to_owned())]);
        assert!(fence::take_down(&ours, RUN).await.unwrap().dropped >= 2);
    }
}

/// A transaction that began before others altered the table sees its columns as they were, and writes rows as they are.
#[tokio::test]
async fn a_row_is_captured_in_the_shape_that_it_has_whatever_its_writer_sees() {
    const SHAPE: &str =
        "SELECT concat_ws(' ', operation, columns, new_row, old_row) FROM backstop.later_writes ORDER BY seq";
    for isolation in ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"] {
        let database = Database::new().await;
        database.run("CREATE TYPE mood AS ENUM ('good'); CREATE TABLE t (id int PRIMARY KEY, a text, gone int, b text); INSERT INTO t VALUES (1, 'a', 0, 'b')").await;
        database.run("ALTER TABLE t DROP COLUMN gone").await;
        let ours = database.session().await;
        fence::put_up(&ours, &CAPTURE, &in_public(&["t"]), IMPATIENT).await.unwrap();
        let theirs = database.session().await;
        theirs.batch_execute(&format!("BEGIN ISOLATION LEVEL {isolation}; SELECT count(*) FROM pg_class")).await.unwrap();
        database.run("ALTER TABLE t DROP COLUMN a, ADD COLUMN \"Z\" mood, ADD COLUMN n numeric(6, 2) DEFAULT 1; ALTER TABLE t RENAME b TO c").await;
        let write = "INSERT INTO t (id, c, \"Z\") VALUES (2, 'c', 'good'); UPDATE t SET id = 3 WHERE id = 2; DELETE FROM t WHERE id = 3; COMMIT";
        theirs.batch_execute(write).await.unwrap();
        let expected = [
            "INSERT {id,c,Z,n} (2,c,good,1.00)",
            "UPDATE {id,c,Z,n} (3,c,good,1.00) (2,c,good,1.00)",
            "DELETE {id,c,Z,n} (3,c,good,1.00)",
        ];
        assert_eq!(database.ask(SHAPE).await, expected.map(|line| Some(line.to_owned())), "{isolation}");
        let known = "SELECT string_agg(DISTINCT n || ' ' || t.typname, ',') FROM backstop.later_writes AS w CROSS JOIN LATERAL unnest(w.columns, w.shape) AS s (n, part)
            JOIN pg_type AS t ON t.oid = split_part(part, ' ', 2)::oid JOIN pg_attribute AS a ON a.attrelid = w.relation AND a.attname = n
            WHERE a.attnum = split_part(part, ' ', 1)::int AND a.atttypid = t.oid";
        assert_eq!(database.ask(known).await, [Some("Z mood,c text,id int4,n numeric".to_owned())], "{isolation}");
        fence::take_down(&ours, RUN).await.unwrap();
    }
}
