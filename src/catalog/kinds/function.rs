//! Functions and procedures.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{AlterTerms, CatalogKind, CreateOrder, DropOrder, Making},
    wording::excerpt,
};
use crate::{
    catalog::{kind::ObjectKey, privilege::Grant, source_form::source_form},
    sql::quote::qualified,
};

/// A function or procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Function or procedure.
    pub routine: RoutineKeyword,
    /// Its bare name.
    pub name: String,
    /// The types of its input arguments, as `oidvectortypes` prints them: what identifies it in statements.
    pub arguments: String,
    /// `pg_get_functiondef`: CREATE OR REPLACE …
    pub create: String,
    /// What CREATE OR REPLACE can't change: kind, result, argument names and the number of defaults.
    pub signature: String,
}

/// What `CREATE`, `ALTER` and `DROP` call a callable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoutineKeyword {
    /// FUNCTION
    Function,
    /// PROCEDURE
    Procedure,
}

impl CatalogKind for Function {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        match self.routine {
            RoutineKeyword::Function => "FUNCTION",
            RoutineKeyword::Procedure => "PROCEDURE",
        }
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

    fn create(&self, _making: Making<'_>) -> Vec<String> {
        vec![source_form(self.create.trim_end())]
    }

    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        self.signature == now.signature
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        excerpt(what, "definition", &self.create, &now.create);
    }

    fn unspell(&mut self) {
        self.create.clear();
    }

    fn granted(&self, key: &ObjectKey) -> Option<String> {
        Some(format!("{} {}", self.noun(key), self.title(key)))
    }

    fn built_in(&self, owner: &str, _server_version: u32) -> Vec<Grant> {
        Grant::public(owner, "EXECUTE")
    }
}
