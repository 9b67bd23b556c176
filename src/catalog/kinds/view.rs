//! Views.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{AlterTerms, CatalogKind, Changing, Making},
    clauses::{change_options, with_options},
    same_methods::relation_methods,
    table::{ColumnFacts, column_target, describe_facts},
    wording::{excerpt, list},
};
use crate::{
    catalog::{kind::ObjectKey, source_form::source_form},
    sql::quote::ident,
};

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Column names.
    pub columns: Vec<String>,
    /// `pg_get_viewdef`, without the last semicolon.
    pub query: String,
    /// `reloptions`: security_barrier, security_invoker, check_option.
    pub options: Vec<String>,
    /// Grants and comments of single columns.
    pub column_facts: Vec<ColumnFacts>,
    /// Defaults of columns (`ALTER VIEW … ALTER COLUMN … SET DEFAULT`).
    pub defaults: Vec<(String, String)>,
    /// Where the query reads the view itself, `format_type` of each column, with its collation where that is not the type's: such a
    /// view is made in two moves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_types: Vec<String>,
}

impl CatalogKind for View {
    relation_methods!("VIEW", Views);

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let name = self.title(making.key);
        let columns: Vec<String> = self.columns.iter().map(|column| ident(column)).collect();
        let (mut statements, replacing) = if self.own_types.is_empty() {
            (vec![], "")
        } else {
            (vec![hollow(&name, &columns, &self.own_types)], "OR REPLACE ")
        };
        statements.push(format!(
            "CREATE {replacing}VIEW {name} ({}){} AS\n{}",
            columns.join(", "),
            with_options(&self.options),
            source_form(&self.query)
        ));
        statements.extend(self.defaults.iter().map(|(column, default)| set_default(&name, column, default)));
        statements
    }

    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        self.columns == now.columns && self.query == now.query
    }

    fn after(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        let name = self.title(changing.key);
        let mut statements = change_options(&format!("ALTER VIEW {name}"), &self.options, &now.options);
        let is_set = |column: &String| self.defaults.iter().any(|(other, _)| other == column);
        for (column, _) in now.defaults.iter().filter(|(column, _)| !is_set(column)) {
            statements.push(format!("ALTER VIEW {name} ALTER COLUMN {} DROP DEFAULT", ident(column)));
        }
        let set = self.defaults.iter().filter(|default| !now.defaults.contains(default));
        statements.extend(set.map(|(column, default)| set_default(&name, column, default)));
        statements
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        list(what, "column", &self.columns, &now.columns);
        excerpt(what, "query", &self.query, &now.query);
        list(what, "option", &self.options, &now.options);
        describe_facts(what, &self.column_facts, &now.column_facts);
        let defaults = |defaults: &[(String, String)]| -> Vec<String> {
            defaults.iter().map(|(column, value)| format!("{column} {value}")).collect()
        };
        list(what, "default", &defaults(&self.defaults), &defaults(&now.defaults));
    }

    fn unspell(&mut self) {
        self.query.clear();
        self.defaults.iter_mut().for_each(|(_, default)| default.clear());
    }

    fn remarks(&self, key: &ObjectKey) -> Vec<(String, Option<String>)> {
        let comment = |name: &String| self.column_facts.iter().find(|facts| facts.column == *name)?.comment.clone();
        self.columns.iter().map(|name| (column_target(key, name), comment(name))).collect()
    }

    fn column_facts(&self) -> Vec<&ColumnFacts> {
        self.column_facts.iter().collect()
    }

    fn column_facts_mut(&mut self) -> Vec<&mut ColumnFacts> {
        self.column_facts.iter_mut().collect()
    }

    fn has_column(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column == name)
    }
}

/// A view with these columns and nothing in it, for queries that read the view itself.
fn hollow(name: &str, columns: &[String], types: &[String]) -> String {
    let columns: Vec<String> =
        types.iter().zip(columns).map(|(data_type, column)| format!("NULL::{data_type} AS {column}")).collect();
    format!("CREATE VIEW {name} AS SELECT {}", columns.join(", "))
}

fn set_default(view: &str, column: &str, default: &str) -> String {
    format!("ALTER VIEW {view} ALTER COLUMN {} SET DEFAULT {}", ident(column), source_form(default))
}
