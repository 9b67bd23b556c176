//! What the open transaction did, told from what others did meanwhile.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use tokio_postgres::{
    Client, Error,
    types::{Oid, Type},
};

use super::{
    assemble::{Address, Alias, end_of, number},
    watched::{own_classes, rows_of_objects},
};
use crate::catalog::{Change, ChangeKind, Definition, ObjectKey, Snapshot, without_columns};

/// How a change of a trigger inside of a constraint is told.
const INTERNAL_TRIGGER: &str = "internal trigger ";

/// Where the rows of the catalogs stand in the question.
const ROWS_HERE: &str = "-- Here stand the rows of the catalogs that are looked after.";

/// Asks whose the newest versions of some catalog rows are, on a server of this `server_version_num`: ours in the session's open
/// transaction, or those of others. Catalogs and rows come as arrays, with the snapshot since which others count.
pub fn own_changes_question(version: u32) -> String {
    include_str!("own_changes.sql").replacen(ROWS_HERE, &rows_of_objects(version), 1).replacen(
        "{classes}",
        &own_classes(version),
        1,
    )
}

/// Where objects stand in the catalog at this moment, and since when.
#[derive(Debug, Clone, Default)]
pub struct Places {
    keys: Arc<HashMap<Address, ObjectKey>>,
    parts: Arc<HashMap<Address, Alias>>,
    seen: Option<Seen>,
}

/// When the catalogs were looked at.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// `server_version_num`
    pub(super) version: u32,
    /// The server's snapshot, as it writes it.
    pub(super) snapshot: String,
}

impl Places {
    pub(super) fn of(
        keys: &Arc<HashMap<Address, ObjectKey>>,
        parts: &Arc<HashMap<Address, Alias>>,
        seen: Option<Seen>,
    ) -> Self {
        Places { keys: Arc::clone(keys), parts: Arc::clone(parts), seen }
    }

    /// Those of these objects.
    fn of_keys<'a>(&'a self, wanted: &BTreeSet<ObjectKey>) -> BTreeMap<&'a ObjectKey, Address> {
        self.keys.iter().filter(|(_, key)| wanted.contains(*key)).map(|(address, key)| (key, *address)).collect()
    }

    /// What is part of these rows, by what it is part of.
    fn parts_of(&self, wanted: &BTreeSet<Address>) -> BTreeSet<(Address, Address)> {
        let all = self.parts.keys().map(|part| (end_of(&self.keys, &self.parts, *part), *part));
        all.filter(|(of, _)| wanted.contains(of)).collect()
    }
}

/// The changes without those that are another session's: each transaction sees at once what others commit. What others made, changed
/// or dropped and we did not touch is none of ours, and a restore must leave it alone. To be asked in the transaction that made the
/// changes, which has a number already, with the structures before and after them. Where rows can't be seen, all are taken for ours.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn own_changes(
    client: &Client,
    before: (&Snapshot, &Places),
    after: (&Snapshot, &Places),
    changes: Vec<Change>,
) -> Result<Vec<Change>, Error> {
    let Some(seen) = before.1.seen.as_ref().filter(|_| !changes.is_empty()) else { return Ok(changes) };
    let traces = Traces::of_changes(&changes, before.1, after.1);
    let (classes, oids): (Vec<Oid>, Vec<Oid>) = traces.all().into_iter().unzip();
    let question = own_changes_question(seen.version);
    let with = [(&classes as _, Type::OID_ARRAY), (&oids as _, Type::OID_ARRAY), (&seen.snapshot as _, Type::TEXT)];
    let mut touched = TouchedRows::default();
    for row in client.query_typed(&question, &with).await? {
        let address = (number(&row, 0)?, number(&row, 1)?);
        let is_own: bool = row.try_get(2)?;
        if is_own {
            touched.by_us.insert(address)
        } else {
            touched.by_others.insert(address)
        };
        if let Some(column) = row.try_get(3)? {
            touched.columns.insert((address, column), is_own);
        }
    }
    let told: Vec<(Change, Maker)> = changes
        .into_iter()
        .filter_map(|change| {
            let maker = traces.maker(&change, &touched, after.0);
            let change = match maker {
                Maker::We => {
                    let theirs = traces.columns_of_others(&change, &touched, [before.0, after.0]);
                    without_columns(change, &theirs, [before.0, after.0])?
                }
                Maker::Others | Maker::Whoever => change,
            };
            Some((change, maker))
        })
        .collect();
    Ok(with_what_follows(told, [before.0, after.0]))
}

/// Who has touched which catalog rows.
#[derive(Default)]
struct TouchedRows {
    by_us: BTreeSet<Address>,
    by_others: BTreeSet<Address>,
    /// The columns among them, by their names of now, and whether it was us.
    columns: BTreeMap<(Address, String), bool>,
}

/// Whose a change is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Maker {
    We,
    Others,
    /// No row of the object's was touched: it is called or printed otherwise because of something else.
    Whoever,
}

/// Where changes show.
struct Traces<'a> {
    before: BTreeMap<&'a ObjectKey, Address>,
    after: BTreeMap<&'a ObjectKey, Address>,
    parts_before: BTreeSet<(Address, Address)>,
    parts_after: BTreeSet<(Address, Address)>,
    then: &'a Places,
    now: &'a Places,
}

impl<'a> Traces<'a> {
    fn of_changes(changes: &[Change], then: &'a Places, now: &'a Places) -> Self {
        let objects = changes.iter().map(|change| change.object.clone());
        let wanted: BTreeSet<ObjectKey> =
            objects.chain(changes.iter().filter_map(|change| table_of(&change.object))).collect();
        let (before, after) = (then.of_keys(&wanted), now.of_keys(&wanted));
        let addresses = before.values().chain(after.values()).copied().collect();
        let (parts_before, parts_after) = (then.parts_of(&addresses), now.parts_of(&addresses));
        Traces { before, after, parts_before, parts_after, then, now }
    }

    /// All rows that tell of one of the changes.
    fn all(&self) -> BTreeSet<Address> {
        let parts = self.parts_before.iter().chain(&self.parts_after).map(|(_, part)| part);
        self.before.values().chain(self.after.values()).chain(parts).copied().collect()
    }

    /// Whose a change is, by the rows of the object, its parts and the table that it was a part of.
    fn maker(&self, change: &Change, touched: &TouchedRows, now: &Snapshot) -> Maker {
        let key = &change.object;
        let (then_at, now_at) = (self.before.get(key).copied(), self.after.get(key).copied());
        let table = table_of(key).and_then(|table| self.before.get(&table));
        let own: Vec<Address> = then_at.into_iter().chain(now_at).collect();
        let (was, is) = (parts(&self.parts_before, &own), parts(&self.parts_after, &own));
        let mut rows = own.iter().chain(&was).chain(&is);
        let goes_with_table = change.how == ChangeKind::Removed && table.is_some_and(|table| touched.by_us.contains(table));
        if own.is_empty() || goes_with_table || rows.clone().any(|row| touched.by_us.contains(row)) {
            return Maker::We;
        }
        // What we make has rows of ours, and what we drop was locked by us.
        let is_new = then_at.is_none() && now_at.is_some_and(|at| !self.then.keys.contains_key(&at));
        let is_gone = now_at.is_none() && then_at.is_some_and(|at| !self.now.keys.contains_key(&at));
        let is_another = then_at.zip(now_at).is_some_and(|(then, now)| then != now);
        let lost_parts = !was.is_subset(&is);
        if is_new || is_gone || is_another || lost_parts || rows.any(|row| touched.by_others.contains(row)) {
            return Maker::Others;
        }
        // Settings that a database loses leave nothing, not even a lock; the triggers inside of a foreign key stand at tables of which it
        // names none, the partitions that it leads to.
        let is_silent = now.objects.get(key).is_some_and(|of| matches!(of.definition, Definition::Database(_)))
            || change.what.iter().any(|what| what.contains(INTERNAL_TRIGGER));
        if is_silent || table.is_some_and(|table| touched.by_us.contains(table)) { Maker::We } else { Maker::Whoever }
    }

    /// The columns of a table that is changed by us, too, which others changed, made or took from it.
    fn columns_of_others(&self, change: &Change, touched: &TouchedRows, snapshots: [&Snapshot; 2]) -> BTreeSet<String> {
        let (Some(at), ChangeKind::Changed) = (self.after.get(&change.object), change.how) else { return BTreeSet::new() };
        let [before, after] = snapshots.map(|snapshot| column_names(snapshot, &change.object));
        let rows: Vec<(&str, bool)> = touched
            .columns
            .iter()
            .filter(|((of, _), _)| of == at)
            .map(|((_, name), is_own)| (name.as_str(), *is_own))
            .collect();
        let mut theirs: BTreeSet<&str> = rows.iter().filter(|(_, is_own)| !is_own).map(|(name, _)| *name).collect();
        // A column that is dropped or has another name leaves a row whose name was none before.
        let left_by = |us: bool| rows.iter().any(|(name, is_own)| *is_own == us && !before.contains(name));
        if left_by(false) && !left_by(true) {
            theirs.extend(before.difference(&after));
        }
        theirs.into_iter().map(str::to_owned).collect()
    }
}

fn column_names<'a>(snapshot: &'a Snapshot, table: &ObjectKey) -> BTreeSet<&'a str> {
    let columns = snapshot.objects.get(table).map_or(&[][..], |object| object.definition.columns());
    columns.iter().map(|column| column.name.as_str()).collect()
}

fn parts(all: &BTreeSet<(Address, Address)>, of: &[Address]) -> BTreeSet<Address> {
    all.iter().filter(|(whole, _)| of.contains(whole)).map(|(_, part)| *part).collect()
}

fn table_of(key: &ObjectKey) -> Option<ObjectKey> {
    key.of.as_ref().map(|table| ObjectKey::table(&key.schema, table))
}

/// Our changes with what follows from them: what is called or printed otherwise because something that it needs is.
fn with_what_follows(told: Vec<(Change, Maker)>, snapshots: [&Snapshot; 2]) -> Vec<Change> {
    let mut ours: BTreeSet<ObjectKey> =
        told.iter().filter(|(_, maker)| *maker == Maker::We).map(|(change, _)| change.object.clone()).collect();
    loop {
        let follows = |key: &ObjectKey| needs(key, snapshots).any(|need| ours.contains(&need));
        let more: Vec<ObjectKey> = told
            .iter()
            .filter(|(change, maker)| *maker == Maker::Whoever && !ours.contains(&change.object))
            .map(|(change, _)| change.object.clone())
            .filter(follows)
            .collect();
        if more.is_empty() {
            break;
        }
        ours.extend(more);
    }
    told.into_iter().map(|(change, _)| change).filter(|change| ours.contains(&change.object)).collect()
}

/// What an object needed or needs.
fn needs<'a>(key: &'a ObjectKey, snapshots: [&'a Snapshot; 2]) -> impl Iterator<Item = ObjectKey> + 'a {
    let objects = snapshots.into_iter().filter_map(|snapshot| snapshot.objects.get(key));
    let needs = objects.flat_map(|object| {
        let columns = object.definition.columns().iter().flat_map(|column| &column.default_needs);
        let owner = match &object.definition {
            Definition::Sequence(sequence) => sequence.owned_by.as_ref().map(|(table, _)| table),
            _ => None,
        };
        object.depends_on.iter().chain(columns).chain(owner).cloned()
    });
    needs.chain(table_of(key))
}
