//! Aggregates.

use super::name::title;
use crate::catalog::{kind::ObjectKey, object::Definition};
use crate::sql::quote::qualified;

/// `CREATE AGGREGATE`, composed of what `pg_aggregate` holds: the server prints no definition of its own.
pub(super) fn create(key: &ObjectKey, definition: &Definition) -> Vec<String> {
    let Definition::Aggregate { name, parameters, options, .. } = definition else { return Vec::new() };
    let name = qualified(&key.schema, name);
    vec![format!("CREATE AGGREGATE {name}({parameters}) (\n    {}\n)", options.join(",\n    "))]
}

/// What GRANT takes: an aggregate is a function there, told by the types of all its arguments.
pub(super) fn grantable(key: &ObjectKey, definition: &Definition) -> String {
    match definition {
        Definition::Aggregate { name, argument_types, .. } => {
            format!("FUNCTION {}({argument_types})", qualified(&key.schema, name))
        }
        _ => format!("FUNCTION {}", title(key, definition)),
    }
}
