//! The fence refuses others and lets the run through.

use std::time::Duration;

use backstop::{
    plan::Writers,
    postgres::{
        fence::{self, REFUSED, Terms},
        table_lock::Patience,
    },
};

use super::harness::{Database, IMPATIENT, in_public};

const RUN: &str = "01900000-0000-7000-8000-000000000001";
const TERMS: Terms<'_> = Terms { run: RUN, plan: "test", writers: Writers::Block };
const TABLE: &str = "CREATE TABLE t (a int); INSERT INTO t VALUES (1)";

#[tokio::test]
async fn writes_of_others_are_refused_and_those_of_the_run_go_through() {
    let database = Database::new().await;
    database.run(TABLE).await;
    let app = database.role();
    database.run(&format!("CREATE ROLE {app}; GRANT ALL ON t TO {app}")).await;
    let ours = database.session().await;
    fence::put_up(&ours, &TERMS, &in_public(&["t"]), IMPATIENT).await.unwrap();
    fence::put_up(&ours, &TERMS, &in_public(&["t"]), IMPATIENT).await.unwrap();

    let theirs = database.session_of(&app).await;
    for write in ["INSERT INTO t VALUES (2)", "UPDATE t SET a = 3", "DELETE FROM t", "TRUNCATE t"] {
        let error = theirs.batch_execute(write).await.unwrap_err();
        let error = error.as_db_error().unwrap();
        assert_eq!(error.code().code(), REFUSED, "{write}: {error:?}");
        assert!(error.message().contains("table public.t is frozen"), "{error:?}");
        assert!(error.detail().unwrap().contains(RUN) && error.hint().is_some(), "{error:?}");
    }
    theirs.batch_execute("SELECT * FROM t").await.unwrap();

    ours.batch_execute(&format!("BEGIN; {}; INSERT INTO t VALUES (2); COMMIT", fence::announcement(RUN))).await.unwrap();
    ours.batch_execute("INSERT INTO t VALUES (3)").await.unwrap_err();
    let other_run = fence::announcement("01900000-0000-7000-8000-000000000002");
    ours.batch_execute(&format!("BEGIN; {other_run}; INSERT INTO t VALUES (2)")).await.unwrap_err();
    ours.batch_execute("ROLLBACK").await.unwrap();

    let removed = fence::remove(&ours, RUN).await.unwrap();
    assert_eq!((removed.dropped, removed.disabled.len()), (1, 0));
    theirs.batch_execute("INSERT INTO t VALUES (4)").await.unwrap();
    database.run(&format!("DROP OWNED BY {app}; DROP ROLE {app}")).await;
}

#[tokio::test]
async fn a_writer_in_the_way_is_named_and_nothing_is_left() {
    let database = Database::new().await;
    database.run(TABLE).await;
    let writer = database.session().await;
    writer.batch_execute("SET application_name = 'night job'; BEGIN; UPDATE t SET a = 2").await.unwrap();
    let ours = database.session().await;
    let failure = fence::put_up(&ours, &TERMS, &in_public(&["t"]), IMPATIENT).await.unwrap_err();
    assert_eq!(failure.code, "backstop::table_lock::busy");
    assert_eq!(failure.class, backstop::machine::FailureClass::Transient);
    let detail = failure.detail.unwrap();
    assert!(detail.contains("night job") && detail.contains("RowExclusiveLock on t"), "{detail}");
    assert_eq!(database.ask("SELECT 1 FROM pg_trigger WHERE tgname LIKE 'backstop%'").await.len(), 0);
}

/// The writer waits for what is held of the fence's tables already, and holds the last of them. Both would wait for each other, and
/// the server, which looks for that a second after somebody began to wait, would end the writer.
#[tokio::test]
async fn a_writer_that_holds_one_table_and_wants_another_is_no_victim() {
    let database = Database::new().await;
    database.run("CREATE TABLE a (n int); CREATE TABLE b (n int); CREATE TABLE c (n int)").await;
    let (ours, crossing, slow) = (database.session().await, database.session().await, database.session().await);
    crossing.batch_execute("BEGIN; INSERT INTO c VALUES (1)").await.unwrap();
    slow.batch_execute("BEGIN; INSERT INTO b VALUES (1)").await.unwrap();
    let patience = Patience { wait: Duration::from_secs(2), attempts: 20, pause: Duration::from_millis(100) };
    let tables = in_public(&["a", "b", "c"]);
    let put_up = fence::put_up(&ours, &TERMS, &tables, patience);
    let application = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let crosses = crossing.batch_execute("INSERT INTO a VALUES (1); COMMIT");
        let ends = async {
            tokio::time::sleep(Duration::from_millis(600)).await;
            slow.batch_execute("COMMIT").await
        };
        tokio::join!(crosses, ends)
    };
    let (up, (crossed, ended)) = tokio::join!(put_up, application);
    up.unwrap();
    crossed.unwrap();
    ended.unwrap();
    assert_eq!(database.ask("SELECT count(*) FROM a").await, [Some("1".to_owned())]);
}

#[tokio::test]
async fn a_long_reader_can_not_keep_the_fence_up() {
    let database = Database::new().await;
    database.run(TABLE).await;
    let ours = database.session().await;
    fence::put_up(&ours, &TERMS, &in_public(&["t"]), IMPATIENT).await.unwrap();
    let reader = database.session().await;
    reader.batch_execute("BEGIN; SELECT * FROM t").await.unwrap();
    let removed = fence::remove(&ours, RUN).await.unwrap();
    assert_eq!((removed.dropped, removed.disabled), (0, vec!["public.t".to_owned()]));
    database.run("INSERT INTO t VALUES (2)").await;
    reader.batch_execute("COMMIT").await.unwrap();
    assert_eq!(fence::remove(&ours, "a later run").await.unwrap().dropped, 1);
}

#[tokio::test]
async fn what_was_left_disabled_is_dropped_where_readers_let_it() {
    let database = Database::new().await;
    database.run(&format!("{TABLE}; CREATE TABLE u (a int)")).await;
    let ours = database.session().await;
    fence::put_up(&ours, &TERMS, &in_public(&["t", "u"]), IMPATIENT).await.unwrap();
    let (first, second) = (database.session().await, database.session().await);
    first.batch_execute("BEGIN; SELECT * FROM t").await.unwrap();
    second.batch_execute("BEGIN; SELECT * FROM u").await.unwrap();
    assert_eq!(fence::remove(&ours, RUN).await.unwrap().disabled.len(), 2);
    first.batch_execute("COMMIT").await.unwrap();
    fence::remove_disabled(&ours).await.unwrap();
    let left = "SELECT tgrelid::regclass FROM pg_trigger WHERE tgname LIKE 'backstop%'";
    assert_eq!(database.ask(left).await, [Some("u".to_owned())]);
}
