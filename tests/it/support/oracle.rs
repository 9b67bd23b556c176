//! PostgreSQL's own programs.

use std::{
    collections::BTreeMap,
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, OnceLock, PoisonError},
};

use super::server::server;

/// Runs a script with psql and returns what it prints, unaligned and without headers.
pub fn psql(url: &str, script: &str) -> Result<String, String> {
    let mut psql = Command::new(client_program("psql", 0))
        .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"])
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("psql starts");
    let mut input = psql.stdin.take().expect("psql's input");
    let script = script.to_owned();
    let writing = std::thread::spawn(move || input.write_all(script.as_bytes()));
    let output = psql.wait_with_output().expect("psql ends");
    // Where psql ended early, its error says more than the broken pipe.
    let _ = writing.join();
    if !output.status.success() {
        return Err(format!("psql: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// What `pg_dump --schema-only` prints, without comments, empty lines and the random key of `\restrict`.
pub fn pg_dump_schema(url: &str, options: &[&str]) -> String {
    let output = Command::new(pg_dump())
        // What bystanders make comes and goes.
        .args(["--schema-only", "-N", "bystanders", "-d", url])
        .args(options)
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .output()
        .expect("pg_dump starts");
    assert!(output.status.success(), "pg_dump: {}", String::from_utf8_lossy(&output.stderr));
    let kept = |line: &&str| !line.is_empty() && !line.starts_with("--") && !is_key(line);
    String::from_utf8_lossy(&output.stdout).lines().filter(kept).map(|line| format!("{line}\n")).collect()
}

/// The pg_dump that fits the server.
pub fn pg_dump() -> PathBuf {
    client_program("pg_dump", server_major())
}

fn is_key(line: &str) -> bool {
    line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ")
}

/// The server's major version.
pub fn server_major() -> u32 {
    static MAJOR: OnceLock<u32> = OnceLock::new();

    *MAJOR.get_or_init(|| {
        let number = psql(&server().url, "SHOW server_version_num").unwrap_or_else(|error| panic!("{error}"));
        number.parse::<u32>().expect("a version number") / 10_000
    })
}

/// A client program of at least this major version: pg_dump refuses newer servers. Looked for once.
pub fn client_program(name: &str, major: u32) -> PathBuf {
    static FOUND: Mutex<BTreeMap<(String, u32), PathBuf>> = Mutex::new(BTreeMap::new());

    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    let look = || {
        client_programs(name, major).next().unwrap_or_else(|| {
            panic!("the tests need `{name}` of version {major} or newer: run `sh tests/postgres.sh`, or install the distribution's postgresql-client")
        })
    };
    found.entry((name.to_owned(), major)).or_insert_with(look).clone()
}

/// All client programs of at least this major version.
pub fn client_programs(name: &str, major: u32) -> impl Iterator<Item = PathBuf> {
    let candidates = directories().into_iter().map(move |directory| directory.join(name));
    candidates.filter(move |path| major_of(path).is_some_and(|found| found >= major))
}

/// The server's own directory, then the path, then those of Debian's packages.
fn directories() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let packages = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path().join("bin")).collect::<Vec<_>>())
        .unwrap_or_default();
    server().bin.clone().into_iter().chain(env::split_paths(&path)).chain(packages).collect()
}

/// `pg_dump (PostgreSQL) 15.18 (Debian …)` → 15.
fn major_of(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
