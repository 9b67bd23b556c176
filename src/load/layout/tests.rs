//! Order, comments, bytes; and that a second time changes nothing.

use proptest::prelude::*;

use super::{Unordered, ordered};
use crate::load::{PlanFormat, load};

fn formatted(text: &str, format: PlanFormat) -> Result<String, Unordered> {
    let loaded =
        load("plan", text.as_bytes(), format).unwrap_or_else(|problems| panic!("{:#?}\n{text}", problems.records()));
    ordered(&loaded)
}

#[track_caller]
fn becomes(text: &str, expected: &str, format: PlanFormat) {
    let once = formatted(text, format).unwrap();
    assert_eq!(once, expected, "\n{once}");
    assert_eq!(formatted(&once, format).unwrap(), once);
}

#[test]
fn fields_of_yaml_move_with_their_comments() {
    becomes(
        "# the file's\nname: p # known by it\n\n# what is done\nsteps:\n  # the first\n  - sql: |\n      SELECT 1;\n\n      -- done\n    \
         # who it is\n    id: one\n    # how\n    expect_rows: 1\n    # nothing more\n  # the second\n  - {sql: SELECT 2, id: two}\n  - transaction: none\n    id: \
         three\n    retry: {backoff: 1s, attempts: 2}\n    sql: >-\n      SELECT\n      3\n\nformat: backstop/v1\nbackup:\n    targets:\n    - \
         tables: [public.a]\n    keep: 2   # of them\n# the end's\nrollback:\n  on_failure: restore\n",
        "# the file's\nformat: backstop/v1\nname: p # known by it\n\nbackup:\n    keep: 2   # of them\n    targets:\n    - tables: [public.a]\n\n\
         # what is done\nsteps:\n  # the first\n  # who it is\n  - id: one\n    sql: |\n      SELECT 1;\n\n      -- done\n    # how\n    \
         expect_rows: 1\n    # nothing more\n  # the second\n  - {sql: SELECT 2, id: two}\n  - id: three\n    transaction: none\n    sql: >-\n      SELECT\n      \
         3\n    retry: {backoff: 1s, attempts: 2}\n# the end's\nrollback:\n  on_failure: restore\n",
        PlanFormat::Yaml,
    );
}

#[test]
fn tables_of_toml_move_with_their_comments() {
    becomes(
        "# the file's\nname = 'p' # known by it\nformat = 'backstop/v1'\n\n# what is done\n[[steps]]\n# the text\nsql = '''\nSELECT 1\n# no \
         comment\n'''\nid = 'one'\n[steps.retry]\nbackoff = '1s'\nattempts = 2\n\n[[steps]]\nsql = 'SELECT 2'\nid = 'two'\n\n# what is kept\n[backup]\n\
         keep = 2\n",
        "# the file's\nformat = 'backstop/v1'\nname = 'p' # known by it\n\n# what is kept\n[backup]\nkeep = 2\n\n# what is done\n[[steps]]\nid \
         = 'one'\n# the text\nsql = '''\nSELECT 1\n# no comment\n'''\n[steps.retry]\nattempts = 2\nbackoff = '1s'\n\n[[steps]]\nid = 'two'\nsql = \
         'SELECT 2'\n",
        PlanFormat::Toml,
    );
}

#[test]
fn plans_in_order_stay_byte_by_byte() {
    for text in [
        include_str!("../../../plans/multi-org-security.yaml"),
        include_str!("../../../plans/fill-locale.yaml"),
        include_str!("../../operations/scaffold/empty.yaml"),
        include_str!("../../operations/scaffold/rls.yaml"),
    ] {
        let text = text.replace("name: {name}", "name: n");
        assert_eq!(formatted(&text, PlanFormat::Yaml).unwrap(), text);
    }
    let text = include_str!("../../../plans/add-region.toml");
    assert_eq!(formatted(text, PlanFormat::Toml).unwrap(), text);
    for (text, format) in [
        (include_str!("../../../tests/fixtures/load/full.yaml"), PlanFormat::Yaml),
        (include_str!("../../../tests/fixtures/load/full.toml"), PlanFormat::Toml),
    ] {
        let once = formatted(text, format).unwrap();
        assert_eq!(formatted(&once, format).unwrap(), once);
    }
}

#[test]
fn what_can_not_be_moved_is_left_or_refused_and_nothing_is_lost() {
    for text in [
        // An alias would come before its anchor.
        "name: p\nvars: &v {a: {type: string, default: x}}\nformat: backstop/v1\nsteps: [{id: a, sql: SELECT 1}]\n",
        "{name: p, format: backstop/v1, steps: [{sql: SELECT 1, id: a}]}\n",
        "---\nname: p\nsteps:\n  -\n    sql: SELECT 1\n    id: a\nformat: backstop/v1\n...\n",
        "name: p\nsteps:\n- sql: |+\n    SELECT 1\n\n\n  id: a\nformat: backstop/v1",
        "? name\n: p\nformat: backstop/v1\nsteps: [{id: a, sql: x}]\n",
        "\"name\": p\r\n\"format\": backstop/v1\r\nsteps:\r\n  - sql: |\r\n      SELECT 1\r\n    id: a\r\n",
        "name: p\nformat: backstop/v1\nsteps:\n  - sql: 'SELECT\n      # no comment\n\n      1'\n    id: a\n",
    ] {
        // What is given out is proven; here it only must not fail by a panic.
        if let Ok(once) = formatted(text, PlanFormat::Yaml) {
            assert_eq!(formatted(&once, PlanFormat::Yaml).unwrap(), once, "{text}");
        }
    }
}

/// The parts of a plan, each with its comments, in the order of the format.
const PARTS: [&str; 6] = [
    "description: d   # beside\n",
    "# above vars\nvars:\n  b: {type: string, default: x}\n  # above a\n  a:\n    type: integer\n    default: 1\n",
    "session:\n  lock_timeout: 1s\n  # deep\n",
    "backup:\n  schema: s\n  keep: 4\n  targets:\n    - tables: [public.x]\n    # above y\n    - tables:\n        - public.y\n",
    "\n# above checks\nchecks:\n  after:\n    - id: c\n      hint: |\n        # in a text\n\n        more\n      sql: SELECT 1\n      expect: {rows: 1}\n",
    "rollback:\n  on_failure: hold # waits\n",
];
const FIELDS: [&str; 5] = [
    "sql: |\n      SELECT 1;\n      -- # in it\n",
    "# above expect\n    expect_rows:\n      at_least: 0\n",
    "checks: [c]\n",
    "undo: >\n      SELECT\n      2\n",
    "lock_timeout: 2s # short\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_order_becomes_the_same_and_stays_so(
        parts in Just(PARTS.to_vec()).prop_shuffle(),
        fields in Just(FIELDS.to_vec()).prop_shuffle(),
    ) {
        let text = |parts: &[&str], fields: &[&str]| {
            let fields: String = fields.iter().map(|field| format!("    {field}")).collect();
            let step = format!("steps:\n  - id: s\n{fields}");
            let (first, last) = parts.split_at(5);
            format!("format: backstop/v1\nname: p\n{}{step}{}", first.concat(), last.concat())
        };
        let expected = text(&PARTS, &FIELDS);
        let expected = formatted(&expected, PlanFormat::Yaml).unwrap();
        let once = formatted(&text(&parts, &fields), PlanFormat::Yaml).unwrap();
        prop_assert_eq!(&once, &expected);
        prop_assert_eq!(formatted(&once, PlanFormat::Yaml).unwrap(), once);
    }
}
