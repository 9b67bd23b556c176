//! How many locks the server can hold at once, and how many a run needs. A restore that finds none left can't be made, so it is asked
//! before.

use tokio_postgres::{Client, Error, types::Oid};

/// How many locks all sessions together can hold. The server has room for
/// `max_locks_per_transaction` × (`max_connections` + `max_prepared_transactions` + its own processes)
/// (<https://www.postgresql.org/docs/current/runtime-config-locks.html>), and a tenth of that more as its own reserve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockSlots {
    /// Locks for each of the processes.
    pub per_process: u64,
    /// Sessions, prepared transactions, and the server's own processes.
    pub processes: u64,
}

impl LockSlots {
    /// Asks the server's settings.
    ///
    /// # Errors
    /// The SQLSTATE that the server sent, or the loss of the connection.
    pub async fn read(client: &Client) -> Result<Self, Error> {
        let row = client.query_one(include_str!("lock_slots/settings.sql"), &[]).await?;
        let number = |index: usize| row.try_get::<_, i64>(index).map(|number| u64::try_from(number).unwrap_or_default());
        Ok(LockSlots { per_process: number(0)?, processes: number(1)? })
    }

    /// How many there is room for.
    pub fn all(self) -> u64 {
        let counted = self.per_process.saturating_mul(self.processes);
        counted + counted / 10
    }

    /// The value of `max_locks_per_transaction` that makes room for so many.
    pub fn per_process_for(self, locks: u64) -> u64 {
        let needed = locks.saturating_mul(10).div_ceil(self.processes.max(1).saturating_mul(11));
        needed.next_multiple_of(64)
    }
}

/// How many locks a run with these targets takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LockNeed {
    /// Tables.
    pub tables: u64,
    /// Their indexes.
    pub indexes: u64,
}

/// Locks for a table that is made anew beside those that every table needs: it and its TOAST table twice, its row type, its
/// constraints. Measured: 13 for a table with a key and a TOAST table.
const ANEW_TABLE: u64 = 13;
/// Locks for an index, constraint or other object that is made anew.
const ANEW_OBJECT: u64 = 3;

impl LockNeed {
    /// Counts the indexes of the targets.
    ///
    /// # Errors
    /// The SQLSTATE that the server sent, or the loss of the connection.
    pub async fn of(client: &Client, targets: &[Oid]) -> Result<Self, Error> {
        const INDEXES: &str = "SELECT count(*) FROM pg_catalog.pg_index AS i WHERE i.indrelid = ANY ($1::pg_catalog.oid[])";
        let indexes: i64 = client.query_one(INDEXES, &[&targets]).await?.try_get(0)?;
        Ok(LockNeed { tables: targets.len() as u64, indexes: u64::try_from(indexes).unwrap_or_default() })
    }

    /// What the backup takes: every table and its indexes, and of each copy itself, its TOAST table and that one's index.
    pub fn backup(self) -> u64 {
        4 * self.tables + self.indexes
    }

    /// What a restore takes that has nothing to make anew: every table, its indexes, its copy.
    pub fn comparison(self) -> u64 {
        2 * self.tables + self.indexes
    }

    /// What a restore takes in addition that makes so many tables anew, and so many of other objects.
    pub fn anew(tables: u64, others: u64) -> u64 {
        ANEW_TABLE * tables + ANEW_OBJECT * others
    }

    /// What a restore takes that has to make everything anew.
    pub fn everything(self) -> u64 {
        self.comparison() + Self::anew(self.tables, self.indexes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_that_is_named_makes_room() {
        let slots = LockSlots { per_process: 64, processes: 122 };
        assert_eq!(slots.all(), 8588);
        let need = LockNeed { tables: 3000, indexes: 6000 }.everything();
        assert!(need > slots.all());
        let raised = LockSlots { per_process: slots.per_process_for(need), ..slots };
        assert!(raised.all() >= need && raised.per_process < 1024, "{raised:?}");
        assert_eq!(slots.per_process_for(1), 64);
    }
}
