//! The settings under which a database evaluates its own expressions: those that its sessions begin with.
//!
//! What an index holds, or a generated column, may depend on the time zone and on how values are written, through functions that
//! count as immutable. Rows are digested and copied under settings that are the same everywhere (`digest::PINNED`); while expressions
//! are evaluated the database's own are in force, which a backup keeps in its [`Snapshot::settings`].

use tokio_postgres::{Client, Error};

use crate::{catalog::Snapshot, postgres::digest::PINNED, sql::quote::literal};

/// Of the pinned settings, those that only say how values are written. Texts of values read back alike under all of them but the last
/// one, which says how texts of money are read, too.
const FORMATS: [&str; 7] =
    ["TimeZone", "DateStyle", "IntervalStyle", "extra_float_digits", "bytea_output", "quote_all_identifiers", MONEY];
const MONEY: &str = "lc_monetary";

/// Puts the settings that a database had in force for the rest of the transaction, as far as this session may. A backup of an earlier
/// program has none.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn evaluate_under(client: &Client, then: &Snapshot) -> Result<(), Error> {
    const DIFFERENT: &str = "SELECT s.name, s.value \
        FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[])) AS s (name, value) \
        WHERE pg_catalog.current_setting(s.name, true) IS DISTINCT FROM s.value \
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_settings AS p WHERE p.context OPERATOR(pg_catalog.<>) 'user' \
                          AND pg_catalog.lower(p.name) OPERATOR(pg_catalog.=) pg_catalog.lower(s.name))";
    let (names, values): (Vec<&String>, Vec<&String>) = then.settings.iter().unzip();
    for row in client.query(DIFFERENT, &[&names, &values]).await? {
        let (name, value): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let set = format!("SELECT pg_catalog.set_config({}, {}, true)", literal(&name), literal(&value));
        let done =
            client.batch_execute(&format!("SAVEPOINT backstop_setting; {set}; RELEASE SAVEPOINT backstop_setting")).await;
        match done {
            // The database's sessions begin without it, too, and are warned.
            Err(error)
                if error.code().is_some_and(|state| state.code().starts_with("22") || state.code().starts_with("42")) =>
            {
                client.batch_execute("ROLLBACK TO SAVEPOINT backstop_setting; RELEASE SAVEPOINT backstop_setting").await?;
            }
            done => done?,
        }
    }
    Ok(())
}

/// Pins again what [`evaluate_under`] has set.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn pin_formats(client: &Client) -> Result<(), Error> {
    let pinned = PINNED.iter().filter(|(name, _)| FORMATS.contains(name));
    let statements: Vec<String> = pinned.map(|(name, value)| format!("SET LOCAL {name} = {}", literal(value))).collect();
    client.batch_execute(&statements.join("; ")).await
}

/// A statement that reads texts of values of a copy, in which money is written as it is pinned.
pub fn reading_texts(sql: &str, then: &Snapshot) -> String {
    let [pinned, own] = around_texts(then);
    format!("{pinned}{sql}{}", if own.is_empty() { own } else { format!("; {own}") })
}

/// What is to be said before and after texts of values are read, where [`evaluate_under`] is in force.
pub fn around_texts(then: &Snapshot) -> [String; 2] {
    match (PINNED.iter().find(|(name, _)| *name == MONEY), then.settings.get(MONEY)) {
        (Some((_, pinned)), Some(own)) => {
            [format!("SET LOCAL {MONEY} = {}; ", literal(pinned)), format!("SET LOCAL {MONEY} = {}", literal(own))]
        }
        _ => [String::new(), String::new()],
    }
}

/// The pinned settings, with the database's own for how values are written; but for money, of which texts are read.
pub fn evaluation_settings(then: &Snapshot) -> Vec<(&'static str, &str)> {
    let own = |name: &'static str| then.settings.get(name).filter(|_| FORMATS.contains(&name) && name != MONEY);
    PINNED.iter().map(|(name, value)| (*name, own(name).map_or(*value, String::as_str))).collect()
}
