//! The catalogs that a snapshot is made of, and the one question which of their rows moved.

use super::fitted::{CONNECTIONS_HERE, fitted};

/// `pg_class`, whose number is the same everywhere, as are those that follow.
pub(super) const PG_CLASS: u32 = 1259;
/// `pg_type`
pub(super) const PG_TYPE: u32 = 1247;
/// `pg_proc`
pub(super) const PG_PROC: u32 = 1255;
/// `pg_attrdef`
pub(super) const PG_ATTRDEF: u32 = 2604;
/// `pg_constraint`
pub(super) const PG_CONSTRAINT: u32 = 2606;
/// `pg_trigger`
pub(super) const PG_TRIGGER: u32 = 2620;
/// `pg_policy`
pub(super) const PG_POLICY: u32 = 3256;
/// `pg_rewrite`
pub(super) const PG_REWRITE: u32 = 2618;
/// `pg_namespace`
pub(super) const PG_NAMESPACE: u32 = 2615;
/// `pg_statistic_ext`
pub(super) const PG_STATISTIC_EXT: u32 = 3381;

/// How the rows of a catalog are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// An object has one of them.
    One,
    /// An object has any number of them.
    Several,
    /// They are not: what moved is something of it. Objects that others depend on stand in none of these.
    Together(Together),
}

/// What is read again where rows moved that are not told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Together {
    /// The kinds that are always read as a whole.
    Whole,
    /// Everything: nothing says whose definition names it.
    Everything,
}

/// A catalog that is looked after.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watched {
    pub(super) name: &'static str,
    /// The catalog of the object that a row `c` is of.
    class: &'static str,
    /// The object's number in it.
    oid: &'static str,
    pub(super) rows: Rows,
    /// Since which server it is there.
    since: u32,
}

const fn of(rows: Rows, name: &'static str, class: &'static str, oid: &'static str) -> Watched {
    Watched { name, class, oid, rows, since: 0 }
}

const fn own(name: &'static str) -> Watched {
    of(Rows::One, name, "c.tableoid", "c.oid")
}

const fn together(name: &'static str, how: Together) -> Watched {
    of(Rows::Together(how), name, "c.tableoid", "c.oid")
}

/// All of them. Roles, subscriptions and user mappings, whose rows not everybody may read, are asked for in `point.sql`.
const WATCHED: [Watched; 52] = [
    of(Rows::Several, COLUMNS, "1259", "c.attrelid"),
    of(Rows::Several, "pg_attrdef", "1259", "c.adrelid"),
    of(Rows::Several, "pg_depend", "c.classid", "c.objid"),
    of(Rows::Several, DESCRIPTIONS, "c.classoid", "c.objoid"),
    of(Rows::Several, "pg_inherits", "1259", "c.inhrelid"),
    of(Rows::Several, "pg_enum", "1247", "c.enumtypid"),
    of(Rows::Several, "pg_seclabel", "c.classoid", "c.objoid"),
    of(Rows::Several, "pg_ts_config_map", "3602", "c.mapcfg"),
    own("pg_class"),
    own("pg_type"),
    own("pg_proc"),
    own("pg_constraint"),
    own("pg_trigger"),
    own("pg_policy"),
    own("pg_rewrite"),
    own("pg_namespace"),
    own("pg_statistic_ext"),
    of(Rows::One, INDEXES, "1259", "c.indexrelid"),
    of(Rows::One, "pg_sequence", "1259", "c.seqrelid"),
    of(Rows::One, "pg_partitioned_table", "1259", "c.partrelid"),
    of(Rows::One, "pg_foreign_table", "1259", "c.ftrelid"),
    of(Rows::One, "pg_aggregate", "1255", "c.aggfnoid::oid"),
    of(Rows::One, "pg_range", "1247", "c.rngtypid"),
    own("pg_publication"),
    own("pg_publication_rel"),
    own("pg_cast"),
    own("pg_operator"),
    own("pg_opclass"),
    own("pg_opfamily"),
    own("pg_amop"),
    own("pg_amproc"),
    own("pg_am"),
    own("pg_collation"),
    own("pg_conversion"),
    own("pg_language"),
    own("pg_transform"),
    own("pg_extension"),
    own("pg_foreign_data_wrapper"),
    own("pg_foreign_server"),
    own("pg_ts_parser"),
    own("pg_ts_template"),
    own("pg_ts_dict"),
    own("pg_ts_config"),
    together("pg_default_acl", Together::Whole),
    together("pg_event_trigger", Together::Whole),
    together("pg_largeobject_metadata", Together::Whole),
    together("pg_database", Together::Whole),
    of(Rows::Together(Together::Whole), "pg_db_role_setting", "1262", "c.setdatabase"),
    of(Rows::Together(Together::Whole), "pg_shdescription", "c.classoid", "c.objoid"),
    Watched { since: 150_000, ..together("pg_publication_namespace", Together::Whole) },
    together("pg_tablespace", Together::Everything),
    of(Rows::Together(Together::Everything), "pg_shseclabel", "c.classoid", "c.objoid"),
];

/// Rows that are told of by what they are part of, and have numbers of their own.
const PARTS: [Watched; 1] = [own("pg_attrdef")];

const COLUMNS: &str = "pg_attribute";

/// Comments, those on the system's own objects among them.
pub(super) const DESCRIPTIONS: &str = "pg_description";

/// Their marks of being usable were changed in place before PostgreSQL 14.
const INDEXES: &str = "pg_index";
const UNUSABLE: &str = "OR NOT (c.indisvalid AND c.indisready AND c.indislive)";

/// The catalogs of a server of this `server_version_num`; their places are what [`question`] calls them by.
pub(super) fn watched(version: u32) -> impl Iterator<Item = (i32, Watched)> {
    (1..).zip(WATCHED).filter(move |(_, catalog)| version >= catalog.since)
}

/// What of the catalogs a role may read on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReadableCatalogs {
    /// `server_version_num`
    pub(super) version: u32,
    /// Whether it may read how subscriptions connect, which no row version tells it.
    pub(super) has_connections: bool,
}

/// Which row versions there are that were not settled at the point $1 (a transaction's full number; 0 for now), how many rows
/// there are, and of the catalogs in $2 whose rows all are.
pub(super) fn question(catalogs: ReadableCatalogs) -> String {
    let mut text = fitted(include_str!("point.sql"), catalogs.version);
    if catalogs.has_connections {
        text = text.replacen(CONNECTIONS_HERE, ", pg_catalog.md5(s.subconninfo)", 1);
    }
    for (place, catalog) in watched(catalogs.version) {
        text.push_str("UNION ALL\n");
        text.push_str(&branch(place, &catalog));
    }
    text
}

/// The row versions of the objects in `wanted (class, oid)`, in all catalogs that have some, those of columns with their names: a part of
/// a query.
pub(super) fn rows_of_objects(version: u32) -> String {
    let of = |Watched { name, class, oid, .. }: Watched| {
        let column = if name == COLUMNS { "c.attname::text" } else { "NULL" };
        format!(
            "SELECT w.class, w.oid, {column}, c.xmin FROM wanted w JOIN pg_catalog.{name} c ON {class} = w.class AND {oid} = w.oid"
        )
    };
    with_parts(version).map(of).collect::<Vec<_>>().join("\n  UNION ALL\n  ")
}

/// The catalogs whose rows are objects, or parts of some, by themselves, as an array of the server's.
pub(super) fn own_classes(version: u32) -> String {
    let own = with_parts(version).filter(|catalog| catalog.class == "c.tableoid");
    let names: Vec<String> = own.map(|catalog| format!("pg_catalog.{}", catalog.name)).collect();
    format!("'{{{}}}'", names.join(","))
}

fn with_parts(version: u32) -> impl Iterator<Item = Watched> {
    watched(version).map(|(_, catalog)| catalog).chain(PARTS)
}

fn branch(place: i32, catalog: &Watched) -> String {
    const NONE: &str = "NULL::bigint[]";
    // Their rows are fetched by an index on what they are of.
    const HELD: &str = "(SELECT pg_catalog.array_agg(u.owner)
          FROM (SELECT DISTINCT pg_catalog.split_part(r.version, ' ', 1)::bigint AS owner FROM pg_catalog.unnest(s.recent) AS r (version)) AS u
          JOIN pg_catalog.{name} AS c ON {joined} AND {oid} = (u.owner & 4294967295)::oid)";
    let held = match catalog.rows {
        Rows::Several => HELD,
        Rows::One | Rows::Together(_) => NONE,
    };
    let all = match catalog.rows {
        Rows::Several | Rows::One => "pg_catalog.array_agg({address}) FILTER (WHERE (SELECT {place} = ANY ($2)))",
        Rows::Together(_) => NONE,
    };
    let joined = if catalog.class.starts_with("c.") { "{class} = (u.owner >> 32)::oid" } else { "true" };
    // Those that are not told apart are all at one place.
    let address = match catalog.rows {
        Rows::Several | Rows::One => "(({class}::bigint << 32) | {oid}::bigint)",
        Rows::Together(_) => "0",
    };
    let (flags, unusable) = match catalog.name {
        INDEXES => ("c.indisvalid, c.indisready, c.indislive", UNUSABLE),
        _ => ("''", ""),
    };
    include_str!("moved.sql")
        .replace("{held}", held)
        .replace("{all}", all)
        .replace("{joined}", joined)
        .replace("{recent}", "(pg_catalog.age(c.xmin) <= (SELECT p.then FROM point AS p) {unusable})")
        .replace("{unsettled}", "(pg_catalog.age(c.xmin) <= (SELECT p.now FROM point AS p) {unusable})")
        .replace("{address}", address)
        .replace("{flags}", flags)
        .replace("{unusable}", unusable)
        .replace("{class}", catalog.class)
        .replace("{oid}", catalog.oid)
        .replace("{name}", catalog.name)
        .replace("{place}", &place.to_string())
}

#[cfg(test)]
mod tests {
    use super::{ReadableCatalogs, WATCHED, branch, question, watched};

    #[test]
    fn each_catalog_is_asked_once_and_nothing_is_left_to_fill_in() {
        let of = |has_connections| question(ReadableCatalogs { version: 180_000, has_connections });
        let question = of(false);
        assert_eq!(question.matches("UNION ALL").count(), WATCHED.len());
        assert!(!question.contains('{') && !question.contains("subconninfo"), "{question}");
        assert_eq!(of(true).matches("subconninfo").count(), 1);
        assert_eq!(watched(140_000).count() + 1, watched(150_000).count());
        let (_, depends) = watched(150_000).find(|(_, catalog)| catalog.name == "pg_depend").unwrap();
        let depends = branch(3, &depends);
        assert!(
            depends.contains("JOIN pg_catalog.pg_depend AS c ON c.classid = (u.owner >> 32)::oid AND c.objid ="),
            "{depends}"
        );
    }
}
