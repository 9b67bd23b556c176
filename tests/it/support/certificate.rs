//! Authorities and certificates for TLS.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    SigningKey,
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

    /// Writes a certificate of X.509 version 1 with its key, as the commands in PostgreSQL's manual make it: it has no extensions,
    /// and so no names but the subject's.
    pub fn server_of_version_1(&self, name: &str, certificate: &Path, key: &Path) {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        let pair = KeyPair::generate().expect("a key");
        let signed = params.signed_by(&pair, &self.issuer).expect("a certificate");
        let mut parts = elements(elements(signed.der())[0].1).into_iter();
        let (to_be_signed, algorithm) = (parts.next().expect("a body"), parts.next().expect("an algorithm"));
        let (version, extensions) = (0xa0, 0xa3);
        let body: Vec<u8> = elements(to_be_signed.1)
            .into_iter()
            .filter(|(element, _)| element[0] != version && element[0] != extensions)
            .flat_map(|(element, _)| element.to_vec())
            .collect();
        let body = element(0x30, &body);
        let mut signature = vec![0];
        signature.extend(self.issuer.key().sign(&body).expect("a signature"));
        let whole = [body, algorithm.0.to_vec(), element(0x03, &signature)].concat();
        fs::write(certificate, pem(&element(0x30, &whole))).expect("the certificate is written");
        fs::write(key, pair.serialize_pem()).expect("the key is written");
        fs::set_permissions(key, fs::Permissions::from_mode(0o600)).expect("the key's permissions");
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

/// The elements of DER one after the other, each whole and without tag and length.
fn elements(mut der: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut found = Vec::new();
    while !der.is_empty() {
        let (header, length) = match der[1] {
            short @ 0..=0x7f => (2, usize::from(short)),
            0x81 => (3, usize::from(der[2])),
            _ => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
        };
        let (whole, rest) = der.split_at(header + length);
        found.push((whole, &whole[header..]));
        der = rest;
    }
    found
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let [.., high, low] = content.len().to_be_bytes();
    let mut der = vec![tag];
    match content.len() {
        0..=0x7f => der.push(low),
        0x80..=0xff => der.extend([0x81, low]),
        _ => der.extend([0x82, high, low]),
    }
    der.extend(content);
    der
}

fn pem(der: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    let mut text = String::new();
    for three in der.chunks(3) {
        let bits = three.iter().fold(0_usize, |bits, &byte| bits << 8 | usize::from(byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = char::from(ALPHABET[bits >> (18 - 6 * place) & 63]);
            text.push(if place <= three.len() { digit } else { '=' });
        }
    }
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
