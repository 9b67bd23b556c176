//! CONCURRENTLY with IF NOT EXISTS.

use super::super::{
    example::{Example, outside},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// CONCURRENTLY with IF NOT EXISTS.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "concurrently-if-not-exists",
    title: "CONCURRENTLY with IF NOT EXISTS",
    group: Group::Halfway,
    level: RuleLevel::Warning,
    condition: "CREATE INDEX CONCURRENTLY IF NOT EXISTS.",
    effect: "A build that failed leaves an INVALID index of this name, and the second attempt reports success over \
        it.",
    remedy: "Leave IF NOT EXISTS out: the run itself looks for what an earlier attempt has left, and builds it anew.",
    manual: Some("https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"),
    claim: None,
    bad: Example::Steps(&[outside(
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer_idx ON public.orders (customer_id)",
    )]),
    good: Example::Steps(&[outside("CREATE INDEX CONCURRENTLY orders_customer_idx ON public.orders (customer_id)")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::CreateIndex { concurrently: true, if_not_exists: true, table, .. } => {
            Some(format!("an INVALID index of an earlier attempt on {table} counts as one that exists"))
        }
        _ => None,
    }
}
