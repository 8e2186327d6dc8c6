//! By what a hub is recognised: the SHA-256 of a public key, which outlives every certificate made for it.

use std::fmt;
use std::str::FromStr;

use ring::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;

use crate::random::{from_hex, hex};

/// A SHA-256 digest. It is shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

/// What was typed is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 64 hexadecimal digits; `hearth status` on the hub's machine shows it")]
pub struct NoFingerprint;

impl Fingerprint {
    /// Of a certificate's public key: of its SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) as it stands in the certificate.
    pub fn of_key(certificate: &CertificateDer<'_>) -> Result<Self, rustls::Error> {
        Ok(Self::of_bytes(&ParsedCertificate::try_from(certificate)?.subject_public_key_info()))
    }

    /// Of a whole certificate, as phones and browsers show it when one is installed.
    pub fn of_certificate(certificate: &CertificateDer<'_>) -> Self {
        Self::of_bytes(certificate)
    }

    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        let mut sum = [0; 32];
        sum.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(sum)
    }

    /// The digest.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// In capitals, by pairs with colons between: the way phones and browsers write it.
    pub fn in_pairs(&self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|byte| hex(&[*byte]).to_ascii_uppercase()).collect();
        pairs.join(":")
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    /// Capitals, colons and spaces do not matter.
    fn from_str(text: &str) -> Result<Self, NoFingerprint> {
        let digits: String = text.chars().filter(|letter| !matches!(letter, ':' | ' ')).take(65).collect();
        let bytes = from_hex(&digits).ok_or(NoFingerprint)?;
        bytes.try_into().map(Self).map_err(|_| NoFingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_people_and_programs_write_it() {
        let fingerprint = Fingerprint::of_bytes(b"abc");
        let plain = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(fingerprint.to_string(), plain);
        assert!(fingerprint.in_pairs().starts_with("BA:78:16:BF:"));
        for text in [plain.to_owned(), fingerprint.in_pairs(), plain.to_uppercase(), format!(" {plain} ")] {
            assert_eq!(text.parse(), Ok(fingerprint), "{text}");
        }
        for text in ["", "ba78", &format!("{plain}00"), &plain.replace('b', "x")] {
            assert_eq!(text.parse::<Fingerprint>(), Err(NoFingerprint), "{text}");
        }
    }
}
