//! Privileges.

use serde::{Deserialize, Serialize};

use crate::sql::quote::ident;

/// One privilege of one role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grant {
    /// Who has it; none is PUBLIC.
    pub grantee: Option<String>,
    /// `SELECT`, `EXECUTE`, … as `aclexplode` names them.
    pub privilege: String,
    /// WITH GRANT OPTION.
    pub grantable: bool,
    /// Who gave it.
    pub grantor: String,
}

impl Grant {
    /// What a role has from the owner.
    fn by(owner: &str, grantee: Option<&str>, privilege: &str) -> Grant {
        Grant {
            grantee: grantee.map(str::to_owned),
            privilege: privilege.to_owned(),
            grantable: false,
            grantor: owner.to_owned(),
        }
    }

    /// What an owner has of a new object, in the server's order (`acldefault`).
    pub(super) fn own(owner: &str, privileges: &[&str]) -> Vec<Grant> {
        privileges.iter().map(|privilege| Grant::by(owner, Some(owner), privilege)).collect()
    }

    /// What everybody and the owner have of a new function or type.
    pub(super) fn public(owner: &str, privilege: &str) -> Vec<Grant> {
        vec![Grant::by(owner, None, privilege), Grant::by(owner, Some(owner), privilege)]
    }
}

/// The role as GRANT takes it.
pub(super) fn grantee(grant: &Grant) -> String {
    grant.grantee.as_deref().map_or_else(|| "PUBLIC".to_owned(), ident)
}

/// The statement that gives one role these privileges, on a column where one is named.
pub(super) fn grant_all_to(target: &str, column: Option<&str>, group: &[&Grant]) -> String {
    let privileges: Vec<String> = group
        .iter()
        .map(|grant| match column {
            Some(column) => format!("{} ({})", grant.privilege, ident(column)),
            None => grant.privilege.clone(),
        })
        .collect();
    let to = group.first().map(|grant| grantee(grant)).unwrap_or_default();
    let option = if group.iter().any(|grant| grant.grantable) { " WITH GRANT OPTION" } else { "" };
    format!("GRANT {} ON {target} TO {to}{option}", privileges.join(", "))
}
