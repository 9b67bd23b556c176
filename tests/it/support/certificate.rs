//! Authorities and certificates for TLS.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};

/// A certificate authority of one test's.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// A new one.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("a key");
        Authority { issuer: CertifiedIssuer::self_signed(params, key).expect("a certificate") }
    }

    /// Writes its certificate.
    pub fn write(&self, path: &Path) {
        fs::write(path, self.issuer.pem()).expect("the authority's certificate is written");
    }

    /// Writes certificate and key of a server with these names.
    pub fn server(&self, names: &[&str], certificate: &Path, key: &Path) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.signed(params, certificate, key);
    }

    /// Writes certificate and key of a client that logs in as this role.
    pub fn client(&self, role: &str, certificate: &Path, key: &Path) {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, role);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.signed(params, certificate, key);
    }

    fn signed(&self, params: CertificateParams, certificate: &Path, key: &Path) {
        let pair = KeyPair::generate().expect("a key");
        let signed = params.signed_by(&pair, &self.issuer).expect("a certificate");
        fs::write(certificate, signed.pem()).expect("the certificate is written");
        fs::write(key, pair.serialize_pem()).expect("the key is written");
        fs::set_permissions(key, fs::Permissions::from_mode(0o600)).expect("the key's permissions");
    }
}
