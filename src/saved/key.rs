//! Keys of approvers: ed25519 in PKCS #8 (RFC 8410), as PEM.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ring::{
    rand::SecureRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
/// How long a line of base64 is in PEM (RFC 7468, 2).
const LINE: usize = 64;
/// How long an ed25519 public key is (RFC 8032, 5.1.5).
const PUBLIC_BYTES: usize = 32;

/// A private key. It is in nothing that can be printed.
pub struct PrivateKey(Ed25519KeyPair);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

/// Why a text holds no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyProblem {
    /// It is no PEM of a private key.
    NoPem,
    /// It is a private key, but none of ed25519.
    NoEd25519,
    /// It is no public key.
    NoPublicKey,
    /// The system gives no random numbers.
    NoRandomness,
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyProblem::NoPem => "no PEM text with one PRIVATE KEY (PKCS #8, not encrypted)",
            KeyProblem::NoEd25519 => "no ed25519 private key",
            KeyProblem::NoPublicKey => "no ed25519 public key: 32 bytes as base64",
            KeyProblem::NoRandomness => "the system gives no random numbers",
        })
    }
}

impl std::error::Error for KeyProblem {}

impl PrivateKey {
    /// A new key, with the text of its file.
    ///
    /// # Errors
    /// Where the system gives no random numbers.
    pub fn generate(random: &dyn SecureRandom) -> Result<(Self, String), KeyProblem> {
        let document = Ed25519KeyPair::generate_pkcs8(random).map_err(|_| KeyProblem::NoRandomness)?;
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(|_| KeyProblem::NoEd25519)?;
        let encoded = BASE64.encode(document.as_ref());
        let mut text = format!("{BEGIN}\n");
        // Base64 is ASCII: every byte is a boundary.
        for at in (0..encoded.len()).step_by(LINE) {
            text += &encoded[at..encoded.len().min(at + LINE)];
            text.push('\n');
        }
        text += END;
        text.push('\n');
        Ok((PrivateKey(pair), text))
    }

    /// The key in a file's text, of version 2 with its public key beside it or of version 1 without, as
    /// `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// # Errors
    /// Where there is none. Nothing of the text is in the error.
    pub fn parse(text: &str) -> Result<Self, KeyProblem> {
        let (_, rest) = text.split_once(BEGIN).ok_or(KeyProblem::NoPem)?;
        let (body, _) = rest.split_once(END).ok_or(KeyProblem::NoPem)?;
        let dense: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        let document = BASE64.decode(dense).map_err(|_| KeyProblem::NoPem)?;
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&document).map(PrivateKey).map_err(|_| KeyProblem::NoEd25519)
    }

    /// The public key, base64, as `backstop.toml` has it.
    pub fn public(&self) -> String {
        BASE64.encode(self.0.public_key())
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

/// The bytes of a public key that is written as base64.
///
/// # Errors
/// Where it is none.
pub fn public_key(text: &str) -> Result<[u8; PUBLIC_BYTES], KeyProblem> {
    let bytes = BASE64.decode(text.trim()).map_err(|_| KeyProblem::NoPublicKey)?;
    bytes.try_into().map_err(|_| KeyProblem::NoPublicKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `openssl genpkey -algorithm ed25519`: the private key of RFC 8410, 10.3.
    const VERSION_1: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";

    #[test]
    fn a_new_key_is_read_back_and_others_are_too() {
        let (key, text) = PrivateKey::generate(&ring::rand::SystemRandom::new()).unwrap();
        assert_eq!(PrivateKey::parse(&text).unwrap().public(), key.public());
        assert!(text.lines().all(|line| line.len() <= LINE) && text.starts_with(BEGIN) && text.ends_with("KEY-----\n"));
        assert_eq!(public_key(&key.public()).unwrap().len(), PUBLIC_BYTES);
        // Its public key stands there, too.
        assert_eq!(PrivateKey::parse(VERSION_1).unwrap().public(), "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");
        assert_eq!(format!("{key:?}"), "PrivateKey(…)");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "nonsense", BEGIN, "-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----"] {
            assert_eq!(PrivateKey::parse(text).unwrap_err(), KeyProblem::NoPem);
        }
        let empty = format!("{BEGIN}\nAAAA\n{END}\n");
        assert_eq!(PrivateKey::parse(&empty).unwrap_err(), KeyProblem::NoEd25519);
        assert_eq!(public_key("AAAA").unwrap_err(), KeyProblem::NoPublicKey);
        assert_eq!(public_key("é").unwrap_err(), KeyProblem::NoPublicKey);
    }
}
