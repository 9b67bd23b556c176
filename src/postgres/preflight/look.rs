//! All looks, one after the other.

use std::collections::BTreeSet;

use tokio_postgres::{Client, error::SqlState};

use super::{
    authority, batches,
    findings::Findings,
    foreign_keys, internal_triggers, locks, privileges, requires,
    server::{Server, server},
    statements, targets, writers,
};
use crate::{
    catalog::{ObjectKey, Snapshot, Unrestorable, rehearsal, targets_to_add},
    machine::{Failure, PreflightPassed},
    plan::{Plan, Rendered},
    postgres::{
        capture, fault,
        relation::{Relation, Relations},
        session::{Lifetime, Settings},
    },
};

const FAILED: &str = "backstop::preflight::not_looked";

/// From here on the size of the copies is worth a word.
const BYTES_WORTH_SAYING: u64 = 1024 * 1024 * 1024;

/// Looks whether a run of the plan can be made, in a transaction of its own that only reads.
///
/// # Errors
/// Everything that stands in the way, all at once.
pub async fn preflight(client: &Client, plan: &Plan<Rendered>) -> Result<PreflightPassed, Vec<Failure>> {
    let server = server(client).await.map_err(|failure| vec![failure])?;
    let Examined { mut findings, targets, bytes } = examine(client, plan, &server, &server.failures()).await;
    if !findings.failures.is_empty() {
        return Err(findings.failures);
    }
    if bytes >= BYTES_WORTH_SAYING {
        let size = bytes / (1024 * 1024);
        findings
            .warnings
            .push(format!("the copies need about {size} MiB of disk space; how much is free can't be asked of the server"));
    }
    let targets = targets.iter().map(ToString::to_string).collect();
    Ok(PreflightPassed { server_version: server.version, targets, bytes, warnings: findings.warnings })
}

/// What all looks together found.
#[derive(Debug, Clone, Default)]
pub struct Examined {
    /// What stands in the way, and what is worth saying.
    pub findings: Findings,
    /// The tables that would be copied; none where the look did not come so far.
    pub targets: Vec<Relation>,
    /// Heap and TOAST of all of them, in bytes.
    pub bytes: u64,
}

/// The same with whatever could be found out, though something stands in the way. `of_server` is what of the server does.
pub async fn examine(client: &Client, plan: &Plan<Rendered>, server: &Server, of_server: &[Failure]) -> Examined {
    let mut examined = Examined::default();
    let findings = &mut examined.findings;
    findings.failures.extend(of_server.iter().cloned());
    findings.warnings.extend(server.warning());
    findings.failures.extend(statements::failures(plan, server.version));
    if of_server.iter().any(|failure| failure.code == super::server::OLD) {
        // What follows asks for things that such a server doesn't know.
        return examined;
    }
    if let Err(error) = client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await {
        findings.failures.push(fault::failure(FAILED, &error));
        return examined;
    }
    let looked = look(client, plan, findings).await;
    // Whatever was looked at, nothing of it stays; a lost connection shows in the answer.
    let _ = client.batch_execute("ROLLBACK").await;
    match looked {
        Ok((targets, bytes)) => (examined.targets, examined.bytes) = (targets, bytes),
        Err(failure) => {
            let failure = with_holders(failure, &findings.warnings);
            findings.failures.push(failure);
        }
    }
    examined
}

/// A look at a table that somebody has locked waits for him: the failure says for whom.
fn with_holders(failure: Failure, warnings: &[String]) -> Failure {
    match failure.sqlstate.as_deref() {
        Some(state) if state == SqlState::LOCK_NOT_AVAILABLE.code() && !warnings.is_empty() => failure
            .detail(warnings.join("\n"))
            .hint("Wait until that session is done, or end it (`SELECT pg_terminate_backend(pid)`), and try again."),
        Some(_) | None => failure,
    }
}

async fn look(client: &Client, plan: &Plan<Rendered>, findings: &mut Findings) -> Result<(Vec<Relation>, u64), Failure> {
    Settings::of_plan(&plan.name, &plan.session).apply(client, Lifetime::Transaction).await?;
    let failed = |error| fault::failure(FAILED, &error);
    let relations = Relations::read(client).await.map_err(failed)?;
    let found = targets::resolve(plan, &relations);
    findings.failures.extend(found.failures);
    findings.warnings.extend(found.warnings);
    let found = targets::with_trees(client, &relations, found.targets).await.map_err(failed)?;
    // Asked before anything that waits for these locks.
    findings.warnings.extend(locks::warnings(client, &found).await.map_err(failed)?);
    findings.failures.extend(requires::failures(client, plan).await?);
    batches::look(client, plan, findings).await.map_err(failed)?;
    findings.failures.extend(privileges::failures(client, plan, &found).await?);
    findings.warnings.extend(writers::warnings(client, plan, &found).await.map_err(failed)?);
    foreign_keys::look(client, &found, findings).await.map_err(failed)?;
    let snapshot = snapshot(client, plan).await?;
    let covered: BTreeSet<ObjectKey> = found.iter().map(|table| ObjectKey::table(&table.schema, &table.name)).collect();
    findings.failures.extend(internal_triggers::failures(client, &snapshot, &covered).await.map_err(failed)?);
    match rehearsal(&snapshot, &covered) {
        Ok(script) => {
            authority::look(client, plan, &snapshot, &script.recreated, findings).await?;
            findings.warnings.extend(script.left_out.iter().map(left_out));
        }
        Err(problems) => {
            let to_add = targets_to_add(&problems);
            findings.failures.extend(problems.into_iter().map(|problem| not_restorable(problem, to_add.as_deref())));
        }
    }
    let bytes = targets::bytes(client, &found).await.map_err(failed)?;
    Ok((found, bytes))
}

async fn snapshot(client: &Client, plan: &Plan<Rendered>) -> Result<Snapshot, Failure> {
    let exclude = [plan.backup.schema.sent().to_owned()];
    capture::snapshot(client, &exclude).await.map_err(|error| fault::failure(FAILED, &error))
}

/// What of the targets could not be brought back, said before anything is changed.
fn not_restorable(one: Unrestorable, to_add: Option<&str>) -> Failure {
    Failure::permanent(
        "backstop::preflight::not_restorable",
        format!("{} could not be brought back: {}", one.object, one.why),
    )
    .hint(to_add.unwrap_or("Leave it out of the backup's targets and of what the steps change."))
}

fn left_out(index: &ObjectKey) -> String {
    format!(
        "{index} is INVALID, left by a build that failed: a restore that has to make its table again, or its rows, leaves it out"
    )
}
