//! Sessions once they stand: notices, their end, cancelling.

use std::time::Duration;

use crate::support::database;

#[tokio::test]
async fn notices_are_there_when_the_answer_is() {
    let database = database("notices");
    let connection = database.connect().await;
    connection.client.batch_execute("DO $$ BEGIN RAISE WARNING 'look' USING HINT = 'here'; END $$").await.expect("it runs");
    let notices = connection.take_notices();
    assert_eq!((notices.kept.len(), notices.lost), (1, 0));
    assert_eq!(notices.kept[0].message, "look");
    assert_eq!(notices.kept[0].hint.as_deref(), Some("here"));
    assert!(connection.take_notices().kept.is_empty());

    let many = "DO $$ BEGIN FOR i IN 1..1500 LOOP RAISE NOTICE '%', i; END LOOP; END $$";
    connection.client.batch_execute(many).await.expect("it runs");
    let notices = connection.take_notices();
    assert_eq!((notices.kept.len(), notices.lost), (1_000, 500));
    assert_eq!(notices.kept.last().map(|notice| notice.message.as_str()), Some("1500"));
}

#[tokio::test]
async fn the_end_of_a_session_is_noticed() {
    let database = database("ended");
    let connection = database.connect().await;
    assert!(!connection.is_closed());
    let row = connection.client.query_one("SELECT pg_backend_pid()", &[]).await.expect("its number");
    let pid: i32 = row.get(0);
    database.execute(&format!("SELECT pg_terminate_backend({pid})"));
    let why = tokio::time::timeout(Duration::from_secs(10), connection.closed()).await.expect("it is noticed");
    assert!(why.is_some_and(|why| !why.is_empty()));
    assert!(connection.is_closed());
}

#[tokio::test]
async fn a_running_statement_is_cancelled_from_another_task() {
    let database = database("cancelled");
    let connection = database.connect().await;
    let cancel = connection.cancel();
    let cancelling = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cancel.cancel().await
    });
    let error = connection.client.batch_execute("SELECT pg_sleep(30)").await.expect_err("it is cancelled");
    assert_eq!(error.code().map(|state| state.code()), Some("57014"));
    cancelling.await.expect("the task").expect("the request");
}

#[test]
fn the_tools_of_these_tests_work() {
    let database = database("tools");
    let role = database.role("reader", "LOGIN");
    database.psql("CREATE TABLE pets (id int PRIMARY KEY, name text); INSERT INTO pets VALUES (1, 'Ann'), (2, 'Bob')");
    let (schema, rows) = (database.dump_schema(), database.rows("pets"));
    assert!(schema.contains("CREATE TABLE public.pets"), "{schema}");
    assert!(rows.starts_with("2 "), "{rows}");

    database.psql("DELETE FROM pets WHERE id = 1; INSERT INTO pets VALUES (1, 'Ann')");
    assert_eq!(database.rows("pets"), rows);
    database.psql("UPDATE pets SET name = 'Eve' WHERE id = 1");
    assert_ne!(database.rows("pets"), rows);
    assert_eq!(database.dump_schema(), schema);
    assert_eq!(database.one("SELECT count(*) FROM pets"), "2");
    let name = crate::support::psql(&database.url_as(&role), "SELECT current_user").expect("the role gets in");
    assert_eq!(name, role.name);
}
