//! ALTER SYSTEM.

use super::super::{
    example::{Example, sql, with},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::plan::RuleLevel;
use crate::sql::StatementKind;

/// ALTER SYSTEM.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "alter-system",
    title: "ALTER SYSTEM",
    group: Group::Security,
    level: RuleLevel::Warning,
    condition: "ALTER SYSTEM.",
    effect: "It changes the whole server, for every database on it, and no restore takes it back.",
    remedy: "Set it where the server is administered; for this database ALTER DATABASE … SET is enough.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altersystem.html"),
    claim: None,
    bad: Example::Steps(&[with(
        "transaction: none\n\
            probe: SELECT current_setting('work_mem') = '1GB'",
        "ALTER SYSTEM SET work_mem = '1GB'",
    )]),
    good: Example::Steps(&[sql("ALTER ROLE app SET work_mem = '64MB'")]),
    find: Find::Step(find),
};

fn find(_: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    for statement in step.statements.iter().filter(|statement| statement.kind == StatementKind::AlterSystem) {
        said.in_sql(step.index, &statement.range, "it changes every database of the server, and no restore takes it back");
    }
}
