//! Whatever stands in a plan, nothing panics, and it takes no longer than it should.

use std::time::{Duration, Instant};

use backstop::{
    lint::{Example, RULES},
    sql::facts,
};
use proptest::prelude::*;

/// Much longer than any of it takes.
const BOUND: Duration = Duration::from_secs(120);

#[test]
fn deep_nesting_is_told_and_not_followed() {
    let begun = Instant::now();
    let deep = 20_000;
    let texts = [
        format!("SELECT {}1{}", "(".repeat(deep), ")".repeat(deep)),
        format!("SELECT {}1", "- ".repeat(deep)),
        format!("SELECT {}true", "NOT ".repeat(deep)),
        format!("SELECT 1{}", " + 1".repeat(deep)),
        format!("SELECT 1{}", " UNION SELECT 1".repeat(deep)),
        format!("SELECT {}1{}", "CASE WHEN true THEN ".repeat(deep), " END".repeat(deep)),
        format!("DO $$ BEGIN {} END $$", "IF true THEN ".repeat(deep)),
        format!("DO $$ BEGIN PERFORM {}1{}; END $$", "(".repeat(deep), ")".repeat(deep)),
        format!("SELECT a{}", "[1]".repeat(deep)),
        format!("SELECT a{}", ".b".repeat(deep)),
        format!("SELECT {}1{}", "f(".repeat(deep), ")".repeat(deep)),
        format!("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS '{}1{}'", "SELECT (".repeat(deep), ")".repeat(deep)),
        format!("DO 'BEGIN PERFORM {}1{}; END'", "(".repeat(deep), ")".repeat(deep)),
        format!("DO E'BEGIN PERFORM {}1{}; END'", "(".repeat(deep), ")".repeat(deep)),
        // As deep as is followed.
        format!("SELECT {}1{}", "(".repeat(1_900), ")".repeat(1_900)),
        format!("SELECT 1{}", " + 1".repeat(1_900)),
        format!("SELECT {}true", "NOT ".repeat(1_900)),
        format!("DO $$ BEGIN {} END $$", "IF true THEN ".repeat(600)),
        format!("DO $$ BEGIN {} END $$", "IF true THEN NULL; ".repeat(deep)),
        format!("INSERT INTO t VALUES {}(1)", "(1, 'a', now()), ".repeat(deep)),
    ];
    for text in &texts {
        let read = facts::read(&[text]);
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].as_ref().unwrap().len(), 1, "{}", &text[..60]);
    }
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
}

/// Statements of the rules' examples, in order.
fn statements() -> Vec<&'static str> {
    let of = |example: &Example| match example {
        Example::Steps(steps) => steps.iter().map(|step| step.sql).collect(),
        Example::Plan(_) => Vec::new(),
    };
    RULES.iter().flat_map(|rule| [of(&rule.bad), of(&rule.good)].concat()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn mutated_statements_are_read_without_a_panic(
        nth in 0_usize..10_000,
        cut in 0_usize..300,
        length in 0_usize..12,
        put in "(\\(|\\)|'|\"|\\$\\$|;|--|/\\*|NULL|ONLY|,|\\.|é| [A-Z]{1,6} |::|E'|\\PC){0,3}"
    ) {
        let statements = statements();
        let text = statements[nth % statements.len()];
        let chars: Vec<char> = text.chars().collect();
        let at = cut % (chars.len() + 1);
        let mutated: String = chars[..at].iter().copied().chain(put.chars()).chain(chars[(at + length).min(chars.len())..].iter().copied()).collect();
        for read in facts::read(&[mutated.as_str()]).into_iter().flatten().flatten() {
            for operation in &read.operations {
                prop_assert!(operation.at.start <= operation.at.end && operation.at.end <= mutated.len(), "{mutated}: {operation:?}");
                prop_assert!(mutated.is_char_boundary(operation.at.start) && mutated.is_char_boundary(operation.at.end), "{mutated}: {operation:?}");
            }
        }
    }
}
