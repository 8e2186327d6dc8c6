//! Tells the local network of this hub while it is ready: by its own name, and by `hearth.local` where that is free.

use std::net::IpAddr;
use std::time::Duration;

use mdns_sd::{DaemonEvent, HostnameResolutionEvent, ServiceDaemon};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::record::About;
use super::{MdnsError, daemon};
use crate::api::Api;
use crate::tls::names::SHARED_HOST;

/// How often it is looked whether something else is to be told.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often it is tried to get the shared name.
const SHARED_EVERY: Duration = Duration::from_secs(600);
/// Who has a name answers within this.
const ANSWER_WITHIN: Duration = Duration::from_millis(1_500);
/// How long the goodbye may take.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);
/// So often another name is taken because of a conflict; then somebody plays with us.
const CONFLICTS_MAX: usize = 8;

/// Where a hub is served.
#[derive(Clone, Copy, Debug)]
pub struct Announced {
    /// The port of plain HTTP.
    pub http_port: u16,
    /// The one address that it is served at; none = all of this machine.
    pub address: Option<IpAddr>,
}

/// Tells of this hub until `closing` is cancelled, then says goodbye. Where multicast DNS cannot be spoken, it says so
/// and ends.
pub async fn announce(api: Api, at: Announced, closing: CancellationToken) {
    let mut pictures = api.app.core.watch();
    let ready = async { pictures.wait_for(|snapshot| snapshot.ready).await.is_ok() };
    if closing.run_until_cancelled(ready).await != Some(true) {
        return;
    }
    match Announcer::new() {
        Ok(announcer) => announcer.run(&api, at, &closing).await,
        Err(error) => {
            tracing::warn!(%error, "The hub cannot be found by its name; use its address. [mdns] enabled = false says that this is meant.");
        }
    }
}

struct Announcer {
    daemon: ServiceDaemon,
    told: Option<About>,
    has_shared: bool,
    conflicts: usize,
}

impl Announcer {
    fn new() -> Result<Self, MdnsError> {
        Ok(Self { daemon: daemon()?, told: None, has_shared: false, conflicts: 0 })
    }

    async fn run(mut self, api: &Api, at: Announced, closing: &CancellationToken) {
        if closing.run_until_cancelled(self.tell(api, at)).await.is_some_and(|told| told.is_err()) {
            tracing::warn!("The hub cannot be found by its name any more; use its address.");
        }
        let Ok(goodbye) = self.daemon.shutdown() else { return };
        if timeout(GOODBYE_WITHIN, goodbye.recv_async()).await.is_err() {
            tracing::debug!("The goodbye to the local network was cut off.");
        }
    }

    /// Tells what there is to be told, and again when it changes. Ends only when it cannot.
    async fn tell(&mut self, api: &Api, at: Announced) -> Result<(), MdnsError> {
        let mut events = self.daemon.monitor()?;
        let (mut looks, mut tries) = (interval(LOOK_EVERY), interval(SHARED_EVERY));
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tries.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = looks.tick() => {
                    let about = about(api, at);
                    if self.told.as_ref() != Some(&about) {
                        self.register(about)?;
                    }
                }
                event = events.recv_async() => match event {
                    Ok(DaemonEvent::NameChange(change)) => {
                        tracing::info!(was = change.original, is = change.new_name, "A name is taken on the local network.");
                        self.conflict(&change.original)?;
                    }
                    // It may quote what the neighbours are called.
                    Ok(DaemonEvent::Error(_)) => tracing::debug!("Something went wrong with multicast DNS."),
                    Ok(_) => {}
                    // More came than could be looked at; or there is nobody any more, which the next line says.
                    Err(_) => events = self.daemon.monitor()?,
                },
                _ = tries.tick(), if !self.has_shared => {
                    if let Some(about) = &self.told && is_free(&self.daemon, SHARED_HOST).await? {
                        self.daemon.register(about.page()?)?;
                        self.has_shared = true;
                    }
                }
            }
        }
    }

    fn register(&mut self, about: About) -> Result<(), MdnsError> {
        self.daemon.register(about.service()?)?;
        if self.has_shared {
            self.daemon.register(about.page()?)?;
        }
        self.told = Some(about);
        Ok(())
    }

    /// Somebody else has a name. The shared one is given up; another of the hub's own was taken in its place, but not
    /// without end.
    fn conflict(&mut self, original: &str) -> Result<(), MdnsError> {
        let Some(about) = &self.told else { return Ok(()) };
        let is_shared = original.trim_end_matches('.').eq_ignore_ascii_case(SHARED_HOST);
        let page = about.page()?;
        if self.has_shared && (is_shared || original.eq_ignore_ascii_case(page.get_fullname())) {
            self.daemon.unregister(page.get_fullname())?;
            self.has_shared = false;
            return Ok(());
        }
        self.conflicts += 1;
        if self.conflicts == CONFLICTS_MAX {
            tracing::warn!("Somebody takes every name of this hub on the local network; it is told of no more.");
            self.daemon.unregister(about.service()?.get_fullname())?;
        }
        Ok(())
    }
}

fn about(api: &Api, at: Announced) -> About {
    let app = &api.app;
    About {
        hub_id: app.hub_id.clone(),
        home_name: app.core.snapshot().home.name.as_ref().into(),
        version: app.version.clone(),
        is_claimed: app.accounts.is_claimed(),
        http_port: at.http_port,
        tls: app.options.tls.as_ref().map(|tls| (tls.port, tls.certificates.fingerprint())),
        address: at.address,
    }
}

/// Whether nobody on the local network has this name.
async fn is_free(daemon: &ServiceDaemon, host: &str) -> Result<bool, MdnsError> {
    let host = format!("{host}.");
    let within = u64::try_from(ANSWER_WITHIN.as_millis()).unwrap_or(u64::MAX);
    let answers = daemon.resolve_hostname(&host, Some(within))?;
    let found = async {
        while let Ok(event) = answers.recv_async().await {
            match event {
                HostnameResolutionEvent::AddressesFound(..) => return true,
                HostnameResolutionEvent::SearchTimeout(_) | HostnameResolutionEvent::SearchStopped(_) => return false,
                _ => {}
            }
        }
        false
    };
    let found = timeout(ANSWER_WITHIN + Duration::from_secs(1), found).await.unwrap_or(false);
    if found {
        daemon.stop_resolve_hostname(&host)?;
    }
    Ok(!found)
}
