//! A check that cannot fail.

use super::super::{
    example::Example,
    location::Said,
    rule::{Find, Group, Rule},
    subject::{CheckFacts, LintSubject},
};
use crate::{
    checks,
    plan::{Phase, RuleLevel, Severity},
};

/// A check that cannot fail.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "check-cannot-fail",
    title: "a check that cannot fail",
    group: Group::Plans,
    level: RuleLevel::Warning,
    condition: "A check holds whatever the database is like: its bounds take any number, or its query reads nothing and \
        calls nothing.",
    effect: "It looks like a proof and is none.",
    remedy: "Write what must hold: a bound, or a query over what the plan changes.",
    manual: None,
    claim: None,
    bad: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 0}}]}\n\
        steps:\n\
        \x20 - {id: add, sql: ALTER TABLE public.orders ADD COLUMN region text}\n\
        ",
    ),
    good: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: add, sql: ALTER TABLE public.orders ADD COLUMN region text}\n\
        ",
    ),
    find: Find::Plan(find),
};

fn find(subject: &LintSubject<'_>, said: &mut Said) {
    let asked = |check: &&CheckFacts<'_>| check.phase != Phase::Unchanged && check.check.severity != Severity::Info;
    for check in subject.checks.iter().filter(asked) {
        let kind = &check.check.kind;
        let of_kind = checks::find(kind.name).and_then(|known| (known.cannot_fail)(kind));
        let is_constant = || kind.query().is_some_and(|sql| is_constant(sql.shown(), check));
        let why = of_kind.or_else(|| is_constant().then_some("its query reads nothing and calls nothing"));
        let Some(why) = why else { continue };
        said.at(check.check.at, format!("`{}` can't fail: {why}", check.check.id));
    }
}

/// Whether the query says the same whatever the database is like; one that can't be read may say anything.
fn is_constant(sql: &str, check: &CheckFacts<'_>) -> bool {
    let is_read = check.query.len() == 1 && check.query.iter().all(|query| query.unread.is_none() && query.reads.is_empty());
    is_read
        && !sql.contains('(')
        && !sql.to_ascii_lowercase().contains("current_")
        && !sql.to_ascii_lowercase().contains("table")
}
