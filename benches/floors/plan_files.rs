//! A plan file, from its text to what would run, against reading the same YAML as values without meaning.

use std::{hint::black_box, time::Instant};

use backstop::{
    report::{Layout, Style, Width, markdown, review_text},
    review::{FileChange, Hazards, PlanReview, Reviews, compare},
};

use super::{pairs, pairs::Pairs, plans, size::Size};

/// Loads, renders and lints a long plan, and compares two versions of it in which every tenth step differs and the first one moved.
pub fn measure(size: Size) {
    let text = plans::of_steps(size.read_steps);
    let mut pairs = Pairs::new(format!("load and render, {} steps", size.read_steps), "YAML to JSON values");
    for _ in 0..size.rounds.max(1) {
        let begun = Instant::now();
        black_box(plans::resolved(&text, |_| String::new()));
        let ours = begun.elapsed();
        let begun = Instant::now();
        black_box(serde_yaml::from_str::<serde_json::Value>(&text).expect("YAML"));
        pairs.add(ours, begun.elapsed());
    }
    let mut linted = Pairs::new(format!("load, render and lint, {} steps", size.read_steps), "YAML to JSON values");
    for _ in 0..size.rounds.max(1) {
        let begun = Instant::now();
        black_box(plans::findings(&text));
        let ours = begun.elapsed();
        let begun = Instant::now();
        black_box(serde_yaml::from_str::<serde_json::Value>(&text).expect("YAML"));
        linted.add(ours, begun.elapsed());
    }
    pairs::print("Plan files", &[pairs, linted, differences(&text, size)]);
}

fn differences(text: &str, size: Size) -> Pairs {
    let (then, now) = (plans::resolved(text, |_| String::new()), plans::resolved(&plans::edited(text), |_| String::new()));
    let mut pairs = Pairs::new(format!("what differs, {} steps", size.read_steps), "a diff of the texts");
    for _ in 0..size.rounds.max(1) {
        let begun = Instant::now();
        let review = compare(then.plan(), now.plan());
        assert!(review.changes.len() > size.read_steps / 10, "{} changes", review.changes.len());
        let reviews = Reviews {
            old: "old".to_owned(),
            new: "new".to_owned(),
            environments: Vec::new(),
            plans: vec![PlanReview {
                path: "plan.yaml".to_owned(),
                was: None,
                plan: None,
                fate: FileChange::Changed,
                review,
                findings: Hazards::default(),
                stand_ins: Vec::new(),
                unreadable: Vec::new(),
            }],
        };
        black_box((
            review_text(&reviews, Width::DEFAULT, Layout::Unified, Style::Plain),
            markdown(&reviews, "backstop diff"),
        ));
        let ours = begun.elapsed();
        let begun = Instant::now();
        black_box(similar::TextDiff::from_lines(then.shown(), now.shown()).unified_diff().to_string());
        pairs.add(ours, begun.elapsed());
    }
    pairs
}
