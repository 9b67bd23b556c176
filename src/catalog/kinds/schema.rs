//! Schemas.

use super::catalog_kind::{CatalogKind, CreateOrder, DropOrder, Making};
use crate::{
    catalog::{kind::ObjectKey, privilege::Grant},
    sql::quote::ident,
};

/// A schema: its name is all that it is made of.
#[derive(PartialEq)]
pub(in crate::catalog) struct Schema;

impl CatalogKind for Schema {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "SCHEMA"
    }

    fn title(&self, key: &ObjectKey) -> String {
        ident(&key.name)
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Schemas
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Schemas
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        vec![format!("CREATE SCHEMA {}", self.title(making.key))]
    }

    fn describe(&self, _now: &Self, _what: &mut Vec<String>) {}

    fn granted(&self, key: &ObjectKey) -> Option<String> {
        Some(format!("SCHEMA {}", self.title(key)))
    }

    fn built_in(&self, owner: &str, _server_version: u32) -> Vec<Grant> {
        Grant::own(owner, &["USAGE", "CREATE"])
    }
}
