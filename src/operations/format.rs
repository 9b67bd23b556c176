//! Fields of plans are put in order.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use super::{
    configuration::Configuration,
    files::FileAccess,
    plan_files,
    problem::{OperationProblem, ProblemKind},
    resolve_plans::read_plan,
    watcher::Watcher,
};
use crate::{
    load::{self, Unordered},
    machine::Failure,
};

/// What was, or is to be, put in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// The files that are not in order, or were not.
    pub files: Vec<PathBuf>,
    /// How many plans were looked at.
    pub plans: usize,
}

/// Whether files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// They are.
    Write,
    /// It is only said which would be.
    Check,
}

/// Puts the fields of plans in order. All files are read and proven before the first is written.
///
/// # Errors
/// What can't be read or written, and plans that can't be put in order without a loss.
pub fn format(
    configuration: &Configuration,
    plans: &[PathBuf],
    writing: Writing,
    watcher: &mut dyn Watcher,
) -> Result<Formatted, OperationProblem> {
    let configuration = configuration.confined(FileAccess::confined(plans, &[])?);
    let (mut others, mut failures, mut count) = (Vec::new(), Vec::new(), 0);
    for path in plan_files::collect(&configuration, plans, watcher)? {
        let loaded = read_plan(configuration.files(), &path)?;
        count += 1;
        match load::ordered(&loaded) {
            Ok(text) if text == loaded.source.text() => {}
            Ok(text) => others.push((path, text)),
            Err(why) => failures.push(refused(&path, why)),
        }
    }
    if !failures.is_empty() {
        return Err(OperationProblem::failures(ProblemKind::Invalid, failures));
    }
    if writing == Writing::Write {
        for (path, text) in &others {
            replace(path, text).map_err(|error| OperationProblem::file(path, &error))?;
        }
    }
    Ok(Formatted { files: others.into_iter().map(|(path, _)| path).collect(), plans: count })
}

fn refused(path: &Path, why: Unordered) -> Failure {
    let (code, what) = match why {
        Unordered::Values => ("backstop::fmt::values", "would hold other values"),
        Unordered::Comments => ("backstop::fmt::comments", "would lose or change a comment"),
        Unordered::Unreadable => ("backstop::fmt::unreadable", "could not be read any more"),
    };
    Failure::permanent(code, format!("{}: with its fields in order the plan {what}, so nothing is written", path.display()))
        .hint("Put the fields in order by hand; anchors, `---`, `...` and a last line without a line break are what stands in the way.")
}

/// Writes the whole file beside the old one first: nobody ever sees half of it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // Of a link, what it leads to.
    let path = fs::canonicalize(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let marked = fs::read(&path)?.starts_with(BYTE_ORDER_MARK);
    if marked {
        file.write_all(BYTE_ORDER_MARK)?;
    }
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::metadata(&path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&path).map(drop).map_err(|error| error.error)
}

/// What some editors write at the beginning of a file.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
