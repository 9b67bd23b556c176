//! `postgresql://` URLs → settings.

use super::{
    conninfo_error::{ConninfoError, ValueOrigin},
    keyword::KeywordValues,
};

/// What follows `postgresql://` or `postgres://`.
pub(super) fn without_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://"))
}

/// The rest of a URL; `offset` is the number of characters before it
/// (<https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS>).
pub(super) fn parse(rest: &str, offset: usize) -> Result<KeywordValues, ConninfoError> {
    let reader = UrlReader { rest, offset };
    let mut settings = KeywordValues::default();

    let (credentials, place) = reader.split_credentials();
    if let Some(credentials) = credentials {
        let (user, password) = match credentials.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (credentials, None),
        };
        reader.set(&mut settings, "user", user)?;
        reader.set(&mut settings, "password", password.unwrap_or_default())?;
    }

    // More than one `@`, or one behind a `/`: pieces of a password would be taken for a host or a database, and be told.
    let behind = place.split_once('?').map_or(place, |(place, _)| place);
    if let Some(at) = behind.find('@') {
        return Err(
            reader.syntax("an `@` or `/` of the password is not percent-encoded: a second `@` stands", &behind[at..])
        );
    }
    let (place, query) = place.split_once('?').map_or((place, ""), |(place, query)| (place, query));
    let (servers, database) = place.split_once('/').map_or((place, ""), |(servers, database)| (servers, database));
    let (hosts, ports) = reader.servers(servers)?;
    reader.set(&mut settings, "host", &hosts)?;
    reader.set(&mut settings, "port", &ports)?;
    reader.set(&mut settings, "dbname", database)?;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        reader.parameter(&mut settings, pair)?;
    }
    Ok(settings)
}

/// Parameters in whose values an `@` is ordinary.
const MAY_HOLD_AT: [&str; 5] = ["application_name", "fallback_application_name", "options", "password", "user"];

struct UrlReader<'a> {
    rest: &'a str,
    offset: usize,
}

impl<'a> UrlReader<'a> {
    /// User and password end at the first `@`, unless a `/` comes before it.
    fn split_credentials(&self) -> (Option<&'a str>, &'a str) {
        match self.rest.find(['@', '/']) {
            Some(at) if self.rest[at..].starts_with('@') => (Some(&self.rest[..at]), &self.rest[at + 1..]),
            _ => (None, self.rest),
        }
    }

    /// Comma-separated hosts and ports, each list as long as the other; both still percent-encoded.
    fn servers(&self, text: &'a str) -> Result<(String, String), ConninfoError> {
        let mut hosts = Vec::new();
        let mut ports = Vec::new();
        for server in text.split(',') {
            let (host, port) = match server.strip_prefix('[') {
                Some(bracketed) => {
                    let (host, after) =
                        bracketed.split_once(']').ok_or_else(|| self.syntax("a `]` is missing after", server))?;
                    match after.strip_prefix(':') {
                        Some(port) => (host, port),
                        None if after.is_empty() => (host, ""),
                        None => return Err(self.syntax("neither `:` nor `/` follows the address", after)),
                    }
                }
                None => server.split_once(':').unwrap_or((server, "")),
            };
            hosts.push(host);
            ports.push(port);
        }
        let ports = if ports.iter().all(|port| port.is_empty()) { String::new() } else { ports.join(",") };
        Ok((hosts.join(","), ports))
    }

    fn parameter(&self, settings: &mut KeywordValues, pair: &'a str) -> Result<(), ConninfoError> {
        let (keyword, value) = pair.split_once('=').ok_or_else(|| self.syntax("a `=` is missing in the parameter", pair))?;
        if value.contains('=') {
            return Err(self.syntax("there is a second `=` in the parameter", pair));
        }
        let keyword = self.decode(keyword)?;
        // JDBC's spelling, which libpq accepts too.
        if keyword == "ssl" && value == "true" {
            return settings.set("sslmode", "require".to_owned(), ValueOrigin::Text);
        }
        // Elsewhere it would be told as a value that is wrong: perhaps these are pieces of a password with a `/` or `?` in it.
        if pair.contains('@') && !MAY_HOLD_AT.contains(&keyword.as_str()) {
            return Err(self.syntax("an `@` that is not percent-encoded stands in the parameter", pair));
        }
        settings.set(&keyword, self.decode(value)?, ValueOrigin::Text)
    }

    /// Sets what is not empty.
    fn set(&self, settings: &mut KeywordValues, keyword: &'static str, encoded: &str) -> Result<(), ConninfoError> {
        if encoded.is_empty() {
            return Ok(());
        }
        settings.set(keyword, self.decode(encoded)?, ValueOrigin::Text)
    }

    fn decode(&self, text: &str) -> Result<String, ConninfoError> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            if byte != b'%' {
                bytes.push(byte);
                continue;
            }
            let (digits, behind) = rest.split_at_checked(2).unwrap_or_default();
            let decoded = hexadecimal(digits).filter(|&byte| byte != 0);
            bytes.push(decoded.ok_or_else(|| self.syntax("`%` is not followed by two hexadecimal digits", text))?);
            rest = behind;
        }
        String::from_utf8(bytes).map_err(|_| self.syntax("the decoded text is not UTF-8", text))
    }

    /// A mistake at a piece of the URL.
    fn syntax(&self, problem: &'static str, piece: &str) -> ConninfoError {
        let before = (piece.as_ptr() as usize)
            .checked_sub(self.rest.as_ptr() as usize)
            .and_then(|bytes| self.rest.get(..bytes))
            .map_or(0, |before| before.chars().count());
        ConninfoError::Syntax { problem, position: self.offset + before + 1 }
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    let valid = digits.iter().all(u8::is_ascii_hexdigit);
    u8::from_str_radix(text, 16).ok().filter(|_| valid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(&'static str, String)> {
        let rest = without_scheme(text).unwrap();
        let settings = parse(rest, text.len() - rest.len()).unwrap();
        ["user", "password", "host", "port", "dbname", "sslmode", "application_name"]
            .into_iter()
            .filter_map(|keyword| Some((keyword, settings.text(keyword)?.to_owned())))
            .collect()
    }

    fn pairs(expected: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        expected.iter().map(|(keyword, value)| (*keyword, (*value).to_owned())).collect()
    }

    #[test]
    fn the_manuals_examples() {
        assert_eq!(read("postgresql://"), pairs(&[]));
        assert_eq!(read("postgresql://localhost"), pairs(&[("host", "localhost")]));
        assert_eq!(read("postgresql://localhost:5433"), pairs(&[("host", "localhost"), ("port", "5433")]));
        assert_eq!(read("postgresql://localhost/mydb"), pairs(&[("host", "localhost"), ("dbname", "mydb")]));
        assert_eq!(read("postgresql://user@localhost"), pairs(&[("user", "user"), ("host", "localhost")]));
        assert_eq!(
            read("postgresql://user:secret@localhost"),
            pairs(&[("user", "user"), ("password", "secret"), ("host", "localhost")])
        );
        assert_eq!(
            read("postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp"),
            pairs(&[("user", "other"), ("host", "localhost"), ("dbname", "otherdb"), ("application_name", "myapp")])
        );
        assert_eq!(
            read("postgresql://host1:123,host2:456/somedb?application_name=myapp"),
            pairs(&[("host", "host1,host2"), ("port", "123,456"), ("dbname", "somedb"), ("application_name", "myapp")])
        );
        assert_eq!(
            read("postgresql:///mydb?host=localhost&port=5433"),
            pairs(&[("host", "localhost"), ("port", "5433"), ("dbname", "mydb")])
        );
        assert_eq!(
            read("postgresql://[2001:db8::1234]/database"),
            pairs(&[("host", "2001:db8::1234"), ("dbname", "database")])
        );
        assert_eq!(
            read("postgresql://%2Fvar%2Flib%2Fpostgresql/dbname"),
            pairs(&[("host", "/var/lib/postgresql"), ("dbname", "dbname")])
        );
    }

    #[test]
    fn percent_encoding_reaches_every_part() {
        assert_eq!(
            read("postgres://al%40ice:p%2Fw%25@db/sh%20op?ssl=true"),
            pairs(&[("user", "al@ice"), ("password", "p/w%"), ("host", "db"), ("dbname", "sh op"), ("sslmode", "require")])
        );
    }

    #[test]
    fn mistakes_have_their_place() {
        for (text, position) in [
            ("postgres://u@h/db?sslmode", 19),
            ("postgres://u@h/db?sslmode=a=b", 19),
            ("postgres://u@[::1/db", 14),
            ("postgres://u@h/%g0", 16),
            ("postgres://u@h/%00", 16),
            ("postgres://u:se@cret@h/db", 21),
            ("postgres://u:5/cret@h/db", 20),
            ("postgres://u:5/w?sslmode=cret@h/db", 18),
        ] {
            let rest = without_scheme(text).unwrap();
            let Err(error) = parse(rest, text.len() - rest.len()) else { panic!("{text} is accepted") };
            assert!(matches!(error, ConninfoError::Syntax { position: at, .. } if at == position), "{text}: {error:?}");
        }
    }
}
