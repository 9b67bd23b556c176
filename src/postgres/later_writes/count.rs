//! Writes that a restore would overwrite.

use tokio_postgres::{Client, Row};

use crate::{
    drive::manifest::Manifest,
    machine::{Failure, FailureClass},
    postgres::error_class::failure,
};

/// What becomes of writes that were noted and can't be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LaterWrites {
    /// Nothing is restored until a person has decided.
    #[default]
    Spare,
    /// Somebody has decided: they are overwritten.
    Overwrite,
}

/// What was noted of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// `schema.table`
    pub table: String,
    /// How many transactions are known to have written to it.
    pub transactions: u64,
    /// When the last of them wrote, RFC 3339.
    pub last: String,
    /// As which roles.
    pub roles: String,
    /// How others may have come past its fence besides, unseen.
    pub breach: Option<String>,
}

/// What was noted since the backup, table by table.
///
/// # Errors
/// `backstop::later_writes::not_read`, with what the server said.
pub async fn counted(client: &Client, manifest: &Manifest) -> Result<Vec<Noted>, Failure> {
    let failed = |error| failure("backstop::later_writes::not_read", &error);
    let noted = |row: &Row| {
        let transactions = u64::try_from(row.try_get::<_, i64>(1)?).unwrap_or_default();
        Ok(Noted {
            table: row.try_get(0)?,
            transactions,
            last: row.try_get(2)?,
            roles: row.try_get(3)?,
            breach: row.try_get(4)?,
        })
    };
    let rows = client.query(include_str!("noted.sql"), &[&manifest.run, &manifest.moment]).await.map_err(failed)?;
    rows.iter().map(noted).collect::<Result<_, _>>().map_err(failed)
}

/// Why nothing is restored, where something was noted.
pub fn refusal(noted: &[Noted], run: &str) -> Failure {
    let names =
        |of: &dyn Fn(&&Noted) -> bool| noted.iter().filter(of).map(|one| one.table.as_str()).collect::<Vec<_>>().join(", ");
    let (written, passed) = (names(&|one| one.transactions > 0), names(&|one| one.transactions == 0));
    let have = (!written.is_empty()).then(|| format!("have written to {written}"));
    let may_have = (!passed.is_empty()).then(|| format!("may have written to {passed}, past the fence,"));
    let they = have.into_iter().chain(may_have).collect::<Vec<_>>().join(", and ");
    let lines = noted.iter().flat_map(|one| {
        let transactions = if one.transactions == 1 { "transaction" } else { "transactions" };
        let seen = format!("{}: {} {transactions} by {}, the last at {}", one.table, one.transactions, one.roles, one.last);
        let unseen = |breach: &String| format!("{}: {breach}; what was written to it meanwhile is noted nowhere", one.table);
        (one.transactions > 0).then_some(seen).into_iter().chain(one.breach.as_ref().map(unseen))
    });
    Failure::permanent(
        "backstop::restore::later_writes",
        format!("others {they} since the backup, and a restore would overwrite that"),
    )
    .class(FailureClass::Undecided)
    .detail(lines.collect::<Vec<_>>().join("\n"))
    .hint(format!(
        "`backstop restore {run} --overwrite-later-writes` restores all the same; `backstop accept {run}` keeps the database as \
         it stands."
    ))
}
