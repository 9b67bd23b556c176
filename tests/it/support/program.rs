//! Our own program, run as people run it.

use std::{
    env,
    ffi::OsStr,
    fs::File,
    io::{Read, Write},
    os::fd::FromRawFd,
    path::Path,
    process::{Child, Command, Stdio},
};

/// How a run of the program ended.
#[derive(Debug)]
pub struct Output {
    /// The exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it printed beside.
    pub stderr: String,
}

impl Output {
    /// The same, after asserting the exit code.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// Runs the program in a clean environment and without input.
pub fn backstop<S: AsRef<OsStr>>(arguments: &[S]) -> Output {
    Program::new().arguments(arguments).run()
}

/// The program, about to be run. Of our environment it sees `PATH` alone, and an empty home directory.
pub struct Program {
    command: Command,
    home: tempfile::TempDir,
    input: Option<String>,
}

impl Program {
    /// Without arguments yet.
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a home directory");
        let mut command = Command::new(env!("CARGO_BIN_EXE_backstop"));
        command
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Program { command, home, input: None }
    }

    /// Adds arguments.
    pub fn arguments<S: AsRef<OsStr>>(mut self, arguments: &[S]) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets the working directory.
    pub fn directory(mut self, path: &Path) -> Self {
        self.command.current_dir(path);
        self
    }

    /// Sets what it reads from its input.
    pub fn input(mut self, text: &str) -> Self {
        self.command.stdin(Stdio::piped());
        self.input = Some(text.to_owned());
        self
    }

    /// Its home directory.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Starts it, for tests that send signals. Its home directory stays until the system's cleaning.
    pub fn spawn(mut self) -> Child {
        let child = self.command.spawn().expect("the program starts");
        let _ = self.home.keep();
        child
    }

    /// Runs it on a terminal on which somebody types this; returns its exit code and everything that it printed.
    pub fn on_terminal(mut self, typed: &str) -> (Option<i32>, String) {
        let (mut ours, theirs) = terminal();
        let end = |file: &File| Stdio::from(file.try_clone().expect("another handle"));
        self.command.stdin(end(&theirs)).stdout(end(&theirs)).stderr(end(&theirs));
        let mut child = self.command.spawn().expect("the program starts");
        // Once the program has ended, nobody else holds its end, and reading ours ends, too.
        drop((theirs, self.command));
        ours.write_all(typed.as_bytes()).expect("somebody types");
        let (mut printed, mut piece) = (Vec::new(), [0; 4096]);
        while let Ok(read @ 1..) = ours.read(&mut piece) {
            printed.extend_from_slice(&piece[..read]);
        }
        let status = child.wait().expect("the program ends");
        (status.code(), String::from_utf8_lossy(&printed).into_owned())
    }

    /// Runs it to its end.
    pub fn run(mut self) -> Output {
        let mut child = self.command.spawn().expect("the program starts");
        if let (Some(text), Some(mut pipe)) = (self.input.take(), child.stdin.take()) {
            // A program that ends without reading everything is no mistake of the test's.
            let _ = pipe.write_all(text.as_bytes());
        }
        let output = child.wait_with_output().expect("the program ends");
        Output {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Both ends of a terminal: ours, and the program's.
fn terminal() -> (File, File) {
    let (mut ours, mut theirs) = (-1, -1);
    let none = std::ptr::null_mut();
    // SAFETY: both descriptors are written where they are expected, and nobody else owns them then.
    unsafe {
        let made = libc::openpty(&raw mut ours, &raw mut theirs, none, none.cast(), none.cast());
        assert_eq!(made, 0, "no terminal could be made");
        (File::from_raw_fd(ours), File::from_raw_fd(theirs))
    }
}
