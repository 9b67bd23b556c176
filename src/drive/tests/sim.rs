//! A database in memory that does what it is told, truthfully or not.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use crate::{
    catalog::{ObjectKey, ObjectKind},
    drive::ports::{Executor, Fault, Interrupt, Journal, Recorded},
    machine::*,
    plan::{Severity, StepTransaction},
    render::ResolvedPlan,
};

/// What the calls for the first steps are named; `run_step` stands for all of them.
pub const STEPS: [&str; 3] = ["step 0", "step 1", "step 2"];

/// How many batches a step has that is cut into them.
pub const BATCHES: u64 = 3;

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallFate {
    /// It succeeds, and says so.
    Goes,
    /// It fails with this class and takes no effect. Checks answer "no" with [`FailureClass::Permanent`].
    Fails(FailureClass),
    /// The reply is lost, with the effect there and its record stored as this says.
    Lost(Effect),
    /// It succeeds, and an old reply comes again.
    Stale,
    /// The runner dies in it.
    Dies(Effect),
    /// A signal comes and it is cancelled.
    Signalled,
}

/// What is there of a call without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// The effect, but no record of it: only outside a transaction.
    Unrecorded,
    /// Both.
    Recorded,
}

/// The signal that comes.
#[derive(Clone, Default)]
pub struct SimSignals(Arc<AtomicBool>);

impl Interrupt for SimSignals {
    fn signal(&self) -> Option<String> {
        self.0.load(SeqCst).then(|| "SIGTERM".to_owned())
    }

    fn heard(&self) {
        self.0.store(false, SeqCst);
    }
}

/// What the database holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DatabaseContent {
    pub applied: Vec<u32>,
    /// Batches of the step that is there in part.
    pub batches: u64,
    pub backup: bool,
    pub fence: bool,
    pub residue: bool,
    journal: Vec<Recorded>,
}

/// A database that does to each call what its fate is.
pub struct Sim {
    pub content: DatabaseContent,
    inside: Option<DatabaseContent>,
    bare: Vec<bool>,
    /// Fates by what is called; then all goes well.
    troubles: HashMap<&'static str, VecDeque<CallFate>>,
    /// A fate for the call with this number.
    pub at_call: Option<(usize, CallFate)>,
    /// Calls so far, and what they were.
    pub calls: Vec<&'static str>,
    /// Whether what fails for good fails whenever it is tried.
    pub sticky: bool,
    /// Whether undo statements forget something.
    pub sloppy_undo: bool,
    /// Whether it can be told what became of a step outside a transaction.
    pub can_look: bool,
    /// Whether one object can't be made as it was.
    pub unfinishable: bool,
    dead: bool,
    signals: SimSignals,
}

impl Sim {
    pub fn new(plan: &ResolvedPlan) -> Self {
        let bare: Vec<bool> = plan.plan().steps.iter().map(|s| s.transaction == StepTransaction::None).collect();
        Sim {
            content: DatabaseContent { applied: vec![0; bare.len()], ..DatabaseContent::default() },
            inside: None,
            bare,
            troubles: HashMap::new(),
            at_call: None,
            calls: Vec::new(),
            sticky: false,
            sloppy_undo: false,
            can_look: true,
            unfinishable: false,
            dead: false,
            signals: SimSignals::default(),
        }
    }

    pub fn trouble(&mut self, call: &'static str, fates: &[CallFate]) {
        self.troubles.entry(call).or_default().extend(fates);
    }

    pub fn signals(&self) -> SimSignals {
        self.signals.clone()
    }

    pub fn journal(&self) -> Vec<Recorded> {
        self.content.journal.clone()
    }

    pub fn events(&self) -> Vec<&'static str> {
        self.content.journal.iter().map(|recorded| recorded.event.name()).collect()
    }

    /// Another runner, another connection.
    pub fn revive(&mut self) {
        self.dead = false;
        self.inside = None;
        self.signals = SimSignals::default();
    }

    fn fate(&mut self, call: &'static str) -> CallFate {
        if self.dead {
            return CallFate::Fails(FailureClass::Permanent);
        }
        let number = self.calls.len();
        self.calls.push(call);
        if let Some((_, fate)) = self.at_call.take_if(|(at, _)| *at == number) {
            return fate;
        }
        let of_any = if STEPS.contains(&call) { "run_step" } else { call };
        let key = if self.troubles.contains_key(call) { call } else { of_any };
        let Some(fates) = self.troubles.get_mut(key) else { return CallFate::Goes };
        match fates.front() {
            Some(CallFate::Fails(FailureClass::Permanent)) if self.sticky => CallFate::Fails(FailureClass::Permanent),
            Some(_) | None => fates.pop_front().unwrap_or(CallFate::Goes),
        }
    }

    fn seen(&mut self) -> &mut DatabaseContent {
        self.inside.as_mut().unwrap_or(&mut self.content)
    }

    fn die(&mut self) {
        self.dead = true;
        self.inside = None;
    }

    fn store(&mut self, seq: u64, event: &Event) -> Result<Recorded, Failure> {
        let journal = &mut self.seen().journal;
        if let Some(known) = journal.iter().find(|recorded| recorded.seq == seq) {
            let same = known.event == *event;
            return if same { Ok(known.clone()) } else { Err(permanent("conflict")) };
        }
        assert_eq!(seq, journal.len() as u64 + 1, "a gap before {}", event.name());
        let (run, at, actor) = ("run".to_owned(), "2026-01-01T00:00:00Z".to_owned(), "sim".to_owned());
        let recorded = Recorded { run, seq, at, actor, event: event.clone() };
        journal.push(recorded.clone());
        Ok(recorded)
    }

    /// An effect that stores its success itself.
    #[expect(clippy::too_many_arguments, reason = "what an effect is, and what its two ends are")]
    fn effect<F>(
        &mut self,
        call: &'static str,
        seq: u64,
        event: &Event,
        change: impl FnOnce(&mut DatabaseContent),
        failed: impl FnOnce(Failure) -> F,
    ) -> Result<Recorded, Fault<F>> {
        let fate = self.fate(call);
        let (happens, stores) = match fate {
            CallFate::Goes | CallFate::Stale | CallFate::Lost(Effect::Recorded) | CallFate::Dies(Effect::Recorded) => {
                (true, true)
            }
            CallFate::Lost(Effect::Unrecorded) | CallFate::Dies(Effect::Unrecorded) => (true, false),
            CallFate::Fails(_) | CallFate::Signalled | CallFate::Lost(Effect::None) | CallFate::Dies(Effect::None) => {
                (false, false)
            }
        };
        let recorded = match stores.then(|| self.store(seq, event)).transpose() {
            Ok(recorded) => recorded,
            Err(conflict) => return Err(Fault::Failed(failed(conflict))),
        };
        if happens {
            change(self.seen());
        }
        match (fate, recorded) {
            (CallFate::Goes, Some(recorded)) => Ok(recorded),
            (CallFate::Stale, _) => Ok(self.content.journal[0].clone()),
            (CallFate::Fails(class), _) => Err(Fault::Failed(failed(permanent(call).class(class)))),
            (CallFate::Signalled, _) => {
                self.signals.0.store(true, SeqCst);
                Err(Fault::Failed(failed(permanent(call).class(FailureClass::Interrupted))))
            }
            (CallFate::Lost(_), _) => {
                self.inside = None;
                Err(Fault::InDoubt(permanent(call)))
            }
            (CallFate::Dies(_) | CallFate::Goes, _) => {
                self.die();
                Err(Fault::InDoubt(permanent(call)))
            }
        }
    }

    /// An effect whose answer the driver stores. A lost reply is a transient failure.
    fn answer(&mut self, call: &'static str) -> Result<(), Failure> {
        match self.fate(call) {
            CallFate::Goes | CallFate::Stale => Ok(()),
            CallFate::Fails(class) => Err(permanent(call).class(class)),
            CallFate::Lost(_) => {
                self.inside = None;
                Err(permanent(call).class(FailureClass::Transient))
            }
            CallFate::Dies(_) => {
                self.die();
                Err(permanent(call))
            }
            CallFate::Signalled => {
                self.signals.0.store(true, SeqCst);
                Err(permanent(call).class(FailureClass::Interrupted))
            }
        }
    }

    fn checks(&mut self, call: &'static str, phase: CheckPhase) -> Result<ChecksEvaluated, Failure> {
        let outcome = match self.answer(call) {
            Ok(()) => CheckOutcome::Pass,
            Err(failure) if failure.class == FailureClass::Permanent && !self.dead => CheckOutcome::Fail,
            Err(failure) => return Err(failure),
        };
        let severity = Severity::Fail;
        let (id, message) = ("holds".to_owned(), "found".to_owned());
        let result =
            CheckResult { id, phase, severity, outcome, message, count: None, answer: None, sample: None, hint: None };
        Ok(ChecksEvaluated { results: vec![result] })
    }
}

/// What is left of one object.
pub fn unfinished() -> RemainingDifference {
    RemainingDifference {
        object: ObjectKey::part(ObjectKind::Trigger, "public", "t", "audit"),
        difference: "is missing".to_owned(),
        reason: None,
        sqlstate: None,
        statements: Vec::new(),
    }
}

fn permanent(what: &str) -> Failure {
    Failure::permanent("backstop::sim::failure", format!("{what} failed"))
}

impl Journal for Sim {
    async fn append(&mut self, seq: u64, event: &Event) -> Result<Recorded, Failure> {
        match self.effect("append", seq, event, |_| (), |failure| failure) {
            Ok(recorded) => Ok(recorded),
            Err(Fault::InDoubt(failure)) if !self.dead => Err(failure.class(FailureClass::Transient)),
            Err(Fault::InDoubt(failure) | Fault::Failed(failure)) => Err(failure),
        }
    }

    async fn read_from(&mut self, seq: u64) -> Result<Vec<Recorded>, Failure> {
        match self.fate("read") {
            // A journal that lags behind.
            CallFate::Stale => Ok(Vec::new()),
            CallFate::Goes => {
                let found: Vec<Recorded> = self.seen().journal.iter().filter(|r| r.seq >= seq).cloned().collect();
                // Delivered twice, and the wrong way round.
                Ok(found.iter().chain(&found).rev().cloned().collect())
            }
            CallFate::Fails(class) => Err(permanent("read").class(class)),
            CallFate::Lost(_) | CallFate::Signalled => Err(permanent("read").class(FailureClass::Transient)),
            CallFate::Dies(_) => {
                self.die();
                Err(permanent("read"))
            }
        }
    }
}

impl Executor for Sim {
    async fn preflight(&mut self, _plan: &ResolvedPlan) -> Result<PreflightPassed, Vec<Failure>> {
        self.answer("preflight").map_err(|failure| vec![failure])?;
        Ok(PreflightPassed { server_version: 150_000, targets: Vec::new(), bytes: 0, warnings: Vec::new() })
    }

    async fn check_before(&mut self, _plan: &ResolvedPlan) -> Result<ChecksEvaluated, Failure> {
        self.checks("check_before", CheckPhase::Before)
    }

    async fn take_backup(&mut self, _plan: &ResolvedPlan, seq: u64) -> Result<Recorded, Fault<Failure>> {
        let event = Event::BackupCompleted(BackupCompleted {
            backup: "b".into(),
            tables: Vec::new(),
            catalog: String::new(),
            trial: None,
            unchanged: Vec::new(),
        });
        let change = |content: &mut DatabaseContent| {
            assert!(content.applied.iter().all(|n| *n == 0), "a backup of a changed database");
            (content.backup, content.fence) = (true, true);
        };
        self.effect("take_backup", seq, &event, change, |failure| failure)
    }

    async fn run_step(
        &mut self,
        plan: &ResolvedPlan,
        index: usize,
        attempt: u32,
        seq: u64,
    ) -> Result<Recorded, Fault<StepFailed>> {
        let step = plan.plan().steps[index].id.to_string();
        let (rows, changes, written, checks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let event = Event::StepCommitted(StepCommitted {
            index,
            step: step.clone(),
            rows,
            changes,
            made: Vec::new(),
            written,
            uncovered: Vec::new(),
            checks,
        });
        let change = |content: &mut DatabaseContent| {
            assert!(content.backup && content.fence, "a step without a backup");
            content.applied[index] += 1;
            assert_eq!(content.applied[index], 1, "a step twice");
        };
        let failed = |failure| StepFailed { index, step, attempt, failure, checks: Vec::new() };
        self.effect(STEPS[index], seq, &event, change, failed)
    }

    async fn run_batch(
        &mut self,
        plan: &ResolvedPlan,
        index: usize,
        attempt: u32,
        after: &Batched,
        seq: u64,
    ) -> Result<Recorded, Fault<StepFailed>> {
        let step = plan.plan().steps[index].id.to_string();
        let failed = |failure| StepFailed { index, step: step.clone(), attempt, failure, checks: Vec::new() };
        if after.batches == BATCHES {
            let mut event = StepCommitted::unseen(index, &step);
            event.rows = vec![after.rows];
            let change = |content: &mut DatabaseContent| {
                assert_eq!(std::mem::take(&mut content.batches), BATCHES, "a step without all of its batches");
                content.applied[index] += 1;
                assert_eq!(content.applied[index], 1, "a step twice");
            };
            return self.effect(STEPS[index], seq, &Event::StepCommitted(event), change, failed);
        }
        let batch = after.batches + 1;
        let event = Event::BatchCommitted(BatchCommitted {
            index,
            step: step.clone(),
            batch,
            last: batch.to_string(),
            end: BATCHES.to_string(),
            keys: 1,
            rows: 1,
            size: 1,
            written: vec!["public.t".to_owned()],
            uncovered: Vec::new(),
        });
        let change = |content: &mut DatabaseContent| {
            assert!(content.backup && content.fence, "a batch without a backup");
            content.batches += 1;
            assert_eq!(content.batches, batch, "a batch twice, or one left out");
        };
        self.effect(STEPS[index], seq, &event, change, failed)
    }

    async fn find_applied_state(&mut self, _plan: &ResolvedPlan, index: usize) -> Result<Option<bool>, Failure> {
        assert!(self.bare[index], "what a step in a transaction did is in the journal");
        self.answer("find_applied_state")?;
        Ok(self.can_look.then_some(self.content.applied[index] == 1))
    }

    async fn check_after(&mut self, _plan: &ResolvedPlan, before: &ChecksEvaluated) -> Result<ChecksEvaluated, Failure> {
        assert_eq!(before.results.len(), 1, "the first answers are handed on");
        self.checks("check_after", CheckPhase::After)
    }

    async fn undo_step(&mut self, plan: &ResolvedPlan, index: usize, seq: u64) -> Result<Recorded, Fault<Failure>> {
        let step = plan.plan().steps[index].id.to_string();
        let sloppy = self.sloppy_undo;
        let change = |content: &mut DatabaseContent| {
            if std::mem::take(&mut content.batches) == 0 {
                assert_eq!(content.applied[index], 1, "an undo of what is not there");
            }
            content.applied[index] = 0;
            content.residue |= sloppy;
        };
        self.effect(
            "undo_step",
            seq,
            &Event::UndoCommitted(UndoCommitted { index, step, uncovered: Vec::new() }),
            change,
            |failure| failure,
        )
    }

    async fn compare_with_backup(&mut self, backup: &str) -> Result<Result<UndoVerified, UndoDiffers>, Failure> {
        assert_eq!(backup, "b");
        self.answer("compare")?;
        let equal = self.content.applied.iter().all(|n| *n == 0) && self.content.batches == 0 && !self.content.residue;
        Ok(if equal {
            Ok(UndoVerified { tables: 1, uncovered: Vec::new() })
        } else {
            Err(UndoDiffers { differences: vec!["x".into()] })
        })
    }

    async fn restore(
        &mut self,
        backup: &str,
        steps: &[StepCommitted],
        fidelity: Fidelity,
        seq: u64,
    ) -> Result<Recorded, Fault<Failure>> {
        assert_eq!(backup, "b");
        assert!(steps.iter().map(|step| step.index).eq(0..steps.len()), "the committed steps, in order");
        if self.unfinishable && fidelity.is_exact() {
            let answer = self.answer("restore");
            return Err(Fault::Failed(answer.err().unwrap_or_else(|| permanent("restore").class(FailureClass::Partial))));
        }
        let remaining = self.unfinishable.then(unfinished).into_iter().collect();
        let restored = Restoration { remaining, ..Restoration::default() };
        let event = Event::RestoreCompleted(RestoreCompleted { backup: "b".into(), restored });
        let change = |content: &mut DatabaseContent| {
            assert!(content.backup, "a restore without a backup");
            content.applied.fill(0);
            content.batches = 0;
            (content.residue, content.fence) = (false, false);
        };
        self.effect("restore", seq, &event, change, |failure| failure)
    }

    async fn open_transaction(&mut self) -> Result<(), Failure> {
        self.answer("open")?;
        self.inside = Some(self.content.clone());
        Ok(())
    }

    async fn roll_back(&mut self) -> Result<(), Failure> {
        self.answer("roll_back")?;
        self.inside = None;
        Ok(())
    }

    async fn finish(&mut self, _ending: &RunOutcome, event: &Event, seq: u64) -> Result<Recorded, Fault<Failure>> {
        let inside = self.inside.is_some();
        // What is committed by this goes on in the transaction's content; a failure keeps the one outside.
        let before = self.content.clone();
        if let Some(content) = self.inside.take() {
            self.content = content;
        }
        let reply = self.effect("finish", seq, event, |content| content.fence = false, |failure| failure);
        let committed = self.content.journal.iter().any(|recorded| recorded.event == *event);
        if inside && !committed {
            self.content = before;
        }
        reply
    }
}
