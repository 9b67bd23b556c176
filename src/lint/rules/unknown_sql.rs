//! SQL that lint does not understand.

use super::super::{
    example::{Example, sql},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::plan::RuleLevel;
use crate::sql::facts::UnreadReason;

/// SQL that lint does not understand.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "unknown-sql",
    title: "SQL that lint does not understand",
    group: Group::Halfway,
    level: RuleLevel::Note,
    condition: "The parser of lint doesn't know what stands there.",
    effect: "It may be a mistake that the server would tell, or newer than the parser; either way nothing more is \
        found in the statement.",
    remedy: "Try the plan on a throwaway server: `backstop apply --sandbox`.",
    manual: None,
    claim: None,
    bad: Example::Steps(&[sql("ALTER TABLE public.orders FROBNICATE COLUMN note")]),
    good: Example::Steps(&[sql("ALTER TABLE public.orders ADD COLUMN region text")]),
    find: Find::Step(find),
};

fn find(_: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    for statement in &step.statements {
        match &statement.unread {
            Some(UnreadReason::Unknown { at, message }) => {
                said.in_sql(step.index, at, format!("lint doesn't know what this is: {}", message.to_lowercase()));
            }
            Some(UnreadReason::TooDeep) => {
                said.in_sql(step.index, &statement.range, "the statement is nested more deeply than lint reads");
            }
            None => {}
        }
    }
}
