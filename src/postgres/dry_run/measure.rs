//! How large tables are, and how fast one of them can be read.

use std::time::{Duration, Instant};

use tokio_postgres::{Client, Error, error::SqlState};

use crate::{
    catalog::Column,
    drive::manifest::Algorithm,
    machine::Failure,
    postgres::{
        as_owner::as_owner,
        digest::{RowSource, around, pin},
        error_class,
        relation::{Relation, RelationKind},
        transaction::roll_back,
    },
};

/// How much of a table's heap is read, in bytes: first a little, then more where that was quick.
const SAMPLES: [u64; 2] = [1024 * 1024, 16 * 1024 * 1024];
/// How long each may take at most.
const TIME_MAX: Duration = Duration::from_secs(1);
/// What a block has, as servers are built by default.
const BLOCK_BYTES: u64 = 8192;

/// A table's size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSize {
    /// `schema.table`
    pub table: String,
    /// Rows, as the server's statistics estimate them; none where it has none.
    pub rows: Option<u64>,
    /// Heap and TOAST, in bytes: what a copy takes.
    pub bytes: u64,
    /// Heap alone.
    pub heap: u64,
    /// With the indexes: what a restore writes anew.
    pub all: u64,
}

/// A measurement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// The table that was read.
    pub table: String,
    /// How much of it, with what lies in TOAST, in bytes.
    pub bytes: u64,
    /// Counted, not estimated.
    pub rows: u64,
    /// How long that took.
    pub took: Duration,
}

/// The sizes of tables; it waits no longer than `lock_timeout` for one that is locked.
///
/// # Errors
/// `backstop::plan::not_looked`, with what the server said.
pub async fn sizes(client: &Client, tables: &[Relation]) -> Result<Vec<TableSize>, Failure> {
    const LOOK: &str = "SELECT t.oid, CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END,
               pg_catalog.pg_table_size(t.oid), pg_catalog.pg_relation_size(t.oid), pg_catalog.pg_total_relation_size(t.oid)
        FROM unnest($1::oid[]) AS t (oid) JOIN pg_catalog.pg_class AS c ON c.oid = t.oid";
    let oids: Vec<u32> = tables.iter().map(|table| table.oid).collect();
    let failed = |error: Error| error_class::failure("backstop::plan::not_looked", &error);
    let rows = client.query(LOOK, &[&oids]).await.map_err(failed)?;
    let unsigned = |number: i64| u64::try_from(number).unwrap_or_default();
    let size = |row: &tokio_postgres::Row| {
        let oid: u32 = row.try_get(0)?;
        let Some(table) = tables.iter().find(|table| table.oid == oid) else { return Ok(None) };
        Ok(Some(TableSize {
            table: table.to_string(),
            rows: row.try_get::<_, Option<i64>>(1)?.map(unsigned),
            bytes: row.try_get::<_, Option<i64>>(2)?.map_or(0, unsigned),
            heap: row.try_get::<_, Option<i64>>(3)?.map_or(0, unsigned),
            all: row.try_get::<_, Option<i64>>(4)?.map_or(0, unsigned),
        }))
    };
    let sizes = rows.iter().map(size).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    Ok(sizes.into_iter().flatten().collect())
}

/// Reads and digests a sample of a table as a backup does, in a transaction of its own that is rolled back: at most
/// the last of [`SAMPLES`], and none for longer than [`TIME_MAX`]. None where even the first takes longer, or nothing is there to
/// be read.
///
/// # Errors
/// What the server said, where the role may not read the table for instance.
pub async fn measure(
    client: &Client,
    table: &Relation,
    size: &TableSize,
    way: &DigestMethod<'_>,
) -> Result<Option<Measured>, Failure> {
    if table.kind != RelationKind::Table || size.heap == 0 {
        return Ok(None);
    }
    let mut best: Option<Measured> = None;
    let mut last = 0;
    for wanted in SAMPLES {
        let is_quick =
            best.as_ref().is_none_or(|read| read.took.as_secs_f64() * wanted as f64 / last as f64 <= TIME_MAX.as_secs_f64());
        if !is_quick || last >= size.heap {
            break;
        }
        match sample(client, table, size, wanted, way).await? {
            Some(measured) => best = Some(measured),
            None => break,
        }
        last = wanted;
    }
    Ok(best)
}

/// How rows are digested.
#[derive(Debug, Clone, Copy)]
pub struct DigestMethod<'a> {
    /// The server's best algorithm.
    pub algorithm: Algorithm,
    /// The table's columns.
    pub columns: &'a [Column],
}

/// None where it takes too long, or no row was hit.
async fn sample(
    client: &Client,
    table: &Relation,
    size: &TableSize,
    wanted: u64,
    way: &DigestMethod<'_>,
) -> Result<Option<Measured>, Failure> {
    let share = (wanted as f64 / size.heap.max(BLOCK_BYTES) as f64).min(1.0);
    let failed = |error: Error| error_class::failure("backstop::plan::not_measured", &error);
    client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.map_err(failed)?;
    let read = async {
        pin(client).await?;
        client.batch_execute(&format!("SET LOCAL statement_timeout = {}", TIME_MAX.as_millis())).await?;
        let [head, tail] = around(way.algorithm, way.columns, RowSource::Live);
        let sql = format!("{head}{} TABLESAMPLE SYSTEM ({:.6}){tail}", table.quoted(), share * 100.0);
        let asked = async {
            let began = Instant::now();
            let row = client.query_one(&sql, &[]).await?;
            Ok::<_, Error>((row.try_get::<_, i64>(0)?, began.elapsed()))
        };
        as_owner(client, &table.quoted(), asked).await
    }
    .await;
    roll_back(client).await;
    let (rows, took) = match read {
        Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => return Ok(None),
        read => read.map_err(failed)?,
    };
    let bytes = (size.bytes as f64 * share) as u64;
    let rows = u64::try_from(rows).unwrap_or_default();
    Ok((rows > 0).then(|| Measured { table: table.to_string(), bytes, rows, took }))
}
