//! COMMIT and ROLLBACK in blocks and procedures that steps run: a step is one transaction, and nothing in it can end that. The server
//! says so when it comes to it, in the midst of a run; here it is read before, in the plan and in procedures of the database.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error};

use super::findings::PreflightFindings;
use crate::{
    machine::Failure,
    plan::{Plan, Rendered, StepId, StepTransaction},
    sql::{
        QualifiedName,
        facts::{self, Operation, OperationKind, StatementFacts, When},
    },
};

/// So many calls of calls are followed.
const CALLS_MAX: usize = 16;

/// Whether a body ends its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ends {
    Never,
    /// Under a condition, or in some procedures of this name.
    Perhaps,
    Always,
}

/// Looks at what the steps, and what takes them back, run.
pub(super) async fn look(client: &Client, plan: &Plan<Rendered>, findings: &mut PreflightFindings) -> Result<(), Error> {
    let in_transaction = plan.steps.iter().filter(|step| step.transaction != StepTransaction::None);
    let forward = in_transaction.map(|step| (&step.id, step.sql.sent()));
    let back = plan.steps.iter().filter_map(|step| Some((&step.id, step.undo.as_ref()?.sent())));
    let (steps, texts): (Vec<&StepId>, Vec<&str>) = forward.chain(back).unzip();
    // What can't be split is refused elsewhere.
    let read: Vec<Vec<StatementFacts>> = facts::read(&texts).into_iter().map(Result::unwrap_or_default).collect();
    let statements: Vec<&StatementFacts> = read.iter().flatten().collect();
    let made = ProcedureLookup { statements: &statements, schemas: &schemas(plan) };
    for (step, statements) in steps.into_iter().zip(&read) {
        // A CALL in a block is a statement in a statement, and may stand there often.
        let mut told: BTreeSet<String> = BTreeSet::new();
        for operation in statements
            .iter()
            .flat_map(|statement| &statement.operations)
            .filter(|operation| operation.when != When::InRoutine)
        {
            let (what, ends) = match &operation.action {
                OperationKind::EndTransaction { .. } => {
                    ("its block".to_owned(), ends(std::slice::from_ref(&operation), operation.when))
                }
                OperationKind::Call { procedure } => {
                    (format!("procedure {}", procedure.quoted()), made.called(client, procedure).await?)
                }
                _ => continue,
            };
            if told.insert(format!("{what} {ends:?}")) {
                findings.told(step, &what, ends);
            }
        }
    }
    Ok(())
}

/// Where procedures are looked for: in what the plan makes, and in the database.
struct ProcedureLookup<'a> {
    statements: &'a [&'a StatementFacts],
    schemas: &'a [String],
}

impl ProcedureLookup<'_> {
    async fn called(&self, client: &Client, procedure: &QualifiedName) -> Result<Ends, Error> {
        let mut waiting = vec![procedure.clone()];
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut all = Ends::Never;
        while let Some(next) = waiting.pop() {
            if seen.len() >= CALLS_MAX || !seen.insert(next.quoted()) {
                continue;
            }
            let bodies = self.bodies(client, &next).await?;
            let found: Vec<Ends> = bodies.iter().map(|body| ends(&Vec::from_iter(body), When::InRoutine)).collect();
            let most = found.iter().max().copied().unwrap_or(Ends::Never);
            // Which of several is meant, their arguments say.
            let of_all = if found.iter().all(|one| *one == most) { most } else { most.min(Ends::Perhaps) };
            all = all.max(of_all);
            for operation in bodies.iter().flatten() {
                if let (When::InRoutine, OperationKind::Call { procedure }) = (operation.when, &operation.action) {
                    waiting.push(procedure.clone());
                }
            }
        }
        Ok(all)
    }

    /// What procedures of this name do, one list a procedure. What the plan makes stands for what is there so far.
    async fn bodies(&self, client: &Client, name: &QualifiedName) -> Result<Vec<Vec<Operation>>, Error> {
        const BODIES: &str = "SELECT pg_catalog.pg_get_functiondef(p.oid) FROM pg_catalog.pg_proc AS p
            JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
            JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
            WHERE p.prokind = 'p' AND l.lanname = 'plpgsql' AND p.proname = $1 AND n.nspname = ANY ($2::text[])";
        let makes =
            |act: &OperationKind| matches!(act, OperationKind::CreateRoutine(routine) if routine.name.name == name.name);
        let makers =
            self.statements.iter().filter(|statement| statement.operations.iter().any(|operation| makes(&operation.action)));
        let planned: Vec<Vec<Operation>> = makers.map(|statement| statement.operations.clone()).collect();
        if !planned.is_empty() {
            return Ok(planned);
        }
        let schemas = name.schema.as_ref().map_or_else(|| self.schemas.to_vec(), |schema| vec![schema.clone()]);
        let rows = client.query(BODIES, &[&name.name, &schemas]).await?;
        let definitions = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, Error>>()?;
        let texts: Vec<&str> = definitions.iter().map(String::as_str).collect();
        let read = facts::read(&texts).into_iter().map(Result::unwrap_or_default);
        Ok(read.map(|statements| statements.into_iter().flat_map(|statement| statement.operations).collect()).collect())
    }
}

fn ends(operations: &[&Operation], when: When) -> Ends {
    let of = |operation: &&Operation| match &operation.action {
        OperationKind::EndTransaction { is_conditional: true } if operation.when == when => Ends::Perhaps,
        OperationKind::EndTransaction { is_conditional: false } if operation.when == when => Ends::Always,
        _ => Ends::Never,
    };
    operations.iter().map(of).max().unwrap_or(Ends::Never)
}

/// Those in which a name without its schema is found.
fn schemas(plan: &Plan<Rendered>) -> Vec<String> {
    plan.session.search_path.iter().map(|schema| schema.sent().to_owned()).collect()
}

impl PreflightFindings {
    fn told(&mut self, step: &StepId, what: &str, ends: Ends) {
        const HINT: &str =
            "Leave COMMIT and ROLLBACK out, or write the loop as a step with `batch:`, which commits range by range.";
        match ends {
            Ends::Never => {}
            Ends::Perhaps => self.warnings.push(format!(
                "step {step}: {what} has a COMMIT or ROLLBACK in it: where it comes to that, the step fails, because it is one transaction"
            )),
            Ends::Always => {
                let message = format!("step {step}: {what} ends the transaction that the step is, which the server refuses");
                self.failures.push(Failure::permanent("backstop::preflight::commit_in_body", message).hint(HINT));
            }
        }
    }
}
