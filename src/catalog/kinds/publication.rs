//! Publications and their members.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{AlterTerms, CatalogKind, Changing, CreateOrder, DropOrder, Making},
    clauses::{options_list, with_options},
    wording::{list, plain, switch},
};
use crate::{
    catalog::{kind::ObjectKey, source_form::source_form},
    sql::quote::{ident, qualified},
};

/// A publication without its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// FOR ALL TABLES
    pub all_tables: bool,
    /// `publish` and its like, as `name=value`.
    pub options: Vec<String>,
}

/// A table in a publication. A child of a table in it is a member of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedTable {
    /// The columns that are published; empty is all.
    pub columns: Vec<String>,
    /// WHERE
    pub filter: Option<String>,
}

/// A schema in a publication.
#[derive(PartialEq)]
pub(in crate::catalog) struct PublishedSchema;

impl CatalogKind for Publication {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "PUBLICATION"
    }

    fn title(&self, key: &ObjectKey) -> String {
        ident(&key.name)
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Routines
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Rest
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let all = if self.all_tables { " FOR ALL TABLES" } else { "" };
        vec![format!("CREATE PUBLICATION {}{all}{}", ident(&making.key.name), with_options(&self.options))]
    }

    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        self.all_tables == now.all_tables
    }

    /// Sets all options: each has a value at any time.
    fn after(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        let set = || format!("ALTER PUBLICATION {} SET ({})", ident(&changing.key.name), options_list(&self.options));
        (self.options != now.options).then(set).into_iter().collect()
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        switch(what, "for all tables", self.all_tables, now.all_tables);
        list(what, "option", &self.options, &now.options);
    }
}

impl CatalogKind for PublishedTable {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "PUBLICATION"
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Members
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Constraints
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let mut member = table(making.key);
        if !self.columns.is_empty() {
            let columns: Vec<String> = self.columns.iter().map(|column| ident(column)).collect();
            member.push_str(&format!(" ({})", columns.join(", ")));
        }
        if let Some(filter) = &self.filter {
            member.push_str(&format!(" WHERE ({})", source_form(filter)));
        }
        vec![format!("ALTER PUBLICATION {} ADD {member}", ident(&making.key.name))]
    }

    fn drop_object(&self, making: Making<'_>) -> Vec<String> {
        vec![format!("ALTER PUBLICATION {} DROP {}", ident(&making.key.name), table(making.key))]
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        list(what, "column", &self.columns, &now.columns);
        plain(what, "where", &self.filter, &now.filter);
    }

    fn unspell(&mut self) {
        self.filter.iter_mut().for_each(String::clear);
    }

    fn has_comment(&self, _key: &ObjectKey) -> bool {
        false
    }
}

impl CatalogKind for PublishedSchema {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "PUBLICATION"
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Members
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Constraints
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        vec![format!("ALTER PUBLICATION {} ADD {}", ident(&making.key.name), schema(making.key))]
    }

    fn drop_object(&self, making: Making<'_>) -> Vec<String> {
        vec![format!("ALTER PUBLICATION {} DROP {}", ident(&making.key.name), schema(making.key))]
    }

    fn describe(&self, _now: &Self, _what: &mut Vec<String>) {}

    fn has_comment(&self, _key: &ObjectKey) -> bool {
        false
    }
}

fn table(key: &ObjectKey) -> String {
    format!("TABLE ONLY {}", qualified(&key.schema, key.of.as_deref().unwrap_or_default()))
}

fn schema(key: &ObjectKey) -> String {
    format!("TABLES IN SCHEMA {}", ident(&key.schema))
}
