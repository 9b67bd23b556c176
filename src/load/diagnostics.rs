//! Where problems are collected, so that one mistake hides no other.

use super::problem::LoadProblem;
use crate::plan::Place;

/// Most problems that are kept of one file; the rest is counted.
const PROBLEMS_MAX: usize = 100;
/// Most names that a help lists.
const NAMES_MAX: usize = 24;
/// Most names that are looked at for a similar one.
const COMPARED_MAX: usize = 1_000;

/// The problems so far.
#[derive(Debug, Default)]
pub(super) struct Diagnostics {
    problems: Vec<LoadProblem>,
    more: usize,
}

impl Diagnostics {
    /// Adds a problem at one place. The same problem at the same place (an alias read twice) counts once.
    pub(super) fn report(&mut self, code: &'static str, at: Place, message: impl Into<String>, help: impl Into<String>) {
        self.push(problem(code, at, message, help));
    }

    pub(super) fn push(&mut self, problem: LoadProblem) {
        if self.problems.contains(&problem) {
            return;
        }
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        } else {
            self.more += 1;
        }
    }

    /// Whether another problem would only be counted; then its help isn't worth the search for a similar name.
    pub(super) fn is_full(&self) -> bool {
        self.problems.len() >= PROBLEMS_MAX
    }

    /// Counts a problem that nobody will see.
    pub(super) fn count(&mut self) {
        self.more += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// What was found, and how much more.
    pub(super) fn into_parts(self) -> (Vec<LoadProblem>, usize) {
        (self.problems, self.more)
    }
}

/// A problem at one place; an empty help is none.
pub(super) fn problem(code: &'static str, at: Place, message: impl Into<String>, help: impl Into<String>) -> LoadProblem {
    let help = help.into();
    LoadProblem {
        code,
        message: message.into(),
        help: (!help.is_empty()).then_some(help),
        labels: vec![(at, String::new())],
    }
}

/// The problem with another place, where the first of two stands.
pub(super) fn with_first(mut problem: LoadProblem, first: Place) -> LoadProblem {
    for (_, text) in &mut problem.labels {
        *text = "again here".to_owned();
    }
    problem.labels.push((first, "first here".to_owned()));
    problem
}

/// A sentence that helps with a name that isn't among those that are allowed.
pub fn instead(name: &str, allowed: &[&str]) -> String {
    if let Some(near) = nearest(name, allowed) {
        return format!("Did you mean `{near}`?");
    }
    let shown: Vec<String> = allowed.iter().take(NAMES_MAX).map(|name| format!("`{name}`")).collect();
    match (shown.len(), allowed.len() - shown.len()) {
        (0, _) => String::new(),
        (_, 0) => format!("Allowed here: {}.", shown.join(", ")),
        (_, more) => format!("Allowed here: {} and {more} more.", shown.join(", ")),
    }
}

/// The name that was probably meant: at most a third of its letters differ.
fn nearest<'a>(name: &str, allowed: &[&'a str]) -> Option<&'a str> {
    let letters = name.chars().count();
    // No name that is allowed is longer than this, so a longer one isn't near any and is not worth the comparison.
    if letters > crate::plan::ID_BYTES_MAX + crate::plan::ID_BYTES_MAX / 3 {
        return None;
    }
    let folded = name.to_lowercase().replace('-', "_");
    allowed
        .iter()
        .take(COMPARED_MAX)
        .map(|other| (strsim::damerau_levenshtein(&folded, &other.to_lowercase().replace('-', "_")), *other))
        .filter(|(distance, other)| *distance <= (letters.max(other.chars().count()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_suggested_and_far_ones_listed() {
        assert_eq!(instead("require", &["repeat", "requires"]), "Did you mean `requires`?");
        assert_eq!(instead("SQL-File", &["sql", "sql_file"]), "Did you mean `sql_file`?");
        assert_eq!(instead("colour", &["id", "sql"]), "Allowed here: `id`, `sql`.");
        assert_eq!(instead("x", &[]), "");
    }
}
