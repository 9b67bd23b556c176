//! What a saved plan holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::structure::SavedStructure;

/// The format that this program writes, and the only one that it reads.
pub const FORMAT: &str = "backstop/saved-plan/v1";

/// A saved plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    /// `backstop/saved-plan/v1`
    pub format: String,
    /// SHA-256 over `content` as JSON without white space, its fields in the order of the file, hex.
    pub digest: String,
    /// What was planned.
    pub content: SavedPlanContent,
    /// Who approved it; each signature covers the digest, the id and the approval itself.
    pub approvals: Vec<Approval>,
}

/// Somebody's approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Who says that it is his. Which key counts as whose is the policy's to say.
    pub name: String,
    /// The public key, base64.
    pub key: String,
    /// When, by the clock of whoever approved, RFC 3339.
    pub at: String,
    /// The signature, base64.
    pub signature: String,
}

/// What was planned, and against what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedPlanContent {
    /// The saved plan's id (UUID version 7), by which the journal knows that it was used.
    pub id: String,
    /// When it was made, by the server's clock, RFC 3339.
    pub made_at: String,
    /// The role that made it.
    pub made_by: String,
    /// The program's version.
    pub program: String,
    /// From then on, by the server's clock, it is refused; none is never. RFC 3339.
    pub expires_at: Option<String>,
    /// The repository's environment that gave values and the connection; none where none was named.
    pub environment: Option<String>,
    /// The database that it is for.
    pub database: DatabaseIdentity,
    /// The plans, in the order in which they are applied; none where there was nothing to do.
    pub plans: Vec<PlannedPlan>,
    /// What was looked at where nothing was pending; none where something was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nothing_pending: Option<NothingPending>,
    /// The structure of what the plans name, with what belongs to it, depends on it and is needed by it.
    pub structure: SavedStructure,
}

/// The plans that were applied already when a saved plan was made that has nothing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NothingPending {
    /// The files and folders that were named; none where the repository's file named them.
    pub named: Vec<String>,
    /// The files with values that were given, in order.
    pub values_files: Vec<String>,
    /// The plans that were found there.
    pub plans: Vec<AppliedPlan>,
}

/// A plan that was applied already.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppliedPlan {
    /// As its file has it.
    pub name: String,
    /// Its file, as it was found.
    pub path: String,
    /// Fingerprint of the resolved plan, hex.
    pub fingerprint: String,
}

/// By what a database is known again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatabaseIdentity {
    /// `current_database()`
    pub name: String,
    /// `pg_database.oid`
    pub oid: u32,
    /// `pg_control_system().system_identifier`, which standbys share; none where the role might not ask.
    pub system_identifier: Option<String>,
    /// The mark of its journal; none where there was no journal yet, or the role might not read it.
    pub journal: Option<String>,
}

impl DatabaseIdentity {
    /// Whether both can be the same database.
    pub fn may_be(&self, other: &DatabaseIdentity) -> bool {
        let agree = |one: &Option<String>, other: &Option<String>| match (one, other) {
            (Some(one), Some(other)) => one == other,
            (None, _) | (_, None) => true,
        };
        (&self.name, self.oid) == (&other.name, other.oid)
            && agree(&self.system_identifier, &other.system_identifier)
            && agree(&self.journal, &other.journal)
    }
}

/// For people.
impl std::fmt::Display for DatabaseIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "database {} (oid {}", self.name, self.oid)?;
        if let Some(system) = &self.system_identifier {
            write!(f, ", system {system}")?;
        }
        if let Some(journal) = &self.journal {
            write!(f, ", journal {journal}")?;
        }
        f.write_str(")")
    }
}

/// One plan of a saved plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlannedPlan {
    /// As its file has it.
    pub name: String,
    /// Its file, as it was named on the command line.
    pub path: String,
    /// Fingerprint of the resolved plan, hex.
    pub fingerprint: String,
    /// The tables that its backup held when it was saved, globs resolved: `schema.table`.
    pub targets: Vec<String>,
    /// The plan's file and the files that it names.
    pub sources: Vec<SourceDigest>,
    /// The values of its variables.
    pub values: Vec<ValueDigest>,
    /// The files with values that were given, in order.
    pub values_files: Vec<String>,
    /// The plan as it will run, as YAML: every template rendered, secrets redacted.
    pub rendered: String,
}

/// A file's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceDigest {
    /// The file: the plan's as it was named, any other as the plan names it.
    pub path: String,
    /// SHA-256 of its text, hex.
    pub sha256: String,
}

/// A variable's value. Of a secret only the reference is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ValueDigest {
    /// An ordinary value.
    Value {
        /// As the plan declares it.
        name: String,
        /// SHA-256 of the value as JSON, hex.
        sha256: String,
    },
    /// A secret: where it is, never what it is.
    Secret {
        /// As the plan declares it.
        name: String,
        /// `env:NAME` or `file:PATH`
        reference: String,
    },
}

impl ValueDigest {
    /// Of the variable, as the plan declares it.
    pub fn name(&self) -> &str {
        match self {
            ValueDigest::Value { name, .. } | ValueDigest::Secret { name, .. } => name,
        }
    }
}
