//! How many sessions more the server lets in, and how many a run needs. One that finds no room for its backup, or for its trial,
//! is known before its first step; a restore works in the sessions that its run has.

use tokio_postgres::{Client, Error};

use crate::sql::quote::ident;

/// The sessions of a run, from its beginning to its end: one holds the run lock, one works, steps and restore alike, and one looks on.
pub const SESSIONS_OF_RUN: u64 = 3;
/// What a trial restore needs beside them: one that makes the scratch database, and one in there.
pub const SESSIONS_OF_TRIAL: u64 = 2;

/// Whom a bound on sessions is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum LimitOwner {
    /// Everybody's: `max_connections`, without what is reserved for others.
    Servers,
    /// A role's: `CONNECTION LIMIT`.
    Roles(String),
    /// A database's: `CONNECTION LIMIT`.
    Databases(String),
}

/// A bound on sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SessionLimit {
    whose: LimitOwner,
    limit: u64,
    taken: u64,
}

/// How many sessions there may be, and are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSlots {
    tightest: SessionLimit,
}

impl SessionSlots {
    /// Asks what bounds this login in this database: the server, its role, the database.
    ///
    /// # Errors
    /// The SQLSTATE that the server sent, or the loss of the connection.
    pub async fn read(client: &Client) -> Result<Self, Error> {
        let row = client.query_one(include_str!("session_slots/free.sql"), &[]).await?;
        let number = |index: usize| row.try_get::<_, i64>(index).map(|number| u64::try_from(number).unwrap_or_default());
        let limit = |index: usize| {
            let limit = row.try_get::<_, Option<i64>>(index)?;
            Ok::<_, Error>(limit.and_then(|limit| u64::try_from(limit).ok()))
        };
        let mut tightest = SessionLimit { whose: LimitOwner::Servers, limit: number(0)?, taken: number(1)? };
        let others = [
            (LimitOwner::Roles(row.try_get(6)?), limit(2)?, number(3)?),
            (LimitOwner::Databases(row.try_get(7)?), limit(4)?, number(5)?),
        ];
        for (whose, limit, taken) in others {
            let bound = limit.map(|limit| SessionLimit { whose, limit, taken });
            if let Some(bound) = bound.filter(|bound| bound.free() < tightest.free()) {
                tightest = bound;
            }
        }
        Ok(SessionSlots { tightest })
    }

    /// How many more can be opened at this moment.
    pub fn free(&self) -> u64 {
        self.tightest.free()
    }

    /// What leaves no more of them, a fragment.
    pub fn why(&self) -> String {
        let SessionLimit { whose, limit, taken } = &self.tightest;
        match whose {
            LimitOwner::Servers => {
                format!("the server takes {limit} (max_connections, without those that are reserved), and has {taken}")
            }
            LimitOwner::Roles(role) => format!("role {role} may have {limit} (its CONNECTION LIMIT), and has {taken}"),
            LimitOwner::Databases(name) => format!("database {name} takes {limit} (its CONNECTION LIMIT), and has {taken}"),
        }
    }

    /// What makes room for so many more, a sentence.
    pub fn way_out(&self, more: u64) -> String {
        let SessionLimit { whose, taken, .. } = &self.tightest;
        let enough = taken + more;
        match whose {
            LimitOwner::Servers => format!(
                "Close sessions that nobody needs, or let an administrator run ALTER SYSTEM SET max_connections with a value that is {} \
                 higher, and restart the server.",
                more.saturating_sub(self.free())
            ),
            LimitOwner::Roles(role) => format!(
                "Close sessions of that role, or let an administrator run ALTER ROLE {} CONNECTION LIMIT {enough};",
                ident(role)
            ),
            LimitOwner::Databases(name) => format!(
                "Close sessions in that database, or let its owner run ALTER DATABASE {} CONNECTION LIMIT {enough};",
                ident(name)
            ),
        }
    }
}

impl SessionLimit {
    fn free(&self) -> u64 {
        self.limit.saturating_sub(self.taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_that_is_named_makes_room() {
        let whose = LimitOwner::Roles("r".to_owned());
        let slots = SessionSlots { tightest: SessionLimit { whose, limit: 4, taken: 3 } };
        assert_eq!(slots.free(), 1);
        assert!(slots.why().contains("may have 4") && slots.way_out(2).contains("CONNECTION LIMIT 5"), "{slots:?}");
        // More sessions than a bound that was lowered since: none are free.
        let over = SessionSlots { tightest: SessionLimit { whose: LimitOwner::Servers, limit: 10, taken: 12 } };
        assert_eq!(over.free(), 0);
    }
}
