//! What an object is called in statements.

use super::other;
use crate::{
    catalog::{
        kind::{Kind, ObjectKey},
        object::{Definition, Routine},
    },
    sql::quote::{ident, qualified},
};

/// The word after CREATE, ALTER and DROP.
pub(crate) fn noun(key: &ObjectKey, definition: &Definition) -> &'static str {
    match (key.kind, definition) {
        (_, Definition::Domain { .. }) => "DOMAIN",
        (_, Definition::Function { routine: Routine::Procedure, .. }) => "PROCEDURE",
        (Kind::Schema, _) => "SCHEMA",
        (Kind::Type, _) => "TYPE",
        (Kind::Sequence, _) => "SEQUENCE",
        (Kind::Function, _) => "FUNCTION",
        (Kind::Aggregate, _) => "AGGREGATE",
        (Kind::Table, _) => "TABLE",
        (Kind::Other, _) => other::noun(key),
        (Kind::Constraint, _) => "CONSTRAINT",
        (Kind::Index, _) => "INDEX",
        (Kind::View, _) => "VIEW",
        (Kind::MaterializedView, _) => "MATERIALIZED VIEW",
        (Kind::Rule, _) => "RULE",
        (Kind::Statistics, _) => "STATISTICS",
        (Kind::Trigger, _) => "TRIGGER",
        (Kind::Policy, _) => "POLICY",
        (Kind::Publication | Kind::Published, _) => "PUBLICATION",
    }
}

/// Its name, as DROP and COMMENT ON take it: `"s"."t"`, `"s"."f"(integer)`, `"c" ON "s"."t"`.
pub(crate) fn title(key: &ObjectKey, definition: &Definition) -> String {
    match (&key.of, definition) {
        (None, _) if key.kind == Kind::Other => other::title(key),
        (_, Definition::Schema | Definition::Publication { .. }) => ident(&key.name),
        (_, Definition::Function { name, arguments, .. } | Definition::Aggregate { name, arguments, .. }) => {
            format!("{}({arguments})", qualified(&key.schema, name))
        }
        (Some(table), _) => format!("{} ON {}", ident(&key.name), qualified(&key.schema, table)),
        (None, _) => qualified(&key.schema, &key.name),
    }
}

/// A column, as COMMENT ON takes it.
pub(crate) fn column(key: &ObjectKey, name: &str) -> String {
    format!("{}.{}", qualified(&key.schema, &key.name), ident(name))
}

/// The table that a part is altered through.
pub(super) fn table_of(key: &ObjectKey, definition: &Definition) -> String {
    let table = match (&key.of, definition) {
        (Some(table), _) => table,
        (None, Definition::Index { table, .. }) => table,
        (None, _) => &key.name,
    };
    qualified(&key.schema, table)
}
