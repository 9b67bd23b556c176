//! Rows that were added, removed or changed since a backup.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use tokio_postgres::{Client, Error, Row};

use crate::{
    catalog::{Column, Constraint, Definition, ObjectKey, Snapshot},
    drive::manifest::{Manifest, TableCopy},
    machine::Failure,
    postgres::{
        backup::OpenCopies,
        digest::{RowSource, fingerprints},
        error_class::failure,
        expressions::{along, digest_along},
    },
    sql::{KeyText, quote::qualified},
};

const NOT_COMPARED: &str = "backstop::difference::not_compared";

/// How many keys of each kind of change are shown.
const SAMPLE_KEYS_MAX: usize = 5;

/// How the rows of a table were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// By their digest: they are the same.
    Digest,
    /// By primary key, in all columns.
    Key,
    /// By primary key, in the columns that are still what they were.
    KeyInCommonColumns,
    /// As multisets, for there is no primary key: a changed row counts as one removed and one added.
    Multiset,
    /// They could only be counted: the table has another shape.
    Count,
    /// The table is gone.
    Gone,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowDelta {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It holds something else.
    Changed,
}

/// A row that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sampled {
    /// What became of it.
    pub how: RowDelta,
    /// Its primary key as text.
    pub key: String,
}

/// What became of a table's rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TableDelta {
    /// `schema.table`
    pub table: String,
    /// How they were compared.
    pub by: By,
    /// Rows in the backup.
    pub then: u64,
    /// Rows now; none where the table is gone.
    pub now: Option<u64>,
    /// Rows that are new; none where that can't be told.
    pub added: Option<u64>,
    /// Rows that are gone; none where that can't be told.
    pub removed: Option<u64>,
    /// Rows that hold something else; none where that can't be told.
    pub changed: Option<u64>,
    /// A few of them.
    pub sample: Vec<Sampled>,
}

impl TableDelta {
    /// Whether the rows are what they were.
    pub fn is_nothing(&self) -> bool {
        self.by == By::Digest
            || (matches!(self.by, By::Key | By::Multiset)
                && [self.added, self.removed, self.changed].iter().all(|n| n.unwrap_or_default() == 0))
    }
}

/// What became of the rows of these tables of a backup, in its order. The open transaction has its settings pinned; `now` is
/// the structure that it sees.
///
/// # Errors
/// `backstop::difference::not_compared` with what the server said, or as [`digest`].
pub async fn table_deltas(
    client: &Client,
    manifest: &Manifest,
    copies: &OpenCopies,
    now: &Snapshot,
    tables: &BTreeSet<ObjectKey>,
) -> Result<Vec<TableDelta>, Failure> {
    let mut deltas = Vec::new();
    for copy in manifest.tables.iter().filter(|copy| tables.contains(&copy.key())) {
        deltas.push(delta(client, &Compared { manifest, copies, copy }, now).await?);
    }
    Ok(deltas)
}

/// A table of a backup.
struct Compared<'a> {
    manifest: &'a Manifest,
    copies: &'a OpenCopies,
    copy: &'a TableCopy,
}

async fn delta(client: &Client, compared: &Compared<'_>, now: &Snapshot) -> Result<TableDelta, Failure> {
    let Compared { manifest, copy, .. } = *compared;
    let failed = |error: Error| {
        let failure = failure(NOT_COMPARED, &error);
        let message = format!("{} could not be compared with its copy: {}", copy.title(), failure.message);
        Failure { message, ..failure }
    };
    let then = manifest.columns(copy).unwrap_or_default();
    let Some(columns) = columns(now, &copy.key()) else {
        let removed = Some(copy.content.rows);
        return Ok(TableDelta { removed, now: None, ..plain(copy, By::Gone) });
    };
    let common: Vec<Column> = then.iter().filter(|column| is_still(column, columns)).cloned().collect();
    let is_whole = common.len() == then.len() && then.len() == columns.len();
    if is_whole {
        let content = digest_along(client, manifest.algorithm, &manifest.paths, &copy.key(), then).await?;
        if content == copy.content {
            return Ok(TableDelta { added: Some(0), removed: Some(0), changed: Some(0), ..plain(copy, By::Digest) });
        }
    }
    match (key(manifest, copy, &common), is_whole) {
        (Some(key), _) => {
            let by = if is_whole { By::Key } else { By::KeyInCommonColumns };
            let sides = compared.sides(&common, &key)?;
            keyed(client, sides, key.len(), plain(copy, by)).await.map_err(failed)
        }
        (None, true) => {
            let sides = compared.sides(then, &[])?;
            multisets(client, sides, compared).await.map_err(failed)
        }
        (None, false) => counted(client, manifest, copy).await.map_err(failed),
    }
}

impl Compared<'_> {
    /// What gives fingerprints of the rows in the table and of those in its copy.
    fn sides(&self, columns: &[Column], key: &[&Column]) -> Result<(String, String), Failure> {
        let Compared { manifest, copies, copy } = self;
        let copied = copies.of(&copy.key()).ok_or_else(|| {
            let message = format!("{} could not be compared with its copy, which is gone", copy.title());
            Failure::permanent(NOT_COMPARED, message)
                .hint("Nothing was changed. Where its copy is gone, another backup may have one: `backstop backup list`.")
        })?;
        let side = |relation: &str, reading| fingerprints(manifest.algorithm, relation, columns, key, reading);
        Ok((side(&qualified(&copy.schema, &copy.name), RowSource::Live), side(copied, RowSource::Copy)))
    }
}

fn plain(copy: &TableCopy, by: By) -> TableDelta {
    TableDelta {
        table: copy.title(),
        by,
        then: copy.content.rows,
        now: Some(copy.content.rows),
        added: None,
        removed: None,
        changed: None,
        sample: Vec::new(),
    }
}

fn columns<'a>(snapshot: &'a Snapshot, table: &ObjectKey) -> Option<&'a [Column]> {
    match &snapshot.objects.get(table)?.definition {
        Definition::Table(found) => Some(&found.columns),
        _ => None,
    }
}

fn is_still(column: &Column, now: &[Column]) -> bool {
    now.iter().any(|other| other.name == column.name && other.data_type == column.data_type)
}

/// The columns of the primary key that the table had, where all of them are still what they were.
fn key<'c>(manifest: &Manifest, copy: &TableCopy, common: &'c [Column]) -> Option<Vec<&'c Column>> {
    let text = manifest.snapshot.objects.iter().find_map(|(key, object)| match &object.definition {
        Definition::Constraint(Constraint { contype: 'p', definition, .. })
            if key.schema == copy.schema && key.of.as_deref() == Some(copy.name.as_str()) =>
        {
            Some(definition)
        }
        _ => None,
    })?;
    let names = KeyText::parse(text)?.columns;
    names.iter().map(|name| common.iter().find(|column| column.name == *name)).collect()
}

/// `none` is what is known before the rows are read.
async fn keyed(
    client: &Client,
    (live, copied): (String, String),
    columns: usize,
    none: TableDelta,
) -> Result<TableDelta, Error> {
    let on: Vec<String> = (1..=columns).map(|place| format!("l.k{place} = c.k{place}")).collect();
    let sql = format!(
        "WITH d AS MATERIALIZED (\
         SELECT CASE WHEN c.here IS NULL THEN 'added' WHEN l.here IS NULL THEN 'removed' ELSE 'changed' END AS how, \
         coalesce(l.label, c.label) AS label FROM ({live}) AS l FULL JOIN ({copied}) AS c ON {} \
         WHERE l.here IS NULL OR c.here IS NULL OR l.a <> c.a OR l.b <> c.b) \
         SELECT d.how, count(*), ARRAY(SELECT e.label FROM d AS e WHERE e.how = d.how LIMIT {SAMPLE_KEYS_MAX}) \
         FROM d GROUP BY d.how",
        on.join(" AND ")
    );
    let mut delta = TableDelta { added: Some(0), removed: Some(0), changed: Some(0), ..none };
    for row in client.query(&sql, &[]).await? {
        let rows = number(&row, 1)?;
        let how = match row.try_get::<_, &str>(0)? {
            "added" => RowDelta::Added,
            "removed" => RowDelta::Removed,
            _ => RowDelta::Changed,
        };
        match how {
            RowDelta::Added => delta.added = Some(rows),
            RowDelta::Removed => delta.removed = Some(rows),
            RowDelta::Changed => delta.changed = Some(rows),
        }
        let mut keys: Vec<String> = row.try_get(2)?;
        keys.sort();
        delta.sample.extend(keys.into_iter().map(|key| Sampled { how, key }));
    }
    delta.sample.sort_by_key(|sampled| sampled.how);
    Ok(counted_up(delta))
}

async fn multisets(
    client: &Client,
    (live, copied): (String, String),
    Compared { manifest, copy, .. }: &Compared<'_>,
) -> Result<TableDelta, Error> {
    let sql = format!(
        "SELECT coalesce(sum(greatest(g.n, 0)), 0)::pg_catalog.int8, coalesce(sum(greatest(-g.n, 0)), 0)::pg_catalog.int8 \
         FROM (SELECT sum(u.sign) AS n FROM (\
         SELECT 1 AS sign, l.a, l.b FROM ({live}) AS l UNION ALL SELECT -1, c.a, c.b FROM ({copied}) AS c) AS u \
         GROUP BY u.a, u.b) AS g"
    );
    let row = along(client, &manifest.paths.tries(&copy.key()), &sql).await?;
    let (added, removed) = (Some(number(&row, 0)?), Some(number(&row, 1)?));
    Ok(counted_up(TableDelta { added, removed, changed: Some(0), ..plain(copy, By::Multiset) }))
}

async fn counted(client: &Client, manifest: &Manifest, copy: &TableCopy) -> Result<TableDelta, Error> {
    let sql = format!("SELECT pg_catalog.count(*) FROM ONLY {}", qualified(&copy.schema, &copy.name));
    let row = along(client, &manifest.paths.tries(&copy.key()), &sql).await?;
    Ok(TableDelta { now: Some(number(&row, 0)?), ..plain(copy, By::Count) })
}

fn counted_up(delta: TableDelta) -> TableDelta {
    let now = (delta.then + delta.added.unwrap_or_default()).saturating_sub(delta.removed.unwrap_or_default());
    TableDelta { now: Some(now), ..delta }
}

fn number(row: &Row, column: usize) -> Result<u64, Error> {
    row.try_get::<_, i64>(column).map(|number| u64::try_from(number).unwrap_or_default())
}
