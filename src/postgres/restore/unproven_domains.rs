//! Constraints of domains that are NOT VALID: the server holds new values to them, but not those that were there before. A row that
//! comes back was there before.

use tokio_postgres::{Client, Error};

use crate::{
    catalog::{ObjectKey, source_form},
    sql::quote::qualified,
};

/// The query for such constraints that values of a table may break; it has the table as $1.
pub const UNPROVEN_DOMAINS: &str = include_str!("unproven_domains.sql");

/// What is to be done around the filling of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AroundLoad {
    /// Before it.
    pub off: Vec<String>,
    /// After it.
    pub back: Vec<String>,
}

impl AroundLoad {
    /// The statement with these around it.
    pub fn whole(&self, load: &str) -> String {
        let all = self.off.iter().map(String::as_str).chain([load]).chain(self.back.iter().map(String::as_str));
        all.collect::<Vec<_>>().join(";\n")
    }
}

/// What lets rows of a table come back past constraints that they need not fulfil. The transaction's `search_path` is empty.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn around_load(client: &Client, table: &ObjectKey) -> Result<AroundLoad, Error> {
    let mut around = AroundLoad::default();
    for row in client.query(UNPROVEN_DOMAINS, &[&qualified(&table.schema, &table.name)]).await? {
        around.off.push(row.try_get(0)?);
        around.back.push(source_form(row.try_get(1)?));
        around.back.push(row.try_get(2)?);
    }
    Ok(around)
}
