//! A table or column that changes its name.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::{
    QualifiedName,
    facts::{OperationKind, TableAction},
};

/// A table or column that changes its name.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "rename",
    title: "a table or column that changes its name",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "A table in use, or a column of it, is renamed or moves to another schema; or a view, a type, one of its values, a \
        schema, a sequence or a function is renamed.",
    effect: "Programs that still use the old name fail from that moment on.",
    remedy: "Add the new one beside the old one (a column kept equal by a trigger, a view under the old name), move \
        the programs, and drop the old one later.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(TableClaim::everybody("orders")),
    bad: Example::Steps(&[sql("ALTER TABLE public.orders RENAME COLUMN note TO remark")]),
    good: Example::Steps(&[sql("ALTER TABLE public.orders ADD COLUMN remark varchar(40)")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    if let OperationKind::Rename { name, part } = done.action() {
        return of_others(done, name, part.as_deref());
    }
    let (table, action) = done.altered()?;
    match action {
        TableAction::RenameColumn { column } => Some(format!("programs that ask {table} for `{column}` fail from now on")),
        TableAction::Rename { .. } | TableAction::SetSchema => {
            Some(format!("programs that use {table} by this name fail from now on"))
        }
        _ => None,
    }
}

/// Of what is no table: what the plan itself has made nobody uses yet.
fn of_others(done: &OperationContext<'_>, name: &QualifiedName, part: Option<&str>) -> Option<String> {
    let same = |made: &QualifiedName| done.subject.names.same(made, name);
    let is_made = done.before().any(|operation| match &operation.action {
        OperationKind::CreateView { view: made, .. } | OperationKind::CreateType { name: made } => same(made),
        OperationKind::CreateRoutine(routine) => same(&routine.name),
        OperationKind::CreateSchema { schema } => *schema == name.name,
        _ => false,
    });
    (!is_made).then(|| match part {
        Some(part) => format!("programs that ask {name} for {part} fail from now on"),
        None => format!("programs that use {name} by this name fail from now on"),
    })
}
