//! Joins the messages to the core: hears what happens, asks the router, has it sent, and says to the core what is to be
//! kept. Decides nothing.

mod door;
mod errands;
mod keeping;
mod people;

use std::sync::Arc;
use std::time::Duration;

use hub_core::{CoreHandle, Snapshot};
use hub_messages::{Alerts, Content, Input, Outcome, Output, Router, Sender, Watch};
use hub_model::event::Severity;
use hub_model::household::Secret;
use hub_model::message::Channel;
use hub_model::notification::Notification;
use hub_model::record::{Change, Kept, Record};
use hub_model::{ChannelId, Clock, Event, EventKind, Monotonic, NotificationId, Now};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, broadcast, mpsc};

use crate::config::MessagesSection;
pub use door::{Door, sender};
use errands::Errand;
use people::People;

/// Requests that wait for the loop.
const REQUESTS: usize = 64;
/// Messages that are sent at the same time.
const AT_ONCE: usize = 8;
/// The wall clock may be set, and people want something else: it is looked at least so often.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// What is critical, not acknowledged and not older than this is told again after a stop that may have come before it
/// was known to be under way.
const TOLD_AGAIN_WITHIN: Duration = Duration::from_secs(30 * 60);
/// Alerts that are not over come again within this after a start.
const SETTLED_AFTER: Duration = Duration::from_secs(15 * 60);

/// What the loop is told from outside.
#[derive(Debug)]
pub(crate) enum Request {
    /// Somebody sees to it.
    Acknowledged(NotificationId),
    /// A message was sent, or not.
    Ended { message: NotificationId, channel: ChannelId, outcome: Outcome },
}

/// What the messages are made of.
pub struct Parts {
    /// The door to the core.
    pub core: CoreHandle,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The ways out.
    pub sender: Arc<Sender>,
    /// Where messages are sent from.
    pub runtime: Handle,
    /// What can be set.
    pub config: MessagesSection,
}

/// Messages that were under way at the last stop.
pub type Pending = Vec<hub_model::message::PendingMessage>;

/// Starts the loop, and gives the door of the API to it. Runs until the core stops.
pub fn start(parts: Parts, pending: Pending) -> Door {
    let (requests_sender, requests) = mpsc::channel(REQUESTS);
    let door = Door::new(&parts, requests_sender.clone());
    // Before the first picture, so that nothing falls between.
    let events = parts.core.subscribe();
    tokio::spawn(Service::new(parts, pending, requests_sender).run(events, requests));
    door
}

struct Service {
    core: CoreHandle,
    clock: Arc<dyn Clock>,
    sender: Arc<Sender>,
    runtime: Handle,
    room: Arc<Semaphore>,
    requests: mpsc::Sender<Request>,
    errands: mpsc::Sender<Errand>,
    keeping: mpsc::Sender<Vec<Change>>,
    people: People,
    router: Router,
    /// When the router wants to be asked again.
    router_due: Option<Monotonic>,
    watch: Watch,
    alerts: Alerts,
    /// When it is looked at the latest what time it is and what people want.
    next_look: Monotonic,
    /// The newest that the router was told.
    newest: NotificationId,
}

impl Service {
    fn new(parts: Parts, pending: Pending, requests: mpsc::Sender<Request>) -> Self {
        let Parts { core, clock, sender, runtime, config } = parts;
        let now = clock.now();
        let snapshot = core.snapshot();
        let offline_after = Duration::from_secs(60 * u64::from(config.offline_minutes));
        let next_person_after = Duration::from_secs(60 * u64::from(config.next_person_minutes));
        let mut people = People::new(config.escalation);
        let household = people.look(&snapshot).unwrap_or_default();
        let told = snapshot.notifications.iter().map(|told| &**told);
        let mut service = Self {
            router: Router::restore(&now, household, pending, next_person_after),
            router_due: None,
            next_look: now.mono.plus(LOOK_EVERY),
            watch: Watch::new(offline_after),
            alerts: Alerts::new(&now, told, SETTLED_AFTER.max(offline_after + LOOK_EVERY)),
            newest: snapshot.notifications.last().map_or_else(|| NotificationId::new(""), |told| told.id.clone()),
            errands: errands::start(core.clone()),
            keeping: keeping::start(core.clone()),
            room: Arc::new(Semaphore::new(AT_ONCE)),
            core,
            clock,
            sender,
            runtime,
            requests,
            people,
        };
        service.begin(&now, &snapshot);
        service
    }

    /// What the last stop may have interrupted.
    fn begin(&mut self, now: &Now, snapshot: &Snapshot) {
        for (index, told) in snapshot.notifications.iter().enumerate() {
            let is_over = |later: &Arc<Notification>| {
                later
                    .alert
                    .as_ref()
                    .zip(told.alert.as_ref())
                    .is_some_and(|(later, own)| later.over && later.code == own.code)
            };
            if told.is_seen_to(snapshot.notifications.iter().map(|told| &**told))
                || snapshot.notifications.iter().skip(index).any(is_over)
            {
                self.route(now, Input::Acknowledged(&told.id));
            } else if told.severity >= Severity::Error && now.time().since(told.at) <= TOLD_AGAIN_WITHIN {
                self.route(now, Input::Told(told));
            }
        }
        self.route(now, Input::Timeout);
        self.look_at_devices(now, snapshot);
    }

    async fn run(mut self, mut events: broadcast::Receiver<Arc<Event>>, mut requests: mpsc::Receiver<Request>) {
        loop {
            let now = self.clock.now();
            let deadlines = [self.router_due, self.watch.poll_timeout(), self.alerts.poll_timeout()];
            let due = deadlines.into_iter().flatten().fold(self.next_look, Monotonic::min).since(now.mono);
            let heard = tokio::select! {
                event = events.recv() => Heard::Event(event),
                Some(request) = requests.recv() => Heard::Request(request),
                () = tokio::time::sleep(due) => Heard::Time,
            };
            let now = self.clock.now();
            match heard {
                Heard::Event(Ok(event)) => self.event(&now, &event),
                Heard::Event(Err(broadcast::error::RecvError::Lagged(_))) => self.look_again(&now),
                Heard::Event(Err(broadcast::error::RecvError::Closed)) => return,
                Heard::Request(Request::Acknowledged(id)) => self.route(&now, Input::Acknowledged(&id)),
                Heard::Request(Request::Ended { message, channel, outcome }) => {
                    self.route(&now, Input::Outcome { message: &message, channel: &channel, outcome });
                }
                Heard::Time => self.time(&now),
            }
        }
    }

    fn event(&mut self, now: &Now, event: &Event) {
        match &event.kind {
            EventKind::Notification(told) => {
                self.newest = self.newest.clone().max(told.id.clone());
                self.route(now, Input::Told(told));
            }
            EventKind::Alert(alert) => {
                let telling = self.alerts.alert(alert);
                self.tell(telling);
            }
            kind => {
                let mut alerts = Vec::new();
                self.watch.event(now, kind, &mut alerts);
                self.raise(alerts);
            }
        }
    }

    fn time(&mut self, now: &Now) {
        self.next_look = now.mono.plus(LOOK_EVERY);
        let mut alerts = Vec::new();
        self.watch.timeout(now, &mut alerts);
        self.raise(alerts);
        let tellings = self.alerts.timeout(now);
        self.tell(tellings);
        self.route(now, Input::Timeout);
    }

    /// Too much happened at once: what was missed is in the picture.
    fn look_again(&mut self, now: &Now) {
        let snapshot = self.core.snapshot();
        self.look_at_devices(now, &snapshot);
        let tellings = self.alerts.look(&snapshot.alerts);
        self.tell(tellings);
        let known = self.newest.clone();
        for told in snapshot.notifications.iter().filter(|told| told.id > known) {
            self.route(now, Input::Told(told));
        }
        if let Some(last) = snapshot.notifications.last() {
            self.newest = self.newest.clone().max(last.id.clone());
        }
    }

    fn look_at_devices(&mut self, now: &Now, snapshot: &Snapshot) {
        let mut alerts = Vec::new();
        self.watch.retain(&|id| snapshot.device(id).is_some(), &mut alerts);
        for view in snapshot.devices.iter() {
            let id = &view.record.device.id;
            self.watch.device(&view.record);
            for (endpoint, schema, state) in view.attributes() {
                self.watch.state(id, endpoint, &schema.name, &state.value, &mut alerts);
            }
            self.watch.availability(now, id, view.availability, &mut alerts);
        }
        self.raise(alerts);
    }

    fn raise(&self, alerts: Vec<hub_model::event::Alert>) {
        alerts.into_iter().for_each(|alert| self.errand(Errand::Alert(alert)));
    }

    fn tell(&self, tellings: impl IntoIterator<Item = hub_messages::Telling>) {
        for telling in tellings {
            let hub_messages::Telling { title, message, severity, alert } = telling;
            let to = self.people.responsible(&self.core.snapshot());
            self.errand(Errand::Tell(hub_core::Telling { title, message, severity, alert, to }));
        }
    }

    fn route(&mut self, now: &Now, input: Input<'_>) {
        let mut out = Output::default();
        if let Some(household) = self.people.look(&self.core.snapshot()) {
            self.router.step(now, Input::Household(household), &mut out);
        }
        self.router.step(now, input, &mut out);
        self.router_due = self.router.poll_timeout(now);
        for sending in out.sendings {
            self.send(sending.channel, sending.content);
        }
        if !out.changes.is_empty()
            && let Err(error) = self.keeping.try_send(out.changes)
        {
            tracing::warn!(%error, "How a message stands could not be kept; a restart may lose or repeat it.");
        }
        out.gone.into_iter().for_each(|id| self.errand(Errand::RemoveChannel(id)));
        out.told_too.into_iter().for_each(|(id, account)| self.errand(Errand::TellToo(id, account)));
    }

    fn send(&self, channel: Channel, content: Content) {
        let (sender, clock, room) = (Arc::clone(&self.sender), Arc::clone(&self.clock), Arc::clone(&self.room));
        let requests = self.requests.clone();
        self.runtime.spawn(async move {
            // The room is never closed.
            let _place = room.acquire().await;
            let outcome = sender.send(&channel, &content, clock.now().time()).await;
            match &outcome {
                Outcome::Delivered => {}
                Outcome::Gone => tracing::info!(channel = %channel.id, "A browser has unsubscribed."),
                // What the other side said of it may repeat the address, or what was sent.
                Outcome::Failed { .. } | Outcome::Refused { .. } => {
                    let is_refused = matches!(outcome, Outcome::Refused { .. });
                    tracing::warn!(channel = %channel.id, kind = channel.kind.word(), is_refused, "A message was not delivered; a test of the channel says why.");
                }
            }
            // A loop that has ended needs no outcome.
            let _ = requests.send(Request::Ended { message: content.id, channel: channel.id, outcome }).await;
        });
    }

    fn errand(&self, errand: Errand) {
        if let Err(error) = self.errands.try_send(errand) {
            tracing::warn!(%error, "The core has too much to do to hear of a message.");
        }
    }
}

enum Heard {
    Event(Result<Arc<Event>, broadcast::error::RecvError>),
    Request(Request),
    Time,
}

/// The name under which the key of push messages is kept.
const VAPID: &str = "messages/vapid";

/// The key of push messages: the one that was kept, or a new one and what is to be kept of it.
pub fn push_key(kept: &Kept) -> Result<(hub_messages::VapidKey, Option<Change>), hub_messages::VapidError> {
    let known: Option<&Secret> = kept.secrets.iter().find(|(name, _)| &**name == VAPID).map(|(_, secret)| secret);
    if let Some(known) = known {
        return Ok((hub_messages::VapidKey::kept(known)?, None));
    }
    let (key, value) = hub_messages::VapidKey::generate()?;
    Ok((key, Some(Change::Put(Record::Secret { name: VAPID.into(), value }))))
}

/// Keeps a new key. One that is not kept is another after a restart, and browsers have to subscribe anew.
pub async fn keep_push_key(core: CoreHandle, key: Change) {
    if let Err(error) = core.keep(vec![key]).await {
        tracing::warn!(%error, "The key of push messages could not be kept; browsers must subscribe anew after a restart.");
    }
}
