//! `backstop status`

use super::{
    answer::{self, Answer, AppliedPlanRecord, UnfinishedRun},
    arguments::StatusArgs,
    console::Console,
    exit::Exit,
    plan_states,
};
use crate::{
    machine::State,
    operations::{
        DatabaseAccess, OperationProblem,
        runs::state_word as word,
        status::{self, Applied, RestoredExcept, RunLockHolder, Unfinished, status},
    },
    report::{self, StatusRow},
};

/// Says who holds the lock, which runs have not ended, and which plans are applied; where plans are given, how these stand.
pub async fn run(arguments: &StatusArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    if arguments.require || !arguments.plans.is_empty() {
        return plan_states::run(arguments, console).await;
    }
    let database = DatabaseAccess::open(&arguments.database.configuration(), &arguments.database.target(), console).await?;
    let status::Status { holder, unfinished: runs, applied, restored_except: except } = status(&database).await?;
    let rows: Vec<StatusRow> = runs.iter().map(row).collect();
    let text = text(&rows, holder.as_ref(), &applied, console) + &differing(&except);
    let applied = applied.into_iter().map(|plan| AppliedPlanRecord {
        plan: plan.plan,
        fingerprint: plan.fingerprint,
        run: plan.run.to_string(),
        at: plan.at,
    });
    let answer = Answer::Status(answer::StatusAnswer {
        lock: holder.as_ref().map(ToString::to_string),
        unfinished: rows.into_iter().map(unfinished).collect(),
        applied: applied.collect(),
        restored_except: except.into_iter().map(restored_except).collect(),
    });
    console.answer(&text, &answer)?;
    Ok(Exit::Done)
}

fn row(Unfinished { found, is_running, paused_by }: &Unfinished) -> StatusRow {
    let next = match (&found.run.state, is_running) {
        (_, true) => paused_by.as_ref().map_or_else(|| "it is running".to_owned(), |by| format!("it is paused by {by}")),
        (State::Held { .. }, false) => "backstop resume PLAN, restore or accept".to_owned(),
        (State::Finished(_), false) => "backstop restore again, or accept".to_owned(),
        (_, false) => "backstop resume PLAN, or restore".to_owned(),
    };
    let last = found.events.last();
    StatusRow {
        plan: found.run.plan.clone(),
        run: found.run.id.clone(),
        state: word(&found.run).to_owned(),
        since: last.map(|e| e.at.clone()).unwrap_or_default(),
        actor: last.map(|e| e.actor.clone()).unwrap_or_default(),
        next,
    }
}

fn restored_except(run: RestoredExcept) -> answer::RestoredExceptRecord {
    let RestoredExcept { run, plan, differences } = run;
    answer::RestoredExceptRecord { run, plan, differences }
}

/// What restores left that nobody but a person can finish. It waits for nothing.
fn differing(runs: &[RestoredExcept]) -> String {
    let line = |run: &RestoredExcept| {
        let what = report::so_many(run.differences, "difference");
        format!(
            "\nplan {} was restored but for {what}: `backstop show {}` has the statements that finish it",
            run.plan, run.run
        )
    };
    runs.iter().map(line).collect()
}

fn unfinished(StatusRow { plan, run, state, since, actor, next }: StatusRow) -> UnfinishedRun {
    UnfinishedRun { plan, run, state, since, actor, next }
}

fn text(rows: &[StatusRow], holder: Option<&RunLockHolder>, applied: &[Applied], console: &Console) -> String {
    let mut text = match holder {
        Some(holder) => format!("the lock is held by {holder}\n"),
        None => "nobody holds the lock\n".to_owned(),
    };
    if rows.is_empty() {
        text += "no run waits for anything\n";
    } else {
        text += &report::status(rows, console.style());
    }
    match applied {
        [] => text += "no plan is applied",
        plans => {
            for plan in plans {
                text += &format!("applied  {}  {}  run {}\n", plan.plan, plan.at, plan.run);
            }
        }
    }
    text
}
