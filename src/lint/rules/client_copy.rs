//! COPY from or to the client.

use super::super::{
    example::{Example, sql},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::plan::RuleLevel;
use crate::sql::StatementKind;

/// COPY from or to the client.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "client-copy",
    title: "COPY from or to the client",
    group: Group::Halfway,
    level: RuleLevel::Error,
    condition: "COPY … FROM STDIN or TO STDOUT stands in a step.",
    effect: "There is no client that would send or take the rows; the run refuses such a step.",
    remedy: "Write the rows as INSERT, or let the server read a file with COPY … FROM 'file'.",
    manual: Some("https://www.postgresql.org/docs/current/sql-copy.html"),
    claim: None,
    bad: Example::Steps(&[sql("COPY public.orders (id, status) FROM STDIN")]),
    good: Example::Steps(&[sql("INSERT INTO public.orders (id, status) VALUES (1000001, 'new')")]),
    find: Find::Step(find),
};

fn find(_: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    let copies = |kind| matches!(kind, StatementKind::CopyFromStdin | StatementKind::CopyToStdout);
    for statement in step.statements.iter().filter(|statement| copies(statement.kind)) {
        said.in_sql(step.index, &statement.range, format!("{} has no client to talk to", statement.kind.name()));
    }
}
