//! The queries: when each is needed, and their texts fitted to a server's version.

use super::{
    assemble::Address,
    fitted::{CONNECTIONS_HERE, fitted, fitted_to_some},
    watched::{
        PG_CLASS, PG_CONSTRAINT, PG_NAMESPACE, PG_POLICY, PG_PROC, PG_REWRITE, PG_STATISTIC_EXT, PG_TRIGGER, PG_TYPE,
    },
};
use crate::catalog::ObjectKind;

/// Settings under which definitions are printed and under which a script that was made of them must be run, for the current
/// transaction alone: names qualified, constants in forms that read back alike.
pub const PINS: &str = include_str!("pins.sql");

/// A query, and whether it is worth asking. A database has objects of few kinds, and what PostgreSQL needs to plan all queries is
/// more than what it needs to answer those for kinds that are there.
#[derive(Debug, Clone, Copy)]
struct Query {
    text: &'static str,
    /// A condition that is false only where the query gives no rows.
    needed_if: &'static str,
    /// The catalog by whose numbers it can be asked for some objects alone, and the letters that stand for their kinds there, all of
    /// them where there are none; no catalog where it is always asked as a whole.
    some: Option<(u32, &'static str)>,
}

/// Whether a catalog has a row that somebody has made since initdb, which gives numbers below 16384, of some condition.
macro_rules! any {
    ($catalog:literal) => {
        concat!("EXISTS (SELECT FROM ", $catalog, " WHERE oid >= 16384)")
    };
    ($catalog:literal, $condition:literal) => {
        concat!("EXISTS (SELECT FROM ", $catalog, " WHERE oid >= 16384 AND ", $condition, ")")
    };
}

/// Whether a catalog has something that somebody has made in the server's own schemas.
macro_rules! in_system_schemas {
    ($catalog:literal, $namespace:literal) => {
        concat!(
            "EXISTS (SELECT FROM ",
            $catalog,
            " WHERE oid >= 16384 AND ",
            $namespace,
            " IN (SELECT n.oid FROM pg_namespace n WHERE n.nspname IN ('pg_catalog', 'information_schema')))"
        )
    };
}

macro_rules! query {
    ($file:literal, $needed_if:expr) => {
        Query { text: include_str!($file), needed_if: $needed_if, some: None }
    };
    ($file:literal, $needed_if:expr, $class:expr, $letters:literal) => {
        Query { text: include_str!($file), needed_if: $needed_if, some: Some(($class, $letters)) }
    };
}

/// The queries that give objects, one row an object, all in the same columns.
const OBJECTS: [Query; 21] = [
    query!("schemas.sql", "true", PG_NAMESPACE, ""),
    query!(
        "types.sql",
        concat!(any!("pg_type", "typtype IN ('e', 'd')"), " OR ", any!("pg_class", "relkind = 'c'")),
        PG_TYPE,
        "edc"
    ),
    query!("ranges.sql", any!("pg_type", "typtype = 'r'"), PG_TYPE, "r"),
    query!("sequences.sql", any!("pg_class", "relkind = 'S'"), PG_CLASS, "S"),
    query!("functions.sql", any!("pg_proc", "prokind <> 'a'"), PG_PROC, "fpw"),
    query!("aggregates.sql", any!("pg_proc", "prokind = 'a'"), PG_PROC, "a"),
    query!("tables.sql", any!("pg_class", "relkind IN ('r', 'p')"), PG_CLASS, "rp"),
    query!("constraints.sql", any!("pg_constraint"), PG_CONSTRAINT, ""),
    query!("indexes.sql", any!("pg_class", "relkind IN ('i', 'I')"), PG_CLASS, "iI"),
    query!("views.sql", any!("pg_class", "relkind = 'v'"), PG_CLASS, "v"),
    query!("materialized_views.sql", any!("pg_class", "relkind = 'm'"), PG_CLASS, "m"),
    query!("rules.sql", any!("pg_rewrite", "rulename <> '_RETURN'"), PG_REWRITE, ""),
    query!("statistics.sql", any!("pg_statistic_ext"), PG_STATISTIC_EXT, ""),
    query!("triggers.sql", any!("pg_trigger"), PG_TRIGGER, ""),
    query!("policies.sql", any!("pg_policy"), PG_POLICY, ""),
    query!("publications.sql", any!("pg_publication")),
    query!("published.sql", any!("pg_publication")),
    query!("default_privileges.sql", any!("pg_default_acl")),
    query!("operators.sql", any!("pg_operator")),
    query!("casts.sql", any!("pg_cast")),
    query!("event_triggers.sql", "EXISTS (SELECT FROM pg_event_trigger)"),
];

/// The query that gives the objects of other kinds, with a place for those that are rare.
const OTHERS: &str = include_str!("others.sql");

/// Where the rare ones stand in [`OTHERS`].
const RARE_HERE: &str = "-- Here stand those of kinds that the database has.";

/// What of other kinds most databases have none of: parts of [`OTHERS`].
const RARE: [Query; 17] = [
    query!(
        "other/in_system_schemas.sql",
        concat!(
            in_system_schemas!("pg_proc", "pronamespace"),
            " OR ",
            in_system_schemas!("pg_class", "relnamespace"),
            " OR ",
            in_system_schemas!("pg_type", "typnamespace"),
            " OR ",
            in_system_schemas!("pg_operator", "oprnamespace")
        )
    ),
    query!("other/foreign_tables.sql", "EXISTS (SELECT FROM pg_foreign_table)"),
    query!(
        "other/base_types.sql",
        any!("pg_type", "typtype IN ('b', 'p') AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = pg_type.oid)")
    ),
    query!("other/operator_classes.sql", any!("pg_opclass")),
    query!("other/operator_families.sql", any!("pg_opfamily")),
    query!("other/collations.sql", any!("pg_collation")),
    query!("other/conversions.sql", any!("pg_conversion")),
    query!("other/text_search_parsers.sql", any!("pg_ts_parser")),
    query!("other/text_search_templates.sql", any!("pg_ts_template")),
    query!("other/text_search_dictionaries.sql", any!("pg_ts_dict")),
    query!("other/text_search_configurations.sql", any!("pg_ts_config")),
    query!("other/languages.sql", any!("pg_language")),
    query!("other/foreign_data_wrappers.sql", "EXISTS (SELECT FROM pg_foreign_data_wrapper)"),
    query!("other/foreign_servers.sql", "EXISTS (SELECT FROM pg_foreign_server)"),
    query!("other/user_mappings.sql", "EXISTS (SELECT FROM pg_foreign_server)"),
    query!("other/access_methods.sql", any!("pg_am")),
    query!("other/transforms.sql", any!("pg_transform")),
];

/// Where the members of extensions stand in [`OTHERS`].
const MEMBERS_HERE: &str = "-- Here stand the others.";

/// What belongs to extensions, as a part of [`OTHERS`].
const MEMBERS: Query =
    query!("other/extension_members.sql", "EXISTS (SELECT FROM pg_depend WHERE deptype = 'e' AND objid >= 16384)");

/// How subscriptions connect, as a part of [`OTHERS`]: a digest, for passwords stand there.
const CONNECTIONS: Query = query!(
    "other/subscription_connections.sql",
    "EXISTS (SELECT FROM pg_subscription) AND has_column_privilege('pg_subscription', 'subconninfo', 'SELECT')"
);

/// Which catalog rows are part of another object.
const ALIASES: &str = include_str!("aliases.sql");

/// What depends on what.
const DEPENDS: &str = include_str!("depends.sql");

/// Security labels.
const LABELS: Query = query!("labels.sql", "EXISTS (SELECT FROM pg_seclabel) OR EXISTS (SELECT FROM pg_shseclabel)");

/// What came along with objects, and was changed since.
const COMPANIONS: &str = include_str!("companions.sql");

/// The server's version, the roles of default privileges, and which of the queries in [`OBJECTS`], [`RARE`], [`MEMBERS`],
/// [`CONNECTIONS`] and [`LABELS`] are needed, in this order.
pub(super) fn facts() -> String {
    facts_for(|query| query.needed_if)
}

/// Of what kind relations, types and routines are.
pub(super) const TRAITS: &str = include_str!("traits.sql");

/// Whether objects of a catalog can be read one by one.
pub(super) fn is_read_alone(class: u32) -> bool {
    OBJECTS.iter().any(|query| query.some.is_some_and(|(own, _)| own == class))
}

/// The letter of a kind of object that was read before; none where its catalog has one kind, or several queries may give it.
pub(super) fn letter_of(kind: ObjectKind) -> Option<char> {
    match kind {
        ObjectKind::Table => Some('r'),
        ObjectKind::View => Some('v'),
        ObjectKind::MaterializedView => Some('m'),
        ObjectKind::Sequence => Some('S'),
        ObjectKind::Index => Some('i'),
        ObjectKind::Function => Some('f'),
        ObjectKind::Aggregate => Some('a'),
        ObjectKind::Schema
        | ObjectKind::Type
        | ObjectKind::Constraint
        | ObjectKind::Rule
        | ObjectKind::Statistics
        | ObjectKind::Trigger
        | ObjectKind::Policy
        | ObjectKind::Publication
        | ObjectKind::Published
        | ObjectKind::Other => None,
    }
}

/// What is asked for some objects: each text with the numbers of those that it may give. The schemas to leave out are $1, the numbers $2.
pub(super) fn of_some(version: u32, wanted: &[(Address, Option<char>)]) -> Vec<(String, Vec<u32>)> {
    let some = OBJECTS.iter().filter_map(|query| query.some.map(|(class, letters)| (query, class, letters)));
    let asked = some.map(|(query, class, letters)| {
        let is_given = |letter: Option<char>| letters.is_empty() || letter.is_none_or(|letter| letters.contains(letter));
        let given = wanted.iter().filter(|((own, _), letter)| *own == class && is_given(*letter));
        (query, given.map(|((_, oid), _)| *oid).collect::<Vec<u32>>())
    });
    asked.filter(|(_, oids)| !oids.is_empty()).map(|(query, oids)| (fitted_to_some(query.text, version), oids)).collect()
}

/// The same for those alone that are always asked as a whole.
pub(super) fn facts_of_whole() -> String {
    let condition = |query: &Query| if query.some.is_some() { "false" } else { query.needed_if };
    facts_for(condition)
}

fn facts_for(condition: impl Fn(&Query) -> &'static str) -> String {
    let conditions: Vec<&str> =
        OBJECTS.iter().chain(&RARE).chain([&MEMBERS, &CONNECTIONS, &LABELS]).map(condition).collect();
    format!("{},\n       ARRAY[{}] AS needed", include_str!("facts.sql").trim_end(), conditions.join(",\n         "))
}

/// What is asked for one snapshot: texts for a server of some version; none where there is nothing to ask for.
#[derive(Debug, Clone)]
pub(super) struct Questions {
    /// Objects that can be asked for one by one, with the schemas to leave out as $1.
    pub(super) objects: Vec<String>,
    /// Those of all other kinds, in the same way.
    pub(super) whole: Vec<String>,
    /// Which rows are part of another object.
    pub(super) aliases: String,
    /// What depends on what.
    pub(super) depends: String,
    /// Security labels.
    pub(super) labels: Option<String>,
    /// What came along with objects.
    pub(super) companions: String,
}

impl Questions {
    /// Those that are needed, as [`facts`] has found.
    pub(super) fn of(version: u32, needed: &[bool]) -> Self {
        let mut needed = needed.iter().copied();
        // What is not known is asked, but for what only some may read.
        let mut is_needed = |query: &&Query| needed.next().unwrap_or(query.text != CONNECTIONS.text);
        let asked: Vec<&Query> = OBJECTS.iter().filter(&mut is_needed).collect();
        let (some, whole): (Vec<&Query>, Vec<&Query>) = asked.into_iter().partition(|query| query.some.is_some());
        let texts = |queries: Vec<&Query>| queries.iter().map(|query| fitted(query.text, version)).collect::<Vec<String>>();
        let mut whole = texts(whole);
        let rare: Vec<&Query> = RARE.iter().filter(&mut is_needed).collect();
        let members = Some(&MEMBERS).filter(&mut is_needed);
        let connections = Some(&CONNECTIONS).filter(&mut is_needed);
        whole.push(fitted(&others(&rare, members, connections), version));
        Questions {
            objects: texts(some),
            whole,
            aliases: fitted(ALIASES, version),
            depends: fitted(DEPENDS, version),
            labels: Some(&LABELS).filter(&mut is_needed).map(|query| fitted(query.text, version)),
            companions: fitted(COMPANIONS, version),
        }
    }
}

/// The queries of what hangs together, for some catalog rows: their numbers are $1, their catalogs $2.
pub(super) struct OfSome {
    pub(super) aliases: String,
    pub(super) depends: String,
    pub(super) labels: String,
    pub(super) companions: String,
}

impl OfSome {
    pub(super) fn fitted(version: u32) -> Self {
        OfSome {
            aliases: fitted_to_some(ALIASES, version),
            depends: fitted_to_some(DEPENDS, version),
            labels: fitted_to_some(LABELS.text, version),
            companions: fitted_to_some(COMPANIONS, version),
        }
    }
}

fn others(rare: &[&Query], members: Option<&Query>, connections: Option<&Query>) -> String {
    let parts = |queries: &[&Query]| queries.iter().map(|query| format!("UNION ALL\n{}", query.text)).collect::<String>();
    let whole = OTHERS.replacen(RARE_HERE, &parts(rare), 1).replacen(MEMBERS_HERE, &parts(members.as_slice()), 1);
    whole.replacen(CONNECTIONS_HERE, connections.map_or("", |query| query.text), 1)
}

/// The queries that give objects, all of them, fitted to a server's version: all with the same columns, and the schemas to leave
/// out as $1.
pub fn objects(version: u32) -> Vec<String> {
    let Questions { objects, whole, .. } = Questions::of(version, &[]);
    objects.into_iter().chain(whole).collect()
}

/// The query of what came along with objects, fitted to a server's version.
pub fn companions(version: u32) -> String {
    fitted(COMPANIONS, version)
}

/// The settings of [`PINS`], for those who set them otherwise.
pub fn pinned() -> Vec<(&'static str, &'static str)> {
    PINS.split("set_config('").skip(1).filter_map(|rest| rest.split_once("', '")).map(one_setting).collect()
}

fn one_setting((name, rest): (&'static str, &'static str)) -> (&'static str, &'static str) {
    (name, rest.split_once('\'').map_or("", |(value, _)| value))
}

#[cfg(test)]
mod tests {
    use super::super::assemble::word_of;
    use super::super::{fitted::OF_SOME, watched::watched};
    use super::{
        ALIASES, CONNECTIONS_HERE, DEPENDS, LABELS, MEMBERS_HERE, OBJECTS, OTHERS, PG_CLASS, PG_TYPE, RARE_HERE, companions,
        facts, fitted, objects, of_some, pinned,
    };
    use crate::catalog::ObjectKind;
    use std::collections::BTreeSet;

    #[test]
    fn every_query_has_its_condition_and_each_rare_kind_its_place() {
        for place in [RARE_HERE, MEMBERS_HERE, CONNECTIONS_HERE] {
            assert_eq!(OTHERS.matches(place).count(), 1, "{place}");
        }
        let facts = facts();
        let (_, conditions) = facts.rsplit_once(",\n       ARRAY[").unwrap();
        assert_eq!(conditions.matches(",\n         ").count() + 1, 21 + 17 + 3);
        let all = objects(180000);
        assert_eq!(all.len(), 22);
        assert!(all.last().is_some_and(|others| others.contains("pg_transform")
            && others.contains("pg_amop")
            && !others.contains("subconninfo")
            && !others.contains("-- Here")));
    }

    #[test]
    fn every_kind_is_asked_for_and_nothing_else_is() {
        let all = objects(180000).join("\n");
        for kind in ObjectKind::ALL {
            assert!(all.contains(&format!("'{}' AS kind", word_of(kind))), "{kind:?}");
        }
        for (at, _) in all.match_indices("' AS kind") {
            let rest = &all[..at];
            let word = rest.rsplit('\'').next().unwrap();
            assert!(ObjectKind::ALL.iter().any(|kind| word_of(*kind) == word), "{word}");
        }
    }

    #[test]
    fn the_pins_are_read_setting_by_setting() {
        let pins = pinned();
        assert_eq!((pins.first(), pins.last()), (Some(&("search_path", "")), Some(&("jit", "off"))));
        assert!(pins.contains(&("DateStyle", "ISO, MDY")));
    }

    #[test]
    fn every_object_that_is_read_alone_is_asked_for_by_its_number() {
        let kinds = OBJECTS.iter().filter(|query| query.some.is_some());
        assert!(kinds.clone().all(|query| query.text.matches("= ANY ($2)").count() > 0 && query.text.contains(OF_SOME)));
        let wanted = [((PG_CLASS, 7), Some('r')), ((PG_CLASS, 8), Some('t')), ((PG_TYPE, 9), None)];
        let asked: Vec<Vec<u32>> = of_some(180000, &wanted).into_iter().map(|(_, oids)| oids).collect();
        assert_eq!(asked, [vec![9], vec![9], vec![7]]);
        assert_eq!(kinds.count(), 15);
    }

    /// What is looked after in `point.sql`.
    const OTHERWISE: [&str; 3] = ["pg_roles", "pg_subscription", "pg_user_mappings"];

    /// The catalogs that a query reads.
    fn read_by(query: &str) -> BTreeSet<&str> {
        let words: Vec<&str> = query.split_whitespace().collect();
        let after = words.windows(2).filter(|pair| ["FROM", "JOIN", "(FROM"].iter().any(|word| pair[0].ends_with(word)));
        after
            .map(|pair| pair[1].trim_end_matches([',', ')']))
            .filter(|word| word.starts_with("pg_") && !word.contains('('))
            .collect()
    }

    #[test]
    fn every_catalog_that_a_snapshot_reads_is_looked_after() {
        let known: BTreeSet<&str> = watched(180_000).map(|(_, catalog)| catalog.name).chain(OTHERWISE).collect();
        let all = [
            objects(180_000),
            [ALIASES, DEPENDS, LABELS.text].map(|text| fitted(text, 180_000)).to_vec(),
            vec![companions(180_000)],
        ]
        .concat();
        let read: BTreeSet<&str> = all.iter().flat_map(|query| read_by(query)).collect();
        assert!(read.len() > 30, "{read:?}");
        let forgotten: Vec<&&str> = read.difference(&known).collect();
        assert!(forgotten.is_empty(), "{forgotten:?}");
    }
}
