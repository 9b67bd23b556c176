//! A streaming replica of a throwaway server.

use std::{
    fs,
    os::unix::{fs::MetadataExt, fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use backstop::sandbox::{Sandbox, Stop};

use super::psql;

const PATIENCE: Duration = Duration::from_secs(60);
const PORT: u16 = 5432;
const SETTINGS: &str = "postgresql.auto.conf";

/// A replica, with a socket of its own; stopped and removed when dropped.
pub struct Replica {
    bin: PathBuf,
    owner: (u32, u32),
    folder: tempfile::TempDir,
    server: Option<Child>,
}

impl Replica {
    /// Copies the primary, which stands still for that, and starts to follow it.
    pub fn of(primary: &mut Sandbox) -> Self {
        let owner = fs::metadata(primary.data()).expect("the primary's data");
        // The path of a socket has a short bound.
        let folder = tempfile::Builder::new().prefix("bsr").tempdir_in("/tmp").expect("a folder");
        let owner = (owner.uid(), owner.gid());
        chown(folder.path(), Some(owner.0), Some(owner.1)).expect("the folder is the server's");
        let mut replica = Replica { bin: primary.bin().to_owned(), owner, folder, server: None };
        primary.stop(Stop::Fast).expect("the primary stops");
        let copied = Command::new("cp").arg("-a").args([primary.data(), replica.data()]).status().expect("cp runs");
        assert!(copied.success(), "cp: {copied}");
        primary.restart().expect("the primary starts again");
        replica.write("standby.signal", "");
        let socket = primary.socket_directory().display();
        let way = format!("primary_conninfo = 'host={socket} port={} user=postgres'\n", primary.port());
        let settings = fs::read_to_string(replica.data().join(SETTINGS)).expect("the primary's settings");
        replica.write(SETTINGS, &(settings + &way));
        replica.start();
        replica
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.data().join(name);
        fs::write(&path, text).expect("a file of the replica's");
        chown(&path, Some(self.owner.0), Some(self.owner.1)).expect("the file is the server's");
    }

    /// The directory with its socket.
    pub fn socket_directory(&self) -> &Path {
        self.folder.path()
    }

    /// The superuser's way into a database.
    pub fn url_of(&self, database: &str) -> String {
        format!("postgresql://postgres@/{database}?host={}&port={PORT}", self.folder.path().display())
    }

    /// Starts it, as a replica or, once promoted, as a primary.
    pub fn start(&mut self) {
        let mut command = self.command("postgres");
        command.args(["-p", &PORT.to_string(), "-h", "", "-k"]).arg(self.folder.path()).arg("-D").arg(self.data());
        self.server = Some(command.spawn().expect("the replica starts"));
        let since = Instant::now();
        while psql(&self.url_of("postgres"), "SELECT 1").is_err() {
            assert!(since.elapsed() < PATIENCE, "the replica does not answer");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Stops it.
    pub fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // SAFETY: the process is our child and not waited for yet, so that its number is not another's.
        unsafe { libc::kill(libc::pid_t::try_from(server.id()).unwrap(), libc::SIGINT) };
        server.wait().expect("the replica ends");
    }

    /// Makes it a primary.
    pub fn promote(&self) {
        psql(&self.url_of("postgres"), "SELECT pg_promote()").unwrap();
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // SAFETY: the call has no preconditions and can't fail.
        if unsafe { libc::geteuid() } == 0 {
            command.uid(self.owner.0).gid(self.owner.1);
        }
        command
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.stop();
    }
}
