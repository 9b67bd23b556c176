//! What the open transaction did, told from what others did meanwhile.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use tokio_postgres::{Client, Error, types::Oid};

use super::assemble::{Address, word_of};
use crate::catalog::{Change, ChangeKind, ObjectKey, ObjectKind};

/// Asks which of some catalog rows this session's open transaction has made, changed or locked: catalogs and rows as arrays.
pub const OWN_CHANGES: &str = include_str!("own_changes.sql");

/// Where objects stand in the catalog at this moment.
#[derive(Debug, Clone, Default)]
pub struct Places(Arc<HashMap<Address, ObjectKey>>);

impl Places {
    pub(super) fn of(keys: &Arc<HashMap<Address, ObjectKey>>) -> Self {
        Places(Arc::clone(keys))
    }

    /// Those of these objects.
    fn of_keys<'a>(&'a self, wanted: &BTreeSet<ObjectKey>) -> BTreeMap<&'a ObjectKey, Address> {
        self.0.iter().filter(|(_, key)| wanted.contains(*key)).map(|(address, key)| (key, *address)).collect()
    }
}

/// The changes without those that are certainly another session's: each transaction sees at once what others commit. What
/// others made, changed or dropped and we did not touch is none of ours, and a restore must leave it alone. To be asked in the
/// transaction that made the changes, which has a number already, with the places before and after them.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn own_changes(
    client: &Client,
    (before, after): (&Places, &Places),
    changes: Vec<Change>,
) -> Result<Vec<Change>, Error> {
    if changes.is_empty() {
        return Ok(changes);
    }
    let traces = Traces::of_changes(&changes, before, after);
    let doubtful: BTreeSet<Address> = changes.iter().filter_map(|change| traces.of(change)).collect();
    if doubtful.is_empty() {
        return Ok(changes);
    }
    let tables = changes.iter().filter_map(|change| traces.of_table(&change.object));
    let (classes, oids): (Vec<Oid>, Vec<Oid>) = doubtful.iter().copied().chain(tables).unzip();
    let rows = client.query(OWN_CHANGES, &[&classes, &oids]).await?;
    let number = |row: &tokio_postgres::Row, column| {
        row.try_get::<_, i64>(column).map(|number| u32::try_from(number).unwrap_or_default())
    };
    let touched =
        rows.iter().map(|row| Ok((number(row, 0)?, number(row, 1)?))).collect::<Result<BTreeSet<Address>, Error>>()?;
    let along = RenamedAlong::of(&changes, |key| traces.after.get(key).is_some_and(|address| touched.contains(address)));
    let is_theirs = |change: &Change| {
        traces.of(change).is_some_and(|address| !touched.contains(&address))
            && !(change.how == ChangeKind::Removed
                && traces.of_table(&change.object).is_some_and(|table| touched.contains(&table)))
            && !along.has(change, &traces)
    };
    Ok(changes.iter().filter(|change| !is_theirs(change)).cloned().collect())
}

/// Where changes of ours would show.
struct Traces<'a> {
    before: BTreeMap<&'a ObjectKey, Address>,
    after: BTreeMap<&'a ObjectKey, Address>,
    then: &'a Places,
    now: &'a Places,
}

impl<'a> Traces<'a> {
    fn of_changes(changes: &[Change], before: &'a Places, now: &'a Places) -> Self {
        let objects = changes.iter().map(|change| change.object.clone());
        let wanted: BTreeSet<ObjectKey> =
            objects.chain(changes.iter().filter_map(|change| table_of(&change.object))).collect();
        Traces { before: before.of_keys(&wanted), after: now.of_keys(&wanted), then: before, now }
    }

    /// The catalog row that such a change of ours shows in, by itself or by a lock; none where it might not show.
    fn of(&self, change: &Change) -> Option<Address> {
        let key = &change.object;
        match change.how {
            // The server says who some of them are with the names of others: who was there already was not made.
            ChangeKind::Added => {
                let made = |address: &&Address| key.kind != ObjectKind::Other || !self.then.0.contains_key(*address);
                self.after.get(key).filter(made).filter(|_| !TRACELESS.contains(&key.kind)).copied()
            }
            ChangeKind::Changed => self.after.get(key).filter(|_| CHANGED.contains(&key.kind)).copied(),
            // Whoever drops an object has locked it. What has another name now was not dropped.
            ChangeKind::Removed => {
                let dropped = |address: &&Address| !self.now.0.contains_key(*address);
                self.before.get(key).filter(dropped).filter(|_| !TRACELESS.contains(&key.kind)).copied()
            }
        }
    }

    /// The row of the table that the object was a part of.
    fn of_table(&self, key: &ObjectKey) -> Option<Address> {
        self.before.get(&table_of(key)?).copied()
    }
}

fn table_of(key: &ObjectKey) -> Option<ObjectKey> {
    key.of.as_ref().map(|table| ObjectKey::table(&key.schema, table))
}

/// What is called otherwise because of what we renamed: no row of its own tells of that.
struct RenamedAlong<'a> {
    /// The schemas that we gave their names.
    schemas: BTreeSet<&'a str>,
    /// Names of schemas that are gone.
    left: BTreeSet<&'a str>,
    /// Whether we made or renamed what can be the type of an argument.
    has_types: bool,
}

impl<'a> RenamedAlong<'a> {
    fn of(changes: &'a [Change], is_ours: impl Fn(&ObjectKey) -> bool) -> Self {
        let named = |how, kinds: &'static [ObjectKind]| {
            changes
                .iter()
                .filter(move |change| change.how == how && kinds.contains(&change.object.kind))
                .map(|change| &change.object)
        };
        let schemas = |how| named(how, &[ObjectKind::Schema]);
        RenamedAlong {
            schemas: schemas(ChangeKind::Added).filter(|key| is_ours(key)).map(|key| key.name.as_str()).collect(),
            left: schemas(ChangeKind::Removed).map(|key| key.name.as_str()).collect(),
            has_types: named(ChangeKind::Added, &TYPES).any(is_ours),
        }
    }

    /// Whether the object stood here before, and what was renamed above or in it is ours.
    fn has(&self, change: &Change, traces: &Traces<'_>) -> bool {
        let now = &change.object;
        let then = traces.after.get(now).and_then(|address| traces.then.0.get(address));
        change.how == ChangeKind::Added
            && then.is_some_and(|then| {
                let is_moved = self.schemas.contains(now.schema.as_str()) && self.left.contains(then.schema.as_str());
                let has_other_arguments = then.schema == now.schema && then.name != now.name && self.has_types;
                without_arguments(&then.name) == without_arguments(&now.name) && (is_moved || has_other_arguments)
            })
    }
}

/// What arguments and columns can be of.
const TYPES: [ObjectKind; 4] = [ObjectKind::Type, ObjectKind::Table, ObjectKind::View, ObjectKind::MaterializedView];

/// The name of a routine without its arguments, whose types are called as they are now.
fn without_arguments(name: &str) -> &str {
    name.split_once('(').map_or(name, |(name, _)| name)
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
const TRACELESS: [ObjectKind; 3] = [ObjectKind::Statistics, ObjectKind::Publication, ObjectKind::Published];

/// The kinds of which no change shows, and those of which every change does, as arrays of the words that the queries use.
pub fn traces() -> (String, String) {
    let array =
        |kinds: &[ObjectKind]| format!("'{{{}}}'", kinds.iter().map(|kind| word_of(*kind)).collect::<Vec<_>>().join(","));
    (array(&TRACELESS), array(&CHANGED))
}
