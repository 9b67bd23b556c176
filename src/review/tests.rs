//! Pairs of plans, and what is found between them.

mod changes;
mod environments;
mod weakenings;

use super::{Review, compare};
use crate::{
    load::{self, PlanFormat},
    plan::{Plan, Rendered},
    render::{Inputs, ResolvedPlan, render},
};

/// A plan with something of everything.
const PLAN: &str = include_str!("tests/plan.yaml");

fn resolved(text: &str) -> Plan<Rendered> {
    whole(text).plan().clone()
}

fn shown(text: &str) -> String {
    whole(text).shown().to_owned()
}

fn whole(text: &str) -> ResolvedPlan {
    let loaded =
        load::load("plan.yaml", text.as_bytes(), PlanFormat::Yaml).unwrap_or_else(|why| panic!("{:#?}", why.records()));
    let mut inputs = Inputs::builder(&loaded.plan.vars).build().unwrap();
    inputs.secrets = inputs.secrets_wanted().map(|(name, _)| (name.clone(), "hunter2".to_owned())).collect();
    render(&loaded.plan, &inputs).unwrap_or_else(|why| panic!("{why:#?}"))
}

/// The plan with each text replaced by the one after it; each must be there exactly once.
fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(PLAN.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replace(from, to)
    })
}

fn review(edits: &[(&str, &str)]) -> Review {
    compare(&resolved(PLAN), &resolved(&edited(edits)))
}

/// What changed, a line each.
fn described(review: &Review) -> Vec<String> {
    let line = |text: &Option<String>| text.as_deref().unwrap_or("-").trim_end().replace('\n', "⏎");
    let of = |change: &super::ReviewedChange| {
        let field = change.field.map(|field| format!(" {field}")).unwrap_or_default();
        let how = format!("{:?}", change.how).to_lowercase();
        format!("{}{field} {how}: {} → {}", change.subject, line(&change.before), line(&change.after))
    };
    review.changes.iter().map(of).collect()
}
