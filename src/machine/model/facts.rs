//! Events with as little in them as possible.

use crate::{
    catalog::ObjectKey,
    machine::{
        check_results::*,
        decision::*,
        event::*,
        failure::*,
        outline::{Outline, StepOutline},
        restoration::{Fidelity, RemainingDifference, Restoration},
        run_outcome::Cause,
    },
    plan::Severity,
};

/// Makes events that fit an outline.
pub struct EventFactory<'a> {
    outline: &'a Outline,
}

impl<'a> EventFactory<'a> {
    /// For runs of this shape.
    pub fn new(outline: &'a Outline) -> Self {
        EventFactory { outline }
    }

    /// Every kind of event; those about steps for each step, those with a failure for each class.
    pub fn every_event(&self) -> Vec<Event> {
        let mut events = vec![
            self.run_started(),
            preflight_passed(),
            preflight_failed(),
            Event::TransactionOpened(TransactionOpened {}),
            before_checks(CheckOutcome::Pass),
            before_checks(CheckOutcome::Fail),
            Event::BackupStarted(BackupStarted {}),
            backup_completed(),
            Event::BackupFailed(BackupFailed { failure: failure(FailureClass::Permanent) }),
            after_checks(CheckOutcome::Pass),
            after_checks(CheckOutcome::Fail),
            undo_verified(),
            undo_differs(),
            Event::RestoreStarted(RestoreStarted { attempt: 1, fidelity: Fidelity::Exact }),
            Event::RestoreStarted(RestoreStarted { attempt: 1, fidelity: Fidelity::Nearest }),
            restore_completed(),
            restore_completed_except(),
            Event::TransactionRolledBack(rolled_back(Cause::Requested, 0)),
            Event::TransactionRolledBack(rolled_back(Cause::Requested, 1)),
            interrupted(),
            Event::RunResumed(RunResumed {}),
            Event::RestoreRequested(RestoreRequested {}),
            Event::RunAccepted(RunAccepted { reason: String::new() }),
            Event::RunSucceeded(RunSucceeded {}),
            Event::RunAborted(RunAborted { cause: Cause::Requested }),
        ];
        const CLASSES: [FailureClass; 6] = [
            FailureClass::Transient,
            FailureClass::Permanent,
            FailureClass::Partial,
            FailureClass::Interrupted,
            FailureClass::Unknown,
            FailureClass::Undecided,
        ];
        events.extend(CLASSES.map(|class| restore_failed(1, class)));
        for index in 0..=self.outline.steps.len() {
            events.push(self.step_started(index, 1));
            events.push(self.step_committed(index));
            events.extend([1, 2].map(|batch| self.batch_committed(index, batch)));
            events.extend([Settlement::Applied, Settlement::NotApplied].map(|outcome| self.step_settled(index, outcome)));
            events.extend(CLASSES.map(|class| self.step_failed(index, 1, class)));
            events.push(self.undo_started(index));
            events.push(self.undo_committed(index));
            events.push(self.undo_failed(index));
        }
        events.extend(self.amendments());
        events
    }

    /// The plan as it is, with one step more, with one less, and with its first step changed.
    pub fn amendments(&self) -> Vec<Event> {
        let mut longer = self.outline.clone();
        longer.steps.extend(longer.steps.last().cloned().map(|step| StepOutline { id: "more".into(), ..step }));
        let mut shorter = self.outline.clone();
        shorter.steps.pop();
        let mut changed = self.outline.clone();
        changed.steps.iter_mut().take(1).for_each(|step| step.digest = "changed".into());
        [self.outline.clone(), longer, shorter, changed].into_iter().map(amended).collect()
    }

    /// The run begins.
    pub fn run_started(&self) -> Event {
        Event::RunStarted(RunStarted {
            run: "run".into(),
            plan: "plan".into(),
            fingerprint: "fingerprint".into(),
            program: "0".into(),
            outline: self.outline.clone(),
            backup_schema: "backup_pre_migration".into(),
            rendered: String::new(),
            sequences: Default::default(),
            restores: None,
            saved_plan: None,
        })
    }

    /// A step is about to run.
    pub fn step_started(&self, index: usize, attempt: u32) -> Event {
        Event::StepStarted(StepStarted { index, step: self.id(index), attempt })
    }

    /// A step is committed.
    pub fn step_committed(&self, index: usize) -> Event {
        Event::StepCommitted(StepCommitted {
            index,
            step: self.id(index),
            rows: Vec::new(),
            changes: Vec::new(),
            made: Vec::new(),
            written: Vec::new(),
            uncovered: Vec::new(),
            checks: Vec::new(),
        })
    }

    /// A batch of a step is committed.
    pub fn batch_committed(&self, index: usize, batch: u64) -> Event {
        Event::BatchCommitted(BatchCommitted {
            index,
            step: self.id(index),
            batch,
            last: String::new(),
            end: String::new(),
            keys: 1,
            rows: 1,
            size: 1,
            written: Vec::new(),
            uncovered: Vec::new(),
        })
    }

    /// A person found out what became of a step.
    pub fn step_settled(&self, index: usize, outcome: Settlement) -> Event {
        let (step, reason, evidence) = (self.id(index), String::new(), Vec::new());
        Event::StepSettled(StepSettled { index, step, outcome, reason, evidence })
    }

    /// A step failed.
    pub fn step_failed(&self, index: usize, attempt: u32, class: FailureClass) -> Event {
        let failure = failure(class);
        Event::StepFailed(StepFailed { index, step: self.id(index), attempt, failure, checks: Vec::new() })
    }

    /// An undo is about to run.
    pub fn undo_started(&self, index: usize) -> Event {
        Event::UndoStarted(UndoStarted { index, step: self.id(index) })
    }

    /// An undo is committed.
    pub fn undo_committed(&self, index: usize) -> Event {
        Event::UndoCommitted(UndoCommitted { index, step: self.id(index), uncovered: Vec::new() })
    }

    /// An undo failed.
    pub fn undo_failed(&self, index: usize) -> Event {
        Event::UndoFailed(UndoFailed { index, step: self.id(index), failure: failure(FailureClass::Permanent) })
    }

    fn id(&self, index: usize) -> String {
        self.outline.steps.get(index).map_or_else(String::new, |step| step.id.clone())
    }
}

/// The plan has this shape from now on.
pub fn amended(outline: Outline) -> Event {
    let (fingerprint, rendered, changes) = (String::new(), String::new(), Vec::new());
    Event::PlanAmended(PlanAmended { fingerprint, outline, rendered, changes })
}

/// A failure of a class. Empty texts cost no allocation, and millions of these are made.
pub fn failure(class: FailureClass) -> Failure {
    Failure::permanent("", "").class(class)
}

/// Nothing stands in the way.
pub fn preflight_passed() -> Event {
    Event::PreflightPassed(PreflightPassed { server_version: 150_000, targets: Vec::new(), bytes: 0, warnings: Vec::new() })
}

/// Something does.
pub fn preflight_failed() -> Event {
    Event::PreflightFailed(PreflightFailed { failures: vec![failure(FailureClass::Permanent)] })
}

/// The before-checks, all with this outcome.
pub fn before_checks(outcome: CheckOutcome) -> Event {
    let checks = checks(CheckPhase::Before, outcome);
    if outcome == CheckOutcome::Pass { Event::BeforeChecksPassed(checks) } else { Event::BeforeChecksFailed(checks) }
}

/// The after-checks, all with this outcome.
pub fn after_checks(outcome: CheckOutcome) -> Event {
    let checks = checks(CheckPhase::After, outcome);
    if outcome == CheckOutcome::Pass { Event::AfterChecksPassed(checks) } else { Event::AfterChecksFailed(checks) }
}

fn checks(phase: CheckPhase, outcome: CheckOutcome) -> ChecksEvaluated {
    ChecksEvaluated {
        results: vec![CheckResult {
            id: String::new(),
            phase,
            severity: Severity::Fail,
            outcome,
            message: String::new(),
            count: None,
            answer: None,
            sample: None,
            hint: None,
        }],
    }
}

/// The backup is complete.
pub fn backup_completed() -> Event {
    Event::BackupCompleted(BackupCompleted {
        backup: String::new(),
        tables: Vec::new(),
        catalog: String::new(),
        trial: None,
        unchanged: Vec::new(),
    })
}

/// All is equal after the undo.
pub fn undo_verified() -> Event {
    Event::UndoVerified(UndoVerified { tables: 0, uncovered: Vec::new() })
}

/// Something is not.
pub fn undo_differs() -> Event {
    Event::UndoDiffers(UndoDiffers { differences: Vec::new() })
}

/// The database is as it was.
pub fn restore_completed() -> Event {
    Event::RestoreCompleted(RestoreCompleted { backup: String::new(), restored: Restoration::default() })
}

/// All but one object is as it was.
pub fn restore_completed_except() -> Event {
    let remaining = vec![RemainingDifference {
        object: ObjectKey::table("", ""),
        difference: String::new(),
        reason: None,
        sqlstate: None,
        statements: Vec::new(),
    }];
    let restored = Restoration { remaining, ..Restoration::default() };
    Event::RestoreCompleted(RestoreCompleted { backup: String::new(), restored })
}

/// A restore failed.
pub fn restore_failed(attempt: u32, class: FailureClass) -> Event {
    Event::RestoreFailed(RestoreFailed { attempt, failure: failure(class) })
}

/// The plan's one transaction is rolled back.
pub fn rolled_back(cause: Cause, steps: usize) -> TransactionRolledBack {
    TransactionRolledBack { cause, steps, checks: Vec::new() }
}

/// A signal.
pub fn interrupted() -> Event {
    Event::RunInterrupted(RunInterrupted { signal: String::new() })
}
