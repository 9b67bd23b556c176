//! Events in, events out.

use tokio_postgres::{Client, Row, types::Type};
use uuid::Uuid;

use super::claim::{Claim, Fence, check, taken_over};
use crate::{
    drive::ports::Recorded,
    machine::{Event, Failure},
    postgres::error_class,
    secrets,
};

const NOT_WRITTEN: &str = "backstop::journal::not_written";
const NOT_READ: &str = "backstop::journal::not_read";

/// Stands behind the role in the name of an event's actor.
const PROGRAM: &str = concat!(" with backstop ", env!("CARGO_PKG_VERSION"));

/// How the time of an event is written: RFC 3339 in UTC, to the microsecond.
pub(super) const RFC3339: &str = "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'";

/// Stores an event under the sequence number; where the caller has no transaction open it is durable on return. An
/// identical event under the same number is stored once.
///
/// # Errors
/// `backstop::journal::taken_over` where the claim no longer stands or another event has the number;
/// `backstop::journal::gap` where an event before it is missing; or what the server said.
pub async fn append(client: &Client, claim: Claim, fence: Fence, seq: u64, event: &Event) -> Result<Recorded, Failure> {
    let number = number(seq)?;
    let event = &without_secrets(event);
    let json = serde_json::to_value(event).map_err(|error| Failure::permanent(NOT_WRITTEN, error.to_string()))?;
    // One statement, so that no takeover comes between the look at the fence and the event.
    let lock = match fence {
        Fence::Look => "",
        Fence::Hold => "FOR SHARE",
    };
    let sql = format!(
        "WITH held AS MATERIALIZED (SELECT 1 FROM backstop.owner WHERE run = $1 AND fence = $2 {lock})
         INSERT INTO backstop.events (run, seq, actor, kind, event)
         SELECT $1, $3, session_user || $4, $5::jsonb ->> 'kind', $5::jsonb
         FROM held
         WHERE $3::bigint = 1 OR EXISTS (SELECT FROM backstop.events WHERE run = $1 AND seq = $3::bigint - 1)
         ON CONFLICT DO NOTHING
         RETURNING run, seq, to_char(at AT TIME ZONE 'UTC', {RFC3339}), actor, event"
    );
    let written = client
        .query_typed_opt(
            &sql,
            &[
                (&claim.run, Type::UUID),
                (&claim.fence, Type::INT8),
                (&number, Type::INT8),
                (&PROGRAM, Type::TEXT),
                (&json, Type::JSONB),
            ],
        )
        .await
        .map_err(|error| error_class::failure(NOT_WRITTEN, &error))?;
    match written {
        Some(row) => recorded(&row),
        None => {
            check(client, claim, fence).await?;
            already(client, claim, seq, event).await
        }
    }
}

/// All events of a run from a sequence number on, in order.
///
/// # Errors
/// When they can't be read, or one of them is from a program that this one doesn't understand.
pub async fn read(client: &Client, run: Uuid, from: u64) -> Result<Vec<Recorded>, Failure> {
    let sql = format!(
        "SELECT run, seq, to_char(at AT TIME ZONE 'UTC', {RFC3339}), actor, event
         FROM backstop.events WHERE run = $1 AND seq >= $2 ORDER BY seq"
    );
    let rows = client
        .query_typed(&sql, &[(&run, Type::UUID), (&number(from)?, Type::INT8)])
        .await
        .map_err(|error| error_class::failure(NOT_READ, &error))?;
    rows.iter().map(recorded).collect()
}

/// Nothing was inserted: the number is taken, by the same event or another one, or the one before it is missing.
async fn already(client: &Client, claim: Claim, seq: u64, event: &Event) -> Result<Recorded, Failure> {
    match read(client, claim.run, seq).await?.into_iter().find(|recorded| recorded.seq == seq) {
        Some(recorded) if recorded.event == *event => Ok(recorded),
        Some(_) => Err(taken_over()),
        None => Err(Failure::permanent(
            "backstop::journal::gap",
            format!("event {seq} can't be stored: event {} of this run is missing", seq.saturating_sub(1)),
        )
        .hint("Read the journal again before going on: `backstop show RUN`.")),
    }
}

/// The event as it may leave the program. Everything after this, here and at whoever listens, has it from the journal.
fn without_secrets(event: &Event) -> Event {
    let mut event = event.clone();
    for text in event.texts_mut() {
        *text = secrets::redacted(text).into_owned();
    }
    event
}

fn recorded(row: &Row) -> Result<Recorded, Failure> {
    let failed = |error| error_class::failure(NOT_READ, &error);
    let seq: i64 = row.try_get(1).map_err(failed)?;
    let event: serde_json::Value = row.try_get(4).map_err(failed)?;
    let event = serde_json::from_value(event).map_err(|error| {
        Failure::permanent("backstop::journal::unknown_event", format!("event {seq} is not understood: {error}"))
            .hint("Use the backstop that wrote it, or a newer one.")
    })?;
    Ok(Recorded {
        run: row.try_get::<_, Uuid>(0).map_err(failed)?.to_string(),
        seq: u64::try_from(seq).unwrap_or_default(),
        at: row.try_get(2).map_err(failed)?,
        actor: row.try_get(3).map_err(failed)?,
        event,
    })
}

fn number(seq: u64) -> Result<i64, Failure> {
    i64::try_from(seq).map_err(|_| Failure::permanent(NOT_WRITTEN, format!("{seq} is no sequence number")))
}
