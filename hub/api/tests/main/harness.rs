//! A hub without a network: router, core, lamps.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use driver_api::Driver;
use hub_api::{Api, ApiOptions, ApiParts, Attempt, ClockRefusal, Door, Messenger, Random, SettableClock};
use hub_core::testing::{EchoDriver, MemoryArchive, MemoryJournal};
use hub_core::{Archive, ArchiveError, CoreParts, DriverSpec, RunningCore};
use hub_model::audit::{AuditCheck, AuditQuery, AuditRecord};
use hub_model::history::{
    Aggregate, ChangesQuery, HistoryAnswer, HistoryEntry, HistoryQuery, HistoryRecord, RecordedChange, Resolution,
    Sample, TraceQuery, TraceRecord,
};
use hub_model::message::{Channel, ChannelKind};
use hub_model::record::{Change, Kept, Record, StoreStatus};
use hub_model::revision::{ListedRevision, RevisedKind, Revision, RevisionQuery};
use hub_model::time::ManualClock;
use hub_model::{NotificationId, Timestamp};
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// Unlike each time, the same in each run.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), hub_api::NoRandomness> {
        for chunk in bytes.chunks_mut(8) {
            let number = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            chunk.copy_from_slice(&number.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// History as it was handed over. All of an attribute is one stretch, and its mean is not weighted.
#[derive(Debug)]
struct Recorded(MemoryJournal, Gate);

/// Who holds it for writing keeps large readings of history waiting.
pub(crate) type Gate = Arc<tokio::sync::RwLock<()>>;

impl Archive for Recorded {
    fn history(&self, query: &HistoryQuery) -> Result<HistoryAnswer, ArchiveError> {
        let _waited = (query.limit > 10_001).then(|| self.1.blocking_read());
        let samples = self.0.records().into_iter().filter_map(|record| match record.entry {
            HistoryEntry::State(state)
                if (&state.device, &state.attribute) == (&query.device, &query.attribute)
                    && record.at >= query.from =>
            {
                Some(Sample { at: record.at, value: state.value })
            }
            _ => None,
        });
        let samples: Vec<Sample> = samples.take(query.limit).collect();
        if query.resolution == Resolution::Raw {
            return Ok(HistoryAnswer::Samples(samples));
        }
        let numbers: Vec<f64> = samples.iter().filter_map(|sample| sample.value.as_number()).collect();
        let all = (!numbers.is_empty()).then(|| Aggregate {
            at: query.from,
            min: numbers.iter().copied().fold(f64::MAX, f64::min),
            mean: numbers.iter().sum::<f64>() / numbers.len() as f64,
            max: numbers.iter().copied().fold(f64::MIN, f64::max),
            count: u32::try_from(numbers.len()).unwrap(),
            covered: Duration::ZERO,
            change: None,
        });
        Ok(HistoryAnswer::Aggregates(all.into_iter().collect()))
    }

    fn changes(&self, query: &ChangesQuery) -> Result<Vec<RecordedChange>, ArchiveError> {
        MemoryArchive(self.0.clone()).changes(query)
    }

    fn traces(&self, query: &TraceQuery) -> Result<Vec<TraceRecord>, ArchiveError> {
        MemoryArchive(self.0.clone()).traces(query)
    }

    fn revisions(&self, query: &RevisionQuery) -> Result<Vec<ListedRevision>, ArchiveError> {
        MemoryArchive(self.0.clone()).revisions(query)
    }

    fn revision(&self, kind: RevisedKind, id: &str, number: u64) -> Result<Option<Revision>, ArchiveError> {
        MemoryArchive(self.0.clone()).revision(kind, id, number)
    }

    fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, ArchiveError> {
        MemoryArchive(self.0.clone()).audit(query)
    }

    fn check_audit(&self) -> Result<AuditCheck, ArchiveError> {
        MemoryArchive(self.0.clone()).check_audit()
    }

    fn recorded(
        &self,
        from: Timestamp,
        to: Timestamp,
        take: &mut dyn FnMut(HistoryRecord) -> bool,
    ) -> Result<(), ArchiveError> {
        let (before, within): (Vec<HistoryRecord>, Vec<HistoryRecord>) =
            self.0.records().into_iter().filter(|record| record.at < to).partition(|record| record.at < from);
        before.into_iter().chain(within).all(take);
        Ok(())
    }

    fn status(&self) -> StoreStatus {
        StoreStatus::default()
    }
}

/// Sends nothing, and remembers what it should have.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    sent: Mutex<Vec<String>>,
    acknowledged: Mutex<Vec<String>>,
    /// Nothing is delivered.
    pub(crate) fails: AtomicBool,
}

impl Messages {
    pub(crate) fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }

    pub(crate) fn acknowledged(&self) -> Vec<String> {
        self.acknowledged.lock().unwrap().clone()
    }
}

impl Messenger for Messages {
    fn push_key(&self) -> &str {
        "BPUBLIC"
    }

    fn check(&self, kind: &ChannelKind) -> Result<(), String> {
        match kind {
            ChannelKind::Email { address } if !address.contains('@') => Err("this is no address".to_owned()),
            _ => Ok(()),
        }
    }

    fn try_out(&self, channel: Channel) -> Attempt {
        self.sent.lock().unwrap().push(channel.name.to_string());
        let fails = self.fails.load(Ordering::Relaxed);
        Box::pin(async move { if fails { Err("nobody is there".to_owned()) } else { Ok(()) } })
    }

    fn acknowledged(&self, id: &NotificationId) {
        self.acknowledged.lock().unwrap().push(id.to_string());
    }
}

/// A clock that takes every time but the distant past.
struct Settable(Arc<ManualClock>);

impl SettableClock for Settable {
    fn set(&self, time: hub_model::Timestamp) -> Result<(), ClockRefusal> {
        let earliest = "2026-11-01T00:00:00Z".parse().unwrap();
        if time < earliest {
            return Err(ClockRefusal::TooEarly(earliest));
        }
        self.0.jump_to(time, hub_model::Trust::Person);
        Ok(())
    }
}

pub(crate) struct Hub {
    pub(crate) api: Api,
    pub(crate) core: RunningCore,
    pub(crate) journal: MemoryJournal,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) router: Router,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) gate: Gate,
    pub(crate) messenger: Arc<Messages>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Its status and, of a problem, its code.
    pub(crate) fn says(&self) -> String {
        let code = serde_json::from_str::<Value>(&self.text)
            .ok()
            .and_then(|json| Some(json.get("code")?.as_str()?.to_owned()));
        format!("{}{}", self.status.as_u16(), code.map(|code| format!(" {code}")).unwrap_or_default())
    }
}

impl Hub {
    /// A new hub with these lamps, all of them reported.
    pub(crate) async fn new(lamps: &[&str]) -> Self {
        Self::with(lamps, Kept { epoch: 7, ..Kept::default() }).await
    }

    /// One that is open to its own machine only.
    pub(crate) async fn strict() -> Self {
        Self::made(&[], Kept { epoch: 7, ..Kept::default() }, ApiOptions::default()).await
    }

    pub(crate) async fn with(lamps: &[&str], kept: Kept) -> Self {
        Self::made(lamps, kept, ApiOptions { http_everywhere: true, ..ApiOptions::default() }).await
    }

    pub(crate) async fn made(lamps: &[&str], kept: Kept, options: ApiOptions) -> Self {
        let clock = Arc::new(ManualClock::at("2026-11-20T18:00:00Z".parse().unwrap()));
        let journal = MemoryJournal::default();
        let addresses: Vec<String> = lamps.iter().map(|lamp| (*lamp).to_owned()).collect();
        let count = addresses.len();
        let driver = DriverSpec {
            id: "test".into(),
            driver_type: "echo".into(),
            abilities: &[driver_api::DriverAbility::Include, driver_api::DriverAbility::Network],
            factory: Box::new(move || Ok(Box::new(EchoDriver { addresses: addresses.clone() }) as Box<dyn Driver>)),
        };
        let random = Arc::new(Counting::default());
        let gate = Gate::default();
        let core_random = Counting(AtomicU64::new(1 << 40));
        let core = hub_core::start(CoreParts {
            kept: kept.clone(),
            journal: Box::new(journal.clone()),
            clock: Arc::clone(&clock) as Arc<dyn hub_model::Clock>,
            random: Box::new(move |bytes| core_random.fill(bytes).unwrap()),
            drivers: vec![driver],
            schedules_on_untrusted_clock: true,
            heartbeat: None,
        });
        let folder = tempfile::tempdir().unwrap();
        let messenger = Arc::new(Messages::default());
        let api = Api::new(ApiParts {
            core: core.handle.clone(),
            archive: Arc::new(Recorded(journal.clone(), Arc::clone(&gate))),
            clock: Arc::clone(&clock) as Arc<dyn hub_model::Clock>,
            settable_clock: Arc::new(Settable(Arc::clone(&clock))),
            random,
            messenger: Arc::clone(&messenger) as Arc<dyn Messenger>,
            hub_id: "hub-0123abcd".to_owned(),
            version: "0.0.0".to_owned(),
            accounts: kept.accounts,
            tokens: kept.tokens,
            sessions: kept.sessions,
            login_attempts: kept.login_attempts,
            secrets: kept.secrets,
            preferences: kept.preferences,
            data_folder: folder.path().to_owned(),
            options,
        })
        .unwrap();
        let mut pictures = core.handle.watch();
        let reported = pictures.wait_for(|snapshot| snapshot.ready && snapshot.devices.len() >= count);
        drop(tokio::time::timeout(Duration::from_secs(10), reported).await.unwrap().unwrap());
        let router = api.router(Door::Network);
        Self { api, core, journal, clock, router, folder, gate, messenger }
    }

    /// A claimed one, and an access token of its owner.
    pub(crate) async fn claimed(lamps: &[&str]) -> (Self, String) {
        let hub = Self::new(lamps).await;
        let token = hub.claim().await.json()["access_token"].as_str().unwrap().to_owned();
        (hub, token)
    }

    pub(crate) async fn claim(&self) -> Answer {
        let code = self.api.setup_code().map(|code| code.reveal().to_owned()).unwrap_or_default();
        let owner = json!({"username": "Anna", "password": PASSWORD});
        let body = json!({"setup_code": code, "home_name": "Villa", "owner": owner});
        self.send(Method::POST, "/api/v1/setup", None, Some(body)).await
    }

    /// By the local socket.
    pub(crate) async fn local(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |json| Body::from(json.to_string()));
        self.send_request(self.api.router(Door::LocalSocket), request.body(body).unwrap()).await
    }

    /// Logs in from an address.
    pub(crate) async fn login_from(&self, source: &str, body: Value) -> Answer {
        let source: std::net::SocketAddr = source.parse().unwrap();
        let request = Request::post("/api/v1/auth/login")
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json")
            .extension(hub_api::Peer(source))
            .body(Body::from(body.to_string()))
            .unwrap();
        self.send_request(self.api.router(Door::Network), request).await
    }

    /// Adds a person with a password, and logs them in.
    pub(crate) async fn person(&self, owner: &str, name: &str, role: &str) -> String {
        let body = json!({"username": name, "role": role, "password": PASSWORD});
        let added = self.send(Method::POST, "/api/v1/users", Some(owner), Some(body)).await;
        assert_eq!(added.status, 201, "{}", added.text);
        self.login(name).await
    }

    /// The access token of a login.
    pub(crate) async fn login(&self, name: &str) -> String {
        let body = json!({"username": name, "password": PASSWORD});
        let opened = self.send(Method::POST, "/api/v1/auth/login", None, Some(body)).await;
        assert_eq!(opened.status, 200, "{}", opened.text);
        opened.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn send(&self, method: Method, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        let authorization = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<(&str, &str)> =
            authorization.iter().map(|authorization| ("authorization", authorization.as_str())).collect();
        self.send_with(method, path, &headers, body).await
    }

    pub(crate) async fn send_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header(header::HOST, "localhost:8080");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = match body {
            None => Body::empty(),
            Some(Value::String(text)) => Body::from(text),
            Some(json) => Body::from(json.to_string()),
        };
        self.send_request(self.router.clone(), request.body(body).unwrap()).await
    }

    pub(crate) async fn send_request(&self, router: Router, request: Request<Body>) -> Answer {
        let response = router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// What a restart would find.
    pub(crate) fn kept(&self) -> Kept {
        let mut kept = Kept { epoch: 8, ..Kept::default() };
        for change in self.journal.changes() {
            match change {
                Change::Put(Record::Account(account)) => {
                    kept.accounts.retain(|known| known.id != account.id);
                    kept.accounts.push(account);
                }
                Change::Put(Record::Session(session)) => {
                    kept.sessions.retain(|known| known.id != session.id);
                    kept.sessions.push(session);
                }
                Change::Put(Record::LoginAttempts(attempts)) => kept.login_attempts = attempts,
                Change::Put(Record::Token(token)) => kept.tokens.push(token),
                Change::Put(Record::Secret { name, value }) => {
                    kept.secrets.retain(|(known, _)| *known != name);
                    kept.secrets.push((name, value));
                }
                Change::Put(Record::Home(home)) => kept.home = Some(home),
                Change::Put(Record::Channel(channel)) => {
                    kept.channels.retain(|known| known.id != channel.id);
                    kept.channels.push(channel);
                }
                Change::Put(Record::MessagePreferences(wanted)) => kept.message_preferences = vec![wanted],
                Change::Put(Record::Scene(scene)) => kept.scenes.push(scene),
                Change::Put(Record::Presence(presence)) => {
                    kept.presences.retain(|known| known.person != presence.person);
                    kept.presences.push(presence);
                }
                Change::Put(Record::Person(settings)) => kept.people.push(settings),
                Change::Put(Record::Preferences(own)) => {
                    kept.preferences.retain(|known| known.account != own.account);
                    kept.preferences.push(own);
                }
                Change::Put(Record::Notification(told)) => {
                    kept.notifications.retain(|known| known.id != told.id);
                    kept.notifications.push(told);
                }
                Change::Remove(hub_model::record::RecordKey::Account(id)) => {
                    kept.accounts.retain(|account| account.id != id);
                }
                Change::Remove(hub_model::record::RecordKey::Session(id)) => {
                    kept.sessions.retain(|session| session.id != id);
                }
                Change::Remove(hub_model::record::RecordKey::Token(id)) => kept.tokens.retain(|token| token.id != id),
                Change::Remove(hub_model::record::RecordKey::Secret(name)) => {
                    kept.secrets.retain(|(known, _)| *known != name);
                }
                _ => {}
            }
        }
        kept
    }
}

/// Waits until it holds.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), wait).await.unwrap_or_else(|_| panic!("{what}"));
}
