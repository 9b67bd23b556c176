//! What is the same everywhere is told once.

use super::{described, edited, resolved};
use crate::review::{Hazard, Hazards, Rendition, Weight, compare, deduplicate};

#[test]
fn what_differs_between_environments_names_them() {
    let of = |region: &str, edits: &[(&str, &str)]| {
        let mut all = vec![];
        let default = format!("default: {region}");
        all.push(("default: eu", default.as_str()));
        all.extend(edits);
        resolved(&edited(&all))
    };
    let edits = [("WHERE region = {{ region | literal }}", "WHERE home = {{ region | literal }}"), ("keep: 3", "keep: 2")];
    let rendition = |environment: &str, region: &str| Rendition {
        environment: environment.to_owned(),
        review: compare(&of(region, &[]), &of(region, &edits)),
        findings: Hazards { new: vec![hazard(&format!("rows of {region}")), hazard("a lock")], gone: vec![] },
    };
    let (review, findings) =
        deduplicate(vec![rendition("production", "eu"), rendition("staging", "test"), rendition("third", "eu")]);
    let only_in: Vec<(String, Vec<String>)> =
        review.changes.iter().map(|change| (change.subject.to_string(), change.only_in.clone())).collect();
    assert_eq!(
        only_in,
        [
            ("backup".to_owned(), vec![]),
            ("step close".to_owned(), vec!["production".to_owned(), "third".to_owned()]),
            ("step close".to_owned(), vec!["staging".to_owned()]),
        ]
    );
    assert!(described(&review)[2].contains("home = 'test'"), "{:#?}", described(&review));
    assert_eq!(review.weaker.len(), 1);
    assert!(review.weaker[0].only_in.is_empty());
    let told: Vec<(&str, usize)> =
        findings.new.iter().map(|hazard| (hazard.message.as_str(), hazard.only_in.len())).collect();
    assert_eq!(told, [("rows of eu", 2), ("a lock", 0), ("rows of test", 1)]);
}

fn hazard(message: &str) -> Hazard {
    Hazard {
        rule: "rule".to_owned(),
        level: Weight::Error,
        fails: true,
        step: None,
        message: message.to_owned(),
        effect: String::new(),
        remedy: String::new(),
        excepted: None,
        only_in: Vec::new(),
    }
}
