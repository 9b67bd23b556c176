//! Checks of constraints and indexes.

use tokio_postgres::{Client, Error, types::Oid};

use super::{
    finding::{Finding, Unevaluated},
    sample::{column_name, columns, named},
};
use crate::{
    plan::{ConstraintKind, Text},
    postgres::relation::Relation,
};

/// A foreign key over exactly these columns, in any order, to the other table, validated.
pub(super) async fn foreign_key(
    client: &Client,
    table: &Relation,
    names: &[Text],
    to: &Relation,
) -> Result<Finding, Unevaluated> {
    let asked = named(&columns(client, table).await?, table, names)?;
    let found: Vec<Constraint> = read(client, table)
        .await?
        .into_iter()
        .filter(|c| c.contype == b'f' && c.to == to.oid && same_set(&c.columns, &asked))
        .collect();
    Ok(judge(&found, &format!("foreign key from {table} ({}) to {to}", asked.join(", "))))
}

/// A constraint of this name, or of this kind over exactly these columns, validated.
pub(super) async fn constraint(
    client: &Client,
    table: &Relation,
    name: Option<&Text>,
    kind: Option<ConstraintKind>,
    names: &[Text],
) -> Result<Finding, Unevaluated> {
    let name = name.map(column_name).transpose()?;
    let asked = match names {
        [] => None,
        names => Some(named(&columns(client, table).await?, table, names)?),
    };
    if name.is_none() && kind.is_none() && asked.is_none() {
        return Unevaluated::because("it names no constraint");
    }
    let meant = |c: &Constraint| {
        name.as_ref().is_none_or(|name| c.name == *name)
            && kind.is_none_or(|kind| c.contype == contype(kind))
            && asked.as_ref().is_none_or(|asked| same_set(&c.columns, asked))
    };
    let found: Vec<Constraint> = read(client, table).await?.into_iter().filter(meant).collect();
    let mut what = kind.map_or("constraint", word).to_owned();
    if let Some(name) = &name {
        what.push_str(&format!(" {name}"));
    }
    what.push_str(&format!(" of {table}"));
    if let Some(asked) = &asked {
        what.push_str(&format!(" over ({})", asked.join(", ")));
    }
    Ok(judge(&found, &what))
}

/// An index that is valid: of this name, or with exactly these leading columns. One that holds only some of the rows counts
/// only where it is asked for by name.
pub(super) async fn index(
    client: &Client,
    table: &Relation,
    names: &[Text],
    name: Option<&Text>,
    unique: Option<bool>,
) -> Result<Finding, Unevaluated> {
    let name = name.map(column_name).transpose()?;
    let asked = match (names, &name) {
        ([], Some(_)) => Vec::new(),
        (names, _) => named(&columns(client, table).await?, table, names)?,
    };
    let meant = |index: &Index| match &name {
        Some(name) => index.name == *name && index.leads_with(&asked),
        None => index.leads_with(&asked),
    };
    let found: Vec<Index> = indexes(client, table).await?.into_iter().filter(meant).collect();
    let what = match &name {
        Some(name) => format!("index {name} of {table}"),
        None => format!("index of {table} on ({})", asked.join(", ")),
    };
    let mut against = None;
    for index in &found {
        match index.objection(name.is_some(), asked.len(), unique) {
            None => return Ok(Finding::holds(format!("{} serves as {what}", index.name))),
            Some(objection) => against = Some(format!("{} {objection}", index.name)),
        }
    }
    Ok(Finding::broken(against.unwrap_or_else(|| format!("there is no {what}"))))
}

struct Constraint {
    name: String,
    contype: u8,
    columns: Vec<String>,
    to: Oid,
    /// Validated, and enforced where the server knows the difference.
    stands: bool,
}

async fn read(client: &Client, table: &Relation) -> Result<Vec<Constraint>, Error> {
    let rows = client
        .query(
            "SELECT c.conname::text, c.contype, c.confrelid,
                    c.convalidated AND coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true),
                    ARRAY(SELECT a.attname::text FROM unnest(c.conkey) AS k (attnum)
                          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum)
             FROM pg_catalog.pg_constraint AS c WHERE c.conrelid = $1 ORDER BY c.conname",
            &[&table.oid],
        )
        .await?;
    let constraint = |row: &tokio_postgres::Row| {
        Ok(Constraint {
            name: row.try_get(0)?,
            contype: row.try_get::<_, i8>(1)? as u8,
            to: row.try_get(2)?,
            stands: row.try_get(3)?,
            columns: row.try_get(4)?,
        })
    };
    rows.iter().map(constraint).collect()
}

fn judge(found: &[Constraint], what: &str) -> Finding {
    match (found.iter().find(|c| c.stands), found.first()) {
        (Some(c), _) => Finding::holds(format!("{what} exists: {}", c.name)),
        (None, Some(c)) => Finding::broken(format!("{what} exists but is not validated: {}", c.name)),
        (None, None) => Finding::broken(format!("there is no {what}")),
    }
}

struct Index {
    name: String,
    unique: bool,
    valid: bool,
    partial: bool,
    /// Its key columns; none for an expression.
    keys: Vec<Option<String>>,
}

impl Index {
    fn leads_with(&self, asked: &[String]) -> bool {
        self.keys.len() >= asked.len() && self.keys.iter().zip(asked).all(|(key, asked)| key.as_ref() == Some(asked))
    }

    /// Why it does not serve, as the rest of a sentence.
    fn objection(&self, by_name: bool, asked: usize, unique: Option<bool>) -> Option<&'static str> {
        if !self.valid {
            return Some("exists but is invalid: it was not built to its end");
        }
        if self.partial && !by_name {
            return Some("holds only some of the rows");
        }
        match unique {
            Some(true) if !self.unique => Some("is not unique"),
            Some(true) if asked > 0 && self.keys.len() != asked => Some("is unique over more columns"),
            Some(false) if self.unique => Some("is unique"),
            _ => None,
        }
    }
}

async fn indexes(client: &Client, table: &Relation) -> Result<Vec<Index>, Error> {
    let rows = client
        .query(
            "SELECT c.relname::text, i.indisunique, i.indisvalid AND i.indisready AND i.indislive, i.indpred IS NOT NULL,
                    ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
                          LEFT JOIN pg_catalog.pg_attribute AS a
                                 ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
                          WHERE k.place <= i.indnkeyatts ORDER BY k.place)
             FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
             WHERE i.indrelid = $1 ORDER BY c.relname",
            &[&table.oid],
        )
        .await?;
    let index = |row: &tokio_postgres::Row| {
        Ok(Index {
            name: row.try_get(0)?,
            unique: row.try_get(1)?,
            valid: row.try_get(2)?,
            partial: row.try_get(3)?,
            keys: row.try_get(4)?,
        })
    };
    rows.iter().map(index).collect()
}

fn same_set(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|column| b.contains(column))
}

/// As in `pg_constraint.contype`.
pub(super) fn contype(kind: ConstraintKind) -> u8 {
    match kind {
        ConstraintKind::PrimaryKey => b'p',
        ConstraintKind::Unique => b'u',
        ConstraintKind::ForeignKey => b'f',
        ConstraintKind::Check => b'c',
        ConstraintKind::Exclusion => b'x',
    }
}

pub(super) fn word(kind: ConstraintKind) -> &'static str {
    match kind {
        ConstraintKind::PrimaryKey => "primary key",
        ConstraintKind::Unique => "unique constraint",
        ConstraintKind::ForeignKey => "foreign key",
        ConstraintKind::Check => "check constraint",
        ConstraintKind::Exclusion => "exclusion constraint",
    }
}
