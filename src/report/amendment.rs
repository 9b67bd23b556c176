//! What differs between the plan of a run and the one that is given to go on with it: step by step, and whether it may.

use serde_json::Value;
use similar::TextDiff;

use super::style::{Style, Tone, indented, one_line};
use crate::machine::{Outline, StepOutline};

/// Lines around a difference.
const CONTEXT: usize = 2;
/// Parts of a plan that are for people, and change nothing.
const WORDS: [&str; 3] = ["description", "owner", "links"];
/// Parts that what has happened was made by.
const FROZEN: [(&str, Option<&str>); 8] = [
    ("name", None),
    ("transaction", None),
    ("backup", Some("schema")),
    ("backup", Some("writers")),
    ("backup", Some("sequences")),
    ("backup", Some("targets")),
    ("checks", Some("before")),
    ("checks", Some("unchanged")),
];

/// A plan at two times: its shape, and as it is shown.
#[derive(Debug, Clone, Copy)]
pub struct PlanText<'a> {
    /// Its shape.
    pub outline: &'a Outline,
    /// As it is shown, YAML.
    pub rendered: &'a str,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanChange {
    /// What is different, a fragment: "step index-org is changed".
    pub what: String,
    /// Whether a run can go on with it.
    pub may: May,
    /// Both texts' difference.
    diff: String,
}

/// Whether a run can go on with a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    /// It has not been used yet.
    Amend,
    /// It has.
    Not,
}

/// What differs, the first `frozen` steps having run, in part or maybe.
pub fn plan_changes(then: PlanText<'_>, now: PlanText<'_>, frozen: usize) -> Vec<PlanChange> {
    let (old, new) = (parsed(then.rendered), parsed(now.rendered));
    let mut changes = sections(&old, &new);
    let text =
        |plan: &Value, index: usize| plan.get("steps").and_then(|steps| steps.get(index)).map(yaml).unwrap_or_default();
    let (before, after) = (&then.outline.steps, &now.outline.steps);
    for (index, step) in before.iter().enumerate().take(frozen) {
        if after.get(index) != Some(step) {
            let diff = difference(&text(&old, index), &text(&new, index));
            changes.push(PlanChange { what: format!("step {} has run, and is changed", step.id), may: May::Not, diff });
        }
    }
    let (waiting, given) = (before.get(frozen..).unwrap_or_default(), after.get(frozen..).unwrap_or_default());
    let place = |steps: &[StepOutline], id: &str| steps.iter().position(|step| step.id == id);
    for (index, step) in waiting.iter().enumerate() {
        let other = place(given, &step.id);
        let what = match other {
            None => "is gone",
            Some(other) if given.get(other) != Some(step) => "is changed",
            Some(other) if other != index && waiting.len() == given.len() => "has another place",
            Some(_) => continue,
        };
        let diff = match other {
            Some(other) if given.get(other) == Some(step) => {
                format!("it was step {}, and is step {}\n", frozen + index + 1, frozen + other + 1)
            }
            Some(other) => difference(&text(&old, frozen + index), &text(&new, frozen + other)),
            None => difference(&text(&old, frozen + index), ""),
        };
        changes.push(PlanChange { what: format!("step {} {what}", step.id), may: May::Amend, diff });
    }
    for (index, step) in given.iter().enumerate().filter(|(_, step)| place(waiting, &step.id).is_none()) {
        let diff = difference("", &text(&new, frozen + index));
        changes.push(PlanChange { what: format!("step {} is new", step.id), may: May::Amend, diff });
    }
    changes
}

/// The differences for people, those that no run can go on with first.
pub fn told_changes(changes: &[PlanChange], style: Style) -> String {
    let mut out = String::new();
    for may in [May::Not, May::Amend] {
        for change in changes.iter().filter(|change| change.may == may) {
            let mark = match may {
                May::Not => style.paint(Tone::Bad, "✗"),
                May::Amend => style.paint(Tone::Careful, "~"),
            };
            out += &format!("{mark} {}\n", one_line(&change.what));
            out += &indented(&change.diff, 4);
        }
    }
    out
}

/// Everything but the steps.
fn sections(old: &Value, new: &Value) -> Vec<PlanChange> {
    let mut changes = Vec::new();
    let names: Vec<&String> = [old, new].into_iter().filter_map(Value::as_object).flat_map(|plan| plan.keys()).collect();
    let mut seen: Vec<&str> = Vec::new();
    for name in names.into_iter().filter(|name| *name != "steps" && !WORDS.contains(&name.as_str())) {
        if seen.contains(&name.as_str()) {
            continue;
        }
        seen.push(name);
        let (then, now) = (old.get(name), new.get(name));
        if then == now {
            continue;
        }
        let is_frozen = FROZEN.iter().any(|(section, field)| {
            let of = |plan: Option<&Value>| match field {
                None => plan.cloned(),
                Some(field) => plan.and_then(|plan| plan.get(field)).cloned(),
            };
            section == name && of(then) != of(now)
        });
        let text = |value: Option<&Value>| value.map(yaml).unwrap_or_default();
        let may = if is_frozen { May::Not } else { May::Amend };
        let what = if is_frozen { format!("{name} has been used, and is changed") } else { format!("{name} is changed") };
        changes.push(PlanChange { what, may, diff: difference(&text(then), &text(now)) });
    }
    changes
}

/// What can't be read is no plan, and so differs in everything.
fn parsed(rendered: &str) -> Value {
    serde_yaml::from_str(rendered).unwrap_or(Value::Null)
}

fn yaml(value: &Value) -> String {
    serde_yaml::to_string(value).unwrap_or_default()
}

fn difference(then: &str, now: &str) -> String {
    TextDiff::from_lines(then, now).unified_diff().context_radius(CONTEXT).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        machine::Untouched,
        plan::{Rollback, Transaction},
    };

    fn outline(steps: &[(&str, &str)]) -> Outline {
        let step = |(id, digest): &(&str, &str)| StepOutline {
            id: (*id).to_owned(),
            digest: (*digest).to_owned(),
            transactional: true,
            cut: Default::default(),
            has_undo: false,
            attempts: 1,
            backoff: Duration::ZERO,
        };
        Outline {
            transaction: Transaction::Step,
            steps: steps.iter().map(step).collect(),
            rollback: Rollback::default(),
            untouched: Untouched::default(),
        }
    }

    fn rendered(steps: &[(&str, &str)], more: &str) -> String {
        let steps: String = steps.iter().map(|(id, sql)| format!("- id: {id}\n  sql: {sql}\n")).collect();
        format!("name: p\n{more}steps:\n{steps}")
    }

    fn told(then: (&[(&str, &str)], &str), now: (&[(&str, &str)], &str), frozen: usize) -> Vec<(String, May)> {
        let (old, new) = (outline(then.0), outline(now.0));
        let (old_text, new_text) = (rendered(then.0, then.1), rendered(now.0, now.1));
        let changes = plan_changes(
            PlanText { outline: &old, rendered: &old_text },
            PlanText { outline: &new, rendered: &new_text },
            frozen,
        );
        assert!(changes.iter().all(|change| !change.diff.is_empty()), "each shows both texts");
        changes.into_iter().map(|change| (change.what, change.may)).collect()
    }

    #[test]
    fn steps_that_have_run_are_frozen_and_others_are_not() {
        let then: &[(&str, &str)] = &[("a", "1"), ("b", "2"), ("c", "3")];
        let now: &[(&str, &str)] = &[("a", "x"), ("b", "y"), ("d", "4")];
        assert_eq!(
            told((then, ""), (now, ""), 1),
            [
                ("step a has run, and is changed".to_owned(), May::Not),
                ("step b is changed".to_owned(), May::Amend),
                ("step c is gone".to_owned(), May::Amend),
                ("step d is new".to_owned(), May::Amend),
            ]
        );
        assert_eq!(told((then, ""), (then, ""), 3), []);
        assert_eq!(told((then, ""), (&then[..1], ""), 2)[0], ("step b has run, and is changed".to_owned(), May::Not));
        let swapped = told((then, ""), (&[then[0], then[2], then[1]], ""), 1);
        assert!(swapped.iter().all(|(_, may)| *may == May::Amend));
    }

    #[test]
    fn what_the_backup_holds_is_frozen_and_after_checks_are_not() {
        let steps: &[(&str, &str)] = &[("a", "1")];
        let one = |then, now| told((steps, then), (steps, now), 1);
        assert_eq!(
            one("backup: {keep: 3, targets: [x]}\n", "backup: {keep: 3, targets: [x, y]}\n"),
            [("backup has been used, and is changed".to_owned(), May::Not)]
        );
        assert_eq!(
            one("backup: {keep: 3, targets: [x]}\n", "backup: {keep: 4, targets: [x]}\n"),
            [("backup is changed".to_owned(), May::Amend)]
        );
        assert_eq!(one("checks: {after: [x]}\n", "checks: {after: [y]}\n"), [("checks is changed".to_owned(), May::Amend)]);
        assert_eq!(one("checks: {before: [x]}\n", "")[0].1, May::Not);
        assert_eq!(one("description: x\n", "description: y\n"), []);
    }
}
