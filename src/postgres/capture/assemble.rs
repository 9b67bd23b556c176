//! Rows → objects: OIDs become keys, edges of `pg_depend` become `depends_on`.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use tokio_postgres::{Error, Row, types::Json};

use crate::catalog::{
    Companion, Constraint, Definition, EDITION, Grant, Object, ObjectKey, ObjectKind, SecurityLabel, Snapshot,
};

/// How many steps lead at most from a catalog row to the object that it is part of: an index's default's table's extension
/// is three.
const ALIAS_STEPS: usize = 8;

/// Catalog and row: `(classid, objid)`.
pub(super) type Address = (u32, u32);

/// What a catalog row is part of.
#[derive(Debug, Clone)]
pub(super) struct Alias {
    of: Address,
    /// The column whose plain default the row is.
    column: Option<String>,
}

/// What a catalog row depends on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Edge {
    to: Address,
    on_extension: bool,
}

/// Which objects are read.
#[derive(Clone, Copy)]
pub(super) enum Extent<'a> {
    /// All of them.
    All,
    /// Those at these addresses.
    Of(&'a BTreeSet<Address>),
}

impl Extent<'_> {
    fn has(self, address: Address) -> bool {
        match self {
            Extent::All => true,
            Extent::Of(addresses) => addresses.contains(&address),
        }
    }
}

/// A snapshot, and what it was made of: enough to read some of its objects again.
#[derive(Default)]
pub(super) struct Assembly {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) keys: Arc<HashMap<Address, ObjectKey>>,
    pub(super) aliases: Arc<HashMap<Address, Alias>>,
    edges: HashMap<Address, Vec<Edge>>,
    /// The objects of the queries that are always read as a whole, some of which share an address.
    whole: Vec<(Address, ObjectKey)>,
}

impl Assembly {
    pub(super) fn facts(&mut self, row: &Row) -> Result<u32, Error> {
        let Json(settings): Json<BTreeMap<String, String>> = row.try_get(2)?;
        let snapshot = Arc::make_mut(&mut self.snapshot);
        snapshot.server_version = u32::try_from(row.try_get::<_, i32>(0)?).unwrap_or_default();
        snapshot.edition = EDITION;
        snapshot.default_grantees = row.try_get::<_, Vec<String>>(1)?.into_iter().collect();
        snapshot.settings = settings;
        Ok(snapshot.server_version)
    }

    /// Takes up an object; with what it depends on only after [`Assembly::connect`].
    pub(super) fn object(&mut self, found: FoundObject) {
        if found.is_whole {
            self.whole.push((found.address, found.key.clone()));
        }
        Arc::make_mut(&mut self.keys).insert(found.address, found.key.clone());
        Arc::make_mut(&mut self.snapshot).objects.insert(found.key, found.object);
    }

    pub(super) fn alias(&mut self, row: &Row) -> Result<(), Error> {
        let of = (number(row, 2)?, number(row, 3)?);
        let alias = Alias { of, column: row.try_get(4)? };
        Arc::make_mut(&mut self.aliases).insert((number(row, 0)?, number(row, 1)?), alias);
        Ok(())
    }

    pub(super) fn edge(&mut self, row: &Row) -> Result<(), Error> {
        let edge = Edge { to: (number(row, 2)?, number(row, 3)?), on_extension: row.try_get(4)? };
        self.edges.entry((number(row, 0)?, number(row, 1)?)).or_default().push(edge);
        Ok(())
    }

    /// Tells the objects what they depend on.
    pub(super) fn connect(&mut self, extent: Extent<'_>) {
        let Assembly { snapshot, keys, aliases, edges, .. } = self;
        let snapshot = Arc::make_mut(snapshot);
        let resolve = |address| resolve(keys, aliases, address);
        for (from, edges) in edges {
            let Some(dependent) = resolve(*from).filter(|address| extent.has(*address)) else { continue };
            let Some(dependent) = keys.get(&dependent) else { continue };
            let Some(object) = snapshot.objects.get_mut(dependent) else { continue };
            for edge in edges {
                let Some(to) = resolve(edge.to).and_then(|address| keys.get(&address)) else { continue };
                if is_dependency(dependent, to) {
                    let column = aliases.get(from).and_then(|alias| alias.column.as_deref());
                    depend(object, to, Part { is_itself: keys.contains_key(from), column, on_extension: edge.on_extension });
                }
            }
        }
        self.drop_loose_ends(extent);
    }

    /// Edges lead to objects that exist: those to a view that were taken for a table's are set right, those to nothing dropped.
    fn drop_loose_ends(&mut self, extent: Extent<'_>) {
        let snapshot = Arc::make_mut(&mut self.snapshot);
        let concerned = self.keys.iter().filter(|(address, _)| extent.has(**address)).map(|(_, key)| key);
        for key in concerned {
            let needs = snapshot.objects.get(key).map(|object| &object.depends_on);
            let lost = needs.into_iter().flatten().filter(|need| !snapshot.objects.contains_key(need)).cloned();
            let lost: Vec<ObjectKey> = lost.collect();
            if let Some(object) = snapshot.objects.get_mut(key) {
                object.depends_on.retain(|need| !lost.contains(need));
            }
        }
    }

    pub(super) fn label(&mut self, row: &Row, extent: Extent<'_>) -> Result<(), Error> {
        let label = SecurityLabel { column: row.try_get(2)?, provider: row.try_get(3)?, label: row.try_get(4)? };
        if let Some(object) = self.object_of((number(row, 0)?, number(row, 1)?), extent) {
            object.labels.push(label);
        }
        Ok(())
    }

    pub(super) fn companion(&mut self, row: &Row, extent: Extent<'_>) -> Result<(), Error> {
        let companion = Companion {
            noun: row.try_get("noun")?,
            identity: row.try_get("identity")?,
            owner: row.try_get("owner")?,
            own_owner: row.try_get("own_owner")?,
            grants: row.try_get::<_, Option<Json<Vec<Grant>>>>("grants")?.map(|Json(grants)| grants),
            comment: row.try_get("comment")?,
        };
        if let Some(object) = self.object_of((number(row, 0)?, number(row, 1)?), extent) {
            object.companions.push(companion);
        }
        Ok(())
    }

    fn object_of(&mut self, part: Address, extent: Extent<'_>) -> Option<&mut Object> {
        let address = self.resolve(part).filter(|address| extent.has(*address))?;
        let key = self.keys.get(&address)?;
        Arc::make_mut(&mut self.snapshot).objects.get_mut(key)
    }

    /// The object that a catalog row is, or is part of; none for the system's and for what was left out.
    pub(super) fn resolve(&self, address: Address) -> Option<Address> {
        resolve(&self.keys, &self.aliases, address)
    }

    /// What a catalog row is part of in the end, be that an object or not.
    pub(super) fn end_of(&self, address: Address) -> Address {
        end_of(&self.keys, &self.aliases, address)
    }

    pub(super) fn is_part(&self, address: Address) -> bool {
        self.aliases.contains_key(&address)
    }

    /// What a catalog row depends on by itself.
    pub(super) fn needs_of(&self, address: Address) -> impl Iterator<Item = Address> {
        self.edges.get(&address).into_iter().flatten().map(|edge| edge.to)
    }

    /// Which rows depend on each.
    pub(super) fn dependents(&self) -> HashMap<Address, Vec<Address>> {
        let mut dependents: HashMap<Address, Vec<Address>> = HashMap::new();
        for (from, edges) in &self.edges {
            edges.iter().for_each(|edge| dependents.entry(edge.to).or_default().push(*from));
        }
        dependents
    }

    /// The parts of each.
    pub(super) fn parts(&self) -> HashMap<Address, Vec<Address>> {
        let mut parts: HashMap<Address, Vec<Address>> = HashMap::new();
        for part in self.aliases.keys() {
            parts.entry(self.end_of(*part)).or_default().push(*part);
        }
        parts
    }

    /// Forgets what rows are part of and depend on, and what is part of them: it is read again.
    pub(super) fn forget_connections(&mut self, moved: &BTreeSet<Address>) {
        Arc::make_mut(&mut self.aliases).retain(|part, alias| !moved.contains(part) && !moved.contains(&alias.of));
        moved.iter().for_each(|address| drop(self.edges.remove(address)));
    }

    /// The objects at these addresses.
    pub(super) fn objects_at(&self, addresses: &BTreeSet<Address>) -> BTreeMap<ObjectKey, Object> {
        let keys = addresses.iter().filter_map(|address| self.keys.get(address));
        let objects = keys.filter_map(|key| Some((key.clone(), self.snapshot.objects.get(key)?.clone())));
        objects.collect()
    }

    /// Takes objects out that are read again.
    pub(super) fn take_out(&mut self, addresses: &BTreeSet<Address>) {
        let (keys, snapshot) = (Arc::make_mut(&mut self.keys), Arc::make_mut(&mut self.snapshot));
        for key in addresses.iter().filter_map(|address| keys.remove(address)) {
            snapshot.objects.remove(&key);
        }
    }

    /// Takes out what is always read as a whole. Gives where it stood.
    pub(super) fn take_out_whole(&mut self) -> BTreeSet<Address> {
        let (keys, snapshot) = (Arc::make_mut(&mut self.keys), Arc::make_mut(&mut self.snapshot));
        let mut addresses = BTreeSet::new();
        for (address, key) in std::mem::take(&mut self.whole) {
            keys.remove(&address);
            snapshot.objects.remove(&key);
            addresses.insert(address);
        }
        addresses
    }
}

/// What a catalog row is part of in the end, be that an object or not.
pub(super) fn end_of(keys: &HashMap<Address, ObjectKey>, aliases: &HashMap<Address, Alias>, address: Address) -> Address {
    let mut address = address;
    for _ in 0..ALIAS_STEPS {
        match aliases.get(&address) {
            Some(alias) if !keys.contains_key(&address) => address = alias.of,
            Some(_) | None => break,
        }
    }
    address
}

fn resolve(keys: &HashMap<Address, ObjectKey>, aliases: &HashMap<Address, Alias>, address: Address) -> Option<Address> {
    let mut address = address;
    for _ in 0..ALIAS_STEPS {
        if keys.contains_key(&address) {
            return Some(address);
        }
        address = aliases.get(&address)?.of;
    }
    None
}

/// An object as a query gives it.
pub(super) struct FoundObject {
    pub(super) address: Address,
    pub(super) key: ObjectKey,
    pub(super) object: Object,
    /// Whether the query is always asked as a whole.
    is_whole: bool,
}

impl FoundObject {
    /// None where the row has no definition: others dropped meanwhile what the query saw, and the server's printing functions do not
    /// find it any more.
    pub(super) fn of(row: &Row, is_whole: bool) -> Result<Option<Self>, Error> {
        let kind: &str = row.try_get("kind")?;
        let key = ObjectKey {
            kind: kind_of(kind),
            schema: row.try_get("schema")?,
            name: row.try_get("name")?,
            of: row.try_get("of")?,
        };
        let Json(grants): Json<Vec<Grant>> = row.try_get("grants")?;
        let Some(Json(definition)) = row.try_get::<_, Option<Json<Definition>>>("definition")? else { return Ok(None) };
        let mut depends_on = BTreeSet::new();
        if let Some(table) = &key.of {
            // A part always needs its table; for a view the edge is corrected once all are there.
            depends_on.insert(ObjectKey::table(&key.schema, table));
        }
        let object = Object {
            definition,
            owner: row.try_get("owner")?,
            grants,
            comment: row.try_get("comment")?,
            labels: Vec::new(),
            companions: Vec::new(),
            extensions: BTreeSet::new(),
            hangs_on: None,
            depends_on,
        };
        Ok(Some(FoundObject { address: (row.try_get("class")?, row.try_get("oid")?), key, object, is_whole }))
    }
}

/// Whether an edge between catalog rows is a dependency of objects.
fn is_dependency(dependent: &ObjectKey, to: &ObjectKey) -> bool {
    // That a table owns a sequence is recorded at the sequence; as an edge it would make a circle with the default.
    let is_owner = dependent.kind == ObjectKind::Sequence && to.kind == ObjectKind::Table;
    // The operators that came with an operator class are parts of its family, and of it.
    let came_along = dependent.schema == "operator family" && to.schema == "operator class";
    dependent != to && !is_owner && !came_along
}

/// The catalog row that depends on something for its object.
#[derive(Clone, Copy)]
struct Part<'a> {
    /// Whether it is the object's own.
    is_itself: bool,
    /// The column whose plain default it is.
    column: Option<&'a str>,
    on_extension: bool,
}

fn depend(object: &mut Object, to: &ObjectKey, part: Part<'_>) {
    // Those of partitions come from the rows that a foreign key has for them.
    if part.is_itself && is_hung_on(&object.definition, to) {
        object.hangs_on = Some(to.clone());
    }
    if part.on_extension {
        object.extensions.insert(to.name.clone());
    }
    match (&mut object.definition, part.column) {
        (Definition::Table(table), Some(name)) => {
            if let Some(column) = table.columns.iter_mut().find(|column| column.name == name) {
                column.default_needs.insert(to.clone());
            }
        }
        _ => {
            object.depends_on.insert(to.clone());
        }
    }
}

/// Whether it can be what a foreign key hangs on: not the key of the table above that it is attached to.
fn is_hung_on(foreign_key: &Definition, to: &ObjectKey) -> bool {
    let Definition::Constraint(Constraint { contype: 'f', parent, .. }) = foreign_key else { return false };
    matches!(to.kind, ObjectKind::Constraint | ObjectKind::Index) && parent.as_ref() != Some(to)
}

/// What the queries call a kind.
pub(super) fn word_of(kind: ObjectKind) -> &'static str {
    if kind == ObjectKind::Other { "other" } else { kind.word() }
}

fn kind_of(word: &str) -> ObjectKind {
    ObjectKind::ALL.into_iter().find(|kind| word_of(*kind) == word).unwrap_or(ObjectKind::Other)
}

/// An OID that a query gave as bigint.
pub(super) fn number(row: &Row, column: usize) -> Result<u32, Error> {
    Ok(u32::try_from(row.try_get::<_, i64>(column)?).unwrap_or_default())
}
