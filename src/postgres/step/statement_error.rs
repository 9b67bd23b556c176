//! A statement's error → a failure that shows the place.

use tokio_postgres::{
    Error,
    error::{DbError, ErrorPosition, SqlState},
};

use crate::{
    machine::Failure,
    plan::Text,
    postgres::{error_class, progress::Blocker},
    secrets,
    sql::{Statement, byte_offset, excerpt, line_column, split},
};

/// A failure of one of the plan's statements; which one it was stands in the detail, with the place marked where the server
/// names it. A secret that went into the SQL is in none of it.
pub(super) fn failure(text: &Text, index: usize, statement: &Statement, error: &Error, blockers: &[Blocker]) -> Failure {
    let mut failure = error_class::failure("backstop::run::statement_failed", error);
    if text.shown() == text.sent() {
        let place = place(text.sent(), statement, error.as_db_error());
        failure.detail = Some(join([Some(place), failure.detail]));
    } else {
        failure.message = without_secrets(text, &failure.message);
        failure.hint = failure.hint.map(|hint| without_secrets(text, &hint));
        failure.detail = shown_place(text, index);
    }
    if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) {
        failure = name_blockers(failure, blockers);
    }
    if error.code() == Some(&SqlState::UNSAFE_NEW_ENUM_VALUE_USAGE) {
        failure = failure.hint(
            "A value that ALTER TYPE ... ADD VALUE adds can be used when it is committed: add it in a step of its own before this \
             one, in a plan with a transaction for each step.",
        );
    }
    if error.code() == Some(&SqlState::INVALID_TRANSACTION_TERMINATION) {
        failure = failure.hint(
            "A step is one transaction, and what it calls can't end it. Take the COMMIT or ROLLBACK out of the block or procedure, or write \
             the loop as a step with `batch:`, which commits range by range.",
        );
    }
    failure
}

fn place(text: &str, statement: &Statement, error: Option<&DbError>) -> String {
    let start = statement.range().start;
    let (offset, inner) = match error.and_then(DbError::position) {
        Some(ErrorPosition::Original(position)) => (start + byte_offset(statement.text(), *position as usize), None),
        Some(ErrorPosition::Internal { position, query }) => {
            // A function's body may hold what an earlier step put there; then the place is not where it was.
            let shown = secrets::redacted(query);
            let at = if shown == query.as_str() { byte_offset(query, *position as usize) } else { 0 };
            (start, Some(excerpt(&shown, at)))
        }
        None => (start, None),
    };
    let (line, column) = line_column(text, offset);
    let outer = format!("line {line}, column {column}:\n{}", excerpt(text, offset));
    join([Some(outer), inner.map(|inner| format!("in the query that it ran:\n{inner}"))])
}

/// The same statement of the text that may be shown, where both have as many.
fn shown_place(text: &Text, index: usize) -> Option<String> {
    let statements = split(text.shown()).ok()?;
    let start = statements.get(index)?.range().start;
    (statements.len() == split(text.sent()).ok()?.len()).then(|| excerpt(text.shown(), start))
}

/// What the server quotes of the SQL and is not in what may be shown is left out: a secret's value first, whose spelling may have
/// quotes in it, and then what a template has made of it.
fn without_secrets(text: &Text, message: &str) -> String {
    let message = secrets::redacted(message);
    let mut out = String::with_capacity(message.len());
    for piece in message.split_inclusive(['"', '\'', '`']) {
        let part = piece.trim_end_matches(['"', '\'', '`']);
        let is_secret = !part.is_empty() && text.sent().contains(part) && !text.shown().contains(part);
        out.push_str(if is_secret { "***" } else { part });
        out.push_str(&piece[part.len()..]);
    }
    out
}

fn name_blockers(failure: Failure, blockers: &[Blocker]) -> Failure {
    let [first, ..] = blockers else { return failure };
    let list = blockers.iter().map(|blocker| format!("waited for {blocker}")).collect::<Vec<_>>().join("\n");
    let detail = join([failure.detail.clone(), Some(list)]);
    let end = match first.pid {
        0 => "end it with ROLLBACK PREPARED".to_owned(),
        pid => format!("end it with SELECT pg_terminate_backend({pid}) or `--terminate-blockers-after`"),
    };
    failure
        .detail(detail)
        .hint(format!("Let that session finish, or {end}, and try again; `lock_timeout` says how long a step waits."))
}

fn join<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_a_message_is_left_out() {
        let text = Text::redacted("SET x = '***'", "SET x = 'hunter2'");
        assert_eq!(without_secrets(&text, "invalid value \"hunter2\" for \"x\""), "invalid value \"***\" for \"x\"");
        assert_eq!(shown_place(&text, 0).as_deref(), Some("SET x = '***'\n^"));
    }
}
