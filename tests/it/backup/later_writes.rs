//! What others wrote is made again to the last bit.

use backstop::{
    plan::Writers,
    postgres::{
        digest,
        fence::{self, Terms},
    },
};

use super::harness::{Database, IMPATIENT, ask, in_public};

const RUN: &str = "01900000-0000-7000-8000-000000000001";
const CAPTURE: Terms<'_> = Terms { run: RUN, plan: "test", writers: Writers::Capture };

#[tokio::test]
async fn values_of_every_kind_are_carried_over_to_the_last_bit() {
    let database = Database::new().await;
    database.run(include_str!("odd.sql")).await;
    let ours = database.session().await;
    fence::put_up(&ours, &CAPTURE, &in_public(&["odd"]), IMPATIENT).await.unwrap();
    database.run(include_str!("odd_writes.sql")).await;
    fence::remove(&ours, RUN).await.unwrap();
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
    fence::remove(&ours, RUN).await.unwrap();
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
        let terms = Terms { writers, ..CAPTURE };
        fence::put_up(&ours, &terms, &in_public(&["low"]), IMPATIENT).await.unwrap();
        let theirs = database.session().await;
        theirs.batch_execute("INSERT INTO events VALUES (11, 1)").await.unwrap();
        let refused = theirs.batch_execute("INSERT INTO events VALUES (1, 1), (2, 1)").await;
        assert_eq!(refused.is_err(), writers == Writers::Block);
        assert_eq!(database.ask("SELECT count(*) FROM backstop.later_writes").await, [Some(noted.to_owned())]);
        let announced = format!("BEGIN; {}; INSERT INTO events VALUES (3, 1); COMMIT", fence::announcement(RUN));
        ours.batch_execute(&announced).await.unwrap();
        assert_eq!(database.ask("SELECT count(*) FROM backstop.later_writes").await, [Some(noted.to_owned())]);
        assert_eq!(database.ask("SELECT count(*) FROM low WHERE id = 3").await, [Some("1".to_owned())]);
        assert!(fence::remove(&ours, RUN).await.unwrap().dropped >= 2);
    }
}
