//! Materialized views.

use serde::{Deserialize, Serialize};

use super::{
    object::or_empty,
    table::{Column, ColumnFacts},
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
