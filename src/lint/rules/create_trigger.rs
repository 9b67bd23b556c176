//! A trigger that is made while writers wait.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// A trigger that is made while writers wait.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "create-trigger",
    title: "a trigger that is made while writers wait",
    group: Group::Locks,
    level: RuleLevel::Note,
    condition: "A trigger is made on a table in use.",
    effect: "Writers wait until the step ends; from then on each of their rows pays for the trigger.",
    remedy: "Keep the step short: nothing else in it, and a short lock timeout.",
    manual: Some("https://www.postgresql.org/docs/current/sql-createtrigger.html"),
    claim: Some(TableClaim::writers("orders")),
    bad: Example::Steps(&[sql(
        "CREATE TRIGGER orders_touch_too BEFORE UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION \
            public.touch()",
    )]),
    good: Example::Steps(&[sql("CREATE TABLE public.notes (id bigint PRIMARY KEY);\n\
            CREATE TRIGGER notes_touch BEFORE UPDATE ON public.notes FOR EACH ROW EXECUTE FUNCTION public.touch()")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::CreateTrigger { table } if done.is_used(table) => {
            Some(format!("writers of {table} wait until the step ends"))
        }
        _ => None,
    }
}
