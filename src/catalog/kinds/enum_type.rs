//! Enum types.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{CatalogKind, CreateOrder, DropOrder, Making},
    wording::list,
};
use crate::{
    catalog::{kind::ObjectKey, privilege::Grant},
    sql::quote::literal,
};

/// An enum type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumType {
    /// In sort order.
    pub labels: Vec<String>,
}

impl CatalogKind for EnumType {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "TYPE"
    }

    fn bare_name<'a>(&'a self, key: &'a ObjectKey) -> Option<&'a str> {
        Some(&key.name)
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Types
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Types
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let labels: Vec<String> = self.labels.iter().map(|label| literal(label)).collect();
        vec![format!("CREATE TYPE {} AS ENUM ({})", self.title(making.key), labels.join(", "))]
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        list(what, "label", &self.labels, &now.labels);
    }

    fn granted(&self, key: &ObjectKey) -> Option<String> {
        Some(format!("TYPE {}", self.title(key)))
    }

    fn built_in(&self, owner: &str, _server_version: u32) -> Vec<Grant> {
        Grant::public(owner, "USAGE")
    }
}
