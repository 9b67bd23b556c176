//! Row-level security without a policy.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{Operation, OperationKind, TableAction};

/// Row-level security without a policy.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "row-security-without-policy",
    title: "row-level security without a policy",
    group: Group::Security,
    level: RuleLevel::Warning,
    condition: "Row-level security is enabled, and the plan makes no policy for the table.",
    effect: "Without a policy nobody but the owner sees any row.",
    remedy: "Make the policies in the same step.",
    manual: Some("https://www.postgresql.org/docs/current/ddl-rowsecurity.html"),
    claim: None,
    bad: Example::Steps(&[sql("ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY")]),
    good: Example::Steps(&[sql("ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY;\n\
            CREATE POLICY own_orders ON public.orders FOR SELECT TO app USING (status = current_user)")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::AlterTable { table, action: TableAction::RowSecurity { enabled: true } } => {
            let is_policy = |operation: &Operation| matches!(&operation.action, OperationKind::Policy(policy) if done.subject.names.same(&policy.table, table));
            (!done.before().chain(done.after()).any(is_policy))
                .then(|| format!("nobody but the owner sees a row of {table} unless it has policies already"))
        }
        _ => None,
    }
}
