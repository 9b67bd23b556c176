//! A new value of an enum that is used before it is committed.

use super::super::{
    example::{Example, sql, with},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// A new value of an enum that is used before it is committed.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "enum-value-used",
    title: "a new value of an enum that is used before it is committed",
    group: Group::Halfway,
    level: RuleLevel::Error,
    condition: "A value that is added to an enum is used in the same transaction.",
    effect: "PostgreSQL refuses it (unsafe use of new value) until the value has been committed.",
    remedy: "Add the value in a step of its own, before the one that uses it.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertype.html"),
    claim: None,
    bad: Example::Steps(&[with(
        "expect_rows: {at_least: 0}",
        "ALTER TYPE public.mood ADD VALUE 'calm';\n\
            UPDATE public.customers SET feels = 'calm' WHERE feels IS NULL",
    )]),
    good: Example::Steps(&[
        sql("ALTER TYPE public.mood ADD VALUE 'calm'"),
        with("expect_rows: {at_least: 0}", "UPDATE public.customers SET feels = 'calm' WHERE feels IS NULL"),
    ]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let OperationKind::AddEnumValue { name, value } = done.action() else { return None };
    let is_new_type = done
        .before_in_step()
        .any(|operation| matches!(&operation.action, OperationKind::CreateType { name: made } if done.subject.names.same(made, name)));
    let rest = done.step.step.sql.shown().get(done.statement.range.end..).unwrap_or_default();
    let is_used = !value.is_empty() && rest.contains(&format!("'{}'", value.replace('\'', "''")));
    (is_used && !is_new_type).then(|| format!("'{value}' is used in the transaction that adds it to {name}"))
}
