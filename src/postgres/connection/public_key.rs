//! The public key of a certificate of X.509 version 1.
//!
//! The commands in PostgreSQL's manual make such certificates with OpenSSL up to 3.3, and rustls reads version 3 only. Who they
//! belong to can't be verified, but where libpq wouldn't either, the connection must not be lost, nor its encryption.

/// The `SubjectPublicKeyInfo` of a certificate, tag and length included; none if the bytes are no certificate
/// (<https://www.rfc-editor.org/rfc/rfc5280#section-4.1>).
pub(super) fn of_certificate(der: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    const VERSION: u8 = 0xa0;
    /// Serial number, signature algorithm, issuer, validity, subject.
    const FIELDS_BEFORE_KEY: usize = 5;

    let certificate = Element::first(der)?.inside(SEQUENCE)?;
    let mut rest = Element::first(certificate)?.inside(SEQUENCE)?;
    if let Some(version) = Element::first(rest).filter(|element| element.tag == VERSION) {
        rest = version.rest;
    }
    for _ in 0..FIELDS_BEFORE_KEY {
        rest = Element::first(rest)?.rest;
    }
    let key = Element::first(rest)?;
    (key.tag == SEQUENCE).then_some(key.whole)
}

/// One element of DER.
struct Element<'a> {
    tag: u8,
    whole: &'a [u8],
    content: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Element<'a> {
    fn first(der: &'a [u8]) -> Option<Self> {
        /// A length of more bytes than these would be a certificate of gigabytes.
        const LENGTH_BYTES: usize = 3;

        let (&tag, after_tag) = der.split_first()?;
        let (&short, after_length) = after_tag.split_first()?;
        let (length, content) = match short {
            0..=0x7f => (usize::from(short), after_length),
            _ => {
                let count = usize::from(short & 0x7f);
                let bytes = after_length.get(..count).filter(|_| (1..=LENGTH_BYTES).contains(&count))?;
                let length = bytes.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
                (length, after_length.get(count..)?)
            }
        };
        let rest = content.get(length..)?;
        Some(Element { tag, whole: der.get(..der.len() - rest.len())?, content: content.get(..length)?, rest })
    }

    fn inside(self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.content)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair, PublicKeyData};

    use super::*;

    #[test]
    fn the_key_of_a_certificate_is_found() {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::default().self_signed(&key).unwrap();
        assert_eq!(of_certificate(certificate.der()), Some(key.subject_public_key_info().as_slice()));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            of_certificate(&bytes);
        }
    }
}
