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
