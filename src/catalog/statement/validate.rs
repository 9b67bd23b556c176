//! Asking the rows that are there whether they keep a rule that was made NOT VALID.

use super::{name::title, source_form::source_form};
use crate::{
    catalog::{kind::ObjectKey, object::Definition},
    sql::quote::{ident, qualified},
};

/// Of a constraint of a table, or a named not-null mark.
pub(crate) fn validate(key: &ObjectKey) -> String {
    let table = qualified(&key.schema, key.of.as_deref().unwrap_or_default());
    format!("ALTER TABLE {table} VALIDATE CONSTRAINT {}", ident(&key.name))
}

/// Of a domain's CHECK.
pub(crate) fn validate_domain_check(domain: &ObjectKey, definition: &Definition, check: &str) -> String {
    format!("ALTER DOMAIN {} VALIDATE CONSTRAINT {}", title(domain, definition), ident(check))
}

/// Gives a domain a CHECK.
pub(crate) fn add_domain_check(domain: &ObjectKey, definition: &Definition, check: &str, text: &str) -> String {
    format!("ALTER DOMAIN {} ADD CONSTRAINT {} {}", title(domain, definition), ident(check), source_form(text))
}
