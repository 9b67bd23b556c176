//! A git repository of one test's own.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::{Output, Program};

pub struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    /// With nothing in it.
    pub fn new() -> Self {
        let repository = Repository { folder: tempfile::tempdir().expect("a folder") };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Writes files and commits everything.
    pub fn commit(&self, files: &[(&str, &str)]) {
        for (name, text) in files {
            self.file(name, text);
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "x"]);
    }

    /// Runs git, and gives what it printed.
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.path())
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", self.path())
            .output()
            .expect("git runs");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs `backstop diff` in it.
    pub fn diff(&self, arguments: &[&str]) -> Output {
        Program::new().directory(self.path()).arguments(&["diff"]).arguments(arguments).run()
    }

    /// The JSON document of `backstop diff`, which must end with this code.
    pub fn document(&self, arguments: &[&str], code: i32) -> serde_json::Value {
        let output = self.diff(&[arguments, &["--format", "json"]].concat()).expect_code(code);
        let value: serde_json::Value =
            serde_json::from_str(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", output.stdout));
        let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/diff.schema.json");
        let schema = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
        assert_eq!(value["exit_code"], code);
        value
    }
}

/// `path subject field`, for each change of a document.
pub fn changes(document: &serde_json::Value) -> Vec<String> {
    let mut found = Vec::new();
    for plan in document["review"]["plans"].as_array().unwrap() {
        let path = plan["path"].as_str().unwrap();
        if plan["fate"] != "changed" {
            found.push(format!("{path} {}", plan["fate"].as_str().unwrap()));
            continue;
        }
        for change in plan["review"]["changes"].as_array().unwrap() {
            let subject = &change["subject"];
            let name = subject["name"].as_str().map(|name| format!(":{name}")).unwrap_or_default();
            let field = change["field"].as_str().unwrap_or(change["how"].as_str().unwrap());
            found.push(format!("{path} {}{name} {field}", subject["kind"].as_str().unwrap()));
        }
    }
    found
}
