//! Foreign keys that are made again when captured writes are there, and what has to give way to them.

use tokio_postgres::{Client, Error};

use super::carry::{CarriedOver, RefusedChanges, carry_over};
use crate::{
    drive::manifest::Manifest,
    machine::Failure,
    postgres::error_class::failure,
    sql::quote::{ident, qualified},
};

/// The functions that say what has to give way; belong to the journal's schema, beside those that carry over.
pub const FOREIGN_KEYS: &str = include_str!("foreign_keys.sql");

/// How often changes are made again without those that turned out to be at fault. Refusing one can bring another to light, where rows
/// point to rows that point to others.
const ATTEMPTS_MAX: usize = 20;
/// How often the keys are gone through: a row that is set aside may have been pointed to through another one.
const ROUNDS_MAX: usize = 20;

const SAVE: &str = "SAVEPOINT backstop_carried";
const BACK: &str = "ROLLBACK TO SAVEPOINT backstop_carried; RELEASE SAVEPOINT backstop_carried";

/// A foreign key that is to be made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// Unquoted, `pg_constraint.conname`.
    pub name: String,
    /// Its table: schema and name.
    pub own: (String, String),
    /// Its columns.
    pub columns: Vec<String>,
    /// The table that it refers to: schema and name.
    pub other: (String, String),
    /// That one's columns, in the same order.
    pub referred: Vec<String>,
}

impl ForeignKey {
    fn tables(&self) -> (String, String) {
        (qualified(&self.own.0, &self.own.1), qualified(&self.other.0, &self.other.1))
    }

    /// Why a change is not made.
    fn reason(&self) -> String {
        let (own, other) = self.tables();
        format!("foreign key {} is made again, and a row of {own} would point to nothing in {other}", ident(&self.name))
    }
}

/// Makes again what was captured, as [`carry_over`], so that these keys can be made again: what their absence let through is
/// left out, and rows that point to nothing all the same are set aside. Their tables are locked against writers for that.
///
/// # Errors
/// As [`carry_over`].
pub async fn carry_over_under(client: &Client, manifest: &Manifest, keys: &[ForeignKey]) -> Result<CarriedOver, Failure> {
    let failed = |error| failure("backstop::later_writes::not_carried_over", &error);
    lock(client, keys).await.map_err(failed)?;
    let mut refused = RefusedChanges::new();
    for attempt in 1.. {
        client.batch_execute(SAVE).await.map_err(failed)?;
        let carried = carry_over(client, manifest, &refused).await?;
        let at_fault = at_fault(client, manifest, keys).await.map_err(failed)?;
        if at_fault.is_empty() || attempt == ATTEMPTS_MAX {
            let set_aside = make_way(client, manifest, keys).await.map_err(failed)?;
            return Ok(CarriedOver { set_aside, ..carried });
        }
        client.batch_execute(BACK).await.map_err(failed)?;
        refused.extend(at_fault);
    }
    Ok(CarriedOver::default())
}

async fn lock(client: &Client, keys: &[ForeignKey]) -> Result<(), Error> {
    for key in keys {
        let (own, other) = key.tables();
        client.batch_execute(&format!("LOCK TABLE {other}, {own} IN SHARE ROW EXCLUSIVE MODE")).await?;
    }
    Ok(())
}

async fn at_fault(client: &Client, manifest: &Manifest, keys: &[ForeignKey]) -> Result<RefusedChanges, Error> {
    const FIND: &str = "SELECT backstop.at_fault($1::text::uuid, $2::text::pg_snapshot, \
                        $3::text::regclass, $4::text[], $5::text::regclass, $6::text[])";
    let mut found = RefusedChanges::new();
    for key in keys {
        let (own, other) = key.tables();
        let rows = client.query(FIND, &[&manifest.run, &manifest.moment, &own, &key.columns, &other, &key.referred]).await?;
        for row in rows {
            found.insert(row.try_get(0)?, key.reason());
        }
    }
    Ok(found)
}

/// Sets aside what points to nothing, and says how many rows that were. What is left after all rounds keeps its key from being made.
async fn make_way(client: &Client, manifest: &Manifest, keys: &[ForeignKey]) -> Result<u64, Error> {
    const MAKE_WAY: &str =
        "SELECT backstop.make_way($1::text::uuid, $2, $3::text::regclass, $4::text[], $5::text::regclass, $6::text[])";
    let mut all = 0;
    for _ in 0..ROUNDS_MAX {
        let before = all;
        for key in keys {
            let (own, other) = key.tables();
            let row =
                client.query_one(MAKE_WAY, &[&manifest.run, &key.name, &own, &key.columns, &other, &key.referred]).await?;
            all += u64::try_from(row.try_get::<_, i64>(0)?).unwrap_or_default();
        }
        if all == before {
            break;
        }
    }
    Ok(all)
}
