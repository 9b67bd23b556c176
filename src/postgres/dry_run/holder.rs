//! Who holds locks at this moment that a statement would wait for.

use std::{collections::BTreeMap, time::Duration};

use tokio_postgres::{Client, Error, Row};

use crate::{machine::Failure, postgres::error_class, secrets, sql::LockLevel};

/// A session that holds a lock on a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLockHolder {
    /// The lock's mode, as `pg_locks` names it.
    pub mode: String,
    /// The server's process; none for a prepared transaction.
    pub pid: Option<i32>,
    /// The role; none where ours may not see it.
    pub role: Option<String>,
    /// Its `application_name`.
    pub application: Option<String>,
    /// `active`, `idle in transaction`, …
    pub state: Option<String>,
    /// How long its transaction has been open.
    pub age: Option<Duration>,
    /// Its last statement, cut.
    pub query: Option<String>,
}

impl TableLockHolder {
    /// Whether a statement of this level waits for it
    /// (<https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES>).
    pub fn stops(&self, level: LockLevel) -> bool {
        const STRONGER: [&str; 8] = [
            "AccessShareLock",
            "RowShareLock",
            "RowExclusiveLock",
            "ShareUpdateExclusiveLock",
            "ShareLock",
            "ShareRowExclusiveLock",
            "ExclusiveLock",
            "AccessExclusiveLock",
        ];
        let from = match level {
            LockLevel::None => return false,
            LockLevel::Rows => 4,
            LockLevel::Maintenance => 3,
            LockLevel::Writers => 2,
            LockLevel::Everybody => 0,
        };
        STRONGER.iter().skip(from).any(|mode| *mode == self.mode)
    }
}

/// The locks that others hold on these tables, given as quoted names, by those names.
///
/// # Errors
/// `backstop::plan::not_looked`, with what the server said.
pub async fn holders(client: &Client, tables: &[String]) -> Result<BTreeMap<String, Vec<TableLockHolder>>, Failure> {
    let failed = |error: Error| error_class::failure("backstop::plan::not_looked", &error);
    let mut found: BTreeMap<String, Vec<TableLockHolder>> = BTreeMap::new();
    if tables.is_empty() {
        return Ok(found);
    }
    for row in client.query(include_str!("holders.sql"), &[&tables]).await.map_err(failed)? {
        let (table, holder) = holder(&row).map_err(failed)?;
        found.entry(table).or_default().push(holder);
    }
    Ok(found)
}

fn holder(row: &Row) -> Result<(String, TableLockHolder), Error> {
    let age: Option<i64> = row.try_get(6)?;
    let holder = TableLockHolder {
        mode: row.try_get(1)?,
        pid: row.try_get(2)?,
        role: row.try_get(3)?,
        application: row.try_get(4)?,
        state: row.try_get(5)?,
        age: age.and_then(|age| u64::try_from(age).ok()).map(Duration::from_secs),
        query: row.try_get::<_, Option<String>>(7)?.map(|query| secrets::redacted_cut(&query)),
    };
    Ok((row.try_get(0)?, holder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_stops_only_what_keeps_readers_away() {
        let holder = |mode: &str| TableLockHolder {
            mode: mode.to_owned(),
            pid: Some(1),
            role: None,
            application: None,
            state: None,
            age: None,
            query: None,
        };
        assert!(holder("AccessShareLock").stops(LockLevel::Everybody));
        assert!(!holder("AccessShareLock").stops(LockLevel::Writers));
        assert!(holder("RowExclusiveLock").stops(LockLevel::Writers) && !holder("RowExclusiveLock").stops(LockLevel::Rows));
        assert!(holder("ShareUpdateExclusiveLock").stops(LockLevel::Maintenance));
        assert!(!holder("AccessExclusiveLock").stops(LockLevel::None));
    }
}
