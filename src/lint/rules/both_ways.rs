//! The way forward and the way back in one text.

use super::super::{
    example::{Example, sql, with},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::{plan::RuleLevel, sql::down_section};

/// The way forward and the way back in one text.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "both-ways",
    title: "the way forward and the way back in one text",
    group: Group::Halfway,
    level: RuleLevel::Error,
    condition: "The SQL of a step has another tool's section for the way back: that of goose, sql-migrate, dbmate, tern, Liquibase and \
        others.",
    effect: "To the server the markers are comments: both sections run one after the other, and the step undoes itself; the run refuses \
        such a step.",
    remedy: "Take the section out: write it into `undo`, or leave it out, because the backup brings everything back.",
    manual: None,
    claim: None,
    bad: Example::Steps(&[sql("-- migrate:up\n\
            ALTER TABLE public.orders ADD COLUMN memo text;\n\
            -- migrate:down\n\
            ALTER TABLE public.orders DROP COLUMN memo")]),
    good: Example::Steps(&[with(
        "undo: ALTER TABLE public.orders DROP COLUMN memo",
        "ALTER TABLE public.orders ADD COLUMN memo text",
    )]),
    find: Find::Step(find),
};

fn find(_: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    let text = step.step.sql.shown();
    if let Some(section) = down_section(text) {
        let end = text[section.down..].find('\n').map_or(text.len(), |length| section.down + length);
        said.in_sql(step.index, &(section.down..end), section.to_string());
    }
}
