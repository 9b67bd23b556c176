//! Materialized views.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{AlterTerms, CatalogKind, Changing, Making},
    clauses::{change_options, with_options},
    same_methods::{column_methods, relation_methods},
    table::{
        Column, ColumnFacts, change_column, column_target, describe_columns, describe_facts, is_same_column,
        replica_identity_word, storage, system_remarks,
    },
    wording::{excerpt, list, plain, switch},
};
use crate::{
    catalog::{json::or_empty, kind::ObjectKey, source_form::source_form},
    sql::quote::ident,
};

/// A materialized view. Its rows are not part of it: what its query gives is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterializedView {
    /// In order; those have no marks, defaults or expressions.
    pub columns: Vec<Column>,
    /// Grants and comments of `ctid`, `tableoid` and their like.
    #[serde(default, deserialize_with = "or_empty", skip_serializing_if = "Vec::is_empty")]
    pub system_columns: Vec<ColumnFacts>,
    /// n, f, i as in `pg_class.relreplident`, where it is not the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replica_identity: Option<char>,
    /// `pg_get_viewdef`, without the last semicolon.
    pub query: String,
    /// `reloptions`, and those of its TOAST table with the prefix `toast.`.
    pub options: Vec<String>,
    /// Where it is not the database's own.
    pub tablespace: Option<String>,
    /// Where it is not `heap`.
    pub access_method: Option<String>,
    /// Whether it can be read (`relispopulated`).
    pub populated: bool,
}

impl CatalogKind for MaterializedView {
    relation_methods!("MATERIALIZED VIEW", Views);
    column_methods!();

    /// The view without rows: it is filled when everything that it reads from is there, and its owner may read it.
    fn create(&self, making: Making<'_>) -> Vec<String> {
        let name = self.title(making.key);
        let columns: Vec<String> = self.columns.iter().map(|column| ident(&column.name)).collect();
        let mut statement = format!("CREATE MATERIALIZED VIEW {name} ({})", columns.join(", "));
        if let Some(method) = &self.access_method {
            statement.push_str(&format!(" USING {}", ident(method)));
        }
        statement.push_str(&with_options(&self.options));
        if let Some(tablespace) = &self.tablespace {
            statement.push_str(&format!(" TABLESPACE {}", ident(tablespace)));
        }
        statement.push_str(&format!(" AS\n{}\nWITH NO DATA", source_form(&self.query)));
        let mut statements = vec![statement];
        statements.extend(self.columns.iter().flat_map(|column| storage(&name, column)));
        statements.extend(self.replica_identity.and_then(|_| self.set_replica_identity(&name)));
        statements
    }

    fn can_stay(&self, now: &Self, terms: AlterTerms) -> bool {
        self.query == now.query
            && self.access_method == now.access_method
            && self.columns.len() == now.columns.len()
            && self.columns.iter().zip(&now.columns).all(|(then, now)| is_same_column(then, now, terms.server_version))
    }

    /// Everything but the rows.
    fn after(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        let name = self.title(changing.key);
        let alter = format!("ALTER MATERIALIZED VIEW {name}");
        let columns = self.columns.iter().zip(&now.columns);
        let mut statements: Vec<String> = columns.flat_map(|(then, now)| change_column(then, now, changing)).collect();
        statements.extend(change_options(&alter, &self.options, &now.options));
        if self.replica_identity != now.replica_identity {
            statements.extend(self.set_replica_identity(&name));
        }
        if self.tablespace != now.tablespace {
            let tablespace = self.tablespace.as_deref().unwrap_or("pg_default");
            statements.push(format!("{alter} SET TABLESPACE {}", ident(tablespace)));
        }
        statements
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        describe_columns(what, &self.columns, &now.columns);
        describe_facts(what, &self.system_columns, &now.system_columns);
        let identity = |view: &MaterializedView| replica_identity_word(view.replica_identity.unwrap_or('d'));
        plain(what, "replica identity", &Some(identity(self)), &Some(identity(now)));
        excerpt(what, "query", &self.query, &now.query);
        list(what, "option", &self.options, &now.options);
        plain(what, "tablespace", &self.tablespace, &now.tablespace);
        plain(what, "access method", &self.access_method, &now.access_method);
        switch(what, "populated", self.populated, now.populated);
    }

    fn unspell(&mut self) {
        self.query.clear();
    }

    fn remarks(&self, key: &ObjectKey) -> Vec<(String, Option<String>)> {
        let own = self.columns.iter().map(|column| (column_target(key, &column.name), column.facts.comment.clone()));
        system_remarks(key, &self.column_facts()).into_iter().chain(own).collect()
    }
}

impl MaterializedView {
    /// Fills the view with what its query gives.
    pub(in crate::catalog) fn refresh(&self, key: &ObjectKey) -> String {
        format!("REFRESH MATERIALIZED VIEW {}", self.title(key))
    }

    /// Makes the view unreadable, as it was.
    pub(in crate::catalog) fn unfill(&self, key: &ObjectKey) -> String {
        format!("REFRESH MATERIALIZED VIEW {} WITH NO DATA", self.title(key))
    }

    /// Sets what its changes are published by; none where an index is it, which is said at the index.
    fn set_replica_identity(&self, name: &str) -> Option<String> {
        let word = match self.replica_identity {
            None | Some('d') => "DEFAULT",
            Some('n') => "NOTHING",
            Some('f') => "FULL",
            Some(_) => return None,
        };
        Some(format!("ALTER TABLE {name} REPLICA IDENTITY {word}"))
    }
}
