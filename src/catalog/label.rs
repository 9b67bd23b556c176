//! Security labels.

use serde::{Deserialize, Serialize};

/// A label that a provider of mandatory access control put on an object (`pg_seclabel`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecurityLabel {
    /// The column that it is on; none for the object itself.
    pub column: Option<String>,
    /// Whose label it is.
    pub provider: String,
    /// The label.
    pub label: String,
}
