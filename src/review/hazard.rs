//! What lint finds in one version of a plan and not in the other, as plain values: this room knows no rules.

use schemars::JsonSchema;
use serde::Serialize;

/// Findings that differ between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Hazards {
    /// Those that the new version has and the old one had not.
    pub new: Vec<Hazard>,
    /// Those that the old version had and the new one has not, or makes an exception of.
    pub gone: Vec<Hazard>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Hazard {
    /// The rule's code.
    pub rule: String,
    /// How much it weighs.
    pub level: Weight,
    /// Whether it fails `backstop lint`.
    pub fails: bool,
    /// The step that it is about.
    pub step: Option<String>,
    /// What is wrong, a fragment.
    pub message: String,
    /// What it leads to.
    pub effect: String,
    /// What to do instead.
    pub remedy: String,
    /// Why the plan makes an exception of it; what is new has none.
    pub excepted: Option<String>,
    /// The environments that it is seen in; none named where it is seen in all.
    pub only_in: Vec<String>,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Something to know.
    Note,
    /// Something to think about.
    Warning,
    /// Something to change.
    Error,
}

impl Weight {
    /// How it is called.
    pub fn name(self) -> &'static str {
        match self {
            Weight::Note => "note",
            Weight::Warning => "warning",
            Weight::Error => "error",
        }
    }
}

impl Hazards {
    /// What differs between all findings of the old version and all of the new one.
    pub fn between(old: Vec<Hazard>, new: Vec<Hazard>) -> Hazards {
        // What was an exception and is none any more is as good as new.
        let mut old: Vec<Option<Hazard>> = old.into_iter().filter(|hazard| hazard.excepted.is_none()).map(Some).collect();
        let mut new: Vec<Option<Hazard>> = new.into_iter().map(Some).collect();
        let mut gone = Vec::new();
        for is_same in [the_same, same_but_for_numbers, same_in_another_step] {
            for place in &mut new {
                let Some(now) = place.as_ref() else { continue };
                let Some(then) = old.iter_mut().find(|then| then.as_ref().is_some_and(|then| is_same(then, now))) else {
                    continue;
                };
                if let (Some(then), Some(reason)) = (then.take(), &now.excepted) {
                    gone.push(Hazard { excepted: Some(reason.clone()), ..then });
                }
                *place = None;
            }
        }
        gone.extend(old.into_iter().flatten());
        let mut new: Vec<Hazard> = new.into_iter().flatten().filter(|hazard| hazard.excepted.is_none()).collect();
        new.sort_by_key(|hazard| std::cmp::Reverse((hazard.fails, hazard.level)));
        Hazards { new, gone }
    }

    /// Whether there is none.
    pub fn is_nothing(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty()
    }
}

fn the_same(then: &Hazard, now: &Hazard) -> bool {
    then.rule == now.rule && then.step == now.step && then.message == now.message
}

/// Messages count steps and rows, and a step more is no other finding.
fn same_but_for_numbers(then: &Hazard, now: &Hazard) -> bool {
    let words = |message: &str| message.replace(|c: char| c.is_ascii_digit(), "");
    then.rule == now.rule && then.step == now.step && words(&then.message) == words(&now.message)
}

fn same_in_another_step(then: &Hazard, now: &Hazard) -> bool {
    then.rule == now.rule && then.message == now.message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hazard(rule: &str, step: &str, message: &str) -> Hazard {
        Hazard {
            rule: rule.to_owned(),
            level: Weight::Warning,
            fails: false,
            step: Some(step.to_owned()),
            message: message.to_owned(),
            effect: String::new(),
            remedy: String::new(),
            excepted: None,
            only_in: Vec::new(),
        }
    }

    fn excepted(hazard: Hazard) -> Hazard {
        Hazard { excepted: Some("it is empty".to_owned()), ..hazard }
    }

    #[test]
    fn what_is_in_both_is_neither_new_nor_gone() {
        let old = vec![hazard("a", "s", "held through 2 further steps"), hazard("b", "s", "t is gone")];
        let new = vec![hazard("b", "renamed", "t is gone"), hazard("a", "s", "held through 10 further steps")];
        assert!(Hazards::between(old, new).is_nothing());
    }

    #[test]
    fn findings_are_counted() {
        let twice = vec![hazard("a", "s", "m"), hazard("a", "s", "m")];
        let found = Hazards::between(vec![hazard("a", "s", "m")], twice.clone());
        assert_eq!((found.new.len(), found.gone.len()), (1, 0));
        let found = Hazards::between(twice, vec![hazard("a", "s", "another")]);
        assert_eq!((found.new.len(), found.gone.len()), (1, 2));
    }

    #[test]
    fn exceptions_take_findings_away_and_bring_them_back() {
        let found = hazard("a", "s", "m");
        let gone = Hazards::between(vec![found.clone()], vec![excepted(found.clone())]);
        assert_eq!((gone.new.len(), gone.gone[0].excepted.as_deref()), (0, Some("it is empty")));
        let back = Hazards::between(vec![excepted(found.clone())], vec![found.clone()]);
        assert_eq!((back.new.len(), back.gone.len()), (1, 0));
        assert!(Hazards::between(Vec::new(), vec![excepted(found)]).is_nothing());
    }

    #[test]
    fn what_fails_stands_first() {
        let failing = Hazard { fails: true, level: Weight::Error, ..hazard("b", "s", "m") };
        let found = Hazards::between(Vec::new(), vec![hazard("a", "s", "m"), failing]);
        assert_eq!(found.new[0].rule, "b");
    }
}
