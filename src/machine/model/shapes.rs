//! The plan shapes that are explored.

use std::time::Duration;

use crate::{
    machine::outline::{Outline, StepOutline},
    plan::{OnFailure, OnInterrupt, Rollback, Transaction},
};

/// Steps of the longest plan.
pub const STEPS_MAX: usize = 3;

/// Up to this many steps the number of attempts varies; in longer plans every step has two, the richer case.
const VARIED_STEPS_MAX: usize = 1;

/// Every plan of up to [`STEPS_MAX`] steps of every kind, under every policy.
pub fn all() -> Vec<Outline> {
    let mut shapes = Vec::new();
    for transaction in [Transaction::Step, Transaction::Plan] {
        for steps in sequences(&kinds(transaction)) {
            for on_failure in [OnFailure::Restore, OnFailure::Undo, OnFailure::Hold] {
                for on_interrupt in [OnInterrupt::Hold, OnInterrupt::Restore] {
                    let rollback = Rollback { on_failure, on_interrupt };
                    shapes.push(Outline { transaction, steps: numbered(&steps), rollback });
                }
            }
        }
    }
    shapes
}

fn kinds(transaction: Transaction) -> Vec<StepOutline> {
    let transactional: &[bool] = match transaction {
        Transaction::Step => &[true, false],
        Transaction::Plan => &[true],
    };
    let mut kinds = Vec::new();
    for &transactional in transactional {
        for has_undo in [true, false] {
            for attempts in [1, 2] {
                kinds.push(StepOutline {
                    id: String::new(),
                    digest: String::new(),
                    transactional,
                    has_undo,
                    attempts,
                    backoff: Duration::ZERO,
                });
            }
        }
    }
    kinds
}

fn sequences(kinds: &[StepOutline]) -> Vec<Vec<StepOutline>> {
    let mut all: Vec<Vec<StepOutline>> = vec![Vec::new()];
    let mut longest = all.clone();
    for _ in 0..STEPS_MAX {
        longest = longest
            .iter()
            .flat_map(|steps| kinds.iter().map(|kind| steps.iter().chain([kind]).cloned().collect()))
            .collect();
        all.extend(longest.iter().cloned());
    }
    all.retain(|steps| steps.len() <= VARIED_STEPS_MAX || steps.iter().all(|step| step.attempts == 2));
    all
}

fn numbered(steps: &[StepOutline]) -> Vec<StepOutline> {
    steps.iter().enumerate().map(|(index, step)| StepOutline { id: format!("s{index}"), ..step.clone() }).collect()
}
