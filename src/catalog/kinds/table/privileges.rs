//! What an owner may do with a new table or view.

use crate::catalog::privilege::Grant;

/// From this version on owners have MAINTAIN.
const MAINTAIN: u32 = 170_000;

/// The privileges that an owner has of a new table or view.
pub(crate) fn table_privileges(owner: &str, server_version: u32) -> Vec<Grant> {
    let mut privileges = vec!["INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];
    if server_version >= MAINTAIN {
        privileges.push("MAINTAIN");
    }
    Grant::own(owner, &privileges)
}
