//! Whom the command line trusts to be the hub when it speaks to it over a network.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use hub_api::tls::Fingerprint;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::arguments::Common;
use super::failure::Failure;

/// Whom to trust.
#[derive(Debug, Clone)]
enum Trust {
    /// Who shows that it is, or is vouched for by, the holder of the key with this fingerprint.
    Fingerprint(Fingerprint),
    /// Who is vouched for by one of these.
    Roots(Arc<RootCertStore>),
}

/// Speaks TLS to a hub.
#[derive(Clone)]
pub(crate) struct Tls {
    connector: TlsConnector,
    seen: Arc<Mutex<Option<Fingerprint>>>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// As the arguments say: by a fingerprint, by a file of authorities, else by those of the web.
    pub(crate) fn new(common: &Common) -> Result<Self, Failure> {
        let trust = match (&common.fingerprint, &common.ca) {
            (Some(fingerprint), _) => {
                let read = fingerprint.parse();
                Trust::Fingerprint(read.map_err(|error| Failure::Usage(format!("{fingerprint:?}: {error}")))?)
            }
            (None, Some(file)) => Trust::Roots(roots_of(file)?),
            (None, None) => {
                Trust::Roots(Arc::new(RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned())))
            }
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let seen = Arc::default();
        let verifier = Verifier { trust, provider: Arc::clone(&provider), seen: Arc::clone(&seen) };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::Failed(format!("TLS cannot be spoken ({error})")))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), seen })
    }

    /// Speaks TLS on a connection to `authority` (host and port).
    pub(crate) async fn connect(&self, stream: TcpStream, authority: &str) -> Result<TlsStream<TcpStream>, Failure> {
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        // The zone of a link-local address is of this machine alone.
        let host = host.split_once('%').map_or(host, |(address, _)| address);
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Failure::Usage(format!("{host:?} is no name of a host; write https://192.168.1.5:8443")))?;
        self.connector.connect(name, stream).await.map_err(|error| self.failure(&error, authority, host))
    }

    fn failure(&self, error: &std::io::Error, authority: &str, host: &str) -> Failure {
        let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        let Some(Error::InvalidCertificate(problem)) = tls else {
            return Failure::Unreachable { at: authority.to_owned(), detail: error.to_string() };
        };
        let detail = match problem {
            CertificateError::UnknownIssuer => "nobody that this command trusts vouches for it".to_owned(),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                format!("its certificate is not for {host}")
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "its certificate has expired, or this machine's clock is wrong".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "its certificate is not valid yet, or this machine's clock is wrong".to_owned()
            }
            CertificateError::ApplicationVerificationFailure => {
                "it has another key than the one that was given".to_owned()
            }
            problem => format!("its certificate is not good ({problem:?})"),
        };
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        Failure::Untrusted { at: authority.to_owned(), detail, seen }
    }
}

fn roots_of(file: &Path) -> Result<Arc<RootCertStore>, Failure> {
    let wrong = |problem: String| {
        Failure::Usage(format!(
            "--ca {}: {problem}; give the file that http://HUB:8080/certificate.pem or the hub's DATA/tls/authority.pem is",
            file.display()
        ))
    };
    let text = std::fs::read(file).map_err(|source| Failure::File { file: file.to_owned(), source })?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| wrong(format!("it is no PEM ({error})")))?;
        roots.add(certificate).map_err(|error| wrong(format!("it holds no certificate authority ({error})")))?;
    }
    if roots.is_empty() {
        return Err(wrong("there is no certificate in it".to_owned()));
    }
    Ok(Arc::new(roots))
}

/// Looks at what a hub shows.
#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
    /// By what the hub could be recognised that was seen last.
    seen: Arc<Mutex<Option<Fingerprint>>>,
}

impl Verifier {
    /// Takes a certificate that one of these vouches for: signature, dates, names, and what they may vouch for.
    fn vouched(
        &self,
        roots: Arc<RootCertStore>,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&self.provider))
            .build()
            .map_err(|error| Error::General(error.to_string()))?;
        verifier.verify_server_cert(shown, between, name, &[], now)
    }
}

/// The fingerprint of a hub's own authority, if that stands behind its certificate: it may vouch for some names only,
/// unlike those of the web.
fn own_authority(between: &[CertificateDer<'_>]) -> Option<Fingerprint> {
    let last = between.last()?;
    let mut roots = RootCertStore::empty();
    roots.add(last.clone().into_owned()).ok()?;
    roots.roots.first()?.name_constraints.as_ref()?;
    Fingerprint::of_key(last).ok()
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let own = Fingerprint::of_key(shown)?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(own_authority(between).unwrap_or(own));
        let wanted = match &self.trust {
            Trust::Roots(roots) => return self.vouched(Arc::clone(roots), shown, between, name, now),
            Trust::Fingerprint(wanted) => *wanted,
        };
        if own == wanted {
            // That it holds the key is shown by the handshake's signature.
            verify_server_name(&ParsedCertificate::try_from(shown)?, name)?;
            return Ok(ServerCertVerified::assertion());
        }
        let holder = between.iter().find(|one| Fingerprint::of_key(one).is_ok_and(|found| found == wanted));
        let Some(holder) = holder else {
            return Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure));
        };
        let mut roots = RootCertStore::empty();
        roots.add(holder.clone().into_owned())?;
        self.vouched(Arc::new(roots), shown, between, name, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
