//! What something else did to an object while it was made again: an event trigger of the application that can't be switched off, which
//! switches row security on, grants, or sets an owner. What can be changed back while it stands, is.

use std::collections::BTreeSet;

use tokio_postgres::Client;

use super::{
    failures::statement_failed,
    meanwhile::leave_alone,
    request::{RestoreRequest, snapshot},
    savepoint::attempt,
};
use crate::{
    catalog::{self, Action, Change, Script, Snapshot, compare},
    machine::Failure,
    postgres::{
        capture::Places,
        error_class::failure,
        expressions::{evaluate_under, pin_formats},
    },
};

/// The structure after the script was run, once what differs and can be changed while it stands was changed back; and the script with
/// what that changed.
///
/// # Errors
/// What the server said of the structure. What can't be changed back stays a difference.
pub async fn repaired(
    client: &Client,
    request: &RestoreRequest<'_>,
    before: (&Snapshot, &Places),
    mut script: Script,
) -> Result<(Snapshot, Script), Failure> {
    let after = snapshot(client, request).await?;
    let after = leave_alone(client, request, before, after, &mut script).await?;
    let then = &request.manifest.snapshot;
    let differences = compare(then, &after, &script).differences;
    let Some(repair) = repair(request, &differences, &after).filter(|repair| !repair.actions.is_empty()) else {
        return Ok((after, script));
    };
    if attempt(client, run(client, &repair, then)).await?.is_err() {
        return Ok((after, script));
    }
    let recreated = script.recreated.union(&repair.recreated).cloned().collect();
    let mut script = Script { recreated, ..script };
    let after = snapshot(client, request).await?;
    let after = leave_alone(client, request, before, after, &mut script).await?;
    Ok((after, script))
}

/// None where rows would have to come anew, or a table would go.
fn repair(request: &RestoreRequest<'_>, differences: &[Change], after: &Snapshot) -> Option<Script> {
    if differences.is_empty() {
        return None;
    }
    let scope = catalog::Scope {
        covered: request.manifest.tables.iter().map(|table| table.key()).collect(),
        changed: differences.iter().map(|change| change.object.clone()).collect(),
        reload: BTreeSet::new(),
    };
    let script = catalog::script(&request.manifest.snapshot, after, &scope).ok()?;
    let keeps_rows = |action: &Action| !matches!(action, Action::Load(_));
    (script.dropped_tables.is_empty() && script.actions.iter().all(keeps_rows)).then_some(script)
}

async fn run(client: &Client, script: &Script, then: &Snapshot) -> Result<(), Failure> {
    let failed = |error| failure("backstop::restore::failed", &error);
    evaluate_under(client, then).await.map_err(failed)?;
    for action in &script.actions {
        if let Action::Sql { sql, object } = action {
            client.batch_execute(sql).await.map_err(|error| statement_failed(sql, object, &error))?;
        }
    }
    pin_formats(client).await.map_err(failed)
}
