//! CASCADE.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{DroppedKind, OperationKind, TableAction};

/// CASCADE.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "cascade",
    title: "CASCADE",
    group: Group::Loss,
    level: RuleLevel::Warning,
    condition: "DROP … CASCADE.",
    effect: "Everything that depends on the object goes, too: views, foreign keys, policies, columns. Which they are \
        is only known when it has happened.",
    remedy: "Drop what depends on it by name, so that reviewers see it.",
    manual: Some("https://www.postgresql.org/docs/current/ddl-depend.html"),
    claim: None,
    bad: Example::Steps(&[sql("DROP VIEW public.recent_orders CASCADE")]),
    good: Example::Steps(&[sql("DROP VIEW public.recent_orders")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Drop { what, names, cascade: true, .. }
            if *what != DroppedKind::Schema && *what != DroppedKind::Owned =>
        {
            let name = names.first().map_or_else(|| "it".to_owned(), ToString::to_string);
            let is_new = names.iter().all(|name| !done.is_used(name)) && !names.is_empty();
            (!is_new).then(|| format!("all that depends on {name} goes, too"))
        }
        OperationKind::AlterTable { table, action: TableAction::DropColumn { column, cascade: true } }
            if done.is_used(table) =>
        {
            Some(format!("all that depends on `{column}` of {table} goes, too"))
        }
        OperationKind::AlterTable { table, action: TableAction::DropConstraint { constraint, cascade: true } }
            if done.is_used(table) =>
        {
            Some(format!("all that depends on `{constraint}` of {table} goes, too"))
        }
        _ => None,
    }
}
