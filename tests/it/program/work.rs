//! A folder with plans, and the program run on them.

use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use crate::support::{Output, Program, TestDatabase, psql};

/// How long something may take on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(120);

/// A folder of one test's own.
pub struct Work {
    folder: tempfile::TempDir,
}

impl Work {
    pub fn new() -> Self {
        Work { folder: tempfile::tempdir().expect("a folder") }
    }

    /// Writes a file and gives its path.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Where a file of that name stands, or would.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Applies a plan, which is written to a file first.
    pub fn apply(&self, database: &TestDatabase, plan: &str) -> Output {
        self.apply_with(database, plan, &[])
    }

    /// The same with more arguments.
    pub fn apply_with(&self, database: &TestDatabase, plan: &str, more: &[&str]) -> Output {
        let path = self.file("plan.yaml", plan);
        let mut arguments = vec!["apply", path.to_str().unwrap(), "--database-url", &database.url];
        arguments.extend(more);
        Program::new().arguments(&arguments).run()
    }
}

/// Runs a command on a database.
pub fn run(database: &TestDatabase, arguments: &[&str]) -> Output {
    Program::new().arguments(arguments).arguments(&["--database-url", &database.url]).run()
}

/// What a test holds against what comes back: structure, and the rows of the tables.
pub fn state(database: &TestDatabase, tables: &[&str]) -> (String, Vec<String>) {
    let rows = tables.iter().map(|table| format!("{table} {}", database.rows(table))).collect();
    (database.dump_others_schema(), rows)
}

/// Waits until the query counts something.
pub fn until(database: &TestDatabase, query: &str) {
    let deadline = Instant::now() + PATIENCE;
    while database.one(query) == "0" {
        assert!(Instant::now() < deadline, "it never came to: {query}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until another session of the database runs a statement that has this in its text, which holds no quote.
pub fn until_runs(database: &TestDatabase, text: &str) {
    until(
        database,
        &format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
             AND strpos(query, '{text}') > 0 AND pid <> pg_backend_pid()"
        ),
    );
}

/// The same at a place that is no test's own database.
pub fn until_at(url: &str, query: &str) {
    let since = Instant::now();
    while psql(url, query).unwrap() == "0" {
        assert!(since.elapsed() < PATIENCE, "it never came to: {query}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Sends a signal, by its short name, to a process.
pub fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status().expect("kill runs");
    assert!(status.success(), "SIG{name} could not be sent to {pid}");
}
