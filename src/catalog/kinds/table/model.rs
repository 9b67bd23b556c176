//! Tables and their columns.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::catalog::{
    json::or_empty,
    kind::ObjectKey,
    lineage::{Descent, Lineage},
    privilege::Grant,
};

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// In order of their numbers, dropped ones left out.
    pub columns: Vec<Column>,
    /// Grants and comments of `ctid`, `tableoid` and their like.
    #[serde(default, deserialize_with = "or_empty", skip_serializing_if = "Vec::is_empty")]
    pub system_columns: Vec<ColumnFacts>,
    /// UNLOGGED
    pub unlogged: bool,
    /// ENABLE ROW LEVEL SECURITY
    pub row_security: bool,
    /// FORCE ROW LEVEL SECURITY
    pub force_row_security: bool,
    /// d, n, f, i as in `pg_class.relreplident`.
    pub replica_identity: char,
    /// `reloptions`, and those of its TOAST table with the prefix `toast.`.
    pub options: Vec<String>,
    /// Where it is not the database's own.
    pub tablespace: Option<String>,
    /// Where it is not `heap`.
    pub access_method: Option<String>,
    /// Its place among partitions and inheritance children.
    #[serde(default)]
    pub lineage: Lineage,
    /// OF: the composite type that it was made of.
    #[serde(default)]
    pub of_type: Option<String>,
    /// What is modelled no further, in words. Such a table can't be recreated.
    pub unmodelled: Vec<String>,
    /// Those of them for which not even its rows can be replaced while it stays, or its parts be made anew: "has the foreign
    /// table public.far among its partitions".
    pub unloadable: Vec<String>,
}

impl Table {
    /// The not-null marks that were never validated, with their columns: rows may break them.
    pub(crate) fn unvalidated_marks(&self) -> impl Iterator<Item = (&str, &NotNull)> {
        let marks = self.columns.iter().filter_map(|column| Some((column.name.as_str(), column.not_null.as_ref()?)));
        marks.filter(|(_, mark)| !mark.validated)
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Unquoted, `pg_attribute.attname`.
    pub name: String,
    /// `format_type`, with its modifier.
    pub data_type: String,
    /// Whether the type, or what it is an array of, is the server's own (in `pg_catalog`). Values of other types are copied
    /// as text, so that a copy depends on no type that the migration may change.
    pub builtin: bool,
    /// COLLATE, where it is not the type's own.
    pub collation: Option<String>,
    /// NOT NULL
    pub not_null: Option<NotNull>,
    /// DEFAULT
    pub default: Option<String>,
    /// What the default needs: sequences, functions, types.
    pub default_needs: BTreeSet<ObjectKey>,
    /// GENERATED … AS IDENTITY: a or d as in `pg_attribute.attidentity`.
    pub identity: Option<char>,
    /// GENERATED ALWAYS AS (…): s(tored) or v(irtual) as in `pg_attribute.attgenerated`, and the expression.
    pub generated: Option<(char, String)>,
    /// Where it is not the type's own: p, e, m, x as in `pg_attribute.attstorage`.
    pub storage: Option<char>,
    /// p or l as in `pg_attribute.attcompression`.
    pub compression: Option<char>,
    /// SET STATISTICS, where it was set.
    pub statistics: Option<i32>,
    /// `attoptions`: n_distinct and its like.
    pub options: Vec<String>,
    /// Whether it comes from tables above.
    #[serde(default)]
    pub descent: Descent,
    /// Grants and comment.
    pub facts: ColumnFacts,
}

/// A NOT NULL mark. Before PostgreSQL 18 it has no name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotNull {
    /// The constraint's name, where the server keeps one.
    pub name: Option<String>,
    /// Not NOT VALID.
    pub validated: bool,
    /// NO INHERIT
    pub no_inherit: bool,
    /// Whether it comes from tables above, where the server keeps that (from PostgreSQL 18 on).
    #[serde(default)]
    pub descent: Descent,
    /// COMMENT ON CONSTRAINT, where the server keeps one.
    pub comment: Option<String>,
}

impl NotNull {
    /// Whether it was never validated, and the table has it from above alone: it can only come down from there, after the rows.
    pub(crate) fn is_unvalidated_from_above(&self) -> bool {
        !self.validated && !self.descent.local
    }
}

/// What hangs on a single column of a table or view.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ColumnFacts {
    /// The column's name.
    pub column: String,
    /// Privileges on this column alone.
    pub grants: Vec<Grant>,
    /// COMMENT ON COLUMN
    pub comment: Option<String>,
}

/// The columns that every table and materialized view has.
const SYSTEM_COLUMNS: [&str; 6] = ["ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"];

/// The columns that every table and materialized view has, and no column of people's is called.
pub fn system_columns() -> impl Iterator<Item = &'static str> {
    SYSTEM_COLUMNS.into_iter()
}
