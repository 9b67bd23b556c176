//! A change in a line, and its texts' difference.

use similar::TextDiff;

use super::super::{style::shortened, units::so_many};
use crate::{
    review::{DiffSide, Hazard, PlanChangeKind, ReviewedChange, Reviews, TextForm, Unreadable},
    secrets,
};

/// Lines around a difference.
pub(super) const CONTEXT: usize = 3;
/// Longest value that stands in a line, in characters; a longer one is cut.
const VALUE_CHARS_MAX: usize = 160;

/// Fields whose items are told one by one.
const LISTS: [&str; 3] = ["targets", "exclude", "allow_uncovered"];

/// What changed, without how: `step close: sql changed`.
pub(super) fn headline(change: &ReviewedChange) -> String {
    let subject = &change.subject;
    match (change.field, change.how) {
        (None, PlanChangeKind::Added) => format!("{subject} is new"),
        (None, PlanChangeKind::Removed) => format!("{subject} is gone"),
        (None, PlanChangeKind::Changed) => format!("{subject} asks something else"),
        (_, PlanChangeKind::Moved) => format!("{subject} moved"),
        (Some(field), PlanChangeKind::Added) if LISTS.contains(&field) => format!("{subject}: new among {field}"),
        (Some(field), PlanChangeKind::Removed) if LISTS.contains(&field) => format!("{subject}: gone from {field}"),
        (Some(field), PlanChangeKind::Added) => format!("{subject}: {field} is new"),
        (Some(field), PlanChangeKind::Removed) => format!("{subject}: {field} is gone"),
        (Some(field), PlanChangeKind::Changed) => format!("{subject}: {field}"),
    }
}

/// The environments that it is seen in, in words; empty where it is all.
pub(super) fn only_in(environments: &[String]) -> String {
    if environments.is_empty() { String::new() } else { format!(" (only in {})", environments.join(", ")) }
}

/// A finding in a line: its level, its step, what is wrong, and where alone it is seen.
pub(super) fn hazard(hazard: &Hazard) -> String {
    let step = hazard.step.as_ref().map(|step| format!("step {step}: ")).unwrap_or_default();
    format!("{}: {step}{}{}", hazard.level.name(), hazard.message, only_in(&hazard.only_in))
}

/// `2 new findings of lint, 1 of which fails`
pub(super) fn so_many_findings(reviews: &Reviews) -> String {
    let all = so_many(reviews.new_findings() as u64, "new finding");
    let failing = match reviews.failing_findings() {
        0 => String::new(),
        1 => ", 1 of which fails it".to_owned(),
        n => format!(", {n} of which fail it"),
    };
    format!("{all} of lint{failing}")
}

/// The two texts of a change that has two.
pub(super) fn texts(change: &ReviewedChange) -> Option<(&str, &str)> {
    match (change.form, &change.before, &change.after) {
        (TextForm::Sql | TextForm::Yaml, Some(before), Some(after)) => Some((before, after)),
        _ => None,
    }
}

/// What of a change stands in its line, and what below it.
pub(super) enum ChangeText {
    /// A few words, then and now.
    Beside(Option<String>, Option<String>),
    /// A unified diff.
    Diff(String),
    /// A text that is new or gone, and its language.
    Whole(String, &'static str),
}

/// How a change is shown.
pub(super) fn shown(change: &ReviewedChange) -> ChangeText {
    match (change.form, &change.before, &change.after) {
        (TextForm::Words, before, after) => ChangeText::Beside(before.clone(), after.clone()),
        (TextForm::Sql | TextForm::Yaml, Some(before), Some(after)) => ChangeText::Diff(difference(before, after)),
        (form, before, after) => {
            let language = if form == TextForm::Sql { "sql" } else { "yaml" };
            let text = after.as_ref().or(before.as_ref()).cloned().unwrap_or_default();
            ChangeText::Whole(text.trim_end().to_owned(), language)
        }
    }
}

/// A value on one line, cut where it is long.
pub(super) fn cut(value: &str) -> String {
    shortened(&secrets::redacted(value).trim_end().replace('\n', "⏎"), VALUE_CHARS_MAX)
}

/// What kept a version from being read, in a sentence's beginning.
pub(super) fn unreadable(unreadable: &Unreadable) -> String {
    let which = match unreadable.version {
        DiffSide::Old => "the old version can't be read, so that it could not be compared",
        DiffSide::New => "the new version is not valid",
    };
    let environment = unreadable.environment.as_ref().map(|name| format!(" with the values of {name}")).unwrap_or_default();
    format!("{which}{environment}")
}

/// The text with the ends of lines to be seen where the other's are not the same.
pub(super) fn visible(text: &str, other: &str) -> String {
    let count = |text: &str| text.matches('\r').count();
    if count(text) == count(other) { text.to_owned() } else { text.replace('\r', "␍") }
}

fn difference(before: &str, after: &str) -> String {
    let (before, after) = (visible(before, after), visible(after, before));
    // A line break at the end is no part of what is meant.
    let (before, after) = (format!("{}\n", before.trim_end()), format!("{}\n", after.trim_end()));
    TextDiff::from_lines(before.as_str(), after.as_str()).unified_diff().context_radius(CONTEXT).to_string()
}
