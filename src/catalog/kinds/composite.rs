//! Composite types.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{AlterTerms, CatalogKind, Making},
    clauses::collate,
    same_methods::type_methods,
    wording::list,
};
use crate::{
    catalog::kind::ObjectKey,
    sql::quote::{ident, qualified},
};

/// A composite type that is no table's row type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompositeType {
    /// In order.
    pub attributes: Vec<CompositeAttribute>,
}

/// An attribute of a composite type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompositeAttribute {
    /// Unquoted, `pg_attribute.attname`.
    pub name: String,
    /// `format_type`
    pub data_type: String,
    /// COLLATE, where it is not the type's own.
    pub collation: Option<String>,
    /// COMMENT ON COLUMN
    pub comment: Option<String>,
}

impl CatalogKind for CompositeType {
    type_methods!("TYPE");

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let attribute = |attribute: &CompositeAttribute| {
            format!("{} {}{}", ident(&attribute.name), attribute.data_type, collate(&attribute.collation))
        };
        let attributes: Vec<String> = self.attributes.iter().map(attribute).collect();
        vec![format!("CREATE TYPE {} AS ({})", self.title(making.key), attributes.join(", "))]
    }

    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        let same = |(a, b): (&CompositeAttribute, &CompositeAttribute)| {
            a.name == b.name && a.data_type == b.data_type && a.collation == b.collation
        };
        self.attributes.len() == now.attributes.len() && self.attributes.iter().zip(&now.attributes).all(same)
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        let names = |attributes: &[CompositeAttribute]| -> Vec<String> {
            attributes.iter().map(|attribute| format!("{} {}", attribute.name, attribute.data_type)).collect()
        };
        list(what, "attribute", &names(&self.attributes), &names(&now.attributes));
    }

    fn remarks(&self, key: &ObjectKey) -> Vec<(String, Option<String>)> {
        let of = |attribute: &CompositeAttribute| {
            let column = format!("{}.{}", qualified(&key.schema, &key.name), ident(&attribute.name));
            (format!("COLUMN {column}"), attribute.comment.clone())
        };
        self.attributes.iter().map(of).collect()
    }

    fn has_column(&self, name: &str) -> bool {
        self.attributes.iter().any(|attribute| attribute.name == name)
    }
}
