//! Enum types.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{CatalogKind, Making},
    same_methods::type_methods,
    wording::list,
};
use crate::sql::quote::literal;

/// An enum type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumType {
    /// In sort order.
    pub labels: Vec<String>,
}

impl CatalogKind for EnumType {
    type_methods!("TYPE");

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let labels: Vec<String> = self.labels.iter().map(|label| literal(label)).collect();
        vec![format!("CREATE TYPE {} AS ENUM ({})", self.title(making.key), labels.join(", "))]
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        list(what, "label", &self.labels, &now.labels);
    }
}
