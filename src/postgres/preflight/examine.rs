//! All looks, one after the other.

use std::{collections::BTreeSet, sync::Arc};

use tokio_postgres::{Client, Error, error::SqlState};

use super::{
    authority, batches, called_functions,
    findings::PreflightFindings,
    foreign_keys, internal_triggers, lasting, locks, open_path, privileges, procedures, publications, replication, requires,
    resources,
    server::{Server, server},
    statements, targets, writers,
};
use crate::{
    catalog::{ObjectKey, Snapshot, Unrestorable, targets_to_add, worst_case},
    machine::{Failure, PreflightPassed},
    plan::{Plan, Rendered, Transaction},
    postgres::{
        capture::{self, Memory},
        error_class, event_triggers,
        expressions::{Examination, ExamineRequest, look as look_at_expressions},
        ownership,
        relation::{Relation, Relations},
        search_path::PlanPath,
        session::{Lifetime, SessionSettings},
        session_slots::SESSIONS_OF_RUN,
    },
};

const FAILED: &str = "backstop::preflight::not_looked";

/// Looks whether a run of the plan can be made, in a transaction of its own that only reads. What is prepared for it in the session
/// is good for the run's further snapshots.
///
/// # Errors
/// Everything that stands in the way, all at once.
pub async fn preflight(client: &Client, memory: &Memory, plan: &Plan<Rendered>) -> Result<PreflightPassed, Vec<Failure>> {
    let server = server(client).await.map_err(|failure| vec![failure])?;
    let looker = Looker { client, memory, open: SESSIONS_OF_RUN };
    let Examined { findings, targets, bytes } = examine(&looker, plan, &server, &server.failures()).await;
    if !findings.failures.is_empty() {
        return Err(findings.failures);
    }
    let targets = targets.iter().map(ToString::to_string).collect();
    Ok(PreflightPassed { server_version: server.version, targets, bytes, warnings: findings.warnings })
}

/// Who looks.
#[derive(Clone, Copy)]
pub struct Looker<'a> {
    /// The session.
    pub client: &'a Client,
    /// What is prepared in it for snapshots.
    pub memory: &'a Memory,
    /// How many of the sessions that a run needs are open, this one among them.
    pub open: u64,
}

/// What all looks together found.
#[derive(Debug, Clone, Default)]
pub struct Examined {
    /// What stands in the way, and what is worth saying.
    pub findings: PreflightFindings,
    /// The tables that would be copied; none where the look did not come so far.
    pub targets: Vec<Relation>,
    /// Heap and TOAST of all of them, in bytes.
    pub bytes: u64,
}

/// The same with whatever could be found out, though something stands in the way. `of_server` is what of the server does.
pub async fn examine(looker: &Looker<'_>, plan: &Plan<Rendered>, server: &Server, of_server: &[Failure]) -> Examined {
    let client = looker.client;
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
        findings.failures.push(error_class::failure(FAILED, &error));
        return examined;
    }
    let looked = look(looker, plan, findings).await;
    // Whatever was looked at, nothing of it stays; a lost connection shows in the answer.
    let _ = client.batch_execute("ROLLBACK").await;
    match looked {
        Ok((targets, bytes)) => {
            if of_server.is_empty() {
                try_event_triggers(client, plan, &targets, findings).await;
            }
            (examined.targets, examined.bytes) = (targets, bytes);
        }
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

async fn look(
    looker: &Looker<'_>,
    plan: &Plan<Rendered>,
    findings: &mut PreflightFindings,
) -> Result<(Vec<Relation>, u64), Failure> {
    let Looker { client, open, .. } = *looker;
    SessionSettings::of_plan(&plan.name, &plan.session).apply(client, Lifetime::Transaction).await?;
    let failed = |error| error_class::failure(FAILED, &error);
    findings.failures.extend(ownership::refuse_foreign(client, &[plan.backup.schema.sent()]).await.err());
    let relations = Relations::read(client, &PlanPath::of(&plan.session)).await.map_err(failed)?;
    let found = targets::resolve(plan, &relations);
    findings.failures.extend(found.failures);
    findings.warnings.extend(found.warnings);
    findings.failures.extend(lasting::failures(client, plan, &relations).await?);
    let found = targets::with_trees(client, &relations, found.targets).await.map_err(failed)?;
    // Asked before anything that waits for these locks.
    findings.warnings.extend(locks::warnings(client, &found).await.map_err(failed)?);
    findings.failures.extend(requires::failures(client, plan).await?);
    batches::look(client, plan, findings).await.map_err(failed)?;
    procedures::look(client, plan, findings).await.map_err(failed)?;
    findings.warnings.extend(open_path::warnings(client, plan).await.map_err(failed)?);
    findings.failures.extend(privileges::failures(client, plan, &found).await?);
    writers::look(client, plan, &found, findings).await.map_err(failed)?;
    replication::look(client, plan, &found, findings).await.map_err(failed)?;
    resources::look(client, plan, &found, open, findings).await.map_err(failed)?;
    foreign_keys::look(client, &found, findings).await.map_err(failed)?;
    publications::look(client, plan.backup.schema.sent(), findings).await.map_err(failed)?;
    let snapshot = snapshot(looker, plan).await?;
    let covered: BTreeSet<ObjectKey> = found.iter().map(|table| ObjectKey::table(&table.schema, &table.name)).collect();
    findings.failures.extend(internal_triggers::failures(client, &snapshot, &covered).await.map_err(failed)?);
    match worst_case(&snapshot, &covered) {
        Ok(script) => {
            authority::look(client, plan, &snapshot, &script.recreated, findings).await?;
            findings.warnings.extend(replication::unpublished(&snapshot, &script));
            findings.warnings.extend(script.left_out.iter().map(left_out));
        }
        Err(problems) => {
            let to_add = targets_to_add(&problems);
            findings.failures.extend(problems.into_iter().map(|problem| not_restorable(problem, to_add.as_deref())));
        }
    }
    findings.warnings.extend(called_functions::warnings(client, &snapshot, &covered).await.map_err(failed)?);
    expressions(client, plan, &snapshot, &found, findings).await.map_err(failed)?;
    let bytes = targets::bytes(client, &found).await.map_err(failed)?;
    Ok((found, bytes))
}

/// Whether event triggers would hinder a restore is only known by trying, where the copies and the targets stand.
async fn try_event_triggers(client: &Client, plan: &Plan<Rendered>, targets: &[Relation], findings: &mut PreflightFindings) {
    let schemas: BTreeSet<String> =
        targets.iter().map(|table| table.schema.clone()).chain([plan.backup.schema.sent().to_owned()]).collect();
    match event_triggers::failures(client, &Vec::from_iter(schemas), targets).await {
        Ok(refused) => findings.failures.extend(refused),
        Err(failure) => findings.failures.push(failure),
    }
}

/// What hangs on the targets and may not hold for their rows any more, or can't be evaluated without the plan's own path. Where a ROLLBACK
/// is the way back, that stands in the way of a later restore at most.
async fn expressions(
    client: &Client,
    plan: &Plan<Rendered>,
    snapshot: &Snapshot,
    targets: &[Relation],
    findings: &mut PreflightFindings,
) -> Result<(), Error> {
    let tables: Vec<(String, String)> = targets.iter().map(|table| (table.schema.clone(), table.name.clone())).collect();
    let path = PlanPath::of(&plan.session);
    let wanted = ExamineRequest { snapshot, tables: &tables, search_path: path.schemas(), is_bounded: true };
    let Examination { failures, warnings, .. } = look_at_expressions(client, &wanted).await?;
    findings.warnings.extend(warnings);
    match plan.transaction {
        Transaction::Step => findings.failures.extend(failures),
        Transaction::Plan => findings.warnings.extend(failures.into_iter().map(|failure| failure.message)),
    }
    Ok(())
}

async fn snapshot(looker: &Looker<'_>, plan: &Plan<Rendered>) -> Result<Arc<Snapshot>, Failure> {
    let exclude = [plan.backup.schema.sent().to_owned()];
    capture::snapshot_again(looker.client, &exclude, looker.memory)
        .await
        .map_err(|error| error_class::failure(FAILED, &error))
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
