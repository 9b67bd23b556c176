//! Kinds that are modelled no further: a fingerprint, and what statements call them by their `pg_identify_object` type.

use serde::{Deserialize, Serialize};

use super::catalog_kind::{AlterTerms, CatalogKind, CreateOrder, DropOrder, Making};
use crate::{
    catalog::{json::or_empty, kind::ObjectKey},
    sql::quote::ident,
};

/// A fingerprint of the object's catalog row; owner, privileges and comment are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprinted {
    /// Hex; stable while the object is not changed.
    pub fingerprint: String,
    /// What makes it again; nothing where it can't be made again.
    #[serde(default, deserialize_with = "or_empty", skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<String>,
}

impl CatalogKind for Fingerprinted {
    fn noun(&self, key: &ObjectKey) -> &'static str {
        words_of(key).map_or("TABLE", |words| words.noun)
    }

    /// The identity that the server printed and quoted, except the server of a user mapping and the language of a transform,
    /// before which older servers print `on`.
    fn title(&self, key: &ObjectKey) -> String {
        if let Some((data_type, language)) = key.name.rsplit_once(" language ").filter(|_| key.schema == TRANSFORM) {
            return format!("{} LANGUAGE {}", data_type.trim_end_matches(" on"), ident(language));
        }
        match key.name.rsplit_once(" on server ") {
            Some((role, server)) if key.schema == MAPPING => format!("FOR {role} SERVER {}", ident(server)),
            _ => key.name.clone(),
        }
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Rest
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Rest
    }

    fn create(&self, _making: Making<'_>) -> Vec<String> {
        self.statements.clone()
    }

    /// What can't be made again stays, whatever became of it.
    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        self.statements.is_empty() || self == now
    }

    fn describe(&self, _now: &Self, _what: &mut Vec<String>) {}

    fn has_comment(&self, key: &ObjectKey) -> bool {
        words_of(key).is_some_and(|words| words.kind != MAPPING)
    }

    fn has_owner(&self, key: &ObjectKey) -> bool {
        words_of(key).is_some_and(|words| words.has_owner)
    }

    fn granted(&self, key: &ObjectKey) -> Option<String> {
        words_of(key)?.grant.map(|word| format!("{word} {}", self.title(key)))
    }

    fn obstacles(&self) -> Vec<String> {
        let why = || "was dropped or changed, and can't be made again".to_owned();
        self.statements.is_empty().then(why).into_iter().collect()
    }

    fn can_drop(&self, key: &ObjectKey) -> bool {
        words_of(key).is_some_and(|words| words.can_drop)
    }
}

/// One kind.
struct KindWords {
    kind: &'static str,
    /// The word after DROP, ALTER and COMMENT ON.
    noun: &'static str,
    can_drop: bool,
    has_owner: bool,
    /// The word after GRANT … ON; none where it has no privileges.
    grant: Option<&'static str>,
}

const fn words(kind: &'static str, noun: &'static str) -> KindWords {
    KindWords { kind, noun, can_drop: true, has_owner: true, grant: None }
}

impl KindWords {
    const fn without_owner(self) -> KindWords {
        KindWords { has_owner: false, ..self }
    }

    const fn granted_as(self, word: &'static str) -> KindWords {
        KindWords { grant: Some(word), ..self }
    }

    const fn standing(self) -> KindWords {
        KindWords { can_drop: false, ..self }
    }
}

const KINDS: [KindWords; 18] = [
    words("foreign table", "FOREIGN TABLE").granted_as("TABLE"),
    words("type", "TYPE").granted_as("TYPE"),
    words("operator class", "OPERATOR CLASS"),
    words("operator family", "OPERATOR FAMILY"),
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
    words("access method", "ACCESS METHOD").without_owner(),
    words(TRANSFORM, "TRANSFORM").without_owner(),
    words("extension", "EXTENSION").without_owner(),
    words("subscription", "SUBSCRIPTION").standing(),
];

/// The kind whose identity says on what server it is.
const MAPPING: &str = "user mapping";
const TRANSFORM: &str = "transform";

fn words_of(key: &ObjectKey) -> Option<&'static KindWords> {
    KINDS.iter().find(|words| words.kind == key.schema)
}
