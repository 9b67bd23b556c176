//! What exactly is stored, and then nothing more.

use std::time::Duration;

use super::{
    Bench,
    plans::{BARE, STEP, Shape, StepShape},
    sim::{CallFate, Effect, unfinished},
};
use crate::{
    drive::{DriveError, DriveOutcome},
    machine::{Cause, Event, FailureClass, RunOutcome},
    plan::{OnFailure, OnInterrupt},
};

const PERMANENT: CallFate = CallFate::Fails(FailureClass::Permanent);
const TRANSIENT: CallFate = CallFate::Fails(FailureClass::Transient);

/// Up to the complete backup.
const BEGIN: &str = "run_started preflight_passed before_checks_passed backup_started backup_completed";

fn bench(on_failure: OnFailure, steps: &[StepShape]) -> Bench {
    Bench::new(&Shape::new(on_failure, steps))
}

/// The whole journal, with [`BEGIN`] for `…`.
fn stored(bench: &Bench, expected: &str) {
    let expected = expected.replace('…', BEGIN);
    assert_eq!(bench.sim.events(), expected.split_whitespace().collect::<Vec<_>>());
    // The journal has all of it: the observer was told every event, once.
    let told: Vec<u64> = bench.told.events.iter().map(|recorded| recorded.seq).collect();
    assert_eq!(told, (1..=bench.sim.events().len() as u64).collect::<Vec<_>>());
}

fn is_restored(ended: &DriveOutcome) -> bool {
    matches!(ended, DriveOutcome::Finished(RunOutcome::Restored { .. }))
}

#[test]
fn all_goes_well() {
    let mut bench = bench(OnFailure::Restore, &[STEP, BARE]);
    assert_eq!(bench.start(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
    stored(&bench, "… step_started step_committed step_started step_committed after_checks_passed run_succeeded");
    assert_eq!(bench.sim.content.applied, [1, 1]);
    assert!(!bench.sim.content.fence);
    assert_eq!(bench.resume(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
    stored(&bench, "… step_started step_committed step_started step_committed after_checks_passed run_succeeded");
}

#[test]
fn nothing_is_changed_by_what_fails_before_the_steps() {
    for (call, expected) in [
        ("preflight", "run_started preflight_failed run_aborted"),
        ("check_before", "run_started preflight_passed before_checks_failed run_aborted"),
        ("take_backup", "run_started preflight_passed before_checks_passed backup_started backup_failed run_aborted"),
    ] {
        let mut bench = bench(OnFailure::Restore, &[STEP]);
        bench.sim.trouble(call, &[PERMANENT]);
        assert!(matches!(bench.start(), Ok(DriveOutcome::Finished(RunOutcome::Aborted(_)))));
        stored(&bench, expected);
        assert_eq!(bench.sim.content.applied, [0]);
    }
}

#[test]
fn checks_that_get_no_answer_do_not_pass() {
    let mut bench = bench(OnFailure::Restore, &[STEP]);
    bench.sim.trouble("check_after", &[TRANSIENT; 5]);
    assert!(is_restored(&bench.start().unwrap()));
    stored(&bench, "… step_started step_committed after_checks_failed restore_started restore_completed");
    assert_eq!(bench.told.waits.len(), 4);
}

#[test]
fn a_transient_failure_is_tried_again_after_a_pause() {
    let mut bench = bench(OnFailure::Restore, &[STEP]);
    bench.sim.trouble("run_step", &[TRANSIENT, TRANSIENT]);
    assert_eq!(bench.start(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
    let attempts = "step_started step_failed step_started step_failed step_started step_committed";
    stored(&bench, &format!("… {attempts} after_checks_passed run_succeeded"));
    assert_eq!(bench.told.waits, [Duration::from_secs(1), Duration::from_secs(2)]);
    assert_eq!(bench.clock.0, Duration::from_secs(3));
}

#[test]
fn attempts_are_bounded() {
    let mut bench = bench(OnFailure::Restore, &[STEP]);
    bench.sim.trouble("run_step", &[TRANSIENT; 9]);
    assert!(is_restored(&bench.start().unwrap()));
    let attempts = "step_started step_failed step_started step_failed step_started step_failed";
    stored(&bench, &format!("… {attempts} transaction_rolled_back"));
}

#[test]
fn nothing_is_brought_back_where_nothing_was_committed() {
    for policy in [OnFailure::Restore, OnFailure::Undo] {
        let mut bench = bench(policy, &[STEP, BARE]);
        bench.sim.trouble("run_step", &[PERMANENT]);
        bench.sim.trouble("finish", &[TRANSIENT, CallFate::Lost(Effect::Recorded)]);
        assert!(is_restored(&bench.start().unwrap()));
        stored(&bench, "… step_started step_failed transaction_rolled_back");
        assert!(bench.sim.content.backup && !bench.sim.content.fence);
    }
    // Nobody knows what a step outside a transaction has left, and numbers of sequences are handed out for good.
    let mut bare = bench(OnFailure::Restore, &[BARE]);
    let mut exact = Bench::new(&Shape::new(OnFailure::Restore, &[STEP]).with_exact_sequences());
    for bench in [&mut bare, &mut exact] {
        bench.sim.trouble("run_step", &[PERMANENT]);
        assert!(is_restored(&bench.start().unwrap()));
        stored(bench, "… step_started step_failed restore_started restore_completed");
    }
}

#[test]
fn the_end_of_a_run_of_which_nothing_was_committed_is_made_up_for() {
    let mut bench = bench(OnFailure::Restore, &[STEP]);
    bench.sim.trouble("run_step", &[PERMANENT]);
    bench.sim.trouble("finish", &[PERMANENT]);
    assert!(matches!(bench.start(), Err(DriveError::Effect(_))));
    assert!(bench.sim.content.fence);
    assert!(is_restored(&bench.resume().unwrap()));
    stored(&bench, "… step_started step_failed run_resumed transaction_rolled_back");
    assert!(!bench.sim.content.fence);
}

#[test]
fn a_failed_step_leads_to_the_policy() {
    let failed = "… step_started step_committed step_started step_failed";
    for (policy, expected) in [
        (OnFailure::Restore, "restore_started restore_completed"),
        (OnFailure::Undo, "undo_started undo_committed undo_verified"),
        (OnFailure::Hold, ""),
    ] {
        let mut bench = bench(policy, &[STEP, STEP]);
        bench.sim.trouble("run_step", &[CallFate::Goes, PERMANENT]);
        let ended = bench.start().unwrap();
        stored(&bench, &format!("{failed} {expected}"));
        match policy {
            OnFailure::Restore | OnFailure::Undo => {
                assert!(is_restored(&ended));
                assert_eq!(bench.sim.content.applied, [0, 0]);
                assert!(!bench.sim.content.fence);
            }
            OnFailure::Hold => assert!(matches!(ended, DriveOutcome::Held(Cause::Step { step, .. }) if step == "s1")),
        }
    }
}

#[test]
fn a_failed_after_check_leads_to_the_policy() {
    let failed = "… step_started step_committed after_checks_failed";
    for (policy, expected) in [
        (OnFailure::Restore, "restore_started restore_completed"),
        (OnFailure::Undo, "undo_started undo_committed undo_verified"),
        (OnFailure::Hold, ""),
    ] {
        let mut bench = bench(policy, &[STEP]);
        bench.sim.trouble("check_after", &[PERMANENT]);
        let ended = bench.start().unwrap();
        stored(&bench, &format!("{failed} {expected}"));
        assert_eq!(is_restored(&ended), policy != OnFailure::Hold);
    }
}

#[test]
fn an_undo_that_does_not_lead_back_is_followed_by_a_restore() {
    let begin = "… step_started step_committed after_checks_failed";
    let without = StepShape { has_undo: false, ..STEP };
    for (step, sloppy, fate, expected) in [
        (STEP, true, CallFate::Goes, "undo_started undo_committed undo_differs"),
        (STEP, false, PERMANENT, "undo_started undo_failed"),
        (without, false, CallFate::Goes, ""),
    ] {
        let mut bench = bench(OnFailure::Undo, &[step]);
        bench.sim.sloppy_undo = sloppy;
        bench.sim.trouble("check_after", &[PERMANENT]);
        bench.sim.trouble("undo_step", &[fate]);
        assert!(is_restored(&bench.start().unwrap()));
        stored(&bench, &format!("{begin} {expected} restore_started restore_completed"));
        assert!(!bench.sim.content.residue);
    }
}

#[test]
fn a_restore_is_tried_again_and_then_stuck() {
    let mut bench = bench(OnFailure::Restore, &[BARE]);
    bench.sim.trouble("run_step", &[PERMANENT]);
    bench.sim.trouble("restore", &[TRANSIENT, PERMANENT]);
    assert!(matches!(bench.start(), Ok(DriveOutcome::Finished(RunOutcome::Stuck(_)))));
    let attempts = "restore_started restore_failed restore_started restore_failed";
    stored(&bench, &format!("… step_started step_failed {attempts}"));
    assert!(bench.sim.content.backup && bench.sim.content.fence, "all evidence is kept");
    // Once what was in the way is gone, a person asks for it again.
    assert_eq!(bench.go_back(), Ok(DriveOutcome::Finished(RunOutcome::restored(Cause::Requested))));
    assert!(!bench.sim.content.residue && !bench.sim.content.fence);
}

#[test]
fn what_cannot_be_made_as_it_was_is_named_and_the_rest_comes_back() {
    let mut bench = bench(OnFailure::Restore, &[BARE]);
    bench.sim.trouble("run_step", &[PERMANENT]);
    bench.sim.unfinishable = true;
    let ended = bench.start().unwrap();
    let DriveOutcome::Finished(RunOutcome::RestoredExcept { cause: Cause::Step { .. }, remaining, .. }) = &ended else {
        panic!("{ended:?}")
    };
    assert_eq!(*remaining, [unfinished()]);
    let attempts = "restore_started restore_failed restore_started restore_completed";
    stored(&bench, &format!("… step_started step_failed {attempts}"));
    assert!(!bench.sim.content.fence && !bench.sim.content.residue, "the application may write again");
    assert_eq!(bench.resume(), Ok(ended), "the run has ended");
}

#[test]
fn a_restore_that_may_leave_something_out_is_tried_again_and_then_stuck() {
    let mut bench = bench(OnFailure::Restore, &[BARE]);
    bench.sim.trouble("run_step", &[PERMANENT]);
    let partial = CallFate::Fails(FailureClass::Partial);
    bench.sim.trouble("restore", &[partial, TRANSIENT, PERMANENT, partial, partial]);
    assert!(matches!(bench.start(), Ok(DriveOutcome::Finished(RunOutcome::Stuck(_)))));
    // However often it is asked for.
    assert!(matches!(bench.go_back(), Ok(DriveOutcome::Finished(RunOutcome::Stuck(_)))));
    assert_eq!(bench.go_back(), Ok(DriveOutcome::Finished(RunOutcome::restored(Cause::Requested))));
}

#[test]
fn a_held_run_goes_the_way_a_person_says() {
    let held = "… step_started step_failed";
    let held_bench = || {
        let mut bench = bench(OnFailure::Hold, &[STEP]);
        bench.sim.trouble("run_step", &[PERMANENT]);
        assert!(matches!(bench.start(), Ok(DriveOutcome::Held(_))));
        bench
    };

    let mut bench = held_bench();
    assert_eq!(bench.resume(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
    stored(&bench, &format!("{held} run_resumed step_started step_committed after_checks_passed run_succeeded"));

    let mut bench = held_bench();
    assert_eq!(bench.go_back(), Ok(DriveOutcome::Finished(RunOutcome::restored(Cause::Requested))));
    stored(&bench, &format!("{held} restore_requested restore_started restore_completed"));

    let mut bench = held_bench();
    assert_eq!(bench.accept(), Ok(DriveOutcome::Finished(RunOutcome::Accepted)));
    stored(&bench, &format!("{held} run_accepted"));
    assert!(!bench.sim.content.fence);
    assert!(matches!(bench.accept(), Err(DriveError::Illegal(_))));
}

#[test]
fn a_signal_leads_to_the_policy_for_interruptions() {
    for (policy, expected) in [(OnInterrupt::Hold, ""), (OnInterrupt::Restore, "restore_started restore_completed")] {
        let mut bench = Bench::new(&Shape::new(OnFailure::Restore, &[STEP, STEP]).on_interrupt(policy));
        bench.sim.trouble("run_step", &[CallFate::Goes, CallFate::Signalled]);
        let ended = bench.start().unwrap();
        stored(&bench, &format!("… step_started step_committed step_started run_interrupted {expected}"));
        assert_eq!(is_restored(&ended), policy == OnInterrupt::Restore);
    }
}

#[test]
fn a_signal_on_the_way_back_stops_the_runner_and_not_the_way() {
    let mut bench = bench(OnFailure::Restore, &[BARE]);
    bench.sim.trouble("run_step", &[PERMANENT]);
    bench.sim.trouble("restore", &[CallFate::Signalled]);
    assert_eq!(bench.start(), Ok(DriveOutcome::Interrupted { signal: "SIGTERM".into() }));
    assert!(is_restored(&bench.resume().unwrap()));
    let stopped = "restore_started run_interrupted run_resumed";
    stored(&bench, &format!("… step_started step_failed {stopped} restore_started restore_completed"));
}

#[test]
fn a_lost_reply_is_looked_up() {
    for (effect, attempts) in [
        (Effect::Recorded, "step_started step_committed"),
        (Effect::None, "step_started step_failed step_started step_committed"),
    ] {
        let mut bench = bench(OnFailure::Restore, &[STEP]);
        bench.sim.trouble("run_step", &[CallFate::Lost(effect)]);
        assert_eq!(bench.start(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
        stored(&bench, &format!("… {attempts} after_checks_passed run_succeeded"));
    }
}

#[test]
fn a_journal_that_lags_is_believed_when_it_has_caught_up() {
    let mut bench = bench(OnFailure::Restore, &[STEP]);
    bench.sim.trouble("run_step", &[CallFate::Lost(Effect::Recorded)]);
    bench.sim.trouble("read", &[CallFate::Stale]);
    assert_eq!(bench.start(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
    stored(&bench, "… step_started step_committed after_checks_passed run_succeeded");
}

#[test]
fn a_step_outside_a_transaction_is_looked_for_in_the_database() {
    for (effect, attempts) in [
        (Effect::Recorded, "step_started step_committed"),
        (Effect::Unrecorded, "step_started run_resumed step_committed"),
        (Effect::None, "step_started run_resumed step_failed step_started step_committed"),
    ] {
        let mut bench = bench(OnFailure::Restore, &[BARE]);
        bench.sim.trouble("run_step", &[CallFate::Lost(effect)]);
        assert_eq!(bench.start(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
        stored(&bench, &format!("… {attempts} after_checks_passed run_succeeded"));
    }
}

#[test]
fn a_step_whose_outcome_nobody_can_tell_is_held() {
    let mut bench = bench(OnFailure::Restore, &[BARE]);
    bench.sim.can_look = false;
    bench.sim.trouble("run_step", &[CallFate::Lost(Effect::Unrecorded)]);
    assert!(matches!(bench.start(), Ok(DriveOutcome::Held(Cause::Step { .. }))));
    assert!(is_restored(&bench.go_back().unwrap()));
    let held = "step_started run_resumed step_failed restore_requested";
    stored(&bench, &format!("… {held} restore_started restore_completed"));
}

#[test]
fn doubts_are_bounded() {
    let mut bench = bench(OnFailure::Restore, &[BARE]);
    bench.sim.trouble("run_step", &[CallFate::Lost(Effect::None); 99]);
    assert!(matches!(bench.start(), Err(DriveError::Doubtful(_))));
}

#[test]
fn a_plan_in_one_transaction_commits_at_once() {
    let mut bench = Bench::new(&Shape::new(OnFailure::Restore, &[STEP, STEP]).in_one());
    assert_eq!(bench.start(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
    let inside = "before_checks_passed backup_started backup_completed";
    let steps = "step_started step_committed step_started step_committed after_checks_passed run_succeeded";
    stored(&bench, &format!("run_started preflight_passed transaction_opened {inside} {steps}"));
    assert_eq!(bench.sim.content.applied, [1, 1]);
}

#[test]
fn a_plan_in_one_transaction_leaves_nothing_behind() {
    for (call, fates, restored) in [
        ("open", &[PERMANENT][..], false),
        ("check_before", &[PERMANENT], false),
        ("take_backup", &[PERMANENT], false),
        ("take_backup", &[CallFate::Lost(Effect::None)], false),
        ("take_backup", &[CallFate::Signalled], false),
        ("run_step", &[PERMANENT], true),
        ("run_step", &[CallFate::Goes, TRANSIENT], true),
        ("run_step", &[CallFate::Goes, CallFate::Lost(Effect::None)], true),
        ("check_after", &[PERMANENT], true),
        ("check_after", &[CallFate::Signalled], true),
        ("finish", &[PERMANENT], true),
        ("finish", &[CallFate::Lost(Effect::None)], true),
    ] {
        for policy in [OnFailure::Restore, OnFailure::Undo, OnFailure::Hold] {
            let mut bench = Bench::new(&Shape::new(policy, &[STEP, STEP]).in_one());
            bench.sim.trouble(call, fates);
            let ended = bench.start().unwrap();
            let names = bench.sim.events();
            assert_eq!(
                names,
                ["run_started", "preflight_passed", "transaction_opened", "transaction_rolled_back"],
                "{call}"
            );
            assert_eq!(is_restored(&ended), restored, "{call} {ended:?}");
            assert_eq!((bench.sim.content.backup, bench.sim.content.fence), (false, false));
        }
    }
}

#[test]
fn what_failed_in_one_transaction_is_told_with_its_rollback() {
    let mut bench = Bench::new(&Shape::new(OnFailure::Restore, &[STEP]).in_one());
    bench.sim.trouble("check_after", &[PERMANENT]);
    assert_eq!(bench.start(), Ok(DriveOutcome::Finished(RunOutcome::restored(Cause::Checks(vec!["holds".into()])))));
    let Some(Event::TransactionRolledBack(last)) = bench.told.events.last().map(|recorded| &recorded.event) else {
        panic!("the rollback is told last")
    };
    assert_eq!((last.steps, last.checks.len()), (1, 1));
}

#[test]
fn a_commit_whose_reply_is_lost_is_looked_up() {
    for shape in [Shape::new(OnFailure::Restore, &[STEP]), Shape::new(OnFailure::Restore, &[STEP]).in_one()] {
        for fate in [CallFate::Lost(Effect::Recorded), CallFate::Stale] {
            let mut bench = Bench::new(&shape);
            bench.sim.trouble("finish", &[fate]);
            assert_eq!(bench.start(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
            assert_eq!(bench.sim.content.applied, [1]);
        }
    }
}

#[test]
fn another_plan_does_not_resume_a_run() {
    let mut bench = bench(OnFailure::Hold, &[STEP]);
    bench.sim.trouble("run_step", &[PERMANENT]);
    assert!(matches!(bench.start(), Ok(DriveOutcome::Held(_))));
    bench.plan = crate::render::ResolvedPlan::for_test(bench.plan.plan().clone(), "other");
    assert!(matches!(bench.resume(), Err(DriveError::OtherPlan { .. })));
    stored(&bench, "… step_started step_failed");
}

#[test]
fn a_runner_that_was_taken_over_stops() {
    let mut bench = bench(OnFailure::Restore, &[STEP]);
    bench.sim.trouble("run_step", &[CallFate::Dies(Effect::None)]);
    assert!(matches!(bench.start(), Err(DriveError::Journal(_))));
    let stale = bench.sim.journal();
    assert_eq!(bench.resume(), Ok(DriveOutcome::Finished(RunOutcome::Succeeded)));
    let late = bench.drive(async |with, _, _| with.go_back(stale).await);
    assert_eq!(late, Err(DriveError::TakenOver { event: "run_resumed" }));
    stored(&bench, "… step_started run_resumed step_started step_committed after_checks_passed run_succeeded");
}
