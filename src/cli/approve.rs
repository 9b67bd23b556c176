//! `backstop approve`

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

use jiff::{Timestamp, Unit};

use super::{
    answer::{Answer, Approvals, Key},
    arguments::Approve,
    console::Console,
    exit::Exit,
    files, policy,
    problem::Problem,
};
use crate::{
    machine::Failure,
    plan::{ApprovalPolicy, FILE_BYTES_MAX},
    report,
    saved::{self, Approved, KeyProblem, PrivateKey, SavedPlan, approved, public_key, sign},
};

/// Largest saved plan, in bytes: that of plans with many large files.
const SAVED_BYTES_MAX: usize = 16 * FILE_BYTES_MAX;
/// Largest file with a key, in bytes.
const KEY_BYTES_MAX: usize = 64 << 10;

/// Shows a saved plan, approves it, or makes a key.
pub fn run(arguments: &Approve, console: &Console) -> Result<Exit, Problem> {
    let Some(file) = &arguments.file else {
        return match &arguments.new_key {
            Some(path) => new_key(path, console),
            None => Err(Problem::usage("backstop::cli::nothing_to_approve", "no saved plan is given", "Name its file.")),
        };
    };
    let policy = policy::of_repository(&arguments.chosen)?;
    let mut saved = read(file)?;
    match &arguments.key {
        None => show(&saved, &policy, console),
        Some(path) => approve(&mut saved, file, path, arguments.name.as_deref(), &policy, console),
    }
}

/// Reads a saved plan, and believes nothing in it.
pub fn read(path: &Path) -> Result<SavedPlan, Problem> {
    let bytes = files::read_own(path, SAVED_BYTES_MAX)?;
    saved::read(&bytes).map_err(|problem| Problem::saved(path, &problem))
}

/// Writes a file that is whole or not there: beside it first, then in its place.
pub fn write(path: &Path, text: &str) -> Result<(), Problem> {
    let failed = |error: std::io::Error| Problem::file(path, &error);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new().prefix(".backstop").tempfile_in(folder).map_err(failed)?;
    beside.write_all(text.as_bytes()).map_err(failed)?;
    open_to_readers(beside.path()).map_err(failed)?;
    beside.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// What a temporary file keeps to its owner, others may read: there is no secret in it.
#[cfg(unix)]
fn open_to_readers(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    const READABLE: u32 = 0o644;
    fs::set_permissions(path, fs::Permissions::from_mode(READABLE))
}

#[cfg(not(unix))]
fn open_to_readers(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn approve(
    saved: &mut SavedPlan,
    file: &Path,
    key_file: &Path,
    name: Option<&str>,
    policy: &ApprovalPolicy,
    console: &Console,
) -> Result<Exit, Problem> {
    let key = key_of(key_file, console)?;
    let public = key.public();
    let known = public_key(&public).ok().and_then(|bytes| policy.keys.iter().find(|(_, key)| key.key == bytes));
    let Some(name) = name.or(known.map(|(name, _)| name.as_str())) else {
        let help = "Say who you are with `--as NAME`, or let the repository's backstop.toml name your key.";
        return Err(Problem::usage("backstop::cli::unknown_key", "nobody knows whose key that is", help));
    };
    if known.is_none() && policy.required > 0 {
        console.warn(&format!("backstop.toml does not name this key, so the approval does not count: {public}"))?;
    }
    let was_there = saved.approvals.iter().any(|approval| approval.key == public);
    if !was_there {
        let now = Timestamp::now().round(Unit::Second).unwrap_or(Timestamp::UNIX_EPOCH);
        let approval = sign(saved, &key, name, &now.to_string());
        saved.approvals.push(approval);
        write(file, &saved.text().map_err(|problem| Problem::saved(file, &problem))?)?;
    }
    let counted = approved(saved, policy);
    let what = if was_there { "was approved with this key already" } else { "is approved" };
    let text = format!("{} {what} by {name}: {}", file.display(), standing(&counted, policy));
    console.answer(&text, &answer(saved, &counted, policy))?;
    Ok(Exit::Done)
}

fn key_of(path: &Path, console: &Console) -> Result<PrivateKey, Problem> {
    let text = String::from_utf8_lossy(&files::read_own(path, KEY_BYTES_MAX)?).into_owned();
    if is_open_to_others(path) {
        console.warn(&format!("{}: others than you can read this key; `chmod 600` keeps it yours", path.display()))?;
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

fn no_key(path: &Path, why: KeyProblem) -> Problem {
    let help = "Make one with `backstop approve --new-key FILE`, or with `openssl genpkey -algorithm ed25519`.";
    Problem::usage("backstop::cli::no_key", format!("{}: {why}", path.display()), help)
}

fn new_key(path: &Path, console: &Console) -> Result<Exit, Problem> {
    let (key, text) = PrivateKey::generate(&ring::rand::SystemRandom::new()).map_err(|why| no_key(path, why))?;
    let mut options = OpenOptions::new();
    // A key that is there already is never overwritten.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Problem::file(path, &error))?;
    let text = format!("{}\n\nfor backstop.toml:\n[approval.keys]\nyour-name = \"{}\"", path.display(), key.public());
    console.answer(&text, &Answer::Key(Key { file: path.display().to_string(), public: key.public() }))?;
    Ok(Exit::Done)
}

fn show(saved: &SavedPlan, policy: &ApprovalPolicy, console: &Console) -> Result<Exit, Problem> {
    let counted = approved(saved, policy);
    let text = format!("{}\n{}", report::saved_plan(saved), standing(&counted, policy));
    console.answer(&text, &answer(saved, &counted, policy))?;
    Ok(Exit::Done)
}

fn answer(saved: &SavedPlan, counted: &Approved, policy: &ApprovalPolicy) -> Answer {
    Answer::Approvals(Approvals {
        id: saved.content.id.clone(),
        digest: saved.digest.clone(),
        approved_by: counted.by.iter().cloned().collect(),
        unknown_keys: counted.unknown.iter().cloned().collect(),
        required: policy.required,
        plans: saved.content.plans.iter().map(|plan| plan.name.clone()).collect(),
    })
}

/// `1 of 2 approvals: alice`
pub fn standing(counted: &Approved, policy: &ApprovalPolicy) -> String {
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
pub fn refuse_too_few(saved: &SavedPlan, policy: &ApprovalPolicy) -> Result<Approved, Problem> {
    let counted = approved(saved, policy);
    if counted.by.len() >= policy.required as usize {
        return Ok(counted);
    }
    let failure =
        Failure::permanent("backstop::saved::not_approved", format!("the saved plan has {}", standing(&counted, policy)))
            .hint("Let somebody whose key backstop.toml names run `backstop approve FILE --key KEYFILE`.");
    Err(Problem::failure(Exit::Invalid, failure))
}
