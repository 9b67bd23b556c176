//! Runs of plans, from the lock to the end.

use std::path::PathBuf;

use uuid::Uuid;

use super::{
    applied_plans::{self, PlanState, PlanStatus, PlanStatuses},
    configuration::Configuration,
    database_target::DatabaseTarget,
    interruption::unless_stopped,
    plan_files::{self, PlanFile},
    problem::{OperationProblem, ProblemKind},
    resolve_plans::VariableValues,
    run_context::{RunContext, RunTarget},
    runs::{self, recorded},
    saved_plan_match::VerifiedSavedPlan,
    selection::{Selection, select},
    watcher::{OperationNotice, RunLeft, Watcher},
};
use crate::{
    drive::DriveOutcome,
    machine::{Cause, Failure, RunOutcome, SavedPlanUsed, State},
    plan::Repeat,
    postgres::{
        connection::Connection,
        executor::PostgresExecutor,
        journal::{self, Applied},
        preflight,
    },
    render::ResolvedPlan,
    report::{Style, change_lines},
    review::compare,
};

/// What is to be applied.
#[derive(Debug, Clone, Default)]
pub struct ApplyOptions {
    /// Plan files and folders with plans; the repository's plans where none is named.
    pub plans: Vec<PathBuf>,
    /// Which of them.
    pub selection: Selection,
    /// Values of their variables.
    pub values: VariableValues,
}

/// What becomes of a run of these plans that has not ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Interrupted {
    /// Nothing is applied before somebody has decided about it.
    #[default]
    Refuse,
    /// It goes on before anything else, where it was interrupted or its runner died. One that waits for a decision is a person's.
    GoOn,
}

/// A plan, and what became of it.
#[derive(Debug)]
pub struct PlanOutcome {
    /// As its file has it.
    pub plan: String,
    /// What became of it.
    pub outcome: ApplyOutcome,
}

/// What became of a plan that was to be applied.
#[derive(Debug)]
pub enum ApplyOutcome {
    /// One before it did not succeed.
    NotBegun,
    /// It was applied already.
    NothingToDo,
    /// A run of it was driven.
    Left(RunLeft),
    /// No run of it was driven to where it could be left.
    Failed(OperationProblem),
}

impl ApplyOutcome {
    /// Whether the plan is done with, so that the next one may follow.
    pub fn is_done(&self) -> bool {
        match self {
            ApplyOutcome::NothingToDo => true,
            ApplyOutcome::Left(left) => {
                matches!(left.ended, DriveOutcome::Finished(RunOutcome::Succeeded | RunOutcome::Accepted))
            }
            ApplyOutcome::NotBegun | ApplyOutcome::Failed(_) => false,
        }
    }
}

/// Reads the plans that are to be applied to a database, in the order in which they would run.
///
/// # Errors
/// That the repository wants approvals, what can't be read, and all mistakes of the first plan that has some.
pub fn plans_to_apply(
    configuration: &Configuration,
    target: &DatabaseTarget,
    wanted: &ApplyOptions,
    watcher: &mut dyn Watcher,
) -> Result<Vec<PlanFile>, OperationProblem> {
    configuration.refuse_unapproved(target, "a plan")?;
    let plans = plan_files::read(configuration, &wanted.plans, &wanted.values, watcher)?;
    select(&wanted.selection, plans, |file| file.plan.plan().name.as_str())
}

/// Runs plans in their order. The first one that doesn't succeed ends it. What became of each is given back.
///
/// # Errors
/// Why none was begun: nothing was changed.
pub async fn apply(
    context: &RunContext<'_>,
    plans: Vec<PlanFile>,
    interrupted: Interrupted,
    watcher: &mut dyn Watcher,
) -> Result<Vec<PlanOutcome>, OperationProblem> {
    let connection = context.connected(watcher).await?;
    let PlanStatuses { plans, missing } = unless_stopped(context.interruption, look(context, &connection, plans)).await?;
    drop(connection);
    if !missing.is_empty() {
        return Err(not_there(&missing));
    }
    // Only one run can be under way, so that the one that is comes first.
    let (under_way, others): (Vec<PlanStatus>, Vec<PlanStatus>) =
        plans.into_iter().partition(|plan| matches!(plan.state, PlanState::Unfinished(_)));
    let order: Vec<PlanStatus> = under_way.into_iter().chain(others).collect();
    let mut outcomes = not_begun(order.iter().map(|status| &status.file.plan));
    for (PlanStatus { file, state }, outcome) in order.iter().zip(&mut outcomes) {
        outcome.outcome = match state {
            PlanState::Applied(applied) => nothing_to_do(&outcome.plan, &applied.at, applied.run, watcher)?,
            PlanState::Unfinished(run) if interrupted == Interrupted::GoOn => {
                outcome_of(context.go_on(&file.plan, *run, watcher).await)
            }
            _ => outcome_of(context.begin(&file.plan, Uuid::now_v7(), &Beforehand::default(), watcher).await),
        };
        if !outcome.outcome.is_done() {
            break;
        }
    }
    Ok(outcomes)
}

/// The plans, none of which has begun.
pub(super) fn not_begun<'p>(plans: impl Iterator<Item = &'p ResolvedPlan>) -> Vec<PlanOutcome> {
    plans.map(|plan| PlanOutcome { plan: plan.plan().name.to_string(), outcome: ApplyOutcome::NotBegun }).collect()
}

/// What an attempt came to.
pub(super) fn outcome_of(attempt: Result<ApplyOutcome, OperationProblem>) -> ApplyOutcome {
    attempt.unwrap_or_else(ApplyOutcome::Failed)
}

/// How the plans stand, in one session and a few round trips. Any that was changed since it was applied is refused before
/// another one runs.
async fn look(
    context: &RunContext<'_>,
    connection: &Connection,
    plans: Vec<PlanFile>,
) -> Result<PlanStatuses, OperationProblem> {
    let look = match applied_plans::look(&connection.client, plans).await {
        Ok(look) => look,
        Err(problem) => {
            // A pooler that hands its sessions around comes in between in many ways, and is to be called by its name.
            let other = context.database.connect().await?;
            preflight::refuse_pooler(&[&connection.client, &other.client]).await.map_err(OperationProblem::unreadable)?;
            return Err(problem);
        }
    };
    let mut failures = Vec::new();
    for PlanStatus { file, .. } in look.plans.iter().filter(|plan| matches!(plan.state, PlanState::Changed(_))) {
        let name = &file.plan.plan().name;
        if let Some(applied) = journal::applied_plan(&connection.client, name).await.map_err(OperationProblem::unreadable)? {
            failures.push(changed(&applied, &file.plan));
        }
    }
    if failures.is_empty() { Ok(look) } else { Err(OperationProblem::failures(ProblemKind::Invalid, failures)) }
}

fn not_there(missing: &[(String, String)]) -> OperationProblem {
    let failure = |(plan, required): &(String, String)| {
        let message =
            format!("plan {required}, which {plan} requires, is neither applied to this database nor among the given plans");
        Failure::permanent("backstop::preflight::required_plan", message).hint(format!("Apply plan {required} first."))
    };
    OperationProblem::failures(ProblemKind::Aborted, missing.iter().map(failure).collect())
}

/// What is looked at under the run lock, before a run begins.
#[derive(Default)]
pub(super) struct Beforehand<'a> {
    /// The saved plan that the plan is applied from.
    pub used: Option<&'a SavedPlanUsed>,
    /// What refuses it.
    pub saved: Option<VerifiedSavedPlan<'a>>,
    /// The runs that the saved plan has made just now.
    pub runs: &'a [Uuid],
}

impl RunContext<'_> {
    /// Goes on with a run of the plan that was interrupted, or whose runner died.
    async fn go_on(
        &self,
        plan: &ResolvedPlan,
        run: Uuid,
        watcher: &mut dyn Watcher,
    ) -> Result<ApplyOutcome, OperationProblem> {
        let mut executor = self.open(&RunTarget::of_plan(plan, run), watcher).await?;
        let Some(found) = runs::unfinished(&executor.session().client).await? else {
            // Another runner was quicker.
            drop(executor);
            return self.begin(plan, Uuid::now_v7(), &Beforehand::default(), watcher).await;
        };
        let waits = match &found.run.state {
            State::Held { cause, .. } => !matches!(cause, Cause::Interrupted(_)),
            state => matches!(state, State::Finished(_)),
        };
        if waits || found.summary.run != run || found.run.fingerprint != plan.fingerprint() {
            return Err(unfinished(&found.run.plan, &found.run.id));
        }
        // Where nobody can be told, the run still goes on.
        let _ = watcher.notice(OperationNotice::GoingOn { run, plan: &plan.plan().name });
        let left = self.drive(run, &mut executor, watcher, async |driver| driver.resume(plan, found.events).await).await?;
        Ok(ApplyOutcome::Left(left))
    }

    /// Runs one plan, unless it is applied already. What was looked at before is looked at again under the run lock.
    pub(super) async fn begin(
        &self,
        plan: &ResolvedPlan,
        run: Uuid,
        beforehand: &Beforehand<'_>,
        watcher: &mut dyn Watcher,
    ) -> Result<ApplyOutcome, OperationProblem> {
        let mut executor = self.open(&RunTarget::of_plan(plan, run), watcher).await?;
        if let Some(applied) = may_begin(&executor, plan).await? {
            return nothing_to_do(&applied.plan, &applied.at, applied.run, watcher);
        }
        if let Some(saved) = &beforehand.saved {
            saved.refuse(&executor.session().client, beforehand.runs).await?;
        }
        let (id, used) = (run.to_string(), beforehand.used.cloned());
        let left = self.drive(run, &mut executor, watcher, async |driver| driver.start_saved(plan, &id, used).await).await?;
        Ok(ApplyOutcome::Left(left))
    }
}

/// Where it is applied already, that; else whether a run of it can begin.
async fn may_begin(executor: &PostgresExecutor, plan: &ResolvedPlan) -> Result<Option<Applied>, OperationProblem> {
    let (client, name) = (&executor.session().client, &plan.plan().name);
    if let Some(waiting) = runs::unfinished(client).await? {
        return Err(unfinished(&waiting.run.plan, &waiting.run.id));
    }
    match journal::applied_plan(client, name).await.map_err(OperationProblem::unreadable)? {
        Some(applied) if applied.fingerprint == plan.fingerprint() => return Ok(Some(applied)),
        Some(applied) if plan.plan().repeat == Repeat::Never => {
            return Err(OperationProblem::failure(ProblemKind::Invalid, changed(&applied, plan)));
        }
        Some(_) | None => {}
    }
    preflight::refuse_unmappable(client, name.as_str(), plan.shown()).await.map_err(OperationProblem::unreadable)?;
    Ok(None)
}

fn nothing_to_do(plan: &str, at: &str, run: Uuid, watcher: &mut dyn Watcher) -> Result<ApplyOutcome, OperationProblem> {
    watcher.notice(OperationNotice::NothingToDo { plan, run, at })?;
    Ok(ApplyOutcome::NothingToDo)
}

fn unfinished(plan: &str, run: &str) -> OperationProblem {
    let failure = Failure::permanent(
        "backstop::cli::unfinished_run",
        format!("run {run} of plan {plan} has not ended, and only one can be under way"),
    )
    .hint(
        "Go on with `backstop resume PLAN`, go back with `backstop restore`, or keep what is there with `backstop accept`.",
    );
    OperationProblem::failure(ProblemKind::Held, failure)
}

fn changed(applied: &Applied, plan: &ResolvedPlan) -> Failure {
    let message = format!("the plan {} was applied at {} with other content", applied.plan, applied.at);
    let failure = Failure::permanent("backstop::cli::changed_plan", message)
        .hint("Write what is still to be done into a plan of another name, or let this one say `repeat: on_change`.");
    // Both by way of what is shown of them, secrets redacted.
    match (recorded(&applied.rendered), recorded(plan.shown())) {
        (Some(then), Some(now)) => failure.detail(change_lines(&compare(&then, &now).changes, Style::Plain)),
        _ => failure.detail("what was recorded of it can't be read by this version of the program"),
    }
}
