//! Whether a server's certificate is believed: libpq's three answers.

use std::sync::Arc;

use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        VerifierBuilderError, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature, verify_tls13_signature_with_raw_key},
    pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

use super::public_key;

/// What is verified beside the possession of the certificate's key.
#[derive(Debug)]
enum Belief {
    /// Nothing. The handshake's signature is verified nevertheless: channel binding rests on it.
    Anyone,
    /// That a trusted authority vouches for the certificate.
    Authority(Arc<WebPkiServerVerifier>),
    /// The same, and that the certificate names the host.
    Host(Arc<WebPkiServerVerifier>),
}

/// Whether the host's name has to stand in the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostCheck {
    Required,
    Waived,
}

/// Verifies a server's certificate as libpq does.
#[derive(Debug)]
pub(super) struct ServerCertificate {
    belief: Belief,
    trusted: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertificate {
    /// Believes any server.
    pub fn anyone(provider: Arc<CryptoProvider>) -> Self {
        ServerCertificate { belief: Belief::Anyone, trusted: Vec::new(), provider }
    }

    /// Believes servers for which one of these authorities vouches.
    pub fn of_authorities(
        trusted: Vec<CertificateDer<'static>>,
        revoked: Vec<CertificateRevocationListDer<'static>>,
        host: HostCheck,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, VerifierBuilderError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(trusted.iter().cloned());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .with_crls(revoked)
            .build()?;
        let belief = match host {
            HostCheck::Required => Belief::Host(verifier),
            HostCheck::Waived => Belief::Authority(verifier),
        };
        Ok(ServerCertificate { belief, trusted, provider })
    }

    /// A self-signed certificate that people put into `sslrootcert` as it is. Made by `openssl req -x509` it calls itself an
    /// authority, which the verifier refuses for a server, but only after it has looked at the dates; OpenSSL, and so
    /// libpq, believes it.
    fn is_trusted_itself(&self, certificate: &CertificateDer<'_>, error: &Error) -> bool {
        matches!(error, Error::InvalidCertificate(CertificateError::Other(_)))
            && self.trusted.iter().any(|trusted| trusted == certificate)
    }
}

impl ServerCertVerifier for ServerCertificate {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let (verifier, host) = match &self.belief {
            Belief::Anyone => return Ok(ServerCertVerified::assertion()),
            Belief::Authority(verifier) => (verifier, HostCheck::Waived),
            Belief::Host(verifier) => (verifier, HostCheck::Required),
        };
        match verifier.verify_server_cert(certificate, intermediates, name, ocsp_response, now) {
            // The name is looked at last, so that everything else was in order.
            Err(error) if host == HostCheck::Waived && is_name(&error) => Ok(ServerCertVerified::assertion()),
            Err(error) if self.is_trusted_itself(certificate, &error) => {
                if host == HostCheck::Required {
                    verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                }
                Ok(ServerCertVerified::assertion())
            }
            answer => answer,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let unreadable = matches!(self.belief, Belief::Anyone) && ParsedCertificate::try_from(certificate).is_err();
        match public_key::of_certificate(certificate).filter(|_| unreadable) {
            Some(key) => verify_tls13_signature_with_raw_key(message, &key.into(), signed, algorithms),
            None => verify_tls13_signature(message, certificate, signed, algorithms),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Whether the certificate is good, but names another host.
pub(super) fn is_name(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. })
    )
}
