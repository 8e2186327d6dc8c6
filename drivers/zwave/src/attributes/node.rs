//! What is known of a node: its endpoints, their classes, and what they said they can.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::reading::Source;
use super::{BasicReport, BasicSet};
use crate::command_class::value::{BitMask, ScaledNumber};
use crate::command_class::{CommandClass, configuration, meter};
use crate::device_database::Model;

/// Classes of the node as a whole: an endpoint that has them too does not hide them.
const OF_THE_ROOT: &[CommandClass] = &[
    CommandClass::BATTERY,
    CommandClass::WAKE_UP,
    CommandClass::CONFIGURATION,
    CommandClass::PROTECTION,
    CommandClass::NODE_NAMING_AND_LOCATION,
    CommandClass::INDICATOR,
    CommandClass::CENTRAL_SCENE,
    CommandClass::SCENE_ACTIVATION,
];

/// What is known of a node.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Node {
    /// By number; 0 is the root device.
    pub endpoints: BTreeMap<u8, Endpoint>,
    /// What a Basic Set from the node means.
    pub basic_set: BasicSet,
    /// What a Basic Report from the node means.
    pub basic_report: BasicReport,
    /// Values of the root stay although endpoints have them too (some devices have more at the root).
    pub keeps_root_values: bool,
}

impl Node {
    /// A node of which only the root device is known.
    pub fn new(root: Endpoint) -> Self {
        Self { endpoints: BTreeMap::from([(0, root)]), ..Self::default() }
    }

    /// Whether a value is left out at an endpoint because it is told elsewhere: root values of a Multi Channel node
    /// where an endpoint has them, and Multilevel Switch where there is Window Covering. What happens is always told.
    pub fn hides(&self, endpoint: u8, source: Source) -> bool {
        if source.property.is_momentary() {
            return false;
        }
        let class = source.class;
        let here = self.endpoints.get(&endpoint);
        let has = |endpoint: &Endpoint, class| endpoint.versions.contains_key(&class);
        if class == CommandClass::MULTILEVEL_SWITCH && here.is_some_and(|here| has(here, CommandClass::WINDOW_COVERING))
        {
            return true;
        }
        endpoint == 0
            && !self.keeps_root_values
            && !OF_THE_ROOT.contains(&class)
            && self.endpoints.iter().any(|(number, endpoint)| *number != 0 && has(endpoint, class))
    }
}

/// What is known of an endpoint. Everything in it can be learnt from commands (see [`Node::learn`]).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Endpoint {
    /// Generic device class.
    pub generic: u8,
    /// Specific device class.
    pub specific: u8,
    /// The classes it supports, with their versions; 0 = not known.
    pub versions: BTreeMap<CommandClass, u8>,
    /// Types of Binary Sensor.
    pub binary_sensors: BTreeSet<u8>,
    /// Types of Alarm Sensor.
    pub alarm_sensors: BTreeSet<u8>,
    /// Types of Multilevel Sensor, with the scale that is used.
    pub sensors: BTreeMap<u8, u8>,
    /// Meter types and scales, with what is counted.
    pub meter_scales: BTreeSet<(u8, u16, meter::RateType)>,
    /// The meter can be set to zero.
    pub meter_can_reset: bool,
    /// Types of Notification, with their events.
    pub notifications: BTreeMap<u8, BTreeSet<u8>>,
    /// Channels of a coloured light, with how much there is of each, where it is known.
    pub colors: BTreeMap<u8, Option<u8>>,
    /// Parameters of Energy Production, with the scale that is used.
    pub productions: BTreeMap<u8, u8>,
    /// Movements of a window covering.
    pub window_coverings: BTreeSet<u8>,
    /// Modes of a thermostat.
    pub thermostat_modes: BTreeSet<u8>,
    /// Modes of its fan, and the one that was reported last.
    pub fan_modes: BTreeSet<u8>,
    /// The mode of the fan that was reported last.
    pub fan_mode: Option<u8>,
    /// Setpoints of a thermostat.
    pub setpoints: BTreeMap<u8, Setpoint>,
    /// Modes of a humidifier.
    pub humidity_modes: BTreeSet<u8>,
    /// Setpoints of a humidifier.
    pub humidity_setpoints: BTreeMap<u8, Setpoint>,
    /// What is known of its model, at the root device.
    pub model: Option<Arc<Model>>,
    /// Parameters of Configuration.
    pub parameters: BTreeMap<u16, Parameter>,
    /// What can be done with the keys of each scene, bit 0 first.
    pub scenes: BTreeMap<u8, BitMask>,
    /// Modes of a lock; empty = not known.
    pub lock_modes: BTreeSet<u8>,
    /// How a lock was set up when it was last asked.
    pub lock_configuration: Option<crate::command_class::door_lock::Configuration>,
    /// Door, bolt and latch, of which a lock can tell: bits 0–2. None = not known.
    pub lock_components: Option<u8>,
    /// Local and radio protection when they were last reported.
    pub protection: Option<(u8, Option<u8>)>,
    /// Local states of Protection: bit 0 is state 0.
    pub protection_states: Option<u16>,
    /// Tones of a siren, by number.
    pub tones: BTreeMap<u8, Tone>,
    /// Default volume and tone of a siren when they were last reported.
    pub sound: Option<(u8, u8)>,
    /// Properties of indicators.
    pub indicators: BTreeMap<u8, BitMask>,
    /// How a barrier warns.
    pub barrier_signals: BTreeSet<u8>,
    /// The battery tells more than its charge.
    pub battery_has_state: bool,
    /// The battery tells how it is.
    pub battery_has_health: bool,
    /// What it sent of which there is one, with its unit, whatever version it says it has.
    pub seen: BTreeMap<Source, Option<&'static str>>,
    /// Users whose status was told.
    pub user_statuses: BTreeSet<u8>,
    /// How many user codes there can be.
    pub users: u16,
    /// Where a sleeping node tells that it woke.
    pub wake_up: Option<(u32, u8)>,
    /// Least and greatest wake up interval in seconds.
    pub wake_up_range: Option<(u32, u32)>,
}

impl Endpoint {
    /// An endpoint of these device classes and classes.
    pub fn new(generic: u8, specific: u8, versions: impl IntoIterator<Item = (CommandClass, u8)>) -> Self {
        Self { generic, specific, versions: versions.into_iter().collect(), ..Self::default() }
    }

    /// Whether it supports a class.
    pub fn has(&self, class: CommandClass) -> bool {
        self.versions.contains_key(&class)
    }

    /// The version of a class that it supports; 1 where it is not known.
    pub fn version(&self, class: CommandClass) -> u8 {
        self.versions.get(&class).copied().unwrap_or_default().max(1)
    }

    /// Door, bolt and latch, of which a lock can tell: bits 0–2. From version 4 on a lock says it, older ones tell all.
    pub fn lock_parts(&self) -> u8 {
        let unsaid = if self.version(CommandClass::DOOR_LOCK) < 4 { 0b111 } else { 0 };
        self.lock_components.unwrap_or(unsaid)
    }

    /// What its levels are of.
    pub fn role(&self) -> Role {
        match (self.generic, self.specific) {
            // Multilevel Switch: motors of one kind or another.
            (0x11, 0x03 | 0x05..=0x07) | (0x09, _) => Role::Cover,
            (0x11, 0x08) => Role::Fan,
            _ => Role::Light,
        }
    }
}

/// What the levels of a Multilevel Switch are of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// A dimmer.
    Light,
    /// A blind or curtain.
    Cover,
    /// A fan.
    Fan,
}

/// A setpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Setpoint {
    /// As it was reported last: its scale, decimals and size are used to set it.
    pub value: Option<ScaledNumber>,
    /// Least and greatest value.
    pub range: Option<(ScaledNumber, ScaledNumber)>,
}

/// A parameter of Configuration.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameter {
    /// How to read it.
    pub format: configuration::Format,
    /// Bytes: 1, 2 or 4.
    pub size: u8,
    /// Least and greatest value.
    pub range: Option<(i64, i64)>,
    /// It cannot be set.
    pub is_read_only: bool,
    /// As it was reported last: parts of it that are not to change are sent as they were.
    pub value: Option<configuration::ParameterValue>,
    /// The device said itself how it is to be read.
    pub(super) is_described: bool,
    /// What the device calls it, in UTF-8.
    pub name: Vec<u8>,
    /// What it is for, in UTF-8.
    pub info: Vec<u8>,
    /// More of the name is to come.
    pub(super) name_is_open: bool,
    /// More of what it is for is to come.
    pub(super) info_is_open: bool,
}

impl Default for Parameter {
    fn default() -> Self {
        Self {
            format: configuration::Format::Signed,
            size: 1,
            range: None,
            is_read_only: false,
            value: None,
            is_described: false,
            name: Vec::new(),
            info: Vec::new(),
            name_is_open: false,
            info_is_open: false,
        }
    }
}

/// A tone of a siren.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tone {
    /// What the device calls it.
    pub name: String,
    /// How long it takes, in seconds.
    pub seconds: u16,
}
