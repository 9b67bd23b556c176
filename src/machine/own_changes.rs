//! What a run itself changed of the structure.

use super::event::Event;
use crate::catalog::Change;

/// Everything that the run's steps changed; none where the journal does not know all of it: steps were taken back by their own `undo`, or
/// settled by looking, one outside of a transaction began and did not end well, or the run brings back what others than itself did.
pub fn own_changes<'e>(events: impl IntoIterator<Item = &'e Event>) -> Option<Vec<Change>> {
    let mut changes = Vec::new();
    let mut outline = None;
    let mut half_done = false;
    for event in events {
        if matches!(event, Event::UndoCommitted(_) | Event::StepSettled(_)) {
            return None;
        }
        if let Event::RunStarted(started) = event {
            if started.restores.is_some() {
                return None;
            }
            outline = Some(&started.outline);
        } else if let Event::PlanAmended(amended) = event {
            outline = Some(&amended.outline);
        } else if let Event::StepStarted(step) = event {
            let shape = outline.and_then(|outline| outline.steps.get(step.index));
            half_done |= shape.is_none_or(|shape| !shape.transactional);
        } else if let Event::StepFailed(_) = event {
            if half_done {
                return None;
            }
        } else if let Event::StepCommitted(step) = event {
            half_done = false;
            changes.extend(step.changes.iter().cloned());
        }
    }
    (!half_done).then_some(changes)
}
