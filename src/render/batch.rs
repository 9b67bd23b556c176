//! The SQL of a step in batches: every statement keeps to the bounds of its batch.

use super::problem::RenderProblem;
use crate::{
    plan::{BATCH_ROWS_MAX, BatchBound, Place, Text},
    sql::{Placeholders, StatementKind, split},
};

/// The text, where each of its statements changes rows and says between which bounds.
///
/// # Errors
/// Every statement that would do the whole table's work in each batch, or something else than change rows.
pub(super) fn bounded(text: Text, at: Place) -> Result<Text, Vec<RenderProblem>> {
    // What can't be split is told with its place before the run's first step.
    let Ok(statements) = split(text.shown()) else { return Ok(text) };
    let mut problems = Vec::new();
    for statement in &statements {
        let kind = statement.kind();
        if !is_of_rows(kind) {
            problems.push(problem(
                "backstop::render::batch_statement",
                format!("{} changes more than rows, and a batch may not", kind.name()),
                "Write INSERT, UPDATE, DELETE or MERGE, and move everything else to a step of its own.",
                at,
            ));
            continue;
        }
        for bound in BatchBound::ALL {
            let found = Placeholders::of(statement.text(), bound.placeholder());
            if found.quoted > 0 {
                let message = format!("{} stands inside of quotes, where it is no value", bound.name());
                let help = "It brings its own quotes: take away those around it, and the filter.";
                problems.push(problem("backstop::render::batch_quoted", message, help, at));
            } else if found.values == 0 {
                let message =
                    format!("{} does not say {}, so that every batch would do the same again", kind.name(), bound.name());
                let help = "Write `WHERE key BETWEEN {{ batch.first }} AND {{ batch.last }}` in each statement.";
                problems.push(problem("backstop::render::batch_unbounded", message, help, at));
            }
        }
    }
    if statements.is_empty() {
        let help = "Write an INSERT, UPDATE, DELETE or MERGE.";
        problems.push(problem(
            "backstop::render::batch_statement",
            "a step in batches has no statement".to_owned(),
            help,
            at,
        ));
    }
    if problems.is_empty() { Ok(text) } else { Err(problems) }
}

/// How many rows a batch has.
///
/// # Errors
/// What is no whole number from 1 to [`BATCH_ROWS_MAX`].
pub(super) fn rows(text: &Text, at: Place) -> Result<u64, RenderProblem> {
    let rows = text.sent().trim().parse::<u64>().ok();
    rows.filter(|rows| (1..=BATCH_ROWS_MAX).contains(rows)).ok_or_else(|| {
        let message = format!("{:?} is no number of rows that a batch can have", text.shown());
        let help = "Write a whole number from 1 to 1000000.";
        problem("backstop::render::batch_size", message, help, at)
    })
}

fn is_of_rows(kind: StatementKind) -> bool {
    use StatementKind as K;
    matches!(kind, K::Insert | K::Update | K::Delete | K::Merge)
}

fn problem(code: &'static str, message: String, help: &str, at: Place) -> RenderProblem {
    RenderProblem { code, message, help: help.to_owned(), at, offset: None, text: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(sql: &str) -> Vec<&'static str> {
        match bounded(Text::plain(sql), Place::default()) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(|problem| problem.code).collect(),
        }
    }

    #[test]
    fn every_statement_of_a_batch_changes_rows_between_its_bounds() {
        let (first, last) = (BatchBound::First.placeholder(), BatchBound::Last.placeholder());
        let good = format!("UPDATE t SET n = 1 WHERE id BETWEEN {first} AND {last}");
        assert_eq!(codes(&good), [""; 0]);
        assert_eq!(codes(&format!("-- {first}\n{good}; {good}")), [""; 0]);
        assert_eq!(codes(&format!("{good}; DELETE FROM u")), ["backstop::render::batch_unbounded"; 2]);
        assert_eq!(codes(&format!("UPDATE t SET n = 1 WHERE id >= {first}")), ["backstop::render::batch_unbounded"]);
        assert_eq!(codes(&format!("{good} AND x = '{first}'")), ["backstop::render::batch_quoted"]);
        assert_eq!(codes(&format!("DO $$ BEGIN {good}; END $$")), ["backstop::render::batch_statement"]);
        assert_eq!(codes(&format!("{good}; TRUNCATE t")), ["backstop::render::batch_statement"]);
        assert_eq!(codes(" -- nothing"), ["backstop::render::batch_statement"]);
    }

    #[test]
    fn a_batch_has_a_number_of_rows() {
        let rows = |text: &str| rows(&Text::plain(text), Place::default()).ok();
        assert_eq!(rows(" 5000 "), Some(5000));
        for bad in ["0", "", "-1", "1.5", "many", "1000001"] {
            assert_eq!(rows(bad), None, "{bad}");
        }
    }
}
