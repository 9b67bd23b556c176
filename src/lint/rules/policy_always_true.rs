//! A policy that lets everybody write.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{OperationKind, PolicyCommand, Truth};

/// A policy that lets everybody write.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "policy-always-true",
    title: "a policy that lets everybody write",
    group: Group::Security,
    level: RuleLevel::Warning,
    condition: "A policy that allows writing has a condition that holds for every row.",
    effect: "Whom it is for may write all rows, as if there were no row-level security.",
    remedy: "Write what the rows must have in common with who writes them.",
    manual: Some("https://www.postgresql.org/docs/current/sql-createpolicy.html"),
    claim: None,
    bad: Example::Steps(&[sql("CREATE POLICY any_order ON public.orders FOR UPDATE TO app USING (true)")]),
    good: Example::Steps(&[sql(
        "CREATE POLICY own_orders ON public.orders FOR UPDATE TO app USING (status = current_user)",
    )]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Policy(policy) if !policy.restrictive && policy.command != PolicyCommand::Select => {
            let open = policy.using == Some(Truth::Always) || policy.check == Some(Truth::Always);
            (open && !policy.altered).then(|| format!("its condition holds for every row of {}", policy.table))
        }
        _ => None,
    }
}
