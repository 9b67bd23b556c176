//! What stands in the way of carrying writes of others over, and what is worth a word. The privileges for it are among those of every
//! target.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error, Row, types::Oid};

use super::findings::PreflightFindings;
use crate::{
    machine::Failure,
    plan::{Plan, Rendered, Transaction, Writers},
    postgres::{relation::Relation, search_path::PlanPath},
    sql::{
        QualifiedName,
        facts::{self, Operation, OperationKind, TableAction, When},
    },
};

/// Looks for targets whose changed rows would have to be looked for, or would not be found again because a step gives rows other keys.
pub(super) async fn look(
    client: &Client,
    plan: &Plan<Rendered>,
    targets: &[Relation],
    findings: &mut PreflightFindings,
) -> Result<(), Error> {
    if plan.backup.writers != Writers::Capture || plan.transaction == Transaction::Plan {
        return Ok(());
    }
    let oids: Vec<Oid> = targets.iter().map(|table| table.oid).collect();
    let mut columns = Vec::new();
    for row in client.query(include_str!("writers.sql"), &[&oids]).await? {
        let table: String = row.try_get(0)?;
        match KeyColumn::read(&row)? {
            Some(column) => columns.push(column),
            None => findings.warnings.push(format!(
                "{table} has no key: what others change of it is looked for by whole rows when it is carried over, which is slow"
            )),
        }
    }
    findings.failures.extend(changed_keys(plan, &columns));
    Ok(())
}

/// A column by which the rows of a target are found again, or that others follow.
#[derive(Debug, Clone, PartialEq, Eq)]
struct KeyColumn {
    /// The target.
    target: String,
    /// Where the column stands.
    table: QualifiedName,
    column: String,
}

impl KeyColumn {
    fn read(row: &Row) -> Result<Option<Self>, Error> {
        let (schema, name, column): (Option<String>, Option<String>, Option<String>) =
            (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        let target = row.try_get(0)?;
        let found = name.zip(column);
        Ok(found.map(|(name, column)| KeyColumn { target, table: QualifiedName { schema, name }, column }))
    }

    /// Whether SQL that looks for tables in these schemas means its table.
    fn is_of(&self, written: &QualifiedName, path: &[String]) -> bool {
        let is_there = |schema: &String| match &written.schema {
            Some(named) => named == schema,
            None => path.contains(schema),
        };
        self.table.name == written.name && self.table.schema.as_ref().is_some_and(is_there)
    }
}

/// A failure for each step that gives rows of a target other keys, as far as its SQL says so.
fn changed_keys(plan: &Plan<Rendered>, columns: &[KeyColumn]) -> Vec<Failure> {
    let path = PlanPath::of(&plan.session);
    let texts: Vec<&str> = plan.steps.iter().map(|step| step.sql.sent()).collect();
    // What can't be split is refused elsewhere.
    let read = facts::read(&texts).into_iter().map(Result::unwrap_or_default);
    let mut failures = Vec::new();
    for (step, statements) in plan.steps.iter().zip(read) {
        let operations = statements.iter().flat_map(|statement| &statement.operations);
        let changed: BTreeSet<(&str, &str)> = operations
            .filter(|operation| operation.when != When::InRoutine)
            .flat_map(|operation| keys_of(operation, columns, path.schemas()))
            .collect();
        failures.extend(changed.into_iter().map(|(target, column)| {
            let message = format!(
                "step {}: rows of {target} get another {column}, by which what others write to them meanwhile is made again",
                step.id
            );
            Failure::permanent("backstop::preflight::keys_changed", message).hint(
                "Say `writers: block` in the plan's backup: nobody writes to the targets then until the run has ended. Or let a plan of its own do this step.",
            )
        }));
    }
    failures
}

/// The keys that an operation changes, each as the target and the column.
fn keys_of<'a>(
    operation: &Operation,
    columns: &'a [KeyColumn],
    path: &[String],
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let (table, set): (Option<&QualifiedName>, &[String]) = match &operation.action {
        OperationKind::Write { table, set, .. } => (Some(table), set),
        OperationKind::AlterTable { table, action: TableAction::SetType { column, computed: true, .. } } => {
            (Some(table), std::slice::from_ref(column))
        }
        _ => (None, &[]),
    };
    let is_changed = |key: &&KeyColumn| table.is_some_and(|table| key.is_of(table, path)) && set.contains(&key.column);
    let changed: Vec<_> = columns.iter().filter(is_changed).collect();
    changed.into_iter().map(|key| (key.target.as_str(), key.column.as_str()))
}
