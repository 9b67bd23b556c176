//! What the server makes along with an object, and people change afterwards.

use serde::{Deserialize, Serialize};

use super::privilege::Grant;

/// Array types, row types, multirange types, constructors of ranges, rules of views; and the members of
/// an extension. Only those stand in a snapshot that were changed since they were made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Companion {
    /// TYPE, FUNCTION, RULE, …: what COMMENT ON and GRANT … ON take before its name.
    pub noun: String,
    /// Its name as the server quotes it (`pg_identify_object`).
    pub identity: String,
    /// Its owner; none for what has none.
    pub owner: Option<String>,
    /// Whether another role owns it than would if it were made now.
    pub own_owner: bool,
    /// Its privileges in the recorded order; none where they are the built-in ones.
    pub grants: Option<Vec<Grant>>,
    /// `COMMENT ON` it.
    pub comment: Option<String>,
}
