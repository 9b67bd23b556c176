//! Who reads the changes of rows from the server's log, and does not learn what a restore does to them.

use tokio_postgres::{Client, Error};

use crate::catalog::{Action, Script, Snapshot, unseen_by_subscribers};

/// What must be synchronised again after a restore.
pub struct Consumers {
    /// Tables whose rows came back unseen by the subscribers of a publication: `table s.t in publication p`.
    pub memberships: Vec<String>,
    /// Logical replication slots of the database through which somebody may read what came back only in part.
    pub slots: Vec<String>,
}

impl Consumers {
    /// Those that the script leaves with rows that are not there any more, or without some that are.
    ///
    /// # Errors
    /// The SQLSTATE that the server sent, or the loss of the connection.
    pub async fn unserved(client: &Client, script: &Script, then: &Snapshot, now: &Snapshot) -> Result<Self, Error> {
        const SLOTS: &str = "SELECT s.slot_name::pg_catalog.text FROM pg_catalog.pg_replication_slots AS s \
                             WHERE s.slot_type OPERATOR(pg_catalog.=) 'logical' \
                             AND s.database OPERATOR(pg_catalog.=) pg_catalog.current_database() \
                             AND ($1 OR s.plugin OPERATOR(pg_catalog.<>) 'pgoutput') ORDER BY 1";
        let memberships: Vec<String> = unseen_by_subscribers(script, then, now).iter().map(ToString::to_string).collect();
        // Who decodes without publications sees that rows came, and not that a table went with those that it had.
        let is_anew = |action: &Action| matches!(action, Action::Load(table) if script.recreated.contains(table));
        let any = !memberships.is_empty();
        if !any && !script.actions.iter().any(is_anew) {
            return Ok(Consumers { memberships, slots: Vec::new() });
        }
        let rows = client.query(SLOTS, &[&any]).await?;
        let slots = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok(Consumers { memberships, slots })
    }
}
