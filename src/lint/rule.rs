//! What a rule is.

use super::{example::Example, location::Said, operation_context::OperationContext, step::StepFacts, subject::LintSubject};
use crate::{plan::RuleLevel, sql::LockLevel};

/// One hazard: all that is to be known of it.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// How it is called everywhere; never changed.
    pub code: &'static str,
    /// What it is about, a few words.
    pub title: &'static str,
    /// The group that the manual lists it in.
    pub group: Group,
    /// How much its findings weigh where the repository says nothing.
    pub level: RuleLevel,
    /// What is found, a sentence.
    pub condition: &'static str,
    /// What it leads to.
    pub effect: &'static str,
    /// What to do instead.
    pub remedy: &'static str,
    /// The page that says so; of a rule about plans none.
    pub manual: Option<&'static str>,
    /// What it claims of the bad example's statements; the tests observe it on a server.
    pub claim: Option<TableClaim>,
    /// A plan that has it.
    pub bad: Example,
    /// The same done well.
    pub good: Example,
    /// How it is found.
    pub(super) find: Find,
}

/// What statements do to a table that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableClaim {
    /// The table of the example database.
    pub table: &'static str,
    /// The strongest lock on it.
    pub lock: LockLevel,
    /// Whether it is written anew, as a whole.
    pub rewrites: bool,
    /// Whether all its rows are read.
    pub scans: bool,
}

impl TableClaim {
    /// A lock that everybody waits for.
    pub(super) const fn everybody(table: &'static str) -> TableClaim {
        TableClaim { table, lock: LockLevel::Everybody, rewrites: false, scans: false }
    }

    /// A lock that writers wait for.
    pub(super) const fn writers(table: &'static str) -> TableClaim {
        TableClaim { table, lock: LockLevel::Writers, rewrites: false, scans: false }
    }

    /// And all rows are read.
    pub(super) const fn scanned(self) -> TableClaim {
        TableClaim { scans: true, ..self }
    }

    /// And the table is written anew.
    pub(super) const fn rewritten(self) -> TableClaim {
        TableClaim { rewrites: true, ..self }
    }
}

/// A group of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Who waits, and for how long.
    Locks,
    /// What is gone.
    Loss,
    /// What fails half-way.
    Halfway,
    /// What a plan leaves open.
    Plans,
    /// Who may do what.
    Security,
}

impl Group {
    /// All, in the order of the manual.
    pub const ALL: [Group; 5] = [Group::Locks, Group::Loss, Group::Halfway, Group::Plans, Group::Security];

    /// What the manual calls it.
    pub fn title(self) -> &'static str {
        match self {
            Group::Locks => "Locks: who waits, and for how long",
            Group::Loss => "Loss: what is gone",
            Group::Halfway => "Half-way: what fails in between",
            Group::Plans => "Plans: what they leave open",
            Group::Security => "Security: who may do what",
        }
    }

    /// One word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Group::Locks => "locks",
            Group::Loss => "loss",
            Group::Halfway => "halfway",
            Group::Plans => "plans",
            Group::Security => "security",
        }
    }
}

/// How a rule is found.
#[derive(Debug, Clone, Copy)]
pub(super) enum Find {
    /// In each thing that a step does; the answer says what is wrong with it, a fragment.
    Operation(fn(&OperationContext<'_>) -> Option<String>),
    /// The same, of bodies of functions as well.
    Anywhere(fn(&OperationContext<'_>) -> Option<String>),
    /// In each step.
    Step(fn(&LintSubject<'_>, &StepFacts<'_>, &mut Said)),
    /// In the plan.
    Plan(fn(&LintSubject<'_>, &mut Said)),
}
