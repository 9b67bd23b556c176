//! The order of plans.

use std::sync::Arc;

use super::*;
use crate::load::{PlanOrder, Unknown, order};

fn plan(name: &str, requires: &str) -> Loaded {
    let text = format!("format: backstop/v1\nname: {name}\nrequires: [{requires}]\nsteps: [{{id: a, sql: SELECT 1}}]\n");
    load(&format!("{name}.yaml"), text.as_bytes(), PlanFormat::Yaml).unwrap()
}

fn ordered(plans: &[Loaded], unknown: Unknown) -> Result<PlanOrder, Problems> {
    let sources: Vec<Arc<crate::load::PlanSource>> = plans.iter().map(|plan| plan.source.clone()).collect();
    let plans: Vec<_> = plans.iter().map(|loaded| &loaded.plan).collect();
    order(&plans, unknown).map_err(|problems| Problems::new(&sources, problems))
}

#[test]
fn plans_come_after_what_they_require() {
    let plans = [plan("c", "b, a"), plan("b", "a"), plan("x", ""), plan("a", "")];
    assert_eq!(ordered(&plans, Unknown::Error).unwrap().sequence, [2, 3, 1, 0]);
}

#[test]
fn unknown_plans_are_problems_or_external() {
    let plans = [plan("baseline", ""), plan("b", "base-line, other")];
    let problems = ordered(&plans, Unknown::Error).unwrap_err();
    let records = problems.records();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0].code, "backstop::load::unknown_plan");
    assert_eq!((records[0].file.as_str(), records[0].line, records[0].column), ("b.yaml", 3, 12));
    assert_eq!(records[0].help.as_deref(), Some("Did you mean `baseline`?"));
    let order = ordered(&plans, Unknown::External).unwrap();
    assert_eq!(order.sequence, [0, 1]);
    assert_eq!(
        order.external.iter().map(|e| (e.plan, e.name.as_str())).collect::<Vec<_>>(),
        [(1, "base-line"), (1, "other")]
    );
}

#[test]
fn circles_are_told_once_with_every_place() {
    let plans = [plan("d", "a"), plan("a", "b"), plan("b", "c"), plan("c", "a"), plan("e", "f"), plan("f", "e")];
    let problems = ordered(&plans, Unknown::Error).unwrap_err();
    let messages: Vec<String> = problems.records().into_iter().map(|record| record.message).collect();
    assert_eq!(
        messages,
        ["plans require each other in a circle: a → b → c → a", "plans require each other in a circle: e → f → e",]
    );
    let shown = rendered(&problems);
    for place in ["a.yaml:3:12", "b.yaml:3:12", "c.yaml:3:12", "e.yaml:3:12", "f.yaml:3:12"] {
        assert!(shown.contains(place), "{place} is missing:\n{shown}");
    }
}

#[test]
fn a_name_that_two_plans_have_is_a_problem() {
    let problems = ordered(&[plan("a", ""), plan("a", "")], Unknown::Error).unwrap_err();
    assert_eq!(told(Err(problems)), [("duplicate_plan", 2, 7)]);
}

#[test]
fn a_plan_that_requires_itself_is_told_when_it_is_read() {
    let text = "format: backstop/v1\nname: a\nrequires: a\nsteps: [{id: a, sql: SELECT 1}]\n";
    assert_eq!(told(yaml(text)), [("cycle", 3, 11)]);
}
