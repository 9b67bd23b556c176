//! Where the server's binaries are.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{account::ServerAccount, sandbox_error::SandboxError};

/// Names one directory, before all others.
const VARIABLE: &str = "BACKSTOP_PG_BIN";
/// `cache` leaves everything but our own cache out of account, so that it can be tried on a machine that has PostgreSQL.
const SEARCH_VARIABLE: &str = "BACKSTOP_PG_SEARCH";
/// Where root keeps downloaded binaries: the server's account must get there.
const ROOT_CACHE: &str = "/var/cache/backstop/postgresql";

/// Directories of packages, as parent, beginning of the version's directory, and the way on from there.
const PACKAGES: [(&str, &str, &str); 8] = [
    // Debian, Ubuntu
    ("/usr/lib/postgresql", "", "bin"),
    // Red Hat with PostgreSQL's own packages
    ("/usr", "pgsql-", "bin"),
    // Alpine
    ("/usr/libexec", "postgresql", ""),
    // Homebrew
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    // Postgres.app
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    // SUSE
    ("/usr/lib", "postgresql", "bin"),
];

/// Where binaries are looked for.
#[derive(Debug, Clone, Default)]
pub struct BinaryLocations {
    /// Named by a person; nothing else is looked at then.
    pub explicit: Option<PathBuf>,
    /// Directories, in order.
    pub directories: Vec<PathBuf>,
    /// Whether this process is root; the command that installs binaries depends on it.
    pub as_root: bool,
}

impl BinaryLocations {
    /// The usual places on this machine, after the one that is named in the options or in `BACKSTOP_PG_BIN`.
    pub fn of_process(named: Option<&Path>) -> Self {
        let variable = env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        // SAFETY: the call has no preconditions and can't fail.
        let as_root = unsafe { libc::geteuid() } == 0;
        let cache_only = env::var_os(SEARCH_VARIABLE).is_some_and(|value| value == "cache");
        let mut directories = Vec::new();
        if !cache_only {
            directories.extend(told_by_pg_config());
            directories.extend(on_path());
            directories.extend(PACKAGES.iter().flat_map(|(parent, start, rest)| {
                newest_first(Path::new(parent), start).into_iter().map(|version| version.join(rest)).collect::<Vec<_>>()
            }));
        }
        directories
            .extend(cache(as_root).iter().flat_map(|cache| newest_first(cache, "")).map(|version| version.join("bin")));
        BinaryLocations { explicit: named.map(Path::to_owned).or(variable), directories, as_root }
    }
}

/// The first directory with the server's binaries that its account can reach.
///
/// # Errors
/// When there is none; help then names the one command that gets them.
pub fn find(places: &BinaryLocations) -> Result<PathBuf, SandboxError> {
    let account = ServerAccount::choose()?;
    if let Some(path) = &places.explicit {
        return match problem(path, account) {
            None => Ok(path.clone()),
            Some(problem) => Err(SandboxError::NotABinaryDirectory { path: path.clone(), problem }),
        };
    }
    match places.directories.iter().find(|directory| problem(directory, account).is_none()) {
        Some(directory) => Ok(directory.clone()),
        None => {
            Err(SandboxError::NoBinaries { looked_at: places.directories.clone(), command: install_command(places.as_root) })
        }
    }
}

fn problem(directory: &Path, account: ServerAccount) -> Option<String> {
    if let Some(missing) = ["postgres", "initdb"].into_iter().find(|name| !is_program(&directory.join(name))) {
        return Some(format!("there is no program `{missing}`"));
    }
    (!account.reaches(directory)).then(|| "the account that runs the server can't reach it".to_owned())
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0)
}

fn told_by_pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(text.trim())).filter(|path| path.is_absolute())
}

/// Where `postgres` on the path really stands: the rest of an installation is found from there.
fn on_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .filter_map(|directory| fs::canonicalize(directory.join("postgres")).ok())
        .filter_map(|program| program.parent().map(Path::to_owned))
        .collect()
}

/// Sub-directories whose name begins so, by the numbers in their names, greatest first.
fn newest_first(parent: &Path, start: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let mut found: Vec<(Vec<u32>, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix(start)?;
            Some((numbers(version), entry.path()))
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}

fn numbers(text: &str) -> Vec<u32> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

/// Our own directories for downloaded binaries.
fn cache(as_root: bool) -> Vec<PathBuf> {
    if as_root {
        return vec![PathBuf::from(ROOT_CACHE)];
    }
    let home = env::var_os("HOME").filter(|home| !home.is_empty()).map(|home| PathBuf::from(home).join(".cache"));
    let own = env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()).map(PathBuf::from).or(home);
    own.map(|cache| cache.join("backstop/postgresql")).into_iter().chain([PathBuf::from(ROOT_CACHE)]).collect()
}

/// The one command that gets the binaries, for the package manager that is there.
fn install_command(as_root: bool) -> String {
    const MANAGERS: [(&str, &str); 6] = [
        ("/usr/bin/apt-get", "apt-get install -y postgresql"),
        ("/usr/bin/dnf", "dnf install -y postgresql-server"),
        ("/sbin/apk", "apk add postgresql"),
        ("/usr/bin/zypper", "zypper install -y postgresql-server"),
        ("/usr/bin/pacman", "pacman -S --noconfirm postgresql"),
        ("/opt/homebrew/bin/brew", "brew install postgresql"),
    ];
    match MANAGERS.iter().find(|(program, _)| Path::new(program).exists()) {
        Some((_, command)) if as_root || command.starts_with("brew") => (*command).to_owned(),
        Some((_, command)) => format!("sudo {command}"),
        None => "sh tests/postgres.sh".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_number() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["pgsql-9.6", "pgsql-17", "pgsql-16.10", "pgsql-16.9", "else-99"] {
            fs::create_dir(parent.path().join(name)).unwrap();
        }
        let found: Vec<_> = newest_first(parent.path(), "pgsql-")
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        assert_eq!(found, ["pgsql-17", "pgsql-16.10", "pgsql-16.9", "pgsql-9.6"]);
    }

    #[test]
    fn without_binaries_help_names_a_command() {
        let places = BinaryLocations { explicit: None, directories: vec!["/nowhere".into()], as_root: true };
        let error = find(&places).unwrap_err();
        assert_eq!(error.code(), "backstop::sandbox::no_binaries");
        assert!(error.help().contains("BACKSTOP_PG_BIN"), "{}", error.help());
    }

    #[test]
    fn a_named_directory_is_the_only_one_looked_at() {
        let places = BinaryLocations { explicit: Some("/nowhere".into()), directories: Vec::new(), as_root: false };
        assert_eq!(find(&places).unwrap_err().code(), "backstop::sandbox::not_a_binary_directory");
    }
}
