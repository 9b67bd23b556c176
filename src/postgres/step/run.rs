//! A step in a transaction.

use std::{collections::BTreeSet, sync::Arc};

use tokio_postgres::Client;

use super::{
    commit::{Committed, commit},
    frame::{Frame, announce},
    lock_retry::LockRetry,
    secret_names,
    statements::{self, Reported, StepScript},
};
use crate::{
    catalog::{Change, ObjectKey, ObjectKind, Snapshot, Unrestorable, diff, targets_to_add},
    drive::ports::Recorded,
    machine::{CheckPhase, CheckResult, Event, Failure, FailureClass, StepCommitted, StepFailed, UndoCommitted},
    plan::{Check, Plan, Rendered, Step, Text},
    postgres::{
        capture::{self, Places},
        check::evaluate,
        coverage::{ActivitySnapshot, Own, Permission, WrittenTables, judge, system_tables_written, touches_backup},
        error_class,
        fence::{self, FenceTerms},
        interrupt::{Cancel, Interruption},
        journal::{self, Claim, Fence},
        made_tables::made_tables,
        preflight::{lacking_authority, what_helps},
        progress::Watch,
        search_path::PlanPath,
        session::{Lifetime, SessionSettings},
    },
    sql::{Statement, Where},
};

/// What a restore would make again of what the run has changed, with these changes on top, or why it could not be brought back: a
/// pure question to the catalog.
pub type WayBack<'a> = dyn Fn(&Snapshot, &[Change]) -> Result<BTreeSet<ObjectKey>, Vec<Unrestorable>> + Send + Sync + 'a;

/// How a step, or its undo, failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepFault {
    /// Nothing of it is there. With the checks where one of them was the reason.
    Failed(Box<Failure>, Vec<CheckResult>),
    /// The connection was lost while COMMIT was on its way.
    InDoubt {
        /// What was seen of it.
        failure: Box<Failure>,
        /// The transaction's id, to ask `pg_xact_status` for; none where there was no transaction.
        transaction: Option<String>,
    },
}

impl From<Failure> for StepFault {
    fn from(failure: Failure) -> Self {
        StepFault::Failed(Box::new(failure), Vec::new())
    }
}

/// Everything that a step needs.
pub struct StepRun<'a, C> {
    /// The session that it runs in, outside any transaction or in the plan's one.
    pub client: &'a Client,
    /// What that session keeps from one catalog snapshot to the next.
    pub memory: &'a capture::Memory,
    /// Watches that session.
    pub watch: Watch<'a>,
    /// Cancels what runs in that session.
    pub cancel: C,
    /// Whether somebody wants it to stop.
    pub interruption: &'a Interruption,
    /// The right to write.
    pub claim: Claim,
    /// The plan.
    pub plan: &'a Plan<Rendered>,
    /// The step's index.
    pub index: usize,
    /// The number of its last event.
    pub seq: u64,
    /// The transaction.
    pub frame: Frame,
    /// `server_version_num`
    pub server_version: u32,
    /// What it may touch.
    pub permission: &'a Permission,
    /// The tables that the fence stands around, as schema and name; none where there is no fence.
    pub fenced: &'a [(String, String)],
    /// Whether the way back is known.
    pub way_back: &'a WayBack<'a>,
    /// The structure that it leads back to.
    pub then: &'a Snapshot,
}

/// What a body of work leaves to commit.
pub(super) struct Done {
    pub(super) event: Event,
    pub(super) transaction: String,
}

impl<C: Cancel> StepRun<'_, C> {
    /// Runs the step, looks at it, and commits it together with its event.
    ///
    /// # Errors
    /// [`StepFault`]; inside the plan's one transaction that is never in doubt, and the transaction can go on.
    pub async fn apply(&self) -> Result<Recorded, StepFault> {
        let step = self.step()?;
        let settings = SessionSettings::of_step(&self.plan.name, &self.plan.session, step);
        self.framed(&settings, self.work(step, &settings)).await
    }

    /// Runs the step's `undo` under the same guard and commits it together with its event.
    ///
    /// # Errors
    /// As [`StepRun::apply`].
    pub async fn undo(&self) -> Result<Recorded, StepFault> {
        let step = self.step()?;
        let settings = SessionSettings::of_step(&self.plan.name, &self.plan.session, step);
        let Some(undo) = &step.undo else {
            return Err(Failure::permanent("backstop::run::no_undo", format!("step {} has no undo", step.id)).into());
        };
        self.framed(&settings, self.take_back(step, undo, &settings)).await
    }

    pub(super) fn step(&self) -> Result<&Step<Rendered>, StepFault> {
        self.plan.steps.get(self.index).ok_or_else(|| {
            Failure::permanent("backstop::run::no_step", format!("the plan has no step {}", self.index)).into()
        })
    }

    pub(super) async fn framed(
        &self,
        settings: &SessionSettings,
        work: impl Future<Output = Result<Done, StepFault>>,
    ) -> Result<Recorded, StepFault> {
        let run = self.claim.run.to_string();
        if let Err(failure) = self.frame.open(self.client, settings, &run).await {
            self.frame.roll_back(self.client).await;
            return Err(failure.into());
        }
        let done = match self.interruption.guard(&self.cancel, work).await {
            Ok(done) => done,
            Err(fault) => {
                self.frame.roll_back(self.client).await;
                return Err(self.or_interrupted(fault));
            }
        };
        self.conclude(done).await
    }

    /// Stores the event and commits. From here on a signal waits.
    async fn conclude(&self, done: Done) -> Result<Recorded, StepFault> {
        let fence = match self.frame {
            Frame::Own => Fence::Hold,
            Frame::Savepoint => Fence::Look,
        };
        let recorded = match journal::append(self.client, self.claim, fence, self.seq, &done.event).await {
            Ok(recorded) => recorded,
            Err(failure) => {
                self.frame.roll_back(self.client).await;
                return Err(failure.into());
            }
        };
        match self.frame {
            Frame::Savepoint => match self.client.batch_execute("RELEASE SAVEPOINT backstop_step").await {
                Ok(()) => Ok(recorded),
                Err(error) => Err(error_class::failure("backstop::run::not_committed", &error).into()),
            },
            Frame::Own => match commit(self.client).await {
                Committed::Yes => Ok(recorded),
                Committed::No(failure) => Err(failure.into()),
                Committed::InDoubt(failure) => {
                    Err(StepFault::InDoubt { failure: Box::new(failure), transaction: Some(done.transaction) })
                }
            },
        }
    }

    async fn work(&self, step: &Step<Rendered>, settings: &SessionSettings) -> Result<Done, StepFault> {
        let place = Where::InTransaction { server_version_num: self.server_version };
        let all = statements::of(&step.sql, place)?;
        let transaction = self.begin().await?;
        let before = self.structure().await?;
        let own = self.own().await?;
        let reading = ActivitySnapshot::start(self.client).await?;
        let reported = self.run(&step.sql, &all).await?;
        self.still_in(&transaction, settings).await?;
        statements::expect(&reported, step.expect_rows)?;
        let WrittenTables { tables: written, uncovered } = self.written(&reading, &step.sql).await?;
        self.ours_again(settings).await?;
        // What the fence needs now is no change of the step's.
        let (after, changes) = self.changes(&before).await?;
        self.leave_guarded(&own).await?;
        let checks = self.checks(step).await?;
        secret_names::expect_none(&step.sql, &changes)?;
        let remade = (self.way_back)(&after, &changes).map_err(no_way_back)?;
        // What a plan's one transaction did to roles goes with it.
        if self.frame == Frame::Own || !changes.is_empty() {
            self.may_go_back(remade, &changes).await?;
        }
        let made = made_tables(self.client, &changes).await.map_err(not_captured)?;
        let (index, id, rows) = (self.index, step.id.to_string(), reported.rows);
        let event = Event::StepCommitted(StepCommitted { index, step: id, rows, changes, made, written, uncovered, checks });
        Ok(Done { event, transaction })
    }

    async fn take_back(&self, step: &Step<Rendered>, undo: &Text, settings: &SessionSettings) -> Result<Done, StepFault> {
        let place = Where::InTransaction { server_version_num: self.server_version };
        let all = statements::of(undo, place)?;
        let transaction = self.begin().await?;
        let own = self.own().await?;
        let reading = ActivitySnapshot::start(self.client).await?;
        self.run(undo, &all).await?;
        self.still_in(&transaction, settings).await?;
        let WrittenTables { uncovered, .. } = self.written(&reading, undo).await?;
        self.ours_again(settings).await?;
        self.leave_guarded(&own).await?;
        let event = Event::UndoCommitted(UndoCommitted { index: self.index, step: step.id.to_string(), uncovered });
        Ok(Done { event, transaction })
    }

    async fn run(&self, text: &Text, all: &[Statement]) -> Result<Reported, Failure> {
        let script = StepScript { text, statements: all, path: &PlanPath::of(&self.plan.session) };
        statements::run(self.client, script, &self.watch, LockRetry::in_frame(self.frame)).await
    }

    /// Looks at the fence, and gives the transaction the id by which its outcome can be asked for.
    pub(super) async fn begin(&self) -> Result<String, Failure> {
        journal::check(self.client, self.claim, Fence::Look).await?;
        current_transaction(self.client).await
    }

    /// The plan's SQL may have set a role, or a search path; and whatever it did, it must not have ended the transaction.
    /// Deferred constraints speak now, while there is still a statement to blame, and under what else the step has set.
    pub(super) async fn still_in(&self, transaction: &str, settings: &SessionSettings) -> Result<(), Failure> {
        settings.restore(self.client).await?;
        self.announce().await?;
        if current_transaction(self.client).await? != transaction {
            return Err(Failure::permanent(
                "backstop::run::transaction_control",
                "the step ended its own transaction: a part of it is committed",
            )
            .class(FailureClass::Unknown)
            .hint("Leave BEGIN, COMMIT and ROLLBACK out of steps. Look at the database before going on."));
        }
        if self.frame == Frame::Own {
            fire_deferred_constraints(self.client, &PlanPath::of(&self.plan.session)).await?;
        }
        Ok(())
    }

    /// What was written to. The server's own tables are in no reading.
    async fn written(&self, reading: &ActivitySnapshot, text: &Text) -> Result<WrittenTables, Failure> {
        let mut written = judge(&reading.touched(self.client).await?, self.permission)?;
        let of_the_system = system_tables_written(self.client, text.sent()).await?;
        written.uncovered.extend(of_the_system.into_iter().map(|table| table.title));
        Ok(written)
    }

    /// The session is the run's own again, whatever the plan's SQL has set in it: for what comes in this transaction, and, once that is
    /// committed, for all that comes after it.
    pub(super) async fn ours_again(&self, settings: &SessionSettings) -> Result<(), Failure> {
        settings.apply(self.client, Lifetime::Transaction).await?;
        self.announce().await?;
        expect_to_write(self.client).await
    }

    async fn announce(&self) -> Result<(), Failure> {
        announce(self.client, &self.claim.run.to_string()).await.map_err(journal_gone)
    }

    async fn own(&self) -> Result<Own, Failure> {
        Own::look(self.client, &self.permission.off_limits).await
    }

    /// What the step must leave as it was: the way back itself, and the fence around its tables.
    async fn leave_guarded(&self, own: &Own) -> Result<(), Failure> {
        self.own().await?.untouched_since(own)?;
        let run = self.claim.run.to_string();
        if !self.fenced.is_empty() {
            // The step may have disabled or replaced what others had disabled before. Who sees what is committed sees their work, and who altered
            // a table keeps others from altering it since.
            fence::note_breaches(self.watch.observer, &run).await?;
        }
        let terms = FenceTerms { run: &run, plan: self.plan.name.as_str(), writers: self.plan.backup.writers };
        fence::keep_up(self.client, &terms, self.fenced).await
    }

    /// The structure as the step leaves it, and what the step itself changed of it.
    async fn changes(&self, (before, then): &(Arc<Snapshot>, Places)) -> Result<(Arc<Snapshot>, Vec<Change>), Failure> {
        let (after, now) = self.structure().await?;
        if Arc::ptr_eq(before, &after) {
            return Ok((after, Vec::new()));
        }
        let changes = diff(before, &after);
        let own = capture::own_changes(self.client, (before, then), (&after, &now), changes).await.map_err(not_captured)?;
        Ok((after, own))
    }

    async fn structure(&self) -> Result<(Arc<Snapshot>, Places), Failure> {
        let structure = capture::located_again(self.client, &self.permission.off_limits, self.memory).await;
        structure.map_err(not_captured)
    }

    pub(super) async fn checks(&self, step: &Step<Rendered>) -> Result<Vec<CheckResult>, StepFault> {
        let named = |check: &&Check<Rendered>| step.checks.iter().any(|(id, _)| *id == check.id);
        let checks: Vec<&Check<Rendered>> = self.plan.checks.after.iter().filter(named).collect();
        let path = PlanPath::of(&self.plan.session);
        let results = evaluate(self.client, &path, &checks, CheckPhase::Step).await?;
        let failed: Vec<&str> = results.iter().filter(|check| check.blocks()).map(|check| check.id.as_str()).collect();
        if failed.is_empty() {
            return Ok(results);
        }
        let failure =
            Failure::permanent("backstop::run::check_failed", format!("checks do not hold: {}", failed.join(", ")));
        Err(StepFault::Failed(Box::new(failure), results))
    }

    /// What the role lacks of what a restore would have to do after this step. What is modelled no further has its own rules.
    pub(super) async fn lacking(&self, remade: BTreeSet<ObjectKey>) -> Result<Vec<Failure>, Failure> {
        let remade = remade.into_iter().filter(|key| key.kind != ObjectKind::Other).collect();
        lacking_authority(self.client, self.then, &remade).await
    }

    /// Whether the role may do what a restore would have to do after this step. A step that changed no structure can have taken the role its
    /// rights.
    async fn may_go_back(&self, remade: BTreeSet<ObjectKey>, changes: &[Change]) -> Result<(), Failure> {
        let lacking = self.lacking(remade).await?;
        let Some(first) = lacking.first() else { return Ok(()) };
        let list = lacking.iter().map(|one| one.message.clone()).collect::<Vec<_>>().join("\n");
        let (what, help) = if changes.is_empty() {
            const KEEP: &str = "Leave the role what it needs until the run has ended, and take it away afterwards.";
            ("after the step no restore could be made", KEEP.to_owned())
        } else {
            ("what the step changed could not be brought back", what_helps(&lacking))
        };
        let message = format!("{what}: {}", first.message);
        Err(Failure::permanent("backstop::run::no_way_back", message).detail(list).hint(help))
    }

    fn or_interrupted(&self, fault: StepFault) -> StepFault {
        match (fault, self.interruption.failure()) {
            (StepFault::Failed(..), Some(interrupted)) => interrupted.into(),
            (fault, _) => fault,
        }
    }
}

impl StepFault {
    /// The failure as the port wants it.
    pub fn of_step(self, index: usize, step: &str, attempt: u32) -> crate::drive::ports::Fault<StepFailed> {
        use crate::drive::ports::Fault;
        match self {
            StepFault::Failed(failure, checks) => {
                Fault::Failed(StepFailed { index, step: step.to_owned(), attempt, failure: *failure, checks })
            }
            StepFault::InDoubt { failure, .. } => Fault::InDoubt(*failure),
        }
    }
}

/// Lets deferred constraints speak now. Their triggers' functions find what the plan's own statements would find.
///
/// # Errors
/// `backstop::run::constraint_violated` with what the server said.
pub async fn fire_deferred_constraints(client: &Client, path: &PlanPath) -> Result<(), Failure> {
    let failed = |error| error_class::failure("backstop::run::constraint_violated", &error);
    path.during(client, client.batch_execute("SET CONSTRAINTS ALL IMMEDIATE"), |error| error).await.map_err(failed)
}

/// A transaction that a step has made one which only reads stays so to its end, and the step's event could not be stored in it.
async fn expect_to_write(client: &Client) -> Result<(), Failure> {
    const READ_ONLY: &str = "SELECT pg_catalog.current_setting('transaction_read_only')::pg_catalog.bool";
    let row = client.query_typed_one(READ_ONLY, &[]).await;
    let read_only: bool =
        row.and_then(|row| row.try_get(0)).map_err(|error| error_class::failure("backstop::run::not_begun", &error))?;
    if read_only {
        let failure = Failure::permanent("backstop::run::read_only", "the step made its own transaction read-only");
        return Err(failure.hint("Leave SET TRANSACTION READ ONLY and `transaction_read_only` out of steps, which are recorded in their transaction."));
    }
    Ok(())
}

/// The id of the open transaction, which it is given now where it has none yet.
///
/// # Errors
/// `backstop::run::not_begun`, with what the server said.
pub async fn current_transaction(client: &Client) -> Result<String, Failure> {
    let row = client.query_typed_one("SELECT pg_catalog.pg_current_xact_id()::pg_catalog.text", &[]).await;
    row.and_then(|row| row.try_get(0)).map_err(|error| error_class::failure("backstop::run::not_begun", &error))
}

fn not_captured(error: tokio_postgres::Error) -> Failure {
    error_class::failure("backstop::run::not_captured", &error)
}

/// What the run is let through its own fence by stands in the journal: where that is missing, the step has taken it away.
fn journal_gone(failure: Failure) -> Failure {
    const MISSING: [&str; 2] = ["42P01", "42703"];
    match &failure.sqlstate {
        Some(state) if MISSING.contains(&state.as_str()) => touches_backup("the tables of the journal"),
        _ => failure,
    }
}

fn no_way_back(unrestorable: Vec<Unrestorable>) -> Failure {
    let list = unrestorable.iter().map(|one| format!("{}: {}", one.object, one.why)).collect::<Vec<_>>().join("\n");
    let names = unrestorable.iter().map(|one| one.object.to_string()).collect::<Vec<_>>().join(", ");
    Failure::permanent("backstop::run::no_way_back", format!("what the step changed could not be brought back: {names}"))
        .detail(list)
        .hint(targets_to_add(&unrestorable).unwrap_or_else(|| {
            "Change the step so that it leaves these objects alone, or bring them about outside of a plan.".to_owned()
        }))
}
