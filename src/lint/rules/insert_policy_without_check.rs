//! A policy for INSERT that allows nothing.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{OperationKind, PolicyCommand};

/// A policy for INSERT that allows nothing.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "insert-policy-without-check",
    title: "a policy for INSERT that allows nothing",
    group: Group::Security,
    level: RuleLevel::Warning,
    condition: "A policy FOR INSERT has no WITH CHECK.",
    effect: "It allows nothing: INSERT fails for those whom it is for, unless another policy lets them.",
    remedy: "Add WITH CHECK.",
    manual: Some("https://www.postgresql.org/docs/current/sql-createpolicy.html"),
    claim: None,
    bad: Example::Steps(&[sql("CREATE POLICY new_orders ON public.orders FOR INSERT TO app")]),
    good: Example::Steps(&[sql(
        "CREATE POLICY new_orders ON public.orders FOR INSERT TO app WITH CHECK (status = current_user)",
    )]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Policy(policy)
            if policy.command == PolicyCommand::Insert && policy.check.is_none() && !policy.altered =>
        {
            Some(format!("the policy lets nobody insert into {}", policy.table))
        }
        _ => None,
    }
}
