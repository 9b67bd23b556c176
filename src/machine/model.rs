//! The model check: every plan shape × every outcome of every command × crashes, lost replies, signals and decisions, as far
//! as small budgets reach, with the invariants of the run asserted at every transition.

mod direction;
mod explore;
mod facts;
mod node;
mod shapes;
mod world;

pub(crate) use facts::EventFactory;

use std::{collections::HashSet, thread};

use super::{
    apply::apply,
    decide::decide,
    decision::PlanAmended,
    event::Event,
    intervention::frozen_steps,
    outline::Outline,
    run_outcome::RunOutcome,
    state::{HeldAt, State},
};
use explore::Exploration;
use node::Budget;

/// Threads that share the shapes.
const WORKERS: usize = 2;
/// One of so many shapes is tried in an ordinary run; all of them where `BACKSTOP_TEST_CASES` is set, as `just nightly` does.
const SHARE: usize = 3;
/// Steps of the longest plan whose every (state, event) pair is tried.
const PAIRED_STEPS_MAX: usize = 2;

#[test]
fn every_reachable_path_keeps_the_promises() {
    let share = if std::env::var("BACKSTOP_TEST_CASES").is_ok() { 1 } else { SHARE };
    let shapes: Vec<Outline> = shapes::all().into_iter().step_by(share).collect();
    let (nodes, transitions, outcomes) = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|first| {
                scope.spawn({
                    let shapes = &shapes;
                    move || check(shapes.iter().skip(first).step_by(WORKERS))
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("an invariant was broken")).fold(
            (0, 0, HashSet::new()),
            |(nodes, transitions, mut outcomes), found| {
                outcomes.extend(found.2);
                (nodes + found.0, transitions + found.1, outcomes)
            },
        )
    });
    // Straight to standard error: the harness would swallow what a passing test prints.
    let told = format!("model check: {} plan shapes, {nodes} states, {transitions} transitions\n", shapes.len());
    std::io::Write::write_all(&mut std::io::stderr(), told.as_bytes()).unwrap();
    let mut outcomes: Vec<_> = outcomes.into_iter().collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["aborted", "accepted", "held", "restored", "restored_except", "stuck", "succeeded"]);
}

fn check<'a>(shapes: impl Iterator<Item = &'a Outline>) -> (usize, usize, HashSet<&'static str>) {
    let mut sum = (0, 0, HashSet::new());
    for outline in shapes {
        let mut exploration = Exploration::new(outline);
        exploration.run(Budget::of(outline));
        sum.0 += exploration.nodes();
        sum.1 += exploration.transitions;
        sum.2.extend(exploration.outcomes.iter().copied());
        if outline.steps.len() <= PAIRED_STEPS_MAX {
            every_pair_is_answered(outline, exploration.states());
        }
    }
    sum
}

/// Every event in every reachable state is either legal or an [`super::IllegalEvent`], and the command that follows is defined.
fn every_pair_is_answered<'a>(outline: &Outline, states: impl Iterator<Item = &'a State>) {
    let facts = EventFactory::new(outline);
    for state in states {
        for event in facts.every_event() {
            match apply(outline, state.clone(), &event) {
                Ok(next) if let Event::PlanAmended(amended) = &event => keeps_what_ran(outline, state, amended, &next),
                Ok(next) => {
                    assert!(may_leave(state, &event), "{} left a terminal state", event.name());
                    decide(outline, &next);
                }
                Err(why) => assert_eq!((why.state, why.event), (state.name(), event.name())),
            }
        }
    }
}

/// An amended plan has the steps that have run, or may have, as they were, and the run stands at one of its steps or behind
/// them all.
fn keeps_what_ran(outline: &Outline, state: &State, amended: &PlanAmended, next: &State) {
    let frozen = frozen_steps(outline, state).expect("an amendment where no step runs");
    assert_eq!(amended.outline.steps.get(..frozen), outline.steps.get(..frozen), "what ran was amended");
    let steps = amended.outline.steps.len();
    match next {
        State::Applying(at) | State::Held { at: HeldAt::Step(at), .. } => {
            assert!(at.index < steps && at.index + 1 >= frozen)
        }
        State::Validating | State::Held { at: HeldAt::Validation, .. } => {
            assert!(
                frozen == steps
                    || matches!(state, State::Applying(at) | State::Held { at: HeldAt::Step(at), .. } if at.index == steps)
            );
        }
        other => panic!("an amendment led to {}", other.name()),
    }
    decide(&amended.outline, next);
}

/// A terminal state is never left, but by a person's decision about a restore that failed.
fn may_leave(state: &State, event: &Event) -> bool {
    match state {
        State::Finished(RunOutcome::Stuck(_)) => matches!(event, Event::RestoreRequested(_) | Event::RunAccepted(_)),
        State::Finished(_) => false,
        _ => true,
    }
}
