//! All mistakes of a file at once, each at its place, with the same code in both notations.

use super::*;

#[test]
fn twelve_mistakes_are_twelve_problems_in_both_notations() {
    let in_yaml = yaml(include_str!("../../../tests/fixtures/load/twelve.yaml"));
    let in_toml = toml(include_str!("../../../tests/fixtures/load/twelve.toml"));
    assert_eq!(
        told(in_yaml),
        [
            ("bad_id", 2, 7),
            ("unknown_field", 3, 1),
            ("bad_default", 5, 34),
            ("bad_duration", 7, 17),
            ("duplicate_field", 8, 3),
            ("unknown_value", 10, 12),
            ("wrong_type", 14, 51),
            ("unknown_check", 17, 14),
            ("duplicate_id", 19, 9),
            ("impossible", 23, 5),
            ("missing_field", 25, 5),
            ("conflict", 29, 5),
        ]
    );
    assert_eq!(
        told(in_toml),
        [
            ("bad_id", 2, 8),
            ("unknown_field", 3, 1),
            ("bad_default", 6, 38),
            ("bad_duration", 9, 16),
            ("duplicate_field", 10, 1),
            ("unknown_value", 13, 11),
            ("wrong_type", 17, 51),
            ("unknown_check", 21, 11),
            ("duplicate_id", 25, 6),
            ("impossible", 31, 1),
            ("missing_field", 35, 1),
            ("conflict", 41, 1),
        ]
    );
}

#[test]
fn numbers_beyond_64_bits_are_out_of_range_in_both_notations() {
    let in_yaml = "format: backstop/v1\nname: p\nbackup: {keep: 99999999999999999999}\nsteps: [{id: s, sql: a}]\n";
    let in_toml =
        "format = 'backstop/v1'\nname = 'p'\nbackup = {keep = 99999999999999999999}\nsteps = [{id = 's', sql = 'a'}]\n";
    assert_eq!(told(yaml(in_yaml)), [("out_of_range", 3, 16)]);
    assert_eq!(told(toml(in_toml)), [("out_of_range", 3, 18)]);
}

#[test]
fn a_person_sees_every_mistake_in_its_lines() {
    let problems = yaml(include_str!("../../../tests/fixtures/load/twelve.yaml")).unwrap_err();
    insta::assert_snapshot!(rendered(&problems));
    let first = serde_json::to_value(problems.records()).unwrap()[0].clone();
    assert_eq!(
        first,
        serde_json::json!({
            "code": "backstop::load::bad_id",
            "message": "\"twelve mistakes\" can't be an id: it holds ' '",
            "file": "plan.yaml",
            "line": 2,
            "column": 7,
            "help": "Use letters of ASCII, digits, `-`, `_` and `.`, 63 bytes at most."
        })
    );
}
