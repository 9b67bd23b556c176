//! The password file: `host:port:database:user:password`
//! (<https://www.postgresql.org/docs/current/libpq-pgpass.html>).

use std::{fs, path::Path};

use super::options::{HostName, Password};

/// The lines of a password file.
#[derive(Default)]
pub(super) struct PasswordFile {
    lines: Vec<[String; 5]>,
}

/// What a password is looked up for.
pub(super) struct PasswordQuery<'a> {
    pub host: &'a HostName,
    pub port: u16,
    pub database: &'a str,
    pub user: &'a str,
}

impl PasswordFile {
    /// Reads a file. A missing one is empty; one that others can read is left out of account with a warning, as libpq does.
    pub fn read(path: &Path, warnings: &mut Vec<String>) -> Self {
        let Ok(facts) = fs::metadata(path) else {
            return PasswordFile::default();
        };
        let shown = path.display();
        if !facts.is_file() {
            warnings.push(format!("the password file {shown} is left out of account: it is no plain file"));
            return PasswordFile::default();
        }
        if readable_by_others(&facts) {
            warnings.push(format!(
                "the password file {shown} is left out of account: others can read it; run `chmod 0600 {shown}`"
            ));
            return PasswordFile::default();
        }
        match fs::read_to_string(path) {
            Ok(text) => PasswordFile::parse(&text),
            Err(error) => {
                warnings.push(format!("the password file {shown} is left out of account: {error}"));
                PasswordFile::default()
            }
        }
    }

    fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(fields).collect();
        PasswordFile { lines }
    }

    /// The password of the first line that fits. Sockets in a directory of packages count as `localhost`.
    pub fn find(&self, wanted: &PasswordQuery<'_>, local: impl Fn(&Path) -> bool) -> Option<Password> {
        let host = match wanted.host {
            HostName::Tcp(name) => name.clone(),
            HostName::Socket(directory) if local(directory) => "localhost".to_owned(),
            HostName::Socket(directory) => directory.display().to_string(),
        };
        let port = wanted.port.to_string();
        let values = [host.as_str(), &port, wanted.database, wanted.user];
        let fits =
            |line: &&[String; 5]| line.iter().zip(values).all(|(rule, value)| rule == "*" || unescaped(rule) == value);
        self.lines
            .iter()
            .find(fits)
            .map(|[.., password]| unescaped(password))
            .filter(|text| !text.is_empty())
            .map(Password::new)
    }
}

/// Four fields as written, so that `*` and `\*` stay apart, and the password, which is the rest of the line.
fn fields(line: &str) -> Option<[String; 5]> {
    let mut fields: [String; 5] = Default::default();
    let mut index = 0;
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match c {
            ':' if index < 4 => index += 1,
            '\\' => fields.get_mut(index)?.extend([c].into_iter().chain(characters.next())),
            _ => fields.get_mut(index)?.push(c),
        }
    }
    (index == 4).then_some(fields)
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            // Only a password can still hold a bare `:`, which ends it, as it does for libpq.
            ':' => break,
            '\\' => plain.extend(characters.next()),
            _ => plain.push(c),
        }
    }
    plain
}

#[cfg(unix)]
fn readable_by_others(facts: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    facts.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn readable_by_others(_facts: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, host: &str, database: &str) -> Option<Password> {
        let host = super::super::options::host_name(host);
        let wanted = PasswordQuery { host: &host, port: 5432, database, user: "alice" };
        PasswordFile::parse(text).find(&wanted, |directory| directory == Path::new("/var/run/postgresql"))
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let text = "# comment\nother:*:*:*:no\ndb:5432:shop:alice:one\n*:*:*:*:two\n";
        assert_eq!(find(text, "db", "shop"), Some(Password::new("one")));
        assert_eq!(find(text, "db", "else"), Some(Password::new("two")));
    }

    #[test]
    fn colons_and_backslashes_are_escaped() {
        let text = "::1:5432:x:alice:short\n\\:\\:1:5432:sh\\\\op:alice:p\\:w\\\\\n";
        assert_eq!(find(text, "::1", "sh\\op"), Some(Password::new("p:w\\")));
    }

    #[test]
    fn the_usual_socket_is_localhost() {
        let text = "localhost:*:*:*:near\n/srv/pg:*:*:*:far\n";
        assert_eq!(find(text, "/var/run/postgresql", "shop"), Some(Password::new("near")));
        assert_eq!(find(text, "/srv/pg", "shop"), Some(Password::new("far")));
        assert_eq!(find(text, "/tmp", "shop"), None);
    }
}
