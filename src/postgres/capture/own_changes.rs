//! What the open transaction did, told from what others did meanwhile.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tokio_postgres::{Client, Error, types::Oid};

use super::assemble::{Address, word_of};
use crate::catalog::{Change, ChangeKind, ObjectKey, ObjectKind};

/// Asks which of some catalog rows this session's open transaction has made, changed or locked: catalogs and rows as arrays.
pub const OWN_CHANGES: &str = include_str!("own_changes.sql");

/// Where objects stand in the catalog at this moment.
#[derive(Debug, Clone, Default)]
pub struct Places(BTreeMap<ObjectKey, Address>);

impl Places {
    pub(super) fn of(keys: HashMap<Address, ObjectKey>) -> Self {
        Places(keys.into_iter().map(|(address, key)| (key, address)).collect())
    }
}

/// The changes without those that are certainly another session's: each transaction sees at once what others commit. What
/// others made or changed and we did not touch is none of ours, and a restore must leave it alone. To be asked in the
/// transaction that made the changes, which has a number already.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn own_changes(client: &Client, places: &Places, changes: Vec<Change>) -> Result<Vec<Change>, Error> {
    let doubtful: Vec<Address> = changes
        .iter()
        .filter(|change| leaves_traces(change))
        .filter_map(|change| places.0.get(&change.object).copied())
        .collect();
    if doubtful.is_empty() {
        return Ok(changes);
    }
    let (classes, oids): (Vec<Oid>, Vec<Oid>) = doubtful.iter().copied().unzip();
    let rows = client.query(OWN_CHANGES, &[&classes, &oids]).await?;
    let number = |row: &tokio_postgres::Row, column| {
        row.try_get::<_, i64>(column).map(|number| u32::try_from(number).unwrap_or_default())
    };
    let touched = rows.iter().map(|row| Ok((number(row, 0)?, number(row, 1)?))).collect::<Result<Vec<Address>, Error>>()?;
    let moved = Moved::of(&changes, |key| places.0.get(key).is_some_and(|address| touched.contains(address)));
    let is_theirs = |change: &Change| {
        leaves_traces(change)
            && places.0.get(&change.object).is_some_and(|address| !touched.contains(address))
            && !moved.has(change)
    };
    Ok(changes.into_iter().filter(|change| !is_theirs(change)).collect())
}

/// What stands in a schema that we renamed: no row of its own tells of that.
struct Moved {
    schemas: BTreeSet<String>,
    gone: BTreeSet<ObjectKey>,
}

impl Moved {
    fn of(changes: &[Change], is_ours: impl Fn(&ObjectKey) -> bool) -> Self {
        let schemas =
            |how| changes.iter().filter(move |change| change.how == how && change.object.kind == ObjectKind::Schema);
        let left: BTreeSet<&str> = schemas(ChangeKind::Removed).map(|change| change.object.name.as_str()).collect();
        let gone = changes
            .iter()
            .filter(|change| change.how == ChangeKind::Removed && left.contains(change.object.schema.as_str()));
        Moved {
            schemas: schemas(ChangeKind::Added).filter(|c| is_ours(&c.object)).map(|c| c.object.name.clone()).collect(),
            gone: gone.map(|change| without_schema(&change.object)).collect(),
        }
    }

    /// Whether the object has come into a schema of ours, and is gone from one under the same name.
    fn has(&self, change: &Change) -> bool {
        change.how == ChangeKind::Added
            && self.schemas.contains(&change.object.schema)
            && self.gone.contains(&without_schema(&change.object))
    }
}

fn without_schema(key: &ObjectKey) -> ObjectKey {
    ObjectKey { schema: String::new(), ..key.clone() }
}

/// The kinds of which every change of ours leaves a trace.
const CHANGED: [ObjectKind; 6] = [
    ObjectKind::Table,
    ObjectKind::View,
    ObjectKind::MaterializedView,
    ObjectKind::Sequence,
    ObjectKind::Function,
    ObjectKind::Aggregate,
];

/// The kinds of which no change shows, or might not.
const TRACELESS: [ObjectKind; 4] =
    [ObjectKind::Other, ObjectKind::Statistics, ObjectKind::Publication, ObjectKind::Published];

/// Whether such a change of ours shows in the object's catalog row or in a lock. What does not, or might not, counts as ours.
fn leaves_traces(change: &Change) -> bool {
    let kind = change.object.kind;
    match change.how {
        ChangeKind::Added => !TRACELESS.contains(&kind),
        ChangeKind::Changed => CHANGED.contains(&kind),
        ChangeKind::Removed => false,
    }
}

/// The kinds of which no change shows, and those of which every change does, as arrays of the words that the queries use.
pub fn traces() -> (String, String) {
    let array =
        |kinds: &[ObjectKind]| format!("'{{{}}}'", kinds.iter().map(|kind| word_of(*kind)).collect::<Vec<_>>().join(","));
    (array(&TRACELESS), array(&CHANGED))
}
