//! A password in clear.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// A password in clear.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "password-in-sql",
    title: "a password in clear",
    group: Group::Security,
    level: RuleLevel::Error,
    condition: "A password stands in the SQL of a step.",
    effect: "Everybody who reads the repository, the journal or the server's log knows it.",
    remedy: "Declare a variable of type secret and write `{{ name | literal }}`: it is redacted everywhere.",
    manual: Some("https://www.postgresql.org/docs/current/sql-createrole.html"),
    claim: None,
    bad: Example::Steps(&[sql("ALTER ROLE app PASSWORD 'swordfish'")]),
    good: Example::Plan(
        "format: backstop/v1\n\
        name: example\n\
        vars: {app_password: {type: secret, default: {env: APP_PASSWORD}}}\n\
        backup: {targets: [{tables: [public.orders]}]}\n\
        checks: {after: [{id: orders-are-there, row_count: {table: public.orders, at_least: 1}}]}\n\
        steps:\n\
        \x20 - {id: set, sql: \"ALTER ROLE app PASSWORD {{ app_password | literal }}\"}\n\
        ",
    ),
    find: Find::Anywhere(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Password => Some("a password stands here for everybody to read".to_owned()),
        _ => None,
    }
}
