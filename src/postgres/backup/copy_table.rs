//! One table → its verified copy.

use futures_util::StreamExt;
use tokio_postgres::Client;

use super::{
    in_database::{copied, copy_failure},
    open_copy::OpenCopy,
    read::Store,
};
use crate::{
    catalog::Column,
    drive::{
        backups::{NewCopy, Pieces, Reply, TableRows},
        manifest::{Algorithm, CopyId, TableContent, TableCopy},
    },
    machine::Failure,
    postgres::{
        digest::{RowSource, digest},
        expressions::set_path,
    },
    sql::quote::qualified,
};

/// A backup whose tables are being copied.
#[derive(Debug, Clone, Copy)]
pub struct Destination<'a> {
    /// Where it is kept.
    pub store: &'a Store,
    /// The backup's id, as the store returned it.
    pub backup: &'a str,
    /// The schema of copies in the same database.
    pub schema: &'a str,
    /// How rows are digested.
    pub algorithm: Algorithm,
}

/// What is to be copied.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The table's schema.
    pub schema: String,
    /// The table's name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The copy's name.
    pub copy: String,
    /// The `search_path` under which what hangs on the table can be evaluated.
    pub path: String,
}

/// OpenCopies the table in the open transaction, and proves the copy equal to the table. The transaction sees the backup's snapshot and has
/// the settings pinned.
///
/// # Errors
/// `backstop::backup::copy_differs` where the proof fails; `copy_failed`, `disk_full` or `backstop::digest::failed` with
/// what the server said; what the store said.
pub async fn copy_table(client: &Client, to: Destination<'_>, assignment: Assignment) -> Result<TableCopy, Failure> {
    let Assignment { schema, name, columns, copy, path } = assignment;
    let failed = |error| copy_failure(&format!("{schema}.{name} could not be copied"), &error);
    // Whoever reads the table has what hangs on it planned, whatever he reads.
    client.batch_execute(&set_path(&path)).await.map_err(failed)?;
    let content = digest(client, to.algorithm, &qualified(&schema, &name), &columns, RowSource::Live).await?;
    let table = TableCopy { schema: schema.clone(), name: name.clone(), copy, bytes: 0, content, path };
    let id = CopyId { backup: to.backup, schema: to.schema, copy: &table.copy };
    let new = NewCopy { id, algorithm: to.algorithm, columns: &columns, table: &table };
    let bytes = to.store.write(client, &new, &CopyOutRows { client, table: &table, columns: &columns }).await?;
    client.batch_execute(&set_path("")).await.map_err(failed)?;
    let Some(opened) = OpenCopy::open(to.store, client, id, &columns).await? else {
        return Err(Failure::permanent(
            "backstop::backup::copy_failed",
            format!("the copy of {schema}.{name} is not there"),
        ));
    };
    let here = digest(client, to.algorithm, &opened.relation, &columns, RowSource::Copy).await?;
    if here != table.content {
        return Err(differs(&table, &here));
    }
    opened.close(client).await?;
    Ok(TableCopy { bytes, ..table })
}

/// A table's rows on their way to a store elsewhere. Bytes go over as they are: those of an SQL_ASCII database need not be text in any
/// encoding.
struct CopyOutRows<'a> {
    client: &'a Client,
    table: &'a TableCopy,
    columns: &'a [Column],
}

impl TableRows for CopyOutRows<'_> {
    fn pieces(&self) -> Reply<'_, Pieces<'_>> {
        Box::pin(async move {
            let failed = |error| copy_failure(&format!("{} could not be copied", self.table.title()), &error);
            let query = copied(&self.table.schema, &self.table.name, self.columns);
            let copy = format!("COPY ({query}) TO STDOUT (ENCODING 'SQL_ASCII')");
            let pieces = self.client.copy_out(&copy).await.map_err(failed)?;
            Ok(Box::pin(pieces.map(move |piece| piece.map(Vec::from).map_err(failed))) as Pieces<'_>)
        })
    }
}

fn differs(table: &TableCopy, here: &TableContent) -> Failure {
    let (title, there) = (table.title(), &table.content);
    Failure::permanent("backstop::backup::copy_differs", format!("the copy of {title} is not equal to the table"))
        .detail(format!(
            "table: {} rows, digest {}\ncopy: {} rows, digest {}",
            there.rows, there.digest, here.rows, here.digest
        ))
        .hint("Look for a type whose text form does not hold its whole value, and report it; nothing was changed.")
}
