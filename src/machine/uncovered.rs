//! What a run wrote to without a copy of it.

use std::collections::BTreeSet;

use super::event::{Event, StepCommitted};

/// Tables that a run's events, or the steps that it takes back, wrote to though no backup holds them: `schema.table`.
pub fn uncovered_writes<'e>(events: impl IntoIterator<Item = &'e Event>) -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    let of_steps = |steps: &'e [StepCommitted]| steps.iter().flat_map(|step| &step.uncovered);
    for event in events {
        match event {
            Event::StepCommitted(step) => tables.extend(step.uncovered.iter().cloned()),
            Event::BatchCommitted(batch) => tables.extend(batch.uncovered.iter().cloned()),
            Event::UndoCommitted(undo) => tables.extend(undo.uncovered.iter().cloned()),
            Event::RunStarted(started) => {
                tables.extend(started.restores.iter().flat_map(|restores| of_steps(&restores.steps)).cloned());
            }
            Event::PreflightPassed(_)
            | Event::PreflightFailed(_)
            | Event::TransactionOpened(_)
            | Event::BeforeChecksPassed(_)
            | Event::BeforeChecksFailed(_)
            | Event::BackupStarted(_)
            | Event::BackupCompleted(_)
            | Event::BackupFailed(_)
            | Event::StepStarted(_)
            | Event::StepFailed(_)
            | Event::AfterChecksPassed(_)
            | Event::AfterChecksFailed(_)
            | Event::UndoStarted(_)
            | Event::UndoFailed(_)
            | Event::UndoVerified(_)
            | Event::UndoDiffers(_)
            | Event::RestoreStarted(_)
            | Event::RestoreCompleted(_)
            | Event::RestoreFailed(_)
            | Event::TransactionRolledBack(_)
            | Event::RunInterrupted(_)
            | Event::RunResumed(_)
            | Event::RestoreRequested(_)
            | Event::PlanAmended(_)
            | Event::StepSettled(_)
            | Event::RunAccepted(_)
            | Event::RunSucceeded(_)
            | Event::RunAborted(_) => {}
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{BatchCommitted, UndoCommitted};

    #[test]
    fn whatever_wrote_to_a_table_without_a_copy_is_heard() {
        let (step, one) = ("s".to_owned(), |table: &str| vec![table.to_owned()]);
        let events = [
            Event::StepCommitted(StepCommitted { uncovered: one("public.b"), ..StepCommitted::unseen(0, "s") }),
            Event::BatchCommitted(BatchCommitted {
                index: 1,
                step: step.clone(),
                batch: 1,
                last: String::new(),
                end: String::new(),
                keys: 1,
                rows: 1,
                size: 1,
                written: one("public.c"),
                uncovered: one("public.c"),
            }),
            Event::UndoCommitted(UndoCommitted { index: 0, step, uncovered: one("public.a") }),
        ];
        assert_eq!(Vec::from_iter(uncovered_writes(&events)), ["public.a", "public.b", "public.c"]);
    }
}
