//! The next stretch of a key: found by going along its index, never by arithmetic.

use tokio_postgres::{Client, SimpleQueryMessage};

use super::key::Key;
use crate::{
    machine::{Batched, Failure},
    plan::{BatchBound, Text},
    postgres::{error_class, session::PINNED_FORMATS},
    sql::fill,
};

const NOT_FOUND: &str = "backstop::run::batch_not_found";

/// A stretch of a key, both ends in it, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// The first row's.
    pub(super) first: String,
    /// The last row's. All rows with it are in, which may be more than were asked for.
    pub(super) last: String,
    /// The last row's of the whole step.
    pub(super) end: String,
    /// How many rows were found between them.
    pub(super) keys: u64,
}

/// The next rows behind those that are done; none where there are no more. The session's formats are pinned meanwhile, so that
/// the same value always has the same text.
pub(super) async fn next(client: &Client, key: &Key, after: &Batched, size: u64) -> Result<Option<Page>, Failure> {
    let sql = format!(
        "{PINNED_FORMATS}; {}; RESET DateStyle; RESET IntervalStyle; RESET TimeZone; RESET extra_float_digits; RESET bytea_output",
        query(key, after, size)
    );
    let messages = client.simple_query(&sql).await.map_err(|error| error_class::failure(NOT_FOUND, &error))?;
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let Some(row) = row else { return Ok(None) };
    let text = |column: usize| {
        let text = row.try_get(column).map_err(|error| error_class::failure(NOT_FOUND, &error))?;
        Ok::<_, Failure>(text.map(str::to_owned))
    };
    Ok(match (text(0)?, text(1)?, text(2)?) {
        (Some(first), Some(last), Some(end)) => {
            let keys = text(3)?.and_then(|keys| keys.parse().ok()).unwrap_or_default();
            Some(Page { first, last, end, keys })
        }
        _ => None,
    })
}

/// Whether rows have no key, so that no batch comes by them.
pub(super) async fn has_keyless_rows(client: &Client, key: &Key) -> Result<bool, Failure> {
    if !key.may_be_null {
        return Ok(false);
    }
    let sql = format!("SELECT EXISTS (SELECT FROM {} WHERE {} IS NULL)", key.table, key.column);
    let row = client.query_one(&sql, &[]).await;
    row.and_then(|row| row.try_get(0)).map_err(|error| error_class::failure(NOT_FOUND, &error))
}

/// A step's SQL for one batch.
pub(super) fn filled(sql: &Text, key: &Key, page: &Page) -> Text {
    let (first, last) = (key.literal(&page.first), key.literal(&page.last));
    let values = [(BatchBound::First.placeholder(), first.as_str()), (BatchBound::Last.placeholder(), last.as_str())];
    Text::redacted(fill(sql.shown(), &values), fill(sql.sent(), &values))
}

fn query(key: &Key, after: &Batched, size: u64) -> String {
    let Key { table, column, .. } = key;
    let (edge, behind) = match &after.keys {
        None => (
            format!("SELECT {column} AS k FROM {table} WHERE {column} IS NOT NULL ORDER BY {column} DESC LIMIT 1"),
            String::new(),
        ),
        Some((last, end)) => (format!("SELECT {} AS k", key.literal(end)), format!("{column} > {} AND ", key.literal(last))),
    };
    format!(
        "WITH edge AS MATERIALIZED ({edge}), page AS MATERIALIZED (\
            SELECT {column} AS k FROM {table} WHERE {behind}{column} <= (SELECT k FROM edge) ORDER BY {column} LIMIT {size}) \
         SELECT (SELECT k FROM page ORDER BY k LIMIT 1)::text, (SELECT k FROM page ORDER BY k DESC LIMIT 1)::text, \
                (SELECT k FROM edge)::text, (SELECT count(*) FROM page)"
    )
}

#[cfg(test)]
mod tests {
    use super::{super::key::tests::key, *};

    #[test]
    fn a_batch_is_filled_in_where_its_bounds_stand() {
        let sql = Text::plain(format!(
            "UPDATE t SET n = n + 1 WHERE id BETWEEN {} AND {}",
            BatchBound::First.placeholder(),
            BatchBound::Last.placeholder()
        ));
        let page = Page { first: "1".into(), last: "it's".into(), end: "z".into(), keys: 2 };
        let filled = filled(&sql, &key("text"), &page);
        assert_eq!(filled.sent(), "UPDATE t SET n = n + 1 WHERE id BETWEEN ('1'::text) AND ('it''s'::text)");
        assert_eq!(filled.sent(), filled.shown());
    }

    #[test]
    fn the_next_page_begins_behind_the_last_and_ends_at_the_end() {
        let first = query(&key("bigint"), &Batched::default(), 10);
        assert!(first.contains("ORDER BY \"id\" DESC LIMIT 1") && !first.contains(" > "), "{first}");
        let after = Batched { keys: Some(("7".into(), "99".into())), ..Batched::default() };
        let next = query(&key("bigint"), &after, 10);
        assert!(next.contains("\"id\" > '7'::bigint AND ") && next.contains("SELECT '99'::bigint AS k"), "{next}");
    }
}
