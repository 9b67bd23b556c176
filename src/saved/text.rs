//! The file: its one text, and the way back from it.
//!
//! A saved plan has exactly one text. Whatever is read is written again and must come out the same, so that no byte of a file
//! can be changed unnoticed, white space included.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    document::{Content, FORMAT, SavedPlan},
    problem::SavedProblem,
};

/// Largest file that is read or written, in bytes.
pub const SAVED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Whether the bytes begin like a saved plan of any version.
pub fn looks_saved(bytes: &[u8]) -> bool {
    const BEGINNING_MAX: usize = 200;
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(BEGINNING_MAX)]);
    let dense: String = beginning.chars().filter(|c| !c.is_whitespace()).collect();
    dense.starts_with("{\"format\":\"backstop/saved-plan/")
}

/// A saved plan without approvals.
///
/// # Errors
/// Where its text would be too large.
pub fn write(content: Content) -> Result<(SavedPlan, String), SavedProblem> {
    let saved = SavedPlan { format: FORMAT.to_owned(), digest: digest(&content)?, content, approvals: Vec::new() };
    let text = saved.text()?;
    Ok((saved, text))
}

/// Reads a file, and believes nothing in it: the digest must be that of the content, every approval's signature must fit, and
/// the text must be the one that is written for it.
///
/// # Errors
/// [`SavedProblem`], saying in which of these it fails.
pub fn read(bytes: &[u8]) -> Result<SavedPlan, SavedProblem> {
    if bytes.len() > SAVED_BYTES_MAX {
        return Err(SavedProblem::TooLarge { bytes: bytes.len() });
    }
    if looks_saved(bytes) {
        #[derive(serde::Deserialize)]
        struct Version {
            format: String,
        }
        if let Ok(Version { format }) = serde_json::from_slice(bytes)
            && format != FORMAT
        {
            return Err(SavedProblem::OtherFormat { format });
        }
    }
    let saved: SavedPlan =
        serde_json::from_slice(bytes).map_err(|why| SavedProblem::NoSavedPlan { why: why.to_string() })?;
    if saved.format != FORMAT {
        return Err(SavedProblem::OtherFormat { format: saved.format });
    }
    let digest = digest(&saved.content)?;
    if digest != saved.digest {
        return Err(SavedProblem::OtherDigest { named: saved.digest, is: digest });
    }
    if let Some(approval) = saved.approvals.iter().find(|approval| !approval.fits(&saved)) {
        return Err(SavedProblem::WrongSignature { name: approval.name.clone() });
    }
    if saved.text()?.as_bytes() != bytes {
        return Err(SavedProblem::OtherText);
    }
    Ok(saved)
}

impl SavedPlan {
    /// Its text.
    ///
    /// # Errors
    /// Where it would be too large.
    pub fn text(&self) -> Result<String, SavedProblem> {
        let mut text = serde_json::to_string_pretty(self).map_err(|why| unwritable(&why))?;
        text.push('\n');
        if text.len() > SAVED_BYTES_MAX { Err(SavedProblem::TooLarge { bytes: text.len() }) } else { Ok(text) }
    }
}

fn digest(content: &Content) -> Result<String, SavedProblem> {
    let text = serde_json::to_vec(content).map_err(|why| unwritable(&why))?;
    Ok(sha256(&text))
}

fn unwritable(why: &serde_json::Error) -> SavedProblem {
    SavedProblem::NoSavedPlan { why: why.to_string() }
}

/// SHA-256, hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 over a value as JSON, hex; a value that has no JSON is digested as nothing, which no other value is.
pub(super) fn sha256_of(value: &impl Serialize) -> String {
    sha256(&serde_json::to_vec(value).unwrap_or_default())
}
