//! What findings of `lint` lead to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::plan::place::Place;

/// What findings of `lint` lead to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LintSettings {
    /// The least level at which a finding fails the command.
    pub fail_on: FailOn,
    /// Levels of single rules, by the rule's code; whether there is such a rule is the linter's question.
    pub rules: BTreeMap<String, RuleSetting>,
}

/// The level that a repository gives a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleSetting {
    /// The level.
    pub level: RuleLevel,
    /// Where the rule's code stands.
    pub at: Place,
}

/// How much a rule's findings weigh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleLevel {
    /// Nothing: the rule isn't asked.
    Off,
    /// Something to know.
    Note,
    /// Something to think about.
    Warning,
    /// Something to change.
    Error,
}

/// The least level at which a finding fails the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailOn {
    /// Every finding.
    Note,
    /// Warnings and errors.
    Warning,
    /// Errors.
    #[default]
    Error,
}
