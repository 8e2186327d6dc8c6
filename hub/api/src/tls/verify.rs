//! Looks at a certificate just as a client does.

use std::cmp::Ordering;
use std::time::Duration;

use hub_model::Timestamp;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, RootCertStore};

/// Whether a client that trusts `anchor` takes `certificate` for each of these hosts at this time: its signature, its
/// dates, all its names and addresses within what the anchor may vouch for, and the hosts among them.
pub(crate) fn verify<'a>(
    anchor: &CertificateDer<'_>,
    certificate: &CertificateDer<'_>,
    hosts: impl IntoIterator<Item = &'a str>,
    at: Timestamp,
) -> Result<(), rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(anchor.clone().into_owned())?;
    let parsed = ParsedCertificate::try_from(certificate)?;
    let seconds = u64::try_from(at.milliseconds() / 1_000).unwrap_or(0);
    verify_server_cert_signed_by_trust_anchor(
        &parsed,
        &roots,
        &[],
        UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
        rustls::crypto::ring::default_provider().signature_verification_algorithms.all,
    )?;
    for host in hosts {
        let name = ServerName::try_from(host)
            .map_err(|_| rustls::Error::General(format!("{host} is no name that a certificate can hold")))?;
        verify_server_name(&parsed, &name)?;
    }
    Ok(())
}

/// Whether the time of a certificate has not come yet (less), is now (equal) or is over (greater), whoever signed it.
/// Clients look at that first of all, so who trusts nobody finds nothing else before.
pub(crate) fn compare_time(certificate: &CertificateDer<'_>, at: Timestamp) -> Ordering {
    let seconds = u64::try_from(at.milliseconds() / 1_000).unwrap_or(0);
    let verified = ParsedCertificate::try_from(certificate).and_then(|parsed| {
        verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &RootCertStore::empty(),
            &[],
            UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
            rustls::crypto::ring::default_provider().signature_verification_algorithms.all,
        )
    });
    match verified {
        Err(rustls::Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        )) => Ordering::Less,
        Err(rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. })) => {
            Ordering::Greater
        }
        _ => Ordering::Equal,
    }
}
