//! A certificate of the owner's own, in files that somebody else renews.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hub_model::Timestamp;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::{TlsError, files, verify};

const DAY: Duration = Duration::from_secs(86_400);
/// It is said so many days before a certificate is over. Whoever renews certificates by a program does so earlier.
const WARNED_BEFORE: u32 = 14;

/// Where the owner's certificate and its key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFiles {
    /// PEM: the certificate first, then those by which it is signed.
    pub certificate: PathBuf,
    /// PEM: its key.
    pub key: PathBuf,
}

/// What the files were when they were read last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp([Option<(std::time::SystemTime, u64)>; 2]);

impl OwnFiles {
    /// Whether they can be used as they are.
    pub fn check(&self) -> Result<(), TlsError> {
        self.read().map(drop)
    }

    pub(crate) fn read(&self) -> Result<CertifiedKey, TlsError> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(text(&self.certificate)?.as_bytes())
            .collect::<Result<_, pem::Error>>()
            .map_err(|error| {
                wrong(&self.certificate, &in_words(&error), "it must be a chain of certificates in PEM")
            })?;
        if chain.is_empty() {
            return Err(wrong(
                &self.certificate,
                "there is no certificate in it",
                "give a chain of certificates in PEM",
            ));
        }
        let key = PrivateKeyDer::from_pem_slice(text(&self.key)?.as_bytes()).map_err(|error| {
            wrong(&self.key, &in_words(&error), "give the certificate's key in PEM, without a password")
        })?;
        let provider = rustls::crypto::ring::default_provider();
        CertifiedKey::from_der(chain, key, &provider).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => wrong(
                &self.key,
                "it is not the key of the certificate",
                &format!("give the key that {} was made for", self.certificate.display()),
            ),
            rustls::Error::InvalidCertificate(error) => {
                wrong(&self.certificate, &format!("it holds no good certificate: {error:?}"), "make it anew")
            }
            error => wrong(&self.key, &error.to_string(), "give an ECDSA, Ed25519 or RSA key in PEM"),
        })
    }

    pub(crate) fn stamp(&self) -> Stamp {
        let stamp = |file: &Path| {
            let about = std::fs::metadata(file).ok()?;
            Some((about.modified().ok()?, about.len()))
        };
        Stamp([stamp(&self.certificate), stamp(&self.key)])
    }
}

/// What there is to say of a certificate that is over, or that nobody has renewed in time. One that lives for days only
/// is renewed in its last ones, and is said when it is over; one whose time has not come is not, as the clock may be
/// behind.
pub(crate) fn ending(key: &CertifiedKey, now: Timestamp) -> Option<String> {
    let certificate = key.end_entity_cert().ok()?;
    let is_over = |at: Timestamp| verify::compare_time(certificate, at).is_gt();
    let is_old = verify::compare_time(certificate, now.minus(DAY * WARNED_BEFORE)).is_ge();
    let when = match (0..=WARNED_BEFORE).find(|days| is_over(now.plus(DAY * *days)))? {
        0 => "is over, and browsers do not take it".to_owned(),
        _ if !is_old => return None,
        1 => "is over in less than a day".to_owned(),
        days => format!("is over in {days} days"),
    };
    Some(format!("The certificate of your own {when}. Renew it: the hub reads files that change by itself."))
}

fn text(file: &Path) -> Result<String, TlsError> {
    match files::read(file) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(wrong(file, "there is no such file", "name the file that is there, or put it there")),
        Err(TlsError::Read { source, .. }) => {
            Err(wrong(file, &format!("it cannot be read ({source})"), "make it readable for the hub's user"))
        }
        Err(error) => Err(error),
    }
}

fn in_words(error: &pem::Error) -> String {
    match error {
        pem::Error::NoItemsFound => "there is none of what was looked for in it".to_owned(),
        error => format!("it is no PEM ({error})"),
    }
}

fn wrong(file: &Path, problem: &str, remedy: &str) -> TlsError {
    TlsError::Own { file: file.to_owned(), problem: problem.to_owned(), remedy: remedy.to_owned() }
}
