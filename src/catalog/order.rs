//! Putting things in an order in which each comes after what it needs.

use std::collections::{BTreeMap, BTreeSet};

/// Things with their rank, lower first, and what must come before them. Needs that are no things themselves are met already.
pub(super) type Needs<K> = BTreeMap<K, (u8, BTreeSet<K>)>;

/// All things, each after its needs; among those that could come next the one of the lowest rank, then the smallest.
///
/// # Errors
/// The things that need each other in a circle, or need something in one.
pub(super) fn sort<K: Ord + Clone>(things: &Needs<K>) -> Result<Vec<K>, BTreeSet<K>> {
    let mut missing: BTreeMap<&K, usize> = BTreeMap::new();
    let mut wanted_by: BTreeMap<&K, Vec<&K>> = BTreeMap::new();
    let mut ready: BTreeSet<(u8, &K)> = BTreeSet::new();
    for (thing, (rank, needs)) in things {
        let open: Vec<&K> = needs.iter().filter(|need| *need != thing && things.contains_key(need)).collect();
        if open.is_empty() {
            ready.insert((*rank, thing));
        }
        missing.insert(thing, open.len());
        for need in open {
            wanted_by.entry(need).or_default().push(thing);
        }
    }
    let mut sorted = Vec::with_capacity(things.len());
    while let Some((_, thing)) = ready.pop_first() {
        sorted.push(thing.clone());
        missing.remove(thing);
        for waiting in wanted_by.get(thing).into_iter().flatten() {
            if let Some(count) = missing.get_mut(waiting) {
                *count -= 1;
                if *count == 0 {
                    ready.insert((things[*waiting].0, waiting));
                }
            }
        }
    }
    if missing.is_empty() { Ok(sorted) } else { Err(missing.into_keys().cloned().collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn things(all: &[(&'static str, u8, &[&'static str])]) -> Needs<&'static str> {
        all.iter().map(|(thing, rank, needs)| (*thing, (*rank, needs.iter().copied().collect()))).collect()
    }

    #[test]
    fn needs_come_first_and_ranks_decide_among_the_rest() {
        let sorted = sort(&things(&[
            ("view", 3, &["table"]),
            ("table", 2, &["function", "old"]),
            ("function", 4, &[]),
            ("a", 9, &[]),
        ]));
        assert_eq!(sorted, Ok(vec!["function", "table", "view", "a"]));
    }

    #[test]
    fn a_circle_is_named_and_not_what_stands_before_it() {
        let sorted = sort(&things(&[("a", 0, &["b"]), ("b", 0, &["a"]), ("c", 0, &[]), ("self", 0, &["self"])]));
        assert_eq!(sorted, Err(["a", "b"].into_iter().collect()));
    }
}
