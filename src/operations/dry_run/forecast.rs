//! What plans would meet, put together.

use std::collections::BTreeSet;

use similar::TextDiff;
use tokio_postgres::{Client, error::SqlState};

use super::{
    super::{
        plan_scope,
        problem::{Details, OperationProblem},
        resolve_plans::Sourced,
        runs::{self, state_word},
    },
    drift::{DriftBaseline, Drifted},
    statements,
};
use crate::{
    catalog::{Definition, ObjectKey, Snapshot},
    drive::manifest::Algorithm,
    machine::{CheckPhase, Failure},
    plan::{Plan, Rendered, Repeat},
    postgres::{
        capture::Memory,
        check,
        dry_run::{self, DigestMethod, Measured, Moment, TableSize},
        journal::{self, Applied},
        lock,
        preflight::{self, Examined, Looker, Server},
        relation::Relation,
    },
    render::ResolvedPlan,
    report::dry_run::{AppliedState, BackupForecast, Forecast, PlanForecast, TargetForecast, UnfinishedForecast},
};

/// How often a backup goes over a table: it reads and digests it, copies it, and reads and digests the copy.
const PASSES: u128 = 3;

/// What is the same for all plans.
pub(super) struct Forecaster<'a> {
    client: &'a Client,
    /// What is prepared for the snapshots of one plan after the other.
    memory: Memory,
    database: String,
    server: Server,
    of_server: Vec<Failure>,
    /// Which database it is, and when.
    pub moment: Moment,
}

/// What was seen.
pub(super) struct Forecasted {
    /// For people and programs.
    pub dry_run: Forecast,
    /// The structure of the database.
    pub structure: Snapshot,
}

impl<'a> Forecaster<'a> {
    /// Begins to look, in a session that can't write.
    pub async fn new(client: &'a Client, database: String) -> Result<Self, OperationProblem> {
        let server = preflight::server(client).await.map_err(OperationProblem::unreadable)?;
        let of_server = server.failures_for_others(client).await.map_err(OperationProblem::unreadable)?;
        let moment = dry_run::moment(client).await.map_err(OperationProblem::unreadable)?;
        Ok(Forecaster { client, memory: Memory::default(), database, server, of_server, moment })
    }

    /// Looks at what these plans, each behind those that it requires, would meet.
    pub async fn at(&self, sourced: &[Sourced], since: DriftBaseline) -> Result<Forecasted, OperationProblem> {
        let plans: Vec<&Plan<Rendered>> = sourced.iter().map(|sourced| sourced.resolved.plan()).collect();
        let (elsewhere, of_server) = self.of_server.iter().cloned().partition::<Vec<_>, _>(is_elsewhere);
        let mut dry_run = Forecast {
            database: self.database.clone(),
            role: self.moment.role.clone(),
            at: self.moment.now.clone(),
            lock: lock::holder(self.client).await.map_err(OperationProblem::unreadable)?.map(|holder| holder.to_string()),
            unfinished: None,
            elsewhere,
            plans: Vec::new(),
            saved: None,
        };
        let applied = self.journal(&mut dry_run).await?;
        let structure = plan_scope::structure(self.client, &plans).await?;
        let resolved: Vec<&ResolvedPlan> = sourced.iter().map(|sourced| &sourced.resolved).collect();
        let drifted = Drifted::look(self.client, &self.moment, &structure, &resolved, since).await?;
        for sourced in sourced {
            let state = state_of(sourced, applied.as_deref());
            let mut plan = PlanForecast::new(sourced, state);
            if plan.state.is_pending() {
                plan.after = after(sourced, &dry_run.plans);
                dry_run.elsewhere.extend(self.look(sourced, &of_server, &structure, &mut plan).await?);
                plan.drift = drifted.of(&structure, &sourced.resolved);
            }
            dry_run.plans.push(plan);
        }
        let mut seen = BTreeSet::new();
        dry_run.elsewhere.retain(|failure| seen.insert(failure.clone()));
        Ok(Forecasted { dry_run, structure })
    }

    /// The applied plans; none where the role may not read the journal.
    async fn journal(&self, dry_run: &mut Forecast) -> Result<Option<Vec<Applied>>, OperationProblem> {
        let applied = match journal::applied(self.client).await {
            Ok(applied) => applied,
            Err(failure) if is_elsewhere(&failure) => {
                dry_run.elsewhere.push(failure);
                return Ok(None);
            }
            Err(failure) => return Err(OperationProblem::unreadable(failure)),
        };
        match runs::unfinished(self.client).await {
            Ok(found) => {
                dry_run.unfinished = found.map(|found| UnfinishedForecast {
                    run: found.run.id.clone(),
                    plan: found.run.plan.clone(),
                    state: state_word(&found.run).to_owned(),
                });
            }
            Err(OperationProblem { details: Details::Failures(failures), .. }) if failures.iter().all(is_elsewhere) => {
                dry_run.elsewhere.extend(failures);
            }
            Err(problem) => return Err(problem),
        }
        Ok(Some(applied))
    }

    /// Looks at what a plan would do; what can only be looked at elsewhere is returned.
    async fn look(
        &self,
        sourced: &Sourced,
        of_server: &[Failure],
        structure: &Snapshot,
        dry_run: &mut PlanForecast,
    ) -> Result<Vec<Failure>, OperationProblem> {
        let plan = sourced.resolved.plan();
        let looker = Looker { client: self.client, memory: &self.memory, open: 1 };
        let Examined { findings, targets, .. } = preflight::examine(&looker, plan, &self.server, of_server).await;
        let waits_for_plans = |failure: &Failure| failure.code == REQUIRED && !dry_run.after.is_empty();
        let (elsewhere, here) = findings.failures.into_iter().partition::<Vec<_>, _>(is_elsewhere);
        dry_run.failures = here.into_iter().filter(|failure| !waits_for_plans(failure)).collect();
        dry_run.warnings = findings.warnings;
        dry_run.checks = check::phase(self.client, plan, CheckPhase::Before).await.map_err(OperationProblem::unreadable)?;
        dry_run.backup = Some(self.backup(plan, &targets, structure).await?);
        (dry_run.statements, dry_run.uncovered) = statements::look(self.client, plan, &targets).await?;
        Ok(elsewhere)
    }

    async fn backup(
        &self,
        plan: &Plan<Rendered>,
        targets: &[Relation],
        structure: &Snapshot,
    ) -> Result<BackupForecast, OperationProblem> {
        let sizes = dry_run::sizes(self.client, targets).await.map_err(OperationProblem::unreadable)?;
        let bytes: u64 = sizes.iter().map(|size| size.bytes).sum();
        let (millis, basis) = self.estimate(targets, &sizes, bytes, structure).await;
        let target = |size: &TableSize| TargetForecast { table: size.table.clone(), rows: size.rows, bytes: size.bytes };
        Ok(BackupForecast {
            schema: plan.backup.schema.shown().to_owned(),
            targets: sizes.iter().map(target).collect(),
            bytes,
            restore_bytes: sizes.iter().map(|size| size.all).sum(),
            millis,
            basis,
        })
    }

    /// How long a backup takes, from a short measurement of the largest table.
    async fn estimate(
        &self,
        targets: &[Relation],
        sizes: &[TableSize],
        bytes: u64,
        structure: &Snapshot,
    ) -> (Option<u64>, String) {
        let largest = sizes.iter().max_by_key(|size| size.heap);
        let relation = largest.and_then(|size| targets.iter().find(|table| table.to_string() == size.table));
        let (Some(size), Some(relation)) = (largest, relation) else { return (None, "there is nothing to read".to_owned()) };
        let columns =
            match structure.objects.get(&ObjectKey::table(&relation.schema, &relation.name)).map(|it| &it.definition) {
                Some(Definition::Table(table)) => table.columns.as_slice(),
                _ => &[],
            };
        let way = DigestMethod { algorithm: Algorithm::of_server(self.server.version), columns };
        match dry_run::measure(self.client, relation, size, &way).await {
            Ok(Some(measured)) => told(&measured, bytes),
            Ok(None) if size.heap == 0 => (Some(0), "the tables are empty".to_owned()),
            Ok(None) => (None, format!("a sample of {} could not be read within a second", size.table)),
            Err(failure) => (None, format!("{} could not be read: {}", size.table, failure.message)),
        }
    }
}

const REQUIRED: &str = "backstop::preflight::required_plan";

/// Whether another role, or another server, would not meet it.
fn is_elsewhere(failure: &Failure) -> bool {
    const CODES: [&str; 4] = [
        "backstop::preflight::missing_privilege",
        "backstop::preflight::hidden_rows",
        "backstop::preflight::replica",
        "backstop::preflight::read_only",
    ];
    CODES.contains(&failure.code.as_str()) || failure.sqlstate.as_deref() == Some(SqlState::INSUFFICIENT_PRIVILEGE.code())
}

fn state_of(sourced: &Sourced, applied: Option<&[Applied]>) -> AppliedState {
    let plan = sourced.resolved.plan();
    let Some(applied) = applied else { return AppliedState::Unknown };
    match applied.iter().find(|applied| applied.plan == plan.name.as_str()) {
        None => AppliedState::Pending,
        Some(applied) if applied.fingerprint == sourced.resolved.fingerprint() => {
            AppliedState::Applied { at: applied.at.clone(), run: applied.run.to_string() }
        }
        Some(applied) if plan.repeat == Repeat::OnChange => AppliedState::Repeats { at: applied.at.clone() },
        Some(applied) => {
            let diff = TextDiff::from_lines(applied.rendered.as_str(), sourced.resolved.shown());
            let diff = diff.unified_diff().context_radius(2).header("applied", "given").to_string();
            AppliedState::Changed { at: applied.at.clone(), diff }
        }
    }
}

/// The plans of the same command that it requires and that have not run.
fn after(sourced: &Sourced, before: &[PlanForecast]) -> Vec<String> {
    let required = &sourced.resolved.plan().requires;
    let waits_for =
        |plan: &&PlanForecast| plan.state.is_pending() && required.iter().any(|(name, _)| name.as_str() == plan.name);
    before.iter().filter(waits_for).map(|plan| plan.name.clone()).collect()
}

fn told(measured: &Measured, bytes: u64) -> (Option<u64>, String) {
    let Measured { table, bytes: read, took, .. } = measured;
    let millis = took.as_millis().max(1) * PASSES * u128::from(bytes) / u128::from((*read).max(1));
    let basis = format!(
        "{} of {table} were read and digested in {}; a backup goes {PASSES} times over each table, here one after the other",
        crate::report::bytes(*read),
        crate::report::duration(*took)
    );
    (u64::try_from(millis).ok(), basis)
}

impl PlanForecast {
    fn new(sourced: &Sourced, state: AppliedState) -> Self {
        let plan = sourced.resolved.plan();
        PlanForecast {
            name: plan.name.to_string(),
            path: sourced.path.clone(),
            description: plan.description.clone(),
            state,
            after: Vec::new(),
            failures: Vec::new(),
            warnings: Vec::new(),
            checks: Vec::new(),
            backup: None,
            statements: Vec::new(),
            uncovered: Vec::new(),
            drift: None,
        }
    }
}
