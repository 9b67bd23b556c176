//! All objects of a database at one moment.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{kind::ObjectKey, object::Object};

/// The number of the queries that fingerprint what is modelled no further; another one whenever they look at other facts.
pub const EDITION: u32 = 2;

/// The structure of a database at one moment: everything outside the system's schemas and backstop's own.
///
/// Objects that belong to an extension are left out; the extensions themselves are [`super::ObjectKind::Other`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// `server_version_num` of the server that it was read from.
    pub server_version: u32,
    /// Roles that default privileges name: what is made anew may have been granted to them, and must be taken from them first.
    pub default_grantees: BTreeSet<String>,
    /// Which queries read it, [`EDITION`] or an earlier one: what is known by a fingerprint alone is compared only between
    /// snapshots of the same queries.
    #[serde(default)]
    pub edition: u32,
    /// What the database's sessions have where neither their role nor their client says otherwise, of the settings that expressions may
    /// depend on: how values are written, languages, and whatever the database sets for functions of its own. None in backups of earlier
    /// programs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// The objects.
    #[serde(with = "as_list")]
    pub objects: BTreeMap<ObjectKey, Object>,
}

/// JSON's keys are strings, so the map is stored as a list of pairs.
mod as_list {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Object, ObjectKey};

    pub fn serialize<S: Serializer>(objects: &BTreeMap<ObjectKey, Object>, to: S) -> Result<S::Ok, S::Error> {
        objects.iter().collect::<Vec<_>>().serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<ObjectKey, Object>, D::Error> {
        Ok(Vec::<(ObjectKey, Object)>::deserialize(from)?.into_iter().collect())
    }
}
