//! What a plan's statements lock and write, and who is in their way at this moment.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Client;

use super::super::problem::OperationProblem;
use crate::{
    plan::{Plan, Rendered, Transaction, Writers},
    postgres::{
        dry_run::{self, TableLockHolder},
        preflight,
        relation::{Relation, RelationKind, Relations},
    },
    report::dry_run::{LockHeld, StatementForecast, Uncovered},
    secrets,
    sql::{
        LockLevel, QualifiedName,
        facts::{self, DroppedKind, Operation, OperationKind, StatementFacts, TableAction, When},
        mentions, quote,
    },
};

/// Longest part of a statement that is shown, in characters.
const STATEMENT_CHARS_MAX: usize = 100;

/// The plan's statements, and what they would change without a backup.
pub(super) async fn look(
    client: &Client,
    plan: &Plan<Rendered>,
    targets: &[Relation],
) -> Result<(Vec<StatementForecast>, Vec<Uncovered>), OperationProblem> {
    let relations = preflight::relations(client, plan).await.map_err(OperationProblem::unreadable)?;
    let mut all: Vec<StatementRelations> = of_backup(plan, targets).into_iter().collect();
    let texts: Vec<&str> = plan.steps.iter().map(|step| step.sql.shown()).collect();
    for (step, read) in plan.steps.iter().zip(facts::read(&texts)) {
        // What can't be split is among the findings.
        let statements = read.unwrap_or_default();
        all.extend(
            statements.iter().map(|facts| StatementRelations::of(step.id.as_str(), step.sql.shown(), facts, &relations)),
        );
    }
    let tables: BTreeSet<String> = all.iter().flat_map(|seen| &seen.tables).map(Relation::quoted).collect();
    let tables: Vec<String> = tables.into_iter().collect();
    let holders = dry_run::holders(client, &tables).await.map_err(OperationProblem::unreadable)?;
    let allowed = plan.backup.allow_uncovered.iter().filter_map(|name| relations.find(name.sent()).ok()).flatten();
    let covered: BTreeSet<u32> = targets.iter().chain(allowed).map(|table| table.oid).collect();
    let uncovered: BTreeSet<Uncovered> = all.iter().flat_map(|seen| seen.uncovered(&covered)).collect();
    Ok((all.into_iter().map(|seen| seen.told(&holders)).collect(), uncovered.into_iter().collect()))
}

/// What the backup itself locks: the triggers that keep writers away, or note them.
fn of_backup(plan: &Plan<Rendered>, targets: &[Relation]) -> Option<StatementRelations> {
    let has_triggers = plan.backup.writers != Writers::Allow && plan.transaction == Transaction::Step;
    (has_triggers && !targets.is_empty()).then(|| StatementRelations {
        step: "backup".to_owned(),
        statement: "what keeps writers away or notes them".to_owned(),
        level: LockLevel::Writers,
        tables: targets.to_vec(),
        written: Vec::new(),
    })
}

/// A statement, with the relations that it names.
struct StatementRelations {
    step: String,
    statement: String,
    level: LockLevel,
    tables: Vec<Relation>,
    /// Those that it writes to or drops, as far as it can be read.
    written: Vec<Relation>,
}

impl StatementRelations {
    fn of(step: &str, text: &str, facts: &StatementFacts, relations: &Relations) -> Self {
        let statement = text.get(facts.range.clone()).unwrap_or_default();
        let mut tables: Vec<Relation> = Vec::new();
        for (schema, name) in mentions(statement) {
            match known(relations, &QualifiedName { schema, name }) {
                Some(relation) if !relation.is_of_the_system() && !tables.contains(&relation) => tables.push(relation),
                _ => {}
            }
        }
        let operations = facts.operations.iter().filter(|operation| operation.when != When::InRoutine);
        let written = operations.flat_map(written).filter_map(|name| known(relations, name)).filter(|relation| {
            matches!(relation.kind, RelationKind::Table | RelationKind::Partitioned | RelationKind::Foreign)
        });
        StatementRelations {
            step: step.to_owned(),
            statement: shown(statement),
            level: facts.lock,
            written: written.collect(),
            tables,
        }
    }

    fn uncovered(&self, covered: &BTreeSet<u32>) -> impl Iterator<Item = Uncovered> {
        let loose = self.written.iter().filter(|table| !covered.contains(&table.oid));
        loose.map(|table| Uncovered { table: table.to_string(), step: self.step.clone() })
    }

    fn told(self, holders: &BTreeMap<String, Vec<TableLockHolder>>) -> StatementForecast {
        let held = self.tables.iter().flat_map(|table| {
            let holders = holders.get(&table.quoted()).into_iter().flatten();
            holders.filter(|holder| holder.stops(self.level)).map(|holder| lock_held(table, holder))
        });
        StatementForecast {
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

fn known(relations: &Relations, name: &QualifiedName) -> Option<Relation> {
    let written =
        name.schema.as_ref().map_or_else(|| quote::ident(&name.name), |schema| quote::qualified(schema, &name.name));
    relations.find(&written).ok().and_then(|found| found.first().copied().cloned())
}

/// The tables that a operation takes rows from or gives them other values.
fn written(operation: &Operation) -> Vec<&QualifiedName> {
    match &operation.action {
        OperationKind::Write { table, .. } | OperationKind::AlterTable { table, action: TableAction::SetType { .. } } => {
            vec![table]
        }
        OperationKind::Truncate { tables, .. } => tables.iter().collect(),
        OperationKind::Drop { what: DroppedKind::Table, names, .. } => names.iter().collect(),
        _ => Vec::new(),
    }
}

/// The statement on one line, cut.
fn shown(statement: &str) -> String {
    let one_line = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    let (mut shown, is_cut) = secrets::beginning(&one_line, STATEMENT_CHARS_MAX);
    if is_cut {
        shown.push('…');
    }
    shown
}

fn lock_held(table: &Relation, holder: &TableLockHolder) -> LockHeld {
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
