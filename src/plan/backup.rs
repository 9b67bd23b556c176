//! What is copied before the first step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{place::Place, stage::Stage};

/// The backup that a run takes, and what may change without one.
#[derive(Debug, Clone, PartialEq)]
pub struct Backup<S: Stage> {
    /// The schema that holds the copies.
    pub schema: S::Text,
    /// How many complete backups of this plan to keep; older ones are pruned when a run ends well.
    pub keep: u32,
    /// What happens to writes of the application while the run goes on.
    pub writers: Writers,
    /// Whether sequences may move backwards in a restore.
    pub sequences: Sequences,
    /// How far the backup is verified before the first step.
    pub verify: Verify,
    /// What is copied.
    pub targets: Vec<Target<S>>,
    /// Tables that steps may write to without a copy: the explicit way around the coverage guard.
    pub allow_uncovered: S::List,
    /// The role that may call the functions in the schema of the copies; none is nobody but their owner.
    pub execute_role: Option<S::Text>,
    /// The role that may call them, read the copies and the journal, and make things in that schema.
    pub admin_role: Option<S::Text>,
}

impl<S: Stage> Backup<S> {
    /// The schema of a plan that names none.
    pub const SCHEMA: &'static str = "backup_pre_migration";
    /// How many backups a plan keeps that says nothing.
    pub const KEEP: u32 = 3;
}

/// Some tables that are copied the same way.
#[derive(Debug, Clone, PartialEq)]
pub struct Target<S: Stage> {
    /// Names or globs (`public.audit_*`), resolved when the run starts.
    pub tables: S::List,
    /// Names or globs of those of them that are left out.
    pub exclude: S::List,
    /// Where it stands.
    pub at: Place,
}

/// What happens to writes of the application to the targets between backup and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writers {
    /// They are refused with a clear error, so that none can be lost.
    #[default]
    Block,
    /// They go through and are noted: a restore that would overwrite them waits until a person has decided.
    Detect,
    /// They go through and are logged row by row: a restore makes them again.
    Capture,
    /// They go through, and a restore overwrites them.
    Allow,
}

/// How far a run's backup is verified before its first step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verify {
    /// Every copy is digested and compared with its table.
    #[default]
    Digests,
    /// And the whole backup is restored where it disturbs nobody, and compared.
    Restore,
}

/// What a restore does to the positions of sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sequences {
    /// Numbers that were handed out are not handed out again.
    #[default]
    Forward,
    /// Exactly as they were.
    Exact,
}
