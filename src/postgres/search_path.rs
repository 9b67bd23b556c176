//! Which schemas the names in statements mean: ours in every statement of ours, a plan's in the plan's own and nowhere else.
//!
//! Names without a schema, and above all operators, casts and functions, are looked up in `search_path`. Whoever may create
//! objects in one of its schemas has his code run with the rights of whoever sends such a statement (CVE-2018-1058). So every
//! session has [`PINNED`] from its first statement on, and a plan's path is in force only while the plan's own SQL runs, or
//! while a name that the plan wrote is looked up by a [`Qualified`] statement of ours.

use tokio_postgres::{
    Client, Error, Row,
    error::SqlState,
    types::{FromSqlOwned, Oid, ToSql},
};

pub use super::connection::{PIN, PINNED};
use crate::{
    plan::{Rendered, Session},
    sql::quote,
};

/// How often it is pinned again where a late cancel request hits.
const PINS_MAX: u32 = 5;

/// A statement of ours that means the same under every path: functions, operators, types and relations in it are named with their
/// schemas. `tests/it/house` reads each of them.
#[derive(Debug, Clone, Copy)]
pub struct Qualified(&'static str);

impl Qualified {
    /// A statement whose names all have their schemas.
    pub const fn new(sql: &'static str) -> Self {
        Qualified(sql)
    }
}

/// The path under which a plan's own SQL runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanPath {
    schemas: Vec<String>,
}

impl PlanPath {
    /// That of a plan.
    pub fn of(session: &Session<Rendered>) -> Self {
        PlanPath { schemas: session.search_path.iter().map(|schema| schema.sent().to_owned()).collect() }
    }

    /// That of these schemas.
    pub fn of_schemas(schemas: &[String]) -> Self {
        PlanPath { schemas: schemas.to_vec() }
    }

    /// Its schemas, in order.
    pub fn schemas(&self) -> &[String] {
        &self.schemas
    }

    /// The setting's value: every name quoted.
    pub fn value(&self) -> String {
        if self.schemas.is_empty() {
            return "''".to_owned();
        }
        self.schemas.iter().map(|schema| quote::ident(schema)).collect::<Vec<_>>().join(", ")
    }

    /// Does the plan's own work under its path; ours is pinned again afterwards. Where the work fails in a transaction, the caller
    /// rolls back at least to where it stood before, which pins it too.
    ///
    /// # Errors
    /// Those of the work, or what the server said to the settings.
    pub async fn during<T, E>(
        &self,
        client: &Client,
        work: impl Future<Output = Result<T, E>>,
        failed: impl Fn(Error) -> E,
    ) -> Result<T, E> {
        client.batch_execute(&self.set()).await.map_err(&failed)?;
        let done = work.await;
        let pinned = pin(client).await;
        let value = done?;
        pinned.map_err(failed)?;
        Ok(value)
    }

    /// The statement that puts it in force.
    fn set(&self) -> String {
        format!("SET search_path = {}", self.value())
    }

    /// The rows that a statement of ours answers where names mean what they mean to the plan.
    ///
    /// # Errors
    /// The SQLSTATE that the server sent, or the loss of the connection.
    pub async fn query(
        &self,
        client: &Client,
        Qualified(sql): Qualified,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Error> {
        self.during(client, client.query(sql, parameters), |error| error).await
    }

    /// The relation that a name means; none where there is none.
    ///
    /// # Errors
    /// What the server said, to a name that is none for instance.
    pub async fn relation(&self, client: &Client, name: &str) -> Result<Option<Oid>, Error> {
        const RELATION: Qualified = Qualified::new("SELECT pg_catalog.to_regclass($1)::pg_catalog.oid");
        self.first_value(client, RELATION, &[&name]).await.map(Option::flatten)
    }

    /// The type that a name means; none where there is none.
    ///
    /// # Errors
    /// What the server said, to a name that is none for instance.
    pub async fn data_type(&self, client: &Client, name: &str) -> Result<Option<Oid>, Error> {
        const TYPE: Qualified = Qualified::new("SELECT pg_catalog.to_regtype($1)::pg_catalog.oid");
        self.first_value(client, TYPE, &[&name]).await.map(Option::flatten)
    }

    /// The function that a signature means; none where there is none.
    ///
    /// # Errors
    /// What the server said, to a signature that is none for instance.
    pub async fn function(&self, client: &Client, signature: &str) -> Result<Option<Oid>, Error> {
        const FUNCTION: Qualified = Qualified::new("SELECT pg_catalog.to_regprocedure($1)::pg_catalog.oid");
        self.first_value(client, FUNCTION, &[&signature]).await.map(Option::flatten)
    }

    /// The name of a type with its modifier, as the server prints it to whoever has this path.
    ///
    /// # Errors
    /// The SQLSTATE that the server sent, or the loss of the connection.
    pub async fn type_name(&self, client: &Client, data_type: Oid, modifier: i32) -> Result<String, Error> {
        const NAME: Qualified = Qualified::new("SELECT pg_catalog.format_type($1, $2)");
        self.first_value(client, NAME, &[&data_type, &modifier]).await.map(Option::unwrap_or_default)
    }

    /// The first value of the first row.
    async fn first_value<T: FromSqlOwned>(
        &self,
        client: &Client,
        asked: Qualified,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<T>, Error> {
        self.query(client, asked, parameters).await?.first().map(|row| row.try_get(0)).transpose()
    }
}

/// Pins our own path.
///
/// # Errors
/// What the server said; in a transaction that has failed it refuses, and pins with the rollback.
pub async fn pin(client: &Client) -> Result<(), Error> {
    let mut tries = 1;
    loop {
        match client.batch_execute(PIN).await {
            Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) && tries < PINS_MAX => tries += 1,
            done => return done,
        }
    }
}
