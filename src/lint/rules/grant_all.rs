//! All rights at once.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// All rights at once.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "grant-all",
    title: "all rights at once",
    group: Group::Security,
    level: RuleLevel::Note,
    condition: "GRANT ALL to a role.",
    effect: "It holds TRUNCATE, REFERENCES and TRIGGER as well, and what later versions add, MAINTAIN for instance.",
    remedy: "Name the privileges that the role needs.",
    manual: Some("https://www.postgresql.org/docs/current/ddl-priv.html"),
    claim: None,
    bad: Example::Steps(&[sql("GRANT ALL ON public.orders TO app")]),
    good: Example::Steps(&[sql("GRANT SELECT, INSERT, UPDATE ON public.orders TO app")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Grant { to_public: false, all: true } => {
            Some("the role gets more than SELECT, INSERT, UPDATE and DELETE".to_owned())
        }
        _ => None,
    }
}
