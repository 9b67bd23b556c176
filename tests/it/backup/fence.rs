//! The fence refuses others and lets the run through.

use std::time::Duration;

use backstop::{
    plan::Writers,
    postgres::{
        fence::{self, FenceTerms, Lets, REFUSED},
        table_lock::Patience,
    },
};

use super::harness::{Database, IMPATIENT, ask, in_public};

const RUN: &str = "01900000-0000-7000-8000-000000000001";
const TERMS: FenceTerms<'_> = FenceTerms { run: RUN, plan: "test", writers: Writers::Block };
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
    let replaying = database.session().await;
    replaying.batch_execute("SET session_replication_role = replica").await.unwrap();
    let error = replaying.batch_execute("INSERT INTO t VALUES (2)").await.unwrap_err();
    assert_eq!(error.code().unwrap().code(), REFUSED, "{error:?}");

    ours.batch_execute("BEGIN").await.unwrap();
    fence::announce(&ours, RUN, Lets::Transaction).await.unwrap();
    ours.batch_execute("INSERT INTO t VALUES (2); COMMIT").await.unwrap();
    ours.batch_execute("INSERT INTO t VALUES (3)").await.unwrap_err();
    ours.batch_execute("BEGIN").await.unwrap();
    fence::announce(&ours, "01900000-0000-7000-8000-000000000002", Lets::Transaction).await.unwrap();
    ours.batch_execute("INSERT INTO t VALUES (2)").await.unwrap_err();
    ours.batch_execute("ROLLBACK").await.unwrap();

    let removed = fence::take_down(&ours, RUN).await.unwrap();
    assert_eq!((removed.dropped, removed.left.len()), (1, 0));
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

/// The triggers tell everybody which run it is.
#[tokio::test]
async fn to_know_the_run_is_not_to_be_let_through() {
    let database = Database::new().await;
    database.run(TABLE).await;
    let app = database.role();
    database.run(&format!("CREATE ROLE {app}; GRANT ALL ON t TO {app}")).await;
    let ours = database.session().await;
    fence::put_up(&ours, &TERMS, &in_public(&["t"]), IMPATIENT).await.unwrap();
    let theirs = database.session_of(&app).await;
    let shown =
        "SELECT substring(pg_get_triggerdef(oid) FROM $$'([0-9a-f]{64})'$$) FROM pg_trigger WHERE tgname LIKE 'backstop%'";
    let digest = ask(&theirs, shown).await[0].clone().unwrap();
    for guess in [RUN, "", &digest] {
        theirs.batch_execute(&format!("SET backstop.run = '{guess}'")).await.unwrap();
        let error = theirs.batch_execute("INSERT INTO t VALUES (2)").await.unwrap_err();
        assert_eq!(error.code().unwrap().code(), REFUSED, "{guess}");
    }
    theirs.batch_execute("SELECT pass FROM backstop.fences").await.unwrap_err();
    ours.batch_execute("BEGIN").await.unwrap();
    fence::announce(&ours, RUN, Lets::Transaction).await.unwrap();
    let said = "SELECT count(*) FROM pg_stat_activity AS a, backstop.fences AS f WHERE strpos(a.query, f.pass) > 0";
    assert_eq!(database.ask(said).await, [Some("0".to_owned())]);
    ours.batch_execute("ROLLBACK").await.unwrap();
    fence::take_down(&ours, RUN).await.unwrap();
    database.run(&format!("DROP OWNED BY {app}; DROP ROLE {app}")).await;
}

#[tokio::test]
async fn a_fence_that_is_down_lets_everybody_through_whoever_keeps_its_triggers() {
    for writers in [Writers::Block, Writers::Capture, Writers::Detect] {
        let database = Database::new().await;
        database.run("CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE one PARTITION OF t DEFAULT").await;
        let ours = database.session().await;
        fence::put_up(&ours, &FenceTerms { writers, ..TERMS }, &in_public(&["t", "one"]), IMPATIENT).await.unwrap();
        let reader = database.session().await;
        reader.batch_execute("BEGIN; SELECT * FROM t").await.unwrap();
        let removed = fence::take_down(&ours, RUN).await.unwrap();
        assert!(removed.left.contains(&"public.one".to_owned()), "{removed:?}");
        database
            .run("INSERT INTO t VALUES (2); INSERT INTO one VALUES (3); UPDATE t SET a = a + 1; DELETE FROM one WHERE a = 3")
            .await;
        assert_eq!(database.ask("SELECT a FROM t").await, [Some("4".to_owned())]);
        assert!(database.ask("SELECT 1 FROM backstop.later_writes").await.is_empty());
        reader.batch_execute("COMMIT").await.unwrap();
        assert!(fence::clear_away(&ours).await.unwrap().left.is_empty());
        for left in ["SELECT 1 FROM pg_trigger WHERE tgname LIKE '%backstop%'", "SELECT 1 FROM backstop.fences"] {
            assert!(database.ask(left).await.is_empty(), "{left}");
        }
    }
}

#[tokio::test]
async fn what_an_older_program_left_disabled_is_dropped() {
    let database = Database::new().await;
    database.run(&format!("{TABLE}; CREATE TABLE u (a int)")).await;
    let ours = database.session().await;
    fence::put_up(&ours, &TERMS, &in_public(&["t", "u"]), IMPATIENT).await.unwrap();
    database.run(&format!("ALTER TABLE t DISABLE TRIGGER \"backstop_fence_{RUN}\"")).await;
    assert_eq!(fence::clear_away(&ours).await.unwrap().dropped, 1);
    let left = "SELECT tgrelid::regclass FROM pg_trigger WHERE tgname LIKE 'backstop%'";
    assert_eq!(database.ask(left).await, [Some("u".to_owned())]);
}

#[tokio::test]
async fn the_fence_comes_down_where_no_lock_on_a_table_is_to_be_had() {
    let database = Database::new().await;
    let made = "DO $$ BEGIN FOR i IN 1..150 LOOP EXECUTE format('CREATE TABLE t%s (a int)', i); END LOOP; END $$";
    database.run(made).await;
    let names: Vec<String> = (1..=150).map(|number| format!("t{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let ours = database.session().await;
    fence::put_up(&ours, &TERMS, &in_public(&names), IMPATIENT).await.unwrap();
    let holder = database.session().await;
    holder
        .batch_execute(
            "BEGIN; DO $$ BEGIN FOR i IN 1..150 LOOP EXECUTE format('LOCK TABLE t%s IN SHARE MODE', i); END LOOP; END $$",
        )
        .await
        .unwrap();
    let removed = fence::take_down(&ours, RUN).await.unwrap();
    assert_eq!((removed.dropped, removed.left.len()), (0, 150));
    holder.batch_execute("COMMIT").await.unwrap();
    database.run("INSERT INTO t1 VALUES (1); INSERT INTO t150 VALUES (1)").await;
    assert_eq!(fence::clear_away(&ours).await.unwrap().dropped, 150);
}
