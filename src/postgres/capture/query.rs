//! The queries' texts, fitted to a server's version.

/// Settings under which definitions are printed and under which a script that was made of them must be run, for the current
/// transaction alone: names qualified, constants in forms that read back alike.
pub const PINS: &str = include_str!("pins.sql");

/// The server's version and the roles of default privileges.
pub(super) const FACTS: &str = include_str!("facts.sql");

/// The queries that give objects, one row an object, all in the same columns.
pub(super) const OBJECTS: [&str; 19] = [
    include_str!("schemas.sql"),
    include_str!("types.sql"),
    include_str!("ranges.sql"),
    include_str!("sequences.sql"),
    include_str!("functions.sql"),
    include_str!("aggregates.sql"),
    include_str!("tables.sql"),
    include_str!("constraints.sql"),
    include_str!("indexes.sql"),
    include_str!("views.sql"),
    include_str!("materialized_views.sql"),
    include_str!("rules.sql"),
    include_str!("statistics.sql"),
    include_str!("triggers.sql"),
    include_str!("policies.sql"),
    include_str!("publications.sql"),
    include_str!("published.sql"),
    include_str!("default_privileges.sql"),
    include_str!("others.sql"),
];

/// Which catalog rows are part of another object.
pub(super) const ALIASES: &str = include_str!("aliases.sql");

/// What came along with objects, and was changed since.
pub(super) const COMPANIONS: &str = include_str!("companions.sql");

/// Security labels.
pub(super) const LABELS: &str = include_str!("labels.sql");

/// What depends on what.
pub(super) const DEPENDS: &str = include_str!("depends.sql");

/// The queries that give objects, fitted to a server's version: all with the same columns, and the schemas to leave out as $1.
pub fn objects(version: u32) -> Vec<String> {
    OBJECTS.iter().map(|query| fitted(query, version)).collect()
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
    use super::{fitted, pinned};

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
