//! Putting things in an order in which each comes after what it needs.

use std::collections::{BTreeMap, BTreeSet};

/// Which of two things that both could come next does: the lower one, by its first number and then its second.
pub(super) type Rank = (u8, u8);

/// What decides where a thing comes.
#[derive(Debug, Clone, Default)]
pub(super) struct Dependencies<K> {
    /// Among those that could come next.
    pub rank: Rank,
    /// What must come before it. What is no thing itself is met already.
    pub needs: BTreeSet<K>,
    /// What should come before it, as far as the needs of others let it.
    pub wishes: BTreeSet<K>,
}

impl<K> Dependencies<K> {
    pub fn new(rank: Rank, needs: BTreeSet<K>) -> Self {
        Dependencies { rank, needs, wishes: BTreeSet::new() }
    }
}

/// Things, and what decides where each comes.
pub(super) type DependencyGraph<K> = BTreeMap<K, Dependencies<K>>;

/// All things, each after its needs and, where that is possible, after its wishes; among those that could come next the one of
/// the lowest rank, then the smallest.
///
/// # Errors
/// The things that need each other in a circle, and those between two circles.
pub(super) fn sort<K: Ord + Clone>(things: &DependencyGraph<K>) -> Result<Vec<K>, BTreeSet<K>> {
    let mut waiting = OrderQueue::of(things);
    let mut sorted = Vec::with_capacity(things.len());
    while let Some(thing) = waiting.next() {
        sorted.push(thing.clone());
        waiting.done(thing);
    }
    if waiting.open.is_empty() { Ok(sorted) } else { Err(in_circles(things, waiting.open.keys().copied().collect())) }
}

/// How many needs and wishes of a thing have not come yet.
struct UnmetCounts {
    needs: usize,
    wishes: usize,
}

struct OrderQueue<'k, K> {
    things: &'k DependencyGraph<K>,
    open: BTreeMap<&'k K, UnmetCounts>,
    needed_by: BTreeMap<&'k K, Vec<&'k K>>,
    wished_by: BTreeMap<&'k K, Vec<&'k K>>,
    /// Those with neither.
    ready: BTreeSet<(Rank, &'k K)>,
    /// Those with wishes alone.
    wishing: BTreeSet<(Rank, &'k K)>,
}

impl<'k, K: Ord + Clone> OrderQueue<'k, K> {
    fn of(things: &'k DependencyGraph<K>) -> Self {
        let mut waiting = OrderQueue {
            things,
            open: BTreeMap::new(),
            needed_by: BTreeMap::new(),
            wished_by: BTreeMap::new(),
            ready: BTreeSet::new(),
            wishing: BTreeSet::new(),
        };
        for (thing, place) in things {
            let is_open = |need: &&K| *need != thing && things.contains_key(*need);
            let needs: Vec<&K> = place.needs.iter().filter(is_open).collect();
            let wishes: Vec<&K> = place.wishes.iter().filter(is_open).filter(|wish| !place.needs.contains(*wish)).collect();
            waiting.open.insert(thing, UnmetCounts { needs: needs.len(), wishes: wishes.len() });
            for need in needs {
                waiting.needed_by.entry(need).or_default().push(thing);
            }
            for wish in wishes {
                waiting.wished_by.entry(wish).or_default().push(thing);
            }
            waiting.place(thing);
        }
        waiting
    }

    /// Files a thing under what it still waits for.
    fn place(&mut self, thing: &'k K) {
        let (Some(open), Some(place)) = (self.open.get(thing), self.things.get(thing)) else { return };
        let entry = (place.rank, thing);
        match (open.needs, open.wishes) {
            (0, 0) => {
                self.wishing.remove(&entry);
                self.ready.insert(entry);
            }
            (0, _) => {
                self.wishing.insert(entry);
            }
            _ => {}
        }
    }

    /// What comes next: where wishes go round in a circle, one of them is not granted.
    fn next(&mut self) -> Option<&'k K> {
        self.ready.pop_first().or_else(|| self.wishing.pop_first()).map(|(_, thing)| thing)
    }

    fn done(&mut self, thing: &'k K) {
        self.open.remove(thing);
        for other in self.needed_by.remove(thing).unwrap_or_default() {
            if let Some(open) = self.open.get_mut(other) {
                open.needs -= 1;
            }
            self.place(other);
        }
        for other in self.wished_by.remove(thing).unwrap_or_default() {
            if let Some(open) = self.open.get_mut(other) {
                open.wishes -= 1;
            }
            self.place(other);
        }
    }
}

/// Those of the things left over that are needed by another one of them: what merely needs something in a circle is in none.
fn in_circles<K: Ord + Clone>(things: &DependencyGraph<K>, mut left: BTreeSet<&K>) -> BTreeSet<K> {
    loop {
        let needed: BTreeSet<&K> = left
            .iter()
            .filter_map(|thing| things.get(*thing).map(|place| (*thing, place)))
            .flat_map(|(thing, place)| place.needs.iter().filter(move |need| *need != thing))
            .collect();
        let before = left.len();
        left.retain(|thing| needed.contains(thing));
        if left.len() == before {
            return left.into_iter().cloned().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn things(all: &[(&'static str, u8, &[&'static str])]) -> DependencyGraph<&'static str> {
        all.iter()
            .map(|(thing, rank, needs)| (*thing, Dependencies::new((*rank, 0), needs.iter().copied().collect())))
            .collect()
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
    fn a_circle_is_named_and_neither_what_stands_before_nor_what_comes_after_it() {
        let sorted = sort(&things(&[
            ("a", 0, &["b"]),
            ("b", 0, &["a"]),
            ("c", 0, &[]),
            ("after", 0, &["a"]),
            ("self", 0, &["self"]),
        ]));
        assert_eq!(sorted, Err(["a", "b"].into_iter().collect()));
    }

    #[test]
    fn wishes_come_first_where_needs_let_them() {
        let mut all = things(&[("index", 1, &[]), ("helper", 2, &[]), ("table", 3, &["index"])]);
        let wish = |all: &mut DependencyGraph<&'static str>, thing, wish| all.get_mut(thing).unwrap().wishes.insert(wish);
        wish(&mut all, "index", "helper");
        assert_eq!(sort(&all), Ok(vec!["helper", "index", "table"]));
        wish(&mut all, "helper", "table");
        assert_eq!(sort(&all), Ok(vec!["index", "table", "helper"]), "a wish that goes round is not granted");
    }
}
