//! Approvals: ed25519 signatures (RFC 8032) in the saved plan's own file.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ring::signature::{ED25519, UnparsedPublicKey};

use super::{
    document::{Approval, SavedPlan},
    key::PrivateKey,
};

/// Part of what is signed; changed with its form.
const FORM: &str = "backstop/approval/v1";

/// Approves a saved plan.
pub fn sign(saved: &SavedPlan, key: &PrivateKey, name: &str, at: &str) -> Approval {
    let mut approval = Approval { name: name.to_owned(), key: key.public(), at: at.to_owned(), signature: String::new() };
    approval.signature = BASE64.encode(key.sign(&approval.message(saved)));
    approval
}

impl Approval {
    /// Whether its signature is its key's, over this saved plan and everything that the approval says.
    pub(super) fn fits(&self, saved: &SavedPlan) -> bool {
        let (Ok(key), Ok(signature)) = (BASE64.decode(&self.key), BASE64.decode(&self.signature)) else { return false };
        UnparsedPublicKey::new(&ED25519, key).verify(&self.message(saved), &signature).is_ok()
    }

    /// What is signed, a JSON list so that nothing can run into what stands beside it.
    fn message(&self, saved: &SavedPlan) -> Vec<u8> {
        let parts = [FORM, &saved.digest, &saved.content.id, &self.name, &self.key, &self.at];
        serde_json::json!(parts).to_string().into_bytes()
    }
}
