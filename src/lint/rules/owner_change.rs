//! An object that changes hands.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// An object that changes hands.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "owner-change",
    title: "an object that changes hands",
    group: Group::Security,
    level: RuleLevel::Note,
    condition: "OWNER TO or REASSIGN OWNED.",
    effect: "The new owner may do everything with it, grant it to others and drop it; functions with their owner's \
        rights run with others from then on.",
    remedy: "Make sure that the new owner is a role that nobody logs in with.",
    manual: Some("https://www.postgresql.org/docs/current/sql-reassign-owned.html"),
    claim: None,
    bad: Example::Steps(&[sql("ALTER TABLE public.orders OWNER TO app")]),
    good: Example::Steps(&[sql("GRANT SELECT ON public.orders TO app")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::ChangeOwner => Some("it belongs to another role from now on".to_owned()),
        OperationKind::AlterTable { .. } => None,
        _ => None,
    }
}
