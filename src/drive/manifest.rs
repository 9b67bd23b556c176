//! What is written down of a backup.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use super::paths::ExpressionPaths;
use crate::{
    catalog::{Column, Definition, ObjectKey, ObjectKind, SequencePosition, Snapshot, materialized_over},
    machine::{BackupCompleted, CopiedTable, Failure},
};

/// How rows are hashed. Its name is stored with every digest, because only digests of one algorithm can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// Over the columns of a row.
    #[serde(rename = "record/1")]
    Record,
    /// Over the row as text.
    #[serde(rename = "text/1")]
    Text,
}

impl Algorithm {
    /// Its name in manifests.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Record => "record/1",
            Algorithm::Text => "text/1",
        }
    }

    /// The one with this name; none where a later program wrote it.
    pub fn named(name: &str) -> Option<Self> {
        [Algorithm::Record, Algorithm::Text].into_iter().find(|algorithm| algorithm.name() == name)
    }
}

/// What a table holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableContent {
    /// How many, counted while they were digested.
    pub rows: u64,
    /// The digest: 32 hexadecimal digits.
    pub digest: String,
}

/// A copied table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCopy {
    /// The table's schema.
    pub schema: String,
    /// The table's name.
    pub name: String,
    /// The copy's name, which no other one in the backup has.
    pub copy: String,
    /// Size of the copy in bytes.
    pub bytes: u64,
    /// What the table held.
    pub content: TableContent,
    /// The `search_path` under which what hangs on the table can be evaluated, as SET takes it; nothing for an empty one.
    pub path: String,
}

/// What a copy is found by.
#[derive(Debug, Clone, Copy)]
pub struct CopyId<'a> {
    /// `YYYY_MM_DD_HH24_MI_SS`, as [`Backups::begin`] returned it.
    pub backup: &'a str,
    /// The schema of copies in the same database.
    pub schema: &'a str,
    /// The copy's name, which no other one in the backup has: at most 63 bytes, of any characters but NUL.
    pub copy: &'a str,
}

impl TableCopy {
    /// By what the snapshot knows the table.
    pub fn key(&self) -> ObjectKey {
        ObjectKey::table(&self.schema, &self.name)
    }

    /// `schema.table`
    pub fn title(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }
}

/// What a materialized view held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewContent {
    /// The view's schema.
    pub schema: String,
    /// The view's name.
    pub name: String,
    /// Its rows.
    pub content: TableContent,
    /// The `search_path` under which it can be read and filled, as SET takes it; nothing for an empty one.
    pub path: String,
}

impl ViewContent {
    /// By what the snapshot knows the materialized view.
    pub fn key(&self) -> ObjectKey {
        ObjectKey::new(ObjectKind::MaterializedView, &self.schema, &self.name)
    }
}

/// A backup whose copies are whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its id: the moment in UTC, `YYYY_MM_DD_HH24_MI_SS`.
    pub id: String,
    /// The schema of copies in the same database.
    pub schema: String,
    /// The plan that it was taken for.
    pub plan: String,
    /// The run that took it.
    pub run: Option<String>,
    /// The moment that the copies show, as `pg_current_snapshot()` has it; none where nobody could write meanwhile.
    pub moment: Option<String>,
    /// How rows were digested.
    pub algorithm: Algorithm,
    /// The structure of the database.
    pub snapshot: Snapshot,
    /// Its fingerprint, hex.
    pub fingerprint: String,
    /// The copies, by schema and name.
    pub tables: Vec<TableCopy>,
    /// Where sequences stood.
    #[serde(with = "as_pairs")]
    pub positions: BTreeMap<ObjectKey, SequencePosition>,
    /// What the materialized views over the copied tables held, as far as the role could read them.
    pub views: Vec<ViewContent>,
    /// Under which paths what hangs on tables and materialized views can be evaluated.
    pub paths: ExpressionPaths,
}

impl Manifest {
    /// What the journal is told of it.
    pub fn event(&self) -> BackupCompleted {
        let table = |table: &TableCopy| CopiedTable {
            table: table.title(),
            copy: table.copy.clone(),
            rows: table.content.rows,
            bytes: table.bytes,
            digest: table.content.digest.clone(),
        };
        BackupCompleted {
            backup: self.id.clone(),
            tables: self.tables.iter().map(table).collect(),
            catalog: self.fingerprint.clone(),
            trial: None,
            unchanged: Vec::new(),
        }
    }

    /// What the copy of one of its tables is found by.
    pub fn copy_id<'a>(&'a self, table: &'a TableCopy) -> CopyId<'a> {
        CopyId { backup: &self.id, schema: &self.schema, copy: &table.copy }
    }

    /// The columns of a copied table, as the backup's catalog has them.
    pub fn columns(&self, table: &TableCopy) -> Option<&[Column]> {
        match &self.snapshot.objects.get(&table.key())?.definition {
            Definition::Table(found) => Some(&found.columns),
            _ => None,
        }
    }

    /// The same backup with these of its tables alone, given as `schema.table`; with all of them where none is given.
    ///
    /// # Errors
    /// `backstop::backup::no_such_table` where one of them is not in it.
    pub fn only(&self, tables: &[String]) -> Result<Cow<'_, Manifest>, Failure> {
        if tables.is_empty() {
            return Ok(Cow::Borrowed(self));
        }
        if let Some(unknown) = tables.iter().find(|name| self.tables.iter().all(|table| table.title() != **name)) {
            let titles: Vec<String> = self.tables.iter().map(TableCopy::title).collect();
            let message = format!("the backup {} does not hold {unknown}", self.id);
            return Err(Failure::permanent("backstop::backup::no_such_table", message)
                .hint(format!("It holds {}.", titles.join(", "))));
        }
        let kept: Vec<TableCopy> = self.tables.iter().filter(|table| tables.contains(&table.title())).cloned().collect();
        let over = materialized_over(&self.snapshot, &kept.iter().map(TableCopy::key).collect());
        let views = self.views.iter().filter(|view| over.contains(&view.key())).cloned().collect();
        Ok(Cow::Owned(Manifest { tables: kept, views, ..self.clone() }))
    }
}

/// JSON's keys are strings, so what is kept by objects is stored as a list of pairs.
pub(super) mod as_pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::catalog::ObjectKey;

    pub fn serialize<V: Serialize, S: Serializer>(of: &BTreeMap<ObjectKey, V>, to: S) -> Result<S::Ok, S::Error> {
        of.iter().collect::<Vec<_>>().serialize(to)
    }

    pub fn deserialize<'de, V: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<ObjectKey, V>, D::Error> {
        Ok(Vec::<(ObjectKey, V)>::deserialize(from)?.into_iter().collect())
    }
}
