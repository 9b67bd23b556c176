//! The plan shapes that are explored.

use std::time::Duration;

use crate::{
    machine::outline::{Cut, Outline, StepOutline, Untouched},
    plan::{OnFailure, OnInterrupt, Rollback, Transaction},
};

/// Steps of the longest plan.
pub const STEPS_MAX: usize = 3;

/// Up to this many steps the number of attempts varies; in longer plans every step has two, the richer case.
const VARIED_STEPS_MAX: usize = 1;

/// Up to this many steps some may be cut into batches; what comes before and after them is the same in longer plans.
const BATCHED_STEPS_MAX: usize = 2;

/// Up to this many steps a run of which nothing is committed is restored too; behind the first step nothing differs.
const RESTORED_STEPS_MAX: usize = 2;

/// Every plan of up to [`STEPS_MAX`] steps of every kind, under every policy.
pub fn all() -> Vec<Outline> {
    let mut shapes = Vec::new();
    for transaction in [Transaction::Step, Transaction::Plan] {
        for steps in sequences(&kinds(transaction)) {
            for on_failure in [OnFailure::Restore, OnFailure::Undo, OnFailure::Hold] {
                for on_interrupt in [OnInterrupt::Hold, OnInterrupt::Restore] {
                    let rollback = Rollback { on_failure, on_interrupt };
                    let shape = |untouched| Outline { transaction, steps: numbered(&steps), rollback, untouched };
                    shapes.push(shape(Untouched::Released));
                    if steps.len() <= RESTORED_STEPS_MAX {
                        shapes.push(shape(Untouched::Restored));
                    }
                }
            }
        }
    }
    shapes
}

fn kinds(transaction: Transaction) -> Vec<StepOutline> {
    let pieces: &[(bool, Cut)] = match transaction {
        Transaction::Step => &[(true, Cut::Whole), (true, Cut::Batches), (false, Cut::Whole)],
        Transaction::Plan => &[(true, Cut::Whole)],
    };
    let mut kinds = Vec::new();
    for &(transactional, cut) in pieces {
        for has_undo in [true, false] {
            for attempts in [1, 2] {
                kinds.push(StepOutline {
                    id: String::new(),
                    digest: String::new(),
                    transactional,
                    cut,
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
    let batched = |steps: &Vec<StepOutline>| steps.iter().filter(|step| step.cut == Cut::Batches).count();
    all.retain(|steps| steps.len() <= BATCHED_STEPS_MAX || batched(steps) == 0);
    all
}

fn numbered(steps: &[StepOutline]) -> Vec<StepOutline> {
    steps.iter().enumerate().map(|(index, step)| StepOutline { id: format!("s{index}"), ..step.clone() }).collect()
}
