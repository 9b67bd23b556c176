//! SECURITY DEFINER without a search path of its own.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{Operation, OperationKind, Routine};

/// SECURITY DEFINER without a search path of its own.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "definer-search-path",
    title: "SECURITY DEFINER without a search path of its own",
    group: Group::Security,
    level: RuleLevel::Warning,
    condition: "A function with its owner's rights doesn't set `search_path`.",
    effect: "Its caller decides which tables, functions and operators its names mean, and so what is run with the \
        owner's rights.",
    remedy: "Add `SET search_path = pg_catalog, pg_temp` and write schemas before the names, or leave the rights to \
        the caller.",
    manual: Some("https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY"),
    claim: None,
    bad: Example::Steps(&[sql("CREATE FUNCTION public.order_count() RETURNS bigint LANGUAGE sql SECURITY DEFINER\n\
            \x20 AS $$ SELECT count(*) FROM public.orders $$;\n\
            REVOKE EXECUTE ON FUNCTION public.order_count() FROM PUBLIC")]),
    good: Example::Steps(&[sql(
        "CREATE FUNCTION public.order_count() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp\n\
            \x20 AS $$ SELECT count(*) FROM public.orders $$;\n\
            REVOKE EXECUTE ON FUNCTION public.order_count() FROM PUBLIC",
    )]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::CreateRoutine(routine) | OperationKind::AlterRoutine(routine)
            if routine.definer && !has_path(done, routine) =>
        {
            Some(format!("{} runs with its owner's rights and its caller's search path", routine.name))
        }
        _ => None,
    }
}

/// Whether the plan gives it a path, here or elsewhere.
fn has_path(done: &OperationContext<'_>, routine: &Routine) -> bool {
    let sets = |operation: &Operation| match &operation.action {
        OperationKind::CreateRoutine(other) | OperationKind::AlterRoutine(other) => {
            other.search_path && done.subject.names.same(&other.name, &routine.name)
        }
        _ => false,
    };
    routine.search_path || done.before().chain(done.after()).any(sets)
}
