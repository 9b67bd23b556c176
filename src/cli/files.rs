//! The one way in which commands read files: never without an end, and, where a command looks at what strangers wrote, never from
//! outside of the repository.

use std::{
    env,
    fs::{self, File},
    io::{self, Read},
    path::{Component, Path, PathBuf},
    sync::{OnceLock, mpsc},
    thread,
    time::Duration,
};

use super::{exit::Exit, problem::Problem};
use crate::{machine::Failure, plan::FILE_BYTES_MAX};

/// How long a file that is none (a pipe, a device) may take until its end.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most folders that are looked into on the way up.
const FOLDERS_MAX: usize = 64;
/// The folders and files that may be read from; anything where nothing is set.
static CONFINED: OnceLock<Vec<PathBuf>> = OnceLock::new();

/// Confines every read of this process to the repository around the working directory, to the folders and files that the command line
/// names outside of it, and to what else is allowed. Where there is no repository of git's, the working directory and the folders of what
/// is named stand for it.
pub fn confine<'p>(named: impl IntoIterator<Item = &'p PathBuf>, allowed: &[PathBuf]) -> Result<(), Problem> {
    let here = env::current_dir().map_err(|error| Problem::file(Path::new("."), &error))?;
    let mut roots: Vec<PathBuf> = real(top(&here).unwrap_or(&here)).into_iter().collect();
    for path in named {
        let whole = without_dots(&here.join(path));
        if roots.iter().any(|root| whole.starts_with(root)) {
            // What lies inside must also lead there: a link of the repository's is a stranger's word.
            continue;
        }
        let folder = if whole.is_dir() { whole.as_path() } else { whole.parent().unwrap_or(&whole) };
        roots.extend(real(top(folder).unwrap_or(folder)));
    }
    roots.extend(allowed.iter().filter_map(|path| real(path)));
    // Set once a process, by the command that it runs.
    let _ = CONFINED.set(roots);
    Ok(())
}

/// Reads a file of at most so many bytes as a plan may have.
pub fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    within_reach(path)?;
    read_at_most(path, FILE_BYTES_MAX)
        .map_err(|why| why.problem(path, "Move the SQL into files of its own (`sql_file:`), and data out of the plan."))
}

/// Reads a file that a plan names.
pub fn read_named(path: &Path) -> Result<Vec<u8>, Problem> {
    within_reach(path)?;
    let help = "Divide it at the end of a statement into files of that size, each the `sql_file` of a step of its own; rows come from the \
                server faster (generate_series, a staging table that psql's \\copy filled).";
    read_at_most(path, FILE_BYTES_MAX).map_err(|why| why.problem(path, help))
}

/// Reads a file that belongs to whoever runs the program: a secret, a key, a saved plan.
pub fn read_own(path: &Path, bytes_max: usize) -> Result<Vec<u8>, Problem> {
    within_reach(path)?;
    read_at_most(path, bytes_max).map_err(|why| why.problem(path, "Give a file that is what it is asked for."))
}

/// The same as text, and why not as a fragment.
pub fn read_words(path: &Path) -> Result<String, String> {
    within_reach(path).map_err(|_| format!("{}: it leads out of the repository", path.display()))?;
    let bytes = read_at_most(path, FILE_BYTES_MAX).map_err(|why| why.fragment(path))?;
    String::from_utf8(bytes).map_err(|_| format!("{}: it is no UTF-8", path.display()))
}

/// The same as bytes.
pub fn read_quietly(path: &Path) -> Result<Vec<u8>, String> {
    within_reach(path).map_err(|_| format!("{}: it leads out of the repository", path.display()))?;
    read_at_most(path, FILE_BYTES_MAX).map_err(|why| why.fragment(path))
}

/// Refuses what this process may not read.
pub fn within_reach(path: &Path) -> Result<(), Problem> {
    let Some(roots) = CONFINED.get() else { return Ok(()) };
    // What is not there is told as such when it is read.
    let Some(real) = real(path) else { return Ok(()) };
    if roots.iter().any(|root| real.starts_with(root)) {
        return Ok(());
    }
    let message = format!("{}: it leads out of the repository", path.display());
    let help = "lint, render and diff read nothing outside of the repository, because strangers' changes are looked at by them. Move the \
                file into the repository, or name its folder under `read_outside` in backstop.toml: what the commit says that \
                `--base` names is allowed.";
    Err(Problem::failure(Exit::Invalid, Failure::permanent("backstop::cli::outside_repository", message).hint(help)))
}

/// The folder around a path that holds git's own.
pub fn top(folder: &Path) -> Option<&Path> {
    folder.ancestors().take(FOLDERS_MAX).find(|folder| folder.join(".git").exists())
}

fn real(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}

/// The path without `.` and `..`, by its words alone.
fn without_dots(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// Why a file can't be read.
enum Unread {
    Io(io::Error),
    TooLarge { bytes: Option<u64>, max: usize },
    Endless,
}

impl Unread {
    fn fragment(&self, path: &Path) -> String {
        let path = path.display();
        match self {
            Unread::Io(error) => format!("{path}: {error}"),
            Unread::TooLarge { bytes: Some(bytes), max } => {
                format!("{path}: {bytes} bytes are more than the {max} that a file may have")
            }
            Unread::TooLarge { bytes: None, max } => {
                format!("{path}: it has more than the {max} bytes that a file may have")
            }
            Unread::Endless => format!("{path}: it is no file, and came to no end within {} s", PATIENCE.as_secs()),
        }
    }

    fn problem(self, path: &Path, help: &str) -> Problem {
        let failure = |code, help: &str| Failure::permanent(code, self.fragment(path)).hint(help);
        match &self {
            Unread::Io(error) => Problem::file(path, error),
            Unread::TooLarge { .. } => Problem::failure(Exit::Invalid, failure("backstop::load::too_large", help)),
            Unread::Endless => {
                let help = "Let whoever writes into it come to an end, or give a file.";
                Problem::failure(Exit::Invalid, failure("backstop::cli::endless_file", help))
            }
        }
    }
}

fn read_at_most(path: &Path, max: usize) -> Result<Vec<u8>, Unread> {
    let found = fs::metadata(path).map_err(Unread::Io)?;
    if found.is_file() && found.len() > max as u64 {
        return Err(Unread::TooLarge { bytes: Some(found.len()), max });
    }
    if found.is_file() || found.is_dir() {
        return whole(path, max);
    }
    // Opening a pipe without a writer, and reading one whose writer sleeps, may take for ever.
    let (sender, receiver) = mpsc::channel();
    let file = path.to_owned();
    let reader = thread::Builder::new().name("read".to_owned());
    reader.spawn(move || sender.send(whole(&file, max))).map_err(Unread::Io)?;
    receiver.recv_timeout(PATIENCE).unwrap_or(Err(Unread::Endless))
}

fn whole(path: &Path, max: usize) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    // What a device or /proc says of its size is not so.
    File::open(path).and_then(|file| file.take(max as u64 + 1).read_to_end(&mut bytes)).map_err(Unread::Io)?;
    if bytes.len() > max { Err(Unread::TooLarge { bytes: None, max }) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_is_read_up_to_the_bound() {
        #[cfg(unix)]
        assert!(matches!(read_at_most(Path::new("/dev/zero"), 1000), Err(Unread::TooLarge { bytes: None, max: 1000 })));
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "abc").unwrap();
        assert_eq!(read_at_most(file.path(), 3).ok().as_deref(), Some(&b"abc"[..]));
        assert!(matches!(read_at_most(file.path(), 2), Err(Unread::TooLarge { bytes: Some(3), max: 2 })));
        assert!(matches!(read_at_most(Path::new("/nowhere/at/all"), 2), Err(Unread::Io(_))));
    }

    #[test]
    fn dots_are_taken_out_of_paths() {
        assert_eq!(without_dots(Path::new("/a/./b/../c")), Path::new("/a/c"));
        assert_eq!(without_dots(Path::new("/../a")), Path::new("/a"));
    }
}
