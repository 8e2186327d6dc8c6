//! Whom to trust, and the hub's own certificate.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::config::MqttConfig;

/// Where systems keep the certificates that they trust.
const SYSTEM_BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
];

/// Reads the certificate files. The error names the file and what to do.
pub(super) fn client_config(config: &MqttConfig) -> Result<Arc<ClientConfig>, String> {
    let roots = match &config.ca {
        Some(path) => {
            let mut roots = RootCertStore::empty();
            let (added, _) = roots.add_parsable_certificates(certificates("ca", path)?);
            if added == 0 {
                return Err(format!("ca = {}: none of its certificates can be an authority", path.display()));
            }
            roots
        }
        None => system_roots(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?
        .with_root_certificates(roots);
    let client = match (&config.cert, &config.key) {
        (Some(cert), Some(key)) => {
            let chain = certificates("cert", cert)?;
            let key = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| format!("key = {}: {error}; give a private key in PEM form", key.display()))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| {
                format!("cert = {}: {error}; check that cert and key belong together", cert.display())
            })?
        }
        _ => builder.with_no_client_auth(),
    };
    Ok(Arc::new(client))
}

fn certificates(key: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |error: rustls::pki_types::pem::Error| {
        format!("{key} = {}: {error}; give certificates in PEM form", path.display())
    };
    let read: Vec<_> = CertificateDer::pem_file_iter(path).map_err(wrong)?.collect::<Result<_, _>>().map_err(wrong)?;
    if read.is_empty() {
        return Err(format!(
            "{key} = {}: there is no certificate in it; give certificates in PEM form",
            path.display()
        ));
    }
    Ok(read)
}

fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for bundle in SYSTEM_BUNDLES {
        if let Ok(found) = CertificateDer::pem_file_iter(bundle) {
            roots.add_parsable_certificates(found.filter_map(Result::ok));
        }
        if !roots.is_empty() {
            return roots;
        }
    }
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    roots
}
