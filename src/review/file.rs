//! What a review of several plan files finds.

use schemars::JsonSchema;
use serde::Serialize;

use super::{change::Review, hazard::Hazards};

/// What changed between two versions of some plan files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reviews {
    /// How the old version is called.
    pub old: String,
    /// How the new version is called.
    pub new: String,
    /// The environments whose values the plans were rendered with; none named where there are none.
    pub environments: Vec<String>,
    /// The plans in which something changed, by path.
    pub plans: Vec<PlanReview>,
}

/// What changed in one plan file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlanReview {
    /// The file; where it is gone, as it was.
    pub path: String,
    /// The file as it was called before, where that is another name.
    pub was: Option<String>,
    /// The plan's name; none where neither version could be read.
    pub plan: Option<String>,
    /// What became of the file.
    pub fate: FileChange,
    /// What changed; of a new plan all that it is.
    pub review: Review,
    /// What lint finds in the new version and not in the old one, and the other way round; of a new plan all that it finds.
    pub findings: Hazards,
    /// Variables that no value was given for: their names in angle brackets stand for them.
    pub stand_ins: Vec<String>,
    /// What kept a version from being read.
    pub unreadable: Vec<Unreadable>,
}

impl PlanReview {
    /// Whether there is anything to tell.
    pub fn is_nothing(&self) -> bool {
        self.fate == FileChange::Changed
            && self.review.is_nothing()
            && self.findings.is_nothing()
            && self.unreadable.is_empty()
    }
}

/// What became of a plan file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileChange {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It was there and is there.
    Changed,
}

/// A version that could not be read or rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Unreadable {
    /// The old one or the new one.
    pub version: DiffSide,
    /// With the values of this environment; none where it is so with any.
    pub environment: Option<String>,
    /// Why, each a fragment with its file and line.
    pub why: Vec<String>,
}

/// One of the two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiffSide {
    /// As it was.
    Old,
    /// As it is.
    New,
}

impl Reviews {
    /// Whether nothing changed in meaning.
    pub fn is_nothing(&self) -> bool {
        self.plans.is_empty()
    }

    /// How often safety got weaker.
    pub fn weaker(&self) -> usize {
        self.plans.iter().map(|plan| plan.review.weaker.len()).sum()
    }

    /// How many findings of lint are new.
    pub fn new_findings(&self) -> usize {
        self.plans.iter().map(|plan| plan.findings.new.len()).sum()
    }

    /// How many of those fail lint.
    pub fn failing_findings(&self) -> usize {
        self.plans.iter().flat_map(|plan| &plan.findings.new).filter(|hazard| hazard.fails).count()
    }

    /// Whether a new version can't be read, so that nobody knows what it does.
    pub fn is_broken(&self) -> bool {
        self.plans.iter().flat_map(|plan| &plan.unreadable).any(|unreadable| unreadable.version == DiffSide::New)
    }
}
