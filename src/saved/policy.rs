//! Whether enough of those whose keys count have approved.

use std::collections::BTreeSet;

use super::{document::SavedPlan, key::public_key};
use crate::plan::ApprovalPolicy;

/// Who has approved, as the policy knows them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Approved {
    /// By the names that the policy gives their keys, each once.
    pub by: BTreeSet<String>,
    /// Keys that approved and that the policy does not name, base64.
    pub unknown: BTreeSet<String>,
}

/// Counts the approvals by keys that the policy names; a key counts once, however often and under whatever name it signed. The
/// saved plan was [`super::read`], so that every signature fits.
pub fn approved(saved: &SavedPlan, policy: &ApprovalPolicy) -> Approved {
    let mut approved = Approved::default();
    for approval in &saved.approvals {
        let key = public_key(&approval.key).ok();
        match policy.keys.iter().find(|(_, known)| key.as_ref() == Some(&known.key)) {
            Some((name, _)) => approved.by.insert(name.clone()),
            None => approved.unknown.insert(approval.key.clone()),
        };
    }
    approved
}
