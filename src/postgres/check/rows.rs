//! Checks that read rows.

use tokio_postgres::Client;

use super::{
    finding::{Finding, Unevaluated},
    sample::{self, columns, named, shown},
};
use crate::{
    plan::{CountBounds, Pattern, Rendered, Text},
    postgres::relation::Relation,
    sql::quote,
};

/// What `::uuid` accepts: 32 hexadecimal digits, a hyphen after any group of four, all of it in braces or not
/// (<https://www.postgresql.org/docs/current/datatype-uuid.html>).
const UUID: &str = "^([0-9A-Fa-f]{4}(-?[0-9A-Fa-f]{4}){7}|\\{[0-9A-Fa-f]{4}(-?[0-9A-Fa-f]{4}){7}\\})$";
/// Something, an at sign, and a domain with a dot; no blanks or separators of address lists.
const EMAIL: &str = "^[^@[:space:],;<>()]+@[^@[:space:],;<>().]+(\\.[^@[:space:],;<>().]+)+$";

pub(super) async fn row_count(client: &Client, table: &Relation, bounds: &CountBounds) -> Result<Finding, Unevaluated> {
    let count = count(client, &format!("SELECT count(*) FROM {}", table.quoted())).await?;
    let message = if bounds.hold(count) {
        format!("{table} has {}", rows(count))
    } else {
        format!("{table} has {}, not {bounds}", rows(count))
    };
    let mut finding = Finding::when(bounds.hold(count), message).count(count);
    finding.answer = Some(format!("{table}: {count}"));
    Ok(finding)
}

pub(super) async fn not_null(client: &Client, table: &Relation, names: &[Text]) -> Result<Finding, Unevaluated> {
    let columns = columns(client, table).await?;
    let asked = named(&columns, table, names)?;
    let from = format!("FROM {} AS t WHERE {}", table.quoted(), any_null(&asked));
    let list = asked.join(" or ");
    offending(client, &from, &shown(&columns, &asked, "t"), |count| match count {
        0 => format!("{table} has no row with NULL in {list}"),
        n => format!("{table} has {} with NULL in {list}", rows(n)),
    })
    .await
}

/// The condition that a row, known as t, has NULL in one of the columns.
pub(super) fn any_null(columns: &[String]) -> String {
    columns.iter().map(|c| format!("t.{} IS NULL", quote::ident(c))).collect::<Vec<_>>().join(" OR ")
}

/// The condition that it has NULL in none of them.
pub(super) fn none_null(columns: &[String]) -> String {
    columns.iter().map(|c| format!("t.{} IS NOT NULL", quote::ident(c))).collect::<Vec<_>>().join(" AND ")
}

/// Rows with NULL in one of the columns agree with none, as in a UNIQUE constraint.
pub(super) async fn unique(client: &Client, table: &Relation, names: &[Text]) -> Result<Finding, Unevaluated> {
    let columns = columns(client, table).await?;
    let asked = named(&columns, table, names)?;
    let list = asked.iter().map(|c| format!("t.{}", quote::ident(c))).collect::<Vec<_>>();
    let known = none_null(&asked);
    let list = list.join(", ");
    let groups = format!(
        "SELECT {list}, count(*) AS \"rows\" FROM {} AS t WHERE {known} GROUP BY {list} HAVING count(*) > 1",
        table.quoted()
    );
    let row = client
        .query_one(
            &format!("SELECT count(*), coalesce(sum(\"rows\"), 0)::bigint FROM ({groups}) AS g (\"{}\")", {
                // Names of our own, because the same column may be named twice.
                (0..asked.len()).map(|n| format!("c{n}")).chain(["rows".to_owned()]).collect::<Vec<_>>().join("\", \"")
            }),
            &[],
        )
        .await?;
    let (groups_count, in_groups) = (unsigned(row.try_get(0)?), unsigned(row.try_get(1)?));
    let names = asked.join(", ");
    if groups_count == 0 {
        return Ok(Finding::holds(format!("{names} is unique in {table}")).count(0));
    }
    let message = format!("{} of {table} share their {names} with others", rows(in_groups));
    Ok(Finding::broken(message).count(in_groups).sample(Some(sample::take(client, &groups).await?)))
}

pub(super) async fn matches(
    client: &Client,
    table: &Relation,
    column: &Text,
    pattern: &Pattern<Rendered>,
) -> Result<Finding, Unevaluated> {
    let columns = columns(client, table).await?;
    let asked = named(&columns, table, std::slice::from_ref(column))?;
    let name = &asked[0];
    let value = format!("t.{}", quote::ident(name));
    let (broken, what) = unlike(&value, pattern);
    let from = format!("FROM {} AS t WHERE {broken}", table.quoted());
    offending(client, &from, &shown(&columns, &asked, "t"), |count| match count {
        0 => format!("every {name} of {table} matches {what}"),
        n => format!("{} of {table} whose {name} does not match {what}", rows(n)),
    })
    .await
}

/// The condition that a value is there and does not have the pattern, and the pattern in a word.
pub(super) fn unlike(value: &str, pattern: &Pattern<Rendered>) -> (String, String) {
    let unlike = |regex: &str| format!("{value}::text !~ {}", quote::literal(regex));
    let (broken, what) = match pattern {
        Pattern::Uuid => (no_uuid(value), "uuid".to_owned()),
        Pattern::Email => (unlike(EMAIL), "e-mail".to_owned()),
        Pattern::Regex(regex) => (unlike(&whole(regex.sent())), regex.to_string()),
    };
    (format!("{value} IS NOT NULL AND {broken}"), what)
}

/// Whether a value is no uuid. Nearly all are written in one form: four hyphens in their places, and nothing but digits beside
/// them. To see that takes half of the time of the expression, which is asked for the others.
fn no_uuid(value: &str) -> String {
    let text = format!("{value}::text COLLATE \"C\"");
    format!(
        "CASE WHEN {text} LIKE '________-____-____-____-____________' AND translate({text}, '0123456789ABCDEFabcdef', '') = '----' \
         THEN false ELSE {text} !~ {} END",
        quote::literal(UUID)
    )
}

pub(super) async fn references(
    client: &Client,
    table: &Relation,
    names: &[Text],
    to: &Relation,
    to_names: &[Text],
) -> Result<Finding, Unevaluated> {
    let own = columns(client, table).await?;
    let asked = named(&own, table, names)?;
    let theirs = columns(client, to).await?;
    let keys = match to_names {
        [] => theirs.iter().filter(|c| c.in_primary_key).map(|c| c.name.clone()).collect(),
        names => named(&theirs, to, names)?,
    };
    if keys.len() != asked.len() {
        return Unevaluated::because(format!(
            "{} columns can't reference {} of {to}: {}",
            asked.len(),
            keys.len(),
            if keys.is_empty() { "it has no primary key".to_owned() } else { keys.join(", ") }
        ));
    }
    let known = none_null(&asked);
    let operators = client.query(include_str!("equality.sql"), &[&table.oid, &asked, &to.oid, &keys]).await?;
    let operators = operators.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
    if operators.len() != asked.len() {
        return Unevaluated::because(format!("the columns of {table} and {to} have changed meanwhile"));
    }
    let equal = asked
        .iter()
        .zip(&keys)
        .zip(&operators)
        .map(|((own, key), operator)| format!("r.{} {operator} t.{}", quote::ident(key), quote::ident(own)))
        .collect::<Vec<_>>()
        .join(" AND ");
    let from = format!(
        "FROM {} AS t WHERE {known} AND NOT EXISTS (SELECT FROM {} AS r WHERE {equal})",
        table.quoted(),
        to.quoted()
    );
    let list = asked.join(", ");
    offending(client, &from, &shown(&own, &asked, "t"), |count| match count {
        0 => format!("every {list} of {table} has its row in {to}"),
        n => format!("{} of {table} whose {list} has no row in {to}", rows(n)),
    })
    .await
}

/// Counts the rows and shows a few of them where there are any.
async fn offending(
    client: &Client,
    from: &str,
    shown: &str,
    message: impl Fn(u64) -> String,
) -> Result<Finding, Unevaluated> {
    let count = count(client, &format!("SELECT count(*) {from}")).await?;
    if count == 0 {
        return Ok(Finding::holds(message(0)).count(0));
    }
    let sample = sample::take(client, &format!("SELECT {shown} {from}")).await?;
    Ok(Finding::broken(message(count)).count(count).sample(Some(sample)))
}

async fn count(client: &Client, sql: &str) -> Result<u64, Unevaluated> {
    Ok(unsigned(client.query_one(sql, &[]).await?.try_get(0)?))
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// The expression that matches where this one matches the whole value. Options in front stay in front, where alone the
/// server takes them (<https://www.postgresql.org/docs/current/functions-matching.html#POSIX-METASYNTAX>).
fn whole(regex: &str) -> String {
    let options = regex
        .strip_prefix("(?")
        .and_then(|rest| rest.find(')'))
        .map(|end| end + 3)
        .filter(|end| regex[2..end - 1].chars().all(|c| c.is_ascii_lowercase()))
        .unwrap_or(0);
    let (options, rest) = regex.split_at(options);
    format!("{options}^(?:{rest})$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_must_match_the_whole_value() {
        assert_eq!(whole("a|b"), "^(?:a|b)$");
        assert_eq!(whole("(?i)a|b"), "(?i)^(?:a|b)$");
        assert_eq!(whole("(?:a|b)c"), "^(?:(?:a|b)c)$");
        assert_eq!(whole("(?=a)b"), "^(?:(?=a)b)$");
        assert_eq!(whole("(?"), "^(?:(?)$");
    }
}
