//! A look at what plans would meet, put together for the report.

use std::collections::{BTreeMap, BTreeSet};

use similar::TextDiff;
use tokio_postgres::{Client, error::SqlState};

use super::{
    journals::{self, standing, unreadable},
    problem::{Problem, Told},
    reading::Sourced,
    scope,
};
use crate::{
    catalog::Snapshot,
    machine::{CheckPhase, Failure},
    plan::{Plan, Rendered, Repeat, Transaction, Writers},
    postgres::{
        check, drift,
        journal::{self, Applied},
        lock,
        outlook::{self, Holder, Measured, Moment, Size},
        preflight::{self, Examined, Server},
        relation::{Relation, RelationKind},
    },
    report::outlook::{
        BackupOutlook, Drift, LockHeld, Outlook, PlanOutlook, Standing, StatementOutlook, TargetOutlook, Uncovered,
        Unfinished,
    },
    sql::{LockLevel, Statement, StatementKind, mentions, quote, split},
};

/// How often a backup goes over a table: it reads and digests it, copies it, and reads and digests the copy.
const PASSES: u128 = 3;
/// Longest part of a statement that is shown, in characters.
const STATEMENT_CHARS_MAX: usize = 100;

/// What is the same for all plans.
pub struct Look<'a> {
    client: &'a Client,
    database: String,
    server: Server,
    of_server: Vec<Failure>,
    /// Which database it is, and when.
    pub moment: Moment,
}

/// What was seen.
pub struct Looked {
    /// For people and programs.
    pub outlook: Outlook,
    /// The structure of the database.
    pub structure: Snapshot,
}

impl<'a> Look<'a> {
    /// Begins to look, in a session that can't write.
    pub async fn new(client: &'a Client, database: String) -> Result<Self, Problem> {
        let server = preflight::server(client).await.map_err(unreadable)?;
        let of_server = server.failures_for_others(client).await.map_err(unreadable)?;
        let moment = outlook::moment(client).await.map_err(unreadable)?;
        Ok(Look { client, database, server, of_server, moment })
    }

    /// Looks at what these plans, each behind those that it requires, would meet.
    pub async fn at(&self, sourced: &[Sourced]) -> Result<Looked, Problem> {
        let plans: Vec<&Plan<Rendered>> = sourced.iter().map(|sourced| sourced.resolved.plan()).collect();
        let (elsewhere, of_server) = self.of_server.iter().cloned().partition::<Vec<_>, _>(|failure| is_elsewhere(failure));
        let mut outlook = Outlook {
            database: self.database.clone(),
            role: self.moment.role.clone(),
            at: self.moment.now.clone(),
            lock: lock::holder(self.client).await.map_err(unreadable)?.map(|holder| holder.to_string()),
            unfinished: None,
            elsewhere,
            plans: Vec::new(),
            saved: None,
        };
        let applied = self.journal(&mut outlook).await?;
        let structure = scope::structure(self.client, &plans).await?;
        let drift = drift::since_last_backup(self.client, &structure).await.ok().flatten();
        for sourced in sourced {
            let standing = standing_of(sourced, applied.as_deref());
            let mut plan = PlanOutlook::new(sourced, standing);
            if plan.standing.is_pending() {
                plan.after = after(sourced, &outlook.plans);
                self.look(sourced, &of_server, &mut plan, &mut outlook.elsewhere).await?;
                plan.drift = drift.as_ref().map(|drift| in_scope(drift, &structure, sourced.resolved.plan()));
            }
            outlook.plans.push(plan);
        }
        let mut seen = BTreeSet::new();
        outlook.elsewhere.retain(|failure| seen.insert(failure.clone()));
        Ok(Looked { outlook, structure })
    }

    /// The applied plans; none where the role may not read the journal.
    async fn journal(&self, outlook: &mut Outlook) -> Result<Option<Vec<Applied>>, Problem> {
        let applied = match journal::applied(self.client).await {
            Ok(applied) => applied,
            Err(failure) if is_elsewhere(&failure) => {
                outlook.elsewhere.push(failure);
                return Ok(None);
            }
            Err(failure) => return Err(unreadable(failure)),
        };
        match journals::unfinished(self.client).await {
            Ok(found) => {
                outlook.unfinished = found.map(|found| Unfinished {
                    run: found.run.id.clone(),
                    plan: found.run.plan.clone(),
                    state: standing(&found.run).to_owned(),
                });
            }
            Err(Problem { told: Told::Failures(failures), .. }) if failures.iter().all(is_elsewhere) => {
                outlook.elsewhere.extend(failures);
            }
            Err(problem) => return Err(problem),
        }
        Ok(Some(applied))
    }

    async fn look(
        &self,
        sourced: &Sourced,
        of_server: &[Failure],
        outlook: &mut PlanOutlook,
        elsewhere: &mut Vec<Failure>,
    ) -> Result<(), Problem> {
        let plan = sourced.resolved.plan();
        let Examined { findings, targets, .. } = preflight::examine(self.client, plan, &self.server, of_server).await;
        let waits_for_plans = |failure: &Failure| failure.code == REQUIRED && !outlook.after.is_empty();
        let (elsewhere_now, here) = findings.failures.into_iter().partition::<Vec<_>, _>(is_elsewhere);
        elsewhere.extend(elsewhere_now);
        outlook.failures = here.into_iter().filter(|failure| !waits_for_plans(failure)).collect();
        outlook.warnings = findings.warnings;
        outlook.checks = check::phase(self.client, plan, CheckPhase::Before).await.map_err(unreadable)?;
        outlook.backup = Some(self.backup(plan, &targets).await?);
        (outlook.statements, outlook.uncovered) = self.statements(plan, &targets).await?;
        Ok(())
    }

    async fn backup(&self, plan: &Plan<Rendered>, targets: &[Relation]) -> Result<BackupOutlook, Problem> {
        let sizes = outlook::sizes(self.client, targets).await.map_err(unreadable)?;
        let bytes: u64 = sizes.iter().map(|size| size.bytes).sum();
        let (millis, basis) = self.estimate(targets, &sizes, bytes).await;
        let target = |size: &Size| TargetOutlook { table: size.table.clone(), rows: size.rows, bytes: size.bytes };
        Ok(BackupOutlook {
            schema: plan.backup.schema.shown().to_owned(),
            targets: sizes.iter().map(target).collect(),
            bytes,
            millis,
            basis,
        })
    }

    /// How long a backup takes, from a short measurement of the largest table.
    async fn estimate(&self, targets: &[Relation], sizes: &[Size], bytes: u64) -> (Option<u64>, String) {
        let largest = sizes.iter().max_by_key(|size| size.heap);
        let relation = largest.and_then(|size| targets.iter().find(|table| table.to_string() == size.table));
        let (Some(size), Some(relation)) = (largest, relation) else { return (None, "there is nothing to read".to_owned()) };
        match outlook::measure(self.client, relation, size).await {
            Ok(Some(measured)) => told(&measured, bytes),
            Ok(None) if size.heap == 0 => (Some(0), "the tables are empty".to_owned()),
            Ok(None) => (None, format!("a sample of {} could not be read within a second", size.table)),
            Err(failure) => (None, format!("{} could not be read: {}", size.table, failure.message)),
        }
    }

    async fn statements(
        &self,
        plan: &Plan<Rendered>,
        targets: &[Relation],
    ) -> Result<(Vec<StatementOutlook>, Vec<Uncovered>), Problem> {
        let relations = preflight::relations(self.client, plan).await.map_err(unreadable)?;
        let known = |name: &(Option<String>, String)| {
            let written = name.0.as_ref().map_or_else(|| quote::ident(&name.1), |schema| quote::qualified(schema, &name.1));
            relations.find(&written).ok().and_then(|found| found.first().copied().cloned())
        };
        let mut all: Vec<Seen> = Vec::new();
        if plan.backup.writers != Writers::Allow && plan.transaction == Transaction::Step && !targets.is_empty() {
            all.push(Seen {
                step: "backup".to_owned(),
                statement: "what keeps writers away or notes them".to_owned(),
                level: LockLevel::Writers,
                tables: targets.to_vec(),
                written: Vec::new(),
            });
        }
        for step in &plan.steps {
            // What can't be split is among the findings.
            for statement in split(step.sql.shown()).unwrap_or_default() {
                all.push(Seen::of(step.id.as_str(), &statement, &known));
            }
        }
        let tables: BTreeSet<String> = all.iter().flat_map(|seen| &seen.tables).map(Relation::quoted).collect();
        let tables: Vec<String> = tables.into_iter().collect();
        let holders = outlook::holders(self.client, &tables).await.map_err(unreadable)?;
        let allowed = plan.backup.allow_uncovered.iter().filter_map(|name| relations.find(name.sent()).ok()).flatten();
        let covered: BTreeSet<u32> = targets.iter().chain(allowed).map(|table| table.oid).collect();
        let uncovered = all.iter().flat_map(|seen| seen.uncovered(&covered)).collect::<BTreeSet<_>>();
        Ok((all.into_iter().map(|seen| seen.told(&holders)).collect(), uncovered.into_iter().collect()))
    }
}

/// A statement, with the relations that it names.
struct Seen {
    step: String,
    statement: String,
    level: LockLevel,
    tables: Vec<Relation>,
    /// Those that it writes to or drops, as far as its keywords tell.
    written: Vec<Relation>,
}

impl Seen {
    fn of(step: &str, statement: &Statement, known: &impl Fn(&(Option<String>, String)) -> Option<Relation>) -> Self {
        let mut tables: Vec<Relation> = Vec::new();
        for relation in mentions(statement.text()).iter().filter_map(known) {
            if !tables.contains(&relation) && !relation.is_of_the_system() {
                tables.push(relation);
            }
        }
        let one_line = statement.text().split_whitespace().collect::<Vec<_>>().join(" ");
        let mut shown: String = one_line.chars().take(STATEMENT_CHARS_MAX).collect();
        if shown.len() < one_line.len() {
            shown.push('…');
        }
        let written = written(statement, known);
        Seen { step: step.to_owned(), statement: shown, level: statement.lock(), tables, written }
    }

    fn uncovered(&self, covered: &BTreeSet<u32>) -> impl Iterator<Item = Uncovered> {
        let loose = self.written.iter().filter(|table| !covered.contains(&table.oid));
        loose.map(|table| Uncovered { table: table.to_string(), step: self.step.clone() })
    }

    fn told(self, holders: &BTreeMap<String, Vec<Holder>>) -> StatementOutlook {
        let held = self.tables.iter().flat_map(|table| {
            let holders = holders.get(&table.quoted()).into_iter().flatten();
            holders.filter(|holder| holder.stops(self.level)).map(|holder| lock_held(table, holder))
        });
        StatementOutlook {
            held: held.collect(),
            step: self.step,
            statement: self.statement,
            waits: match self.level {
                LockLevel::Everybody => "readers and writers",
                LockLevel::Writers => "writers",
                LockLevel::Maintenance | LockLevel::Rows | LockLevel::None => "nobody",
            }
            .to_owned(),
            tables: self.tables.iter().map(ToString::to_string).collect(),
        }
    }
}

fn lock_held(table: &Relation, holder: &Holder) -> LockHeld {
    LockHeld {
        table: table.to_string(),
        mode: holder.mode.clone(),
        pid: holder.pid,
        role: holder.role.clone(),
        application: holder.application.clone(),
        state: holder.state.clone(),
        seconds: holder.age.map(|age| age.as_secs()),
        query: holder.query.clone(),
    }
}

/// What the statement writes to, where its first words say it: INSERT INTO a, UPDATE a, DELETE FROM a, MERGE INTO a; all tables
/// of DROP TABLE and TRUNCATE.
fn written(statement: &Statement, known: &impl Fn(&(Option<String>, String)) -> Option<Relation>) -> Vec<Relation> {
    let text = statement.text();
    let first = text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    let is_table = |relation: &Relation| matches!(relation.kind, RelationKind::Table | RelationKind::Partitioned);
    let named = |text: &str| mentions(text).iter().filter_map(known).filter(is_table).collect::<Vec<_>>();
    match (statement.kind(), first.as_str()) {
        (
            StatementKind::Insert | StatementKind::Update | StatementKind::Delete | StatementKind::Merge,
            "INSERT" | "UPDATE" | "DELETE" | "MERGE",
        ) => {
            // The name stands in the first four words: DELETE FROM ONLY a.
            let mut words = String::new();
            for word in text.split_whitespace().take(4) {
                words += word;
                words.push(' ');
                let found = named(words.split('(').next().unwrap_or_default());
                if !found.is_empty() {
                    return found;
                }
            }
            Vec::new()
        }
        (StatementKind::Ddl, "TRUNCATE") => named(text),
        (StatementKind::Ddl, "DROP")
            if text.split_whitespace().nth(1).is_some_and(|word| word.eq_ignore_ascii_case("TABLE")) =>
        {
            named(text)
        }
        _ => Vec::new(),
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

fn standing_of(sourced: &Sourced, applied: Option<&[Applied]>) -> Standing {
    let plan = sourced.resolved.plan();
    let Some(applied) = applied else { return Standing::Unknown };
    match applied.iter().find(|applied| applied.plan == plan.name.as_str()) {
        None => Standing::Pending,
        Some(applied) if applied.fingerprint == sourced.resolved.fingerprint() => {
            Standing::Applied { at: applied.at.clone(), run: applied.run.to_string() }
        }
        Some(applied) if plan.repeat == Repeat::OnChange => Standing::Repeats { at: applied.at.clone() },
        Some(applied) => {
            let diff = TextDiff::from_lines(applied.rendered.as_str(), sourced.resolved.shown());
            let diff = diff.unified_diff().context_radius(2).header("applied", "given").to_string();
            Standing::Changed { at: applied.at.clone(), diff }
        }
    }
}

/// The plans of the same command that it requires and that have not run.
fn after(sourced: &Sourced, before: &[PlanOutlook]) -> Vec<String> {
    let required = &sourced.resolved.plan().requires;
    let waits_for =
        |plan: &&PlanOutlook| plan.standing.is_pending() && required.iter().any(|(name, _)| name.as_str() == plan.name);
    before.iter().filter(waits_for).map(|plan| plan.name.clone()).collect()
}

/// The changes that concern a plan: of objects that it relies on now, or relied on then.
fn in_scope(drift: &drift::Drift, now: &Snapshot, plan: &Plan<Rendered>) -> Drift {
    let scope = [&drift.then, now].map(|structure| scope::of_plans(structure, &[plan]));
    let concerns = |object: &crate::catalog::ObjectKey| scope.iter().any(|scope| scope.objects.contains_key(object));
    Drift {
        since: format!("backup {}", drift.backup),
        changes: drift.changes.iter().filter(|change| concerns(&change.object)).cloned().collect(),
    }
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

impl PlanOutlook {
    fn new(sourced: &Sourced, standing: Standing) -> Self {
        let plan = sourced.resolved.plan();
        PlanOutlook {
            name: plan.name.to_string(),
            path: sourced.path.clone(),
            description: plan.description.clone(),
            standing,
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
