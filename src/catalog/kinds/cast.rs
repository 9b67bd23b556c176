//! Casts.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{CatalogKind, CreateOrder, DropOrder, Making},
    wording::plain,
};
use crate::catalog::kind::ObjectKey;

/// A cast. Its key's name is what `pg_identify_object` prints: `(s.size AS text)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cast {
    /// f, b, i as in `pg_cast.castmethod`.
    pub method: char,
    /// The function with its argument types, where one is called.
    pub function: Option<String>,
    /// e, a, i as in `pg_cast.castcontext`.
    pub context: char,
}

impl CatalogKind for Cast {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "CAST"
    }

    fn title(&self, key: &ObjectKey) -> String {
        key.name.clone()
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Routines
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Rest
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let context = match self.context {
            'a' => " AS ASSIGNMENT",
            'i' => " AS IMPLICIT",
            _ => "",
        };
        vec![format!("CREATE CAST {} {}{context}", self.title(making.key), self.how())]
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        plain(what, "casts", &Some(self.how()), &Some(now.how()));
        plain(what, "is used", &Some(self.when()), &Some(now.when()));
    }

    fn has_owner(&self, _key: &ObjectKey) -> bool {
        false
    }
}

impl Cast {
    fn how(&self) -> String {
        match (self.method, &self.function) {
            ('i', _) => "WITH INOUT".to_owned(),
            (_, Some(function)) => format!("WITH FUNCTION {function}"),
            (_, None) => "WITHOUT FUNCTION".to_owned(),
        }
    }

    fn when(&self) -> &'static str {
        match self.context {
            'a' => "in assignments",
            'i' => "implicitly",
            _ => "explicitly",
        }
    }
}
