//! What the server answers to a question.

use tokio_postgres::{Client, Error, SimpleQueryMessage, SimpleQueryRow};

/// What an answer says.
#[derive(Debug, Default)]
pub(super) struct AnswerVerdict {
    /// None where that could not be found out.
    pub(super) holds: Option<bool>,
    pub(super) message: String,
    pub(super) count: Option<u64>,
}

pub(super) fn verdict(row: &SimpleQueryRow) -> Result<AnswerVerdict, Error> {
    Ok(AnswerVerdict {
        holds: row.try_get("holds")?.map(|holds| holds == "t"),
        message: row.try_get("message")?.unwrap_or_default().to_owned(),
        count: row.try_get("count")?.and_then(|count| count.parse().ok()),
    })
}

/// The rows of a statement of ours, as text.
pub(super) async fn rows_of(client: &Client, sql: &str) -> Result<Vec<SimpleQueryRow>, Error> {
    let messages = client.simple_query(sql).await?;
    let row = |message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None };
    Ok(messages.into_iter().filter_map(row).collect())
}
