//! Keys that approve.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::form::ApprovalForm;
use crate::{
    load::{
        diagnostics::{Diagnostics, problem, with_first},
        scalar::{Keyed, NonBlankText, Ranged},
    },
    plan::{ApprovalKey, ApprovalPolicy, Template},
};

/// The policy; keys that are none are reported, and so are one key under two names and keys that are too few.
pub(super) fn policy(form: Option<ApprovalForm>, diagnostics: &mut Diagnostics) -> ApprovalPolicy {
    let Some(form) = form else { return ApprovalPolicy::default() };
    let written = form.keys.value.map(|Keyed(keys)| keys).unwrap_or_default();
    let required = form.required.value.and_then(|Ranged(n)| u32::try_from(n).ok()).unwrap_or(0);
    if usize::try_from(required).is_ok_and(|required| required > written.len()) {
        let at = form.required.at.unwrap_or(form.at);
        let message = format!("{required} approvals are required, and there are {} keys", written.len());
        diagnostics.report("backstop::load::impossible", at, message, "Add keys under `keys`, or require fewer.");
    }
    let mut keys: BTreeMap<String, ApprovalKey> = BTreeMap::new();
    for (name, at, text) in written {
        let Some(key) = text.and_then(|NonBlankText(text)| public_key(&text, diagnostics)) else { continue };
        if let Some((other, first)) = keys.iter().find(|(_, other)| other.key == key) {
            let message = format!("`{name}` has the same key as `{other}`, so that one person would count twice");
            let again = problem("backstop::load::duplicate_key", at, message, "Give everybody a key of their own.");
            diagnostics.push(with_first(again, first.at));
        }
        keys.insert(name, ApprovalKey { key, at });
    }
    ApprovalPolicy { required, keys }
}

fn public_key(text: &Template, diagnostics: &mut Diagnostics) -> Option<[u8; ApprovalKey::BYTES]> {
    let bytes = STANDARD.decode(text.source.trim()).ok();
    let key = bytes.and_then(|bytes| <[u8; ApprovalKey::BYTES]>::try_from(bytes).ok());
    if key.is_none() {
        let help =
            format!("An ed25519 public key is base64 of {} bytes: 44 characters, the last one `=`.", ApprovalKey::BYTES);
        diagnostics.report("backstop::load::bad_key", text.at, "the text is no public key", help);
    }
    key
}
