//! Functions of others that run with this session's rights while rows are read, changed by a step, or brought back: in triggers, checks, domains, generated columns,
//! partition keys, indexes, statistics objects, and casts between the columns of a foreign key. The server runs them as whoever reads or
//! writes, and what is constant in them already where it plans a query; only what builds an index, counts statistics or fills a
//! materialized view it runs as the owner.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::{Client, Error};

use crate::catalog::{Definition, Object, ObjectKey, ObjectKind, Snapshot};

/// More functions than this are counted, not named.
const NAMED_MAX: usize = 8;

/// A warning for each role that owns such functions, and may do less than this session's role.
pub(super) async fn warnings(
    client: &Client,
    snapshot: &Snapshot,
    covered: &BTreeSet<ObjectKey>,
) -> Result<Vec<String>, Error> {
    let owned = by_owner(snapshot, covered);
    let owners: Vec<&str> = owned.keys().copied().collect();
    if owners.is_empty() {
        return Ok(Vec::new());
    }
    let mut warnings = Vec::new();
    for row in client.query(include_str!("called.sql"), &[&owners]).await? {
        let (me, owner): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let Some(functions) = owned.get(owner.as_str()) else { continue };
        warnings.push(format!(
            "{} of role {owner} would run with the rights of {me} while rows are read, changed or brought back, and {owner} may \
             write them anew at any time: run plans as a role that may do no more than {owner}, or let a role that you trust own them (ALTER FUNCTION \
             ... OWNER TO ...)",
            named(functions)
        ));
    }
    Ok(warnings)
}

/// The tables from which foreign keys point to these, or to which theirs point.
fn related<'s>(snapshot: &'s Snapshot, covered: &BTreeSet<ObjectKey>) -> BTreeSet<&'s ObjectKey> {
    let keys = snapshot.objects.iter().filter(|(key, _)| key.kind == ObjectKind::Constraint);
    let tables = keys.map(|(_, object)| object.depends_on.iter().filter(|need| need.kind == ObjectKind::Table));
    tables.filter(|tables| tables.clone().any(|table| covered.contains(table))).flatten().collect()
}

/// The functions that are called for a row of these tables, or while they are read, by their owners.
fn by_owner<'s>(snapshot: &'s Snapshot, covered: &BTreeSet<ObjectKey>) -> BTreeMap<&'s str, Vec<&'s ObjectKey>> {
    let is_of_target = |key: &ObjectKey| {
        let of = key.of.as_deref().map(|of| ObjectKey::table(&key.schema, of));
        matches!(key.kind, ObjectKind::Constraint | ObjectKind::Trigger) && of.is_some_and(|table| covered.contains(&table))
    };
    let related = related(snapshot, covered);
    let is_planned_with = |key: &ObjectKey, object: &Object| {
        matches!(key.kind, ObjectKind::Index | ObjectKind::Statistics)
            && object.depends_on.iter().any(|need| covered.contains(need) || related.contains(need))
    };
    let types: BTreeSet<&ObjectKey> = related
        .iter()
        .filter_map(|table| snapshot.objects.get(*table))
        .flat_map(|object| object.depends_on.iter().filter(|need| need.kind == ObjectKind::Type))
        .collect();
    let is_cast = |object: &Object| {
        matches!(object.definition, Definition::Cast(_)) && object.depends_on.iter().any(|need| types.contains(need))
    };
    let is_called = |(key, object): &(&ObjectKey, &Object)| {
        covered.contains(*key) || is_of_target(key) || is_planned_with(key, object) || is_cast(object)
    };
    let mut waiting: Vec<&ObjectKey> = snapshot.objects.iter().filter(is_called).map(|(key, _)| key).collect();
    let mut seen: BTreeSet<&ObjectKey> = waiting.iter().copied().collect();
    let mut owned: BTreeMap<&str, Vec<&ObjectKey>> = BTreeMap::new();
    while let Some(key) = waiting.pop() {
        let Some(object) = snapshot.objects.get(key) else { continue };
        if let (ObjectKind::Function | ObjectKind::Aggregate, Some(owner)) = (key.kind, &object.owner) {
            owned.entry(owner).or_default().push(key);
        }
        let leads_on = |need: &&ObjectKey| {
            matches!(need.kind, ObjectKind::Function | ObjectKind::Aggregate | ObjectKind::Type | ObjectKind::Other)
        };
        waiting.extend(object.depends_on.iter().filter(leads_on).filter(|need| seen.insert(need)));
    }
    owned
}

fn named(functions: &[&ObjectKey]) -> String {
    let mut names: Vec<String> = functions.iter().map(ToString::to_string).collect();
    names.sort_unstable();
    let more = names.len().saturating_sub(NAMED_MAX);
    names.truncate(NAMED_MAX);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}
