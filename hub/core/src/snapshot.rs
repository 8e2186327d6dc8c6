//! What readers see: a consistent picture of the home, replaced as a whole, never changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use driver_api::DriverAbility;
use hub_access::DeviceTypes;
use hub_automation::RuleStatus;
use hub_model::device::DeviceRecord;
use hub_model::event::{Alert, DriverStatus};
use hub_model::household::{Area, Home, Person};
use hub_model::message::{Channel, MessagePreferences};
use hub_model::notification::Notification;
use hub_model::record::{AutomationRecord, SceneRecord};
use hub_model::{AttributeSchema, AttributeState, Availability, DeviceId, DriverId, EndpointNumber, Timestamp};

use crate::by_id::{ById, Identified};
use crate::caught_up::CaughtUp;
use crate::pairings::OpenPairing;
use crate::permissions::Permissions;

/// The home at one moment: everything up to and including event `seq` of `epoch`.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Names this stretch of the hub's life.
    pub epoch: u64,
    /// The last event that is in this picture.
    pub seq: u64,
    /// Counts up with every picture; equal = nothing changed, reports of equal values included.
    pub version: u64,
    /// Everything that was to be restored is.
    pub ready: bool,
    /// The home's settings.
    pub home: Arc<Home>,
    /// Rooms, by id.
    pub areas: Arc<Vec<Area>>,
    /// Devices, by id.
    pub devices: ById<DeviceView>,
    /// Driver instances, in the order of the configuration.
    pub drivers: Arc<Vec<DriverView>>,
    /// Networks that are open, oldest first.
    pub pairings: Arc<Vec<OpenPairing>>,
    /// Rules, by id.
    pub automations: ById<AutomationView>,
    /// Scenes, by id.
    pub scenes: Arc<Vec<SceneRecord>>,
    /// Who may do what.
    pub permissions: Arc<Permissions>,
    /// Everybody who has an account, by id.
    pub people: Arc<Vec<Person>>,
    /// What people were told, oldest first.
    pub notifications: Arc<Vec<Arc<Notification>>>,
    /// Ways to people, in the order in which they were made. Each is a secret of its person.
    pub channels: Arc<Vec<Channel>>,
    /// What people want to be told, of those who have said it.
    pub message_preferences: Arc<Vec<MessagePreferences>>,
    /// The webhooks that rules listen to. Each is a secret.
    pub webhooks: Arc<BTreeSet<Arc<str>>>,
    /// What needs a person now.
    pub alerts: Arc<Vec<Alert>>,
    /// What became of the rules that the last stop interrupted.
    pub caught_up: Arc<CaughtUp>,
    /// Since then the wall clock has not jumped while the hub ran.
    pub steady_since: Timestamp,
}

impl Snapshot {
    /// A picture of nothing yet.
    pub(crate) fn empty(epoch: u64, seq: u64) -> Self {
        Self {
            epoch,
            seq,
            version: 0,
            ready: false,
            home: Arc::default(),
            areas: Arc::default(),
            devices: ById::default(),
            drivers: Arc::default(),
            pairings: Arc::default(),
            automations: ById::default(),
            scenes: Arc::default(),
            permissions: Arc::default(),
            people: Arc::default(),
            notifications: Arc::default(),
            channels: Arc::default(),
            message_preferences: Arc::default(),
            webhooks: Arc::default(),
            alerts: Arc::default(),
            caught_up: Arc::default(),
            steady_since: Timestamp::default(),
        }
    }

    /// The device of this id.
    pub fn device(&self, id: &DeviceId) -> Option<&Arc<DeviceView>> {
        self.devices.get(id.as_str())
    }
}

/// A device and its states. The same `Arc` as in the picture before means: nothing about it changed.
#[derive(Clone, Debug)]
pub struct DeviceView {
    /// What it is and what people call it.
    pub record: Arc<DeviceRecord>,
    /// What it is for, as permissions see it.
    pub types: DeviceTypes,
    /// Whether it can be reached.
    pub availability: Availability,
    /// One state for each attribute, in the order of [`hub_model::Device::attributes`].
    pub states: Vec<AttributeState>,
}

impl Identified for DeviceView {
    fn id(&self) -> &str {
        self.record.device.id.as_str()
    }
}

impl DeviceView {
    /// Every attribute with its endpoint and state.
    pub fn attributes(&self) -> impl Iterator<Item = (EndpointNumber, &AttributeSchema, &AttributeState)> {
        self.record.device.attributes().zip(&self.states).map(|((endpoint, schema), state)| (endpoint, schema, state))
    }

    /// The same with those of its attributes that somebody sees. `sees` is asked for each, and with none for anything
    /// of it. None = they see nothing of it.
    pub fn only(self: &Arc<Self>, sees: &dyn Fn(Option<&str>) -> bool) -> Option<Arc<Self>> {
        if !sees(None) {
            return None;
        }
        if self.attributes().all(|(_, schema, _)| sees(Some(schema.name.as_str()))) {
            return Some(Arc::clone(self));
        }
        let mut record = DeviceRecord::clone(&self.record);
        let mut states = self.states.iter();
        let mut seen_states = Vec::new();
        for endpoint in &mut record.device.endpoints {
            endpoint.attributes.retain(|schema| {
                let state = states.next().cloned().unwrap_or_default();
                let is_seen = sees(Some(schema.name.as_str()));
                if is_seen {
                    seen_states.push(state);
                }
                is_seen
            });
        }
        let (types, availability) = (self.types, self.availability);
        (!seen_states.is_empty())
            .then(|| Arc::new(Self { record: Arc::new(record), types, availability, states: seen_states }))
    }

    /// The state of one attribute.
    pub fn state(&self, endpoint: EndpointNumber, attribute: &str) -> Option<&AttributeState> {
        self.attributes()
            .find(|(number, schema, _)| *number == endpoint && schema.name.as_str() == attribute)
            .map(|(_, _, state)| state)
    }
}

/// A driver instance.
#[derive(Clone, Debug, PartialEq)]
pub struct DriverView {
    /// Its id.
    pub id: DriverId,
    /// Its type, e.g. `zigbee2mqtt`.
    pub driver_type: Arc<str>,
    /// What its kind can do beside speaking with devices.
    pub abilities: &'static [DriverAbility],
    /// How it is.
    pub status: DriverStatus,
    /// Since when it is so.
    pub since: Timestamp,
    /// How often it was started again after an error.
    pub restarts: u64,
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct AutomationView {
    /// As it is kept.
    pub record: AutomationRecord,
    /// How it is.
    pub status: RuleStatus,
}

impl Identified for AutomationView {
    fn id(&self) -> &str {
        self.record.id.as_str()
    }
}
