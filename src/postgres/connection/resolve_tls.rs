//! What the settings say about TLS (<https://www.postgresql.org/docs/current/libpq-ssl.html>).

use std::path::{Path, PathBuf};

use tokio_postgres::config::SslNegotiation;

use super::{
    choice::{Choices, choice},
    conninfo_error::ConninfoError,
    environment::ConnectionEnvironment,
    keyword::KeywordValues,
    options::{ClientCertificate, Endpoint, HostName, ServerName, SslMode, TlsOptions, TlsVersion},
};

const MODES: Choices<SslMode> = (
    "disable, allow, prefer, require, verify-ca or verify-full",
    &[
        ("disable", SslMode::Disable),
        ("allow", SslMode::Allow),
        ("prefer", SslMode::Prefer),
        ("require", SslMode::Require),
        ("verify-ca", SslMode::VerifyCa),
        ("verify-full", SslMode::VerifyFull),
    ],
);
const NEGOTIATIONS: Choices<SslNegotiation> =
    ("postgres or direct", &[("postgres", SslNegotiation::Postgres), ("direct", SslNegotiation::Direct)]);
const SERVER_NAMES: Choices<ServerName> = ("0 or 1", &[("0", ServerName::Untold), ("1", ServerName::Told)]);
/// Older versions are not safe and not implemented; as a lower bound they mean the oldest one that is.
const OLDEST: Choices<TlsVersion> = (
    "TLSv1.2 or TLSv1.3",
    &[
        ("TLSv1", TlsVersion::V1_2),
        ("TLSv1.1", TlsVersion::V1_2),
        ("TLSv1.2", TlsVersion::V1_2),
        ("TLSv1.3", TlsVersion::V1_3),
    ],
);
const NEWEST: Choices<TlsVersion> = ("TLSv1.2 or TLSv1.3", &[("TLSv1.2", TlsVersion::V1_2), ("TLSv1.3", TlsVersion::V1_3)]);

pub(super) fn options(
    settings: &KeywordValues,
    environment: &ConnectionEnvironment,
    endpoints: &[Endpoint],
    warnings: &mut Vec<String>,
) -> Result<TlsOptions, ConninfoError> {
    let files = TlsFiles { settings, environment };
    let mode = mode(settings)?;
    // Sockets are never encrypted, whatever the mode: libpq, too, then leaves everything about TLS out of account.
    let matters = mode != SslMode::Disable && endpoints.iter().any(|one| matches!(one.host, HostName::Tcp(_)));
    let root = if matters { files.root(mode, warnings)? } else { None };
    let negotiation = choice(settings, "sslnegotiation", &NEGOTIATIONS)?.unwrap_or(SslNegotiation::Postgres);
    if negotiation == SslNegotiation::Direct && mode < SslMode::Require {
        return Err(ConninfoError::Conflict("sslnegotiation=direct needs sslmode=require or stronger"));
    }
    let oldest = choice(settings, "ssl_min_protocol_version", &OLDEST)?.unwrap_or(TlsVersion::V1_2);
    let newest = choice(settings, "ssl_max_protocol_version", &NEWEST)?.unwrap_or(TlsVersion::V1_3);
    if oldest > newest {
        return Err(ConninfoError::Conflict("ssl_min_protocol_version is above ssl_max_protocol_version"));
    }
    Ok(TlsOptions {
        mode,
        revoked: root.as_ref().and_then(|_| files.named_or_default("sslcrl", "root.crl")),
        root,
        client: if matters { files.client(warnings)? } else { None },
        negotiation,
        server_name: choice(settings, "sslsni", &SERVER_NAMES)?.unwrap_or(ServerName::Told),
        oldest,
        newest,
    })
}

fn mode(settings: &KeywordValues) -> Result<SslMode, ConninfoError> {
    let given = choice(settings, "sslmode", &MODES)?;
    let system = settings.text("sslrootcert") == Some("system");
    match given {
        // Anyone can get a certificate from a public authority, so that only the name in it says who the server is.
        Some(mode) if system && mode != SslMode::VerifyFull => {
            Err(ConninfoError::Conflict("sslrootcert=system needs sslmode=verify-full"))
        }
        Some(mode) => Ok(mode),
        None if system => Ok(SslMode::VerifyFull),
        None => Ok(SslMode::Prefer),
    }
}

struct TlsFiles<'a> {
    settings: &'a KeywordValues,
    environment: &'a ConnectionEnvironment,
}

impl TlsFiles<'_> {
    /// The file named by a keyword, else the one in `~/.postgresql` if it exists.
    fn named_or_default(&self, keyword: &str, default: &str) -> Option<PathBuf> {
        match self.settings.text(keyword) {
            Some(path) => Some(PathBuf::from(path)),
            None => self.default(default).filter(|path| path.exists()),
        }
    }

    fn default(&self, name: &str) -> Option<PathBuf> {
        self.environment.home.as_ref().map(|home| home.join(".postgresql").join(name))
    }

    /// The authorities' file; without one only the modes that verify are an error, as with libpq.
    fn root(&self, mode: SslMode, warnings: &mut Vec<String>) -> Result<Option<PathBuf>, ConninfoError> {
        let named = self.settings.text("sslrootcert");
        if named == Some("system") {
            let bundle = self.environment.authorities.iter().find(|path| path.is_file());
            let first = self.environment.authorities.first().cloned().unwrap_or_default();
            return bundle.cloned().map(Some).ok_or(ConninfoError::NoRootCertificate { path: first });
        }
        let path = named.map(PathBuf::from).or_else(|| self.default("root.crt"));
        match path {
            Some(path) if path.exists() => Ok(Some(path)),
            path if mode >= SslMode::VerifyCa => {
                Err(ConninfoError::NoRootCertificate { path: path.unwrap_or_else(|| "~/.postgresql/root.crt".into()) })
            }
            Some(path) if named.is_some() => {
                warnings.push(format!(
                    "the server's certificate is not verified: the root certificate file {} doesn't exist",
                    path.display()
                ));
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// The certificate to log in with; a missing one is left out of account, a missing key is an error, as with libpq.
    fn client(&self, warnings: &mut Vec<String>) -> Result<Option<ClientCertificate>, ConninfoError> {
        if self.settings.text("sslcertmode") == Some("disable") {
            return Ok(None);
        }
        let Some(certificate) = self.named_or_default("sslcert", "postgresql.crt") else { return Ok(None) };
        if !certificate.exists() {
            warnings.push(format!("no client certificate is sent: {} doesn't exist", certificate.display()));
            return Ok(None);
        }
        let key = self.settings.text("sslkey").map(PathBuf::from).or_else(|| self.default("postgresql.key"));
        let key = key.unwrap_or_else(|| "~/.postgresql/postgresql.key".into());
        match key_problem(&key) {
            Some(problem) => Err(ConninfoError::File { keyword: "sslkey", path: key, problem }),
            None => Ok(Some(ClientCertificate { certificate, key })),
        }
    }
}

/// libpq's rule: a plain file that belongs to this user and is open to nobody else, or to root and readable by its group.
#[cfg(unix)]
fn key_problem(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;

    let facts = match std::fs::metadata(path) {
        Ok(facts) => facts,
        Err(error) => return Some(error.to_string()),
    };
    // SAFETY: the call has no preconditions and can't fail.
    let me = unsafe { libc::geteuid() };
    let forbidden = if facts.uid() == 0 && me != 0 { 0o037 } else { 0o077 };
    if !facts.is_file() {
        Some("it is no plain file".to_owned())
    } else if facts.uid() != me && facts.uid() != 0 {
        Some("it belongs neither to this user nor to root".to_owned())
    } else if facts.mode() & forbidden != 0 {
        Some("others can read it; its permissions must be 0600 or less".to_owned())
    } else {
        None
    }
}

#[cfg(not(unix))]
fn key_problem(path: &Path) -> Option<String> {
    std::fs::metadata(path).err().map(|error| error.to_string())
}
