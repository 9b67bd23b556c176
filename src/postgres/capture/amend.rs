//! A snapshot that follows what moved since an earlier one: the rest is known to be unchanged by the server's own word.
//!
//! The row versions of the catalogs are compared before anything is read, so that what commits meanwhile shows up as moved the next
//! time. What only came and went while it was read does not show; whatever was read while others committed is read once more.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::future::{try_join, try_join3};
use tokio_postgres::{Error, types::Type};

use super::{
    asking::Asking,
    assemble::{Address, Assembly, Extent, FoundObject, number},
    own_changes::Seen,
    query::{OfSome, Questions, TRAITS, facts_of_whole, is_read_alone, letter_of, of_some},
    versions::{MovedRows, Unclear, Versions, VersionsReport},
    watched::{PG_ATTRDEF, PG_CLASS, PG_CONSTRAINT, PG_PROC, PG_REWRITE, PG_TRIGGER, PG_TYPE, ReadableCatalogs},
};
use crate::catalog::{Column, Definition, Object, ObjectKind};

/// The last snapshot, and what tells whether it still is one.
pub(super) struct Known {
    /// The schemas that were left out.
    pub(super) left_out: Vec<String>,
    catalogs: ReadableCatalogs,
    versions: Versions,
    pub(super) assembly: Assembly,
    /// The server's snapshot before it was read.
    read_in: String,
    /// What was read the last time.
    fresh: MovedRows,
    /// What of that was read while others committed.
    doubtful: MovedRows,
}

impl Known {
    /// One that was read whole after this report was asked for.
    pub(super) fn whole(
        assembly: Assembly,
        report: VersionsReport,
        catalogs: ReadableCatalogs,
        left_out: Vec<String>,
    ) -> Self {
        let fresh = MovedRows { everything: true, ..MovedRows::default() };
        Known {
            left_out,
            catalogs,
            read_in: report.snapshot.clone(),
            versions: Versions::first(report),
            assembly,
            fresh,
            doubtful: MovedRows::default(),
        }
    }

    /// When it was read.
    pub(super) fn seen(&self) -> Seen {
        Seen { version: self.catalogs.version, snapshot: self.read_in.clone() }
    }

    /// Takes note of the server's snapshot after it was read. `earlier` is what was known before.
    pub(super) fn has_read(&mut self, end: Option<&str>, earlier: Option<&Known>) {
        let fresh = std::mem::take(&mut self.fresh);
        let is_quiet = end == Some(self.read_in.as_str());
        // Read twice, with the same outcome: nothing has come and gone in between.
        let is_confirmed =
            || fresh.everything && earlier.is_some_and(|earlier| earlier.assembly.snapshot == self.assembly.snapshot);
        self.doubtful = if is_quiet || is_confirmed() { MovedRows::default() } else { fresh };
    }

    /// Reads again what moved. False where everything is to be read again; what is known is of no use then.
    ///
    /// # Errors
    /// Where the catalogs can't be read, or the connection is lost.
    pub(super) async fn amend(&mut self, asking: &Asking<'_>) -> Result<bool, Error> {
        let Some((moved, report)) = self.moved(asking).await? else { return Ok(false) };
        self.read_in.clone_from(&report.snapshot);
        self.versions.go_on(report);
        let doubtful = std::mem::take(&mut self.doubtful);
        let wanted = moved.clone().with(&doubtful);
        if wanted.everything {
            return Ok(false);
        }
        if wanted.is_nothing() {
            return Ok(true);
        }
        let has_labels = self.versions.rows_of("pg_seclabel", self.catalogs.version) > 0;
        let doubted = self.assembly.objects_at(&doubtful.addresses);
        let amendment = SnapshotAmendment {
            asking,
            version: self.catalogs.version,
            texts: OfSome::fitted(self.catalogs.version),
            assembly: &mut self.assembly,
            moved: &wanted.addresses,
            letters: HashMap::new(),
            is_whole: wanted.whole,
        };
        self.fresh = amendment.run(has_labels).await?;
        if self.assembly.objects_at(&doubtful.addresses) == doubted {
            let is_confirmed =
                |address: &Address| doubtful.addresses.contains(address) && !moved.addresses.contains(address);
            self.fresh.addresses.retain(|address| !is_confirmed(address));
        }
        Ok(true)
    }

    async fn moved(&self, asking: &Asking<'_>) -> Result<Option<(MovedRows, VersionsReport)>, Error> {
        let mut report = asking.report(self.versions.open(), &Vec::new(), self.catalogs).await?;
        let mut moved = self.versions.moved(&report, self.catalogs.version);
        if let Err(Unclear::Count(places)) = &moved {
            report = asking.report(self.versions.open(), places, self.catalogs).await?;
            moved = self.versions.moved(&report, self.catalogs.version);
        }
        Ok(moved.ok().map(|moved| (moved, report)))
    }
}

/// The work of reading some objects again.
struct SnapshotAmendment<'a> {
    asking: &'a Asking<'a>,
    version: u32,
    texts: OfSome,
    assembly: &'a mut Assembly,
    /// The rows that moved.
    moved: &'a BTreeSet<Address>,
    /// Of what kind relations, types and routines are that are there.
    letters: HashMap<Address, char>,
    /// Whether what is always read as a whole is read again.
    is_whole: bool,
}

type FoundObjects = BTreeMap<Address, FoundObject>;

impl SnapshotAmendment<'_> {
    /// Gives what was read again.
    async fn run(mut self, has_labels: bool) -> Result<MovedRows, Error> {
        let mut first = self.holders();
        self.reconnect().await?;
        first.extend(self.holders());
        first.extend(self.moved);
        self.note_whole(&first);
        let mut found = self.read(&first).await?;
        let further = self.closure(self.sources(&first, &found), &first);
        self.note_whole(&further);
        self.ask_letters(&further).await?;
        found.append(&mut self.read(&further).await?);
        let mut extent: BTreeSet<Address> = first.union(&further).copied().collect();
        let whole = if self.is_whole { self.read_whole().await? } else { Vec::new() };
        self.assembly.take_out(&extent);
        if self.is_whole {
            extent.extend(self.assembly.take_out_whole());
        }
        for object in found.into_values().chain(whole) {
            extent.insert(object.address);
            self.assembly.object(object);
        }
        self.assembly.connect(Extent::Of(&extent));
        self.hang_on(&extent, has_labels).await?;
        Ok(MovedRows { addresses: extent, whole: self.is_whole, everything: false })
    }

    /// What the moved rows are part of, and whose definitions tell of them although nothing depends on them.
    fn holders(&self) -> BTreeSet<Address> {
        let mut holders = BTreeSet::new();
        for address in self.moved {
            holders.insert(self.assembly.end_of(*address));
            let told_of_by = match address.0 {
                // Those inside of a constraint: what state they are in.
                PG_TRIGGER => Some(PG_CONSTRAINT),
                // The rules of a view: whether they need its own columns.
                PG_REWRITE => Some(PG_CLASS),
                // A foreign table is told of by what it is a child of, storage options by their table.
                PG_CLASS if self.is_told_of(*address) => Some(PG_CLASS),
                _ => None,
            };
            let needs = self.assembly.needs_of(*address).filter(|(class, _)| Some(*class) == told_of_by);
            holders.extend(needs.map(|need| self.assembly.end_of(need)));
        }
        holders
    }

    fn is_told_of(&self, relation: Address) -> bool {
        let was_foreign = self.assembly.keys.get(&relation).is_some_and(|key| key.kind == ObjectKind::Other);
        was_foreign || self.letters.get(&relation).is_some_and(|letter| matches!(letter, 'f' | 't'))
    }

    /// Reads again what the moved rows are part of and depend on.
    async fn reconnect(&mut self) -> Result<(), Error> {
        let (classes, oids) = halves(self.moved);
        let with = [(&oids as _, Type::OID_ARRAY), (&classes as _, Type::OID_ARRAY)];
        let (aliases, edges, ()) = try_join3(
            self.asking.one(&self.texts.aliases, &with),
            self.asking.one(&self.texts.depends, &with),
            ask_letters(self.asking, &oids, &mut self.letters),
        )
        .await?;
        self.assembly.forget_connections(self.moved);
        for row in &aliases {
            self.assembly.alias(row)?;
        }
        for row in &edges {
            // The numbers are those of several catalogs.
            let from = (number(row, 0)?, number(row, 1)?);
            if self.moved.contains(&from) {
                self.assembly.edge(row)?;
            }
        }
        Ok(())
    }

    async fn ask_letters(&mut self, addresses: &BTreeSet<Address>) -> Result<(), Error> {
        let is_unknown = |address: &&Address| {
            matches!(address.0, PG_CLASS | PG_TYPE | PG_PROC) && !self.assembly.keys.contains_key(*address)
        };
        let unknown: Vec<u32> = addresses.iter().filter(is_unknown).map(|(_, oid)| *oid).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        ask_letters(self.asking, &unknown, &mut self.letters).await
    }

    fn note_whole(&mut self, addresses: &BTreeSet<Address>) {
        let is_whole = |address: &Address| {
            let was_whole = self.assembly.keys.get(address).is_some_and(|key| key.kind == ObjectKind::Other);
            let letter = self.letters.get(address);
            let is_other = match address.0 {
                // In the server's own schemas.
                PG_CLASS | PG_TYPE | PG_PROC if letter == Some(&'s') => true,
                PG_CLASS => letter == Some(&'f'),
                PG_TYPE => matches!(letter, Some('b' | 'p')) && !self.assembly.is_part(*address),
                PG_ATTRDEF => false,
                class => !is_read_alone(class),
            };
            was_whole || is_other
        };
        self.is_whole = self.is_whole || addresses.iter().any(is_whole);
    }

    /// The objects at these addresses that can be read one by one.
    async fn read(&self, addresses: &BTreeSet<Address>) -> Result<FoundObjects, Error> {
        let objects = addresses.iter().filter(|address| !self.assembly.is_part(**address));
        let wanted: Vec<(Address, Option<char>)> =
            objects.filter_map(|address| self.letter(*address).map(|letter| (*address, letter))).collect();
        let rows = self.asking.some(&of_some(self.version, &wanted)).await?;
        let found = rows.iter().filter_map(|row| FoundObject::of(row, false).transpose());
        found.map(|object| object.map(|object| (object.address, object))).collect()
    }

    /// The letter of an object's kind, where there is one; none where there is no such object.
    fn letter(&self, address: Address) -> Option<Option<char>> {
        if let Some(letter) = self.letters.get(&address) {
            return Some(Some(*letter));
        }
        let is_unmoved = || !self.moved.contains(&address);
        match (address.0, self.assembly.keys.get(&address)) {
            (PG_CLASS | PG_TYPE | PG_PROC, known) => known.filter(|_| is_unmoved()).map(|key| letter_of(key.kind)),
            _ => Some(None),
        }
    }

    /// What is always read as a whole.
    async fn read_whole(&mut self) -> Result<Vec<FoundObject>, Error> {
        let facts = self.asking.one(&facts_of_whole(), &[]).await?;
        let Some(facts) = facts.first() else { return Ok(Vec::new()) };
        self.assembly.facts(facts)?;
        let questions = Questions::of(self.version, &facts.try_get::<_, Vec<bool>>(3)?);
        let rows = self.asking.objects(&questions.whole).await?;
        rows.iter().filter_map(|row| FoundObject::of(row, true).transpose()).collect()
    }

    /// Of what was read again, what others may print otherwise now.
    fn sources(&self, first: &BTreeSet<Address>, found: &FoundObjects) -> Vec<Address> {
        let parts = self.assembly.parts();
        let mut sources = Vec::new();
        for address in first {
            let then = self.assembly.keys.get(address);
            let then = then.and_then(|key| Some((key, self.assembly.snapshot.objects.get(key)?)));
            let is_source = match (then, found.get(address)) {
                // What it is a part of tells.
                (None, None) => !self.assembly.is_part(*address),
                (Some((key, object)), Some(now)) => key != &now.key || tells_otherwise(object, &now.object),
                (Some(_), None) | (None, Some(_)) => true,
            };
            if is_source {
                sources.push(*address);
                sources.extend(parts.get(address).into_iter().flatten());
            }
        }
        sources
    }

    /// What depends on the sources, directly or not, and was not read yet.
    fn closure(&self, sources: Vec<Address>, read: &BTreeSet<Address>) -> BTreeSet<Address> {
        let mut further = BTreeSet::new();
        if sources.is_empty() {
            return further;
        }
        let (dependents, parts) = (self.assembly.dependents(), self.assembly.parts());
        let mut seen: BTreeSet<Address> = read.clone();
        let mut waiting = sources;
        while let Some(source) = waiting.pop() {
            for dependent in dependents.get(&source).into_iter().flatten() {
                let end = self.assembly.end_of(*dependent);
                if seen.insert(end) {
                    further.insert(end);
                    waiting.push(end);
                    waiting.extend(parts.get(&end).into_iter().flatten());
                }
            }
        }
        further
    }

    /// Labels, and what came along, of what was read again.
    async fn hang_on(&mut self, extent: &BTreeSet<Address>, has_labels: bool) -> Result<(), Error> {
        let parts = self.assembly.parts();
        let all = extent.iter().chain(extent.iter().filter_map(|address| parts.get(address)).flatten());
        let oids: Vec<u32> = all.map(|(_, oid)| *oid).collect::<BTreeSet<u32>>().into_iter().collect();
        let with = [(&oids as _, Type::OID_ARRAY)];
        let labels = async { if has_labels { self.asking.one(&self.texts.labels, &with).await } else { Ok(Vec::new()) } };
        let (labels, companions) = try_join(labels, self.asking.one(&self.texts.companions, &with)).await?;
        for row in &labels {
            self.assembly.label(row, Extent::Of(extent))?;
        }
        for row in &companions {
            self.assembly.companion(row, Extent::Of(extent))?;
        }
        Ok(())
    }
}

async fn ask_letters(asking: &Asking<'_>, oids: &Vec<u32>, letters: &mut HashMap<Address, char>) -> Result<(), Error> {
    for row in asking.one(TRAITS, &[(oids, Type::OID_ARRAY)]).await? {
        let letter: Option<char> = row.try_get::<_, &str>(2)?.chars().next();
        letters.extend(
            letter.map(|letter| ((number(&row, 0).unwrap_or_default(), number(&row, 1).unwrap_or_default()), letter)),
        );
    }
    Ok(())
}

/// Whether others may print an object otherwise although it is called what it was called. Of tables and sequences nothing is printed
/// but their names, and those of columns and their types.
fn tells_otherwise(then: &Object, now: &Object) -> bool {
    let told = |column: &Column| (column.name.clone(), column.data_type.clone(), column.collation.clone());
    match (&then.definition, &now.definition) {
        (Definition::Table(then), Definition::Table(now)) => !then.columns.iter().map(told).eq(now.columns.iter().map(told)),
        (Definition::Schema, Definition::Schema) | (Definition::Sequence(_), Definition::Sequence(_)) => false,
        (then, now) => then != now,
    }
}

fn halves(addresses: &BTreeSet<Address>) -> (Vec<u32>, Vec<u32>) {
    let classes: BTreeSet<u32> = addresses.iter().map(|(class, _)| *class).collect();
    let oids: BTreeSet<u32> = addresses.iter().map(|(_, oid)| *oid).collect();
    (classes.into_iter().collect(), oids.into_iter().collect())
}
