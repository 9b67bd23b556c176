//! A function with its owner's rights that everybody may call.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::{QualifiedName, facts::OperationKind};

/// A function with its owner's rights that everybody may call.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "definer-public",
    title: "a function with its owner's rights that everybody may call",
    group: Group::Security,
    level: RuleLevel::Warning,
    condition: "A function with SECURITY DEFINER is made, and EXECUTE is not revoked from PUBLIC.",
    effect: "Every role may call it from the start, and gets its owner's rights in it.",
    remedy: "REVOKE EXECUTE ON FUNCTION … FROM PUBLIC in the same step, and grant it to those who need it.",
    manual: Some("https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY"),
    claim: None,
    bad: Example::Steps(&[sql(
        "CREATE FUNCTION public.order_count() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp\n\
            \x20 AS $$ SELECT count(*) FROM public.orders $$",
    )]),
    good: Example::Steps(&[sql(
        "CREATE FUNCTION public.order_count() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp\n\
            \x20 AS $$ SELECT count(*) FROM public.orders $$;\n\
            REVOKE EXECUTE ON FUNCTION public.order_count() FROM PUBLIC",
    )]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::CreateRoutine(routine) if routine.definer && !is_closed(done, &routine.name) => {
            Some(format!("everybody may call {}, which runs with its owner's rights", routine.name))
        }
        _ => None,
    }
}

fn is_closed(done: &OperationContext<'_>, name: &QualifiedName) -> bool {
    done.after().any(|operation| match &operation.action {
        OperationKind::RevokeFromPublic { names } => {
            names.is_empty()
                || names
                    .iter()
                    .any(|other| done.subject.names.same(other, name) || Some(&other.name) == name.schema.as_ref())
        }
        _ => false,
    })
}
