//! The ports: what a run needs of the executor, as traits.

use std::time::Duration;

use crate::{
    machine::{
        Batched, ChecksEvaluated, Event, Failure, Fidelity, PreflightPassed, RunOutcome, StepCommitted, StepFailed,
        UndoDiffers, UndoVerified,
    },
    render::ResolvedPlan,
};

/// An event with its place in a run's journal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Recorded {
    /// UUID, as text.
    pub run: String,
    /// From 1, without gaps.
    pub seq: u64,
    /// RFC 3339, the server's clock.
    pub at: String,
    /// Role and program that wrote it.
    pub actor: String,
    /// Serialized into the journal as it is.
    pub event: Event,
}

/// How an effect failed whose success is recorded in its own transaction.
///
/// The executor stores the success event itself, under the sequence number that it was given, so that effect and record are
/// one. Failures are not stored by the executor; the driver does that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault<F> {
    /// It took no effect.
    Failed(F),
    /// The connection was lost while COMMIT was on its way: only the journal knows.
    InDoubt(Failure),
}

/// The append-only journal of one run.
pub trait Journal {
    /// Stores an event under the sequence number and returns when it is durable. An identical event under the same number
    /// is stored once.
    ///
    /// # Errors
    /// When it could not be stored, or another runner has taken over.
    fn append(&mut self, seq: u64, event: &Event) -> impl Future<Output = Result<Recorded, Failure>> + Send;

    /// All events of the run from a sequence number on. Reconnects where the connection was lost.
    ///
    /// # Errors
    /// When the journal can't be read.
    fn read_from(&mut self, seq: u64) -> impl Future<Output = Result<Vec<Recorded>, Failure>> + Send;

    /// Whether the database is out of reach, and was for as long as a run waits for it, or for as long as whoever wants it to
    /// stop lets it: no further attempt is worth making.
    fn has_given_up(&self) -> bool {
        false
    }
}

/// The effects on the database. A signal makes the running effect fail with [`crate::machine::FailureClass::Interrupted`],
/// its statement cancelled and its transaction rolled back. Every method that takes `seq` stores its success event under that number in the same
/// transaction as the effect.
pub trait Executor: Journal {
    /// Looks whether the run can be made at all: version, privileges, space, coverage. All findings at once.
    fn preflight(&mut self, plan: &ResolvedPlan) -> impl Future<Output = Result<PreflightPassed, Vec<Failure>>> + Send;

    /// Evaluates the before-checks and asks the `unchanged` ones for the first time.
    fn check_before(&mut self, plan: &ResolvedPlan) -> impl Future<Output = Result<ChecksEvaluated, Failure>> + Send;

    /// Clears away a partial backup of this run, fences writers, copies all targets at one snapshot and verifies the copies.
    /// On failure nothing of it is left.
    fn take_backup(
        &mut self,
        plan: &ResolvedPlan,
        seq: u64,
    ) -> impl Future<Output = Result<Recorded, Fault<Failure>>> + Send;

    /// Runs a step with its checks and its coverage guard.
    fn run_step(
        &mut self,
        plan: &ResolvedPlan,
        index: usize,
        attempt: u32,
        seq: u64,
    ) -> impl Future<Output = Result<Recorded, Fault<StepFailed>>> + Send;

    /// Commits the next batch of a step together with its checkpoint; where no row is left behind `after`, the step itself, with
    /// its checks. Waits first for as long as the run is paused or a replica is too far behind.
    #[expect(
        clippy::too_many_arguments,
        reason = "which batch of which step it is, how often it was tried, and where it is recorded"
    )]
    fn run_batch(
        &mut self,
        plan: &ResolvedPlan,
        index: usize,
        attempt: u32,
        after: &Batched,
        seq: u64,
    ) -> impl Future<Output = Result<Recorded, Fault<StepFailed>>> + Send;

    /// Whether a step outside a transaction has been applied; none where that can't be told.
    fn find_applied_state(
        &mut self,
        plan: &ResolvedPlan,
        index: usize,
    ) -> impl Future<Output = Result<Option<bool>, Failure>> + Send;

    /// Evaluates the after-checks and asks the `unchanged` ones again; `before` holds the first answers.
    fn check_after(
        &mut self,
        plan: &ResolvedPlan,
        before: &ChecksEvaluated,
    ) -> impl Future<Output = Result<ChecksEvaluated, Failure>> + Send;

    /// Runs a step's `undo` SQL.
    fn undo_step(
        &mut self,
        plan: &ResolvedPlan,
        index: usize,
        seq: u64,
    ) -> impl Future<Output = Result<Recorded, Fault<Failure>>> + Send;

    /// Compares structure and content with the backup's.
    fn compare_with_backup(
        &mut self,
        backup: &str,
    ) -> impl Future<Output = Result<Result<UndoVerified, UndoDiffers>, Failure>> + Send;

    /// Brings the backup back in one transaction that proves itself before it commits, and that takes the fence away: no
    /// [`Executor::finish`] follows. `steps` are the run's committed steps, in order; what they created is dropped. Where it fails
    /// exactly with the class [`crate::machine::FailureClass::Partial`], it is worth being tried in the nearest way: all rows come
    /// back, and single objects that can't be made as they were are named in the event.
    fn restore(
        &mut self,
        backup: &str,
        steps: &[StepCommitted],
        fidelity: Fidelity,
        seq: u64,
    ) -> impl Future<Output = Result<Recorded, Fault<Failure>>> + Send;

    /// Opens the plan's one transaction; until `finish` or `roll_back` everything, the journal included, happens in it.
    fn open_transaction(&mut self) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Rolls the plan's one transaction back; one that was lost with its connection is rolled back already.
    fn roll_back(&mut self) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Takes the fence away and stores the run's last event, in one transaction; commits the plan's one where it is open.
    /// Where the run is aborted, what is left of a partial backup goes too.
    fn finish(
        &mut self,
        outcome: &RunOutcome,
        event: &Event,
        seq: u64,
    ) -> impl Future<Output = Result<Recorded, Fault<Failure>>> + Send;
}

/// Time and chance.
pub trait Clock {
    /// Waits.
    fn sleep(&mut self, time: Duration) -> impl Future<Output = ()> + Send;

    /// A number from 0 up to 1, for jitter.
    fn chance(&mut self) -> f64;
}

/// Where the driver tells what happens, as it happens.
pub trait Observer {
    /// An event was stored.
    fn stored(&mut self, recorded: &Recorded);

    /// The driver waits before another attempt.
    fn waiting(&mut self, time: Duration, why: &Failure);
}

/// Whether somebody wants the run to stop.
pub trait Interrupt {
    /// The signal's name, once one has come.
    fn signal(&self) -> Option<String>;

    /// The driver has heard the signal and acts on it: what is begun from now on, a restore for instance, must not be stopped
    /// by the same signal again.
    fn heard(&self) {}
}
