//! DROP DATABASE.

use super::super::{
    example::{Example, sql, with},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::plan::RuleLevel;
use crate::sql::StatementKind;

/// DROP DATABASE.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "drop-database",
    title: "DROP DATABASE",
    group: Group::Loss,
    level: RuleLevel::Error,
    condition: "DROP DATABASE.",
    effect: "All that is in it is gone, and no backup of a plan covers another database.",
    remedy: "Drop databases where the server is administered, after a backup of the whole.",
    manual: Some("https://www.postgresql.org/docs/current/sql-dropdatabase.html"),
    claim: None,
    bad: Example::Steps(&[with(
        "transaction: none\n\
            probe: SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname = 'old_shop')",
        "DROP DATABASE old_shop",
    )]),
    good: Example::Steps(&[sql("DROP VIEW public.recent_orders")]),
    find: Find::Step(find),
};

fn find(_: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    for statement in step.statements.iter().filter(|statement| statement.kind == StatementKind::DropDatabase) {
        said.in_sql(step.index, &statement.range, "all of the database is gone, and nothing takes it back");
    }
}
