//! What an object is made of.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{companion::Companion, kind::ObjectKey, kinds::Definition, label::SecurityLabel, privilege::Grant};

/// One object: what it is, and what hangs on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// What it is made of.
    pub definition: Definition,
    /// Its owner; none for parts of tables, which have their table's.
    pub owner: Option<String>,
    /// Its privileges in the recorded order, defaults written out; empty for kinds that have none.
    pub grants: Vec<Grant>,
    /// `COMMENT ON` it.
    pub comment: Option<String>,
    /// Its security labels and those of its columns.
    #[serde(default)]
    pub labels: Vec<SecurityLabel>,
    /// What the server made along with it and was changed since; for an extension, its members' privileges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companions: Vec<Companion>,
    /// The extensions with which it is to be dropped (`ALTER … DEPENDS ON EXTENSION`), as the server quotes them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub extensions: BTreeSet<String>,
    /// The key or unique index that a foreign key hangs on: one of what it depends on, and not those of partitions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hangs_on: Option<ObjectKey>,
    /// The objects that must exist for this one to exist (`pg_depend`), itself left out; for an extension's object the
    /// extension. What a table's plain defaults need stands at the column instead, for a default can be taken off and set
    /// again while the table stays; the table that owns a sequence stands in [`Sequence::owned_by`].
    pub depends_on: BTreeSet<ObjectKey>,
}
