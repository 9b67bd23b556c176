//! What a connection takes from its surroundings, as a value, so that tests can give another.

use std::{collections::BTreeMap, path::PathBuf};

/// Where packages put the server's socket: Debian and Red Hat, then PostgreSQL's own default.
const SOCKET_DIRECTORIES: [&str; 3] = ["/var/run/postgresql", "/run/postgresql", "/tmp"];

/// Where packages look for the system-wide service file: PostgreSQL's `sysconfdir` on Debian, on Red Hat, when built by hand.
const CONFIGURATION_DIRECTORIES: [&str; 4] =
    ["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/etc", "/usr/local/pgsql/etc"];

/// Where operating systems keep the authorities that they trust: Debian, Red Hat, SUSE, Alpine and macOS, FreeBSD.
const AUTHORITIES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// What a connection takes from its surroundings.
#[derive(Debug, Clone, Default)]
pub struct ConnectionEnvironment {
    /// Environment variables whose names begin with `PG`.
    pub variables: BTreeMap<String, String>,
    /// The user's home directory: `.pgpass`, `.pg_service.conf` and `.postgresql/` stand there.
    pub home: Option<PathBuf>,
    /// The operating system's name of the user: the default role.
    pub os_user: Option<String>,
    /// Directories in which a server's socket is looked for when no host is given.
    pub socket_directories: Vec<PathBuf>,
    /// Directories in which a system-wide `pg_service.conf` is looked for.
    pub configuration_directories: Vec<PathBuf>,
    /// Files in which the operating system's authorities are looked for (`sslrootcert=system`).
    pub authorities: Vec<PathBuf>,
}

impl ConnectionEnvironment {
    /// The surroundings of this process.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with("PG"))
            .collect();
        let account = OsAccount::of_process();
        let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        ConnectionEnvironment {
            variables,
            home: home.or(account.home),
            os_user: account.name,
            socket_directories: SOCKET_DIRECTORIES.map(PathBuf::from).to_vec(),
            configuration_directories: CONFIGURATION_DIRECTORIES.map(PathBuf::from).to_vec(),
            // The variable by which OpenSSL, and so libpq, lets people name another bundle.
            authorities: match std::env::var_os("SSL_CERT_FILE") {
                Some(file) if !file.is_empty() => vec![PathBuf::from(file)],
                _ => AUTHORITIES.map(PathBuf::from).to_vec(),
            },
        }
    }

    /// The same with a variable set.
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A variable's value; an empty one counts as not set, because many pipelines can't unset.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// The account that this process runs under.
#[derive(Default)]
struct OsAccount {
    name: Option<String>,
    home: Option<PathBuf>,
}

#[cfg(unix)]
impl OsAccount {
    /// libpq asks the password database for the *effective* user, never `$USER`.
    fn of_process() -> Self {
        use std::ffi::{CStr, OsStr};
        use std::os::unix::ffi::OsStrExt;

        /// Longer entries than this are not met outside of attacks; the account then counts as unknown.
        const ENTRY_BYTES: usize = 64 * 1024;

        let mut buffer = vec![0_u8; ENTRY_BYTES];
        // SAFETY: `passwd` is plain old data, for which all zeroes are a value.
        let mut entry: libc::passwd = unsafe { std::mem::zeroed() };
        let mut found: *mut libc::passwd = std::ptr::null_mut();
        // SAFETY: all pointers stand for live values, and the length is the buffer's.
        let status =
            unsafe { libc::getpwuid_r(libc::geteuid(), &mut entry, buffer.as_mut_ptr().cast(), buffer.len(), &mut found) };
        if status != 0 || found.is_null() {
            return OsAccount::default();
        }
        // SAFETY: on success both fields point to terminated strings inside of `buffer`, which is still alive.
        let (name, home) = unsafe { (CStr::from_ptr(entry.pw_name), CStr::from_ptr(entry.pw_dir)) };
        OsAccount {
            name: name.to_str().ok().map(str::to_owned),
            home: Some(PathBuf::from(OsStr::from_bytes(home.to_bytes()))),
        }
    }
}

#[cfg(not(unix))]
impl OsAccount {
    fn of_process() -> Self {
        OsAccount { name: std::env::var("USERNAME").ok(), home: std::env::var_os("USERPROFILE").map(PathBuf::from) }
    }
}
