//! Names of what a step made, which are recorded and shown as they are: the run goes on with them.

use crate::{
    catalog::{Change, ChangeKind},
    machine::Failure,
    plan::Text,
    secrets,
};

/// No new object may be named by a secret, or by what the server left of one. Only a step that uses secrets can have done that.
///
/// # Errors
/// `backstop::run::secret_name`
pub(super) fn expect_none(sql: &Text, changes: &[Change]) -> Result<(), Failure> {
    let holds_secret = |name: &str| secrets::redacted(name) != name;
    let is_named_by_secret = |change: &&Change| {
        change.how == ChangeKind::Added && (holds_secret(&change.object.name) || holds_secret(&change.object.schema))
    };
    match changes.iter().find(is_named_by_secret).filter(|_| sql.shown() != sql.sent()) {
        None => Ok(()),
        Some(change) => {
            let name = change.object.to_string();
            let message = format!("the step names an object by a secret: {}", secrets::redacted(&name));
            Err(Failure::permanent("backstop::run::secret_name", message).hint(
                "Names are recorded and shown as they are: use a variable of type `string` in names, or another name.",
            ))
        }
    }
}
