//! A statement that no plan runs.

use super::super::{
    example::{Example, outside, sql},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::plan::RuleLevel;

/// A statement that no plan runs.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "never-run",
    title: "a statement that no plan runs",
    group: Group::Halfway,
    level: RuleLevel::Error,
    condition: "A statement that PostgreSQL refuses in a transaction block and that nobody could take back: ALTER SYSTEM, CREATE and DROP \
        DATABASE or TABLESPACE, CREATE SUBSCRIPTION that makes its slot, DISCARD ALL and their like.",
    effect: "The run refuses it wherever it stands, with `transaction: none` as well, before anything is changed.",
    remedy: "Run it by hand before the plan or after it; settings of a database or role can be set by a step.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altersystem.html"),
    claim: None,
    bad: Example::Steps(&[outside("CREATE DATABASE reports")]),
    good: Example::Steps(&[sql("ALTER ROLE app SET work_mem = '64MB'")]),
    find: Find::Step(find),
};

/// The oldest server that plans run on, as `server_version_num` has it.
const OLDEST: u32 = 130_000;

fn find(_: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    for statement in step.statements.iter().filter(|statement| statement.kind.is_never_run(OLDEST)) {
        let message = format!("{} is run by no plan. {}", statement.kind.name(), statement.kind.instead());
        said.in_sql(step.index, &statement.range, message.trim_end_matches('.'));
    }
}
