//! The run's backup: the fence, the copies, the manifest with its event.

use std::{num::NonZeroUsize, sync::Arc};

use futures_util::future::try_join_all;
use tokio_postgres::{Client, error::SqlState};

use super::{
    open::{PlanTransaction, PostgresExecutor},
    own_transaction::NOT_STORED,
};
use crate::{
    drive::{
        manifest::Manifest,
        ports::{Fault, Recorded},
    },
    machine::{BackupCompleted, Event, Failure},
    plan::{Plan, PlanName, Rendered, Transaction, Writers},
    postgres::{
        backup::{self, BrokenRows, Request, Sessions},
        connection::{Connection, Pool},
        error_class,
        fence::{self, FenceTerms},
        interrupt::Guard,
        journal::{self, Fence},
        later_writes,
        preflight::targets,
        psql_api::{Registration, callers, register_in},
        search_path::PlanPath,
        session::{APPLICATION_NAME_BYTES_MAX, FRESH, RESET, application_name, begin},
        session_slots::SessionSlots,
        step::current_transaction,
    },
    sql::quote::literal,
};

impl PostgresExecutor {
    /// Puts the fence up where the plan wants one, copies, and completes the manifest together with its event.
    pub(super) async fn backup(&mut self, plan: &Plan<Rendered>, seq: u64) -> Result<Recorded, Fault<Failure>> {
        self.ensure().await.map_err(Fault::Failed)?;
        self.wait_anew();
        self.path = PlanPath::of(&plan.session);
        let tables = targets(self.work.client(), plan).await.map_err(|failures| Fault::Failed(several(failures)))?;
        let run = self.claim.run.to_string();
        let search_path = self.path.schemas().to_vec();
        // In one transaction, a ROLLBACK is the way back.
        let broken_rows = match plan.transaction {
            Transaction::Plan => BrokenRows::Accept,
            Transaction::Step => BrokenRows::Refuse,
        };
        let store = Arc::clone(&self.opening.backups);
        let memory = Arc::clone(&self.work.memory);
        let request = Request {
            store: &*store,
            schema: plan.backup.schema.sent(),
            plan: plan.name.as_str(),
            run: Some(&run),
            tables: &tables,
            patience: self.patience(),
            search_path: &search_path,
            memory: Some(&*memory),
            broken_rows,
        };
        match self.transaction {
            PlanTransaction::Open => self.backup_inside(plan, &request, seq).await.map_err(Fault::Failed),
            PlanTransaction::Closed => {
                let done = self.backup_beside(plan, &request, seq).await;
                // The fence must not outlive a backup that failed; what can't be taken down now goes with the run's end. Who was
                // taken over leaves it to the other runner.
                if matches!(done, Err(Fault::Failed(_)))
                    && journal::check(self.work.client(), self.claim, Fence::Look).await.is_ok()
                {
                    let removed = fence::take_down(self.work.client(), &run).await;
                    self.trouble("the fence stays up until the run ends", removed).await;
                    let forgotten = later_writes::forget_in(self.work.client(), &run).await;
                    self.trouble("writes that were noted stay in backstop.later_writes", forgotten).await;
                }
                done
            }
        }
    }

    /// In the plan's one transaction, whose locks keep writers away.
    async fn backup_inside(&mut self, plan: &Plan<Rendered>, request: &Request<'_>, seq: u64) -> Result<Recorded, Failure> {
        let client = self.work.client();
        let guard = Guard::new(&self.opening.interruption, vec![self.work.connection.cancel()]);
        let taken = backup::take(request, Sessions::Single(client), &guard).await?;
        let event = self.verified(plan, &taken).await?;
        let event = BackupCompleted { unchanged: self.unchanged_by_others(plan).await?, ..event };
        let shortcoming = request.store.complete(client, &taken).await?;
        register_in(client, plan, &registered(request, &taken), &callers(plan)).await?;
        let recorded = journal::append(client, self.claim, Fence::Look, seq, &Event::BackupCompleted(event)).await?;
        self.tell_of(shortcoming).await;
        Ok(recorded)
    }

    async fn backup_beside(
        &mut self,
        plan: &Plan<Rendered>,
        request: &Request<'_>,
        seq: u64,
    ) -> Result<Recorded, Fault<Failure>> {
        let failed = Fault::Failed;
        let run = self.claim.run.to_string();
        let client = self.work.client();
        self.announce_backup().await.map_err(failed)?;
        let watch = self.watch(request.patience.wait);
        if plan.backup.writers != Writers::Allow {
            let terms = FenceTerms { run: &run, plan: plan.name.as_str(), writers: plan.backup.writers };
            let put_up = fence::put_up(client, &terms, request.tables, request.patience);
            let (up, _) = self.opening.interruption.guard(&self.work.connection.cancel(), watch.during(put_up)).await;
            watch.went_on();
            up.map_err(|failure| failed(self.or_interrupted(failure)))?;
        }
        let workers = self.workers(request.tables.len()).await.map_err(failed)?;
        let clients: Vec<&Client> = workers.iter().map(|worker| &**worker.client).collect();
        let all = workers.iter().map(Connection::cancel).chain([self.work.connection.cancel()]).collect();
        let guard = Guard::new(&self.opening.interruption, all);
        let sessions = Sessions::Shared { coordinator: client, workers: &clients };
        let taking = backup::take(request, sessions, &guard);
        let taken = watch.during(taking).await.0;
        watch.went_on();
        let taken = taken.map_err(failed)?;
        let verified = async {
            let event = self.verified(plan, &taken).await?;
            Ok(BackupCompleted { unchanged: self.unchanged_by_others(plan).await?, ..event })
        };
        let event = match verified.await {
            Ok(event) => Event::BackupCompleted(event),
            Err(failure) => {
                return Err(failed(backup::discarded(request.store, self.work.client(), &taken.id, failure).await));
            }
        };
        self.begin().await.map_err(failed)?;
        let stored = async {
            let transaction = current_transaction(self.work.client()).await?;
            let shortcoming = request.store.complete(self.work.client(), &taken).await?;
            register_in(self.work.client(), plan, &registered(request, &taken), &callers(plan)).await?;
            let recorded = journal::append(self.work.client(), self.claim, Fence::Hold, seq, &event).await?;
            Ok(((recorded, transaction), shortcoming))
        }
        .await;
        let (stored, shortcoming) = match stored {
            Ok((stored, shortcoming)) => (Ok(stored), shortcoming),
            Err(failure) => (Err(failure), None),
        };
        match self.conclude(stored).await {
            Ok(recorded) => {
                self.tell_of(shortcoming).await;
                Ok(recorded)
            }
            Err(Fault::Failed(failure)) => {
                Err(failed(backup::discarded(request.store, self.work.client(), &taken.id, failure).await))
            }
            Err(doubt) => Err(doubt),
        }
    }

    /// Gives the session that works the name of a backup's, by which whoever takes over ends it before going on: nothing that is
    /// no transaction with an event comes after that.
    async fn announce_backup(&self) -> Result<(), Failure> {
        let name = backup_name(&self.opening.plan);
        let sql = format!("{RESET}; {FRESH}; SET application_name = {}", literal(&name));
        self.work.client().batch_execute(&sql).await.map_err(|error| error_class::failure(NOT_STORED, &error))?;
        journal::check(self.work.client(), self.claim, Fence::Look).await
    }

    /// Sessions that copy side by side; none where one is enough, or where there is room for no more.
    async fn workers(&self, tables: usize) -> Result<Vec<Connection>, Failure> {
        let wanted = self.opening.workers.get().min(tables);
        if wanted < 2 {
            return Ok(Vec::new());
        }
        let slots =
            SessionSlots::read(&self.observer.client).await.map_err(|error| error_class::failure(NOT_STORED, &error))?;
        // The last one is left to whoever else connects.
        let room = usize::try_from(slots.free().saturating_sub(1)).unwrap_or(usize::MAX);
        let opened = match NonZeroUsize::new(wanted.min(room)).filter(|size| size.get() > 1) {
            None => Vec::new(),
            Some(size) => {
                let pool = Pool::new(&self.opening.options, size, &backup_name(&self.opening.plan))?;
                match try_join_all((0..size.get()).map(|_| pool.get())).await {
                    Ok(opened) => opened,
                    // Others were quicker.
                    Err(full) if full.sqlstate.as_deref() == Some(SqlState::TOO_MANY_CONNECTIONS.code()) => Vec::new(),
                    Err(failure) => return Err(failure),
                }
            }
        };
        if opened.len() < wanted {
            self.tell_of(Some(fewer_workers(wanted, opened.len().max(1), &slots))).await;
        }
        for worker in &opened {
            begin(worker).await?;
        }
        Ok(opened)
    }
}

/// What the plan registers for psql.
fn registered<'a>(request: &Request<'a>, taken: &'a Manifest) -> Registration<'a> {
    Registration { tables: request.tables, snapshot: &taken.snapshot, paths: &taken.paths }
}

/// Tables are copied all the same, and that takes longer.
fn fewer_workers(wanted: usize, got: usize, slots: &SessionSlots) -> Failure {
    let message = format!("{wanted} tables were to be copied side by side (--jobs), and it is {got}: {}", slots.why());
    Failure::permanent("backstop::backup::fewer_sessions", message).hint(slots.way_out(wanted as u64 + 1))
}

/// What the sessions of a backup are called.
fn backup_name(plan: &PlanName) -> String {
    let mut name = application_name(plan, None);
    let suffix = "/backup";
    // What the server would cut off must not be what they are known by. Ids are ASCII, so every byte is a boundary.
    name.truncate(APPLICATION_NAME_BYTES_MAX - suffix.len());
    name + suffix
}

/// Several failures as one.
fn several(failures: Vec<Failure>) -> Failure {
    let mut failures = failures.into_iter();
    let Some(mut first) = failures.next() else {
        return Failure::permanent("backstop::preflight::not_looked", "the targets could not be resolved");
    };
    let others: Vec<String> = failures.map(|failure| failure.message).collect();
    if !others.is_empty() {
        first.detail = Some(first.detail.into_iter().chain(others).collect::<Vec<_>>().join("\n"));
    }
    first
}
