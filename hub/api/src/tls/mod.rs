//! Certificates: by which a hub is recognised, and how it gets them.
//!
//! A hub makes an authority of its own at its first start ([`authority`]); people tell their devices once to trust it,
//! or programs know it by the [`Fingerprint`] of its key. The authority signs the [`leaf`], the certificate that the hub
//! shows, for its names and its present addresses; the hub makes it anew by itself, and open connections go on.
//! An owner who has a certificate of another authority names its files instead ([`OwnFiles`]).
//!
//! **Invariant:** nothing is shown to clients that was not looked at as a client does.
//! **Invariant:** the key of the authority is never replaced by the hub itself while anything of it is left: it is what
//! everybody trusts.

mod authority;
mod error;
mod files;
mod fingerprint;
mod handshake;
mod leaf;
pub mod names;
mod own;
mod profile;
mod verify;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use hub_model::{Clock, Wall};
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use authority::Authority;
pub use authority::AuthorityCertificate;
pub use error::TlsError;
pub use fingerprint::{Fingerprint, NoFingerprint};
pub(crate) use handshake::shake_hands;
use leaf::Leaf;
use names::Names;
pub use own::OwnFiles;
use own::Stamp;

use crate::random::Random;

/// The addresses of this machine at present.
pub type Addresses = Arc<dyn Fn() -> Vec<IpAddr> + Send + Sync>;

/// What certificates are made of.
pub struct CertificateParts {
    /// Where they are kept: `DATA/tls`.
    pub folder: PathBuf,
    /// Names this hub for good.
    pub hub_id: String,
    /// More names by which it may be called.
    pub allowed_hosts: Vec<String>,
    /// Files of the owner's own, in place of what the hub makes.
    pub own: Option<OwnFiles>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where serial numbers come from.
    pub random: Arc<dyn Random>,
    /// The addresses of this machine.
    pub addresses: Addresses,
}

/// The certificates of a hub. Shows the newest to every client that comes.
pub struct Certificates {
    parts: CertificateParts,
    /// By which names the hub is called.
    hosts: Vec<String>,
    source: Mutex<Source>,
    shown: RwLock<Shown>,
}

/// Where the certificate comes from.
#[derive(Debug)]
enum Source {
    /// The hub makes it.
    Made { authority: Box<Authority>, leaf: Leaf, left_out: Vec<String> },
    /// The hub made it, but cannot make another.
    Last(String),
    /// The owner's files, as they were read last; none of them can be read now for this reason.
    Own(Stamp, Option<String>),
}

/// What clients see.
#[derive(Clone, Debug)]
struct Shown {
    key: Arc<CertifiedKey>,
    fingerprint: Fingerprint,
    /// What is to be trusted; none if the owner's certificate needs no trust in this hub.
    authority: Option<AuthorityCertificate>,
}

/// What a person should know of the certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateTrouble {
    /// A stable word.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub text: String,
}

/// The codes of all troubles there may be.
pub const TROUBLES: [&str; 4] =
    ["certificate_authority_lost", "certificate_lacks_name", "certificate_not_renewed", "own_certificate_bad"];

impl std::fmt::Debug for Certificates {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Certificates").field("fingerprint", &self.fingerprint()).finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shown().key)
    }
}

impl Certificates {
    /// The certificates of a hub; they are made if there are none. An error if there is nothing that could be shown.
    pub fn open(parts: CertificateParts) -> Result<Arc<Self>, TlsError> {
        let hosts = Names::hosts_of(&parts.hub_id, &parts.allowed_hosts);
        let (source, shown) = match &parts.own {
            Some(own) => {
                let stamp = own.stamp();
                (Source::Own(stamp, None), Shown::own(own.read()?)?)
            }
            None => made(&parts, &hosts)?,
        };
        Ok(Arc::new(Self { parts, hosts, source: Mutex::new(source), shown: RwLock::new(shown) }))
    }

    fn shown(&self) -> Shown {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn show(&self, shown: Shown) {
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = shown;
    }

    /// By what this hub is recognised: the SHA-256 of its authority's public key, or of that of the owner's certificate.
    pub fn fingerprint(&self) -> Fingerprint {
        self.shown().fingerprint
    }

    /// The certificate that is to be trusted; none if the owner brought one.
    pub fn authority(&self) -> Option<AuthorityCertificate> {
        self.shown().authority
    }

    /// How the hub speaks TLS: versions 1.2 and 1.3 with the library's suites, and HTTP/1.1 in it.
    pub fn server_config(self: &Arc<Self>) -> Result<Arc<ServerConfig>, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// Looks whether names, addresses, files or the time want another certificate, and says what is wrong. To be called
    /// now and then; reads and writes files.
    pub fn look(&self) -> Vec<CertificateTrouble> {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *source {
            Source::Last(text) => vec![CertificateTrouble { code: "certificate_authority_lost", text: text.clone() }],
            Source::Own(stamp, trouble) => {
                self.look_at_own(stamp, trouble);
                let trouble = trouble.clone().or_else(|| own::ending(&self.shown().key, self.parts.clock.now().time()));
                trouble.into_iter().map(|text| CertificateTrouble { code: "own_certificate_bad", text }).collect()
            }
            Source::Made { authority, leaf, left_out } => {
                let mut troubles: Vec<CertificateTrouble> = left_out.iter().map(lacking).collect();
                let wanted = self.wanted(left_out);
                let now = self.parts.clock.now().wall;
                if leaf.is_outdated(&wanted, now) {
                    match renewed(&self.parts, authority, &wanted, now) {
                        Ok((new, key)) => {
                            *leaf = new;
                            self.show(Shown { key: Arc::new(key), ..self.shown() });
                            tracing::info!("The hub's certificate was made anew.");
                        }
                        Err(error) => troubles.push(CertificateTrouble {
                            code: "certificate_not_renewed",
                            text: format!("The hub's certificate cannot be made anew: {error}."),
                        }),
                    }
                }
                troubles
            }
        }
    }

    fn look_at_own(&self, stamp: &mut Stamp, trouble: &mut Option<String>) {
        let Some(own) = &self.parts.own else { return };
        let present = own.stamp();
        if present == *stamp {
            return;
        }
        *stamp = present;
        match own.read().and_then(Shown::own) {
            Ok(shown) => {
                self.show(shown);
                *trouble = None;
                tracing::info!("The certificate of the owner's files is used from now on.");
            }
            Err(error) => {
                *trouble = Some(format!("The new certificate cannot be used, and the old one is kept: {error}."));
            }
        }
    }

    fn wanted(&self, left_out: &[String]) -> Names {
        Names {
            hosts: self.hosts.iter().filter(|host| !left_out.contains(host)).cloned().collect(),
            addresses: Names::private_of((self.parts.addresses)()),
        }
    }
}

fn lacking(host: &String) -> CertificateTrouble {
    CertificateTrouble {
        code: "certificate_lacks_name",
        text: format!(
            "Browsers will not trust this hub as {host}: its certificate authority was made without that name. Give it \
             a certificate of your own ([tls] certificate), or remove the folder tls from its data and restart it: then \
             all who trust this hub must trust it anew."
        ),
    }
}

impl Shown {
    fn own(key: CertifiedKey) -> Result<Self, TlsError> {
        let fingerprint = Fingerprint::of_key(key.end_entity_cert()?)?;
        Ok(Self { key: Arc::new(key), fingerprint, authority: None })
    }

    fn made(key: CertifiedKey, authority: &AuthorityCertificate) -> Result<Self, TlsError> {
        let fingerprint = Fingerprint::of_key(&authority.der)?;
        Ok(Self { key: Arc::new(key), fingerprint, authority: Some(authority.clone()) })
    }
}

/// What the hub makes itself, or made.
fn made(parts: &CertificateParts, hosts: &[String]) -> Result<(Source, Shown), TlsError> {
    let now = parts.clock.now().wall;
    let authority = match Authority::open(&parts.folder, &parts.hub_id, hosts, now.time, &*parts.random) {
        Ok(authority) => authority,
        Err(lost @ TlsError::AuthorityLost { .. }) => return last(parts, now, lost),
        Err(error) => return Err(error),
    };
    // Names that came after the authority was made: one of them would spoil the certificate for all.
    let known = |host: &&String| authority.vouches_for(host, now.time, &*parts.random).is_ok();
    let (known, left_out): (Vec<&String>, Vec<&String>) = hosts.iter().partition(known);
    let hosts = known.into_iter().cloned().collect();
    let wanted = Names { hosts, addresses: Names::private_of((parts.addresses)()) };
    let left_out = left_out.into_iter().cloned().collect();
    let kept = kept(parts, &authority.certificate, now);
    let (leaf, key) = match kept.filter(|(leaf, _)| !leaf.is_outdated(&wanted, now)) {
        Some(kept) => kept,
        None => renewed(parts, &authority, &wanted, now)?,
    };
    let shown = Shown::made(key, &authority.certificate)?;
    Ok((Source::Made { authority: Box::new(authority), leaf, left_out }, shown))
}

/// The certificate that was kept, if it is good for anything. One that is damaged is set aside.
fn kept(parts: &CertificateParts, authority: &AuthorityCertificate, now: Wall) -> Option<(Leaf, CertifiedKey)> {
    let read = Leaf::read(&parts.folder)
        .and_then(|leaf| leaf.map(|leaf| leaf.certified(&authority.der, now.time).map(|key| (leaf, key))).transpose());
    read.unwrap_or_else(|error| {
        tracing::warn!(%error, "The hub's certificate cannot be used any more.");
        // One that cannot be moved is written over.
        let _ = files::set_aside(&leaf::file(&parts.folder));
        None
    })
}

fn renewed(
    parts: &CertificateParts,
    authority: &Authority,
    wanted: &Names,
    now: Wall,
) -> Result<(Leaf, CertifiedKey), TlsError> {
    let leaf = Leaf::make(authority, wanted, now, &*parts.random)?;
    let key = leaf.certified(&authority.certificate.der, now.time)?;
    // A certificate that cannot be kept is as good until the next start.
    if let Err(error) = leaf.write(&parts.folder) {
        tracing::warn!(%error, "The hub's certificate could not be written down; another one is made at the next start.");
    }
    Ok((leaf, key))
}

/// Without its authority a hub shows what it has for as long as clients take it.
fn last(parts: &CertificateParts, now: Wall, lost: TlsError) -> Result<(Source, Shown), TlsError> {
    let read = authority::read_certificate(&parts.folder);
    let Ok(Some(authority)) = read else { return Err(lost) };
    let Some((_, key)) = kept(parts, &authority, now) else { return Err(lost) };
    tracing::error!(error = %lost, "The hub shows its last certificate and can make no other.");
    let mut text = lost.to_string();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    Ok((Source::Last(format!("{text}.")), Shown::made(key, &authority)?))
}

/// What there is to say of certificates that cannot be opened.
pub fn trouble_of(error: &TlsError) -> CertificateTrouble {
    CertificateTrouble { code: "certificate_authority_lost", text: format!("The hub is not served by HTTPS: {error}.") }
}
