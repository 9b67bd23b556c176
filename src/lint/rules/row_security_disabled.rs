//! Row-level security that is switched off.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{Operation, OperationKind, TableAction};

/// Row-level security that is switched off.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "row-security-disabled",
    title: "row-level security that is switched off",
    group: Group::Security,
    level: RuleLevel::Warning,
    condition: "Row-level security of a table in use is disabled.",
    effect: "Every role with SELECT sees every row from then on.",
    remedy: "Leave it on, and change the policies.",
    manual: Some("https://www.postgresql.org/docs/current/ddl-rowsecurity.html"),
    claim: None,
    bad: Example::Steps(&[sql("ALTER TABLE public.customers DISABLE ROW LEVEL SECURITY")]),
    good: Example::Steps(&[sql("CREATE POLICY all_customers ON public.customers FOR SELECT TO app USING (true)")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::AlterTable { table, action: TableAction::RowSecurity { enabled: false } } if done.is_used(table) => {
            let is_back = |operation: &Operation| matches!(&operation.action, OperationKind::AlterTable { table: other, action: TableAction::RowSecurity { enabled: true } } if done.subject.names.same(other, table));
            (!done.after().any(is_back)).then(|| format!("policies of {table} count for nobody any more"))
        }
        _ => None,
    }
}
