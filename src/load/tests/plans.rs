//! Good plans.

use super::*;

/// The model without its places.
fn placeless(loaded: &Loaded) -> String {
    let text = format!("{:#?}", loaded.plan);
    let mut kept = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !line.trim_end().ends_with("Place {") {
            kept.push(line.to_owned());
            continue;
        }
        let end = format!("{}}}", " ".repeat(line.len() - line.trim_start().len()));
        for inner in lines.by_ref() {
            if inner.trim_end_matches(',') == end {
                break;
            }
        }
    }
    kept.join("\n")
}

#[test]
fn the_full_plan_is_the_same_in_both_notations() {
    let (in_yaml, in_toml) = (yaml(FULL_YAML), toml(FULL_TOML));
    for result in [&in_yaml, &in_toml] {
        if let Err(problems) = result {
            panic!("{}", rendered(problems));
        }
    }
    similar_asserts(&placeless(&in_yaml.unwrap()), &placeless(&in_toml.unwrap()));
}

fn similar_asserts(one: &str, other: &str) {
    if one != other {
        panic!("{}", similar::TextDiff::from_lines(one, other).unified_diff());
    }
}
