//! Joins store, core, drivers and API, and takes them down again in order.
//!
//! Up: store → core (which starts the drivers and waits for none) → API. Down: API → drivers finish what they do →
//! core drains → store commits.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use hub_api::tls::names;
use hub_api::{Api, ApiOptions, ApiParts, Listener, Random, SystemRandom, TlsDoor, mdns};
use hub_core::{CoreHandle, CoreParts, Heartbeat};
use hub_model::household::{Home, Secret};
use hub_model::record::{Change, Kept, Record};
use hub_model::zone::Zone;
use sd_notify::NotifyState;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cli::Failure;
use crate::cli::arguments::RunArguments;
use crate::clock::SystemClock;
use crate::config::paths::Environment;
use crate::doors::{self, Ports, Served};
use crate::plan::Plan;
use crate::ports::{self, StorePort};
use crate::{demo, drivers, messages, open_files, recovery, service, troubles};

/// An orderly stop takes this long at most.
const STOP_WITHIN: Duration = Duration::from_secs(9);
/// A new hub waits for so long until its id is on the disk.
const ID_KEPT_WITHIN: Duration = Duration::from_secs(10);
/// The name under which the hub's id is kept.
const HUB_ID: &str = "hub/id";

/// `hearth run`: until somebody wants it to stop.
pub fn run(arguments: RunArguments, environment: Environment<'_>) -> Result<(), Failure> {
    let plan = Plan::new(arguments, environment)?;
    // The home has a thread to itself, core and drivers together: from a radio's message to a lamp's command no other
    // thread has to be woken. Web clients have theirs, so that they never hold the home up.
    let home = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let web = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(4)
        .thread_name("web")
        .enable_all()
        .build()
        .map_err(failed)?;
    // What lies outside the home answers late or never, the name service too: that must hold up nobody else.
    let outside = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(4)
        .thread_name("messages")
        .enable_all()
        .build()
        .map_err(failed)?;
    let outcome = home.block_on(serve(plan, web.handle().clone(), outside.handle().clone()));
    outside.shutdown_background();
    web.shutdown_timeout(Duration::from_millis(500));
    home.shutdown_timeout(Duration::from_millis(500));
    outcome
}

async fn serve(mut plan: Plan, web_runtime: Handle, outside: Handle) -> Result<(), Failure> {
    let clock = Arc::new(if plan.demo { SystemClock::vouched() } else { SystemClock::new() });
    let random = SystemRandom;
    // Ports first: one that is taken is said before anything is touched.
    let ports = web_runtime.spawn(Ports::open(plan.http, plan.https, plan.sockets.clone()));
    let Ports { http, https, local, socket } = ports.await.map_err(failed)??;

    let (store, mut kept) = ports::open(&plan, clock.clone()).map_err(failed)?;
    let port = StorePort(store.handle());
    clock.not_before(kept.last_known_time);
    if !kept.findings.is_empty() {
        // They name what they are about.
        tracing::warn!(findings = kept.findings.len(), "The store was mended; an alert says how.");
    }
    // What the store says of itself for as long as it holds need not be said once more.
    let troubles = store.handle().troubles();
    kept.findings.retain(|finding| !troubles.iter().any(|trouble| trouble.text.contains(&**finding)));
    let (hub_id, is_new) = hub_id(&kept, &random)?;
    kept.home.get_or_insert_with(|| first_home(&plan));
    tracing::debug!(hub = hub_id, epoch = kept.epoch, "The home is restored.");
    let (accounts, tokens, secrets) = (kept.accounts.clone(), kept.tokens.clone(), kept.secrets.clone());
    let (sessions, login_attempts) = (kept.sessions.clone(), kept.login_attempts.clone());
    let preferences = kept.preferences.clone();
    let (push_key, new_push_key) = messages::push_key(&kept).map_err(failed)?;
    let sender = messages::sender(&plan.config.messages, push_key).map_err(failed)?;
    let pending = std::mem::take(&mut kept.pending_messages);
    // Files are written here: before the home's thread has a home to look after.
    let addresses = [http.local_addr().map_err(failed)?, https.local_addr().map_err(failed)?];
    let certificates = doors::certificates(&plan, &hub_id, clock.clone(), Arc::new(random));
    let (tls, encrypted) = doors::encrypted(&certificates, https)?.unzip();
    let host_name = names::host_name(&hub_id);
    let zone = kept.home.as_ref().and_then(|home| Zone::named(&home.time_zone).ok());

    let core = hub_core::start(CoreParts {
        kept,
        journal: Box::new(port.clone()),
        clock: clock.clone(),
        random: Box::new(randomness(random)),
        drivers: drivers::specs(std::mem::take(&mut plan.config.drivers), &hub_id, zone.as_ref(), random),
        schedules_on_untrusted_clock: plan.config.rules.schedules_on_untrusted_clock,
        heartbeat: service::watchdog_interval()
            .map(|every| Heartbeat { every, beat: Box::new(|| service::notify(NotifyState::Watchdog)) }),
    });
    if is_new {
        // Before anybody can see it: certificates and the hub's name go by it.
        keep_hub_id(&core.handle, &hub_id).await;
    }
    if let Some(key) = new_push_key {
        tokio::spawn(messages::keep_push_key(core.handle.clone(), key));
    }
    let parts = messages::Parts {
        core: core.handle.clone(),
        clock: clock.clone(),
        sender: Arc::new(sender),
        runtime: outside,
        config: std::mem::take(&mut plan.config.messages),
    };
    let messenger = Arc::new(messages::start(parts, pending));
    let options = api_options(&mut plan, tls.clone());
    open_files::make_room(options.connections);
    let api = Api::new(ApiParts {
        core: core.handle.clone(),
        archive: Arc::new(port),
        clock: clock.clone(),
        settable_clock: clock,
        random: Arc::new(random),
        messenger,
        hub_id,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        accounts,
        tokens,
        sessions,
        login_attempts,
        secrets,
        preferences,
        data_folder: plan.data.clone(),
        options,
    })
    .map_err(failed)?;
    if let Some(file) = &plan.config.recovery.file {
        recovery::look(file, &api).await;
    }
    // Before anybody can see the hub: who sees it may stop it, and nothing is lost then.
    let mut stop = service::StopRequest::listen().map_err(failed)?;
    let closing = CancellationToken::new();
    let doors = TaskTracker::new();
    for listener in [Listener::from(http), Listener::from(local)].into_iter().chain(encrypted) {
        let (api, closing) = (api.clone(), closing.clone());
        doors.spawn_on(async move { api.serve(listener, closing.cancelled()).await }, &web_runtime);
    }
    let announced = doors::announced(plan.is_announced, addresses);
    let name = announced.map(|_| host_name);
    if let Some(at) = announced {
        doors.spawn_on(mdns::announce(api.clone(), at, closing.clone()), &web_runtime);
    }
    doors.close();
    web_runtime.spawn(troubles::check_audit(store.handle(), core.handle.clone()));
    let watch = troubles::watch(store.handle(), core.handle.clone());
    web_runtime.spawn(closing.clone().run_until_cancelled_owned(watch));
    let watch = troubles::watch_certificates(certificates, core.handle.clone());
    web_runtime.spawn(closing.clone().run_until_cancelled_owned(watch));
    let unclaimed = api.clone();
    let renewal = async move { unclaimed.keep_setup_code().await };
    web_runtime.spawn(closing.clone().run_until_cancelled_owned(renewal));
    if plan.demo {
        tokio::spawn(closing.clone().run_until_cancelled_owned(demo::furnish(core.handle.clone())));
    }
    service::notify(NotifyState::Ready);
    say(&doors::banner(&plan, &api, &Served { at: addresses, tls: tls.as_ref(), name, socket: &socket }));

    stop.heard().await;
    service::notify(NotifyState::Stopping);
    let stopped = tokio::time::timeout(STOP_WITHIN, async {
        closing.cancel();
        doors.wait().await;
        api.finish().await;
        core.stop().await;
        // It writes what is left and waits for the disk.
        tokio::task::spawn_blocking(move || store.close()).await
    });
    match stopped.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "The store did not close cleanly."),
        Err(_) => tracing::error!("The hub did not stop in time; what waited to be written may be lost."),
    }
    // A socket that is left over is replaced at the next start.
    let _ = std::fs::remove_file(&socket);
    Ok(())
}

/// How open the doors are.
fn api_options(plan: &mut Plan, tls: Option<TlsDoor>) -> ApiOptions {
    let http = &mut plan.config.http;
    let usual = ApiOptions::default();
    let or_usual =
        |wanted: Option<u32>, usual: usize| wanted.and_then(|wanted| wanted.try_into().ok()).unwrap_or(usual);
    ApiOptions {
        http_everywhere: http.http,
        allowed_hosts: std::mem::take(&mut http.allowed_hosts),
        tls,
        connections: or_usual(http.connections, usual.connections),
        connections_per_source: or_usual(http.connections_per_source, usual.connections_per_source),
    }
}

/// The settings of a home that nobody has set up yet.
fn first_home(plan: &Plan) -> Home {
    let mut home = Home::default();
    if let Some(zone) = machine_zone() {
        home.time_zone = zone.into();
    } else if plan.demo {
        home.time_zone = demo::TIME_ZONE.into();
    }
    if plan.demo {
        // Its rules follow the sun.
        home.location = Some(demo::LOCATION);
    }
    match &plan.config.hub.name {
        Some(name) => home.name = name.as_str().into(),
        None if plan.demo => home.name = "Demo home".into(),
        None => {}
    }
    home
}

/// The time zone of this machine, if it has been told one.
fn machine_zone() -> Option<String> {
    let zone = jiff::tz::TimeZone::system();
    zone.iana_name().filter(|_| !zone.is_unknown()).map(ToOwned::to_owned)
}

/// The id that names this hub for good, and whether it was made just now.
fn hub_id(kept: &Kept, random: &SystemRandom) -> Result<(String, bool), Failure> {
    if let Some((_, id)) = kept.secrets.iter().find(|(name, _)| &**name == HUB_ID) {
        return Ok((id.reveal().to_owned(), false));
    }
    let mut bytes = [0; 8];
    random.fill(&mut bytes).map_err(failed)?;
    Ok((bytes.iter().map(|byte| format!("{byte:02x}")).collect(), true))
}

/// Writes the id down. A card that does not answer keeps the home from nothing.
async fn keep_hub_id(core: &CoreHandle, id: &str) {
    let record = Record::Secret { name: HUB_ID.into(), value: Secret::new(id) };
    let kept = tokio::time::timeout(ID_KEPT_WITHIN, core.keep(vec![Change::Put(record)])).await;
    let error = match kept {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the disk takes too long".to_owned(),
    };
    tracing::warn!(error, "The id of this hub could not be kept; it may have another one after a restart.");
}

fn randomness(random: SystemRandom) -> impl FnMut(&mut [u8]) + Send {
    move |bytes| {
        if let Err(error) = random.fill(bytes) {
            tracing::error!(%error, "The ids of commands can be guessed.");
        }
    }
}

/// Says where the hub is, and how to claim it.
fn say(banner: &str) {
    // A closed standard output keeps no hub from running.
    let mut output = std::io::stdout().lock();
    let _ = writeln!(output, "{banner}").and_then(|()| output.flush());
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Failed(error.to_string())
}
