//! The throwaway server itself.

use std::{
    fs,
    fs::File,
    io,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    account::ServerAccount,
    binaries::{self, BinaryLocations},
    directory::{Directory, random_word},
    keeper,
    sandbox_error::SandboxError,
};

/// The superuser.
const SUPERUSER: &str = "postgres";
/// The number in the socket's name where there is no TCP; the directory is ours alone.
const SOCKET_PORT: u16 = 5432;
const READY_TIMEOUT: Duration = Duration::from_secs(60);
const STOP_TIMEOUT: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(10);
/// Between choosing a free port and listening on it another process may take it.
const PORT_ATTEMPTS: usize = 3;
/// That much of a log is told.
const TOLD_LINES: usize = 12;

/// The data is thrown away anyway, so nothing waits for the disk.
const SETTINGS: [(&str, &str); 6] = [
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("unix_socket_permissions", "0700"),
    ("log_min_messages", "warning"),
    ("password_encryption", "scram-sha-256"),
];

/// Sockets are reachable only for the server's account and root, because the directory is; by TCP a password is asked for.
const ACCESS: &str = "local all all trust\nlocal replication all trust\n\
                      host all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n";

/// How a throwaway server can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ServerReach {
    /// By its socket only.
    #[default]
    Socket,
    /// Also by TCP on 127.0.0.1, on a free port, with a random password.
    SocketAndTcp,
}

/// What kind of server is wanted.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The directory with the binaries; looked for if none is named.
    pub bin: Option<PathBuf>,
    /// Settings of `postgresql.conf`, over the defaults.
    pub config: Vec<(String, String)>,
    /// How it can be reached.
    pub reach: ServerReach,
    /// What it is for: stands in `cluster_name`, which process lists show.
    pub label: String,
}

/// How to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Sessions are ended, the data is written.
    Fast,
    /// At once, as in a crash; the next start recovers.
    Immediate,
}

/// A throwaway PostgreSQL server. Dropping it stops the server and removes its files; so does the end of this process.
#[derive(Debug)]
pub struct Sandbox {
    bin: PathBuf,
    account: ServerAccount,
    reach: ServerReach,
    port: u16,
    password: String,
    server: Option<Child>,
    /// After `server`, so that files go last.
    directory: Directory,
}

impl Sandbox {
    /// Starts a server and waits until it is ready, about a second. Blocks; async code calls it through `spawn_blocking`.
    ///
    /// # Errors
    /// When there are no binaries, or one of them fails.
    pub fn start(options: &Options) -> Result<Self, SandboxError> {
        let account = ServerAccount::choose()?;
        let bin = binaries::find(&BinaryLocations::of_process(options.bin.as_deref()))?;
        let directory = Directory::new(account)?;
        let password = random_word()?;
        let mut sandbox =
            Sandbox { bin, account, reach: options.reach, port: SOCKET_PORT, password, server: None, directory };
        sandbox.initialize()?;
        sandbox.configure(options)?;
        sandbox.start_on_free_port()?;
        Ok(sandbox)
    }

    /// The superuser's way in by the socket.
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// The superuser's way into a database by the socket. The name must need no percent-encoding.
    pub fn url_of(&self, database: &str) -> String {
        let directory = self.directory.path().display();
        format!("postgresql://{SUPERUSER}@/{database}?host={directory}&port={}", self.port)
    }

    /// The superuser's way in by TCP, with the password; none where the server listens on its socket only.
    pub fn tcp_url(&self) -> Option<String> {
        (self.reach == ServerReach::SocketAndTcp)
            .then(|| format!("postgresql://{SUPERUSER}:{}@127.0.0.1:{}/postgres", self.password, self.port))
    }

    /// The directory with the binaries; client programs of the same version may stand there too.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    /// The directory with the data, the configuration files among it.
    pub fn data(&self) -> PathBuf {
        self.directory.data()
    }

    /// The directory with the socket.
    pub fn socket_directory(&self) -> &Path {
        self.directory.path()
    }

    /// The port; also the number in the socket's name.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The superuser's password, which is asked for by TCP.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The server's process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Child::id)
    }

    /// Gives a file, a certificate's key for instance, to the server's account.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn give(&self, file: &Path) -> Result<(), SandboxError> {
        self.account.give(file)
    }

    /// Makes an empty database and returns the way into it.
    ///
    /// # Errors
    /// When the server refuses, because there is one of that name for instance.
    pub async fn create_database(&self, name: &str) -> Result<String, SandboxError> {
        let failed = SandboxError::Statement;
        let (client, connection) = tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await.map_err(failed)?;
        let talking = tokio::spawn(connection);
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        let outcome = client.batch_execute(&format!("CREATE DATABASE {quoted} TEMPLATE template0")).await;
        drop(client);
        let _ = talking.await;
        outcome.map_err(failed)?;
        Ok(self.url_of(name))
    }

    /// Stops the server and keeps its files.
    ///
    /// # Errors
    /// When it can't be waited for.
    pub fn stop(&mut self, how: Stop) -> Result<(), SandboxError> {
        let Some(mut server) = self.server.take() else { return Ok(()) };
        let signal = match how {
            Stop::Fast => libc::SIGINT,
            Stop::Immediate => libc::SIGQUIT,
        };
        let failed = || SandboxError::system("stop the server");
        if ended(&mut server, signal).map_err(failed())?.is_none() {
            ended(&mut server, libc::SIGKILL).map_err(failed())?;
        }
        Ok(())
    }

    /// Stops the server if it runs, and starts it again on the same data, socket and port.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn restart(&mut self) -> Result<(), SandboxError> {
        self.stop(Stop::Fast)?;
        self.start_server()
    }

    fn initialize(&self) -> Result<(), SandboxError> {
        let secret = self.write("password", &self.password)?;
        let mut command = self.command("initdb");
        command
            .args(["--username", SUPERUSER, "--encoding", "UTF8", "--locale", "C", "--no-sync"])
            .args(["--auth", "scram-sha-256", "--pwfile"])
            .arg(&secret)
            .arg("--pgdata")
            .arg(self.directory.data());
        let log = self.directory.log();
        let child = self.spawn(command, &log)?;
        let status = waited(child).map_err(SandboxError::system("wait for `initdb`"))?;
        let _ = fs::remove_file(secret);
        if !status.success() {
            return Err(SandboxError::Program { program: "initdb", said: end_of(&log) });
        }
        Ok(())
    }

    fn configure(&self, options: &Options) -> Result<(), SandboxError> {
        let directory = self.directory.path().display().to_string();
        let label = if options.label.is_empty() { "backstop" } else { &options.label };
        let own = [("unix_socket_directories", directory.as_str()), ("cluster_name", label)];
        let chosen = options.config.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let lines: String = SETTINGS
            .into_iter()
            .chain(own)
            .chain(chosen)
            .map(|(name, value)| format!("{name} = '{}'\n", value.replace('\'', "''")))
            .collect();
        self.write("data/postgresql.auto.conf", &lines)?;
        self.write("data/pg_hba.conf", ACCESS)?;
        Ok(())
    }

    fn start_on_free_port(&mut self) -> Result<(), SandboxError> {
        if self.reach == ServerReach::Socket {
            return self.start_server();
        }
        let mut outcome = Ok(());
        for _ in 0..PORT_ATTEMPTS {
            self.port = free_port()?;
            outcome = self.start_server();
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    fn start_server(&mut self) -> Result<(), SandboxError> {
        let listen = match self.reach {
            ServerReach::Socket => "",
            ServerReach::SocketAndTcp => "127.0.0.1",
        };
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.directory.data()).args(["-p", &self.port.to_string(), "-h", listen]);
        let server = self.spawn(command, &self.directory.log())?;
        self.server = Some(server);
        let outcome = self.wait_until_ready();
        if outcome.is_err() {
            self.stop(Stop::Immediate)?;
        }
        outcome
    }

    fn wait_until_ready(&mut self) -> Result<(), SandboxError> {
        let since = Instant::now();
        while since.elapsed() < READY_TIMEOUT {
            let Some(server) = &mut self.server else { break };
            if is_ready(&self.directory.data(), server.id()) {
                return Ok(());
            }
            let over = server.try_wait().map_err(SandboxError::system("wait for the server"))?;
            if over.is_some() {
                self.server = None;
                return Err(SandboxError::Program { program: "postgres", said: end_of(&self.directory.log()) });
            }
            thread::sleep(POLL);
        }
        Err(SandboxError::NotReady { seconds: READY_TIMEOUT.as_secs(), said: end_of(&self.directory.log()) })
    }

    /// A program of PostgreSQL's, under the server's account and untouched by our environment.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.current_dir(self.directory.path()).env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin");
        self.account.run(&mut command);
        command
    }

    fn spawn(&self, mut command: Command, log: &Path) -> Result<Child, SandboxError> {
        let failed = |what: &str| SandboxError::system(format!("{what} {}", log.display()));
        let log = File::options().create(true).append(true).open(log).map_err(failed("write to"))?;
        let copy = log.try_clone().map_err(failed("write to"))?;
        command.stdin(Stdio::null()).stdout(log).stderr(copy);
        let program = command.get_program().display().to_string();
        keeper::spawn(command).map_err(SandboxError::system(format!("start {program}")))
    }

    /// Writes a file that belongs to the server's account.
    fn write(&self, name: &str, text: &str) -> Result<PathBuf, SandboxError> {
        let path = self.directory.path().join(name);
        fs::write(&path, text).map_err(SandboxError::system(format!("write {}", path.display())))?;
        self.account.give(&path)?;
        Ok(path)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // If it can't be stopped, the warden tries again.
        let _ = self.stop(Stop::Immediate);
    }
}

/// Whether the server of this process says that it is ready: the eighth line of its lock file, as `pg_ctl` reads it.
fn is_ready(data: &Path, pid: u32) -> bool {
    const PID: usize = 0;
    const STATUS: usize = 7;

    let Ok(text) = fs::read_to_string(data.join("postmaster.pid")) else { return false };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.get(STATUS) == Some(&"ready") && lines.get(PID).is_some_and(|line| **line == pid.to_string())
}

/// Sends a signal and waits; none if the process has not ended in time.
fn ended(process: &mut Child, signal: libc::c_int) -> io::Result<Option<ExitStatus>> {
    let Ok(pid) = libc::pid_t::try_from(process.id()) else { return process.try_wait() };
    if process.try_wait()?.is_none() {
        // SAFETY: the process is our child and not waited for yet, so that its number is not another's.
        unsafe { libc::kill(pid, signal) };
    }
    let since = Instant::now();
    while since.elapsed() < STOP_TIMEOUT {
        if let Some(status) = process.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(POLL);
    }
    Ok(None)
}

fn waited(mut process: Child) -> io::Result<ExitStatus> {
    process.wait()
}

fn free_port() -> Result<u16, SandboxError> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(SandboxError::system("find a free port"))
}

fn end_of(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.get(lines.len().saturating_sub(TOLD_LINES)..).unwrap_or_default().join("\n")
}
