//! What all doors share.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, PoisonError};

use axum::Router;
use hub_core::{Archive, CoreHandle};
use hub_model::audit::AuditEntry;
use hub_model::household::{Account, LoginAttempts, Preferences, Secret, Session, Token};
use hub_model::record::{Change, Record};
use hub_model::{AccountId, Clock, Monotonic, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::audit::{self, action};
use crate::auth::{Accounts, Attempts, Guesses, Passwords, Sessions, SetupCode, token_hash};
use crate::bodies::Bodies;
use crate::cache::DeviceCache;
use crate::clock::SettableClock;
use crate::idempotency::Idempotency;
use crate::messenger::Messenger;
use crate::networks::Networks;
use crate::preferences::AllPreferences;
use crate::problem::Problem;
use crate::random::{NoRandomness, Random, hex};
use crate::server::Room;
use crate::simulation::Simulations;
use crate::stream::{Distributor, Frames};
use crate::tls::Certificates;
use crate::trials::Trials;
use crate::{guard, openapi, routes};

/// How many connections there are room for if nobody says otherwise.
const CONNECTIONS: usize = 1_024;
/// The name of the secret that remembers the last recovery.
const RECOVERED: &str = "recovery/heard";

/// What the API is made of.
pub struct ApiParts {
    /// The door to the core.
    pub core: CoreHandle,
    /// Where history is read.
    pub archive: Arc<dyn Archive>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Lets a person correct it.
    pub settable_clock: Arc<dyn SettableClock>,
    /// Where secrets come from.
    pub random: Arc<dyn Random>,
    /// Sends messages to people.
    pub messenger: Arc<dyn Messenger>,
    /// Names this hub for good.
    pub hub_id: String,
    /// Of the program.
    pub version: String,
    /// Accounts as they were kept.
    pub accounts: Vec<Account>,
    /// Tokens as they were kept.
    pub tokens: Vec<Token>,
    /// Sessions as they were kept.
    pub sessions: Vec<Session>,
    /// What was kept of failed logins.
    pub login_attempts: LoginAttempts,
    /// Secrets as they were kept.
    pub secrets: Vec<(Arc<str>, Secret)>,
    /// What people prefer, as it was kept.
    pub preferences: Vec<Preferences>,
    /// Where `setup-code` is written while the hub is new.
    pub data_folder: PathBuf,
    /// How open the doors are.
    pub options: ApiOptions,
}

/// The encrypted door.
#[derive(Clone, Debug)]
pub struct TlsDoor {
    /// Its port.
    pub port: u16,
    /// What it shows.
    pub certificates: Arc<Certificates>,
}

/// How open the doors are.
#[derive(Clone, Debug)]
pub struct ApiOptions {
    /// Plain HTTP is complete for other machines too. Otherwise they get set-up, status and the page only.
    pub http_everywhere: bool,
    /// Names by which the hub may be called, beside addresses, `localhost`, `hearth.local` and `hearth-xxxx.local`
    /// (xxxx = the last four letters of the hub's id).
    pub allowed_hosts: Vec<String>,
    /// The encrypted door; none = there is only plain HTTP.
    pub tls: Option<TlsDoor>,
    /// How many connections the doors of the network hold together at most, and as many, but no more than 1,024, the
    /// local socket; more wait outside. WebSockets count.
    pub connections: usize,
    /// How many of these one source holds at most (an IPv4 address, or the /64 of an IPv6 address; not this machine);
    /// more are closed at once.
    pub connections_per_source: usize,
}

impl Default for ApiOptions {
    fn default() -> Self {
        Self {
            http_everywhere: false,
            allowed_hosts: Vec::new(),
            tls: None,
            connections: CONNECTIONS,
            connections_per_source: 128,
        }
    }
}

/// Through which door a request comes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Door {
    /// TCP: a token or a cookie says who it is.
    Network,
    /// The local socket: who may open it (by its Unix group) counts as the owner.
    LocalSocket,
}

/// The API of a hub. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    pub(crate) app: App,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Api").field("hub_id", &self.app.hub_id).finish_non_exhaustive()
    }
}

/// What handlers work with.
pub(crate) type App = Arc<Shared>;

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) core: CoreHandle,
    pub(crate) archive: Arc<dyn Archive>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settable_clock: Arc<dyn SettableClock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) messenger: Arc<dyn Messenger>,
    pub(crate) trials: Trials,
    pub(crate) hub_id: String,
    pub(crate) version: String,
    pub(crate) options: ApiOptions,
    /// For connections over the network, and by the local socket.
    rooms: [Room; 2],
    pub(crate) started: Monotonic,
    pub(crate) accounts: Accounts,
    pub(crate) preferences: AllPreferences,
    pub(crate) networks: Networks,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) passwords: Passwords,
    pub(crate) attempts: Attempts,
    pub(crate) guesses: Guesses,
    pub(crate) setup_code: SetupCode,
    /// Accounts are changed one at a time, and not while a session of one begins.
    pub(crate) account_edits: tokio::sync::RwLock<()>,
    /// Secrets of second factors that are not confirmed yet: one for each account at most.
    pub(crate) enrolling: std::sync::Mutex<BTreeMap<AccountId, Secret>>,
    /// The recovery that was last begun, by its hash.
    recovered: std::sync::Mutex<Option<Secret>>,
    pub(crate) bodies: Bodies,
    pub(crate) idempotency: Idempotency,
    pub(crate) devices: DeviceCache,
    pub(crate) frames: Frames,
    pub(crate) distributor: Arc<Distributor>,
    /// Edits that depend on what was read (If-Match, partial changes) go alone, others together.
    pub(crate) edits: tokio::sync::RwLock<()>,
    /// What takes a processor for long: checks and replays.
    pub(crate) simulations: Simulations,
    /// Open WebSockets.
    pub(crate) streams: AtomicUsize,
    /// The turn of compressing a picture for one of them: it takes a third of a megabyte and a processor.
    pub(crate) compressing: tokio::sync::Semaphore,
    /// Cancelled when the doors close.
    pub(crate) closing: CancellationToken,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").field("hub_id", &self.hub_id).finish_non_exhaustive()
    }
}

impl Shared {
    /// The wall time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now().time()
    }

    /// Where the connections of a door have room.
    pub(crate) fn room(&self, door: Door) -> &Room {
        let [network, local] = &self.rooms;
        match door {
            Door::Network => network,
            Door::LocalSocket => local,
        }
    }

    /// `new` or `claimed`.
    pub(crate) fn state(&self) -> &'static str {
        if self.accounts.is_claimed() { "claimed" } else { "new" }
    }

    /// Reads history or the store's status off the async threads.
    pub(crate) async fn read_archive<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Archive) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let archive = Arc::clone(&self.archive);
        tokio::task::spawn_blocking(move || read(&*archive))
            .await
            .map_err(|_| Problem::busy("The store could not be read."))
    }
}

/// Does something lasting in a task of its own: a client that hangs up must not leave memory and disk unlike each other.
pub(crate) async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    tokio::spawn(work).await.unwrap_or_else(|_| Err(Problem::busy("The hub could not do it.")))
}

impl Api {
    /// The API over what was kept. Writes `DATA/setup-code` if the hub has no owner. Fails only if the system has no
    /// randomness.
    pub fn new(parts: ApiParts) -> Result<Self, NoRandomness> {
        let sessions = Sessions::new(parts.tokens, parts.sessions, &parts.secrets, &parts.accounts);
        let accounts = Accounts::new(parts.accounts, &parts.secrets);
        let now = parts.clock.now();
        let setup_code = SetupCode::new(&parts.data_folder, accounts.is_claimed(), now, &*parts.random)?;
        let started = now.mono;
        let recovered = parts.secrets.into_iter().find(|(name, _)| &**name == RECOVERED).map(|(_, hash)| hash);
        let room = |connections| Room::new(connections, parts.options.connections_per_source);
        let connections = parts.options.connections;
        let rooms = [room(connections), room(connections.min(CONNECTIONS))];
        Ok(Self {
            app: Arc::new(Shared {
                core: parts.core,
                archive: parts.archive,
                clock: parts.clock,
                settable_clock: parts.settable_clock,
                random: parts.random,
                messenger: parts.messenger,
                trials: Trials::default(),
                hub_id: parts.hub_id,
                version: parts.version,
                options: parts.options,
                rooms,
                started,
                accounts,
                preferences: AllPreferences::new(parts.preferences),
                networks: Networks::default(),
                sessions: Arc::new(sessions),
                passwords: Passwords::new(),
                attempts: Attempts::new(parts.login_attempts, now),
                guesses: Guesses::default(),
                setup_code,
                account_edits: tokio::sync::RwLock::default(),
                enrolling: std::sync::Mutex::default(),
                recovered: std::sync::Mutex::new(recovered),
                bodies: Bodies::default(),
                idempotency: Idempotency::default(),
                devices: DeviceCache::default(),
                frames: Frames::default(),
                distributor: Arc::default(),
                edits: tokio::sync::RwLock::default(),
                simulations: Simulations::default(),
                streams: AtomicUsize::new(0),
                compressing: tokio::sync::Semaphore::new(1),
                closing: CancellationToken::new(),
            }),
        })
    }

    /// The code that claims a new hub; none once it has an owner.
    pub fn setup_code(&self) -> Option<Secret> {
        self.app.setup_code.current(self.app.clock.now().mono, &*self.app.random)
    }

    /// Keeps the file of the code up to date; ends when the hub has an owner.
    pub async fn keep_setup_code(&self) {
        self.app.setup_code.keep_new(&*self.app.clock, &*self.app.random).await;
    }

    /// Whoever holds the hub in hand wants an owner to be let in again: gives the code for that, good for a day and once,
    /// with [`Self::setup_code`] from then on. `request` is what they wrote, perhaps a code of their own, `written_at`
    /// says when: the same request is heard once, over restarts too. None = there is nothing to be done.
    pub async fn recover(&self, request: &str, written_at: Timestamp) -> Result<Option<Secret>, Problem> {
        let app = &self.app;
        let hash = Secret::new(hex(&token_hash(&format!("{} {request}", written_at.milliseconds()))));
        let is_old = app.recovered.lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(&hash);
        if is_old || !app.accounts.is_claimed() {
            return Ok(None);
        }
        let now = app.clock.now();
        let entry = AuditEntry {
            at: now.time(),
            who: "unknown".into(),
            via: "file".into(),
            source: None,
            action: action::RECOVERY.into(),
            what: None,
            outcome: audit::DONE.into(),
            detail: Some("a code to let an owner in again was made, because a recovery file asks for it".into()),
        };
        let heard = Record::Secret { name: RECOVERED.into(), value: hash.clone() };
        app.core.keep(vec![Change::Put(heard), Change::Audit(entry)]).await?;
        *app.recovered.lock().unwrap_or_else(PoisonError::into_inner) = Some(hash);
        Ok(Some(app.setup_code.recover(request, now.mono, &*app.random)?))
    }

    /// Writes down what waits to be: before the core stops.
    pub async fn finish(&self) {
        self.app.keep_guesses().await;
    }

    /// Whether the hub has an owner.
    pub fn is_claimed(&self) -> bool {
        self.app.accounts.is_claimed()
    }

    /// The description of all paths.
    pub fn openapi(&self) -> utoipa::openapi::OpenApi {
        openapi::document()
    }

    /// All paths, as seen through this door.
    pub fn router(&self, door: Door) -> Router {
        let mut router = Router::new();
        for route in routes::all() {
            let gate = guard::Gate { app: Arc::clone(&self.app), door, access: route.access, body_max: route.body_max };
            let handler = route.handler.layer(axum::middleware::from_fn_with_state(gate, guard::gate));
            router = router.route(route.path, handler);
        }
        router
            .fallback(routes::elsewhere)
            .method_not_allowed_fallback(async || Problem::no_method())
            .layer(axum::middleware::from_fn_with_state((Arc::clone(&self.app), door), guard::outer))
            .with_state(Arc::clone(&self.app))
    }

    /// Closes all streams; new ones are not taken.
    pub fn close_streams(&self) {
        self.app.closing.cancel();
    }
}
