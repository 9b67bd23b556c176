//! Who must have approved a saved plan before it is applied.

use std::collections::BTreeMap;

use crate::plan::place::Place;

/// Who must have approved a saved plan before it is applied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ApprovalPolicy {
    /// How many different keys must have signed; 0 asks for none.
    pub required: u32,
    /// The keys that count, by the name of whoever holds them. No key stands under two names.
    pub keys: BTreeMap<String, ApprovalKey>,
}

/// A public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovalKey {
    /// The ed25519 public key (RFC 8032, 5.1.5).
    pub key: [u8; ApprovalKey::BYTES],
    /// Where its name stands.
    pub at: Place,
}

impl ApprovalKey {
    /// How long an ed25519 public key is.
    pub const BYTES: usize = 32;
}
