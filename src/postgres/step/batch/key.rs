//! The column that batches go through.

use tokio_postgres::{
    Client,
    types::{Oid, Type},
};

use crate::{
    machine::Failure,
    plan::{Batch, Rendered},
    postgres::{error_class, search_path::PlanPath},
    sql::{QualifiedName, quote},
};

/// The types that have one text for each value, an order, and an index that keeps it.
const TYPES: [Type; 10] = [
    Type::INT2,
    Type::INT4,
    Type::INT8,
    Type::NUMERIC,
    Type::UUID,
    Type::TEXT,
    Type::VARCHAR,
    Type::DATE,
    Type::TIMESTAMP,
    Type::TIMESTAMPTZ,
];

/// The column that batches go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The table, quoted.
    pub(super) table: String,
    /// The column, quoted.
    pub(super) column: String,
    /// Its type, as a cast names it.
    data_type: String,
    pub(super) may_be_null: bool,
    /// How many rows the table has by the server's estimate, where it has one.
    pub estimate: Option<u64>,
}

impl Key {
    /// Looks the key of a plan's batches up in the session's search path.
    ///
    /// # Errors
    /// `backstop::run::batch_key` where there is none that batches can go through, or what the server said.
    pub async fn find(client: &Client, path: &PlanPath, batch: &Batch<Rendered>) -> Result<Self, Failure> {
        let name = |text: &str| {
            QualifiedName::parse(text).map_err(|why| unfit(format!("`{text}` is no name: {why}"), "Write schema.table."))
        };
        let (table, column) = (name(batch.table.sent())?, name(batch.key.sent())?);
        let failed = |error| error_class::failure("backstop::run::batch_key", &error);
        let row = match path.relation(client, &table.quoted()).await.map_err(failed)? {
            Some(relation) => client.query_opt(include_str!("key.sql"), &[&relation, &column.name]).await.map_err(failed)?,
            None => None,
        };
        let (shown, key) = (batch.table.shown(), batch.key.shown());
        let Some(row) = row else {
            let help = "Write the table's schema too, or add its schema to the session's search_path.";
            return Err(unfit(format!("there is no table {shown}"), help));
        };
        let Some(attribute) = row.try_get::<_, Option<String>>(2).map_err(failed)? else {
            return Err(unfit(format!("table {shown} has no column {key}"), "Name a column of the table."));
        };
        let data_type: String = row.try_get(3).map_err(failed)?;
        let type_oid: Oid = row.try_get(4).map_err(failed)?;
        if !row.try_get::<_, bool>(6).map_err(failed)? {
            return Err(unfit(format!("{shown} is no table"), "Name the table whose rows are gone through."));
        }
        if !TYPES.iter().any(|known| known.oid() == type_oid) {
            let help = "Use a column of a number, uuid, text, date or timestamp type.";
            return Err(unfit(format!("{key} of {shown} has type {data_type}, which batches can't go through"), help));
        }
        if !row.try_get::<_, bool>(7).map_err(failed)? {
            let message =
                format!("no valid index of {shown} begins with {key}, so that each batch would read the whole table");
            return Err(unfit(message, "Name the primary key, or make an index on the column in a step before."));
        }
        Ok(Key {
            table: quote::qualified(row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?),
            column: quote::ident(&attribute),
            data_type,
            may_be_null: !row.try_get::<_, bool>(5).map_err(failed)?,
            estimate: row.try_get::<_, Option<i64>>(8).map_err(failed)?.and_then(|rows| u64::try_from(rows).ok()),
        })
    }

    /// A value of the key as a constant of its type.
    pub(super) fn literal(&self, text: &str) -> String {
        format!("{}::{}", quote::literal(text).trim_start(), self.data_type)
    }

    /// The table and the column in messages.
    pub(super) fn title(&self) -> String {
        format!("{} of {}", self.column, self.table)
    }
}

fn unfit(message: String, help: &str) -> Failure {
    Failure::permanent("backstop::run::batch_key", message).hint(help)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn key(data_type: &str) -> Key {
        Key {
            table: "\"public\".\"t\"".to_owned(),
            column: "\"id\"".to_owned(),
            data_type: data_type.to_owned(),
            may_be_null: false,
            estimate: None,
        }
    }

    #[test]
    fn constants_are_quoted_whatever_is_in_them() {
        assert_eq!(key("bigint").literal("-5"), "'-5'::bigint");
        assert_eq!(key("text").literal("it's \\ \"x\""), "E'it''s \\\\ \"x\"'::text");
    }
}
