//! What is printed where: in colours or not, and how wide.

use super::work::Work;
use crate::support::{Program, backstop};

const PLAN: &str = "
format: backstop/v1
name: words
backup: {targets: [{tables: [public.items]}]}
steps:
  - {id: a, sql: ALTER TABLE public.items ADD COLUMN a_name_that_is_rather_long text}
";

#[test]
fn a_terminal_has_colours_unless_no_color_is_set() {
    let work = Work::new();
    let plan = work.file("plan.yaml", PLAN);
    let lint = || Program::new().arguments(&["lint", plan.to_str().unwrap()]);
    let has_colours = |printed: &str| printed.contains("\u{1b}[");
    assert!(has_colours(&lint().on_terminal("").1));
    assert!(!has_colours(&lint().env("NO_COLOR", "1").on_terminal("").1));
    // As no-color.org says: empty counts as not set.
    assert!(has_colours(&lint().env("NO_COLOR", "").on_terminal("").1));
    assert!(!has_colours(&lint().run().stdout), "a file has none");
    assert!(has_colours(&lint().arguments(&["--color", "always"]).env("NO_COLOR", "1").run().stdout));
}

#[test]
fn two_columns_are_as_wide_as_columns_says() {
    let work = Work::new();
    let old = work.file("old.yaml", PLAN);
    let new = work.file("new.yaml", &PLAN.replace("rather_long text", "rather_long bigint NOT NULL DEFAULT 0"));
    let widest = |columns: usize| {
        let diff = ["diff", old.to_str().unwrap(), new.to_str().unwrap(), "--side-by-side"];
        let shown = Program::new().arguments(&diff).env("COLUMNS", columns.to_string()).run().stdout;
        let sides: Vec<usize> = shown.lines().filter(|line| line.contains('│')).map(|line| line.chars().count()).collect();
        assert!(!sides.is_empty(), "{shown}");
        sides.into_iter().max().unwrap_or_default()
    };
    for columns in [80, 120, 160] {
        let wide = widest(columns);
        assert!(wide <= columns && wide > columns - 8, "{wide} of {columns}");
    }
    assert_eq!(backstop(&["diff", "--side-by-side"]).code, Some(2));
}
