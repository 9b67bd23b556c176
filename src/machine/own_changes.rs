//! What a run itself changed of the structure.

use super::event::Event;
use crate::catalog::Change;

/// Everything that the run's steps changed; none where the journal does not know all of it: steps were taken back by their own `undo`, or
/// settled by looking, or the run brings back what others than itself did.
pub fn own_changes<'e>(events: impl IntoIterator<Item = &'e Event>) -> Option<Vec<Change>> {
    let mut changes = Vec::new();
    for event in events {
        let is_unknown = matches!(event, Event::UndoCommitted(_) | Event::StepSettled(_))
            || matches!(event, Event::RunStarted(started) if started.restores.is_some());
        if is_unknown {
            return None;
        }
        if let Event::StepCommitted(step) = event {
            changes.extend(step.changes.iter().cloned());
        }
    }
    Some(changes)
}
