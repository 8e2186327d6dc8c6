//! The hub's own certificate authority: what a phone or browser is told to trust, once.
//!
//! It can vouch only for servers, by this hub's names and by private addresses (name constraints, RFC 5280, 4.2.1.10):
//! who steals its key cannot pose as a bank to those who trust it. Its key is its identity and is made once; its certificate can
//! be made again of the key.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hub_model::Timestamp;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PublicKeyData, SerialNumber,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::names::PRIVATE;
use super::{Fingerprint, TlsError, files, leaf, names, verify};
use crate::random::{Random, bytes};

/// No hub was there before: 2026-11-01T00:00:00Z. The authority is valid from then on, whatever the clock says.
pub(crate) const NOT_BEFORE: Timestamp = Timestamp(1_793_491_200_000);
/// How long an authority lives: as long as a hub may.
const LIFE: Duration = Duration::from_secs(20 * 366 * 86_400);
/// No certificate can say a later time (RFC 5280, 4.1.2.5), and nobody lives to see it.
const LATEST: Timestamp = Timestamp(250_000_000_000_000);

/// The authority, with its key.
pub(crate) struct Authority {
    key: KeyPair,
    params: CertificateParams,
    pub(crate) certificate: AuthorityCertificate,
}

/// What is given to those who are to trust a hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityCertificate {
    /// The certificate.
    pub der: CertificateDer<'static>,
    /// The same as text (RFC 7468).
    pub pem: Arc<str>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authority").finish_non_exhaustive()
    }
}

/// Where the authority's key is.
pub(crate) fn key_file(folder: &Path) -> PathBuf {
    folder.join("authority.key")
}

/// Where the authority's certificate is: what is given to those who are to trust it.
pub(crate) fn certificate_file(folder: &Path) -> PathBuf {
    folder.join("authority.pem")
}

impl Authority {
    /// The authority of the folder; a new one if there is nothing of one. One whose key is damaged or gone is an error: another
    /// key would be another hub to everybody who trusts this one, and that is the owner's to decide.
    pub(crate) fn open(
        folder: &Path,
        hub_id: &str,
        hosts: &[String],
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<Self, TlsError> {
        let (key_file, certificate_file) = (key_file(folder), certificate_file(folder));
        let key = match (files::read(&key_file), files::read(&certificate_file)) {
            (Ok(Some(text)), _) => KeyPair::from_pem(&text).map_err(|error| error.to_string()),
            // A certificate that the hub shows has an authority: whoever trusts it waits for that one.
            (Ok(None), Ok(None)) if !leaf::file(folder).exists() => {
                let key = KeyPair::generate()?;
                files::write(&key_file, &key.serialize_pem(), files::PRIVATE_MODE)?;
                Ok(key)
            }
            (Ok(None), _) => Err("it is gone".to_owned()),
            (Err(error), _) => Err(error.to_string()),
        };
        let key = key.map_err(|detail| TlsError::AuthorityLost { file: key_file, detail })?;
        let params = params(hub_id, hosts, now, random)?;
        let kept = match read_certificate(folder) {
            Ok(kept) => kept,
            Err(error) => {
                tracing::warn!(%error, "The certificate of the hub's authority cannot be used.");
                None
            }
        };
        if let Some(certificate) = kept {
            let kept = Self { key, params, certificate };
            match kept.vouches_for(&names::host_name(hub_id), now, random) {
                Ok(()) => return Ok(kept),
                Err(error) => {
                    tracing::warn!(%error, "The certificate of the hub's authority does not fit the hub.");
                    return Self::certify(kept.key, kept.params, &certificate_file);
                }
            }
        }
        Self::certify(key, params, &certificate_file)
    }

    /// Makes the certificate of a key.
    fn certify(key: KeyPair, params: CertificateParams, file: &Path) -> Result<Self, TlsError> {
        if file.exists() {
            files::set_aside(file)?;
        }
        let made = params.self_signed(&key)?;
        files::write(file, &made.pem(), files::PUBLIC_MODE)?;
        let certificate = AuthorityCertificate { der: made.der().clone(), pem: made.pem().into() };
        Ok(Self { key, params, certificate })
    }

    /// Whether a certificate for this host alone would be taken by who trusts this authority.
    pub(crate) fn vouches_for(&self, host: &str, now: Timestamp, random: &dyn Random) -> Result<(), TlsError> {
        let at = now.max(NOT_BEFORE);
        let mut params = CertificateParams::new([host.to_owned()])?;
        set_dates(&mut params, NOT_BEFORE, at.plus(Duration::from_secs(86_400)));
        params.serial_number = Some(serial(random)?);
        let probe = self.sign(&params, &KeyPair::generate()?)?;
        Ok(verify::verify(&self.certificate.der, probe.der(), [host], at)?)
    }

    /// Signs a certificate.
    pub(crate) fn sign(&self, params: &CertificateParams, key: &impl PublicKeyData) -> Result<Certificate, TlsError> {
        Ok(params.signed_by(key, &Issuer::from_params(&self.params, &self.key))?)
    }
}

/// The certificate of the folder; none if there is none.
pub(crate) fn read_certificate(folder: &Path) -> Result<Option<AuthorityCertificate>, TlsError> {
    let file = certificate_file(folder);
    let Some(text) = files::read(&file)? else { return Ok(None) };
    let damaged = |detail: String| TlsError::Damaged { file: file.clone(), detail };
    let der = CertificateDer::from_pem_slice(text.as_bytes()).map_err(|error| damaged(error.to_string()))?;
    Fingerprint::of_key(&der).map_err(|error| damaged(error.to_string()))?;
    Ok(Some(AuthorityCertificate { der, pem: text.into() }))
}

fn params(hub_id: &str, hosts: &[String], now: Timestamp, random: &dyn Random) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::default();
    set_dates(&mut params, NOT_BEFORE, now.max(NOT_BEFORE).plus(LIFE));
    params.serial_number = Some(serial(random)?);
    params.distinguished_name = distinguished_name(&format!("Hearth hub {}", names::tail(hub_id)));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Of an authority it says what those whom it signs may be for (RFC 5280, 4.2.1.12, as all platforms read it):
    // servers, and neither mail nor programs nor people.
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let hosts = hosts.iter().map(|host| GeneralSubtree::DnsName(host.clone()));
    let networks = PRIVATE
        .iter()
        .map(|(network, prefix)| GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*network, *prefix)));
    params.name_constraints =
        Some(NameConstraints { permitted_subtrees: hosts.chain(networks).collect(), excluded_subtrees: Vec::new() });
    Ok(params)
}

/// A name as it stands in a certificate.
pub(crate) fn distinguished_name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "Hearth");
    name.push(DnType::CommonName, common_name);
    name
}

/// A number that no other certificate has (RFC 5280, 4.1.2.2).
pub(crate) fn serial(random: &dyn Random) -> Result<SerialNumber, TlsError> {
    let mut number = bytes::<16>(random)?;
    // Positive, and of the same length always.
    number[0] = number[0] & 0x3f | 0x40;
    Ok(SerialNumber::from_slice(&number))
}

/// From when to when a certificate is valid. Its library takes times of a crate that only it needs.
pub(crate) fn set_dates(params: &mut CertificateParams, not_before: Timestamp, not_after: Timestamp) {
    let date = |time: Timestamp| {
        let seconds = u64::try_from(time.min(LATEST).milliseconds() / 1_000).unwrap_or(0);
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds)
    };
    params.not_before = date(not_before);
    params.not_after = date(not_after);
}
