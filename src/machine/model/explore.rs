//! The exploration: depth first over all successors, with a cycle being a path that never ends.

use std::collections::{HashMap, HashSet};

use super::{
    direction::{RunDirection, counts_once},
    facts::{self, EventFactory},
    node::{Budget, Situation, spread},
    world::World,
};
use crate::machine::{
    apply::apply,
    check_results::CheckOutcome,
    command::Command,
    decide::decide,
    decision::*,
    event::*,
    failure::FailureClass,
    outline::Outline,
    restoration::Fidelity,
    run_outcome::{Cause, RunOutcome},
    state::{HeldAt, State, StepPosition, StepProgress},
};
use crate::plan::Transaction;

/// How many batches a step has that is cut into them.
const BATCHES: u64 = 2;

/// One shape's exploration.
pub struct Exploration<'a> {
    outline: &'a Outline,
    facts: EventFactory<'a>,
    /// Visited nodes, and whether all that follows is explored.
    visited: HashMap<Situation, bool>,
    /// Edges.
    pub transitions: usize,
    /// Names of the leaves.
    pub outcomes: HashSet<&'static str>,
}

impl<'a> Exploration<'a> {
    /// Of plans of this shape.
    pub fn new(outline: &'a Outline) -> Self {
        let facts = EventFactory::new(outline);
        Exploration { outline, facts, visited: HashMap::new(), transitions: 0, outcomes: HashSet::new() }
    }

    /// Everything from the first event on.
    pub fn run(&mut self, budget: Budget) {
        let first = State::Preflighting;
        let world = World::default();
        self.visit(Situation { live: Some(first.clone()), durable: first, acting: false, world, inside: None, budget });
    }

    /// How many situations there are.
    pub fn nodes(&self) -> usize {
        self.visited.len()
    }

    /// The machine's states among them.
    pub fn states(&self) -> impl Iterator<Item = &State> {
        let mut seen: HashMap<u64, Vec<&State>> = HashMap::new();
        for state in self.visited.keys().flat_map(|node| node.live.iter().chain([&node.durable])) {
            let alike = seen.entry(spread(state)).or_default();
            if !alike.contains(&state) {
                alike.push(state);
            }
        }
        seen.into_values().flatten()
    }

    fn visit(&mut self, node: Situation) {
        match self.visited.get(&node) {
            Some(true) => return,
            Some(false) => panic!("a path without end through {node:?}"),
            None => {}
        }
        self.visited.insert(node.clone(), false);
        let successors = self.successors(&node);
        if successors.is_empty() {
            self.leaf(&node);
        }
        for next in successors {
            self.transitions += 1;
            self.visit(next);
        }
        if let Some(explored) = self.visited.get_mut(&node) {
            *explored = true;
        }
    }

    fn leaf(&mut self, node: &Situation) {
        let name = match &node.durable {
            State::Finished(outcome) => {
                node.world.assert_fits(outcome, self.outline.steps.len());
                match outcome {
                    RunOutcome::Succeeded => "succeeded",
                    RunOutcome::Aborted(_) => "aborted",
                    RunOutcome::Restored { .. } => "restored",
                    RunOutcome::RestoredExcept { .. } => "restored_except",
                    RunOutcome::Accepted => "accepted",
                    RunOutcome::Stuck(_) => "stuck",
                }
            }
            State::Held { .. } => "held",
            other => panic!("a path ends in {other:?}"),
        };
        self.outcomes.insert(name);
    }

    fn successors(&self, node: &Situation) -> Vec<Situation> {
        let Some(live) = &node.live else { return self.after_a_crash(node) };
        let command = decide(self.outline, live);
        let mut next = match (&command, node.acting) {
            (Command::Stop(_), _) => return Vec::new(),
            (Command::AwaitDecision, _) => return self.decisions(node),
            (_, true) => self.outcomes(node, live),
            (_, false) => self.intent_or_outcomes(node, live, &command),
        };
        if node.budget.crashes > 0 {
            next.push(self.crash(node.clone()));
        }
        let polls = !matches!(command, Command::Finish(_) | Command::RollBack);
        if node.budget.signals > 0 && (node.acting || polls) {
            next.push(self.signal(node.clone()));
        }
        next
    }

    /// A crash may be followed by the way on or the way back.
    fn after_a_crash(&self, node: &Situation) -> Vec<Situation> {
        if matches!(node.durable, State::Finished(_)) {
            return Vec::new();
        }
        let mut node = node.clone();
        node.live = Some(node.durable.clone());
        let events = [Event::RunResumed(RunResumed {}), Event::RestoreRequested(RestoreRequested {})];
        events.iter().map(|event| self.record(node.clone(), event)).collect()
    }

    fn decisions(&self, node: &Situation) -> Vec<Situation> {
        let mut node = node.clone();
        let Some(decisions) = node.budget.decisions.checked_sub(1) else { return Vec::new() };
        node.budget.decisions = decisions;
        let accepted = Event::RunAccepted(RunAccepted { reason: String::new() });
        let mut next = vec![
            self.record(node.clone(), &Event::RunResumed(RunResumed {})),
            self.record(node.clone(), &Event::RestoreRequested(RestoreRequested {})),
            self.finish(node.clone(), &accepted),
        ];
        next.extend(self.settlement(&node).map(|settled| self.record(node, &settled)));
        next
    }

    /// What a person who looks finds out of a step of which nobody knew.
    fn settlement(&self, node: &Situation) -> Option<Event> {
        let Some(State::Held { at: HeldAt::Step(at), cause: Cause::Step { failure, .. } }) = &node.live else { return None };
        let is_there = node.world.applied[at.index] == 1;
        let outcome = if is_there { Settlement::Applied } else { Settlement::NotApplied };
        (failure.class == FailureClass::Unknown).then(|| self.facts.step_settled(at.index, outcome))
    }

    fn intent_or_outcomes(&self, node: &Situation, live: &State, command: &Command) -> Vec<Situation> {
        let intent = match (live, command) {
            (State::Opening, _) => Event::TransactionOpened(TransactionOpened {}),
            (State::BackingUp(_), _) => Event::BackupStarted(BackupStarted {}),
            (State::Applying(_), Command::RunStep { index, attempt }) => self.facts.step_started(*index, *attempt),
            // The step was recorded as started before its first batch.
            (State::Applying(at), Command::RunBatch { index, .. }) if at.progress == StepProgress::Started => {
                let mut next = node.clone();
                next.acting = true;
                self.seen(&mut next).begin_step(*index);
                return vec![next];
            }
            (State::Applying(_), Command::RunBatch { index, attempt }) => self.facts.step_started(*index, *attempt),
            (State::Undoing { .. }, Command::UndoStep { index }) => self.facts.undo_started(*index),
            (State::Restoring { fidelity, attempt, .. }, _) => {
                Event::RestoreStarted(RestoreStarted { attempt: *attempt, fidelity: *fidelity })
            }
            _ => return self.outcomes(node, live),
        };
        let mut next = self.record(node.clone(), &intent);
        next.acting = true;
        if let Command::RunStep { index, .. } | Command::RunBatch { index, .. } = command {
            self.seen(&mut next).begin_step(*index);
        }
        if let Command::Restore = command {
            self.seen(&mut next).begin_restore();
        }
        vec![next]
    }

    /// What may become of the effect that this state wants.
    fn outcomes(&self, node: &Situation, live: &State) -> Vec<Situation> {
        let mut idle = node.clone();
        idle.acting = false;
        let opens = matches!(live, State::Checking) && node.acting;
        assert!(
            opens || live.is_inside(self.outline) == idle.inside.is_some() || matches!(live, State::RollingBack { .. }),
            "the plan's one transaction is not where {} needs it",
            live.name()
        );
        match live {
            State::Preflighting => {
                vec![self.record(idle.clone(), &facts::preflight_passed()), self.record(idle, &facts::preflight_failed())]
            }
            State::Checking if opens => self.opened(idle),
            State::Checking => [CheckOutcome::Pass, CheckOutcome::Fail, CheckOutcome::Error]
                .map(|outcome| self.record(idle.clone(), &facts::before_checks(outcome)))
                .into(),
            State::BackingUp(_) => self.backed_up(idle),
            State::Applying(at) if node.acting && self.outline.is_batched(at.index) && at.batches < BATCHES => {
                self.batch_ran(idle, *at)
            }
            State::Applying(at) if node.acting => self.step_ran(idle, at.index, at.attempt),
            State::Applying(at) => self.applied_state_found(idle, at.index, at.attempt),
            State::Validating => self.validated(idle),
            State::Succeeding => self.finished(idle, &Event::RunSucceeded(RunSucceeded {})),
            State::Undoing { remaining, .. } => self.undone(idle, remaining - 1),
            State::Comparing { .. } => self.compared(idle),
            State::Restoring { fidelity, attempt, .. } => self.restored(idle, *fidelity, *attempt),
            State::RollingBack { cause, steps, .. } => self.rolled_back(idle, cause.clone(), *steps),
            State::Aborting { cause } => self.finished(idle, &Event::RunAborted(RunAborted { cause: cause.clone() })),
            State::Opening | State::Held { .. } | State::Finished(_) => unreachable!("{live:?} wants no effect"),
        }
    }

    fn opened(&self, node: Situation) -> Vec<Situation> {
        let mut open = node.clone();
        open.inside = Some(open.world);
        vec![open, self.lose_transaction(node)]
    }

    fn backed_up(&self, node: Situation) -> Vec<Situation> {
        let failed = Event::BackupFailed(BackupFailed { failure: facts::failure(FailureClass::Permanent) });
        let mut complete = node.clone();
        self.seen(&mut complete).back_up();
        let complete = self.record(complete, &facts::backup_completed());
        let mut partly = node.clone();
        self.seen(&mut partly).back_up_partly();
        let mut next = vec![complete.clone(), self.record(node, &failed), self.record(partly.clone(), &failed)];
        if complete.budget.crashes > 0 {
            next.extend([self.crash(complete), self.crash(partly)]);
        }
        next
    }

    fn step_ran(&self, node: Situation, index: usize, attempt: u32) -> Vec<Situation> {
        let mut there = node.clone();
        self.seen(&mut there).apply_step(index);
        let mut not_there = node;
        self.seen(&mut not_there).running = false;
        let committed = self.record(there.clone(), &self.facts.step_committed(index));
        let fail = |class| self.facts.step_failed(index, attempt, class);
        let mut next = vec![committed.clone(), self.record(not_there.clone(), &fail(FailureClass::Transient))];
        let transactional = self.outline.is_transactional(index);
        if !transactional {
            self.seen(&mut not_there).residue = true;
        }
        next.push(self.record(not_there.clone(), &fail(FailureClass::Permanent)));
        if committed.budget.crashes > 0 {
            next.push(self.crash(committed));
        }
        if !transactional {
            next.extend([there, not_there].into_iter().flat_map(|node| self.unknown(node)));
        }
        next
    }

    fn batch_ran(&self, node: Situation, at: StepPosition) -> Vec<Situation> {
        let mut there = node.clone();
        self.seen(&mut there).apply_batch(at.batches + 1);
        let mut not_there = node;
        self.seen(&mut not_there).running = false;
        let committed = self.record(there, &self.facts.batch_committed(at.index, at.batches + 1));
        let fail = |class| self.facts.step_failed(at.index, at.attempt, class);
        let mut next = vec![self.record(not_there.clone(), &fail(FailureClass::Transient))];
        next.push(self.record(not_there, &fail(FailureClass::Permanent)));
        if committed.budget.crashes > 0 {
            next.push(self.crash(committed.clone()));
        }
        next.push(committed);
        next
    }

    /// A step outside a transaction whose reply is lost, with its effect there or not.
    fn unknown(&self, node: Situation) -> Vec<Situation> {
        let mut next = Vec::new();
        if node.budget.crashes > 0 {
            next.push(self.crash(node.clone()));
        }
        if node.budget.signals > 0 {
            next.push(self.signal(node.clone()));
        }
        if node.budget.doubts > 0 {
            let mut doubtful = node;
            doubtful.budget.doubts -= 1;
            next.push(self.record(doubtful, &Event::RunResumed(RunResumed {})));
        }
        next
    }

    fn applied_state_found(&self, node: Situation, index: usize, attempt: u32) -> Vec<Situation> {
        let truth = if node.world.applied[index] == 1 {
            self.facts.step_committed(index)
        } else {
            self.facts.step_failed(index, attempt, FailureClass::Transient)
        };
        let unknown = self.facts.step_failed(index, attempt, FailureClass::Unknown);
        vec![self.record(node.clone(), &truth), self.record(node, &unknown)]
    }

    fn validated(&self, node: Situation) -> Vec<Situation> {
        let mut valid = node.clone();
        self.seen(&mut valid).validated = true;
        vec![
            self.record(valid, &facts::after_checks(CheckOutcome::Pass)),
            self.record(node.clone(), &facts::after_checks(CheckOutcome::Fail)),
            self.record(node, &facts::after_checks(CheckOutcome::Error)),
        ]
    }

    fn undone(&self, node: Situation, index: usize) -> Vec<Situation> {
        let mut clean = node.clone();
        self.seen(&mut clean).undo_step(index);
        let mut sloppy = clean.clone();
        self.seen(&mut sloppy).residue = true;
        let clean = self.record(clean, &self.facts.undo_committed(index));
        let mut next =
            vec![self.record(sloppy, &self.facts.undo_committed(index)), self.record(node, &self.facts.undo_failed(index))];
        if clean.budget.crashes > 0 {
            next.push(self.crash(clean.clone()));
        }
        next.push(clean);
        next
    }

    fn compared(&self, node: Situation) -> Vec<Situation> {
        let mut next = vec![self.record(node.clone(), &facts::undo_differs())];
        if node.world.is_untouched() {
            next.extend(self.finished(node, &facts::undo_verified()));
        }
        next
    }

    fn restored(&self, node: Situation, fidelity: Fidelity, attempt: u32) -> Vec<Situation> {
        let mut done = node.clone();
        self.seen(&mut done).restore();
        let mut ends = vec![self.record(done, &facts::restore_completed())];
        let mut inexact = node.clone();
        match fidelity {
            Fidelity::Exact => self.seen(&mut inexact).inexact = true,
            Fidelity::Nearest => {
                let mut nearest = node.clone();
                self.seen(&mut nearest).restore_nearest();
                ends.push(self.record(nearest, &facts::restore_completed_except()));
            }
        }
        let mut next = vec![
            self.record(node.clone(), &facts::restore_failed(attempt, FailureClass::Transient)),
            self.record(node.clone(), &facts::restore_failed(attempt, FailureClass::Permanent)),
            self.record(inexact, &facts::restore_failed(attempt, FailureClass::Partial)),
            self.record(node, &facts::restore_failed(attempt, FailureClass::Undecided)),
        ];
        for done in ends {
            if done.budget.crashes > 0 {
                next.push(self.crash(done.clone()));
            }
            next.push(done);
        }
        next
    }

    fn rolled_back(&self, mut node: Situation, cause: Cause, steps: usize) -> Vec<Situation> {
        let rolled = Event::TransactionRolledBack(facts::rolled_back(cause, steps));
        if self.outline.transaction == Transaction::Step {
            assert!(node.world.is_untouched(), "nothing is brought back of what was changed");
            return self.finished(node, &rolled);
        }
        node.inside = None;
        vec![self.record(node, &rolled)]
    }

    /// The last event and the end of the fence are one effect; the plan's one transaction commits with it or is lost.
    fn finished(&self, node: Situation, event: &Event) -> Vec<Situation> {
        let mut next = Vec::new();
        if node.inside.is_some() {
            next.push(self.lose_transaction(node.clone()));
        }
        let done = self.finish(node, event);
        if done.budget.crashes > 0 {
            next.push(self.crash(done.clone()));
        }
        next.push(done);
        next
    }

    fn finish(&self, mut node: Situation, event: &Event) -> Situation {
        if let Some(inside) = node.inside.take() {
            node.world = inside;
            node.durable = node.live.clone().unwrap_or(node.durable);
        }
        node.world.finish();
        self.record(node, event)
    }

    fn lose_transaction(&self, mut node: Situation) -> Situation {
        let Some(live) = &node.live else { return node };
        let cause = Cause::Transaction(facts::failure(FailureClass::Transient));
        node.live = Some(State::RollingBack { cause, steps: live.steps_begun(self.outline), checks: Vec::new() });
        node
    }

    fn crash(&self, mut node: Situation) -> Situation {
        node.budget.crashes -= 1;
        self.stop(node)
    }

    fn stop(&self, mut node: Situation) -> Situation {
        node.live = None;
        node.inside = None;
        node.acting = false;
        node.world.running = false;
        node
    }

    /// A signal: the effect is rolled back. Where the run would want the same again, the runner stops instead.
    fn signal(&self, mut node: Situation) -> Situation {
        node.budget.signals -= 1;
        node.acting = false;
        self.seen(&mut node).running = false;
        let before = node.live.as_ref().map(|live| decide(self.outline, live));
        let next = self.record(node, &facts::interrupted());
        let after = next.live.as_ref().map(|live| decide(self.outline, live));
        if before == after { self.stop(next) } else { next }
    }

    fn seen<'n>(&self, node: &'n mut Situation) -> &'n mut World {
        node.inside.as_mut().unwrap_or(&mut node.world)
    }

    /// The event is stored where this is not the memory-only state, and memory follows.
    fn record(&self, mut node: Situation, event: &Event) -> Situation {
        let Some(live) = node.live.take() else { return node };
        let alike = live == node.durable;
        let next = self.follow(live, event);
        let in_memory = matches!(next, State::RollingBack { .. }) && self.outline.transaction == Transaction::Plan;
        let stored = node.inside.is_none() && !in_memory;
        if stored {
            // Where journal and memory said the same they follow alike, by the same function.
            node.durable = if alike { next.clone() } else { self.follow(node.durable, event) };
            assert_eq!(node.durable, next, "the journal tells another run than memory");
        }
        node.live = Some(next);
        node
    }

    fn follow(&self, state: State, event: &Event) -> State {
        let before = RunDirection::of(&state);
        let next = match apply(self.outline, state, event) {
            Ok(next) => next,
            Err(why) => panic!("{why}: {:?}", self.outline),
        };
        let after = RunDirection::of(&next);
        assert!(before.may_become(after), "{} turned a run from {before:?} to {after:?}", event.name());
        if counts_once(event) {
            assert!(apply(self.outline, next.clone(), event).is_err(), "{} counted twice", event.name());
        }
        next
    }
}
