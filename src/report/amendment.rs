//! What differs between the plan of a run and the one that is given to go on with it: part by part, and whether it may.

use super::{
    review::change_lines,
    style::{Style, Tone, indented, one_line},
};
use crate::{
    machine::{Outline, StepOutline},
    plan::{CheckId, Plan, Rendered},
    review::{ChangeSubject, Review, ReviewedChange, compare},
};

/// Fields of the plan and its backup that what has happened was made by.
const FROZEN: [&str; 6] = ["name", "transaction", "schema", "writers", "sequences", "targets"];

/// A plan at two times: its shape, and as it would run; none where what was recorded of it can't be read.
#[derive(Debug, Clone, Copy)]
pub struct PlanAt<'a> {
    /// Its shape.
    pub outline: &'a Outline,
    /// As it would run.
    pub plan: Option<&'a Plan<Rendered>>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanChange {
    /// What is different, a fragment: "step index-org is changed".
    pub what: String,
    /// Whether a run can go on with it.
    pub may: May,
    /// What of it changed.
    changes: Vec<ReviewedChange>,
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
pub fn plan_changes(then: PlanAt<'_>, now: PlanAt<'_>, frozen: usize) -> Vec<PlanChange> {
    let Review { changes, weaker: _ } = match (then.plan, now.plan) {
        (Some(then), Some(now)) => compare(then, now),
        _ => Review::default(),
    };
    let mut told = Vec::new();
    if then.plan.is_none() || now.plan.is_none() {
        let what = "the plan is changed, and what was recorded of it can't be read".to_owned();
        told.push(PlanChange { what, may: May::Not, changes: Vec::new() });
    }
    // By digests, whatever the review says: they are what the machine goes by.
    for (index, step) in then.outline.steps.iter().enumerate().take(frozen) {
        if now.outline.steps.get(index) != Some(step) {
            let changes = of_step(&changes, &step.id).cloned().collect();
            told.push(PlanChange { what: format!("step {} has run, and is changed", step.id), may: May::Not, changes });
        }
    }
    let (used, waiting) = then.outline.steps.split_at(frozen.min(then.outline.steps.len()));
    let has_run = |id: &str| used.iter().any(|step| step.id == id);
    let asked = [then.plan, now.plan].map(|plan| plan.map(asked_before).unwrap_or_default()).concat();
    for subject in subjects(&changes) {
        let of_it: Vec<ReviewedChange> = changes.iter().filter(|change| change.subject == *subject).cloned().collect();
        let (what, may) = match subject {
            ChangeSubject::Step(id) if has_run(id) => continue,
            ChangeSubject::Step(id) => (format!("step {id} {}", became(waiting, &now.outline.steps, id)), May::Amend),
            ChangeSubject::Check(id) if asked.iter().any(|check| check.as_str() == id) => {
                (format!("checks has been used, and check {id} is changed"), May::Not)
            }
            ChangeSubject::Plan | ChangeSubject::Backup if of_it.iter().any(is_frozen) => {
                (format!("{subject} has been used, and is changed"), May::Not)
            }
            _ => (format!("{subject} is changed"), May::Amend),
        };
        told.push(PlanChange { what, may, changes: of_it });
    }
    told
}

/// The differences for people, those that no run can go on with first.
pub fn plan_change_lines(changes: &[PlanChange], style: Style) -> String {
    let mut out = String::new();
    for may in [May::Not, May::Amend] {
        for change in changes.iter().filter(|change| change.may == may) {
            let mark = match may {
                May::Not => style.paint(Tone::Bad, "✗"),
                May::Amend => style.paint(Tone::Careful, "~"),
            };
            out += &format!("{mark} {}\n", one_line(&change.what));
            out += &indented(&change_lines(&change.changes, style), 4);
        }
    }
    out
}

fn of_step<'a>(changes: &'a [ReviewedChange], id: &str) -> impl Iterator<Item = &'a ReviewedChange> {
    changes.iter().filter(move |change| matches!(&change.subject, ChangeSubject::Step(other) if other == id))
}

/// What changed, each once, in order.
fn subjects(changes: &[ReviewedChange]) -> Vec<&ChangeSubject> {
    let mut subjects: Vec<&ChangeSubject> = Vec::new();
    for change in changes {
        if !subjects.contains(&&change.subject) {
            subjects.push(&change.subject);
        }
    }
    subjects
}

fn is_frozen(change: &ReviewedChange) -> bool {
    change.field.is_some_and(|field| FROZEN.contains(&field))
}

/// Checks whose answers were taken before the first step.
fn asked_before(plan: &Plan<Rendered>) -> Vec<CheckId> {
    plan.checks.before.iter().chain(&plan.checks.unchanged).map(|check| check.id.clone()).collect()
}

/// What became of a step that has not run.
fn became(then: &[StepOutline], now: &[StepOutline], id: &str) -> &'static str {
    let find = |steps: &[StepOutline]| steps.iter().find(|step| step.id == id).cloned();
    match (find(then), find(now)) {
        (_, None) => "is gone",
        (None, Some(_)) => "is new",
        (Some(then), Some(now)) if then == now => "has another place",
        (Some(_), Some(_)) => "is changed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        load::{self, PlanFormat},
        render::{Inputs, render},
    };

    fn told(then: &str, now: &str, frozen: usize) -> Vec<(String, May)> {
        let resolved = |text: &str| {
            let text = format!("format: backstop/v1\nname: p\n{text}");
            let loaded = load::load("p.yaml", text.as_bytes(), PlanFormat::Yaml).unwrap_or_else(|why| panic!("{why:?}"));
            render(&loaded.plan, &Inputs::default()).unwrap()
        };
        let (then, now) = (resolved(then), resolved(now));
        let (old, new) = (Outline::of(&then), Outline::of(&now));
        let old = PlanAt { outline: &old, plan: Some(then.plan()) };
        let new = PlanAt { outline: &new, plan: Some(now.plan()) };
        let changes = plan_changes(old, new, frozen);
        assert!(changes.iter().all(|change| !plan_change_lines(std::slice::from_ref(change), Style::Plain).is_empty()));
        changes.into_iter().map(|change| (change.what, change.may)).collect()
    }

    fn steps(steps: &[(&str, &str)]) -> String {
        let step = |(id, sql): &(&str, &str)| format!("- id: {id}\n  sql: SELECT {sql}\n");
        format!("steps:\n{}", steps.iter().map(step).collect::<String>())
    }

    #[test]
    fn steps_that_have_run_are_frozen_and_others_are_not() {
        let then = steps(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let now = steps(&[("a", "x"), ("b", "y"), ("d", "4")]);
        assert_eq!(
            told(&then, &now, 1),
            [
                ("step a has run, and is changed".to_owned(), May::Not),
                ("step b is changed".to_owned(), May::Amend),
                ("step d is new".to_owned(), May::Amend),
                ("step c is gone".to_owned(), May::Amend),
            ]
        );
        assert_eq!(told(&then, &then, 3), []);
        assert_eq!(told(&then, &steps(&[("a", "1")]), 2)[0], ("step b has run, and is changed".to_owned(), May::Not));
        let before = told(&then, &steps(&[("new", "9"), ("a", "1"), ("b", "2"), ("c", "3")]), 1);
        assert!(
            before.contains(&("step a has run, and is changed".to_owned(), May::Not)),
            "nothing comes before what has run"
        );
        let swapped = told(&then, &steps(&[("a", "1"), ("c", "3"), ("b", "2")]), 1);
        assert_eq!(swapped.len(), 1);
        assert!(swapped[0].0.ends_with("has another place") && swapped[0].1 == May::Amend, "{swapped:?}");
    }

    #[test]
    fn what_the_backup_holds_is_frozen_and_after_checks_are_not() {
        let one = |then: &str, now: &str| {
            let step = steps(&[("a", "1")]);
            told(&format!("{then}{step}"), &format!("{now}{step}"), 1)
        };
        let backup = |keep: u32, tables: &str| format!("backup: {{keep: {keep}, targets: [{{tables: [{tables}]}}]}}\n");
        assert_eq!(
            one(&backup(3, "x"), &backup(3, "x, y")),
            [("backup has been used, and is changed".to_owned(), May::Not)]
        );
        assert_eq!(one(&backup(3, "x"), &backup(4, "x")), [("backup is changed".to_owned(), May::Amend)]);
        let check = |phase: &str, table: &str| {
            format!(
                "checks: {{{phase}: [{{id: c, row_count: {{table: {table}{}}}}}]}}\n",
                if phase == "unchanged" { "" } else { ", at_least: 1" }
            )
        };
        assert_eq!(one(&check("after", "x"), &check("after", "y")), [("check c is changed".to_owned(), May::Amend)]);
        assert_eq!(one(&check("before", "x"), "")[0].1, May::Not);
        assert_eq!(one(&check("unchanged", "x"), &check("unchanged", "y"))[0].1, May::Not);
        assert_eq!(one("description: x\n", "description: y\n"), []);
    }

    #[test]
    fn what_can_not_be_read_is_not_gone_on_with() {
        let outline = Outline {
            untouched: Default::default(),
            transaction: Default::default(),
            steps: vec![],
            rollback: Default::default(),
        };
        let unread = PlanAt { outline: &outline, plan: None };
        assert_eq!(plan_changes(unread, unread, 0)[0].may, May::Not);
    }
}
