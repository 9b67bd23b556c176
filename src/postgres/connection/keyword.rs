//! The keywords of a connection string, and where a value for one came from.

use std::collections::BTreeMap;

use super::conninfo_error::{ConninfoError, ValueOrigin};

/// What becomes of a keyword that libpq knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Support {
    /// It has its effect.
    Full,
    /// It makes no difference: GSSAPI and compression are never used, and text is always UTF-8 on its way.
    Moot,
    /// It asks for something that can't be promised, so it is refused rather than ignored.
    Refused,
}

/// One keyword of libpq's.
pub(super) struct Keyword {
    pub name: &'static str,
    pub variable: Option<&'static str>,
    pub support: Support,
}

const fn full(name: &'static str, variable: &'static str) -> Keyword {
    Keyword { name, variable: Some(variable), support: Support::Full }
}

const fn unnamed(name: &'static str) -> Keyword {
    Keyword { name, variable: None, support: Support::Full }
}

const fn moot(name: &'static str, variable: &'static str) -> Keyword {
    Keyword { name, variable: Some(variable), support: Support::Moot }
}

const fn refused(name: &'static str, variable: Option<&'static str>) -> Keyword {
    Keyword { name, variable, support: Support::Refused }
}

/// All of them, with the variables that stand for them
/// (<https://www.postgresql.org/docs/current/libpq-envars.html>).
pub(super) const KEYWORDS: [Keyword; 52] = [
    full("application_name", "PGAPPNAME"),
    full("channel_binding", "PGCHANNELBINDING"),
    moot("client_encoding", "PGCLIENTENCODING"),
    full("connect_timeout", "PGCONNECT_TIMEOUT"),
    full("dbname", "PGDATABASE"),
    unnamed("fallback_application_name"),
    full("gssencmode", "PGGSSENCMODE"),
    full("host", "PGHOST"),
    full("hostaddr", "PGHOSTADDR"),
    unnamed("keepalives"),
    unnamed("keepalives_count"),
    unnamed("keepalives_idle"),
    unnamed("keepalives_interval"),
    full("load_balance_hosts", "PGLOADBALANCEHOSTS"),
    full("max_protocol_version", "PGMAXPROTOCOLVERSION"),
    full("min_protocol_version", "PGMINPROTOCOLVERSION"),
    full("options", "PGOPTIONS"),
    full("passfile", "PGPASSFILE"),
    full("password", "PGPASSWORD"),
    full("port", "PGPORT"),
    unnamed("replication"),
    full("service", "PGSERVICE"),
    full("servicefile", "PGSERVICEFILE"),
    full("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"),
    full("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    full("sslcert", "PGSSLCERT"),
    full("sslcertmode", "PGSSLCERTMODE"),
    moot("sslcompression", "PGSSLCOMPRESSION"),
    full("sslcrl", "PGSSLCRL"),
    full("sslkey", "PGSSLKEY"),
    full("sslmode", "PGSSLMODE"),
    full("sslnegotiation", "PGSSLNEGOTIATION"),
    full("sslrootcert", "PGSSLROOTCERT"),
    full("sslsni", "PGSSLSNI"),
    full("target_session_attrs", "PGTARGETSESSIONATTRS"),
    unnamed("tcp_user_timeout"),
    full("user", "PGUSER"),
    moot("gssdelegation", "PGGSSDELEGATION"),
    moot("gsslib", "PGGSSLIB"),
    moot("krbsrvname", "PGKRBSRVNAME"),
    refused("oauth_client_id", None),
    refused("oauth_client_secret", None),
    refused("oauth_issuer", None),
    refused("oauth_scope", None),
    refused("require_auth", Some("PGREQUIREAUTH")),
    refused("requirepeer", Some("PGREQUIREPEER")),
    refused("scram_client_key", None),
    refused("scram_server_key", None),
    refused("sslcrldir", Some("PGSSLCRLDIR")),
    refused("sslkeylogfile", None),
    refused("sslpassword", None),
    refused("authtype", None),
];

/// A value with where it came from.
#[derive(Clone)]
pub(super) struct KeywordValue {
    pub value: String,
    pub origin: ValueOrigin,
}

/// Values by keyword. There is no `Debug`, because a password may be among them.
#[derive(Clone, Default)]
pub(super) struct KeywordValues(BTreeMap<&'static str, KeywordValue>);

impl KeywordValues {
    /// Sets a keyword; the last one of the same text wins, as with libpq.
    pub fn set(&mut self, keyword: &str, value: String, origin: ValueOrigin) -> Result<(), ConninfoError> {
        let known = find(keyword, &origin)?;
        self.0.insert(known.name, KeywordValue { value, origin });
        Ok(())
    }

    /// Adds what is not set yet.
    pub fn fill(&mut self, other: KeywordValues) {
        for (name, given) in other.0 {
            self.0.entry(name).or_insert(given);
        }
    }

    /// Adds one value, unless the keyword is set.
    pub fn fill_one(&mut self, keyword: &'static str, value: &str, origin: ValueOrigin) {
        self.0.entry(keyword).or_insert_with(|| KeywordValue { value: value.to_owned(), origin });
    }

    /// A value that is not empty. libpq, too, takes an empty value as "use the default".
    pub fn get(&self, keyword: &str) -> Option<&KeywordValue> {
        self.0.get(keyword).filter(|given| !given.value.is_empty())
    }

    /// The text of [`KeywordValues::get`].
    pub fn text(&self, keyword: &str) -> Option<&str> {
        self.get(keyword).map(|given| given.value.as_str())
    }
}

fn find(keyword: &str, origin: &ValueOrigin) -> Result<&'static Keyword, ConninfoError> {
    let known = KEYWORDS.iter().find(|known| known.name == keyword);
    match known {
        Some(known) if known.support == Support::Refused => {
            Err(ConninfoError::Unsupported { keyword: known.name, value: None, origin: origin.clone() })
        }
        Some(known) => Ok(known),
        None => Err(ConninfoError::UnknownKeyword {
            keyword: keyword.to_owned(),
            origin: origin.clone(),
            near: nearest(keyword),
        }),
    }
}

/// The known keyword that was most probably meant.
fn nearest(keyword: &str) -> Option<&'static str> {
    /// Below this similarity (0 to 1) a suggestion would rather puzzle.
    const SIMILAR: f64 = 0.75;

    KEYWORDS
        .iter()
        .filter(|known| known.support == Support::Full)
        .map(|known| (known.name, strsim::jaro_winkler(keyword, known.name)))
        .filter(|(_, similarity)| *similarity >= SIMILAR)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(name, _)| name)
}
