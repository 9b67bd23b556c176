//! Which row versions the catalogs held at a point, and which objects' rows moved since.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tokio_postgres::{Error, Row};

use super::{
    assemble::Address,
    watched::{DESCRIPTIONS, PG_NAMESPACE, ReadableCatalogs, Rows, Together, Watched, watched},
};

/// Transactions' numbers in catalog rows have 32 bits: further apart than this they are not compared.
const APART_MAX: u64 = 1 << 30;
/// Numbers below are given at initdb.
const FIRST_MADE: u32 = 16384;
/// The schema `public`, which people drop and make again all the same.
const PUBLIC: Address = (PG_NAMESPACE, 2200);

/// What [`question`](super::watched::question) was answered with.
pub(super) struct VersionsReport {
    /// The snapshot that it was answered in, as the server writes it.
    pub(super) snapshot: String,
    /// The oldest transaction that was under way.
    open: u64,
    /// Who asks, and how roles are called.
    names: String,
    /// Subscriptions and user mappings.
    unreadable: String,
    catalogs: BTreeMap<i32, CatalogRows>,
}

#[derive(Default)]
struct CatalogRows {
    rows: u64,
    /// Versions that were not settled at the earlier point.
    recent: HashMap<Address, Vec<Version>>,
    /// How many rows their objects have.
    held: HashMap<Address, u32>,
    /// How many rows each object has, where that was asked for.
    all: Option<HashMap<Address, u32>>,
}

/// One row version.
struct Version {
    is_settled: bool,
    /// Where it stands, who made it, and what of it is changed in place.
    id: String,
}

/// The row versions of all catalogs at one point.
pub(super) struct Versions {
    open: u64,
    names: String,
    unreadable: String,
    catalogs: BTreeMap<i32, Held>,
}

#[derive(Default)]
struct Held {
    rows: u64,
    /// How many rows each object has.
    owners: HashMap<Address, u32>,
    /// Versions that were not settled.
    unsettled: HashMap<Address, BTreeSet<String>>,
}

/// What moved between two points.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct MovedRows {
    /// Objects, and parts of them, of which rows came, went or changed.
    pub(super) addresses: BTreeSet<Address>,
    /// Whether something moved of what is always read as a whole.
    pub(super) whole: bool,
    /// Whether something moved of which nobody knows whose definition names it.
    pub(super) everything: bool,
}

impl MovedRows {
    pub(super) fn is_nothing(&self) -> bool {
        *self == MovedRows::default()
    }

    /// Together with what else is to be read.
    pub(super) fn with(mut self, other: &MovedRows) -> Self {
        self.addresses.extend(&other.addresses);
        self.whole |= other.whole;
        self.everything |= other.everything;
        self
    }

    fn note(&mut self, catalog: &Watched, address: Address) {
        let (class, oid) = address;
        let is_made = oid >= FIRST_MADE || address == PUBLIC;
        match catalog.rows {
            Rows::Together(Together::Whole) => self.whole = true,
            Rows::Together(Together::Everything) => self.everything = true,
            // What the system's own objects are called is no dependency of anything.
            Rows::One | Rows::Several if is_made => drop(self.addresses.insert((class, oid))),
            Rows::One | Rows::Several if catalog.name == DESCRIPTIONS => self.whole = true,
            Rows::One | Rows::Several => self.everything = true,
        }
    }
}

impl VersionsReport {
    /// # Errors
    /// Where a row is not one of the question's.
    pub(super) fn of(rows: &[Row], catalogs: ReadableCatalogs) -> Result<Self, Error> {
        let mut report = VersionsReport {
            snapshot: String::new(),
            open: 0,
            names: String::new(),
            unreadable: String::new(),
            catalogs: BTreeMap::new(),
        };
        let known: HashMap<i32, Watched> = watched(catalogs.version).collect();
        for row in rows {
            let place: i32 = row.try_get(0)?;
            let number = u64::try_from(row.try_get::<_, i64>(1)?).unwrap_or_default();
            let texts: Vec<String> = row.try_get::<_, Option<_>>(2)?.unwrap_or_default();
            match known.get(&place) {
                Some(catalog) => {
                    let found = CatalogRows {
                        rows: number,
                        held: counted(row.try_get::<_, Option<_>>(4)?),
                        all: row.try_get::<_, Option<Vec<i64>>>(3)?.map(|all| counted(Some(all))),
                        ..CatalogRows::default()
                    };
                    report.catalogs.insert(place, found.with(&texts, catalog.rows));
                }
                None => {
                    let mut texts = texts.into_iter();
                    let mut next = || texts.next().unwrap_or_default();
                    (report.open, report.snapshot) = (number, next());
                    (report.names, report.unreadable) = (next(), next());
                }
            }
        }
        Ok(report)
    }
}

impl CatalogRows {
    fn with(mut self, texts: &[String], rows: Rows) -> Self {
        for text in texts {
            let mut parts = text.splitn(3, ' ');
            let address = parts.next().and_then(|number| number.parse().ok()).map_or((0, 0), address);
            let is_settled = parts.next() == Some("f");
            let id = parts.next().unwrap_or_default().to_owned();
            self.recent.entry(address).or_default().push(Version { is_settled, id });
        }
        if rows != Rows::Several {
            self.held = self.recent.iter().map(|(address, found)| (*address, count(found.len()))).collect();
        }
        self
    }

    fn ids(&self, address: Address) -> BTreeSet<&str> {
        self.recent.get(&address).into_iter().flatten().map(|version| version.id.as_str()).collect()
    }

    fn unsettled(self) -> HashMap<Address, BTreeSet<String>> {
        let mut unsettled: HashMap<Address, BTreeSet<String>> = HashMap::new();
        for (address, versions) in self.recent {
            for version in versions.into_iter().filter(|version| !version.is_settled) {
                unsettled.entry(address).or_default().insert(version.id);
            }
        }
        unsettled
    }
}

/// Why a report says nothing of what moved.
pub(super) enum Unclear {
    /// Rows went, and these catalogs are to be counted object by object to say whose.
    Count(Vec<i32>),
    /// The points can't be compared, or something moved that concerns everything.
    Everything,
}

impl Versions {
    /// The first ones, of a report that counted every catalog.
    pub(super) fn first(report: VersionsReport) -> Self {
        let mut versions = Versions { open: 0, names: String::new(), unreadable: String::new(), catalogs: BTreeMap::new() };
        versions.go_on(report);
        versions
    }

    /// The transaction that [`question`](super::watched::question) is to be asked with.
    pub(super) fn open(&self) -> i64 {
        i64::try_from(self.open).unwrap_or_default()
    }

    /// How many rows a catalog has.
    pub(super) fn rows_of(&self, name: &str, version: u32) -> u64 {
        let place = watched(version).find(|(_, catalog)| catalog.name == name);
        place.and_then(|(place, _)| self.catalogs.get(&place)).map_or(0, |held| held.rows)
    }

    /// What moved between this point and that of a report that was asked for with [`Versions::open`].
    pub(super) fn moved(&self, report: &VersionsReport, version: u32) -> Result<MovedRows, Unclear> {
        // A snapshot that is older than ours: what is settled for us may be invisible there.
        let is_comparable = report.open.checked_sub(self.open).is_some_and(|apart| apart < APART_MAX);
        if !is_comparable || report.names != self.names {
            return Err(Unclear::Everything);
        }
        let mut moved = MovedRows { whole: report.unreadable != self.unreadable, ..MovedRows::default() };
        let mut uncounted = Vec::new();
        for (place, catalog) in watched(version) {
            let (Some(then), Some(now)) = (self.catalogs.get(&place), report.catalogs.get(&place)) else {
                return Err(Unclear::Everything);
            };
            match then.moved(now, catalog.rows) {
                Some(addresses) => addresses.into_iter().for_each(|address| moved.note(&catalog, address)),
                None => uncounted.push(place),
            }
        }
        match (uncounted.is_empty(), moved.everything) {
            (false, _) => Err(Unclear::Count(uncounted)),
            (true, true) => Err(Unclear::Everything),
            (true, false) => Ok(moved),
        }
    }

    /// From the report's point on.
    pub(super) fn go_on(&mut self, report: VersionsReport) {
        (self.open, self.names, self.unreadable) = (report.open, report.names, report.unreadable);
        for (place, mut found) in report.catalogs {
            let held = self.catalogs.entry(place).or_default();
            held.rows = found.rows;
            match found.all.take() {
                Some(all) => held.owners = all,
                None => held.owners.extend(found.held.drain()),
            }
            held.unsettled = found.unsettled();
        }
    }
}

impl Held {
    /// Whose rows came, went or changed; none where rows went and it was not counted whose.
    fn moved(&self, now: &CatalogRows, rows: Rows) -> Option<BTreeSet<Address>> {
        let before = |address: &Address| self.owners.get(address).copied().unwrap_or_default();
        let has_changed = |address: &Address| {
            let then = self.unsettled.get(address).into_iter().flatten().map(String::as_str);
            !then.eq(now.ids(*address))
        };
        let seen: BTreeSet<Address> = self.unsettled.keys().chain(now.recent.keys()).copied().collect();
        let mut moved: BTreeSet<Address> = seen.iter().copied().filter(has_changed).collect();
        if let Rows::Together(_) = rows {
            if now.rows != self.rows {
                moved.insert((0, 0));
            }
            return Some(moved);
        }
        if let Some(all) = &now.all {
            let after = |address: &Address| all.get(address).copied().unwrap_or_default();
            moved.extend(self.owners.keys().chain(all.keys()).filter(|address| before(address) != after(address)));
            return Some(moved);
        }
        let after = |address: &Address| now.held.get(address).copied().unwrap_or_default();
        moved.extend(now.held.keys().filter(|address| before(address) != after(address)));
        // The rows of all other objects, which can only have become fewer: new ones would be recent.
        let rest = |rows: u64, of: &dyn Fn(&Address) -> u32| {
            let of_seen: u64 = now.recent.keys().map(|address| u64::from(of(address))).sum();
            rows.checked_sub(of_seen)
        };
        let has_lost_none = rest(self.rows, &before) == rest(now.rows, &after);
        let all_there = self.unsettled.keys().all(|address| now.recent.contains_key(address));
        (has_lost_none && all_there).then_some(moved)
    }
}

/// How often each address is there.
fn counted(addresses: Option<Vec<i64>>) -> HashMap<Address, u32> {
    let mut counted = HashMap::new();
    for number in addresses.into_iter().flatten() {
        *counted.entry(address(number)).or_default() += 1;
    }
    counted
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn address(number: i64) -> Address {
    let half = |number: i64| u32::try_from(number & 0xffff_ffff).unwrap_or_default();
    (half(number >> 32), half(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Address = (PG_NAMESPACE, 20_001);
    const B: Address = (PG_NAMESPACE, 20_002);
    const C: Address = (PG_NAMESPACE, 20_003);

    fn held(owners: &[(Address, u32)], unsettled: &[(Address, &str)]) -> Held {
        let mut held = Held { rows: 0, owners: owners.iter().copied().collect(), unsettled: HashMap::new() };
        held.rows = held.owners.values().copied().map(u64::from).sum();
        for (address, id) in unsettled {
            held.unsettled.entry(*address).or_default().insert((*id).to_owned());
        }
        held
    }

    fn found(rows: u64, held: &[(Address, u32)], recent: &[(Address, &str)]) -> CatalogRows {
        let mut found = CatalogRows { rows, held: held.iter().copied().collect(), ..CatalogRows::default() };
        for (address, id) in recent {
            found.recent.entry(*address).or_default().push(Version { is_settled: false, id: (*id).to_owned() });
        }
        found
    }

    fn counted(all: &[(Address, u32)], found: CatalogRows) -> CatalogRows {
        CatalogRows { all: Some(all.iter().copied().collect()), ..found }
    }

    fn moved(then: &Held, now: &CatalogRows) -> Option<Vec<Address>> {
        then.moved(now, Rows::Several).map(|moved| moved.into_iter().collect())
    }

    #[test]
    fn what_is_seen_again_has_not_moved() {
        let then = held(&[(A, 2), (B, 1)], &[(A, "(0,1) 700")]);
        assert_eq!(moved(&then, &found(3, &[(A, 2)], &[(A, "(0,1) 700")])), Some(vec![]));
    }

    #[test]
    fn a_new_version_and_a_new_row_have_moved() {
        let then = held(&[(A, 2), (B, 1)], &[]);
        assert_eq!(moved(&then, &found(3, &[(A, 2)], &[(A, "(0,7) 701")])), Some(vec![A]));
        assert_eq!(moved(&then, &found(5, &[(C, 2)], &[(C, "(0,8) 701"), (C, "(0,9) 701")])), Some(vec![C]));
    }

    #[test]
    fn rows_that_went_are_found_by_counting() {
        let then = held(&[(A, 2), (B, 1)], &[]);
        assert_eq!(moved(&then, &found(2, &[], &[])), None);
        assert_eq!(moved(&then, &counted(&[(A, 2)], found(2, &[], &[]))), Some(vec![B]));
        // One came, another went: the number is the same.
        let now = found(3, &[(C, 1)], &[(C, "(0,7) 701")]);
        assert_eq!(moved(&then, &now), None);
        assert_eq!(moved(&then, &counted(&[(A, 2), (C, 1)], now)), Some(vec![B, C]));
    }

    #[test]
    fn what_was_rolled_back_has_moved_back() {
        let then = held(&[(A, 2), (B, 1)], &[(A, "(0,7) 701")]);
        assert_eq!(moved(&then, &found(3, &[], &[])), None);
        assert_eq!(moved(&then, &counted(&[(A, 2), (B, 1)], found(3, &[], &[]))), Some(vec![A]));
        // The same place, another transaction.
        assert_eq!(moved(&then, &found(3, &[(A, 2)], &[(A, "(0,7) 703")])), Some(vec![A]));
    }

    #[test]
    fn a_snapshot_that_is_older_says_nothing() {
        let report = |open: u64| VersionsReport {
            snapshot: String::new(),
            open,
            names: "postgres|".to_owned(),
            unreadable: String::new(),
            catalogs: watched(150_000)
                .map(|(place, _)| (place, CatalogRows { all: Some(HashMap::new()), ..CatalogRows::default() }))
                .collect(),
        };
        let versions = Versions::first(report(700));
        assert!(matches!(versions.moved(&report(699), 150_000), Err(Unclear::Everything)));
        assert!(matches!(versions.moved(&report(700 + APART_MAX), 150_000), Err(Unclear::Everything)));
        assert!(versions.moved(&report(701), 150_000).is_ok_and(|moved| moved.is_nothing()));
        let renamed = VersionsReport { names: "postgres|other".to_owned(), ..report(701) };
        assert!(matches!(versions.moved(&renamed, 150_000), Err(Unclear::Everything)));
    }

    #[test]
    fn the_systems_own_rows_concern_everything_but_for_their_comments() {
        let moved = |name: &str, address| {
            let (_, catalog) = watched(150_000).find(|(_, catalog)| catalog.name == name).unwrap();
            let mut moved = MovedRows::default();
            moved.note(&catalog, address);
            moved
        };
        assert!(moved("pg_proc", (1255, 77)).everything);
        assert!(moved("pg_description", (1255, 77)).whole);
        assert_eq!(moved("pg_namespace", PUBLIC).addresses.len(), 1);
        assert!(moved("pg_database", (1262, 0)).whole);
    }
}
