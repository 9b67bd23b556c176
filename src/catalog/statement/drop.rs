//! Dropping, never with CASCADE: what is unknown makes the server refuse instead of being lost.

use super::{
    grant::default_privileges,
    name::{noun, table_of, title},
    publication,
};
use crate::{
    catalog::{
        kind::{Kind, ObjectKey},
        object::{Definition, Object},
    },
    sql::quote::ident,
};

/// Kinds outside the model whose printed identity is what DROP takes, by their `pg_identify_object` type.
const DROPPABLE: [(&str, &str); 18] = [
    ("foreign table", "FOREIGN TABLE"),
    ("type", "TYPE"),
    ("operator", "OPERATOR"),
    ("operator class", "OPERATOR CLASS"),
    ("operator family", "OPERATOR FAMILY"),
    ("cast", "CAST"),
    ("collation", "COLLATION"),
    ("conversion", "CONVERSION"),
    ("text search parser", "TEXT SEARCH PARSER"),
    ("text search template", "TEXT SEARCH TEMPLATE"),
    ("text search dictionary", "TEXT SEARCH DICTIONARY"),
    ("text search configuration", "TEXT SEARCH CONFIGURATION"),
    ("language", "LANGUAGE"),
    ("foreign-data wrapper", "FOREIGN DATA WRAPPER"),
    ("server", "SERVER"),
    ("event trigger", "EVENT TRIGGER"),
    ("access method", "ACCESS METHOD"),
    ("extension", "EXTENSION"),
];

/// The kind that is taken from what it belongs to: a user mapping of a server.
const MAPPING: &str = "user mapping";

/// What DROP writes with other words than the printed identity.
const TRANSFORM: &str = "transform";

/// Whether an object of a kind outside the model can at least be dropped, if the run made it.
pub(crate) fn can_drop(key: &ObjectKey, definition: &Definition) -> bool {
    matches!(definition, Definition::DefaultPrivileges { .. }) || is_droppable(key)
}

fn is_droppable(key: &ObjectKey) -> bool {
    key.schema == MAPPING || key.schema == TRANSFORM || DROPPABLE.iter().any(|(kind, _)| *kind == key.schema)
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
        Kind::Other => drop_other(key),
        _ => format!("DROP {} {}", noun(key, definition), title(key, definition)),
    }
}

/// The identity comes from `pg_identify_object`, which quotes it, except the server of a user mapping and the language of a
/// transform.
fn drop_other(key: &ObjectKey) -> String {
    if key.schema == MAPPING {
        let (role, server) = key.name.rsplit_once(" on server ").unwrap_or((key.name.as_str(), ""));
        return format!("DROP USER MAPPING FOR {role} SERVER {}", ident(server));
    }
    if key.schema == TRANSFORM {
        // Older servers print `for integer on language sql`, newer ones leave `on` out.
        let (data_type, language) = key.name.rsplit_once(" language ").unwrap_or((key.name.as_str(), ""));
        return format!("DROP TRANSFORM {} LANGUAGE {}", data_type.trim_end_matches(" on"), ident(language));
    }
    let word = DROPPABLE.iter().find(|(kind, _)| *kind == key.schema).map_or("TABLE", |(_, word)| word);
    format!("DROP {word} {}", key.name)
}
