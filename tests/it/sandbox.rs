//! The throwaway server: it works, and leaves nothing behind.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use backstop::{
    postgres::connection::{ConnectOptions, connect},
    sandbox::{BinaryLocations, Options, Sandbox, ServerReach, Stop, find},
};

use crate::support::is_alive;

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn it_serves_and_then_is_gone() {
    let sandbox = Sandbox::start(&Options::default()).expect("a server");
    let (directory, pid) = (sandbox.socket_directory().to_owned(), sandbox.pid().expect("a process"));

    let options = ConnectOptions::from_url(&sandbox.url()).expect("its URL");
    let connection = connect(&options, "test").await.expect("a session");
    let row = connection.client.query_one("SELECT 40 + 2", &[]).await.expect("an answer");
    assert_eq!(row.get::<_, i32>(0), 42);
    let shop = sandbox.create_database("shop").await.expect("a database");
    let options = ConnectOptions::from_url(&shop).expect("the database's URL");
    connect(&options, "test").await.expect("a session in the new database");

    drop(sandbox);
    assert!(!directory.exists());
    assert!(!is_alive(pid));
    tokio::time::timeout(PATIENCE, connection.closed()).await.expect("the session notices").expect("the end is not ours");
}

#[tokio::test]
async fn it_can_be_stopped_and_started_again() {
    let options = Options { config: vec![("work_mem".into(), "7MB".into())], ..Options::default() };
    let mut sandbox = Sandbox::start(&options).expect("a server");
    sandbox.create_database("kept").await.expect("a database");
    for how in [Stop::Fast, Stop::Immediate] {
        let before = sandbox.pid();
        sandbox.stop(how).expect("it stops");
        assert_eq!(sandbox.pid(), None);
        sandbox.restart().expect("it starts again");
        assert_ne!(sandbox.pid(), before);
        let options = ConnectOptions::from_url(&sandbox.url_of("kept")).expect("its URL");
        let connection = connect(&options, "test").await.expect("a session");
        let row = connection.client.query_one("SHOW work_mem", &[]).await.expect("an answer");
        assert_eq!(row.get::<_, &str>(0), "7MB");
    }
}

#[tokio::test]
async fn by_tcp_it_asks_for_the_password() {
    let sandbox = Sandbox::start(&Options { reach: ServerReach::SocketAndTcp, ..Options::default() }).expect("a server");
    let url = sandbox.tcp_url().expect("a URL");
    connect(&ConnectOptions::from_url(&url).expect("its URL"), "test").await.expect("a session");

    let wrong = url.replace(sandbox.password(), "hunter2");
    let error = connect(&ConnectOptions::from_url(&wrong).expect("its URL"), "test").await.err().expect("a refusal");
    assert_eq!(error.code(), "backstop::connect::wrong_password");
}

#[test]
fn missing_binaries_are_told_with_the_command_that_gets_them() {
    let places = BinaryLocations { explicit: None, directories: vec![PathBuf::from("/nowhere")], as_root: false };
    let error = find(&places).expect_err("nothing is there");
    assert_eq!(error.code(), "backstop::sandbox::no_binaries");
    assert!(error.help().starts_with("Install them with `"), "{}", error.help());

    let named = Options { bin: Some(PathBuf::from("/nowhere")), ..Options::default() };
    let error = Sandbox::start(&named).expect_err("nothing is there");
    assert_eq!(error.code(), "backstop::sandbox::not_a_binary_directory");
}

#[test]
fn a_setting_that_the_server_refuses_is_told_with_its_log() {
    let options = Options { config: vec![("work_mem".into(), "plenty".into())], ..Options::default() };
    let error = Sandbox::start(&options).expect_err("the server refuses");
    assert_eq!(error.code(), "backstop::sandbox::program");
    assert!(error.to_string().contains("work_mem"), "{error}");
}

/// Started by the tests below as a process of its own: it holds a server until it is killed.
#[test]
fn holder() {
    let Some(report) = std::env::var_os("BACKSTOP_TEST_HOLDER") else { return };
    let sandbox = Sandbox::start(&Options::default()).expect("a server");
    let report = PathBuf::from(report);
    let unfinished = report.with_extension("unfinished");
    let text = format!("{}\n{}", sandbox.pid().expect("a process"), sandbox.socket_directory().display());
    fs::write(&unfinished, text).expect("the report");
    fs::rename(unfinished, report).expect("the report");
    std::thread::sleep(3 * PATIENCE);
}

#[test]
fn a_killed_owner_leaves_neither_server_nor_directory() {
    for signal in [libc::SIGKILL, libc::SIGINT, libc::SIGTERM] {
        let (mut owner, pid, directory) = hold(|command| command);
        assert!(is_alive(pid) && directory.exists());
        send(owner.id(), signal);
        owner.wait().expect("the owner ends");
        eventually("the server ends", || !is_alive(pid));
        eventually("the directory goes", || !directory.exists());
    }
}

#[test]
fn an_ordinary_user_gets_a_server_too() {
    // SAFETY: the call has no preconditions and can't fail.
    if unsafe { libc::geteuid() } != 0 {
        // Then every other test here is this one.
        return;
    }
    let nobody = 65_534;
    let (mut owner, pid, directory) = hold(|command| command.uid(nobody).gid(nobody));
    let facts = fs::metadata(&directory).expect("the directory");
    assert_eq!(std::os::unix::fs::MetadataExt::uid(&facts), nobody);
    send(owner.id(), libc::SIGKILL);
    owner.wait().expect("the owner ends");
    eventually("the server ends", || !is_alive(pid));
    eventually("the directory goes", || !directory.exists());
}

#[test]
fn what_killed_owners_left_is_swept_at_the_next_start() {
    let directory = PathBuf::from(format!("/tmp/backstop-pg-left-{}", std::process::id()));
    let others = PathBuf::from(format!("/tmp/backstop-pg-other-{}", std::process::id()));
    fs::create_dir_all(directory.join("data")).expect("a directory");
    fs::write(directory.join("backstop-sandbox"), "1\n").expect("a marker");
    fs::create_dir(&others).expect("a directory without a marker");

    let sandbox = Sandbox::start(&Options::default()).expect("a server");
    let second = Sandbox::start(&Options::default()).expect("a server");
    let (swept, spared) = (!directory.exists(), others.exists());
    fs::remove_dir(&others).expect("it is still there");
    assert!(swept && spared);
    assert!(sandbox.socket_directory().exists() && second.socket_directory().exists());
}

/// Starts a process that holds a server; returns it with the server's process and directory.
fn hold(prepare: impl FnOnce(&mut Command) -> &mut Command) -> (std::process::Child, u32, PathBuf) {
    let place = tempfile::tempdir().expect("a directory");
    open_to_all(place.path());
    // Another account may not be let through to where this program stands.
    let program = place.path().join("it");
    // By another process: a child that any other test starts meanwhile would hold a file open that was written here, and what is open for
    // writing can't be run.
    let copied = Command::new("cp").arg(std::env::current_exe().expect("this program")).arg(&program).status();
    assert!(copied.is_ok_and(|status| status.success()));
    let report = place.path().join("report");
    let mut command = Command::new(program);
    command
        .args(["--exact", "sandbox::holder"])
        .current_dir("/")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("BACKSTOP_TEST_HOLDER", &report)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(bin) = std::env::var_os("BACKSTOP_PG_BIN") {
        command.env("BACKSTOP_PG_BIN", bin);
    }
    let owner = prepare(&mut command).spawn().expect("the owner starts");
    eventually("the owner has its server", || report.exists());
    let text = fs::read_to_string(report).expect("the report");
    let (pid, directory) = text.split_once('\n').expect("two lines");
    (owner, pid.parse().expect("a number"), PathBuf::from(directory))
}

fn open_to_all(directory: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(directory, fs::Permissions::from_mode(0o777)).expect("permissions");
}

fn send(pid: u32, signal: libc::c_int) {
    let pid = libc::pid_t::try_from(pid).expect("a process number");
    // SAFETY: the process is our child and not waited for yet.
    assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
}

#[track_caller]
fn eventually(what: &str, condition: impl Fn() -> bool) {
    let since = Instant::now();
    while !condition() {
        assert!(since.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
