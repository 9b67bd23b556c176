//! Files of saved plans.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use super::{files::FileAccess, problem::OperationProblem};
use crate::{
    plan::FILE_BYTES_MAX,
    saved::{self, SavedPlan},
};

/// Largest saved plan, in bytes: that of plans with many large files.
const SAVED_BYTES_MAX: usize = 16 * FILE_BYTES_MAX;

/// Reads a saved plan, and believes nothing in it.
///
/// # Errors
/// Why it can't be read, and that it is no saved plan.
pub fn read(files: &FileAccess, path: &Path) -> Result<SavedPlan, OperationProblem> {
    let bytes = files.read_own(path, SAVED_BYTES_MAX)?;
    saved::read(&bytes).map_err(|problem| OperationProblem::saved(path, &problem))
}

/// Writes a file that is whole or not there: beside it first, then in its place.
///
/// # Errors
/// Why it can't be written.
pub(super) fn write(path: &Path, text: &str) -> Result<(), OperationProblem> {
    let failed = |error: io::Error| OperationProblem::file(path, &error);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new().prefix(".backstop").tempfile_in(folder).map_err(failed)?;
    beside.write_all(text.as_bytes()).map_err(failed)?;
    open_to_readers(beside.path()).map_err(failed)?;
    beside.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// What a temporary file keeps to its owner, others may read: there is no secret in it.
#[cfg(unix)]
fn open_to_readers(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    const READABLE: u32 = 0o644;
    fs::set_permissions(path, fs::Permissions::from_mode(READABLE))
}

#[cfg(not(unix))]
fn open_to_readers(_: &Path) -> io::Result<()> {
    Ok(())
}
