//! Aggregate functions.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{CatalogKind, CreateOrder, DropOrder, Making},
    wording::{list, plain},
};
use crate::{
    catalog::{kind::ObjectKey, privilege::Grant},
    sql::quote::qualified,
};

/// An aggregate function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aggregate {
    /// Its bare name.
    pub name: String,
    /// `pg_get_function_arguments`, or `*`: what CREATE takes.
    pub parameters: String,
    /// `pg_get_function_identity_arguments`, or `*`: what DROP, ALTER and COMMENT take.
    pub arguments: String,
    /// The types of its arguments, as `oidvectortypes` prints them: what GRANT takes.
    pub argument_types: String,
    /// `pg_get_function_result`
    pub result: String,
    /// What stands in the parentheses behind it: `SFUNC = int4pl`, `STYPE = integer`, …
    pub options: Vec<String>,
}

impl CatalogKind for Aggregate {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "AGGREGATE"
    }

    fn title(&self, key: &ObjectKey) -> String {
        format!("{}({})", qualified(&key.schema, &self.name), self.arguments)
    }

    fn bare_name<'a>(&'a self, _key: &'a ObjectKey) -> Option<&'a str> {
        Some(&self.name)
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Routines
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Routines
    }

    /// Composed of what `pg_aggregate` holds: the server prints no definition of its own.
    fn create(&self, making: Making<'_>) -> Vec<String> {
        let name = qualified(&making.key.schema, &self.name);
        vec![format!("CREATE AGGREGATE {name}({}) (\n    {}\n)", self.parameters, self.options.join(",\n    "))]
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        plain(what, "arguments", &Some(&self.parameters), &Some(&now.parameters));
        plain(what, "result", &Some(&self.result), &Some(&now.result));
        list(what, "option", &self.options, &now.options);
    }

    /// An aggregate is a function there, told by the types of all its arguments.
    fn granted(&self, key: &ObjectKey) -> Option<String> {
        Some(format!("FUNCTION {}({})", qualified(&key.schema, &self.name), self.argument_types))
    }

    fn built_in(&self, owner: &str, _server_version: u32) -> Vec<Grant> {
        Grant::public(owner, "EXECUTE")
    }
}
