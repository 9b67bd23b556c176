//! Whether the database's encoding has every character of a plan: the journal holds the plan, and steps send it.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error, error::SqlState};

use crate::{machine::Failure, postgres::error_class};

/// More of them are not worth naming.
const NAMED_MAX: usize = 20;

/// Refuses a plan with characters that the database can't hold. To be asked outside of a transaction, before anything of the plan
/// is written.
///
/// # Errors
/// `backstop::preflight::encoding` with the characters, or what the server said.
pub async fn refuse_unmappable(client: &Client, plan: &str, text: &str) -> Result<(), Failure> {
    let failed = |error: Error| error_class::failure("backstop::preflight::not_looked", &error);
    let beyond_ascii: BTreeSet<char> = text.chars().filter(|c| !c.is_ascii()).collect();
    if beyond_ascii.is_empty() {
        return Ok(());
    }
    let encoding: String =
        client.query_one("SHOW server_encoding", &[]).await.map_err(failed)?.try_get(0).map_err(failed)?;
    // In the one every character can be written, in the other the bytes are what they are.
    if ["UTF8", "SQL_ASCII"].contains(&encoding.as_str()) {
        return Ok(());
    }
    let mut missing = Vec::new();
    for character in beyond_ascii {
        if missing.len() < NAMED_MAX && !is_mappable(client, character, &encoding).await.map_err(failed)? {
            missing.push(format!("{character} (U+{:04X})", u32::from(character)));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::permanent(
        "backstop::preflight::encoding",
        format!("plan {plan} has characters that the encoding {encoding} of this database lacks: {}", missing.join(", ")),
    )
    .hint("Write other characters instead; in a text of SQL the function chr() makes those that the encoding has."))
}

/// As bytes, so that nothing on the way converts it.
async fn is_mappable(client: &Client, character: char, encoding: &str) -> Result<bool, Error> {
    const CONVERT: &str = "SELECT convert($1, 'UTF8', $2::text::name)";
    let mut bytes = [0; 4];
    let bytes = character.encode_utf8(&mut bytes).as_bytes();
    match client.query_one(CONVERT, &[&bytes, &encoding]).await {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some(&SqlState::UNTRANSLATABLE_CHARACTER) => Ok(false),
        Err(error) => Err(error),
    }
}
