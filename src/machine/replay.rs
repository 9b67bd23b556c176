//! A run as its journal tells it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{
    apply::{IllegalEvent, apply},
    check_results::ChecksEvaluated,
    decision::Settlement,
    event::{BatchCommitted, Event, RunStarted, StepCommitted},
    failure::Failure,
    outline::Outline,
    rollback::restore,
    run_outcome::Cause,
    state::State,
};

/// A run: where it is, and what later effects need of what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// UUID, as text.
    pub id: String,
    /// By it the journal knows what was applied.
    pub plan: String,
    /// Fingerprint of the resolved plan, hex.
    pub fingerprint: String,
    /// The shape of the plan.
    pub outline: Outline,
    /// Where the run is.
    pub state: State,
    /// What the committed steps did, in order, those that were undone since included.
    pub steps: Vec<StepCommitted>,
    /// How far the step is that is cut into batches and not committed yet.
    pub batched: Batched,
    /// The backup's id, once it is complete.
    pub backup: Option<String>,
    /// What the before-checks answered; empty before they did.
    pub before: ChecksEvaluated,
    /// The sequence number of the last event.
    pub seq: u64,
    /// The sequence number of the event that opened the plan's one transaction; events after it go when it is rolled back.
    opened: Option<u64>,
}

/// What the committed batches of a step amount to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batched {
    /// How many there are.
    pub batches: u64,
    /// Key of the last one's last row, and of the row that the step ends with; none before the first batch.
    pub keys: Option<(String, String)>,
    /// Rows whose keys lie in them.
    pub passed: u64,
    /// Rows that their statements reported.
    pub rows: u64,
    /// How many keys the last one was meant to have.
    pub size: Option<u64>,
    /// Tables whose rows they changed.
    pub written: BTreeSet<String>,
    /// Those of them that no backup holds.
    pub uncovered: BTreeSet<String>,
}

impl Batched {
    fn add(&mut self, event: &BatchCommitted) {
        self.batches = event.batch;
        self.keys = Some((event.last.clone(), event.end.clone()));
        self.passed = self.passed.saturating_add(event.keys);
        self.rows = self.rows.saturating_add(event.rows);
        self.size = Some(event.size);
        self.written.extend(event.written.iter().cloned());
        self.uncovered.extend(event.uncovered.iter().cloned());
    }
}

/// Why a journal can't be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplayError {
    /// There is no event.
    Empty,
    /// The first event is not `run_started`.
    NotStarted {
        /// The event's name, as the journal has it.
        event: &'static str,
    },
    /// A number is missing.
    Gap {
        /// Of the event that should come next, from 1.
        missing: u64,
    },
    /// Two different events have one number.
    Conflict {
        /// Of the event, from 1.
        seq: u64,
    },
    /// An event that can't follow on those before it.
    Illegal {
        /// Of the event in the run's journal, from 1.
        seq: u64,
        /// Why the state before it does not allow it.
        why: IllegalEvent,
    },
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::Empty => f.write_str("the journal holds no event of this run"),
            ReplayError::NotStarted { event } => write!(f, "the journal begins with `{event}` instead of `run_started`"),
            ReplayError::Gap { missing } => write!(f, "event {missing} is missing in the journal"),
            ReplayError::Conflict { seq } => write!(f, "the journal holds two different events {seq}"),
            ReplayError::Illegal { seq, why } => write!(f, "event {seq}: {why}"),
        }
    }
}

impl std::error::Error for ReplayError {}

/// Folds a journal. Events may come in any order and more than once.
///
/// # Errors
/// [`ReplayError`] where the journal is not that of one run, whole and in order.
pub fn replay(events: impl IntoIterator<Item = (u64, Event)>) -> Result<Run, ReplayError> {
    let mut journal: BTreeMap<u64, Event> = BTreeMap::new();
    for (seq, event) in events {
        if journal.get(&seq).is_some_and(|known| *known != event) {
            return Err(ReplayError::Conflict { seq });
        }
        journal.insert(seq, event);
    }
    let mut rest = journal.iter();
    let mut run = match rest.next() {
        None => return Err(ReplayError::Empty),
        Some((1, Event::RunStarted(started))) => Run::begin(started),
        Some((1, other)) => return Err(ReplayError::NotStarted { event: other.name() }),
        Some((_, _)) => return Err(ReplayError::Gap { missing: 1 }),
    };
    for (seq, event) in rest {
        run.follow(*seq, event)?;
    }
    Ok(run)
}

impl Run {
    /// A run whose first event is stored.
    pub fn begin(started: &RunStarted) -> Self {
        let back = restore(Cause::Requested);
        Run {
            id: started.run.clone(),
            plan: started.plan.clone(),
            fingerprint: started.fingerprint.clone(),
            outline: started.outline.clone(),
            state: started.restores.as_ref().map_or(State::Preflighting, |_| back),
            steps: started.restores.as_ref().map(|restores| restores.steps.clone()).unwrap_or_default(),
            batched: Batched::default(),
            backup: started.restores.as_ref().map(|restores| restores.backup.clone()),
            before: ChecksEvaluated { results: Vec::new() },
            seq: 1,
            opened: None,
        }
    }

    /// Takes over the next stored event.
    ///
    /// # Errors
    /// Where its number is not the next one, or it can't happen now; the run stays as it was.
    pub fn follow(&mut self, seq: u64, event: &Event) -> Result<(), ReplayError> {
        if seq != self.seq + 1 {
            return Err(if seq > self.seq {
                ReplayError::Gap { missing: self.seq + 1 }
            } else {
                ReplayError::Conflict { seq }
            });
        }
        let next = apply(&self.outline, self.state.clone(), event).map_err(|why| ReplayError::Illegal { seq, why })?;
        self.keep(seq, event);
        self.state = next;
        self.seq = seq;
        Ok(())
    }

    /// The plan's one transaction is lost, for a reason that is no event: it is to be rolled back.
    pub fn lose_transaction(&mut self, failure: Failure) {
        let steps = self.state.steps_begun(&self.outline);
        self.state = State::RollingBack { cause: Cause::Transaction(failure), steps, checks: Vec::new() };
    }

    /// The plan's one transaction is rolled back, and the events that were stored in it are gone.
    pub fn forget_transaction(&mut self) {
        if let Some(opened) = self.opened {
            self.seq = opened;
        }
        self.forget();
    }

    fn keep(&mut self, seq: u64, event: &Event) {
        match event {
            Event::TransactionOpened(_) => {
                self.forget();
                self.opened = Some(seq);
            }
            Event::BeforeChecksPassed(answers) => self.before = answers.clone(),
            Event::BackupCompleted(e) => {
                self.backup = Some(e.backup.clone());
                self.before.answer_again(&e.unchanged);
            }
            Event::StepCommitted(e) => {
                self.steps.push(e.clone());
                self.batched = Batched::default();
            }
            Event::BatchCommitted(e) => self.batched.add(e),
            Event::PlanAmended(e) => {
                self.outline = e.outline.clone();
                self.fingerprint.clone_from(&e.fingerprint);
            }
            Event::StepSettled(e) if e.outcome == Settlement::Applied => {
                self.steps.push(StepCommitted::unseen(e.index, &e.step));
            }
            Event::RunStarted(_)
            | Event::PreflightPassed(_)
            | Event::PreflightFailed(_)
            | Event::BeforeChecksFailed(_)
            | Event::BackupStarted(_)
            | Event::BackupFailed(_)
            | Event::StepStarted(_)
            | Event::StepFailed(_)
            | Event::AfterChecksPassed(_)
            | Event::AfterChecksFailed(_)
            | Event::UndoStarted(_)
            | Event::UndoCommitted(_)
            | Event::UndoFailed(_)
            | Event::UndoVerified(_)
            | Event::UndoDiffers(_)
            | Event::RestoreStarted(_)
            | Event::RestoreCompleted(_)
            | Event::RestoreFailed(_)
            | Event::TransactionRolledBack(_)
            | Event::RunInterrupted(_)
            | Event::RunResumed(_)
            | Event::RestoreRequested(_)
            | Event::StepSettled(_)
            | Event::RunAccepted(_)
            | Event::RunSucceeded(_)
            | Event::RunAborted(_) => {}
        }
    }

    fn forget(&mut self) {
        self.steps.clear();
        self.batched = Batched::default();
        self.backup = None;
        self.before = ChecksEvaluated { results: Vec::new() };
    }
}
