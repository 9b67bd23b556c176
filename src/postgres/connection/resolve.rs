//! Settings from everywhere → options: string over service file over environment over defaults, as libpq does it.

use std::{net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use tokio_postgres::config::ChannelBinding;

use super::{
    choice::{Choices, bad_value, choice},
    conninfo,
    conninfo_error::{ConninfoError, ValueOrigin},
    environment::ConnectionEnvironment,
    keyword::{KEYWORDS, KeywordValues, Support},
    options::{
        ConnectOptions, Endpoint, HostName, HostOrder, Keepalive, Liveness, Password, Renewal, SessionAttributes, SslMode,
        host_name,
    },
    password_file::{PasswordFile, PasswordQuery},
    resolve_tls, service_file,
};

const DEFAULT_PORT: u16 = 5432;
/// For each address. libpq waits for ever, which no pipeline wants.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// A dead peer is noticed after idle + interval × count: a minute, rather than the system's two hours.
const DEFAULT_KEEPALIVE: Keepalive =
    Keepalive { idle: Duration::from_secs(30), interval: Duration::from_secs(10), count: 3 };
const DEFAULT_UNACKNOWLEDGED: Duration = Duration::from_secs(60);

impl ConnectOptions {
    /// What a connection string (a URL, `keyword=value` pairs, or the bare name of a database) means in these surroundings.
    /// Files that it names are read, nothing is connected to.
    ///
    /// # Errors
    /// When something in it, in a variable, or in a file can't be understood.
    pub fn resolve(conninfo: Option<&str>, environment: &ConnectionEnvironment) -> Result<Self, ConninfoError> {
        let mut resolved = options(conninfo, environment)?;
        let (conninfo, environment) = (conninfo.map(str::to_owned), environment.clone());
        resolved.renewal.source = Some(Arc::new(move || options(conninfo.as_deref(), &environment).ok()));
        Ok(resolved)
    }

    /// What a connection string means in the surroundings of this process.
    ///
    /// # Errors
    /// As with [`ConnectOptions::resolve`].
    pub fn from_url(conninfo: &str) -> Result<Self, ConninfoError> {
        Self::resolve(Some(conninfo), &ConnectionEnvironment::of_process())
    }
}

/// See [`ConnectOptions::resolve`].
pub(super) fn options(conninfo: Option<&str>, environment: &ConnectionEnvironment) -> Result<ConnectOptions, ConninfoError> {
    let settings = merged(conninfo, environment)?;
    refuse_what_cannot_be(&settings)?;

    let user = settings.text("user").or(environment.os_user.as_deref()).ok_or(ConninfoError::NoUser)?.to_owned();
    let database = settings.text("dbname").unwrap_or(&user).to_owned();
    let mut warnings = Vec::new();
    let mut endpoints = endpoints(&settings, environment)?;
    set_passwords(&mut endpoints, &settings, environment, (&user, &database), &mut warnings);
    let tls = resolve_tls::options(&settings, environment, &endpoints, &mut warnings)?;
    if tls.mode == SslMode::VerifyFull && settings.get("host").is_none() && settings.get("hostaddr").is_some() {
        return Err(ConninfoError::Conflict("sslmode=verify-full needs the name of the host, and only hostaddr is given"));
    }

    Ok(ConnectOptions {
        endpoints,
        order: choice(&settings, "load_balance_hosts", &HOST_ORDERS)?.unwrap_or(HostOrder::AsGiven),
        user,
        database,
        tls,
        channel_binding: choice(&settings, "channel_binding", &CHANNEL_BINDINGS)?.unwrap_or(ChannelBinding::Prefer),
        session: choice(&settings, "target_session_attrs", &SESSION_ATTRIBUTES)?.unwrap_or(SessionAttributes::Any),
        server_options: settings.text("options").map(str::to_owned),
        application_name: settings
            .text("application_name")
            .or(settings.text("fallback_application_name"))
            .map(str::to_owned),
        timeout: timeout(&settings)?,
        liveness: liveness(&settings)?,
        warnings,
        renewal: Renewal::default(),
    })
}

const HOST_ORDERS: Choices<HostOrder> =
    ("disable or random", &[("disable", HostOrder::AsGiven), ("random", HostOrder::Random)]);
const CHANNEL_BINDINGS: Choices<ChannelBinding> = (
    "disable, prefer or require",
    &[("disable", ChannelBinding::Disable), ("prefer", ChannelBinding::Prefer), ("require", ChannelBinding::Require)],
);
const SESSION_ATTRIBUTES: Choices<SessionAttributes> = (
    "any, read-write, read-only, primary, standby or prefer-standby",
    &[
        ("any", SessionAttributes::Any),
        ("read-write", SessionAttributes::ReadWrite),
        ("read-only", SessionAttributes::ReadOnly),
        ("primary", SessionAttributes::Primary),
        ("standby", SessionAttributes::Standby),
        ("prefer-standby", SessionAttributes::PreferStandby),
    ],
);

/// String over service file over environment.
fn merged(conninfo: Option<&str>, environment: &ConnectionEnvironment) -> Result<KeywordValues, ConninfoError> {
    let mut settings = conninfo.map_or_else(|| Ok(KeywordValues::default()), conninfo::parse)?;
    let service = settings.text("service").or(environment.variable("PGSERVICE")).map(str::to_owned);
    if let Some(name) = service {
        let file = settings.text("servicefile").or(environment.variable("PGSERVICEFILE"));
        let found = service_file::find(&name, file, environment)?;
        settings.fill(found);
    }
    for keyword in &KEYWORDS {
        let Some(variable) = keyword.variable else { continue };
        let Some(value) = environment.variable(variable) else { continue };
        let origin = ValueOrigin::Variable(variable);
        if keyword.support == Support::Refused {
            return Err(ConninfoError::Unsupported { keyword: keyword.name, value: None, origin });
        }
        settings.fill_one(keyword.name, value, origin);
    }
    // The old spelling, which libpq still honours.
    if environment.variable("PGREQUIRESSL").is_some_and(|value| value.starts_with('1')) {
        settings.fill_one("sslmode", "require", ValueOrigin::Variable("PGREQUIRESSL"));
    }
    Ok(settings)
}

/// Values of keywords that are only supported in part.
fn refuse_what_cannot_be(settings: &KeywordValues) -> Result<(), ConninfoError> {
    const HARMLESS: [(&str, &[&str]); 5] = [
        ("gssencmode", &["disable", "prefer"]),
        ("replication", &["false", "off", "no", "0"]),
        ("min_protocol_version", &["3.0"]),
        ("max_protocol_version", &["3.0", "3.2", "latest"]),
        ("sslcertmode", &["disable", "allow"]),
    ];
    for (keyword, harmless) in HARMLESS {
        if let Some(given) = settings.get(keyword).filter(|given| !harmless.contains(&given.value.as_str())) {
            let (value, origin) = (Some(given.value.clone()), given.origin.clone());
            return Err(ConninfoError::Unsupported { keyword, value, origin });
        }
    }
    Ok(())
}

fn endpoints(settings: &KeywordValues, environment: &ConnectionEnvironment) -> Result<Vec<Endpoint>, ConninfoError> {
    let names = list(settings, "host");
    let addresses = addresses(settings)?;
    let ports = ports(settings)?;
    let count = names.len().max(addresses.len()).max(1);
    for (keyword, others) in [("hostaddr", addresses.len()), ("port", ports.len())] {
        let fits = others == 0 || others == count || (keyword == "port" && others == 1);
        if !fits || (!names.is_empty() && names.len() != count) {
            return Err(ConninfoError::Lengths { hosts: names.len().max(1), others, keyword });
        }
    }

    let endpoint = |index: usize| {
        let port = ports.get(index).or(ports.first()).copied().flatten().unwrap_or(DEFAULT_PORT);
        let address = addresses.get(index).copied().flatten();
        let name = names.get(index).filter(|name| !name.is_empty());
        let host = match (name, address) {
            (Some(name), _) => host_name(name),
            (None, Some(address)) => HostName::Tcp(address.to_string()),
            (None, None) => default_host(port, environment),
        };
        Endpoint { host, address, port, password: None }
    };
    Ok((0..count).map(endpoint).collect())
}

fn list(settings: &KeywordValues, keyword: &str) -> Vec<String> {
    settings.text(keyword).map_or_else(Vec::new, |text| text.split(',').map(|item| item.trim().to_owned()).collect())
}

fn addresses(settings: &KeywordValues) -> Result<Vec<Option<IpAddr>>, ConninfoError> {
    let Some(given) = settings.get("hostaddr") else { return Ok(Vec::new()) };
    let parse = |text: &str| match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| bad_value("hostaddr", "an address like 192.0.2.7 or 2001:db8::7", given)),
    };
    given.value.split(',').map(parse).collect()
}

/// The ports, none for those left empty.
pub(super) fn ports(settings: &KeywordValues) -> Result<Vec<Option<u16>>, ConninfoError> {
    let Some(given) = settings.get("port") else { return Ok(Vec::new()) };
    let parse = |text: &str| match text.trim() {
        "" => Ok(None),
        text => match text.parse::<u16>() {
            Ok(port) if port > 0 => Ok(Some(port)),
            _ => Err(ConninfoError::Port { origin: given.origin.clone() }),
        },
    };
    given.value.split(',').map(parse).collect()
}

/// A socket where one stands, else this machine by TCP. libpq knows only the one directory that it was built with.
fn default_host(port: u16, environment: &ConnectionEnvironment) -> HostName {
    let with_socket = |directory: &&PathBuf| directory.join(format!(".s.PGSQL.{port}")).exists();
    match environment.socket_directories.iter().find(with_socket) {
        Some(directory) => HostName::Socket(directory.clone()),
        None => HostName::Tcp("localhost".to_owned()),
    }
}

fn set_passwords(
    endpoints: &mut [Endpoint],
    settings: &KeywordValues,
    environment: &ConnectionEnvironment,
    (user, database): (&str, &str),
    warnings: &mut Vec<String>,
) {
    if let Some(password) = settings.text("password") {
        for endpoint in endpoints {
            endpoint.password = Some(Password::new(password));
        }
        return;
    }
    let path = match settings.text("passfile") {
        Some(path) => Some(PathBuf::from(path)),
        None => environment.home.as_ref().map(|home| home.join(".pgpass")),
    };
    let Some(path) = path else { return };
    let file = PasswordFile::read(&path, warnings);
    for endpoint in endpoints {
        let wanted = PasswordQuery { host: &endpoint.host, port: endpoint.port, database, user };
        let local = |directory: &std::path::Path| environment.socket_directories.iter().any(|known| known == directory);
        endpoint.password = file.find(&wanted, local);
    }
}

fn timeout(settings: &KeywordValues) -> Result<Option<Duration>, ConninfoError> {
    let seconds = number(settings, "connect_timeout", "a number of seconds, 0 to wait for ever")?;
    Ok(match seconds {
        None => Some(DEFAULT_TIMEOUT),
        Some(seconds) => u64::try_from(seconds).ok().filter(|&seconds| seconds > 0).map(Duration::from_secs),
    })
}

fn liveness(settings: &KeywordValues) -> Result<Liveness, ConninfoError> {
    let seconds = |keyword, default| {
        let number = number(settings, keyword, "a number of seconds, 0 for the default")?;
        Ok(number.and_then(positive).map_or(default, |seconds| Duration::from_secs(u64::from(seconds))))
    };
    let keepalive = Keepalive {
        idle: seconds("keepalives_idle", DEFAULT_KEEPALIVE.idle)?,
        interval: seconds("keepalives_interval", DEFAULT_KEEPALIVE.interval)?,
        count: number(settings, "keepalives_count", "a number, 0 for the default")?
            .and_then(positive)
            .unwrap_or(DEFAULT_KEEPALIVE.count),
    };
    let wanted = number(settings, "keepalives", "0 or 1")?.is_none_or(|number| number != 0);
    let unacknowledged = number(settings, "tcp_user_timeout", "a number of milliseconds, 0 for the system's default")?;
    Ok(Liveness {
        keepalive: wanted.then_some(keepalive),
        unacknowledged: match unacknowledged {
            None => Some(DEFAULT_UNACKNOWLEDGED),
            Some(number) => positive(number).map(|milliseconds| Duration::from_millis(u64::from(milliseconds))),
        },
    })
}

fn positive(number: i32) -> Option<u32> {
    u32::try_from(number).ok().filter(|&number| number > 0)
}

fn number(settings: &KeywordValues, keyword: &'static str, allowed: &'static str) -> Result<Option<i32>, ConninfoError> {
    let Some(given) = settings.get(keyword) else { return Ok(None) };
    given.value.trim().parse().map(Some).map_err(|_| bad_value(keyword, allowed, given))
}
