//! What the transaction had done to every relation, at its start and at its end.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join;
use tokio_postgres::{Client, Error, types::Oid};

use crate::{machine::Failure, postgres::error_class};

const FAILED: &str = "backstop::run::coverage_unknown";

/// What a step did to a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableChange {
    /// So many rows were inserted, updated or deleted.
    Rows(u64),
    /// TRUNCATE, a rewrite, or a refresh: how many rows is hidden.
    Replaced,
    /// It is gone.
    Dropped,
    /// It has this name now.
    Renamed(String),
    /// It is a foreign table, whose server counts the rows.
    Foreign,
    /// It was locked as a change of its structure would lock it.
    Locked,
}

/// A table that a step touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// `pg_class.oid`
    pub oid: Oid,
    /// Its schema, before the step.
    pub schema: String,
    /// Its name, before the step.
    pub name: String,
    /// By the server's counters and locks, not by reading the SQL.
    pub how: TableChange,
    /// Whether it existed before the step.
    pub existed: bool,
    /// The tables that it is a partition or a child of.
    pub above: Vec<Oid>,
    /// Whether it can be a backup's target: it is none of the server's, an extension's or another server's.
    pub can_be_target: bool,
}

/// A reading of all relations inside a transaction.
#[derive(Debug, Clone)]
pub struct ActivitySnapshot {
    relations: BTreeMap<Oid, RelationActivity>,
    locks: BTreeSet<(Oid, String)>,
}

#[derive(Debug, Clone)]
struct RelationActivity {
    schema: String,
    name: String,
    foreign: bool,
    filenode: Oid,
    counters: [i64; 3],
    above: Vec<Oid>,
    can_be_target: bool,
}

/// The lock of ANALYZE, and of what changes how a table is treated and neither its rows nor what they may be.
const ONLY_LOOKS: &str = "ShareUpdateExclusiveLock";

impl ActivitySnapshot {
    /// Reads them at the start of a step, and makes sure that the server counts.
    ///
    /// # Errors
    /// `backstop::run::counters_off` where the server does not count and the role may not make it; else what the server said.
    pub async fn start(client: &Client) -> Result<Self, Failure> {
        let failed = |error| error_class::failure(FAILED, &error);
        if !counts(client).await.map_err(failed)? {
            client.batch_execute("SET LOCAL track_counts = on").await.map_err(|_| counters_off())?;
        }
        Self::read(client).await.map_err(failed)
    }

    /// What was touched since.
    ///
    /// # Errors
    /// As [`ActivitySnapshot::start`].
    pub async fn touched(&self, client: &Client) -> Result<Vec<Touched>, Failure> {
        let failed = |error| error_class::failure(FAILED, &error);
        if !counts(client).await.map_err(failed)? {
            return Err(counters_off());
        }
        let now = Self::read(client).await.map_err(failed)?;
        let mut touched: Vec<Touched> = Vec::new();
        for (oid, then) in &self.relations {
            if let Some(how) = now.how(*oid, then, &self.locks) {
                touched.push(then.touched(*oid, how, true));
            }
        }
        for (oid, relation) in now.relations.iter().filter(|(oid, _)| !self.relations.contains_key(oid)) {
            // Others may create tables meanwhile; one of ours is locked by us.
            if now.holds(*oid, "AccessExclusiveLock") || relation.rows() > 0 {
                touched.push(relation.touched(*oid, TableChange::Rows(relation.rows()), false));
            }
        }
        touched.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        Ok(touched)
    }

    async fn read(client: &Client) -> Result<Self, Error> {
        // Sent together, answered in order.
        let relations = client.query_typed(include_str!("relations.sql"), &[]);
        let (rows, locks) = try_join(relations, client.query_typed(include_str!("locks.sql"), &[])).await?;
        let relation = |row: &tokio_postgres::Row| {
            let relation = RelationActivity {
                schema: row.try_get(1)?,
                name: row.try_get(2)?,
                foreign: row.try_get(3)?,
                filenode: row.try_get(4)?,
                counters: [row.try_get(5)?, row.try_get(6)?, row.try_get(7)?],
                above: row.try_get(8)?,
                can_be_target: row.try_get(9)?,
            };
            Ok((row.try_get(0)?, relation))
        };
        let relations = rows.iter().map(relation).collect::<Result<_, Error>>()?;
        let locks = locks.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, Error>>()?;
        Ok(ActivitySnapshot { relations, locks })
    }

    /// What became of a relation; only what this session locked can have been its doing.
    fn how(&self, oid: Oid, then: &RelationActivity, locks_then: &BTreeSet<(Oid, String)>) -> Option<TableChange> {
        let exclusive = self.holds(oid, "AccessExclusiveLock");
        let Some(now) = self.relations.get(&oid) else { return exclusive.then_some(TableChange::Dropped) };
        if exclusive && (&now.schema, &now.name) != (&then.schema, &then.name) {
            return Some(TableChange::Renamed(format!("{}.{}", now.schema, now.name)));
        }
        if exclusive && now.filenode != then.filenode {
            return Some(TableChange::Replaced);
        }
        if now.foreign && self.locks.iter().any(|(locked, _)| *locked == oid) {
            return Some(TableChange::Foreign);
        }
        let rows = now.rows().saturating_sub(then.rows());
        if now.counters != then.counters {
            return Some(TableChange::Rows(rows));
        }
        let is_change = |lock: &(Oid, String)| lock.1 != ONLY_LOOKS && !locks_then.contains(lock);
        let locked_since = self.locks.iter().any(|lock| lock.0 == oid && is_change(lock));
        locked_since.then_some(TableChange::Locked)
    }

    fn holds(&self, oid: Oid, mode: &str) -> bool {
        self.locks.contains(&(oid, mode.to_owned()))
    }
}

impl RelationActivity {
    fn rows(&self) -> u64 {
        self.counters.iter().map(|count| u64::try_from(*count).unwrap_or_default()).sum()
    }

    fn touched(&self, oid: Oid, how: TableChange, existed: bool) -> Touched {
        let (schema, name, above) = (self.schema.clone(), self.name.clone(), self.above.clone());
        Touched { oid, schema, name, how, existed, above, can_be_target: self.can_be_target }
    }
}

async fn counts(client: &Client) -> Result<bool, Error> {
    client.query_typed_one("SELECT current_setting('track_counts')::boolean", &[]).await?.try_get(0)
}

fn counters_off() -> Failure {
    Failure::permanent("backstop::run::counters_off", "the server does not count rows (track_counts is off)").hint(
        "Set track_counts = on in the server's configuration: without it nobody can tell which tables a step wrote to.",
    )
}
