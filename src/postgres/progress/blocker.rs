//! Sessions that keep another one waiting.

use std::{fmt, time::Duration};

use tokio_postgres::{Client, Error, Row};

use crate::secrets;

/// A session that holds, or waits in front for, a lock that another one wants. What the role may not see is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// The server's process; 0 for prepared transactions.
    pub pid: i32,
    /// `pg_stat_activity.usename`; none where that is hidden.
    pub role: Option<String>,
    /// Its `application_name`.
    pub application: Option<String>,
    /// Where it comes from; none for a local socket.
    pub address: Option<String>,
    /// `active`, `idle in transaction`, …
    pub state: Option<String>,
    /// How long ago its last statement began.
    pub age: Option<Duration>,
    /// That statement, cut, without secrets.
    pub query: Option<String>,
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            0 => f.write_str("a prepared transaction")?,
            pid => write!(f, "pid {pid}")?,
        }
        // Terminals would act on control characters, and anybody may choose such a name.
        let shown = |value: &String| value.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "\u{fffd}");
        let known = |value: &Option<String>| value.as_ref().filter(|value| !value.is_empty()).map(shown);
        for (word, value) in [(", role ", &self.role), (", from ", &self.address), (", application ", &self.application)] {
            if let Some(value) = known(value) {
                write!(f, "{word}{value}")?;
            }
        }
        if let Some(state) = known(&self.state) {
            write!(f, ", {state}")?;
        }
        if let Some(age) = self.age {
            write!(f, " for {}s", age.as_secs())?;
        }
        if let Some(query) = known(&self.query) {
            write!(f, ": {}", query.split_whitespace().collect::<Vec<_>>().join(" "))?;
        }
        Ok(())
    }
}

/// Who keeps the session with this process waiting.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn blockers(observer: &Client, pid: i32) -> Result<Vec<Blocker>, Error> {
    let rows = observer.query(include_str!("blockers.sql"), &[&pid]).await?;
    rows.iter().map(blocker).collect()
}

pub(super) fn blocker(row: &Row) -> Result<Blocker, Error> {
    Ok(Blocker {
        pid: row.try_get(0)?,
        role: row.try_get(1)?,
        application: row.try_get(2)?,
        address: row.try_get(3)?,
        state: row.try_get(4)?,
        age: row.try_get::<_, Option<i64>>(5)?.and_then(|age| u64::try_from(age).ok()).map(Duration::from_secs),
        query: row.try_get::<_, Option<String>>(6)?.map(|query| secrets::redacted_cut(&query)),
    })
}
