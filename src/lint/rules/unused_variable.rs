//! A variable that nothing uses.

use std::ops::Range;

use super::super::{
    example::Example,
    location::Said,
    rule::{Find, Group, Rule},
    subject::LintSubject,
};
use crate::{
    plan::RuleLevel,
    render::{expressions, is_inside},
};

/// A variable that nothing uses.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "unused-variable",
    title: "a variable that nothing uses",
    group: Group::Plans,
    level: RuleLevel::Note,
    condition: "A declared variable is named in no template of the plan or its files.",
    effect: "Values that are given for it do nothing: most often a name is misspelt somewhere.",
    remedy: "Use it, or take it away.",
    manual: None,
    claim: None,
    bad: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        vars: {region: {type: string, default: eu}}\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: add, sql: ALTER TABLE public.orders ADD COLUMN region text}\n\
        ",
    ),
    good: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        vars: {region: {type: string, default: eu}}\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: add, sql: 'ALTER TABLE public.orders ADD COLUMN region text DEFAULT {{ region | literal }}'}\n\
        ",
    ),
    find: Find::Plan(find),
};

fn find(subject: &LintSubject<'_>, said: &mut Said) {
    if subject.written.vars.is_empty() {
        return;
    }
    let written = subject.written;
    // Every template of the plan in one text. A word too many only hides a finding.
    let templates = format!("{:?}{:?}{:?}{:?}", written.session, written.backup, written.checks, written.steps);
    let texts: Vec<_> =
        std::iter::once(&templates).chain(subject.files.values()).map(|text| (text.as_str(), expressions(text))).collect();
    for (name, variable) in &written.vars {
        if !texts.iter().any(|(text, expressions)| uses(text, expressions, name.as_str())) {
            said.at(variable.at, format!("nothing uses the variable `{name}`"));
        }
    }
}

/// Whether the name stands in an expression or block of the text.
fn uses(text: &str, expressions: &[Range<usize>], name: &str) -> bool {
    let is_word = |c: char| c == '_' || c.is_alphanumeric();
    text.match_indices(name).any(|(at, _)| {
        let is_whole = !text[..at].ends_with(is_word) && !text[at + name.len()..].starts_with(is_word);
        is_whole && is_inside(expressions, at)
    })
}
