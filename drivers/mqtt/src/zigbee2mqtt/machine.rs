//! The machine: where messages, requests and time come in.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use driver_api::{DriverEvent, DriverRequest, LinkState, Machine};
use hub_model::event::DriverStatus;
use hub_model::{Device, DeviceId, DriverId, Monotonic, Now};

use super::bridge::Bridge;
use super::definition::GroupItem;
use super::early::Early;
use super::outbox::{NoRoom, Outbox};
use super::pairing::Session;
use super::reads::Reads;
use super::registry::Registry;
use super::requests::Requests;
use super::topics::{Topic, resolve};
use crate::message::{Message, Outgoing};

/// How long after the connection the bridge may keep silent before it is said.
pub(super) const BRIDGE_GRACE: Duration = Duration::from_secs(5);

/// What was skipped so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counters {
    /// Messages in all.
    pub messages: u64,
    /// Payloads that were not what their topic promises.
    pub malformed: u64,
    /// Messages of topics that belong to nobody known.
    pub unknown: u64,
    /// Properties that no attribute stands for.
    pub unmapped: u64,
    /// Questions to devices that found no room on the way out.
    pub unasked: u64,
}

/// A zigbee2mqtt bridge, its devices and groups.
#[derive(Debug)]
pub struct Zigbee2Mqtt {
    pub(super) driver: DriverId,
    /// The base topic with a slash behind it.
    pub(super) base: String,
    /// What the hub knew before and the bridge did not list yet.
    pub(super) known: HashMap<DeviceId, Device>,
    pub(super) registry: Registry,
    pub(super) groups: Vec<GroupItem>,
    pub(super) early: Early,
    /// The devices were listed since the driver was started, if not since the last connection.
    pub(super) knows_devices: bool,
    pub(super) bridge: Bridge,
    pub(super) requests: Requests,
    pub(super) session: Option<Session>,
    pub(super) reads: Reads,
    /// When the first doubt about a renamed device ends.
    pub(super) doubts_end: Option<Monotonic>,
    /// None until the link came or failed for the first time.
    pub(super) link: Option<Result<Monotonic, String>>,
    pub(super) status: Option<DriverStatus>,
    pub(super) counters: Counters,
    pub(super) events: VecDeque<DriverEvent>,
    pub(super) outgoing: Outbox,
}

impl Zigbee2Mqtt {
    /// The bridge under `base_topic`. `known` is what the hub knew of its devices before; `seed` makes this instance's
    /// transaction ids its own.
    pub fn new(driver: DriverId, base_topic: &str, known: Vec<Device>, seed: u64) -> Self {
        Self {
            driver,
            base: format!("{base_topic}/"),
            known: known.into_iter().map(|device| (device.id.clone(), device)).collect(),
            registry: Registry::default(),
            groups: Vec::new(),
            early: Early::default(),
            knows_devices: false,
            bridge: Bridge::default(),
            requests: Requests::new(seed),
            session: None,
            reads: Reads::default(),
            doubts_end: None,
            link: None,
            status: None,
            counters: Counters::default(),
            events: VecDeque::new(),
            outgoing: Outbox::default(),
        }
    }

    /// What was skipped so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The devices and groups that the bridge lists, in no order.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.registry.iter().map(|(_, entry)| &entry.device).filter(|device| !device.unlisted)
    }

    /// How many devices and groups are kept that the bridge no longer lists.
    pub fn unlisted(&self) -> usize {
        self.registry.iter().filter(|(_, entry)| entry.device.unlisted).count()
    }

    pub(super) fn is_connected(&self) -> bool {
        matches!(self.link, Some(Ok(_)))
    }

    pub(super) fn emit(&mut self, event: DriverEvent) {
        self.events.push_back(event);
    }

    /// Publishes under the base topic.
    pub(super) fn publish(&mut self, topic: &str, payload: impl Into<bytes::Bytes>) -> Result<(), NoRoom> {
        let topic = format!("{}{topic}", self.base);
        self.outgoing.push(vec![Outgoing::Publish { topic, payload: payload.into() }], None)
    }

    /// Takes one message.
    pub(super) fn handle_message(&mut self, now: Now, message: Message) {
        self.counters.messages += 1;
        let Ok(topic) = std::str::from_utf8(&message.topic) else {
            self.counters.malformed += 1;
            return;
        };
        let Some(topic) = topic.strip_prefix(&self.base) else {
            self.counters.unknown += 1;
            return;
        };
        match resolve(&self.registry, topic) {
            Topic::State(key) => self.handle_state(now, key, &message.payload, message.retain),
            Topic::Property(key, path) => self.handle_property(now, key, path, &message.payload, message.retain),
            Topic::Availability(key) => self.handle_availability(now, key, &message.payload, message.retain),
            Topic::Bridge(path) => self.handle_bridge(now, path, &message.payload, message.retain),
            Topic::Wish => {}
            Topic::Unknown => {
                let held = !self.bridge.is_listed() && self.early.hold(message);
                self.counters.unknown += u64::from(!held);
            }
        }
    }

    /// Takes the messages that were held, now that more names are known.
    pub(super) fn release_early(&mut self, now: Now) {
        for message in self.early.take() {
            self.counters.messages -= 1;
            self.handle_message(now, message);
        }
    }
}

impl Machine for Zigbee2Mqtt {
    type Received = Vec<Message>;
    type Transmit = Outgoing;

    fn handle_link(&mut self, now: Now, state: LinkState) {
        match state {
            LinkState::Up => {
                self.link = Some(Ok(now.mono));
                self.bridge = Bridge::default();
                self.early.take();
                self.abandon_outgoing();
                for (_, entry) in self.registry.iter_mut() {
                    entry.has_state = false;
                    entry.heard = false;
                }
                self.reads.start_over();
                let filter = format!("{}#", self.base);
                // Nothing else is there to take the room.
                let _ = self.outgoing.push(vec![Outgoing::Subscribe { filter }], None);
            }
            LinkState::Down(reason) => {
                self.link = Some(Err(reason));
                self.abandon_outgoing();
                self.abandon_requests();
                self.abandon_session("The connection to the broker was lost. Start again when it is back.");
            }
        }
        self.update_status(now);
        self.update_availabilities();
    }

    fn handle_received(&mut self, now: Now, received: Vec<Message>) {
        for message in received {
            self.handle_message(now, message);
        }
    }

    fn handle_request(&mut self, now: Now, request: DriverRequest) {
        match request {
            DriverRequest::Command(command) => self.command(now, command),
            DriverRequest::Read { device, attributes } => self.read(&device, &attributes),
            DriverRequest::Manage { request, action } => self.manage(now, request, action),
        }
    }

    fn handle_timeout(&mut self, now: Now) {
        self.expire_requests(now);
        self.tick_session(now);
        self.tick_reads(now);
        self.end_doubts(now);
        self.update_status(now);
    }

    fn poll_transmit(&mut self) -> Option<Outgoing> {
        self.outgoing.pop()
    }

    fn poll_event(&mut self) -> Option<DriverEvent> {
        self.events.pop_front()
    }

    fn poll_timeout(&self) -> Option<Monotonic> {
        let silence = match (&self.link, self.bridge.online) {
            (Some(Ok(since)), None) if !self.bridge.silence_said => Some(since.plus(BRIDGE_GRACE)),
            _ => None,
        };
        let session = self.session.as_ref().map(Session::next_timeout);
        [self.requests.next_timeout(), session, self.reads.next_timeout(), self.doubts_end, silence]
            .into_iter()
            .flatten()
            .min()
    }
}
