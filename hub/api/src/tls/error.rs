//! What can be wrong with certificates.

use std::io;
use std::path::PathBuf;

use crate::random::NoRandomness;

/// There is no certificate to show.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{file} cannot be read ({source})")]
    Read {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("{file} cannot be written ({source})")]
    Write {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what the hub wrote.
    #[error("{file} is damaged ({detail})")]
    Damaged {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The certificate that was kept is of no use.
    #[error("the certificate that was kept cannot be used ({detail})")]
    CertificateUnusable {
        /// What is wrong with it.
        detail: String,
    },
    /// The key by which this hub is known is lost.
    #[error(
        "the key of the hub's certificate authority is lost ({file}: {detail}); bring the file back from a backup and restart the hub, or remove its folder and restart the hub: then all who trust this hub must trust it anew"
    )]
    AuthorityLost {
        /// Where it was.
        file: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// A file of the owner's own cannot be used.
    #[error("{file}: {problem}; {remedy}")]
    Own {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        remedy: String,
    },
    /// The system gives no random numbers.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// A certificate could not be made.
    #[error("a certificate cannot be made ({0})")]
    Make(#[from] rcgen::Error),
    /// A certificate is not what a client would take.
    #[error("a certificate is not good ({0})")]
    Tls(#[from] rustls::Error),
}
