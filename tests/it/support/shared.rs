//! One server for all processes of a run of nextest, which gives every test a process of its own.
//!
//! The first process starts another one of this program, which holds the server until nextest itself has ended.

use std::{
    env, fs,
    fs::File,
    os::unix::process::{CommandExt, parent_id},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    process::is_alive,
    server::{Server, start},
};

/// Tells the holder where to report, and whose end to wait for.
const REPORT: &str = "BACKSTOP_TEST_SHARED_REPORT";
const RUNNER: &str = "BACKSTOP_TEST_SHARED_RUNNER";
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);
/// By then the runner's number is another's.
const LONGEST_RUN: Duration = Duration::from_secs(6 * 60 * 60);

/// The server of a run of nextest.
#[expect(clippy::zombie_processes, reason = "the holder outlives this process, whose end makes it another one's child")]
pub(super) fn server(run: &str) -> Server {
    let directory = env::temp_dir().join(format!("backstop-tests-{run}"));
    fs::create_dir_all(&directory).expect("a directory for this run");
    let report = directory.join("report");
    {
        // One of them starts the holder, the others wait for it here.
        let lock = File::create(directory.join("lock")).expect("a lock");
        lock.lock().expect("the lock");
        if !report.exists() {
            let mut holder = spawn_holder(&report);
            let since = Instant::now();
            while !report.exists() {
                let ended = holder.try_wait().expect("the holder");
                assert!(ended.is_none() && since.elapsed() < PATIENCE, "the shared server did not start: {ended:?}");
                thread::sleep(POLL);
            }
        }
    }
    let text = fs::read_to_string(&report).expect("the holder's report");
    match text.split_once('\n') {
        Some((url, bin)) => Server { url: url.to_owned(), bin: Some(PathBuf::from(bin)) },
        // It could not start one; trying it here tells why.
        None => panic!("the shared server did not start: {}", start().0.url),
    }
}

fn spawn_holder(report: &Path) -> Child {
    Command::new(env::current_exe().expect("this program"))
        .args(["--exact", "support::shared::holder"])
        .env(REPORT, report)
        .env(RUNNER, parent_id().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("the holder starts")
}

/// No test: the process that holds the server. In any other it does nothing.
#[test]
fn holder() {
    let (Ok(report), Ok(runner)) = (env::var(REPORT), env::var(RUNNER)) else { return };
    let report = PathBuf::from(report);
    let directory = report.parent().expect("its directory").to_owned();
    let started = std::panic::catch_unwind(start);
    let text = match &started {
        Ok((server, _)) => format!("{}\n{}", server.url, server.bin.clone().unwrap_or_default().display()),
        Err(_) => String::new(),
    };
    let unfinished = report.with_extension("unfinished");
    fs::write(&unfinished, text).expect("the report");
    fs::rename(unfinished, &report).expect("the report");

    let runner = runner.parse().expect("a process number");
    let since = Instant::now();
    while is_alive(runner) && since.elapsed() < LONGEST_RUN {
        thread::sleep(POLL);
    }
    drop(started);
    let _ = fs::remove_dir_all(directory);
}
