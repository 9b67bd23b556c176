//! What others change elsewhere in the database while a restore is under way: each statement of it sees what they commit.

use std::collections::BTreeSet;

use tokio_postgres::Client;

use super::request::RestoreRequest;
use crate::{
    catalog::{Change, ObjectKey, Script, Snapshot, compare, table_of},
    machine::Failure,
    postgres::{
        capture::{self, Memory, Places},
        error_class::failure,
    },
};

/// Leaves alone what others changed of objects for which the script does not answer, since the structure was looked at. Gives the
/// structure as it is now. Whose a change is the versions of its rows in the catalogs tell, and the locks of this transaction.
///
/// # Errors
/// `backstop::restore::failed`, with what the server said.
pub async fn leave_alone(
    client: &Client,
    request: &RestoreRequest<'_>,
    before: (&Snapshot, &Places),
    after: Snapshot,
    script: &mut Script,
) -> Result<Snapshot, Failure> {
    let then = &request.manifest.snapshot;
    if elsewhere(then, &after, script).is_empty() {
        return Ok(after);
    }
    let failed = |error| failure("backstop::restore::failed", &error);
    let left_out = std::slice::from_ref(&request.manifest.schema);
    let (after, places) = capture::located_again(client, left_out, &Memory::default()).await.map_err(failed)?;
    let changes = elsewhere(then, &after, script);
    let own = capture::own_changes(client, before, (&after, &places), changes.clone()).await.map_err(failed)?;
    let own: BTreeSet<ObjectKey> = own.into_iter().map(|change| change.object).collect();
    let theirs = changes.into_iter().map(|change| change.object).filter(|key| !own.contains(key));
    script.left_alone.extend(theirs);
    Ok(std::sync::Arc::unwrap_or_clone(after))
}

/// What differs of objects for which the script does not answer.
fn elsewhere(then: &Snapshot, after: &Snapshot, script: &Script) -> Vec<Change> {
    let answers = |key: &ObjectKey| script.in_scope.contains(key) || script.recreated.contains(key);
    let is_elsewhere = |change: &Change| {
        !answers(&change.object) && !table_of(&change.object, then, after).is_some_and(|table| answers(&table))
    };
    compare(then, after, script).differences.into_iter().filter(is_elsewhere).collect()
}
