//! What a review finds.

use schemars::JsonSchema;
use serde::Serialize;

use super::weakening::Weakening;

/// What changed between two versions of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Review {
    /// Safety that got weaker; each stands among the changes, too.
    pub weaker: Vec<WeakerSafety>,
    /// Everything that changed in meaning, in the order of the plan.
    pub changes: Vec<ReviewedChange>,
}

impl Review {
    /// Whether both versions mean the same.
    pub fn is_nothing(&self) -> bool {
        self.changes.is_empty() && self.weaker.is_empty()
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReviewedChange {
    /// The narrowest part of the plan that has a name.
    pub subject: ChangeSubject,
    /// The field of it; none where the subject as a whole is new, gone or moved.
    pub field: Option<&'static str>,
    /// What happened to it.
    pub how: PlanChangeKind,
    /// How it was; none where it was not there.
    pub before: Option<String>,
    /// How it is; none where it is gone.
    pub after: Option<String>,
    /// What the two texts are.
    pub form: TextForm,
    /// The environments that it is seen in; none named where it is seen in all.
    pub only_in: Vec<String>,
}

/// Safety that got weaker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WeakerSafety {
    /// Which; its name is stable.
    pub rule: Weakening,
    /// Of what.
    pub subject: ChangeSubject,
    /// How it was.
    pub before: String,
    /// How it is.
    pub after: String,
    /// Why it matters, a sentence.
    pub why: String,
    /// The environments that it is seen in; none named where it is seen in all.
    pub only_in: Vec<String>,
}

/// The part of a plan that something belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum ChangeSubject {
    /// The plan as a whole.
    Plan,
    /// A variable.
    Variable(String),
    /// Settings of its sessions.
    Session,
    /// Its backup.
    Backup,
    /// A check.
    Check(String),
    /// A step.
    Step(String),
    /// What failures lead to.
    Rollback,
}

impl std::fmt::Display for ChangeSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ChangeSubject::Plan => f.write_str("plan"),
            ChangeSubject::Variable(name) => write!(f, "variable {name}"),
            ChangeSubject::Session => f.write_str("session"),
            ChangeSubject::Backup => f.write_str("backup"),
            ChangeSubject::Check(id) => write!(f, "check {id}"),
            ChangeSubject::Step(id) => write!(f, "step {id}"),
            ChangeSubject::Rollback => f.write_str("rollback"),
        }
    }
}

/// What happened to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
    /// It stands elsewhere among the steps.
    Moved,
}

/// What the texts of a change are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextForm {
    /// A few words.
    Words,
    /// SQL as it would run, secrets redacted.
    Sql,
    /// A part of the plan as YAML.
    Yaml,
}
