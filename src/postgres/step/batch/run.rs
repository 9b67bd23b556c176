//! One batch in its transaction, or the end of the step.

use super::{
    super::{lock_retry::LockRetry, run::Done},
    key::Key,
    page, written_tables,
};
use crate::{
    drive::ports::Recorded,
    machine::{BatchCommitted, Batched, Event, Failure, StepCommitted},
    plan::{Rendered, Step},
    postgres::{
        coverage::WrittenTables,
        interrupt::Cancel,
        search_path::PlanPath,
        session::SessionSettings,
        step::{
            StepFault, StepRun,
            statements::{self, StepScript},
        },
    },
    sql::Where,
};

/// Commits the next batch of a step behind what is done, with as many rows as `size` says, together with its checkpoint; where
/// no row is left, the step itself, with its checks.
///
/// # Errors
/// [`StepFault`]
pub async fn commit_next<C: Cancel>(
    run: &StepRun<'_, C>,
    key: &Key,
    after: &Batched,
    size: u64,
) -> Result<Recorded, StepFault> {
    let step = run.step()?;
    let settings = SessionSettings::of_step(&run.plan.name, &run.plan.session, step);
    run.framed(&settings, work(run, &settings, key, after, size)).await
}

async fn work<C: Cancel>(
    run: &StepRun<'_, C>,
    settings: &SessionSettings,
    key: &Key,
    after: &Batched,
    size: u64,
) -> Result<Done, StepFault> {
    let step = run.step()?;
    let transaction = run.begin().await?;
    let Some(page) = page::next(run.client, key, after, size).await? else {
        return Ok(Done { event: end(run, step, key, after).await?, transaction });
    };
    let text = page::filled(&step.sql, key, &page);
    let all = statements::of(&text, Where::InTransaction { server_version_num: run.server_version })?;
    let script = StepScript { text: &text, statements: &all, path: &PlanPath::of(&run.plan.session) };
    let reported = statements::run(run.client, script, &run.watch, LockRetry::Once).await?;
    run.still_in(&transaction, settings).await?;
    let WrittenTables { tables, uncovered } = written_tables::written(run.client, run.permission).await?;
    run.ours_again(settings).await?;
    let event = Event::BatchCommitted(BatchCommitted {
        index: run.index,
        step: step.id.to_string(),
        batch: after.batches + 1,
        last: page.last,
        end: page.end,
        keys: page.keys,
        rows: reported.rows.iter().sum(),
        size,
        written: tables.into_iter().map(|(table, _)| table).collect(),
        uncovered,
    });
    Ok(Done { event, transaction })
}

/// No row is left: what all batches did together, and the step's checks.
async fn end<C: Cancel>(
    run: &StepRun<'_, C>,
    step: &Step<Rendered>,
    key: &Key,
    after: &Batched,
) -> Result<Event, StepFault> {
    if page::has_keyless_rows(run.client, key).await? {
        return Err(keyless(key).into());
    }
    let checks = run.checks(step).await?;
    // Which table got how many rows is known where there is only one.
    let rows = (after.written.len() == 1).then_some(after.rows);
    Ok(Event::StepCommitted(StepCommitted {
        index: run.index,
        step: step.id.to_string(),
        rows: vec![after.rows],
        changes: Vec::new(),
        made: Vec::new(),
        written: after.written.iter().map(|table| (table.clone(), rows)).collect(),
        uncovered: after.uncovered.iter().cloned().collect(),
        checks,
    }))
}

/// Rows that no batch comes by.
fn keyless(key: &Key) -> Failure {
    Failure::permanent("backstop::run::batch_key", format!("rows have NULL in {}, and no batch comes by them", key.title()))
        .hint("Use a key without NULL, the primary key for instance.")
}
