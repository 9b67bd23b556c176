//! Steps in batches, steps that a person settles, plans that a person amends.

use super::{
    Bench,
    plans::{BARE, BATCHED, STEP, Shape, StepShape},
    sim::{CallFate, Effect},
};
use crate::{
    drive::{DriveError, DriveOutcome},
    machine::{Cause, Event, FailureClass, RunOutcome, Settlement},
    plan::OnFailure,
};

const PERMANENT: CallFate = CallFate::Fails(FailureClass::Permanent);
const TRANSIENT: CallFate = CallFate::Fails(FailureClass::Transient);
const BEGIN: &str = "run_started preflight_passed before_checks_passed backup_started backup_completed";
const END: &str = "after_checks_passed run_succeeded";
const BATCH: &str = "batch_committed";

fn bench(on_failure: OnFailure, steps: &[StepShape]) -> Bench {
    Bench::new(&Shape::new(on_failure, steps))
}

fn stored(bench: &Bench, expected: &str) {
    assert_eq!(bench.sim.events()[5..], expected.split_whitespace().collect::<Vec<_>>());
    assert_eq!(bench.sim.events()[..5], BEGIN.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn every_batch_is_one_event_and_then_the_step_is() {
    let mut bench = bench(OnFailure::Restore, &[BATCHED]);
    assert_eq!(bench.start(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
    stored(&bench, &format!("step_started {BATCH} {BATCH} {BATCH} step_committed {END}"));
    let committed = bench.told.events.iter().find_map(|recorded| match &recorded.event {
        Event::StepCommitted(e) => Some(e.rows.clone()),
        _ => None,
    });
    assert_eq!(committed, Some(vec![3]), "rows of all batches");
}

#[test]
fn each_batch_has_all_attempts() {
    let mut bench = bench(OnFailure::Restore, &[BATCHED]);
    bench.sim.trouble("run_step", &[TRANSIENT, TRANSIENT, CallFate::Goes, TRANSIENT, TRANSIENT]);
    assert_eq!(bench.start(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
    let again = "step_started step_failed step_started step_failed step_started batch_committed";
    let again_later = "step_failed step_started step_failed step_started batch_committed";
    stored(&bench, &format!("{again} {again_later} {BATCH} step_committed {END}"));
}

#[test]
fn a_killed_runner_goes_on_behind_the_last_batch() {
    for (effect, before) in [(Effect::None, 1), (Effect::Recorded, 2)] {
        let mut bench = bench(OnFailure::Restore, &[BATCHED]);
        bench.sim.trouble("run_step", &[CallFate::Goes, CallFate::Dies(effect)]);
        assert!(bench.start().is_err());
        assert_eq!(bench.sim.content.batches, before);
        assert_eq!(bench.resume(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
        let (first, rest) = (vec![BATCH; before as usize].join(" "), vec![BATCH; 3 - before as usize].join(" "));
        stored(&bench, &format!("step_started {first} run_resumed step_started {rest} step_committed {END}"));
    }
}

#[test]
fn a_lost_reply_of_a_batch_is_looked_up() {
    for (effect, again) in [(Effect::Recorded, ""), (Effect::None, "step_failed step_started batch_committed")] {
        let mut bench = bench(OnFailure::Restore, &[BATCHED]);
        bench.sim.trouble("run_step", &[CallFate::Lost(effect)]);
        assert_eq!(bench.start(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
        let first = if again.is_empty() { BATCH } else { again };
        stored(&bench, &format!("step_started {first} {BATCH} {BATCH} step_committed {END}"));
    }
}

#[test]
fn a_step_that_is_there_in_part_is_taken_back() {
    let failed = "step_started step_committed step_started batch_committed step_failed";
    for (policy, way) in [
        (OnFailure::Restore, "restore_started restore_completed"),
        (OnFailure::Undo, "undo_started undo_committed undo_started undo_committed undo_verified"),
        (OnFailure::Hold, ""),
    ] {
        let mut bench = bench(policy, &[STEP, BATCHED]);
        bench.sim.trouble("run_step", &[CallFate::Goes, CallFate::Goes, PERMANENT]);
        let ended = bench.start().unwrap();
        stored(&bench, &format!("{failed} {way}"));
        if policy == OnFailure::Hold {
            assert!(matches!(ended, DriveOutcome::Held(_)));
            assert_eq!(bench.resume(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
            stored(&bench, &format!("{failed} run_resumed step_started {BATCH} {BATCH} step_committed {END}"));
        } else {
            assert_eq!((bench.sim.content.applied.clone(), bench.sim.content.batches), (vec![0, 0], 0));
        }
    }
}

#[test]
fn a_signal_between_two_batches_holds_and_keeps_what_is_committed() {
    let mut bench = bench(OnFailure::Restore, &[BATCHED]);
    bench.sim.trouble("run_step", &[CallFate::Goes, CallFate::Signalled]);
    assert!(matches!(bench.start(), Ok(DriveOutcome::Held(Cause::Interrupted(_)))));
    stored(&bench, "step_started batch_committed run_interrupted");
    assert_eq!(bench.resume(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
    let rest = format!("run_resumed step_started {BATCH} {BATCH} step_committed {END}");
    stored(&bench, &format!("step_started batch_committed run_interrupted {rest}"));
}

#[test]
fn a_person_settles_what_nobody_knows() {
    for (there, outcome, rest) in [
        (Effect::Unrecorded, Settlement::Applied, String::new()),
        (Effect::None, Settlement::NotApplied, "step_started step_committed".to_owned()),
    ] {
        let mut bench = bench(OnFailure::Restore, &[BARE, STEP]);
        bench.sim.can_look = false;
        bench.sim.trouble("run_step", &[CallFate::Lost(there)]);
        assert!(matches!(bench.start(), Ok(DriveOutcome::Held(Cause::Step { .. }))));
        assert!(matches!(bench.settle(1, outcome), Err(DriveError::Illegal(_))), "another step is not in doubt");
        assert_eq!(bench.settle(0, outcome), Ok(DriveOutcome::Held(Cause::Requested)));
        assert!(matches!(bench.settle(0, outcome), Err(DriveError::Illegal(_))), "settled once");
        assert_eq!(bench.resume(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
        let held = "step_started run_resumed step_failed step_settled run_resumed";
        stored(&bench, &format!("{held} {rest} step_started step_committed {END}"));
        assert_eq!(bench.sim.content.applied, [1, 1]);
    }
}

#[test]
fn a_settled_step_is_part_of_the_way_back() {
    let mut bench = bench(OnFailure::Restore, &[BARE, STEP]);
    bench.sim.can_look = false;
    bench.sim.trouble("run_step", &[CallFate::Lost(Effect::Unrecorded)]);
    assert!(matches!(bench.start(), Ok(DriveOutcome::Held(_))));
    assert_eq!(bench.settle(0, Settlement::Applied), Ok(DriveOutcome::Held(Cause::Requested)));
    assert_eq!(bench.go_back(), Ok(DriveOutcome::Finished(RunOutcome::restored(Cause::Requested))));
    assert_eq!(bench.sim.content.applied, [0, 0]);
}

#[test]
fn a_plan_is_amended_behind_what_has_run() {
    let shape = Shape::new(OnFailure::Hold, &[STEP, STEP]);
    let mut bench = Bench::new(&shape);
    bench.sim.trouble("run_step", &[CallFate::Goes, PERMANENT]);
    assert!(matches!(bench.start(), Ok(DriveOutcome::Held(_))));
    assert!(matches!(bench.amend(shape.edited(0).plan()), Err(DriveError::Illegal(_))), "step 0 is committed");
    bench.plan = shape.edited(1).plan();
    assert!(matches!(bench.resume(), Err(DriveError::OtherPlan { .. })), "not unless a person says so");
    assert_eq!(bench.amend(shape.edited(1).plan()), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
    let failed = "step_started step_committed step_started step_failed";
    stored(&bench, &format!("{failed} plan_amended run_resumed step_started step_committed {END}"));
}

#[test]
fn a_step_that_is_there_in_part_is_not_amended() {
    let shape = Shape::new(OnFailure::Hold, &[BATCHED]);
    let mut bench = Bench::new(&shape);
    bench.sim.trouble("run_step", &[CallFate::Goes, PERMANENT]);
    assert!(matches!(bench.start(), Ok(DriveOutcome::Held(_))));
    assert!(matches!(bench.amend(shape.edited(0).plan()), Err(DriveError::Illegal(_))));
}
