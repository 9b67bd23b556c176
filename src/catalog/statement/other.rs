//! What statements call the kinds that are modelled no further, by their `pg_identify_object` type.

use crate::{catalog::kind::ObjectKey, sql::quote::ident};

/// One kind.
struct Words {
    kind: &'static str,
    /// The word after DROP, ALTER and COMMENT ON.
    noun: &'static str,
    can_drop: bool,
    has_owner: bool,
    /// The word after GRANT … ON; none where it has no privileges.
    grant: Option<&'static str>,
}

const fn words(kind: &'static str, noun: &'static str) -> Words {
    Words { kind, noun, can_drop: true, has_owner: true, grant: None }
}

impl Words {
    const fn without_owner(self) -> Words {
        Words { has_owner: false, ..self }
    }

    const fn granted_as(self, word: &'static str) -> Words {
        Words { grant: Some(word), ..self }
    }

    const fn standing(self) -> Words {
        Words { can_drop: false, ..self }
    }
}

const KINDS: [Words; 22] = [
    words("foreign table", "FOREIGN TABLE").granted_as("TABLE"),
    words("type", "TYPE").granted_as("TYPE"),
    words("operator", "OPERATOR"),
    words("operator class", "OPERATOR CLASS"),
    words("operator family", "OPERATOR FAMILY"),
    words("cast", "CAST").without_owner(),
    words("collation", "COLLATION"),
    words("conversion", "CONVERSION"),
    words("text search parser", "TEXT SEARCH PARSER").without_owner(),
    words("text search template", "TEXT SEARCH TEMPLATE").without_owner(),
    words("text search dictionary", "TEXT SEARCH DICTIONARY"),
    words("text search configuration", "TEXT SEARCH CONFIGURATION"),
    words("language", "LANGUAGE").granted_as("LANGUAGE"),
    words("foreign-data wrapper", "FOREIGN DATA WRAPPER").granted_as("FOREIGN DATA WRAPPER"),
    words("server", "SERVER").granted_as("FOREIGN SERVER"),
    words(MAPPING, "USER MAPPING").without_owner(),
    words("event trigger", "EVENT TRIGGER"),
    words("access method", "ACCESS METHOD").without_owner(),
    words(TRANSFORM, "TRANSFORM").without_owner(),
    words("extension", "EXTENSION").without_owner(),
    words("subscription", "SUBSCRIPTION").standing(),
    words("database", "DATABASE").granted_as("DATABASE").standing(),
];

/// The kind whose identity says on what server it is.
const MAPPING: &str = "user mapping";
const TRANSFORM: &str = "transform";

fn of(key: &ObjectKey) -> Option<&'static Words> {
    KINDS.iter().find(|words| words.kind == key.schema)
}

/// Whether it can be dropped, if the run made it.
pub(super) fn can_drop(key: &ObjectKey) -> bool {
    of(key).is_some_and(|words| words.can_drop)
}

/// Whether `ALTER … OWNER TO` can be said of it.
pub(super) fn has_owner(key: &ObjectKey) -> bool {
    of(key).is_some_and(|words| words.has_owner)
}

/// Whether `COMMENT ON` can be said of it.
pub(super) fn has_comment(key: &ObjectKey) -> bool {
    of(key).is_some_and(|words| words.kind != MAPPING)
}

/// The word after GRANT … ON; none where it has no privileges.
pub(super) fn grant_noun(key: &ObjectKey) -> Option<&'static str> {
    of(key).and_then(|words| words.grant)
}

/// The word after DROP, ALTER and COMMENT ON.
pub(super) fn noun(key: &ObjectKey) -> &'static str {
    of(key).map_or("TABLE", |words| words.noun)
}

/// Its name: the identity that the server printed and quoted, except the server of a user mapping and the language of a transform,
/// before which older servers print `on`.
pub(super) fn title(key: &ObjectKey) -> String {
    if let Some((data_type, language)) = key.name.rsplit_once(" language ").filter(|_| key.schema == TRANSFORM) {
        return format!("{} LANGUAGE {}", data_type.trim_end_matches(" on"), ident(language));
    }
    match key.name.rsplit_once(" on server ") {
        Some((role, server)) if key.schema == MAPPING => format!("FOR {role} SERVER {}", ident(server)),
        _ => key.name.clone(),
    }
}
