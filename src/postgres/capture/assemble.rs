//! Rows → objects: OIDs become keys, edges of `pg_depend` become `depends_on`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

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
struct Alias {
    of: Address,
    /// The column whose plain default the row is.
    column: Option<String>,
}

/// A snapshot in the making.
#[derive(Default)]
pub(super) struct Assembly {
    snapshot: Snapshot,
    keys: HashMap<Address, ObjectKey>,
    aliases: HashMap<Address, Alias>,
}

impl Assembly {
    pub(super) fn facts(&mut self, row: &Row) -> Result<u32, Error> {
        self.snapshot.server_version = u32::try_from(row.try_get::<_, i32>(0)?).unwrap_or_default();
        self.snapshot.edition = EDITION;
        self.snapshot.default_grantees = row.try_get::<_, Vec<String>>(1)?.into_iter().collect();
        let Json(settings): Json<BTreeMap<String, String>> = row.try_get(2)?;
        self.snapshot.settings = settings;
        Ok(self.snapshot.server_version)
    }

    pub(super) fn object(&mut self, row: &Row) -> Result<(), Error> {
        let kind: &str = row.try_get("kind")?;
        let key = ObjectKey {
            kind: kind_of(kind),
            schema: row.try_get("schema")?,
            name: row.try_get("name")?,
            of: row.try_get("of")?,
        };
        let Json(grants): Json<Vec<Grant>> = row.try_get("grants")?;
        let Json(definition): Json<Definition> = row.try_get("definition")?;
        let mut depends_on = BTreeSet::new();
        if let Some(table) = &key.of {
            // A part always needs its table; for a view the edge is corrected in `finish`.
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
        self.keys.insert((row.try_get("class")?, row.try_get("oid")?), key.clone());
        self.snapshot.objects.insert(key, object);
        Ok(())
    }

    pub(super) fn alias(&mut self, row: &Row) -> Result<(), Error> {
        let of = (number(row, 2)?, number(row, 3)?);
        self.aliases.insert((number(row, 0)?, number(row, 1)?), Alias { of, column: row.try_get(4)? });
        Ok(())
    }

    pub(super) fn edge(&mut self, row: &Row) -> Result<(), Error> {
        let from = (number(row, 0)?, number(row, 1)?);
        let Some(to) = self.resolve((number(row, 2)?, number(row, 3)?)) else { return Ok(()) };
        let Some(dependent) = self.resolve(from) else { return Ok(()) };
        // That a table owns a sequence is recorded at the sequence; as an edge it would make a circle with the default.
        if dependent == to || (dependent.kind == ObjectKind::Sequence && to.kind == ObjectKind::Table) {
            return Ok(());
        }
        // The operators that came with an operator class are parts of its family, and of it.
        if dependent.schema == "operator family" && to.schema == "operator class" {
            return Ok(());
        }
        let column = self.aliases.get(&from).and_then(|alias| alias.column.clone());
        let Some(object) = self.snapshot.objects.get_mut(&dependent) else { return Ok(()) };
        // Those of partitions come from the rows that a foreign key has for them.
        if self.keys.contains_key(&from) && is_hung_on(&object.definition, &to) {
            object.hangs_on = Some(to.clone());
        }
        if row.try_get::<_, bool>(4)? {
            object.extensions.insert(to.name.clone());
        }
        match (&mut object.definition, column) {
            (Definition::Table(table), Some(name)) => {
                if let Some(column) = table.columns.iter_mut().find(|column| column.name == name) {
                    column.default_needs.insert(to);
                }
            }
            _ => {
                object.depends_on.insert(to);
            }
        }
        Ok(())
    }

    pub(super) fn label(&mut self, row: &Row) -> Result<(), Error> {
        let label = SecurityLabel { column: row.try_get(2)?, provider: row.try_get(3)?, label: row.try_get(4)? };
        let key = self.resolve((number(row, 0)?, number(row, 1)?));
        if let Some(object) = key.and_then(|key| self.snapshot.objects.get_mut(&key)) {
            object.labels.push(label);
        }
        Ok(())
    }

    pub(super) fn companion(&mut self, row: &Row) -> Result<(), Error> {
        let companion = Companion {
            noun: row.try_get("noun")?,
            identity: row.try_get("identity")?,
            owner: row.try_get("owner")?,
            own_owner: row.try_get("own_owner")?,
            grants: row.try_get::<_, Option<Json<Vec<Grant>>>>("grants")?.map(|Json(grants)| grants),
            comment: row.try_get("comment")?,
        };
        let key = self.resolve((number(row, 0)?, number(row, 1)?));
        if let Some(object) = key.and_then(|key| self.snapshot.objects.get_mut(&key)) {
            object.companions.push(companion);
        }
        Ok(())
    }

    /// The object that a catalog row is, or is part of; none for the system's and for what was left out.
    fn resolve(&self, address: Address) -> Option<ObjectKey> {
        let mut address = address;
        for _ in 0..ALIAS_STEPS {
            if let Some(key) = self.keys.get(&address) {
                return Some(key.clone());
            }
            address = self.aliases.get(&address)?.of;
        }
        None
    }

    /// Edges lead to objects that exist: those to a view that were taken for a table's are set right, those to nothing dropped.
    pub(super) fn finish(mut self) -> (Snapshot, HashMap<Address, ObjectKey>) {
        let known: BTreeSet<ObjectKey> = self.snapshot.objects.keys().cloned().collect();
        for object in self.snapshot.objects.values_mut() {
            object.depends_on.retain(|key| known.contains(key));
        }
        (self.snapshot, self.keys)
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
fn number(row: &Row, column: usize) -> Result<u32, Error> {
    Ok(u32::try_from(row.try_get::<_, i64>(column)?).unwrap_or_default())
}
