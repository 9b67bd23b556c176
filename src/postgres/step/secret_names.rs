//! Names of what a step made, which are recorded and shown as they are: the run goes on with them.

use crate::{
    catalog::{Change, ChangeKind},
    machine::Failure,
    plan::Text,
    secrets,
    sql::{ConcurrentIndex, Statement},
};

/// No new object may be named by a secret, or by what the server left of one. Only a step that uses secrets can have done that.
///
/// # Errors
/// `backstop::run::secret_name`
pub(super) fn expect_none(sql: &Text, changes: &[Change]) -> Result<(), Failure> {
    let is_named_by_secret = |change: &&Change| {
        change.how == ChangeKind::Added && (holds_secret(&change.object.name) || holds_secret(&change.object.schema))
    };
    let made = changes.iter().find(is_named_by_secret).filter(|_| sql.shown() != sql.sent());
    made.map_or(Ok(()), |change| Err(refusal(&change.object.to_string())))
}

/// The same of a statement that takes effect before anybody could look at what it made: only builds of indexes make anything there.
///
/// # Errors
/// As [`expect_none`].
pub(super) fn expect_none_in(sql: &Text, statements: &[Statement]) -> Result<(), Failure> {
    let named = |statement: &Statement| match ConcurrentIndex::of(statement) {
        Some(ConcurrentIndex::Create { name, .. }) => name,
        Some(ConcurrentIndex::Drop { .. }) | None => None,
    };
    let made = statements.iter().filter_map(named).find(|name| holds_secret(name)).filter(|_| sql.shown() != sql.sent());
    made.map_or(Ok(()), |name| Err(refusal(&format!("index {name}"))))
}

fn holds_secret(name: &str) -> bool {
    secrets::redacted(name) != name
}

fn refusal(object: &str) -> Failure {
    let message = format!("the step names an object by a secret: {}", secrets::redacted(object));
    Failure::permanent("backstop::run::secret_name", message)
        .hint("Names are recorded and shown as they are: use a variable of type `string` in names, or another name.")
}
