//! What others did meanwhile is left alone.

use std::collections::BTreeSet;

use backstop::{
    catalog::{Action, ObjectKey, Scope, compare, diff, script},
    postgres::capture,
};
use tokio_postgres::Client;

use super::{MUSEUM, server::Database, way_back::snapshot};
use crate::support::open;

async fn run(client: &Client, actions: &[Action]) {
    for action in actions {
        match action {
            Action::Sql { sql, .. } => client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}")),
            Action::Load(table) => panic!("{table} has no copy here"),
            Action::Position(_) => {}
        }
    }
}

#[tokio::test]
async fn what_others_changed_elsewhere_stays() {
    let database = Database::create("neighbours", MUSEUM).await;
    let client = &database.client;
    let then = snapshot(client).await;
    let mine = "CREATE INDEX mine ON museum.room (title); ALTER TABLE museum.room ALTER title SET DEFAULT 'x'; COMMENT ON SCHEMA shop IS 'mine'";
    client.batch_execute(mine).await.unwrap();
    let changed: BTreeSet<ObjectKey> =
        diff(&then, &snapshot(client).await).into_iter().map(|change| change.object).collect();
    let theirs = "CREATE TABLE shop.theirs (id int); COMMENT ON TABLE shop.log_entry IS 'theirs'; DROP TABLE shop.unrelated;
        CREATE VIEW shop.their_view AS SELECT * FROM shop.log_entry";
    client.batch_execute(theirs).await.unwrap();
    let now = snapshot(client).await;
    let scope = Scope { changed, ..Scope::default() };
    let script = script(&then, &now, &scope).unwrap();
    let theirs: Vec<String> = script.left_alone.iter().map(ToString::to_string).collect();
    assert_eq!(
        theirs,
        [
            "table shop.log_entry",
            "table shop.theirs",
            "table shop.unrelated",
            "constraint unrelated_pkey on shop.unrelated",
            "constraint unrelated_select_fkey on shop.unrelated",
            "view shop.their_view"
        ]
    );
    client.batch_execute(&format!("BEGIN; {}", capture::PINS)).await.unwrap();
    run(client, &script.actions).await;
    let after = snapshot(client).await;
    assert_eq!(compare(&then, &after, &script).differences, []);
    assert_eq!(diff(&now, &after).len(), 3, "the index, the default, the comment");
    // What goes wrong in scope, or is lost anywhere, is seen.
    client.batch_execute("CREATE INDEX again ON museum.room (title); CREATE TABLE shop.meanwhile (); DROP VIEW museum.fine_piece; ALTER TABLE museum.room ALTER keeper DROP NOT NULL").await.unwrap();
    let differences: Vec<String> = compare(&then, &snapshot(client).await, &script)
        .differences
        .iter()
        .map(|change| change.object.to_string())
        .collect();
    assert_eq!(differences, ["table museum.room", "index museum.again", "view museum.fine_piece"]);
    client.batch_execute("ROLLBACK").await.unwrap();
}

/// A role that may read nothing but the catalog sees the same structure.
#[tokio::test]
async fn any_role_can_take_a_snapshot() {
    let database = Database::create("anyone", MUSEUM).await;
    let before = snapshot(&database.client).await;
    let role = format!("{}_anyone", database.name);
    database.client.batch_execute(&format!("CREATE ROLE {role} LOGIN PASSWORD 'x'")).await.unwrap();
    let mut config = database.config();
    config.user(&role).password("x");
    let other = open(&config).await;
    let seen = snapshot(&other).await;
    assert_eq!(diff(&before, &seen), []);
    drop(other);
    database.client.batch_execute(&format!("DROP ROLE {role}")).await.unwrap();
}
