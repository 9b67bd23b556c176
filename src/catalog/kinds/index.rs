//! Indexes that belong to no constraint.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{AlterTerms, CatalogKind, Changing, CreateOrder, DropOrder, Making},
    wording::{excerpt, plain, switch},
};
use crate::{
    catalog::{kind::ObjectKey, lineage::describe_attached, source_form::source_form},
    sql::quote::{ident, qualified},
};

/// An index that belongs to no constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// Its table.
    pub table: String,
    /// `pg_get_indexdef`
    pub create: String,
    /// `indisvalid`
    pub valid: bool,
    /// Where it is not the database's own.
    pub tablespace: Option<String>,
    /// `indisclustered`
    pub clustered: bool,
    /// `indisreplident`
    pub replica_identity: bool,
    /// Statistics targets of expression columns, by column number.
    pub statistics: Vec<(i32, i32)>,
    /// Whether its text holds expressions or a predicate, which the server may respell.
    pub has_expressions: bool,
    /// The index of the table above that it is attached to.
    pub parent: Option<ObjectKey>,
    /// Whether it is a partitioned table's, and holds nothing itself.
    #[serde(default)]
    pub partitioned: bool,
}

impl CatalogKind for Index {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "INDEX"
    }

    fn table_name<'a>(&'a self, key: &'a ObjectKey) -> Option<&'a str> {
        key.of.as_deref().or(Some(&self.table))
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Indexes
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Indexes
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let name = self.title(making.key);
        let mut statements = vec![source_form(&self.create)];
        if let Some(tablespace) = &self.tablespace {
            statements.push(format!("ALTER INDEX {name} SET TABLESPACE {}", ident(tablespace)));
        }
        statements.extend(self.statistics.iter().map(|(column, target)| set_statistics(&name, *column, *target)));
        statements.extend(marks(&self.table_of(making.key), &making.key.name, self.clustered, self.replica_identity));
        statements
    }

    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        self.create == now.create && self.valid == now.valid
    }

    fn before(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        let is_unmarked = !self.clustered && now.clustered;
        let table = self.table_of(changing.key);
        is_unmarked.then(|| format!("ALTER TABLE {table} SET WITHOUT CLUSTER")).into_iter().collect()
    }

    fn after(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        let name = self.title(changing.key);
        let is_set = |column: &i32| self.statistics.iter().any(|(other, _)| other == column);
        let unset = now.statistics.iter().filter(|(column, _)| !is_set(column));
        let mut statements: Vec<String> = unset.map(|(column, _)| set_statistics(&name, *column, -1)).collect();
        let set = self.statistics.iter().filter(|target| !now.statistics.contains(target));
        statements.extend(set.map(|(column, target)| set_statistics(&name, *column, *target)));
        if self.tablespace != now.tablespace {
            let tablespace = self.tablespace.as_deref().unwrap_or("pg_default");
            statements.push(format!("ALTER INDEX {name} SET TABLESPACE {}", ident(tablespace)));
        }
        let clustered = self.clustered && !now.clustered;
        let replica_identity = self.replica_identity && !now.replica_identity;
        statements.extend(marks(&self.table_of(changing.key), &changing.key.name, clustered, replica_identity));
        statements
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        excerpt(what, "definition", &self.create, &now.create);
        describe_attached(what, &self.parent, &now.parent);
        switch(what, "valid", self.valid, now.valid);
        plain(what, "tablespace", &self.tablespace, &now.tablespace);
        switch(what, "cluster mark", self.clustered, now.clustered);
        switch(what, "replica identity", self.replica_identity, now.replica_identity);
        if self.statistics != now.statistics {
            what.push("statistics targets differ".to_owned());
        }
    }

    fn unspell(&mut self) {
        if self.has_expressions {
            self.create.clear();
        }
    }

    fn parent(&self) -> Option<&ObjectKey> {
        self.parent.as_ref()
    }
}

impl Index {
    fn table_of(&self, key: &ObjectKey) -> String {
        qualified(&key.schema, &self.table)
    }
}

/// The marks that a table puts on one of its indexes.
pub(super) fn marks(table: &str, index: &str, clustered: bool, replica_identity: bool) -> Vec<String> {
    let mut statements = Vec::new();
    if clustered {
        statements.push(format!("ALTER TABLE {table} CLUSTER ON {}", ident(index)));
    }
    if replica_identity {
        statements.push(format!("ALTER TABLE {table} REPLICA IDENTITY USING INDEX {}", ident(index)));
    }
    statements
}

fn set_statistics(index: &str, column: i32, target: i32) -> String {
    format!("ALTER INDEX {index} ALTER COLUMN {column} SET STATISTICS {target}")
}
