//! The real pgbouncer between a client and the tests' server.

use std::{
    env, fs,
    net::{TcpListener, TcpStream},
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::TestDatabase;

const READY_WITHIN: Duration = Duration::from_secs(20);

/// A pooler in front of one database; stopped when dropped.
pub struct Pgbouncer {
    process: Child,
    port: u16,
    database: String,
    _folder: tempfile::TempDir,
}

impl Pgbouncer {
    /// Starts one in this `pool_mode`.
    pub fn start(database: &TestDatabase, mode: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = database.one("SHOW data_directory");
        let owner = fs::metadata(&data).expect("the server's data");
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let configuration = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n{name} = host={socket} port={server} dbname={name} user={user}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = {mode}\nmax_client_conn = 200\ndefault_pool_size = 20\n",
            name = database.name,
            socket = database.one("SHOW unix_socket_directories").split(',').next().unwrap().trim(),
            server = database.one("SHOW port"),
            user = database.one("SELECT current_user"),
        );
        fs::write(&configuration, text).unwrap();
        let mut command = Command::new(program());
        command.arg("-q").arg(&configuration).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if is_root() {
            // It refuses to run as root, and only the server's account gets to the server's socket.
            std::os::unix::fs::chown(folder.path(), Some(owner.uid()), Some(owner.gid())).unwrap();
            command.uid(owner.uid()).gid(owner.gid());
        }
        let process = command.spawn().expect("pgbouncer starts");
        let mut pgbouncer = Pgbouncer { process, port, database: database.name.clone(), _folder: folder };
        pgbouncer.wait();
        pgbouncer
    }

    /// The way into the database through it.
    pub fn url(&self) -> String {
        format!("postgresql://somebody@127.0.0.1:{}/{}?sslmode=disable", self.port, self.database)
    }

    fn wait(&mut self) {
        let since = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none() && since.elapsed() < READY_WITHIN, "pgbouncer does not answer: {ended:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Pgbouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let places = env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"].map(PathBuf::from));
    places.map(|place| place.join("pgbouncer")).find(|program| Path::exists(program)).unwrap_or_else(|| {
        panic!("this test needs pgbouncer: run `sh tests/pgbouncer.sh` as root, or install your distribution's package")
    })
}

fn is_root() -> bool {
    // SAFETY: the call has no preconditions and can't fail.
    unsafe { libc::geteuid() == 0 }
}
