//! The directory of a throwaway server: made, watched, removed.

use std::{
    env, fs,
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use super::{account::ServerAccount, keeper, sandbox_error::SandboxError};

const PREFIX: &str = "backstop-pg-";
/// Says that a directory is ours; locked as long as its owner lives.
const MARKER: &str = "backstop-sandbox";
/// Paths of sockets must stay below 108 bytes; this leaves room for our directory's and the socket's name.
const PARENT_BYTES: usize = 60;

/// The directory of a throwaway server, removed when dropped or when this process ends.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    /// Its lock is what keeps others from sweeping the directory away.
    _marker: File,
    warden: Warden,
}

/// The process that cleans up when we can't.
#[derive(Debug)]
struct Warden {
    process: Child,
    pipe: Option<ChildStdin>,
}

impl Directory {
    /// Makes a new one, after removing those whose owners are gone.
    pub fn new(account: ServerAccount) -> Result<Self, SandboxError> {
        let parent = parent(account);
        sweep(&parent, account);
        let path = parent.join(format!("{PREFIX}{}", random_word()?));
        let failed = |what: &str| SandboxError::system(format!("{what} {}", path.display()));
        DirBuilder::new().mode(0o700).create(&path).map_err(failed("make the directory"))?;
        let marker = marked(&path).map_err(failed("mark the directory"))?;
        let warden = match Warden::watch(&path) {
            Ok(warden) => warden,
            Err(error) => {
                let _ = fs::remove_dir_all(&path);
                return Err(failed("watch over the directory")(error));
            }
        };
        let directory = Directory { path, _marker: marker, warden };
        account.give(&directory.path)?;
        Ok(directory)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The server's data.
    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// The server's log.
    pub fn log(&self) -> PathBuf {
        self.path.join("server.log")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // Only when nothing is left for it to do may the warden go.
        if fs::remove_dir_all(&self.path).is_ok() {
            self.warden.dismiss();
        } else {
            self.warden.leave_alone();
        }
    }
}

impl Warden {
    fn watch(directory: &Path) -> io::Result<Self> {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", include_str!("warden.sh"), "backstop-warden"])
            .arg(directory)
            .current_dir("/")
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut process = keeper::spawn_lasting(command)?;
        let pipe = process.stdin.take();
        Ok(Warden { process, pipe })
    }

    fn dismiss(&mut self) {
        if let Some(mut pipe) = self.pipe.take() {
            let _ = pipe.write_all(b"done\n");
        }
        let _ = self.process.wait();
    }

    /// Closes the pipe without a word, so that the warden does what we could not.
    fn leave_alone(&mut self) {
        self.pipe = None;
        let _ = self.process.wait();
    }
}

/// The directory for temporary files, or /tmp where that one is too long or out of the server's reach.
fn parent(account: ServerAccount) -> PathBuf {
    let usual = env::temp_dir();
    if usual.as_os_str().len() <= PARENT_BYTES && usual.is_absolute() && account.reaches(&usual) {
        usual
    } else {
        PathBuf::from("/tmp")
    }
}

/// Writes the marker and locks it. The lock goes with this process, whatever ends it. The marker gets its name only when it is
/// locked, so that nobody takes a new directory for an abandoned one.
fn marked(directory: &Path) -> io::Result<File> {
    let unnamed = directory.join(".marker");
    let mut marker = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unnamed)?;
    writeln!(marker, "{}", std::process::id())?;
    marker.lock()?;
    fs::rename(unnamed, directory.join(MARKER))?;
    Ok(marker)
}

/// Removes directories whose owners were killed before they could. No process is ended here: what a directory in a place open
/// to all says about processes can't be trusted. One whose server still runs is left for the next time.
fn sweep(parent: &Path, account: ServerAccount) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.filter_map(Result::ok) {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        if ours && is_abandoned(&entry.path(), account) {
            // Another process may be sweeping the same one.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_abandoned(directory: &Path, account: ServerAccount) -> bool {
    let Ok(facts) = fs::symlink_metadata(directory) else { return false };
    // SAFETY: the call has no preconditions and can't fail.
    let me = unsafe { libc::geteuid() };
    if !facts.is_dir() || (facts.uid() != account.uid() && facts.uid() != me) {
        return false;
    }
    let Ok(marker) = OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW).open(directory.join(MARKER)) else {
        return false;
    };
    // A marker that can be locked has no living owner.
    marker.try_lock().is_ok() && !has_running_server(directory)
}

fn has_running_server(directory: &Path) -> bool {
    let pid = fs::read_to_string(directory.join("data/postmaster.pid"))
        .ok()
        .and_then(|text| text.lines().next()?.trim().parse::<libc::pid_t>().ok())
        .filter(|&pid| pid > 0);
    // SAFETY: signal 0 only asks whether the process exists.
    pid.is_some_and(|pid| unsafe { libc::kill(pid, 0) } == 0)
}

/// A word that nobody can guess, 32 hexadecimal digits.
pub(super) fn random_word() -> Result<String, SandboxError> {
    let mut bytes = [0_u8; 16];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(SandboxError::system("read random numbers"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
