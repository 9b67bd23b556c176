//! A stage for scripts: a folder of programs that write down how they were called, in place of the real ones.

use std::{
    env,
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Output},
};

use super::manifests::root;

/// A folder with programs, and with what a job of a pipeline has.
pub struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    pub fn new() -> Self {
        let stage = Stage { folder: tempfile::tempdir().unwrap() };
        for folder in ["bin", "temp", "work"] {
            fs::create_dir(stage.path(folder)).unwrap();
        }
        stage
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A program that writes its arguments into `calls`, one line a call, and then does this.
    pub fn program(&self, name: &str, then: &str) {
        let path = self.path("bin").join(name);
        let calls = self.path("calls");
        fs::write(&path, format!("#!/bin/sh\necho \"{name} $*\" >> '{}'\n{then}\n", calls.display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Our own program, under its name.
    pub fn real(&self) {
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_backstop"), self.path("bin/backstop")).unwrap();
    }

    /// How the programs were called.
    pub fn calls(&self) -> Vec<String> {
        fs::read_to_string(self.path("calls")).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Runs a script of the project.
    pub fn run<V: AsRef<OsStr>>(&self, script: &str, variables: &[(&str, V)]) -> Output {
        let path = format!("{}:{}", self.path("bin").display(), env::var("PATH").unwrap_or_default());
        Command::new("sh")
            .arg(root().join(script))
            .args((script.ends_with("comment.sh")).then(|| self.path("report.md")))
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.path("temp"))
            .env("RUNNER_TEMP", self.path("temp"))
            .env("GITHUB_PATH", self.path("github_path"))
            .env("GITHUB_STEP_SUMMARY", self.path("summary"))
            .env("GITHUB_REPOSITORY", "example/app")
            .env("PULL_REQUEST", "7")
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.path("work"))
            .output()
            .unwrap()
    }
}
