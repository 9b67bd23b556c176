//! Sessions: opened on the first server that will do.

use std::net::IpAddr;

use super::{
    attempt::{ConnectAttempt, failed},
    connect_error::ConnectError,
    options::{ConnectOptions, Endpoint, HostName, HostOrder, SessionAttributes},
    pinned,
    reason::Reason,
    session::Connection,
    tls::Tls,
};

/// Opens a session on the first server that can be reached and is of the kind that is wanted.
///
/// `application_name` is what `pg_stat_activity` shows; where the user gave a name too, both are shown. Dropping the
/// connection ends the session.
///
/// # Errors
/// When no server can be reached, or one refuses.
pub async fn connect(options: &ConnectOptions, application_name: &str) -> Result<Connection, ConnectError> {
    let options = &options.renewed();
    let name = match &options.application_name {
        Some(given) if application_name.is_empty() => given.clone(),
        Some(given) => format!("{application_name} for {given}"),
        None => application_name.to_owned(),
    };
    let search = Search { options, application_name: &name, tls: &Tls::new(&options.tls)? };
    // Too large to have their place in every effect that may have to connect again.
    match options.session {
        SessionAttributes::PreferStandby => match Box::pin(search.run(SessionAttributes::Standby)).await {
            Ok(connection) => Ok(connection),
            Err(_) => Box::pin(search.run(SessionAttributes::Any)).await,
        },
        wanted => Box::pin(search.run(wanted)).await,
    }
}

/// The servers of the options, tried in order.
struct Search<'a> {
    options: &'a ConnectOptions,
    application_name: &'a str,
    tls: &'a Tls,
}

impl Search<'_> {
    async fn run(&self, wanted: SessionAttributes) -> Result<Connection, ConnectError> {
        let mut misses: Vec<ConnectError> = Vec::new();
        for endpoint in self.in_order() {
            let addresses = match self.addresses(endpoint).await {
                Ok(addresses) => addresses,
                Err(error) => {
                    misses.push(error);
                    continue;
                }
            };
            for address in addresses {
                match self.one(endpoint, address, wanted).await {
                    Ok(connection) => return Ok(connection),
                    Err(error) if error.reason.leads_to_next_server() => misses.push(error),
                    Err(error) => return Err(with_others(error, misses)),
                }
            }
        }
        match misses.pop() {
            Some(last) => Err(with_others(last, misses)),
            // Options always name a server; without one there is nothing to say but this.
            None => Err(super::conninfo_error::ConninfoError::Conflict("no host is given").into()),
        }
    }

    async fn one(
        &self,
        endpoint: &Endpoint,
        address: Option<IpAddr>,
        wanted: SessionAttributes,
    ) -> Result<Connection, ConnectError> {
        let Search { options, application_name, tls } = *self;
        let attempt = ConnectAttempt { options, endpoint, address, application_name, tls, pinned: true, lifted: &[] };
        let connection = pinned::open(&attempt).await?;
        match connection.is(wanted).await {
            Ok(true) => Ok(connection),
            Ok(false) => Err(failed(options, endpoint, Reason::OtherSessionWanted, None)),
            Err(error) => Err(failed(options, endpoint, Reason::Dropped, Some(error.to_string()))),
        }
    }

    fn in_order(&self) -> Vec<&Endpoint> {
        let mut endpoints: Vec<&Endpoint> = self.options.endpoints.iter().collect();
        if self.options.order == HostOrder::Random {
            shuffle(&mut endpoints);
        }
        endpoints
    }

    /// The addresses of a server; none for a socket.
    async fn addresses(&self, endpoint: &Endpoint) -> Result<Vec<Option<IpAddr>>, ConnectError> {
        let name = match (&endpoint.host, endpoint.address) {
            (HostName::Socket(_), _) => return Ok(vec![None]),
            (HostName::Tcp(_), Some(address)) => return Ok(vec![Some(address)]),
            (HostName::Tcp(name), None) => name.as_str(),
        };
        let looking = tokio::net::lookup_host((name, endpoint.port));
        let found = match self.options.timeout {
            Some(limit) => tokio::time::timeout(limit, looking).await.unwrap_or_else(|late| Err(late.into())),
            None => looking.await,
        };
        let failed = |said: Option<String>| failed(self.options, endpoint, Reason::NameNotFound, said);
        let mut addresses: Vec<IpAddr> =
            found.map_err(|error| failed(Some(error.to_string())))?.map(|address| address.ip()).collect();
        if addresses.is_empty() {
            return Err(failed(None));
        }
        if self.options.order == HostOrder::Random {
            shuffle(&mut addresses);
        }
        Ok(addresses.into_iter().map(Some).collect())
    }
}

fn with_others(mut error: ConnectError, misses: Vec<ConnectError>) -> ConnectError {
    error.others.extend(misses.iter().map(ToString::to_string));
    error.others.dedup();
    error
}

/// Orders at random; the standard library's randomly keyed hasher is chance enough to spread load.
fn shuffle<T>(items: &mut [T]) {
    use std::hash::{BuildHasher, RandomState};

    let chance = RandomState::new();
    for last in (1..items.len()).rev() {
        let bound = last as u64 + 1;
        let other = usize::try_from(chance.hash_one(last) % bound).unwrap_or(last);
        items.swap(last, other);
    }
}
