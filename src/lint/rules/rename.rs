//! A table or column that changes its name.

use super::super::{
    example::{Example, sql},
    rule::{Claim, Find, Group, Rule},
    step::Done,
};
use crate::plan::RuleLevel;
use crate::sql::facts::TableAction;

/// A table or column that changes its name.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "rename",
    title: "a table or column that changes its name",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "A table in use, or a column of it, is renamed or moves to another schema.",
    effect: "Programs that still use the old name fail from that moment on.",
    remedy: "Add the new one beside the old one (a column kept equal by a trigger, a view under the old name), move \
        the programs, and drop the old one later.",
    manual: Some("https://www.postgresql.org/docs/current/sql-altertable.html"),
    claim: Some(Claim::everybody("orders")),
    bad: Example::Steps(&[sql("ALTER TABLE public.orders RENAME COLUMN note TO remark")]),
    good: Example::Steps(&[sql("ALTER TABLE public.orders ADD COLUMN remark varchar(40)")]),
    find: Find::Deed(find),
};

fn find(done: &Done<'_>) -> Option<String> {
    let (table, action) = done.altered()?;
    match action {
        TableAction::RenameColumn { column } => Some(format!("programs that ask {table} for `{column}` fail from now on")),
        TableAction::Rename { .. } | TableAction::SetSchema => {
            Some(format!("programs that use {table} by this name fail from now on"))
        }
        _ => None,
    }
}
