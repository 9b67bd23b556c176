//! A statement that no transaction takes.

use super::super::{
    example::{Example, outside, sql},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::{plan::RuleLevel, sql::StatementKind};

/// A statement that no transaction takes.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "needs-no-transaction",
    title: "a statement that no transaction takes",
    group: Group::Halfway,
    level: RuleLevel::Error,
    condition: "A statement that PostgreSQL refuses in a transaction block stands in a step that is one.",
    effect: "The step fails when it comes to it, after the backup was taken and earlier steps have committed.",
    remedy: "Give the statement a step of its own with `transaction: none`.",
    manual: Some("https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"),
    claim: None,
    bad: Example::Steps(&[sql("CREATE INDEX CONCURRENTLY orders_customer_idx ON public.orders (customer_id)")]),
    good: Example::Steps(&[outside("CREATE INDEX CONCURRENTLY orders_customer_idx ON public.orders (customer_id)")]),
    find: Find::Step(find),
};

/// The oldest server that plans run on, as `server_version_num` has it.
const OLDEST: u32 = 130_000;

fn find(_: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    if step.is_outside() {
        return;
    }
    let needs_none = |kind: StatementKind| !kind.runs_in_transaction(OLDEST) && !kind.is_never_run(OLDEST);
    for statement in step.statements.iter().filter(|statement| needs_none(statement.kind)) {
        let message = format!("{} can't run in a transaction block, and the step is one", statement.kind.name());
        said.in_sql(step.index, &statement.range, message);
    }
}
