//! Options → what the driver needs for TLS.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rustls::{
    ClientConfig, SupportedProtocolVersion,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, pem::PemObject},
    version::{TLS12, TLS13},
};
use tokio_postgres::{
    Socket,
    tls::{MakeTlsConnect, TlsConnect},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    conninfo_error::ConninfoError,
    options::{ServerName, SslMode, TlsOptions, TlsVersion},
    verifier::{HostCheck, ServerCertificate},
};

/// The stream that the driver gets.
pub(super) type TlsStream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;
type Handshake = <MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect;

/// A TLS connector that remembers whether a handshake has begun. The driver's errors don't tell a server that offers no TLS
/// from one whose handshake failed, and `prefer` has to know whether an attempt was encrypted.
#[derive(Clone)]
pub(super) struct Tls {
    connector: MakeRustlsConnect,
    begun: Arc<AtomicBool>,
}

impl Tls {
    /// Reads the files that the options name.
    pub fn new(options: &TlsOptions) -> Result<Self, ConninfoError> {
        let connector = MakeRustlsConnect::new(configuration(options)?);
        Ok(Tls { connector, begun: Arc::default() })
    }

    /// The same connector for a new attempt.
    pub fn afresh(&self) -> Self {
        Tls { connector: self.connector.clone(), begun: Arc::default() }
    }

    /// Whether the server agreed to TLS and the handshake began.
    pub fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = TlsStream;
    type TlsConnect = WatchedHandshake;
    type Error = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Error;

    fn make_tls_connect(&mut self, host: &str) -> Result<WatchedHandshake, Self::Error> {
        let handshake = MakeTlsConnect::<Socket>::make_tls_connect(&mut self.connector, host)?;
        Ok(WatchedHandshake { handshake, begun: Arc::clone(&self.begun) })
    }
}

/// One handshake.
pub(super) struct WatchedHandshake {
    handshake: Handshake,
    begun: Arc<AtomicBool>,
}

impl TlsConnect<Socket> for WatchedHandshake {
    type Stream = TlsStream;
    type Error = <Handshake as TlsConnect<Socket>>::Error;
    type Future = <Handshake as TlsConnect<Socket>>::Future;

    fn connect(self, stream: Socket) -> Self::Future {
        self.begun.store(true, Ordering::Release);
        self.handshake.connect(stream)
    }
}

fn configuration(options: &TlsOptions) -> Result<ClientConfig, ConninfoError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions(options))
        .map_err(|error| trouble("ssl_min_protocol_version", Path::new(""), error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier(options, provider)?));
    let mut configuration = match &options.client {
        None => builder.with_no_client_auth(),
        Some(ours) => {
            let chain = certificates("sslcert", &ours.certificate)?;
            let key = PrivateKeyDer::from_pem_file(&ours.key).map_err(|error| trouble("sslkey", &ours.key, error))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| trouble("sslkey", &ours.key, error))?
        }
    };
    configuration.enable_sni = options.server_name == ServerName::Told;
    // Direct negotiation requires it, and since version 17 libpq says it always.
    configuration.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(configuration)
}

fn versions(options: &TlsOptions) -> Vec<&'static SupportedProtocolVersion> {
    [(TlsVersion::V1_3, &TLS13), (TlsVersion::V1_2, &TLS12)]
        .into_iter()
        .filter(|(version, _)| (options.oldest..=options.newest).contains(version))
        .map(|(_, version)| version)
        .collect()
}

fn verifier(options: &TlsOptions, provider: Arc<CryptoProvider>) -> Result<ServerCertificate, ConninfoError> {
    let Some(root) = &options.root else { return Ok(ServerCertificate::anyone(provider)) };
    let trusted = certificates("sslrootcert", root)?;
    let revoked = match &options.revoked {
        Some(path) => revocation_lists(path)?,
        None => Vec::new(),
    };
    let host = if options.mode == SslMode::VerifyFull { HostCheck::Required } else { HostCheck::Waived };
    ServerCertificate::of_authorities(trusted, revoked, host, provider).map_err(|error| trouble("sslrootcert", root, error))
}

fn certificates(keyword: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, ConninfoError> {
    let found: Vec<_> =
        CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(|error| trouble(keyword, path, error))?;
    if found.is_empty() {
        return Err(trouble(keyword, path, "it holds no certificate"));
    }
    Ok(found)
}

fn revocation_lists(path: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, ConninfoError> {
    CertificateRevocationListDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| trouble("sslcrl", path, error))
}

fn trouble(keyword: &'static str, path: &Path, problem: impl ToString) -> ConninfoError {
    ConninfoError::File { keyword, path: path.to_owned(), problem: problem.to_string() }
}
