//! The same change in several environments, told once.

use std::collections::HashMap;

use super::{
    change::{ChangeSubject, Review, ReviewedChange, WeakerSafety},
    hazard::{Hazard, Hazards},
};

/// What changed with the values of one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// The environment's name.
    pub environment: String,
    /// What changed there.
    pub review: Review,
    /// What lint finds more and less there.
    pub findings: Hazards,
}

/// One review of all environments, and the findings of all: what is seen in all of them names none.
pub fn deduplicate(renditions: Vec<Rendition>) -> (Review, Hazards) {
    let all = renditions.len();
    let (mut changes, mut weaker) = (Collected::default(), Collected::default());
    let (mut new, mut gone) = (Collected::default(), Collected::default());
    for Rendition { environment, review, findings } in renditions {
        findings.new.into_iter().for_each(|hazard| new.add(hazard, &environment));
        findings.gone.into_iter().for_each(|hazard| gone.add(hazard, &environment));
        review.changes.into_iter().for_each(|change| changes.add(change, &environment));
        review.weaker.into_iter().for_each(|loss| weaker.add(loss, &environment));
    }
    let mut review = Review { changes: changes.named_unless_in(all), weaker: weaker.named_unless_in(all) };
    review.weaker.sort_by_key(|loss| loss.rule);
    // Of a subject everything stands together, where the first of it stands.
    let mut firsts: HashMap<ChangeSubject, usize> = HashMap::new();
    for (at, change) in review.changes.iter().enumerate() {
        firsts.entry(change.subject.clone()).or_insert(at);
    }
    review.changes.sort_by_key(|change| firsts.get(&change.subject).copied());
    (review, Hazards { new: new.named_unless_in(all), gone: gone.named_unless_in(all) })
}

/// Something that is seen in environments.
trait SeenInEnvironments: Clone {
    type Key: std::hash::Hash + Eq;
    fn key(&self) -> Self::Key;
    fn only_in(&mut self) -> &mut Vec<String>;
}

impl SeenInEnvironments for ReviewedChange {
    type Key = (ChangeSubject, Option<&'static str>, Option<String>, Option<String>);

    fn key(&self) -> Self::Key {
        (self.subject.clone(), self.field, self.before.clone(), self.after.clone())
    }

    fn only_in(&mut self) -> &mut Vec<String> {
        &mut self.only_in
    }
}

impl SeenInEnvironments for WeakerSafety {
    type Key = (super::weakening::Weakening, ChangeSubject, String, String);

    fn key(&self) -> Self::Key {
        (self.rule, self.subject.clone(), self.before.clone(), self.after.clone())
    }

    fn only_in(&mut self) -> &mut Vec<String> {
        &mut self.only_in
    }
}

impl SeenInEnvironments for Hazard {
    type Key = (String, Option<String>, String);

    fn key(&self) -> Self::Key {
        (self.rule.clone(), self.step.clone(), self.message.clone())
    }

    fn only_in(&mut self) -> &mut Vec<String> {
        &mut self.only_in
    }
}

struct Collected<T: SeenInEnvironments> {
    items: Vec<T>,
    places: HashMap<T::Key, usize>,
}

impl<T: SeenInEnvironments> Default for Collected<T> {
    fn default() -> Self {
        Collected { items: Vec::new(), places: HashMap::new() }
    }
}

impl<T: SeenInEnvironments> Collected<T> {
    fn add(&mut self, mut item: T, environment: &str) {
        let place = *self.places.entry(item.key()).or_insert(self.items.len());
        match self.items.get_mut(place) {
            Some(known) => known.only_in().push(environment.to_owned()),
            None => {
                *item.only_in() = vec![environment.to_owned()];
                self.items.push(item);
            }
        }
    }

    fn named_unless_in(mut self, all: usize) -> Vec<T> {
        for item in &mut self.items {
            let only_in = item.only_in();
            only_in.dedup();
            if only_in.len() == all {
                only_in.clear();
            }
        }
        self.items
    }
}
