//! What every session of a run has, whatever the server's own defaults are.

use backstop::{
    plan::PlanName,
    postgres::{
        connection::{ConnectOptions, connect},
        session::{Lifetime, SessionSettings},
    },
};
use tokio_postgres::Client;

use super::{database::Database, plans::plan};
use crate::support::server;

async fn show(client: &Client, setting: &str) -> Option<String> {
    client.query_one("SELECT current_setting($1, true)", &[&setting]).await.unwrap().get(0)
}

fn settings() -> SessionSettings {
    SessionSettings::of_plan(&PlanName::parse("p").unwrap(), &plan(Vec::new()).session)
}

/// Servers before 14 can't look; ours run on Linux, or the test says nothing.
fn looks(server_version: &str) -> bool {
    cfg!(target_os = "linux") && server_version.parse::<u32>().unwrap() >= 140_000
}

#[tokio::test]
async fn a_vanished_client_is_noticed_and_an_answered_commit_is_durable() {
    let database = Database::fresh().await;
    let client = database.client().await;
    let version = show(&client, "server_version_num").await.unwrap();
    settings().apply(&client, Lifetime::Session).await.unwrap();
    if looks(&version) {
        assert_eq!(show(&client, "client_connection_check_interval").await.as_deref(), Some("10s"));
    }
    client.batch_execute("SET synchronous_commit = remote_apply").await.unwrap();
    // What an earlier piece of work left behind is reset; the server's own default, off for instance, is not enough.
    settings().apply(&client, Lifetime::Session).await.unwrap();
    let durable = show(&client, "synchronous_commit").await.unwrap();
    assert!(["local", "on"].contains(&durable.as_str()), "{durable}");
}

#[tokio::test]
async fn the_connection_string_has_the_last_word() {
    let database = Database::fresh().await;
    let url = server().url_of(&database.name);
    let separator = if url.contains('?') { '&' } else { '?' };
    let options = "options=-c%20client_connection_check_interval%3D3s%20-c%20synchronous_commit%3Dremote_write";
    let version = show(&database.client().await, "server_version_num").await.unwrap();
    if !looks(&version) {
        return;
    }
    let options = ConnectOptions::from_url(&format!("{url}{separator}{options}")).unwrap();
    let session = connect(&options, "test").await.unwrap();
    settings().apply(&session.client, Lifetime::Session).await.unwrap();
    assert_eq!(show(&session.client, "client_connection_check_interval").await.as_deref(), Some("3s"));
    assert_eq!(show(&session.client, "synchronous_commit").await.as_deref(), Some("remote_write"));
}
