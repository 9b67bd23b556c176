//! Databases of these tests: each with a session that they work in.

use std::ops::Deref;

use tokio_postgres::Client;

use crate::support::{TestDatabase, database, database_like};

/// The roles that the scripts speak of.
const ROLES: [&str; 5] = ["museum_owner", "museum_api", "museum Reader", "museum_lender", "museum_default"];

/// A database that is dropped at the end, and a session in it.
pub struct Database {
    pub client: Client,
    place: TestDatabase,
}

impl Database {
    /// A new database in which the script has been run.
    pub async fn create(word: &str, script: &str) -> Database {
        let database = Database::at(database(word)).await;
        for role in ROLES {
            // Roles are the whole server's: another test may have made them, or be about to.
            let _ = database.client.batch_execute(&format!("CREATE ROLE \"{role}\"")).await;
        }
        if let Err(error) = database.client.batch_execute(script).await {
            panic!("{word}: {:?}", error.as_db_error());
        }
        database
    }

    /// A copy of a template.
    pub async fn copy(word: &str, template: &TestDatabase) -> Database {
        Database::at(database_like(template, word)).await
    }

    async fn at(place: TestDatabase) -> Database {
        Database { client: place.client().await, place }
    }

    /// Lets go of the session, so that the database can be a template.
    pub fn into_template(self) -> TestDatabase {
        self.place.end_sessions();
        self.place
    }
}

impl Deref for Database {
    type Target = TestDatabase;

    fn deref(&self) -> &TestDatabase {
        &self.place
    }
}
