//! The digest of a table's content: 128 bits that depend on the rows and not on their order.
//!
//! Every row is hashed to two numbers of 64 bits, and these are summed over the table, so that equal rows count as often as
//! they occur. The server's own record hash is linear in the hashes of the columns, and so would be its sum: two rows could
//! swap the values of one column unnoticed. Hence a row is hashed three times, and the first hash is the seed of the two
//! that are summed. The digest finds mistakes; it is no protection against somebody who wants to deceive.

use tokio_postgres::{Client, Error, Row};

use super::{as_owner::as_owner, error_class::failure};
use crate::{
    catalog::Column,
    drive::manifest::{Algorithm, TableContent},
    machine::Failure,
    sql::quote::ident,
};

/// The first server version that has `hash_record_extended`, as `server_version_num`.
const RECORD_HASH_SINCE: u32 = 140_000;

/// The settings that texts of values, and what a query sees, depend on, and limits of time: a copy takes as long
/// as it takes, but waits for no lock for ever. Whoever digests, copies or loads sets them first.
///
/// <https://www.postgresql.org/docs/current/runtime-config-client.html>
pub const PINNED: [(&str, &str); 16] = [
    ("search_path", ""),
    // What a check says of the rows is not asked to find them.
    ("constraint_exclusion", "off"),
    ("row_security", "off"),
    ("DateStyle", "ISO, YMD"),
    ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"),
    ("extra_float_digits", "3"),
    ("bytea_output", "hex"),
    ("lc_monetary", "C"),
    ("quote_all_identifiers", "off"),
    ("array_nulls", "on"),
    ("xmloption", "content"),
    ("synchronize_seqscans", "off"),
    ("lock_timeout", "10s"),
    ("statement_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
];

impl Algorithm {
    /// The best one that a server of this `server_version_num` has: `hash_record_extended` over the columns, from PostgreSQL 14 on, or
    /// `hashtextextended` over the row as text.
    pub fn of_server(version: u32) -> Self {
        if version >= RECORD_HASH_SINCE { Algorithm::Record } else { Algorithm::Text }
    }
}

/// How values stand in a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowSource {
    /// In the types of the recorded columns.
    Live,
    /// As a backup's copy holds them: those of types that a migration may change are texts.
    Copy,
}

/// Sets [`PINNED`] for the rest of the transaction. It is all SET LOCAL, which takes no snapshot, so that a transaction can
/// still lock tables before it sees anything.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn pin(client: &Client) -> Result<(), Error> {
    let statements: Vec<String> =
        PINNED.iter().map(|(name, value)| format!("SET LOCAL {name} = {}", crate::sql::quote::literal(value))).collect();
    client.batch_execute(&statements.join(";")).await
}

/// Settings as they were before [`pin`].
#[derive(Debug, Clone)]
pub struct Unpinned(Vec<String>);

/// Remembers the settings that [`pin`] changes, for a transaction that goes on with other things.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn remember(client: &Client) -> Result<Unpinned, Error> {
    let names: Vec<&str> = PINNED.iter().map(|(name, _)| *name).collect();
    let sql = "SELECT pg_catalog.current_setting(s.name) \
               FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS s(name, place) ORDER BY s.place";
    let rows = client.query(sql, &[&names]).await?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map(Unpinned)
}

/// Sets what was remembered for the rest of the transaction.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn unpin(client: &Client, Unpinned(values): &Unpinned) -> Result<(), Error> {
    let names: Vec<&str> = PINNED.iter().map(|(name, _)| *name).collect();
    let sql = "SELECT pg_catalog.set_config(s.name, s.value, true) \
               FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[])) AS s(name, value)";
    client.execute(sql, &[&names, values]).await.map(drop)
}

/// Digests a relation, whose name comes quoted, in one pass, rows counted. Rows of its children are left out. Generated columns are
/// digested like others: a restore computes them again, and the proof then covers them too.
///
/// Call it in a transaction that [`pin`]ned the settings.
///
/// # Errors
/// `backstop::digest::failed`, with what the server said.
pub async fn digest(
    client: &Client,
    algorithm: Algorithm,
    relation: &str,
    columns: &[Column],
    reading: RowSource,
) -> Result<TableContent, Failure> {
    let sql = statement(algorithm, relation, columns, reading);
    let asked = client.query_one(&sql, &[]);
    let row = match reading {
        RowSource::Live => as_owner(client, relation, asked).await,
        RowSource::Copy => asked.await,
    };
    content_of(&row.map_err(|error| not_digested(relation, &error))?, relation)
}

/// What the server said to the digest of a relation.
pub fn not_digested(relation: &str, error: &Error) -> Failure {
    let mut failure = failure("backstop::digest::failed", error);
    failure.message = format!("the content of {relation} could not be digested: {}", failure.message);
    failure
}

/// What the row of a [`statement`] says of its relation.
///
/// # Errors
/// `backstop::digest::failed`, where it is no such row.
pub fn content_of(row: &Row, relation: &str) -> Result<TableContent, Failure> {
    let failed = |error: Error| not_digested(relation, &error);
    let rows: i64 = row.try_get(0).map_err(failed)?;
    let sums: [String; 2] = [row.try_get(1).map_err(failed)?, row.try_get(2).map_err(failed)?];
    let halves: Option<Vec<String>> = sums.iter().map(|sum| half(sum)).collect();
    match (u64::try_from(rows), halves) {
        (Ok(rows), Some(halves)) => Ok(TableContent { rows, digest: halves.concat() }),
        _ => Err(Failure::permanent("backstop::digest::failed", format!("the digest of {relation} is no number"))),
    }
}

/// A query over a relation, whose name comes quoted, that gives for each row: `here`, which is true; `k1`, `k2`, …, the values of the key in forms that can be
/// compared; `label`, the key for people; `a` and `b`, two numbers that tell apart what the columns hold. Rows of the relation's
/// children are left out.
pub fn fingerprints(
    algorithm: Algorithm,
    relation: &str,
    columns: &[Column],
    key: &[&Column],
    reading: RowSource,
) -> String {
    let (row, hash) = hashed(algorithm, columns, reading);
    let keys: Vec<String> =
        key.iter().enumerate().map(|(place, column)| format!("{} AS k{}", value(column, reading), place + 1)).collect();
    let names: Vec<String> = key.iter().map(|column| ident(&column.name)).collect();
    let label = if names.is_empty() {
        "NULL::pg_catalog.text AS label".to_owned()
    } else {
        format!("pg_catalog.concat_ws(', ', {}) AS label", names.join(", "))
    };
    let more = keys.into_iter().chain([label]).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT true AS here, h.*, pg_catalog.{hash}(h.r, h.seed) AS a, pg_catalog.{hash}(h.r, OPERATOR(pg_catalog.~) h.seed) AS b FROM (\
         SELECT s.*, pg_catalog.{hash}(s.r, 1) AS seed FROM (\
         SELECT {row} AS r, {more} FROM ONLY {relation} OFFSET bigint '0') AS s OFFSET bigint '0') AS h"
    )
}

/// The sum modulo 2^64, hexadecimal. A sum of fewer than 2^63 numbers of 64 bits fits in 128.
fn half(sum: &str) -> Option<String> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "modulo 2^64 is what is wanted")]
    sum.parse::<i128>().ok().map(|sum| format!("{:016x}", sum as u64))
}

/// The statement behind [`digest`]: rows and two sums, as text, of which each is one half of the digest modulo 2^64.
///
/// `OFFSET 0` keeps the row from being built once for each hash; written as a bigint constant it does not keep the planner
/// from reading the table in parallel.
pub fn statement(algorithm: Algorithm, relation: &str, columns: &[Column], reading: RowSource) -> String {
    let [head, tail] = around(algorithm, columns, reading);
    format!("{head}{relation}{tail}")
}

/// [`statement`], before and behind the name of the relation.
pub fn around(algorithm: Algorithm, columns: &[Column], reading: RowSource) -> [String; 2] {
    let (row, hash) = hashed(algorithm, columns, reading);
    let head = format!(
        "SELECT pg_catalog.count(*), coalesce(pg_catalog.sum(pg_catalog.{hash}(h.r, h.seed)), 0)::pg_catalog.text, \
         coalesce(pg_catalog.sum(pg_catalog.{hash}(h.r, OPERATOR(pg_catalog.~) h.seed)), 0)::pg_catalog.text FROM (\
         SELECT s.r, pg_catalog.{hash}(s.r, 1) AS seed FROM (\
         SELECT {row} AS r FROM ONLY "
    );
    [head, " OFFSET bigint '0') AS s OFFSET bigint '0') AS h".to_owned()]
}

/// A row as one value, and the function that hashes it.
fn hashed(algorithm: Algorithm, columns: &[Column], reading: RowSource) -> (String, &'static str) {
    // The constant keeps rows that are all NULL, or have no columns, from counting for nothing.
    let values = columns.iter().map(|column| value(column, reading));
    let values: Vec<String> = std::iter::once("true".to_owned()).chain(values).collect();
    match algorithm {
        Algorithm::Record => (format!("ROW({})", values.join(", ")), "hash_record_extended"),
        Algorithm::Text => {
            (format!("ROW({})::pg_catalog.text COLLATE pg_catalog.\"C\"", values.join(", ")), "hashtextextended")
        }
    }
}

/// Whether a copy holds the column as text: its type is not the server's own, or its values name objects by OIDs that are
/// others after a restore.
pub fn copied_as_text(column: &Column) -> bool {
    const NAMES_OBJECTS: [&str; 11] = [
        "regclass",
        "regcollation",
        "regconfig",
        "regdictionary",
        "regnamespace",
        "regoper",
        "regoperator",
        "regproc",
        "regprocedure",
        "regrole",
        "regtype",
    ];
    !column.builtin || NAMES_OBJECTS.contains(&column.data_type.trim_end_matches("[]"))
}

/// The expression that a copy's text is made by: the type's own output. A cast to text could be anybody's function, and that of
/// char(n) drops trailing blanks. IS NULL would also hold for a row whose columns are all NULL.
pub fn as_text(column: &str) -> String {
    let name = ident(column);
    format!("CASE WHEN {name} IS NOT DISTINCT FROM NULL THEN NULL ELSE pg_catalog.concat({name}) END")
}

/// The expression that makes a value of a type out of a text, by the type's own input. A cast from text could be anybody's function; a
/// string in JSON never meets one. It stands in an array, because a type made of json would take it as JSON; an array is read as it is.
/// The type's name is the server's own text, printed under an empty search path.
pub fn of_text(text: &str, data_type: &str) -> String {
    let (text, array, element) = if data_type.ends_with("[]") {
        (text.to_owned(), data_type.to_owned(), "")
    } else {
        (format!("pg_catalog.concat(ARRAY[{text}])"), format!("{data_type}[]"), "[1]")
    };
    format!(
        "(SELECT v_.v{element} FROM pg_catalog.json_to_record(pg_catalog.json_build_object('v', {text})) AS v_ (v {array}))"
    )
}

/// What is hashed of a column: something that two values share only if they are the same to the last bit.
fn value(column: &Column, reading: RowSource) -> String {
    let name = ident(&column.name);
    if copied_as_text(column) {
        return match reading {
            RowSource::Live => format!("({}) COLLATE pg_catalog.\"C\"", as_text(&column.name)),
            RowSource::Copy => format!("{name} COLLATE pg_catalog.\"C\""),
        };
    }
    match form(&column.data_type) {
        HashForm::Native => name,
        HashForm::Collated => format!("{name} COLLATE pg_catalog.\"C\""),
        HashForm::Sent(function) => format!("pg_catalog.{function}({name})"),
        HashForm::Padded => format!("pg_catalog.textin(pg_catalog.bpcharout({name})) COLLATE pg_catalog.\"C\""),
        HashForm::Printed => format!("{name}::pg_catalog.text COLLATE pg_catalog.\"C\""),
    }
}

/// How values of a type of the server's own are brought to the hash.
enum HashForm {
    /// Its hash tells all values apart.
    Native,
    /// Its hash does so under the collation "C"; others may hold different texts equal.
    Collated,
    /// Its hash does not, or there is none; its binary form does.
    Sent(&'static str),
    /// char(n): hash and cast to text drop trailing blanks; its output does not.
    Padded,
    /// Its text does.
    Printed,
}

/// Native hashes that are not used: those of bigint and of times fold 64 bits to 32 (-1 and 4294967295 are alike), that of
/// numeric takes 1.0 and 1.00 for equal, those of floats 0 and -0.
fn form(data_type: &str) -> HashForm {
    match without_modifier(data_type).as_str() {
        "smallint" | "integer" | "oid" | "boolean" | "\"char\"" | "bytea" | "uuid" | "date" => HashForm::Native,
        "text" | "character varying" | "name" => HashForm::Collated,
        "bigint" => HashForm::Sent("int8send"),
        "real" => HashForm::Sent("float4send"),
        "double precision" => HashForm::Sent("float8send"),
        "numeric" => HashForm::Sent("numeric_send"),
        "timestamp without time zone" => HashForm::Sent("timestamp_send"),
        "timestamp with time zone" => HashForm::Sent("timestamptz_send"),
        "time without time zone" => HashForm::Sent("time_send"),
        "time with time zone" => HashForm::Sent("timetz_send"),
        "character" | "bpchar" => HashForm::Padded,
        _ => HashForm::Printed,
    }
}

/// `numeric(12,2)` → `numeric`, `timestamp(3) with time zone` → `timestamp with time zone`.
fn without_modifier(data_type: &str) -> String {
    match (data_type.find('('), data_type.find(')')) {
        (Some(open), Some(close)) if open < close => format!("{}{}", &data_type[..open], &data_type[close + 1..]),
        _ => data_type.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_fall_away() {
        assert_eq!(without_modifier("numeric(12,2)"), "numeric");
        assert_eq!(without_modifier("timestamp(3) with time zone"), "timestamp with time zone");
        assert_eq!(without_modifier("character varying(20)[]"), "character varying[]");
        assert_eq!(without_modifier("text"), "text");
    }

    #[test]
    fn texts_are_read_in_an_array_but_for_arrays() {
        assert!(of_text("\"x\"", "s.mood").contains("('v', pg_catalog.concat(ARRAY[\"x\"]))) AS v_ (v s.mood[])"));
        assert!(of_text("\"x\"", "s.mood[]").contains("('v', \"x\")) AS v_ (v s.mood[])"));
    }

    #[test]
    fn sums_are_taken_modulo_two_to_the_sixty_fourth() {
        assert_eq!(half("0").as_deref(), Some("0000000000000000"));
        assert_eq!(half("-1").as_deref(), Some("ffffffffffffffff"));
        assert_eq!(half("18446744073709551617").as_deref(), Some("0000000000000001"));
        assert_eq!(half("x"), None);
    }

    #[test]
    fn names_of_algorithms_lead_back_to_them() {
        for algorithm in [Algorithm::Record, Algorithm::Text] {
            assert_eq!(Algorithm::named(algorithm.name()), Some(algorithm));
        }
        assert_eq!(Algorithm::named("record/2"), None);
        assert_eq!(Algorithm::of_server(130_023), Algorithm::Text);
        assert_eq!(Algorithm::of_server(140_000), Algorithm::Record);
    }
}
