//! Two versions of one plan → what changed, with the values of each environment.

use super::version::{Rendered, Setting, Version, loaded, rendered};
use crate::{
    load::Loaded,
    review::{self, Fate, PlanReview, Rendition, Review, Unreadable, told_once},
};

/// An environment's values, as they were and as they are.
pub struct Around {
    /// Its name; none where there are no environments.
    pub environment: Option<String>,
    /// As they were.
    pub old: Setting,
    /// As they are.
    pub new: Setting,
}

/// A plan file's two versions.
pub struct Pair<'a> {
    /// As it was; none where it is new.
    pub old: Option<Version<'a>>,
    /// As it is; none where it is gone.
    pub new: Option<Version<'a>>,
}

impl Pair<'_> {
    /// What changed; nothing where nothing did.
    pub fn reviewed(&self, arounds: &[Around]) -> Option<PlanReview> {
        let (old, new) = (self.old.as_ref().map(loaded), self.new.as_ref().map(loaded));
        let fate = match (&self.old, &self.new) {
            (None, _) => Fate::Added,
            (_, None) => Fate::Removed,
            (Some(_), Some(_)) => Fate::Changed,
        };
        let name = |version: &Option<Result<Loaded, Vec<String>>>| {
            version.as_ref().and_then(|loaded| loaded.as_ref().ok()).map(|loaded| loaded.plan.name.to_string())
        };
        let path = self.new.as_ref().or(self.old.as_ref()).map(|version| version.name.to_owned()).unwrap_or_default();
        let was = self.old.as_ref().map(|version| version.name.to_owned()).filter(|was| *was != path);
        let mut found = PlanReview {
            path,
            was,
            plan: name(&new).or_else(|| name(&old)),
            fate,
            review: Review::default(),
            stand_ins: Vec::new(),
            unreadable: Vec::new(),
        };
        if fate != Fate::Removed {
            let mut renditions = Vec::new();
            for around in arounds {
                let old = side(self.old.as_ref(), &old, &around.old);
                let new = side(self.new.as_ref(), &new, &around.new);
                let review = compared(old, new, around, &mut found);
                let environment = around.environment.clone().unwrap_or_default();
                renditions.extend(review.map(|review| Rendition { environment, review }));
            }
            found.review = told_once(renditions);
            found.unreadable = once(std::mem::take(&mut found.unreadable), arounds.len());
        }
        (!found.is_nothing()).then_some(found)
    }
}

fn side(
    version: Option<&Version<'_>>,
    loaded: &Option<Result<Loaded, Vec<String>>>,
    setting: &Setting,
) -> Option<Result<Rendered, Vec<String>>> {
    match (version, loaded.as_ref()?) {
        (Some(version), Ok(loaded)) => Some(rendered(loaded, version, setting)),
        (_, Err(why)) => Some(Err(why.clone())),
        (None, _) => None,
    }
}

fn compared(
    old: Option<Result<Rendered, Vec<String>>>,
    new: Option<Result<Rendered, Vec<String>>>,
    around: &Around,
    found: &mut PlanReview,
) -> Option<Review> {
    let mut readable = |version, side: Option<Result<Rendered, Vec<String>>>| match side? {
        Ok(rendered) => {
            for name in &rendered.stand_ins {
                if !found.stand_ins.contains(name) {
                    found.stand_ins.push(name.clone());
                }
            }
            Some(rendered.plan)
        }
        Err(why) => {
            found.unreadable.push(Unreadable { version, environment: around.environment.clone(), why });
            None
        }
    };
    let old = readable(review::Version::Old, old);
    let new = readable(review::Version::New, new)?;
    Some(match old {
        Some(old) => review::compare(old.plan(), new.plan()),
        None => review::introduced(new.plan()),
    })
}

/// What is so in all environments is told of none.
fn once(unreadable: Vec<Unreadable>, all: usize) -> Vec<Unreadable> {
    let mut told: Vec<Unreadable> = Vec::new();
    for problem in &unreadable {
        let is_same = |other: &&Unreadable| other.version == problem.version && other.why == problem.why;
        if unreadable.iter().filter(is_same).count() < all {
            told.push(problem.clone());
        } else if !told.iter().any(|other| is_same(&other)) {
            told.push(Unreadable { environment: None, ..problem.clone() });
        }
    }
    told
}
