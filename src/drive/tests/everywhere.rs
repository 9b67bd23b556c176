//! The same troubles at every single call of a scenario.

use super::{
    Bench, Drive,
    plans::{BARE, BATCHED, STEP, Shape, StepShape},
    sim::{CallFate, Effect, STEPS},
};
use crate::{
    drive::{DriveError, DriveOutcome},
    machine::{FailureClass, RunOutcome},
    plan::{OnFailure, OnInterrupt, StepTransaction, Transaction},
};

/// How often a run may be resumed until it ends.
const RESUMES_MAX: usize = 5;

/// A way a run can go.
struct Scenario {
    shape: Shape,
    troubles: &'static [(&'static str, &'static [CallFate])],
    sloppy_undo: bool,
    unfinishable: bool,
}

fn scenarios() -> Vec<Scenario> {
    const NO: CallFate = CallFate::Fails(FailureClass::Permanent);
    const LATER: CallFate = CallFate::Fails(FailureClass::Transient);
    const MIXED: [StepShape; 3] = [STEP, BARE, STEP];
    const CUT: [StepShape; 2] = [STEP, BATCHED];
    let ways: [&'static [(&'static str, &'static [CallFate])]; 7] = [
        &[],
        &[("check_before", &[NO])],
        &[("take_backup", &[NO])],
        &[("step 1", &[LATER])],
        &[("step 1", &[NO])],
        &[("check_after", &[NO])],
        &[("check_after", &[NO]), ("restore", &[LATER])],
    ];
    let mut all = Vec::new();
    for troubles in ways {
        for policy in [OnFailure::Restore, OnFailure::Undo, OnFailure::Hold] {
            for on_interrupt in [OnInterrupt::Hold, OnInterrupt::Restore] {
                for sloppy_undo in [false, true] {
                    let shape = Shape::new(policy, &MIXED).on_interrupt(on_interrupt);
                    let in_one = Shape::new(policy, &[STEP, STEP]).on_interrupt(on_interrupt).in_one();
                    let cut = Shape::new(policy, &CUT).on_interrupt(on_interrupt);
                    for shape in [shape, cut, in_one] {
                        all.push(Scenario { shape, troubles, sloppy_undo, unfinishable: false });
                    }
                }
                let shape = Shape::new(policy, &MIXED).on_interrupt(on_interrupt);
                all.push(Scenario { shape, troubles, sloppy_undo: true, unfinishable: true });
            }
        }
    }
    all
}

impl Scenario {
    fn bench(&self) -> Bench {
        let mut bench = Bench::new(&self.shape);
        bench.sim.sloppy_undo = self.sloppy_undo;
        bench.sim.unfinishable = self.unfinishable;
        bench.sim.sticky = true;
        for (call, fates) in self.troubles {
            bench.sim.trouble(call, fates);
        }
        bench
    }

    /// In one transaction a transient failure is final, unless its runner dies of it: the next one begins again.
    fn may_go_better(&self) -> bool {
        let transient = CallFate::Fails(FailureClass::Transient);
        self.shape.transaction == Transaction::Plan && self.troubles.iter().any(|(_, fates)| fates.contains(&transient))
    }

    /// Calls of the untroubled drive, and where it ends.
    fn plain(&self) -> (Vec<&'static str>, DriveOutcome) {
        let mut bench = self.bench();
        let ended = bench.start().expect("drives to its end");
        assert_consistent(&bench, &ended);
        (bench.sim.calls.clone(), ended)
    }
}

/// Where the run is, and what the database holds, fit.
fn assert_consistent(bench: &Bench, ended: &DriveOutcome) {
    let content = &bench.sim.content;
    match ended {
        DriveOutcome::Finished(RunOutcome::Succeeded) => {
            assert!(content.applied.iter().all(|n| *n == 1) && !content.fence && content.batches == 0)
        }
        DriveOutcome::Finished(RunOutcome::Aborted(_) | RunOutcome::Restored { .. } | RunOutcome::RestoredExcept { .. }) => {
            let is_clean = content.applied.iter().all(|n| *n == 0) && content.batches == 0 && !content.residue;
            assert!(is_clean && !content.fence, "{content:?}");
        }
        DriveOutcome::Held(_) | DriveOutcome::Interrupted { .. } => {
            assert!(content.backup || content.applied.iter().all(|n| *n == 0))
        }
        DriveOutcome::Finished(RunOutcome::Accepted) => assert!(!content.fence),
        DriveOutcome::Finished(RunOutcome::Stuck(_)) => assert!(content.backup),
    }
}

/// Resumes after each death until the run is somewhere.
fn bring_to_an_end(bench: &mut Bench, mut drive: Drive) -> DriveOutcome {
    for _ in 0..RESUMES_MAX {
        match drive {
            Ok(ended) => {
                assert_consistent(bench, &ended);
                return ended;
            }
            Err(DriveError::Journal(_) | DriveError::Effect(_)) => {}
            Err(other) => panic!("{other}"),
        }
        bench.sim.revive();
        drive = if bench.sim.events().is_empty() { bench.start() } else { bench.resume() };
    }
    panic!("a run without end: {:?}", bench.sim.events())
}

fn kind(ended: &DriveOutcome) -> &'static str {
    match ended {
        DriveOutcome::Finished(RunOutcome::Succeeded) => "succeeded",
        DriveOutcome::Finished(RunOutcome::Aborted(_)) => "aborted",
        DriveOutcome::Finished(RunOutcome::Restored { .. }) => "restored",
        DriveOutcome::Finished(RunOutcome::RestoredExcept { .. }) => "restored_except",
        DriveOutcome::Finished(RunOutcome::Accepted) => "accepted",
        DriveOutcome::Finished(RunOutcome::Stuck(_)) => "stuck",
        DriveOutcome::Held(_) => "held",
        DriveOutcome::Interrupted { .. } => "interrupted",
    }
}

/// Effects that a call can have had when its runner died in it.
fn effects(scenario: &Scenario, calls: &[&'static str], at: usize) -> Vec<Effect> {
    let call = calls[at];
    let before = calls[..at].iter().filter(|earlier| **earlier == call).count();
    let fates = scenario.troubles.iter().find(|(troubled, _)| *troubled == call).map_or(&[][..], |(_, fates)| fates);
    let fails = fates.get(before).is_some() || fates.last() == Some(&CallFate::Fails(FailureClass::Permanent));
    let bare = STEPS
        .iter()
        .position(|step| *step == call)
        .is_some_and(|index| scenario.shape.steps[index].transaction == StepTransaction::None);
    match (fails, bare) {
        (true, _) => vec![Effect::None],
        (false, false) => vec![Effect::None, Effect::Recorded],
        (false, true) => vec![Effect::None, Effect::Recorded, Effect::Unrecorded],
    }
}

#[test]
fn a_runner_may_die_in_any_call() {
    let mut deaths = 0;
    for scenario in scenarios() {
        let (calls, ended) = scenario.plain();
        for at in 0..calls.len() {
            for effect in effects(&scenario, &calls, at) {
                let mut bench = scenario.bench();
                bench.sim.at_call = Some((at, CallFate::Dies(effect)));
                let first = bench.start();
                assert!(first.is_err(), "{} {effect:?}", calls[at]);
                let after = bring_to_an_end(&mut bench, first);
                assert!(
                    kind(&after) == kind(&ended) || scenario.may_go_better(),
                    "death in call {at}, {} {effect:?}: {after:?}, not {ended:?}: {:?}",
                    calls[at],
                    bench.sim.events()
                );
                deaths += 1;
            }
        }
    }
    println!("deaths: {deaths}");
}

#[test]
fn any_reply_may_be_lost_or_old() {
    for scenario in scenarios() {
        let (calls, _) = scenario.plain();
        for at in 0..calls.len() {
            for effect in effects(&scenario, &calls, at) {
                let mut bench = scenario.bench();
                bench.sim.at_call = Some((at, CallFate::Lost(effect)));
                let first = bench.start();
                bring_to_an_end(&mut bench, first);
            }
            if effects(&scenario, &calls, at).contains(&Effect::Recorded) {
                let mut bench = scenario.bench();
                bench.sim.at_call = Some((at, CallFate::Stale));
                let first = bench.start();
                bring_to_an_end(&mut bench, first);
            }
        }
    }
}

#[test]
fn a_signal_may_come_in_any_call() {
    for scenario in scenarios() {
        let (calls, _) = scenario.plain();
        let others = calls.iter().enumerate().filter(|(_, call)| **call != "append");
        for (at, _) in others {
            let mut bench = scenario.bench();
            bench.sim.at_call = Some((at, CallFate::Signalled));
            let first = bench.start();
            let ended = bring_to_an_end(&mut bench, first);
            if !matches!(ended, DriveOutcome::Finished(_)) {
                let ended = bench.go_back().expect("goes back");
                assert_consistent(&bench, &ended);
                assert!(matches!(ended, DriveOutcome::Finished(_)));
            }
        }
    }
}

#[test]
fn the_journal_may_refuse_any_event() {
    for scenario in scenarios() {
        let (calls, ended) = scenario.plain();
        let appends = (0..calls.len()).filter(|at| calls[*at] == "append");
        for at in appends {
            let mut bench = scenario.bench();
            bench.sim.at_call = Some((at, CallFate::Fails(FailureClass::Permanent)));
            let first = bench.start();
            let after = bring_to_an_end(&mut bench, first);
            // Inside the one transaction a refused event is a reason to roll all of it back.
            let in_one = scenario.shape.transaction == Transaction::Plan;
            assert!(kind(&after) == kind(&ended) || in_one, "{after:?}, not {ended:?}");
        }
    }
}
