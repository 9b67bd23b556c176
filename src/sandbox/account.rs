//! The account that the server runs under.

use std::{
    ffi::CString,
    fs,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::Command,
};

use super::sandbox_error::SandboxError;

/// The account that the server runs under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerAccount {
    /// This process's own.
    Own { uid: u32 },
    /// Another one, because this process is root, as which PostgreSQL refuses to run.
    Other {
        uid: u32,
        /// Its first group's.
        gid: u32,
    },
}

impl ServerAccount {
    /// Who to run the server as. `initdb` wants an account that the system knows by name.
    pub fn choose() -> Result<Self, SandboxError> {
        // SAFETY: the call has no preconditions and can't fail.
        let uid = unsafe { libc::geteuid() };
        if uid != 0 {
            return Ok(ServerAccount::Own { uid });
        }
        ["postgres", "nobody"].into_iter().find_map(ServerAccount::named).ok_or(SandboxError::NoAccount)
    }

    fn named(name: &str) -> Option<Self> {
        const ENTRY_BYTES: usize = 64 * 1024;

        let name = CString::new(name).ok()?;
        let mut buffer = vec![0_u8; ENTRY_BYTES];
        // SAFETY: `passwd` is plain old data, for which all zeroes are a value.
        let mut entry: libc::passwd = unsafe { std::mem::zeroed() };
        let mut found: *mut libc::passwd = std::ptr::null_mut();
        // SAFETY: all pointers stand for live values, and the length is the buffer's.
        let status =
            unsafe { libc::getpwnam_r(name.as_ptr(), &mut entry, buffer.as_mut_ptr().cast(), buffer.len(), &mut found) };
        (status == 0 && !found.is_null()).then_some(ServerAccount::Other { uid: entry.pw_uid, gid: entry.pw_gid })
    }

    /// Who must own the data directory.
    pub fn uid(self) -> u32 {
        match self {
            ServerAccount::Own { uid } | ServerAccount::Other { uid, .. } => uid,
        }
    }

    /// Makes a command run under it. The standard library then drops root's other groups too.
    pub fn run(self, command: &mut Command) {
        if let ServerAccount::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
    }

    /// Gives it a file or directory.
    pub fn give(self, path: &Path) -> Result<(), SandboxError> {
        match self {
            ServerAccount::Own { .. } => Ok(()),
            ServerAccount::Other { uid, gid } => chown(path, Some(uid), Some(gid))
                .map_err(SandboxError::system(format!("give {} to the server's account", path.display()))),
        }
    }

    /// Whether it gets to a directory: another account than root's must be let through everywhere above, which it is not in
    /// /root.
    pub fn reaches(self, directory: &Path) -> bool {
        let ServerAccount::Other { uid, gid } = self else { return true };
        let passes = |path: &Path| {
            fs::metadata(path).is_ok_and(|facts| {
                let mode = facts.mode();
                let needed = if facts.uid() == uid {
                    0o100
                } else if facts.gid() == gid {
                    0o010
                } else {
                    0o001
                };
                mode & needed != 0
            })
        };
        directory.ancestors().filter(|path| !path.as_os_str().is_empty()).all(passes)
    }
}
