//! In which order plans are applied: each after those that it requires.

use std::collections::{HashMap, HashSet};

use super::{
    diagnostics::{instead, problem, with_first},
    problem::LoadProblem,
};
use crate::plan::{FileIndex, Place, Plan, PlanName, Stage};

/// What to do about required plans that aren't among the given ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// They are problems.
    Error,
    /// They are told as [`PlanOrder::external`]: the journal may know them.
    External,
}

/// The order of some plans.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanOrder {
    /// Indices of the given plans, required ones first, else as they were given.
    pub sequence: Vec<usize>,
    /// What is required from outside.
    pub external: Vec<External>,
}

/// A plan that is required but wasn't given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct External {
    /// The index of the plan that requires it.
    pub plan: usize,
    /// The name that is required and that no given plan has.
    pub name: PlanName,
    /// Where it is named.
    pub at: Place,
}

/// Orders plans by what they require.
///
/// # Errors
/// Names that several plans have, names that none has (where `unknown` says so) and circles, all at once. The file of a
/// problem's place is the index of its plan; [`super::Problems::new`] with the sources of the plans shows them.
pub fn order<S: Stage>(plans: &[&Plan<S>], unknown: Unknown) -> Result<PlanOrder, Vec<LoadProblem>> {
    let mut problems = Vec::new();
    let by_name = by_name(plans, &mut problems);
    let mut requires: Vec<Vec<(usize, Place)>> = Vec::with_capacity(plans.len());
    let mut external = Vec::new();
    for (nth, plan) in plans.iter().enumerate() {
        let mut of_plan = Vec::new();
        for (name, at) in &plan.requires {
            match (by_name.get(name.as_str()), unknown) {
                (Some(required), _) => of_plan.push((*required, in_file(nth, *at))),
                (None, Unknown::External) => external.push(External { plan: nth, name: name.clone(), at: *at }),
                (None, Unknown::Error) => {
                    let names: Vec<&str> = by_name.keys().copied().collect();
                    let message = format!("there is no plan `{name}`");
                    problems.push(problem(
                        "backstop::load::unknown_plan",
                        in_file(nth, *at),
                        message,
                        instead(name.as_str(), &names),
                    ));
                }
            }
        }
        requires.push(of_plan);
    }
    let sequence = sequence(plans, &requires, &mut problems);
    if problems.is_empty() { Ok(PlanOrder { sequence, external }) } else { Err(problems) }
}

fn by_name<'p, S: Stage>(plans: &[&'p Plan<S>], problems: &mut Vec<LoadProblem>) -> HashMap<&'p str, usize> {
    let mut by_name: HashMap<&str, (usize, Place)> = HashMap::new();
    for (nth, plan) in plans.iter().enumerate() {
        let at = in_file(nth, plan.name_at);
        match by_name.get(plan.name.as_str()) {
            None => {
                by_name.insert(plan.name.as_str(), (nth, at));
            }
            Some((_, first)) => {
                let message = format!("a second plan is called `{}`", plan.name);
                let again = problem("backstop::load::duplicate_plan", at, message, "Give each plan a name of its own.");
                problems.push(with_first(again, *first));
            }
        }
    }
    by_name.into_iter().map(|(name, (nth, _))| (name, nth)).collect()
}

/// Plans whose requirements are all met, round by round; what is left when a round finds none goes in circles.
fn sequence<S: Stage>(plans: &[&Plan<S>], requires: &[Vec<(usize, Place)>], problems: &mut Vec<LoadProblem>) -> Vec<usize> {
    let mut done: HashSet<usize> = HashSet::new();
    let mut sequence = Vec::with_capacity(plans.len());
    let next = |done: &HashSet<usize>| {
        let is_next = |(nth, required): &(usize, &Vec<(usize, Place)>)| {
            !done.contains(nth) && required.iter().all(|(required, _)| done.contains(required))
        };
        requires.iter().enumerate().find(is_next).map(|(nth, _)| nth)
    };
    while let Some(next) = next(&done) {
        done.insert(next);
        sequence.push(next);
    }
    // Each plan that is left requires one that is left: walking on must come back to where one has been.
    let mut seen = done.clone();
    for start in 0..plans.len() {
        let mut path: Vec<(usize, Place)> = Vec::new();
        let mut at = start;
        while seen.insert(at) {
            let mut left = requires.get(at).into_iter().flatten().filter(|(required, _)| !done.contains(required));
            let Some((required, place)) = left.next() else { break };
            path.push((at, *place));
            at = *required;
            if let Some(entry) = path.iter().position(|(plan, _)| *plan == at) {
                problems.push(circle(plans, path.get(entry..).unwrap_or_default()));
            }
        }
    }
    sequence
}

fn circle<S: Stage>(plans: &[&Plan<S>], path: &[(usize, Place)]) -> LoadProblem {
    let names: Vec<&str> =
        path.iter().chain(path.first()).filter_map(|(plan, _)| Some(plans.get(*plan)?.name.as_str())).collect();
    let labels =
        path.iter().zip(names.iter().skip(1)).map(|((_, at), required)| (*at, format!("requires `{required}`"))).collect();
    LoadProblem {
        code: "backstop::load::cycle",
        message: format!("plans require each other in a circle: {}", names.join(" → ")),
        help: Some("Take one of these out of `requires`.".to_owned()),
        labels,
    }
}

fn in_file(plan: usize, at: Place) -> Place {
    Place { file: FileIndex(plan), ..at }
}
