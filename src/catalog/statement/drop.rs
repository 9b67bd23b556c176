//! Dropping, never with CASCADE: what is unknown makes the server refuse instead of being lost.

use super::{
    grant::default_privileges,
    name::{noun, table_of, title},
    other, publication,
};
use crate::{
    catalog::{
        kind::{Kind, ObjectKey},
        object::{Definition, Object},
    },
    sql::quote::ident,
};

/// Whether an object of a kind outside the model can at least be dropped, if the run made it.
pub(crate) fn can_drop(key: &ObjectKey, definition: &Definition) -> bool {
    matches!(definition, Definition::DefaultPrivileges { .. }) || other::can_drop(key)
}

/// The statements that drop the object.
pub(crate) fn drop(key: &ObjectKey, object: &Object) -> Vec<String> {
    if matches!(&object.definition, Definition::DefaultPrivileges { .. }) {
        return default_privileges(&object.definition, &object.grants, &[]);
    }
    vec![drop_one(key, &object.definition)]
}

fn drop_one(key: &ObjectKey, definition: &Definition) -> String {
    match key.kind {
        Kind::Constraint => format!("ALTER TABLE {} DROP CONSTRAINT {}", table_of(key, definition), ident(&key.name)),
        Kind::Published => publication::remove(key),
        _ => format!("DROP {} {}", noun(key, definition), title(key, definition)),
    }
}
