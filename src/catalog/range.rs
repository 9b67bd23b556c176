//! Range types.

use serde::{Deserialize, Serialize};

use super::object::Grant;

/// A range type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// SUBTYPE
    pub subtype: String,
    /// SUBTYPE_OPCLASS
    pub operator_class: String,
    /// COLLATION, where the subtype has one.
    pub collation: Option<String>,
    /// CANONICAL
    pub canonical: Option<String>,
    /// SUBTYPE_DIFF
    pub subtype_diff: Option<String>,
    /// MULTIRANGE_TYPE_NAME, qualified; none before PostgreSQL 14.
    pub multirange: Option<String>,
    /// COMMENT ON TYPE the multirange.
    pub multirange_comment: Option<String>,
    /// The functions that came with it.
    pub constructors: Vec<Constructor>,
}

/// A function that the server makes with a range type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constructor {
    /// Its name with its argument types, as DROP takes it.
    pub name: String,
    /// The role that initialized the server, whoever owns the type.
    pub owner: String,
    /// Its privileges in the recorded order, defaults written out.
    pub grants: Vec<Grant>,
}
