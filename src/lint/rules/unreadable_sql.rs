//! SQL that nobody can divide into statements.

use super::super::{
    example::{Example, sql},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::plan::RuleLevel;

/// SQL that nobody can divide into statements.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "unreadable-sql",
    title: "SQL that nobody can divide into statements",
    group: Group::Halfway,
    level: RuleLevel::Error,
    condition: "The SQL of a step can't be divided into statements, or there is none in it.",
    effect: "The run refuses such a step.",
    remedy: "Close what is open, and write SQL where psql's own commands stand.",
    manual: None,
    claim: None,
    bad: Example::Steps(&[sql("SELECT 'no end")]),
    good: Example::Steps(&[sql("SELECT 'an end'")]),
    find: Find::Step(find),
};

fn find(_: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    match &step.problem {
        Some(problem) => {
            said.in_sql(step.index, &(problem.offset..problem.offset + 1), format!("{}: {}", problem.message, problem.help))
        }
        None if step.statements.is_empty() => said.at(step.step.at, "the step holds no statement"),
        None => {}
    }
}
