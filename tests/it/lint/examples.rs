//! Every rule finds its bad example and not its good one.

use backstop::lint::{Group, RULES};

use super::linted::codes;

/// Fewer than this are not what was asked for.
const RULES_MIN: usize = 40;

#[test]
fn every_rule_finds_its_bad_example_and_not_its_good_one() {
    assert!(RULES.len() >= RULES_MIN);
    let mut broken = Vec::new();
    for rule in RULES {
        let (bad, good) = (codes(&rule.bad.plan()), codes(&rule.good.plan()));
        if !bad.contains(&rule.code) {
            broken.push(format!("{} is not found in its bad example, only {bad:?}", rule.code));
        }
        if good.contains(&rule.code) {
            broken.push(format!("{} is found in its good example", rule.code));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn good_examples_are_read_and_hold_no_errors() {
    let mut broken = Vec::new();
    for rule in RULES {
        for finding in super::linted::found(&rule.good.plan()) {
            let is_error = finding.level == backstop::plan::RuleLevel::Error;
            if is_error || finding.rule.code == "unknown-sql" {
                broken.push(format!("the good example of {}: {}: {}", rule.code, finding.rule.code, finding.message));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn codes_and_texts_keep_their_form() {
    let mut codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), RULES.len());
    for rule in RULES {
        assert!(rule.code.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.code);
        for text in [rule.condition, rule.effect, rule.remedy] {
            assert!(text.ends_with('.'), "{}: {text}", rule.code);
        }
        // Facts about the server have their source.
        assert!(rule.manual.is_some() || rule.group != Group::Locks, "{}", rule.code);
    }
}
