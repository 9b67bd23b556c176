//! The queries: when each is needed, and their texts fitted to a server's version.

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
        Query { text: include_str!($file), needed_if: $needed_if }
    };
}

/// The queries that give objects, one row an object, all in the same columns.
const OBJECTS: [Query; 21] = [
    query!("schemas.sql", "true"),
    query!("types.sql", concat!(any!("pg_type", "typtype IN ('e', 'd')"), " OR ", any!("pg_class", "relkind = 'c'"))),
    query!("ranges.sql", any!("pg_type", "typtype = 'r'")),
    query!("sequences.sql", any!("pg_class", "relkind = 'S'")),
    query!("functions.sql", any!("pg_proc", "prokind <> 'a'")),
    query!("aggregates.sql", any!("pg_proc", "prokind = 'a'")),
    query!("tables.sql", any!("pg_class", "relkind IN ('r', 'p')")),
    query!("constraints.sql", any!("pg_constraint")),
    query!("indexes.sql", any!("pg_class", "relkind IN ('i', 'I')")),
    query!("views.sql", any!("pg_class", "relkind = 'v'")),
    query!("materialized_views.sql", any!("pg_class", "relkind = 'm'")),
    query!("rules.sql", any!("pg_rewrite", "rulename <> '_RETURN'")),
    query!("statistics.sql", any!("pg_statistic_ext")),
    query!("triggers.sql", any!("pg_trigger")),
    query!("policies.sql", any!("pg_policy")),
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

/// Where the connections of subscriptions stand in [`OTHERS`].
const CONNECTIONS_HERE: &str = "-- Here stands what only some may read.";

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
    let conditions: Vec<&str> =
        OBJECTS.iter().chain(&RARE).chain([&MEMBERS, &CONNECTIONS, &LABELS]).map(|query| query.needed_if).collect();
    format!("{},\n       ARRAY[{}] AS needed", include_str!("facts.sql").trim_end(), conditions.join(",\n         "))
}

/// What is asked for one snapshot: texts for a server of some version; none where there is nothing to ask for.
#[derive(Debug, Clone)]
pub(super) struct Questions {
    /// Objects, with the schemas to leave out as $1.
    pub(super) objects: Vec<String>,
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
        let mut objects: Vec<String> =
            OBJECTS.iter().filter(&mut is_needed).map(|query| fitted(query.text, version)).collect();
        let rare: Vec<&Query> = RARE.iter().filter(&mut is_needed).collect();
        let members = Some(&MEMBERS).filter(&mut is_needed);
        let connections = Some(&CONNECTIONS).filter(&mut is_needed);
        objects.push(fitted(&others(&rare, members, connections), version));
        Questions {
            objects,
            aliases: fitted(ALIASES, version),
            depends: fitted(DEPENDS, version),
            labels: Some(&LABELS).filter(&mut is_needed).map(|query| fitted(query.text, version)),
            companions: fitted(COMPANIONS, version),
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
    Questions::of(version, &[]).objects
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

/// The query for a server of this `server_version_num`: a line that ends in `-- from N` is for N and later, one that ends in
/// `-- before N` for versions before N.
pub(in crate::postgres) fn fitted(query: &str, version: u32) -> String {
    let mut fitted = String::with_capacity(query.len());
    for line in query.lines() {
        if is_for(line, version) {
            fitted.push_str(line);
            fitted.push('\n');
        }
    }
    fitted
}

fn is_for(line: &str, version: u32) -> bool {
    let mark = |word: &str| line.rsplit_once(word).and_then(|(_, number)| number.trim().parse::<u32>().ok());
    match (mark("-- from "), mark("-- before ")) {
        (Some(first), _) => version >= first,
        (None, Some(end)) => version < end,
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::assemble::word_of;
    use super::{CONNECTIONS_HERE, MEMBERS_HERE, OTHERS, RARE_HERE, facts, fitted, objects, pinned};
    use crate::catalog::ObjectKind;

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
    fn a_line_is_kept_for_the_versions_it_names() {
        let query = "SELECT a,\n  NULL -- before 140000\n  b -- from 140000\nFROM c -- a word\n";
        assert_eq!(fitted(query, 130023), "SELECT a,\n  NULL -- before 140000\nFROM c -- a word\n");
        assert_eq!(fitted(query, 140000), "SELECT a,\n  b -- from 140000\nFROM c -- a word\n");
    }
}
