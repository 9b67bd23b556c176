//! Rows from a copy to a table in another database, a piece at a time.

use std::pin::pin;

use futures_util::{SinkExt, StreamExt};
use tokio_postgres::Client;

use crate::{
    catalog::{Column, ObjectKey},
    drive::manifest::TableCopy,
    machine::Failure,
    postgres::{error_class::failure, restore::statement_failed},
    sql::quote::{ident, qualified},
};

/// Fills the table with the rows of its copy, which can be read under this quoted name. Both sessions have their settings pinned, so that text means the same in both; what
/// is on its way is bounded by the two connections' buffers. Both databases have one encoding, so that bytes go over as they are:
/// those of an SQL_ASCII database need not be text in any other encoding.
///
/// # Errors
/// `backstop::trial::copy_unreadable` or `backstop::restore::statement_failed` with what the server said.
pub async fn stream(
    from: &Client,
    to: &Client,
    relation: &str,
    copy: &TableCopy,
    columns: &[Column],
) -> Result<(), Failure> {
    let stored: Vec<String> =
        columns.iter().filter(|column| column.generated.is_none()).map(|column| ident(&column.name)).collect();
    let read = format!("COPY (SELECT {} FROM {relation}) TO STDOUT (ENCODING 'SQL_ASCII')", stored.join(", "));
    let list = if stored.is_empty() { String::new() } else { format!(" ({})", stored.join(", ")) };
    let write = format!("COPY {}{list} FROM STDIN (ENCODING 'SQL_ASCII')", qualified(&copy.schema, &copy.name));
    let table: ObjectKey = copy.key();
    let unreadable = |error| {
        let failure = failure("backstop::trial::copy_unreadable", &error);
        let message = format!("{relation}, the copy of {}, can't be read: {}", copy.title(), failure.message);
        Failure { message, ..failure }
    };
    let refused = |error| statement_failed(&write, &table, &error);
    let mut rows = pin!(from.copy_out(&read).await.map_err(unreadable)?);
    let mut sink = pin!(to.copy_in(&write).await.map_err(refused)?);
    while let Some(piece) = rows.next().await {
        sink.feed(piece.map_err(unreadable)?).await.map_err(refused)?;
    }
    sink.finish().await.map(drop).map_err(refused)
}
