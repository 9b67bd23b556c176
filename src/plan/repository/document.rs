//! The repository's settings as a whole.

use std::collections::BTreeMap;

use super::{approval::ApprovalPolicy, environment::EnvironmentSettings, lint::LintSettings};
use crate::plan::id::EnvironmentName;

/// What a repository of plans says once for all of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RepositorySettings {
    /// Folders and files that commands take where they are given none; paths relative to the repository's file.
    pub plans: Vec<String>,
    /// Folders and files outside of the repository that may be read where strangers' changes are looked at; paths relative to the
    /// repository's file, or absolute.
    pub read_outside: Vec<String>,
    /// Where plans run, by name.
    pub environments: BTreeMap<EnvironmentName, EnvironmentSettings>,
    /// What findings of `lint` lead to.
    pub lint: LintSettings,
    /// Who must have approved a saved plan before it is applied.
    pub approval: ApprovalPolicy,
}
