//! A step outside a transaction.

use std::sync::Arc;

use tokio_postgres::Client;

use super::{
    applied_state::clean_up,
    evidence::validity,
    lock_retry::LockRetry,
    outside_effect::OutsideEffect,
    run::{StepFault, StepRun},
    secret_names,
    statements::{self, StepScript},
};
use crate::{
    catalog::{Change, Snapshot, diff},
    drive::ports::Recorded,
    machine::{Event, Failure, FailureClass, StepCommitted},
    plan::{Plan, Rendered, Step},
    postgres::{
        capture, error_class,
        fence::{self, Lets},
        interrupt::Cancel,
        journal::{self, Fence},
        preflight::what_helps,
        search_path::PlanPath,
        session::{FRESH, Lifetime, RESET, SessionSettings},
        transaction::BEGIN,
    },
    sql::{ConcurrentIndex, Statement, StatementKind, Where},
};

/// Runs a step of one statement that PostgreSQL refuses in a transaction block. Its event is stored afterwards.
///
/// # Errors
/// [`StepFault`]; in doubt where the connection was lost while the statement ran.
pub async fn run_outside<C: Cancel>(step_run: &StepRun<'_, C>) -> Result<Recorded, StepFault> {
    let StepRun { client, plan, index, claim, .. } = *step_run;
    let Some(step) = plan.steps.get(index) else {
        return Err(Failure::permanent("backstop::run::no_step", format!("the plan has no step {index}")).into());
    };
    let path = &PlanPath::of(&plan.session);
    let all = statements::of(&step.sql, Where::Outside)?;
    if let Some(refused) = all.iter().find_map(|statement| refusal(statement, step_run.server_version)) {
        return Err(refused.into());
    }
    secret_names::expect_none_in(&step.sql, &all)?;
    settings(plan, step, &all).apply(client, Lifetime::Session).await?;
    // The session has the step's name now, by which whoever takes over ends it before going on: no statement comes after that.
    journal::check(client, claim, Fence::Look).await?;
    let effects = OutsideEffect::of(client, path, &all).await?;
    covers_detached(step_run, &effects)?;
    fence::announce(client, &claim.run.to_string(), Lets::Session).await?;
    let before = snapshot(step_run).await?;
    let work =
        statements::run(client, StepScript { text: &step.sql, statements: &all, path }, &step_run.watch, LockRetry::Once);
    let result = step_run.interruption.guard(&step_run.cancel, work).await;
    let reported = match result {
        Ok(reported) => reported,
        Err(failure) if client.is_closed() || error_class::tells_connection_lost(&failure) => return Err(in_doubt(failure)),
        Err(failure) => {
            let left = clean_up(client, path, &all).await;
            reset(client).await;
            let failure = step_run.interruption.failure().unwrap_or(failure);
            return Err(match left {
                Ok(_) => failure,
                Err(left) => failure.detail(format!("and what it left could not be cleared away: {}", left.message)),
            }
            .into());
        }
    };
    if let Some(invalid) = left_invalid(client, path, &all).await.map_err(in_doubt)? {
        // Cleared away, so that the next attempt builds it.
        let left = clean_up(client, path, &all).await;
        reset(client).await;
        return Err(match left {
            Ok(_) => invalid,
            Err(left) => invalid.detail(format!("and it could not be cleared away: {}", left.message)),
        }
        .into());
    }
    reset(client).await;
    let after = snapshot(step_run).await.map_err(|_| in_doubt(lost_after()))?;
    let is_own = |change: &Change| effects.iter().any(|effect| effect.has_made(change, &after));
    let changes: Vec<Change> = diff(&before, &after).into_iter().filter(is_own).collect();
    // What it called, an index's function or an event trigger, may have taken rights.
    can_go_back(step_run, &after, &changes).await?;
    let event = Event::StepCommitted(StepCommitted {
        index,
        step: step.id.to_string(),
        rows: reported.rows,
        changes,
        made: Vec::new(),
        written: Vec::new(),
        uncovered: Vec::new(),
        checks: Vec::new(),
    });
    // The effect is there, whatever keeps its event from being stored.
    journal::append(client, claim, Fence::Hold, step_run.seq, &event).await.map_err(in_doubt)
}

/// Concurrent builds wait for old transactions, and nobody waits for them: cut short, they would leave an invalid index and
/// begin anew. They wait as long as a statement may run, unless the step itself says how long.
fn settings(plan: &Plan<Rendered>, step: &Step<Rendered>, all: &[Statement]) -> SessionSettings {
    let settings = SessionSettings::of_step(&plan.name, &plan.session, step);
    let in_nobodys_way = all.iter().all(|statement| !statement.lock().makes_others_wait());
    if in_nobodys_way && step.lock_timeout.is_none() {
        SessionSettings { lock_timeout: settings.statement_timeout, ..settings }
    } else {
        settings
    }
}

/// Whether the role may still do what a restore would have to do. The step has taken effect, so that the run waits where it may not: for a
/// person who gives back what it needs.
async fn can_go_back<C: Cancel>(step_run: &StepRun<'_, C>, after: &Snapshot, changes: &[Change]) -> Result<(), StepFault> {
    let failed = |error| in_doubt(error_class::failure("backstop::run::not_settled", &error));
    let remade = (step_run.way_back)(after, changes).unwrap_or_default();
    step_run.client.batch_execute(BEGIN).await.map_err(failed)?;
    let lacking = step_run.lacking(remade).await.map_err(in_doubt)?;
    step_run.client.batch_execute("ROLLBACK").await.map_err(failed)?;
    let Some(first) = lacking.first() else { return Ok(()) };
    let list = lacking.iter().map(|one| one.message.clone()).collect::<Vec<_>>().join("\n");
    let message = format!("the step took effect, and after it no restore could be made: {}", first.message);
    let help = format!("{} Then go on with `backstop resume`, or back with `backstop restore`.", what_helps(&lacking));
    let failure = Failure::permanent("backstop::run::no_way_back", message).class(FailureClass::Unknown);
    Err(failure.detail(list).hint(help).into())
}

/// `IF NOT EXISTS` is content with an index of that name that is INVALID: one that an earlier build has left.
async fn left_invalid(client: &Client, path: &PlanPath, statements: &[Statement]) -> Result<Option<Failure>, Failure> {
    for statement in statements {
        let Some(ConcurrentIndex::Create { name: Some(name), table }) = ConcurrentIndex::of(statement) else { continue };
        let valid = validity(client, path, &table.quoted(), &name).await;
        let valid = valid.map_err(|error| error_class::failure("backstop::run::not_settled", &error))?;
        if valid == Some(false) {
            let message = format!("the index {name} was there before, and is INVALID");
            let failure = Failure::permanent("backstop::run::invalid_index", message).class(FailureClass::Transient);
            return Ok(Some(failure.hint("It is dropped and built anew by another attempt.")));
        }
    }
    Ok(None)
}

/// A partition that is detached must be in the backup with its table, which is what brings it back.
fn covers_detached<C>(step_run: &StepRun<'_, C>, effects: &[OutsideEffect]) -> Result<(), Failure> {
    let detached = effects.iter().filter_map(|effect| match effect {
        OutsideEffect::Detaches { table, partition } => Some([table, partition]),
        OutsideEffect::Indexes { .. } | OutsideEffect::Drops(_) => None,
    });
    for table in detached.flatten() {
        let title = format!("{}.{}", table.schema, table.name);
        if !step_run.permission.covered.contains(&title) {
            let message = format!("the step detaches what the backup does not hold: {title}");
            return Err(Failure::permanent("backstop::run::uncovered_write", message)
                .hint("Add the partitioned table to the backup's targets: its partitions come with it."));
        }
    }
    Ok(())
}

/// The session is the run's again; if it is lost, the next statement says so.
async fn reset(client: &Client) {
    let _ = client.batch_execute(&format!("{RESET}; {FRESH}")).await;
}

/// Why a statement must not run where nobody can look at what it did before it takes effect.
pub(crate) fn refusal(statement: &Statement, server_version: u32) -> Option<Failure> {
    use StatementKind as K;
    let name = statement.kind().name();
    let (message, hint) = match statement.kind() {
        K::CreateIndexConcurrently
        | K::DropIndexConcurrently
        | K::DetachPartitionConcurrently
        | K::ReindexConcurrently
        | K::ReindexMany
        | K::Vacuum
        | K::ClusterAll
        | K::Other => return None,
        kind if kind.runs_in_transaction(server_version) => (
            format!("{name} is not to be run outside a transaction, where its writes can't be looked at before they count"),
            match kind {
                K::Call | K::Do => {
                    "Leave `transaction: none` out: it runs in a transaction, as long as it commits nothing itself. A loop that commits is \
                     written as a step with `batch:`."
                }
                _ => "Leave `transaction: none` out: this statement runs in a transaction.",
            },
        ),
        _ => (format!("{name} can't be taken back by a restore"), statement.kind().instead()),
    };
    Some(Failure::permanent("backstop::run::no_way_back", message).hint(hint))
}

async fn snapshot<C>(step_run: &StepRun<'_, C>) -> Result<Arc<Snapshot>, Failure> {
    capture::snapshot_again(step_run.client, &step_run.permission.off_limits, step_run.memory)
        .await
        .map_err(|error| error_class::failure("backstop::run::not_captured", &error))
}

fn lost_after() -> Failure {
    Failure::permanent("backstop::run::not_captured", "the step took effect, what it changed could not be read")
}

/// There is no transaction whose outcome could be asked for; the step is settled by looking.
fn in_doubt(failure: Failure) -> StepFault {
    StepFault::InDoubt { failure: Box::new(failure), transaction: None }
}
