//! The one way in which operations read files: never without an end, and, where one looks at what strangers wrote, never from outside
//! of the repository.

use std::{
    env,
    fs::{self, File},
    io::{self, Read},
    path::{Component, Path, PathBuf},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use super::problem::{OperationProblem, ProblemKind};
use crate::{machine::Failure, plan::FILE_BYTES_MAX};

/// How long a file that is none (a pipe, a device) may take until its end.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most folders that are looked into on the way up.
const FOLDERS_MAX: usize = 64;

/// What may be read: anything, or what lies in some folders.
#[derive(Debug, Clone, Default)]
pub struct FileAccess {
    /// The folders and files that may be read from; anything where nothing is set.
    roots: Option<Arc<[PathBuf]>>,
}

impl FileAccess {
    /// Those of the repository around the working directory, those that are named outside of it, and what else is allowed. Where there
    /// is no repository of git's, the working directory and the folders of what is named stand for it.
    ///
    /// # Errors
    /// Where there is no working directory.
    pub fn confined<'p>(
        named: impl IntoIterator<Item = &'p PathBuf>,
        allowed: &[PathBuf],
    ) -> Result<Self, OperationProblem> {
        let here = env::current_dir().map_err(|error| OperationProblem::file(Path::new("."), &error))?;
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
        Ok(FileAccess { roots: Some(roots.into()) })
    }

    /// Reads a file of at most so many bytes as a plan may have.
    ///
    /// # Errors
    /// Why it can't be read.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, OperationProblem> {
        self.within_reach(path)?;
        read_at_most(path, FILE_BYTES_MAX)
            .map_err(|why| why.problem(path, "Move the SQL into files of its own (`sql_file:`), and data out of the plan."))
    }

    /// Reads a file that a plan names.
    ///
    /// # Errors
    /// Why it can't be read.
    pub fn read_named(&self, path: &Path) -> Result<Vec<u8>, OperationProblem> {
        self.within_reach(path)?;
        let help = "Divide it at the end of a statement into files of that size, each the `sql_file` of a step of its own; rows come from the \
                    server faster (generate_series, a staging table that psql's \\copy filled).";
        read_at_most(path, FILE_BYTES_MAX).map_err(|why| why.problem(path, help))
    }

    /// Reads a file that belongs to whoever runs the program: a secret, a key, a saved plan.
    ///
    /// # Errors
    /// Why it can't be read.
    pub fn read_own(&self, path: &Path, bytes_max: usize) -> Result<Vec<u8>, OperationProblem> {
        self.within_reach(path)?;
        read_at_most(path, bytes_max).map_err(|why| why.problem(path, "Give a file that is what it is asked for."))
    }

    /// Reads a file of text.
    ///
    /// # Errors
    /// Why it can't be read, a fragment.
    pub fn read_words(&self, path: &Path) -> Result<String, String> {
        let bytes = self.read_quietly(path)?;
        String::from_utf8(bytes).map_err(|_| format!("{}: it is no UTF-8", path.display()))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Why it can't be read, a fragment.
    pub fn read_quietly(&self, path: &Path) -> Result<Vec<u8>, String> {
        self.within_reach(path).map_err(|_| format!("{}: it leads out of the repository", path.display()))?;
        read_at_most(path, FILE_BYTES_MAX).map_err(|why| why.fragment(path))
    }

    /// Refuses what may not be read.
    fn within_reach(&self, path: &Path) -> Result<(), OperationProblem> {
        let Some(roots) = &self.roots else { return Ok(()) };
        // What is not there is told as such when it is read.
        let Some(real) = real(path) else { return Ok(()) };
        if roots.iter().any(|root| real.starts_with(root)) {
            return Ok(());
        }
        let message = format!("{}: it leads out of the repository", path.display());
        let help = "lint, render and diff read nothing outside of the repository, because strangers' changes are looked at by them. Move the \
                    file into the repository, or name its folder under `read_outside` in backstop.toml: what the commit says that \
                    `--base` names is allowed.";
        let failure = Failure::permanent("backstop::cli::outside_repository", message).hint(help);
        Err(OperationProblem::failure(ProblemKind::Invalid, failure))
    }
}

/// The folder around a path that holds git's own.
fn top(folder: &Path) -> Option<&Path> {
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
enum FileReadError {
    Io(io::Error),
    TooLarge { bytes: Option<u64>, max: usize },
    Endless,
}

impl FileReadError {
    fn fragment(&self, path: &Path) -> String {
        let path = path.display();
        match self {
            FileReadError::Io(error) => format!("{path}: {error}"),
            FileReadError::TooLarge { bytes: Some(bytes), max } => {
                format!("{path}: {bytes} bytes are more than the {max} that a file may have")
            }
            FileReadError::TooLarge { bytes: None, max } => {
                format!("{path}: it has more than the {max} bytes that a file may have")
            }
            FileReadError::Endless => format!("{path}: it is no file, and came to no end within {} s", PATIENCE.as_secs()),
        }
    }

    fn problem(self, path: &Path, help: &str) -> OperationProblem {
        let failure = |code, help: &str| Failure::permanent(code, self.fragment(path)).hint(help);
        match &self {
            FileReadError::Io(error) => OperationProblem::file(path, error),
            FileReadError::TooLarge { .. } => {
                OperationProblem::failure(ProblemKind::Invalid, failure("backstop::load::too_large", help))
            }
            FileReadError::Endless => {
                let help = "Let whoever writes into it come to an end, or give a file.";
                OperationProblem::failure(ProblemKind::Invalid, failure("backstop::cli::endless_file", help))
            }
        }
    }
}

fn read_at_most(path: &Path, max: usize) -> Result<Vec<u8>, FileReadError> {
    let found = fs::metadata(path).map_err(FileReadError::Io)?;
    if found.is_file() && found.len() > max as u64 {
        return Err(FileReadError::TooLarge { bytes: Some(found.len()), max });
    }
    if found.is_file() || found.is_dir() {
        return whole(path, max);
    }
    // Opening a pipe without a writer, and reading one whose writer sleeps, may take for ever.
    let (sender, receiver) = mpsc::channel();
    let file = path.to_owned();
    let reader = thread::Builder::new().name("read".to_owned());
    reader.spawn(move || sender.send(whole(&file, max))).map_err(FileReadError::Io)?;
    receiver.recv_timeout(PATIENCE).unwrap_or(Err(FileReadError::Endless))
}

fn whole(path: &Path, max: usize) -> Result<Vec<u8>, FileReadError> {
    let mut bytes = Vec::new();
    // What a device or /proc says of its size is not so.
    File::open(path).and_then(|file| file.take(max as u64 + 1).read_to_end(&mut bytes)).map_err(FileReadError::Io)?;
    if bytes.len() > max { Err(FileReadError::TooLarge { bytes: None, max }) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_is_read_up_to_the_bound() {
        #[cfg(unix)]
        assert!(matches!(
            read_at_most(Path::new("/dev/zero"), 1000),
            Err(FileReadError::TooLarge { bytes: None, max: 1000 })
        ));
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "abc").unwrap();
        assert_eq!(read_at_most(file.path(), 3).ok().as_deref(), Some(&b"abc"[..]));
        assert!(matches!(read_at_most(file.path(), 2), Err(FileReadError::TooLarge { bytes: Some(3), max: 2 })));
        assert!(matches!(read_at_most(Path::new("/nowhere/at/all"), 2), Err(FileReadError::Io(_))));
    }

    #[test]
    fn what_is_confined_confines_nobody_else() {
        let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let [file, other] = [&inside, &outside].map(|folder| folder.path().join("a"));
        fs::write(&file, "abc").unwrap();
        fs::write(&other, "abc").unwrap();
        let confined = FileAccess::confined([&file], &[]).unwrap();
        assert_eq!(confined.read_words(&file).as_deref(), Ok("abc"));
        assert!(confined.read_words(&other).unwrap_err().contains("leads out of the repository"));
        assert_eq!(FileAccess::default().read_words(&other).as_deref(), Ok("abc"));
    }

    #[test]
    fn dots_are_taken_out_of_paths() {
        assert_eq!(without_dots(Path::new("/a/./b/../c")), Path::new("/a/c"));
        assert_eq!(without_dots(Path::new("/../a")), Path::new("/a"));
    }
}
