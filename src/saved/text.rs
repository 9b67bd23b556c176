//! The file: its one text, and the way back from it.
//!
//! A saved plan has exactly one text. Whatever is read is written again and must come out the same, so that no byte of a file
//! can be changed unnoticed, white space included.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    document::{FORMAT, SavedPlan, SavedPlanContent},
    problem::SavedProblem,
};

/// Largest file that is read or written, in bytes.
pub const SAVED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Whether the bytes begin like a saved plan of any version.
pub fn looks_saved(bytes: &[u8]) -> bool {
    const BEGINNING_MAX: usize = 200;
    let beginning = String::from_utf8_lossy(bytes.get(..BEGINNING_MAX).unwrap_or(bytes));
    let dense: String = beginning.chars().filter(|c| !c.is_whitespace()).collect();
    dense.starts_with("{\"format\":\"backstop/saved-plan/")
}

/// A saved plan without approvals.
///
/// # Errors
/// Where its text would be too large.
pub fn write(content: SavedPlanContent) -> Result<(SavedPlan, String), SavedProblem> {
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
        struct FormatVersion {
            format: String,
        }
        if let Ok(FormatVersion { format }) = serde_json::from_slice(bytes)
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

fn digest(content: &SavedPlanContent) -> Result<String, SavedProblem> {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{
        super::{
            approval::sign,
            document::{DatabaseIdentity, PlannedPlan, SourceDigest, ValueDigest},
            key::PrivateKey,
            policy::approved,
            structure::SavedStructure,
        },
        *,
    };
    use crate::{
        catalog::Snapshot,
        plan::{ApprovalKey, ApprovalPolicy, Place},
    };

    fn content() -> SavedPlanContent {
        SavedPlanContent {
            id: "0198".to_owned(),
            made_at: "2026-01-01T00:00:00Z".to_owned(),
            made_by: "planner".to_owned(),
            program: "0.1.0".to_owned(),
            expires_at: None,
            environment: Some("production".to_owned()),
            database: DatabaseIdentity {
                name: "shop".to_owned(),
                oid: 5,
                system_identifier: Some("7".to_owned()),
                journal: None,
            },
            plans: vec![PlannedPlan {
                name: "p".to_owned(),
                path: "p.yaml".to_owned(),
                fingerprint: "f".to_owned(),
                targets: vec!["public.t".to_owned()],
                sources: vec![SourceDigest { path: "p.yaml".to_owned(), sha256: sha256(b"x") }],
                values: vec![
                    ValueDigest::Value { name: "v".to_owned(), sha256: sha256(b"y") },
                    ValueDigest::Secret { name: "s".to_owned(), reference: "env:S".to_owned() },
                ],
                values_files: Vec::new(),
                rendered: "name: \"p\"\n\u{1b}é".to_owned(),
            }],
            nothing_pending: None,
            structure: SavedStructure::of(&Snapshot::default()),
        }
    }

    fn key() -> PrivateKey {
        PrivateKey::generate(&ring::rand::SystemRandom::new()).unwrap().0
    }

    fn policy(keys: &[(&str, &PrivateKey)]) -> ApprovalPolicy {
        let key = |(name, key): &(&str, &PrivateKey)| {
            let key = super::super::key::public_key(&key.public()).unwrap();
            ((*name).to_owned(), ApprovalKey { key, at: Place::default() })
        };
        ApprovalPolicy { required: 2, keys: keys.iter().map(key).collect::<BTreeMap<_, _>>() }
    }

    #[test]
    fn no_byte_of_an_approved_file_can_be_changed() {
        let (mut saved, text) = write(content()).unwrap();
        assert_eq!(read(text.as_bytes()).unwrap(), saved);
        assert!(looks_saved(text.as_bytes()));
        let approval = sign(&saved, &key(), "alice", "2026-01-01T00:00:00Z");
        saved.approvals.push(approval);
        let text = saved.text().unwrap().into_bytes();
        assert_eq!(read(&text).unwrap(), saved);
        for at in 0..text.len() {
            for change in [1, 0x20, 0x80] {
                let mut changed = text.clone();
                changed[at] ^= change;
                assert!(read(&changed).is_err(), "byte {at}: {}", String::from_utf8_lossy(&changed));
            }
            let (before, after) = text.split_at(at);
            assert!(read(&[before, b" ", after].concat()).is_err() && read(before).is_err(), "byte {at}");
        }
        assert!(read(&[text.as_slice(), b"\n"].concat()).is_err());
    }

    #[test]
    fn an_approval_is_of_one_saved_plan() {
        let (mut one, _) = write(content()).unwrap();
        let (mut other, _) = write(SavedPlanContent { id: "0199".to_owned(), ..content() }).unwrap();
        one.approvals.push(sign(&one, &key(), "alice", "2026-01-01T00:00:00Z"));
        other.approvals.clone_from(&one.approvals);
        let problem = read(other.text().unwrap().as_bytes()).unwrap_err();
        assert_eq!(problem, SavedProblem::WrongSignature { name: "alice".to_owned() });
    }

    #[test]
    fn a_key_counts_once_and_a_stranger_not_at_all() {
        let (alice, bob, stranger) = (key(), key(), key());
        let (mut saved, _) = write(content()).unwrap();
        for (key, name) in [(&alice, "alice"), (&alice, "bob"), (&stranger, "bob")] {
            saved.approvals.push(sign(&saved, key, name, "2026-01-01T00:00:00Z"));
        }
        let policy = policy(&[("alice", &alice), ("bob", &bob)]);
        let counted = approved(&read(saved.text().unwrap().as_bytes()).unwrap(), &policy);
        assert_eq!(counted.by.into_iter().collect::<Vec<_>>(), ["alice"]);
        assert_eq!(counted.unknown.len(), 1);
    }

    #[test]
    fn a_later_format_is_named() {
        let text = write(content()).unwrap().1.replace("saved-plan/v1", "saved-plan/v2");
        assert_eq!(
            read(text.as_bytes()).unwrap_err(),
            SavedProblem::OtherFormat { format: "backstop/saved-plan/v2".to_owned() }
        );
        assert_eq!(read(b"{}").unwrap_err().code(), "backstop::saved::no_saved_plan");
    }
}
