//! A schema that is dropped.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::{
    QualifiedName,
    facts::{DroppedKind, OperationKind},
};

/// A schema that is dropped.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "drop-schema",
    title: "a schema that is dropped",
    group: Group::Loss,
    level: RuleLevel::Warning,
    condition: "DROP SCHEMA or DROP OWNED.",
    effect: "What stands in it when the plan runs goes, too, and nobody has reviewed that.",
    remedy: "Drop the objects by name, and the empty schema last, without CASCADE.",
    manual: Some("https://www.postgresql.org/docs/current/sql-dropschema.html"),
    claim: None,
    bad: Example::Steps(&[sql("DROP SCHEMA old_reports CASCADE")]),
    good: Example::Steps(&[sql("DROP VIEW old_reports.orders_by_day")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Drop { what: DroppedKind::Schema, names, cascade: true, .. } => {
            let made = |name: &&QualifiedName| {
                !done.before().any(
                    |operation| matches!(&operation.action, OperationKind::CreateSchema { schema } if *schema == name.name),
                )
            };
            names.iter().find(made).map(|name| format!("all that stands in {name} goes"))
        }
        OperationKind::Drop { what: DroppedKind::Owned, .. } => {
            Some("all that the role owns in this database goes".to_owned())
        }
        _ => None,
    }
}
