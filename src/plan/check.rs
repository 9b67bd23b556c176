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

/// What a check asks. Where it names several tables, it must hold for each.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckKind<S: Stage> {
    /// The tables exist, with at least these columns.
    TableExists {
        /// For each of these tables.
        tables: S::List,
        /// These columns.
        columns: S::List,
    },
    /// The column has this type. A glob among the tables stands for those that have the column.
    ColumnType {
        /// For each of these tables.
        tables: S::List,
        /// This column.
        column: S::Text,
        /// The type, as `format_type` prints it or by any of its names.
        data_type: S::Text,
    },
    /// The number of rows lies in bounds.
    RowCount {
        /// For each of these tables.
        tables: S::List,
        /// Bounds of the number.
        bounds: CountBounds,
    },
    /// No row has NULL in any of the columns.
    NotNull {
        /// For each of these tables.
        tables: S::List,
        /// These columns.
        columns: S::List,
    },
    /// No two rows agree in all of the columns.
    Unique {
        /// For each of these tables.
        tables: S::List,
        /// These columns.
        columns: S::List,
    },
    /// Every non-null value, as text, has the pattern.
    Matches {
        /// For each of these tables.
        tables: S::List,
        /// This column.
        column: S::Text,
        /// The pattern.
        pattern: Pattern<S>,
    },
    /// Every row without NULL in the columns has its row in the other table: no orphans.
    References {
        /// For each of these tables.
        tables: S::List,
        /// These columns.
        columns: S::List,
        /// The referenced table.
        to: S::Text,
        /// The referenced columns.
        to_columns: S::List,
    },
    /// A validated foreign key from exactly these columns to the other table exists.
    ForeignKey {
        /// For each of these tables.
        tables: S::List,
        /// These columns.
        columns: S::List,
        /// The referenced table.
        to: S::Text,
    },
    /// A valid index exists, of this name or with exactly these leading columns.
    Index {
        /// For each of these tables.
        tables: S::List,
        /// These columns.
        columns: S::List,
        /// The name.
        name: Option<S::Text>,
        /// Whether it must be unique.
        unique: Option<bool>,
    },
    /// Row-level security is enabled, and forced, or not.
    RowSecurity {
        /// For each of these tables.
        tables: S::List,
        /// Whether it must be enabled.
        enabled: bool,
        /// Whether it must be forced for the owner too.
        forced: Option<bool>,
    },
    /// Policies exist: of this name, or at least so many.
    Policy {
        /// For each of these tables.
        tables: S::List,
        /// The name.
        name: Option<S::Text>,
        /// The least number or version.
        at_least: u64,
    },
    /// Functions of these names, optionally with argument types (`is_member_of(uuid)`), exist.
    Function {
        /// The names.
        names: S::List,
        /// The type that they must return.
        returns: Option<S::Text>,
    },
    /// A validated constraint of this name, or of this kind over exactly these columns, exists.
    Constraint {
        /// For each of these tables.
        tables: S::List,
        /// The name.
        name: Option<S::Text>,
        /// The kind.
        kind: Option<ConstraintKind>,
        /// These columns.
        columns: S::List,
    },
    /// The role has, or has not, all of the privileges on each table.
    Privilege {
        /// For each of these tables.
        tables: S::List,
        /// The role.
        role: S::Text,
        /// The privileges.
        privileges: S::List,
        /// Whether it must have them, or must not.
        granted: bool,
    },
    /// The extension is installed, optionally in at least this version.
    Extension {
        /// The name.
        name: S::Text,
        /// The least number or version.
        at_least: Option<S::Text>,
    },
    /// What the query answers is as expected. Under `unchanged` there is no expectation but to stay equal.
    Sql {
        /// The query.
        sql: S::Text,
        /// What its answer must be.
        expect: Option<Expect<S>>,
    },
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

/// The kinds of constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConstraintKind {
    /// PRIMARY KEY
    PrimaryKey,
    /// UNIQUE
    Unique,
    /// FOREIGN KEY
    ForeignKey,
    /// CHECK
    Check,
    /// EXCLUDE
    Exclusion,
}
