//! Whether the steps' statements can be run where the plan wants them.

use crate::{
    machine::Failure,
    plan::{Plan, Rendered, Step, StepTransaction, Text, Transaction},
    postgres::step::refusal_outside,
    sql::{Statement, Where, down_section, excerpt, line_column, place_of, refusals, split},
};

pub(super) fn failures(plan: &Plan<Rendered>, server_version: u32) -> Vec<Failure> {
    let inside = Where::InTransaction { server_version_num: server_version };
    let mut failures = Vec::new();
    for step in &plan.steps {
        if step.transaction == StepTransaction::None {
            if plan.transaction == Transaction::Plan {
                failures.push(not_in_one_transaction(step));
            }
            failures.extend(of(step, &step.sql, Where::Outside, server_version));
        } else {
            failures.extend(of(step, &step.sql, inside, server_version));
        }
        if let Some(undo) = &step.undo {
            failures.extend(of(step, undo, inside, server_version));
        }
    }
    failures
}

fn of(step: &Step<Rendered>, text: &Text, place: Where, server_version: u32) -> Vec<Failure> {
    let statements = match split(text.sent()) {
        Ok(statements) => statements,
        Err(problem) => {
            let failure = Failure::permanent(problem.code, format!("step {}: {}", step.id, problem.message));
            return vec![with_place(failure.hint(problem.help.clone()), text, problem.offset)];
        }
    };
    let refused = refusals(&statements, place).into_iter().map(|refusal| {
        let failure = Failure::permanent(refusal.code, format!("step {}: {}", step.id, refusal.message));
        with_place(failure.hint(refusal.help), text, refusal.offset)
    });
    let is_refused = |statement: &&Statement| statement.kind().is_never_run(server_version);
    let unguarded = statements.iter().filter(|one| place == Where::Outside && !is_refused(one)).filter_map(|statement| {
        let mut failure = refusal_outside(statement, server_version)?;
        failure.message = format!("step {}: {}", step.id, failure.message);
        Some(with_place(failure, text, statement.range().start))
    });
    refused.chain(unguarded).chain(uncounted(step, text)).chain(both_ways(step, text)).collect()
}

/// A file of another tool's with the way forward and the way back in it: run as it stands, it would undo itself.
fn both_ways(step: &Step<Rendered>, text: &Text) -> Option<Failure> {
    let section = down_section(text.sent())?;
    let message = format!("step {}: {section}, and a step would run both, one after the other", step.id);
    let failure = Failure::permanent("backstop::sql::both_ways", message);
    Some(with_place(failure.hint("Take the way back out of the file: write it into the step's `undo`, or leave it out, because the backup brings everything back."), text, section.down))
}

/// What rows a step wrote is told by counters that a superuser can switch off and on again, and nothing shows it.
fn uncounted(step: &Step<Rendered>, text: &Text) -> Option<Failure> {
    const SETTING: &str = "track_counts";
    let offset = place_of(text.sent(), SETTING)?;
    let message = format!("step {}: {SETTING} can't be changed by a plan: it hides which tables a step writes to", step.id);
    let failure = Failure::permanent("backstop::preflight::counters_changed", message);
    let hint = "Leave it out: what a step writes to a table that the backup does not hold could not be brought back.";
    Some(with_place(failure.hint(hint), text, offset))
}

/// With the line that is meant, unless a secret went into the SQL.
fn with_place(failure: Failure, text: &Text, offset: usize) -> Failure {
    if text.shown() != text.sent() {
        return failure;
    }
    let (line, column) = line_column(text.sent(), offset);
    failure.detail(format!("line {line}, column {column}:\n{}", excerpt(text.sent(), offset)))
}

fn not_in_one_transaction(step: &Step<Rendered>) -> Failure {
    Failure::permanent(
        "backstop::preflight::not_in_one_transaction",
        format!("step {} runs outside a transaction, the plan in a single one", step.id),
    )
    .hint("Leave out the plan's `transaction: plan`, or move the step to a plan of its own.")
}
