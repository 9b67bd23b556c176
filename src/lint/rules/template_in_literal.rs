//! Template comments and blocks within a constant of SQL.

use super::super::{
    example::Example,
    location::Said,
    rule::{Find, Group, Rule},
    subject::LintSubject,
};
use crate::{
    plan::{FileIndex, Place, RuleLevel, SqlSource},
    render::{files_wanted, in_literals},
};

/// Template comments and blocks within a constant of SQL.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "template-in-literal",
    title: "template comments and blocks within a constant of SQL",
    group: Group::Plans,
    level: RuleLevel::Error,
    condition: "`{# … #}` or `{% … %}` stands between the quotes of a constant or a name.",
    effect: "The template language takes it away before PostgreSQL sees it: a text that was meant as it stands is stored without it.",
    remedy: "Write the text as an expression, `{{ \"{# … #}\" | literal }}`, or keep it with `{% raw %} … {% endraw %}`; build a text of \
        several parts outside of the quotes.",
    manual: None,
    claim: None,
    bad: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: note, sql: \"UPDATE public.orders SET status = '{# as it is #}' WHERE id = 1\", expect_rows: 1}\n\
        ",
    ),
    good: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: note, sql: \"UPDATE public.orders SET status = {{ '{# as it is #}' | literal }} WHERE id = 1\", expect_rows: 1}\n\
        ",
    ),
    find: Find::Plan(find),
};

fn find(subject: &LintSubject<'_>, said: &mut Said) {
    for step in &subject.written.steps {
        let inline = match &step.sql {
            SqlSource::Inline(template) => Some(template),
            SqlSource::File(_) => None,
        };
        for template in [inline, step.undo.as_ref(), step.probe.as_ref()].into_iter().flatten() {
            for found in in_literals(&template.source) {
                said.at(template.at, message(&template.source[found]));
            }
        }
    }
    for (nth, path) in files_wanted(subject.written).iter().enumerate() {
        let Some(text) = subject.files.get(path) else { continue };
        for found in in_literals(text) {
            let at = Place { file: FileIndex(nth + 1), start: found.start, len: found.len() };
            said.at(at, message(&text[found]));
        }
    }
}

fn message(construct: &str) -> String {
    const CHARS_MAX: usize = 40;
    let line = construct.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown: String = line.chars().take(CHARS_MAX).collect();
    let more = if line.chars().count() > CHARS_MAX { "…" } else { "" };
    format!("`{shown}{more}` stands within a constant, and is taken away from it")
}
