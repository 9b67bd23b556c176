//! Errors of the driver → failures, by SQLSTATE and never by text.

use tokio_postgres::error::{Error, SqlState};

use crate::machine::{Failure, FailureClass};

/// What kind of failure a driver's error is.
///
/// Transient are 55P03 (lock not available), 40P01 (deadlock), 40001 (serialization failure), the classes 08 (connection) and
/// 57P01 to 57P03 (shutdown), and a closed connection
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
pub fn class(error: &Error) -> FailureClass {
    match error.code() {
        Some(state) => class_of_state(state),
        None if error.is_closed() || is_io(error) => FailureClass::Transient,
        None => FailureClass::Permanent,
    }
}

fn class_of_state(state: &SqlState) -> FailureClass {
    const TRANSIENT: [&SqlState; 6] = [
        &SqlState::LOCK_NOT_AVAILABLE,
        &SqlState::T_R_DEADLOCK_DETECTED,
        &SqlState::T_R_SERIALIZATION_FAILURE,
        &SqlState::ADMIN_SHUTDOWN,
        &SqlState::CRASH_SHUTDOWN,
        &SqlState::CANNOT_CONNECT_NOW,
    ];
    if TRANSIENT.contains(&state) || state.code().starts_with("08") {
        FailureClass::Transient
    } else {
        FailureClass::Permanent
    }
}

/// Whether the connection is gone, so that nothing more can be asked on it.
pub fn is_connection_lost(error: &Error) -> bool {
    match error.code() {
        Some(state) => ends_connection(state.code()),
        None => error.is_closed() || is_io(error),
    }
}

/// The same of a failure that was made of a driver's error: the connection may be gone before the driver has noticed.
pub fn tells_connection_lost(failure: &Failure) -> bool {
    match &failure.sqlstate {
        Some(state) => ends_connection(state),
        None => failure.class == FailureClass::Transient,
    }
}

fn ends_connection(sqlstate: &str) -> bool {
    sqlstate.starts_with("57P0") || sqlstate.starts_with("08")
}

fn is_io(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}

/// The failure with this code that the driver's error amounts to: message, DETAIL, CONTEXT and HINT of the server.
pub fn failure(code: &str, error: &Error) -> Failure {
    let Some(db) = error.as_db_error() else {
        let message = match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        return Failure::permanent(code, message).class(class(error));
    };
    let detail: Vec<&str> = [db.detail(), db.where_()].into_iter().flatten().collect();
    Failure {
        code: code.to_owned(),
        class: class(error),
        message: db.message().to_owned(),
        detail: (!detail.is_empty()).then(|| detail.join("\n")),
        hint: db.hint().or_else(|| of_poolers(db.code())).or_else(|| of_encodings(db.code())).map(str::to_owned),
        sqlstate: Some(db.code().code().to_owned()),
    }
}

/// Text that one side's encoding has no room for.
fn of_encodings(state: &SqlState) -> Option<&'static str> {
    match *state {
        SqlState::UNTRANSLATABLE_CHARACTER => Some(
            "The database's encoding has no such character. Leave it out of the plan's texts and SQL, or write it with characters \
             that the encoding has.",
        ),
        SqlState::CHARACTER_NOT_IN_REPERTOIRE => Some(
            "The database (SQL_ASCII, most likely) holds text that is no UTF-8 in a name, a comment, a definition or a row that is \
             to be shown. `pg_dump --schema-only DATABASE | LC_ALL=C grep -an '[^[:print:][:space:]]'` finds all but rows; write it \
             again in UTF-8 (COMMENT ON, ALTER ... RENAME, CREATE OR REPLACE ...). Rows that are only copied may hold any bytes.",
        ),
        _ => None,
    }
}

/// The driver numbers the statements that it prepares; that one is missing, or there already, only happens where somebody hands
/// the server's sessions around.
fn of_poolers(state: &SqlState) -> Option<&'static str> {
    const POOLED: [&SqlState; 2] = [&SqlState::INVALID_SQL_STATEMENT_NAME, &SqlState::DUPLICATE_PSTATEMENT];
    POOLED.contains(&state).then_some(
        "A pooler seems to hand its sessions around between transactions: give the URL of the server itself, or that of a pool in \
         session mode.",
    )
}
