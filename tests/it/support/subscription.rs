//! A subscription of one test's database to another's.

use std::time::{Duration, Instant};

use super::{TestDatabase, psql};

const PATIENCE: Duration = Duration::from_secs(120);
const PUBLICATION: &str = "app";

/// A subscription; dropped with its slot when it is. Declare it after both databases, so that it goes first.
pub struct Subscription {
    to: String,
    from: String,
    slot: String,
}

impl Subscription {
    /// Publishes what `members` says (`FOR TABLE …`, with options) and subscribes to it from now on, without a copy.
    pub fn new(from: &TestDatabase, members: &str, to: &TestDatabase, options: &str) -> Self {
        let slot = to.name.to_lowercase();
        from.execute(&format!("CREATE PUBLICATION {PUBLICATION} {members}"));
        // A slot that the subscription makes on its own server waits for the subscription's own transaction for ever.
        from.execute(&format!("SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')"));
        to.execute(&format!(
            "CREATE SUBSCRIPTION s CONNECTION '{}' PUBLICATION {PUBLICATION} \
             WITH (create_slot = false, copy_data = false, slot_name = '{slot}'{options})",
            from.url
        ));
        Subscription { to: to.url.clone(), from: from.url.clone(), slot }
    }

    /// Waits until the query says the same on both sides.
    pub fn until_same(&self, query: &str) {
        let since = Instant::now();
        loop {
            let (theirs, ours) = (psql(&self.from, query).unwrap(), psql(&self.to, query).unwrap());
            if theirs == ours {
                return;
            }
            assert!(since.elapsed() < PATIENCE, "not the same after a long time:\n{theirs}\nand\n{ours}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        for sql in ["ALTER SUBSCRIPTION s DISABLE", "ALTER SUBSCRIPTION s SET (slot_name = NONE)", "DROP SUBSCRIPTION s"] {
            let _ = psql(&self.to, sql);
        }
        let since = Instant::now();
        let drop = format!("SELECT pg_drop_replication_slot('{}')", self.slot);
        while psql(&self.from, &drop).is_err() && since.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
