//! The certificate that the hub shows, made by its own authority and made anew in time.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hub_model::{Timestamp, Trust, Wall};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};

use super::authority::{Authority, NOT_BEFORE, distinguished_name, serial, set_dates};
use super::names::Names;
use super::{TlsError, files, verify};
use crate::random::Random;

/// How long it is valid: browsers refuse what lives longer than 398 days.
const LIFE: Duration = Duration::from_secs(397 * 86_400);
/// A new one is made when less than this is left.
const RENEWED_AT: Duration = Duration::from_secs(LIFE.as_secs() / 3);
/// It is valid from a little before, for clients whose clock is behind.
const BEFORE: Duration = Duration::from_secs(86_400);

/// A certificate and its key, as they are kept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Leaf {
    /// What it is for.
    pub(crate) names: Names,
    not_before: Timestamp,
    not_after: Timestamp,
    /// Whether the clock was to be believed when it was made.
    clock_trusted: bool,
    /// PEM.
    certificate: String,
    /// PEM.
    key: String,
}

impl std::fmt::Debug for Leaf {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Leaf").field("names", &self.names).finish_non_exhaustive()
    }
}

fn is_trusted(now: Wall) -> bool {
    now.trust > Trust::Persisted
}

/// Where it is kept. One file, so that certificate and key always fit.
pub(crate) fn file(folder: &Path) -> PathBuf {
    folder.join("certificate.json")
}

impl Leaf {
    /// A new one for these names. A clock that stands before all hubs counts as the first of their days.
    pub(crate) fn make(authority: &Authority, names: &Names, now: Wall, random: &dyn Random) -> Result<Self, TlsError> {
        let not_before = now.time.minus(BEFORE).max(NOT_BEFORE);
        let not_after = not_before.plus(LIFE);
        let mut params = CertificateParams::default();
        set_dates(&mut params, not_before, not_after);
        params.serial_number = Some(serial(random)?);
        params.distinguished_name = distinguished_name(names.hosts.first().map_or("hearth", String::as_str));
        params.is_ca = IsCa::ExplicitNoCa;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        for host in &names.hosts {
            params.subject_alt_names.push(SanType::DnsName(host.as_str().try_into()?));
        }
        params.subject_alt_names.extend(names.addresses.iter().map(|address| SanType::IpAddress(*address)));
        let key = KeyPair::generate()?;
        let made = authority.sign(&params, &key)?;
        let leaf = Self {
            names: names.clone(),
            not_before,
            not_after,
            clock_trusted: is_trusted(now),
            certificate: made.pem(),
            key: key.serialize_pem(),
        };
        // What no client would take is not shown to any.
        leaf.certified(&authority.certificate.der, now.time)?;
        Ok(leaf)
    }

    /// What is kept in the folder; none if there is nothing.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, TlsError> {
        let file = file(folder);
        let Some(text) = files::read(&file)? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|error| TlsError::Damaged { file, detail: error.to_string() })
    }

    /// Keeps it in the folder.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), TlsError> {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        files::write(&file(folder), &text, files::PRIVATE_MODE)
    }

    /// Whether another one is to be made: it does not hold all names and addresses, its time is nearly over or has not
    /// come, or it was made by a clock that nobody believed and there is a better one now.
    pub(crate) fn is_outdated(&self, wanted: &Names, now: Wall) -> bool {
        !self.names.cover(wanted)
            || now.time.max(NOT_BEFORE) < self.not_before
            || now.time.plus(RENEWED_AT) > self.not_after
            || is_trusted(now) && !self.clock_trusted
    }

    /// Certificate and key as they are shown to clients, after a look at them as a client does. The authority goes
    /// along, so that a client that only knows its fingerprint can see it.
    pub(crate) fn certified(
        &self,
        authority: &CertificateDer<'static>,
        now: Timestamp,
    ) -> Result<CertifiedKey, TlsError> {
        let damaged = |detail: String| TlsError::CertificateUnusable { detail };
        let certificate = CertificateDer::from_pem_slice(self.certificate.as_bytes())
            .map_err(|error| damaged(error.to_string()))?
            .into_owned();
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).map_err(|error| damaged(error.to_string()))?;
        let addresses: Vec<String> = self.names.addresses.iter().map(ToString::to_string).collect();
        let hosts = self.names.hosts.iter().chain(&addresses).map(String::as_str);
        // Whether its time is over is another question, and no damage.
        let at = now.clamp(self.not_before, self.not_after.max(self.not_before));
        verify::verify(authority, &certificate, hosts, at)?;
        let provider = rustls::crypto::ring::default_provider();
        Ok(CertifiedKey::from_der(vec![certificate, authority.clone()], key, &provider)?)
    }
}
