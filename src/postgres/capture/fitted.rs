//! Texts of queries, fitted to a server and to what is asked for.

/// The query for a server of this `server_version_num`: a line that ends in `-- from N` is for N and later, one that ends in
/// `-- before N` for versions before N, one that ends in `-- of some` for those who ask for some rows alone.
pub(in crate::postgres) fn fitted(query: &str, version: u32) -> String {
    lines(query, |line| !line.ends_with(OF_SOME) && is_for(line, version))
}

/// The same with the lines by which it gives some rows alone.
pub(super) fn fitted_to_some(query: &str, version: u32) -> String {
    lines(query, |line| is_for(line.trim_end_matches(OF_SOME).trim_end(), version))
}

pub(super) const OF_SOME: &str = "-- of some";

/// Where the connections of subscriptions stand in a query.
pub(super) const CONNECTIONS_HERE: &str = "-- Here stands what only some may read.";

fn lines(query: &str, is_wanted: impl Fn(&str) -> bool) -> String {
    let mut wanted = String::with_capacity(query.len());
    for line in query.lines().filter(|line| is_wanted(line)) {
        wanted.push_str(line);
        wanted.push('\n');
    }
    wanted
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
    use super::{fitted, fitted_to_some};

    #[test]
    fn a_line_is_kept_for_the_versions_it_names() {
        let query = "SELECT a,\n  NULL -- before 140000\n  b -- from 140000\nFROM c -- a word\n";
        assert_eq!(fitted(query, 130023), "SELECT a,\n  NULL -- before 140000\nFROM c -- a word\n");
        assert_eq!(fitted(query, 140000), "SELECT a,\n  b -- from 140000\nFROM c -- a word\n");
    }

    #[test]
    fn a_line_for_some_rows_is_left_out_where_all_are_wanted() {
        let query = "SELECT a FROM b\nWHERE c -- from 140000 -- of some\n";
        assert_eq!(fitted(query, 140000), "SELECT a FROM b\n");
        assert_eq!(fitted_to_some(query, 140000), query);
        assert_eq!(fitted_to_some(query, 130000), "SELECT a FROM b\n");
    }
}
