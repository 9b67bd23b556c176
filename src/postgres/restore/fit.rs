//! Whether rows that a restore leaves alone fit to those that it brings back.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error};

use crate::{
    catalog::{ObjectKey, ObjectKind, Snapshot},
    drive::manifest::{Manifest, TableCopy},
    postgres::backup::{OpenCopies, value},
    sql::{
        KeyText,
        quote::{ident, qualified},
    },
};

/// How many keys of rows that don't fit are shown.
const SAMPLE_KEYS_MAX: usize = 10;

/// A foreign key that rows would break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The foreign key.
    pub constraint: ObjectKey,
    /// The table that the rows would be missing in: `schema.table`
    pub missing_in: String,
    /// How many rows would break it.
    pub rows: u64,
    /// What some of them point to.
    pub keys: Vec<String>,
}

impl Misfit {
    /// In words.
    pub fn told(&self) -> String {
        let some = if self.rows > self.keys.len() as u64 { ", ..." } else { "" };
        format!(
            "{}: {} of its rows would point to nothing in {} ({}{some})",
            self.constraint,
            self.rows,
            self.missing_in,
            self.keys.join("; ")
        )
    }
}

/// The foreign keys of the backup's structure between a table that is brought back and one that is not, which rows would
/// break. A foreign key that can't be looked at here is looked at by the restore itself.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn misfits(
    client: &Client,
    manifest: &Manifest,
    copies: &OpenCopies,
    now: &Snapshot,
) -> Result<Vec<Misfit>, Error> {
    let rows = FitContext { manifest, copies, now };
    let mut found = Vec::new();
    for (key, object) in &manifest.snapshot.objects {
        let Some(constraint) = object.definition.foreign_key().filter(|key| key.validated) else { continue };
        let Some(query) = rows.sides(key, &object.depends_on, &constraint.definition) else { continue };
        client.batch_execute("SAVEPOINT backstop_fit").await?;
        let row = client.query_one(&query.sql(), &[]).await;
        client.batch_execute("ROLLBACK TO SAVEPOINT backstop_fit; RELEASE SAVEPOINT backstop_fit").await?;
        let Ok(row) = row else { continue };
        let rows = u64::try_from(row.try_get::<_, i64>(0)?).unwrap_or_default();
        if rows > 0 {
            let constraint = key.clone();
            found.push(Misfit { constraint, missing_in: query.missing_in, rows, keys: row.try_get(1)? });
        }
    }
    Ok(found)
}

/// Where the rows on both sides of a foreign key will come from.
struct Sides {
    child: String,
    parent: String,
    pairs: Vec<(String, String)>,
    missing_in: String,
}

/// Where rows will come from.
struct FitContext<'a> {
    manifest: &'a Manifest,
    copies: &'a OpenCopies,
    now: &'a Snapshot,
}

impl FitContext<'_> {
    /// None where both tables are brought back or none is, or where one of them is not there.
    fn sides(&self, key: &ObjectKey, needs: &BTreeSet<ObjectKey>, definition: &str) -> Option<Sides> {
        let child = ObjectKey::table(&key.schema, key.of.as_ref()?);
        let mut others = needs.iter().filter(|need| need.kind == ObjectKind::Table && **need != child);
        let parent = others.next()?.clone();
        let copy = |table: &ObjectKey| self.manifest.tables.iter().find(|copy| copy.key() == *table);
        if copy(&child).is_some() == copy(&parent).is_some() {
            return None;
        }
        let text = KeyText::parse(definition)?;
        let references = text.references?;
        let own = self.select(&child, copy(&child), &text.columns)?;
        let other = self.select(&parent, copy(&parent), &references)?;
        let places = 1..=text.columns.len();
        Some(Sides {
            child: own,
            parent: other,
            pairs: places.map(|place| (format!("c.k{place}"), format!("p.k{place}"))).collect(),
            missing_in: format!("{}.{}", parent.schema, parent.name),
        })
    }

    /// The columns as `k1`, `k2`, ... of the copy, where the table is brought back, else of the table itself.
    fn select(&self, table: &ObjectKey, copy: Option<&TableCopy>, columns: &[String]) -> Option<String> {
        let mut values = Vec::new();
        for (place, name) in columns.iter().enumerate() {
            let value = match copy {
                Some(copy) => value(self.manifest.columns(copy)?.iter().find(|column| column.name == *name)?),
                None => ident(name),
            };
            values.push(format!("{value} AS k{}", place + 1));
        }
        let relation = match copy {
            Some(_) => self.copies.of(table)?.to_owned(),
            None if self.now.objects.contains_key(table) => qualified(&table.schema, &table.name),
            None => return None,
        };
        Some(format!("SELECT {} FROM {relation}", values.join(", ")))
    }
}

impl Sides {
    fn sql(&self) -> String {
        let not_null: Vec<String> = self.pairs.iter().map(|(own, _)| format!("{own} IS NOT NULL")).collect();
        let equal: Vec<String> = self.pairs.iter().map(|(own, other)| format!("{own} = {other}")).collect();
        let label: Vec<&str> = self.pairs.iter().map(|(own, _)| own.as_str()).collect();
        format!(
            "WITH b AS MATERIALIZED (SELECT pg_catalog.concat_ws(', ', {}) AS label FROM ({}) AS c \
             WHERE {} AND NOT EXISTS (SELECT FROM ({}) AS p WHERE {})) \
             SELECT (SELECT count(*) FROM b), ARRAY(SELECT DISTINCT b.label FROM b ORDER BY 1 LIMIT {SAMPLE_KEYS_MAX})",
            label.join(", "),
            self.child,
            not_null.join(" AND "),
            self.parent,
            equal.join(" AND "),
        )
    }
}
