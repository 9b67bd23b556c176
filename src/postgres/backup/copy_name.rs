//! Names of copies.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

/// Longest name of a table, in bytes (`NAMEDATALEN` - 1). Longer ones are cut by the server, and could then collide.
const NAME_BYTES_MAX: usize = 63;
/// Hexadecimal digits that tell copies apart whose short names would be the same.
const MARK_DIGITS: usize = 8;

/// The name of each table's copy, in the order of the tables: `<table>_<backup id>`. Where that is too long, or two tables
/// of different schemas share it, a digest of the table's full name keeps them apart: `<tabl>_<digest>_<backup id>`.
pub fn copy_names(backup: &str, tables: &[(String, String)]) -> Vec<String> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, name) in tables {
        *count.entry(name).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    let mut names = Vec::with_capacity(tables.len());
    for (schema, name) in tables {
        let plain = format!("{name}_{backup}");
        let copy = if count.get(name.as_str()) == Some(&1) && plain.len() <= NAME_BYTES_MAX && !taken.contains(&plain) {
            plain
        } else {
            marked(backup, schema, name)
        };
        taken.insert(copy.clone());
        names.push(copy);
    }
    names
}

fn marked(backup: &str, schema: &str, name: &str) -> String {
    // A NUL is in no name, so that no two pairs of names make the same text.
    let digest = Sha256::digest(format!("{schema}\0{name}"));
    let mark: String =
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().chars().take(MARK_DIGITS).collect();
    let room = NAME_BYTES_MAX.saturating_sub(backup.len() + MARK_DIGITS + 2);
    let mut end = room.min(name.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{mark}_{backup}", &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "2024_01_15_14_30_45";

    fn names(tables: &[(&str, &str)]) -> Vec<String> {
        let tables: Vec<(String, String)> = tables.iter().map(|(s, t)| ((*s).to_owned(), (*t).to_owned())).collect();
        copy_names(ID, &tables)
    }

    #[test]
    fn a_copy_is_named_after_table_and_backup() {
        assert_eq!(names(&[("public", "profiles")]), ["profiles_2024_01_15_14_30_45"]);
    }

    #[test]
    fn names_stay_apart_and_within_their_bytes() {
        let long = "x".repeat(63);
        let longer = format!("{}y", "x".repeat(62));
        let wide = "ä".repeat(31);
        let all = names(&[("a", "users"), ("b", "users"), ("a", &long), ("a", &longer), ("a", &wide)]);
        let distinct: BTreeSet<&String> = all.iter().collect();
        assert_eq!(distinct.len(), all.len(), "{all:?}");
        assert!(all.iter().all(|name| name.len() <= NAME_BYTES_MAX && name.ends_with(ID)), "{all:?}");
    }
}
