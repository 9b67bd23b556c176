//! Checks: what must hold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{id::CheckId, place::Place, stage::Stage};

/// The checks of a plan, by phase.
#[derive(Debug, Clone, PartialEq)]
pub struct Checks<S: Stage> {
    /// Before the backup; a failure changes nothing.
    pub before: Vec<Check<S>>,
    /// Asked before and after; the answers must be equal.
    pub unchanged: Vec<Check<S>>,
    /// After the last step; a failure leads to the plan's policy.
    pub after: Vec<Check<S>>,
}

impl<S: Stage> Checks<S> {
    /// All of them with their phases, in the order before, unchanged, after.
    pub fn with_phases(&self) -> impl Iterator<Item = (Phase, &Check<S>)> {
        let phases = [(Phase::Before, &self.before), (Phase::Unchanged, &self.unchanged), (Phase::After, &self.after)];
        phases.into_iter().flat_map(|(phase, checks)| checks.iter().map(move |check| (phase, check)))
    }
}

/// When a check is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before the backup.
    Before,
    /// Before, and again after the last step: the answers are compared.
    Unchanged,
    /// After the last step.
    After,
}

/// One check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check<S: Stage> {
    /// Unique in the plan.
    pub id: CheckId,
    /// Where the id stands.
    pub at: Place,
    /// What is asked.
    pub kind: CheckKind<S>,
    /// What a failure means.
    pub severity: Severity,
    /// What to do about a failure.
    pub hint: Option<String>,
}

/// What a check's failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The run fails.
    #[default]
    Fail,
    /// It is said, and the run goes on.
    Warn,
    /// The answer is recorded and shown; it can't fail.
    Info,
}

/// What a check asks: a kind, and what its fields hold. Where it names several tables, it must hold for each. The kinds, with all that
/// there is to know of each, stand in the room `checks`.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckKind<S: Stage> {
    /// The name that plans have for the kind.
    pub name: &'static str,
    /// Every field of the kind by its name, in the order of its declaration.
    pub fields: Vec<(&'static str, FieldValue<S>)>,
}

impl<S: Stage> CheckKind<S> {
    /// The value of a field; none where the kind has no such field.
    pub fn field(&self, name: &str) -> Option<&FieldValue<S>> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    /// The query that the plan wrote itself, of the kind that has one.
    pub fn query(&self) -> Option<&S::Text> {
        self.fields.iter().find_map(|(_, value)| if let FieldValue::Query(sql) = value { Some(sql) } else { None })
    }
}

/// What a field of a check holds.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue<S: Stage> {
    /// The field may be left out, and is.
    Absent,
    /// Tables, by names or patterns.
    Tables(S::List),
    /// Another table.
    Table(S::Text),
    /// Names of objects that are no tables.
    Objects(S::List),
    /// Other texts: columns, privileges.
    Texts(S::List),
    /// A text.
    Text(S::Text),
    /// One of a few words.
    Word(&'static str),
    /// Yes or no.
    Flag(bool),
    /// A number.
    Count(u64),
    /// Bounds of a number.
    Bounds(CountBounds),
    /// A pattern of values.
    Pattern(Pattern<S>),
    /// A query of the plan's own.
    Query(S::Text),
    /// What the answer of a query must be. Under `unchanged` there is no expectation but to stay equal.
    Expect(Expect<S>),
}

/// Bounds of a count, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountBounds {
    /// Not less than this.
    pub at_least: Option<u64>,
    /// Not more than this.
    pub at_most: Option<u64>,
}

impl CountBounds {
    /// Exactly this many.
    pub fn exactly(n: u64) -> Self {
        CountBounds { at_least: Some(n), at_most: Some(n) }
    }

    /// Whether every number does.
    pub fn takes_any(&self) -> bool {
        self.at_least.unwrap_or(0) == 0 && self.at_most.is_none()
    }

    /// Whether the count lies in the bounds.
    pub fn hold(&self, n: u64) -> bool {
        self.at_least.is_none_or(|min| n >= min) && self.at_most.is_none_or(|max| n <= max)
    }
}

impl std::fmt::Display for CountBounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.at_least, self.at_most) {
            (Some(min), Some(max)) if min == max => write!(f, "exactly {min}"),
            (Some(min), Some(max)) => write!(f, "between {min} and {max}"),
            (Some(min), None) => write!(f, "at least {min}"),
            (None, Some(max)) => write!(f, "at most {max}"),
            (None, None) => f.write_str("any number"),
        }
    }
}

/// What the answer of a `sql` check must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Expect<S: Stage> {
    /// So many rows. Where at most 0 are allowed, the rows that came are shown.
    Rows(CountBounds),
    /// One row with one column, whose text equals this.
    Value(S::Text),
    /// One row with one column, a whole number within bounds.
    Number(CountBounds),
}

/// The pattern of `matches`.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern<S: Stage> {
    /// What `::uuid` accepts.
    Uuid,
    /// A plausible e-mail address.
    Email,
    /// A regular expression of PostgreSQL that the whole value must match.
    Regex(S::Text),
}
