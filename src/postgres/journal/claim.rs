//! Who may write.

use tokio_postgres::{Client, types::Type};
use uuid::Uuid;

use crate::{machine::Failure, postgres::error_class};

/// The right to write for a run. A later claim, by whomever, ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The run that may write.
    pub run: Uuid,
    /// The number that the owner row must still hold.
    pub fence: i64,
}

/// How the fence number is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fence {
    /// It is read. For the beginning and the middle of long transactions, which must not make others wait.
    Look,
    /// The owner row is locked against a takeover until the transaction ends: for the last statement before a COMMIT.
    Hold,
}

/// Takes the journal over for a run: the fence number rises, and what the last owner still has under way can't be committed.
/// The caller holds the run lock.
///
/// # Errors
/// When the owner row can't be written.
pub async fn claim(client: &Client, run: Uuid, holder: &str) -> Result<Claim, Failure> {
    const CLAIM: &str = "INSERT INTO backstop.owner AS o (run, fence, holder, seen) VALUES ($1, 1, $2, clock_timestamp())
        ON CONFLICT (single) DO UPDATE
        SET run = excluded.run, fence = o.fence + 1, holder = excluded.holder, since = clock_timestamp(),
            seen = excluded.seen, pid = NULL
        RETURNING fence";
    let row = client.query_one(CLAIM, &[&run, &holder]).await;
    let fence = row.and_then(|row| row.try_get(0));
    fence.map(|fence| Claim { run, fence }).map_err(|error| error_class::failure("backstop::journal::not_written", &error))
}

/// Looks whether the claim still stands.
///
/// # Errors
/// `backstop::journal::taken_over` where it doesn't, or what the server said.
pub async fn check(client: &Client, claim: Claim, fence: Fence) -> Result<(), Failure> {
    let sql = match fence {
        Fence::Look => "SELECT 1 FROM backstop.owner WHERE run = $1 AND fence = $2",
        Fence::Hold => "SELECT 1 FROM backstop.owner WHERE run = $1 AND fence = $2 FOR SHARE",
    };
    match client.query_typed_opt(sql, &[(&claim.run, Type::UUID), (&claim.fence, Type::INT8)]).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(taken_over()),
        Err(error) => Err(error_class::failure("backstop::journal::not_read", &error)),
    }
}

/// Leaves a sign of life of the claim's runner, in a statement of its own on the session that holds the run lock. It waits for
/// nobody: where the owner row is locked, there will be another one. A claim that no longer stands leaves none.
///
/// # Errors
/// `backstop::journal::not_written`, with what the server said.
pub async fn sign_of_life(client: &Client, claim: Claim) -> Result<(), Failure> {
    // Neither of the columns has an index, so that the row's versions stay on their page.
    const SIGN: &str = "WITH mine AS MATERIALIZED (
            SELECT single FROM backstop.owner WHERE run = $1 AND fence = $2 FOR NO KEY UPDATE SKIP LOCKED)
        UPDATE backstop.owner AS o SET seen = clock_timestamp(), pid = pg_backend_pid() FROM mine WHERE o.single = mine.single";
    let done = client.execute(SIGN, &[&claim.run, &claim.fence]).await;
    done.map(drop).map_err(|error| error_class::failure("backstop::journal::not_written", &error))
}

pub(super) fn taken_over() -> Failure {
    Failure::permanent("backstop::journal::taken_over", "another runner has taken over")
        .hint("Nothing was written. Look with `backstop status` at what the other runner does, and leave it alone.")
}
