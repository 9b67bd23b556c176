//! A plan file, from its text to what would run, against reading the same YAML as values without meaning.

use std::{hint::black_box, time::Instant};

use super::{pairs, pairs::Pairs, plans, size::Size};

/// Loads, renders and lints a long plan.
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
    pairs::print("Plan files", &[pairs, linted]);
}
