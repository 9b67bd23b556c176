//! A fresh database for each test, with roles of its own.

use std::ops::Deref;

use backstop::postgres::connection::{ConnectOptions, Connection};
use tokio_postgres::Client;

use crate::support::{TestDatabase, block_on, database, open, server};

/// A database of its own, dropped with the value, and so are its roles.
pub struct Database {
    place: Option<TestDatabase>,
}

impl Database {
    pub async fn fresh() -> Self {
        Database { place: Some(database("run")) }
    }

    pub async fn with(sql: &str) -> Self {
        let database = Self::fresh().await;
        database.client().await.batch_execute(sql).await.unwrap();
        database
    }

    /// A session of the program's own kind.
    pub async fn session(&self) -> Connection {
        self.connect().await
    }

    /// How to connect as another role.
    pub fn options_as(&self, role: &str) -> ConnectOptions {
        ConnectOptions::from_url(&self.url_as_named(&self.role(role))).unwrap()
    }

    /// The role that the tests connect as.
    pub fn superuser(&self) -> String {
        self.config().get_user().unwrap_or("postgres").to_owned()
    }

    /// A session of another role of this database.
    pub async fn client_of(&self, role: &str) -> Client {
        self.client_as(&self.role(role)).await
    }

    /// What a role is called: they belong to the server, so they are named after the database.
    pub fn role(&self, role: &str) -> String {
        format!("{}_{role}", self.name)
    }
}

impl Deref for Database {
    type Target = TestDatabase;

    fn deref(&self) -> &TestDatabase {
        self.place.as_ref().expect("it is there until it is dropped")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(place) = self.place.take() else { return };
        let name = place.name.clone();
        drop(place);
        block_on(async {
            let client = open(&server().url.parse().expect("the server's URL")).await;
            let own = "SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1 || '_')";
            for role in client.query(own, &[&name]).await.unwrap_or_default() {
                let role: String = role.get(0);
                if let Err(error) = client.batch_execute(&format!("DROP ROLE \"{role}\"")).await {
                    eprintln!("the role of a test stays: {error}");
                }
            }
        });
    }
}
