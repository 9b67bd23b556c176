//! Saved plans are approved, and keys for that are made.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

use jiff::{Timestamp, Unit};

use super::{
    configuration::Configuration,
    problem::{OperationProblem, ProblemKind},
    saved_file,
    watcher::{OperationNotice, Watcher},
};
use crate::{
    machine::Failure,
    plan::ApprovalPolicy,
    saved::{Approved, KeyProblem, PrivateKey, SavedPlan, approved, public_key, sign},
};

/// Largest file with a key, in bytes.
const KEY_BYTES_MAX: usize = 64 << 10;

/// A saved plan, and who approved it.
pub struct Approvals {
    /// The saved plan.
    pub saved: SavedPlan,
    /// Whose approvals count.
    pub counted: Approved,
    /// What the repository wants.
    pub policy: ApprovalPolicy,
}

impl Approvals {
    /// `1 of 2 approvals: alice`
    pub fn approval_count(&self) -> String {
        approval_count(&self.counted, &self.policy)
    }
}

/// Reads a saved plan, and counts who approved it.
///
/// # Errors
/// Why it can't be read, and what is wrong with the repository's file.
pub fn approvals(configuration: &Configuration, file: &Path) -> Result<Approvals, OperationProblem> {
    let policy = configuration.approval_policy()?;
    let saved = saved_file::read(configuration.files(), file)?;
    let counted = approved(&saved, &policy);
    Ok(Approvals { saved, counted, policy })
}

/// What became of an approval.
pub struct GivenApproval {
    /// Whose it is.
    pub name: String,
    /// Whether the same key had approved the saved plan already.
    pub was_there: bool,
    /// Who approved it now.
    pub approvals: Approvals,
}

/// Approves a saved plan with a private key, ed25519 in PKCS #8 as PEM. Without a name it is the one that the repository gives the key.
///
/// # Errors
/// Where there is no such key, nobody knows whose it is, or the file can't be written.
pub fn approve(
    configuration: &Configuration,
    file: &Path,
    key_file: &Path,
    name: Option<&str>,
    watcher: &mut dyn Watcher,
) -> Result<GivenApproval, OperationProblem> {
    let Approvals { mut saved, policy, .. } = approvals(configuration, file)?;
    let key = key_of(configuration, key_file, watcher)?;
    let public = key.public();
    let known = public_key(&public).ok().and_then(|bytes| policy.keys.iter().find(|(_, key)| key.key == bytes));
    let Some(name) = name.or(known.map(|(name, _)| name.as_str())).map(str::to_owned) else {
        let help = "Say who you are with `--as NAME`, or let the repository's backstop.toml name your key.";
        return Err(OperationProblem::usage("backstop::cli::unknown_key", "nobody knows whose key that is", help));
    };
    if known.is_none() && policy.required > 0 {
        watcher.notice(OperationNotice::KeyUnknown(&public))?;
    }
    let was_there = saved.approvals.iter().any(|approval| approval.key == public);
    if !was_there {
        let now = Timestamp::now().round(Unit::Second).unwrap_or(Timestamp::UNIX_EPOCH);
        let approval = sign(&saved, &key, &name, &now.to_string());
        saved.approvals.push(approval);
        let text = saved.text().map_err(|problem| OperationProblem::saved(file, &problem))?;
        saved_file::write(file, &text)?;
    }
    let counted = approved(&saved, &policy);
    Ok(GivenApproval { name, was_there, approvals: Approvals { saved, counted, policy } })
}

fn key_of(configuration: &Configuration, path: &Path, watcher: &mut dyn Watcher) -> Result<PrivateKey, OperationProblem> {
    let text = String::from_utf8_lossy(&configuration.files().read_own(path, KEY_BYTES_MAX)?).into_owned();
    if is_open_to_others(path) {
        watcher.notice(OperationNotice::KeyOpenToOthers(path))?;
    }
    PrivateKey::parse(&text).map_err(|why| no_key(path, why))
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    const OTHERS: u32 = 0o077;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & OTHERS != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

fn no_key(path: &Path, why: KeyProblem) -> OperationProblem {
    let help = "Make one with `backstop approve --new-key FILE`, or with `openssl genpkey -algorithm ed25519`.";
    OperationProblem::usage("backstop::cli::no_key", format!("{}: {why}", path.display()), help)
}

/// Makes a private key in a new file, and gives its public part: for the repository's file.
///
/// # Errors
/// Where there is such a file, or it can't be written.
pub fn new_key(path: &Path) -> Result<String, OperationProblem> {
    let (key, text) = PrivateKey::generate(&ring::rand::SystemRandom::new()).map_err(|why| no_key(path, why))?;
    let mut options = OpenOptions::new();
    // A key that is there already is never overwritten.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| OperationProblem::file(path, &error))?;
    Ok(key.public())
}

fn approval_count(counted: &Approved, policy: &ApprovalPolicy) -> String {
    let names = counted.by.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let mut text = match policy.required {
        0 => format!("{} approvals, and none is required", counted.by.len() + counted.unknown.len()),
        required => format!("{} of {required} approvals", counted.by.len()),
    };
    if !names.is_empty() {
        text += &format!(": {names}");
    }
    if policy.required > 0 && !counted.unknown.is_empty() {
        text += &format!("; {} by keys that backstop.toml does not name", counted.unknown.len());
    }
    text
}

/// Refuses a saved plan that too few have approved.
///
/// # Errors
/// That there are too few.
pub(super) fn refuse_too_few(saved: &SavedPlan, policy: &ApprovalPolicy) -> Result<Approved, OperationProblem> {
    let counted = approved(saved, policy);
    if counted.by.len() >= policy.required as usize {
        return Ok(counted);
    }
    let failure = Failure::permanent(
        "backstop::saved::not_approved",
        format!("the saved plan has {}", approval_count(&counted, policy)),
    )
    .hint("Let somebody whose key backstop.toml names run `backstop approve FILE --key KEYFILE`.");
    Err(OperationProblem::failure(ProblemKind::Invalid, failure))
}
