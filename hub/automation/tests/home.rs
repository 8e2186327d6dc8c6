//! A home for tests: devices by what they are, states, and reachability.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub_automation::World;
use hub_model::device::{Abilities, Capability, Device, DeviceRecord, Endpoint};
use hub_model::household::{Area, Home, Person, Presence};
use hub_model::scene::Scene;
use hub_model::{
    Access, AreaId, AttributeName, AttributeSchema, AttributeState, Availability, DeviceId, EndpointNumber, Kind,
    Source, Timestamp, Value,
};

type Key = (DeviceId, EndpointNumber, AttributeName);

/// The home.
#[derive(Clone, Default)]
pub(crate) struct TestHome {
    pub(crate) devices: BTreeMap<DeviceId, DeviceRecord>,
    pub(crate) areas: Vec<Area>,
    pub(crate) states: BTreeMap<Key, AttributeState>,
    pub(crate) availability: BTreeMap<DeviceId, Availability>,
    pub(crate) home: Home,
    pub(crate) people: Vec<Person>,
    pub(crate) scenes: Vec<Scene>,
    /// All modes, people and scenes are known.
    pub(crate) complete: bool,
}

impl World for TestHome {
    fn device(&self, device: &DeviceId) -> Option<&DeviceRecord> {
        self.devices.get(device)
    }
    fn devices(&self) -> Box<dyn Iterator<Item = &DeviceRecord> + '_> {
        Box::new(self.devices.values())
    }
    fn state(&self, device: &DeviceId, endpoint: EndpointNumber, attribute: &str) -> Option<&AttributeState> {
        self.states.get(&(device.clone(), endpoint, attribute.into()))
    }
    fn availability(&self, device: &DeviceId) -> Availability {
        self.availability.get(device).copied().unwrap_or_default()
    }
    fn areas(&self) -> &[Area] {
        &self.areas
    }
    fn home(&self) -> &Home {
        &self.home
    }
    fn people(&self) -> &[Person] {
        &self.people
    }
    fn scenes(&self) -> &[Scene] {
        &self.scenes
    }
    fn is_complete(&self) -> bool {
        self.complete
    }
}

impl TestHome {
    /// Adds a device: `Hallway lamp: light in hallway`, or with an id of its own `Lamp: light (id test:b)`.
    pub(crate) fn add(&mut self, line: &str) -> DeviceId {
        let (name, what) = line.split_once(':').unwrap_or_else(|| panic!("{line:?}: write NAME: KIND"));
        let (what, id) = match what.split_once("(id ") {
            Some((what, id)) => (what, id.trim_end_matches(')').to_owned()),
            None => (what, format!("test:{}", name.trim().to_lowercase().replace(' ', "-"))),
        };
        let (what, area) = match what.split_once(" in ") {
            Some((what, area)) => (what, Some(AreaId::from(area.trim()))),
            None => (what, None),
        };
        if let Some(area) = area.as_ref().filter(|area| !self.areas.iter().any(|known| known.id == **area)) {
            self.areas.push(Area {
                id: area.clone(),
                name: capitalised(area.as_str()).into(),
                floor: None,
                position: None,
            });
        }
        let id = DeviceId::from(id);
        let mut device =
            Device { id: id.clone(), interviewed: true, abilities: Abilities::default(), ..Device::default() };
        device.endpoints = endpoints(what.trim());
        device.description = description(what.trim()).map(Arc::from);
        if what.trim() == "light group" {
            device.members = self.devices.keys().cloned().collect();
        }
        for (endpoint, schema) in device.attributes() {
            if !schema.momentary {
                self.states.insert((id.clone(), endpoint, schema.name.clone()), AttributeState::default());
            }
        }
        let mut record: DeviceRecord =
            serde_json::from_value(serde_json::json!({"device": device, "name": name.trim(), "named_by_person": true}))
                .unwrap();
        record.area = area;
        self.devices.insert(id.clone(), record);
        id
    }

    /// Somebody is somewhere; where they were before, if that is another place.
    pub(crate) fn put_person(&mut self, name: &str, place: Option<&str>, since: Timestamp) -> Option<Option<Arc<str>>> {
        if !self.people.iter().any(|person| &*person.name == name) {
            self.people.push(Person::new(name.into(), name));
            self.people.sort_by(|left, right| left.id.cmp(&right.id));
        }
        let person = self.people.iter_mut().find(|person| &*person.name == name).unwrap();
        let before = person.presence.as_ref().map(|presence| Arc::clone(&presence.place));
        let place = place?;
        if before.as_deref() == Some(place) {
            return None;
        }
        person.presence = Some(Presence { place: place.into(), since });
        Some(before)
    }

    /// Takes a device away.
    pub(crate) fn remove(&mut self, id: &DeviceId) {
        self.devices.remove(id);
        self.states.retain(|(device, _, _), _| device != id);
    }

    /// The device of this name or id.
    pub(crate) fn find(&self, name: &str) -> DeviceId {
        let found = self.devices.values().find(|record| &*record.name == name || record.device.id.as_str() == name);
        found.unwrap_or_else(|| panic!("there is no device {name:?} in this script")).device.id.clone()
    }

    /// What people call a device.
    pub(crate) fn name(&self, id: &DeviceId) -> Arc<str> {
        self.devices.get(id).map_or_else(|| id.as_str().into(), |record| Arc::clone(&record.name))
    }

    /// Takes a report; the state before if it was another.
    pub(crate) fn report(&mut self, key: &Key, value: Value, source: Source, at: Timestamp) -> Option<AttributeState> {
        let state = self.states.entry(key.clone()).or_default();
        let before = state.clone();
        state.reported_at = Some(at);
        state.source = source;
        if before.value == value {
            return None;
        }
        state.value = value;
        state.changed_at = Some(at);
        Some(before)
    }

    /// The hub was stopped: all that is known is from before.
    pub(crate) fn restore(&mut self) {
        for state in self.states.values_mut() {
            state.source = Source::Restored;
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What the maker says it is, where the attributes alone do not tell.
fn description(what: &str) -> Option<&'static str> {
    Some(match what {
        "heater" => "Electric heater",
        "boiler" => "Boiler relay",
        "pump" => "Pump",
        "valve" => "Water valve",
        "double valve" => "Water valve with two outlets",
        "siren" => "Siren",
        "garage door" => "Garage door opener",
        _ => return None,
    })
}

fn endpoints(what: &str) -> Vec<Endpoint> {
    let number = |name, unit, access: Access| AttributeSchema::new(name, Kind::Number, access).unit(unit);
    let flag = |name, access| AttributeSchema::new(name, Kind::Bool, access);
    let choice = |name, access, values: &[&str]| AttributeSchema::new(name, Kind::Enum, access).values(values.to_vec());
    let part = |number, capability: Capability, attributes| Endpoint {
        number,
        label: None,
        capabilities: vec![capability],
        attributes,
    };
    match what {
        "light" | "light group" => vec![part(
            1,
            Capability::Light,
            vec![
                flag("on", Access::ALL),
                number("brightness", "%", Access::ALL).range(0.0, 100.0),
                number("color_temperature", "K", Access::ALL).range(2_000.0, 6_500.0),
            ],
        )],
        "color light" => vec![part(
            1,
            Capability::Light,
            vec![
                flag("on", Access::ALL),
                number("brightness", "%", Access::ALL).range(0.0, 100.0),
                number("color_temperature", "K", Access::ALL).range(2_000.0, 6_500.0),
                AttributeSchema::new("color", Kind::Color, Access::ALL),
                choice("effect", Access::WRITE, &["blink", "breathe", "stop_effect"]),
            ],
        )],
        "simple light" => vec![part(1, Capability::Light, vec![flag("on", Access::ALL)])],
        "switch" | "boiler" => vec![part(1, Capability::Switch, vec![flag("on", Access::ALL)])],
        "plug" | "heater" | "pump" => {
            vec![part(1, Capability::Switch, vec![flag("on", Access::ALL), number("power", "W", Access::NOTIFY)])]
        }
        "double switch" => [(1, "left"), (2, "right")]
            .into_iter()
            .map(|(number, label)| Endpoint {
                label: Some(label.into()),
                ..part(number, Capability::Switch, vec![flag("on", Access::ALL)])
            })
            .collect(),
        "double plug" => [(1, "left"), (2, "right")]
            .into_iter()
            .map(|(outlet, label)| Endpoint {
                label: Some(label.into()),
                ..part(outlet, Capability::Switch, vec![flag("on", Access::ALL), number("power", "W", Access::NOTIFY)])
            })
            .collect(),
        "valve" => vec![part(
            1,
            Capability::Switch,
            vec![
                flag("on", Access::ALL),
                number("countdown", "s", Access::ALL).range(0.0, 43_200.0),
                number("flow", "m³/h", Access::NOTIFY),
            ],
        )],
        "double valve" => [(1, "l1"), (2, "l2")]
            .into_iter()
            .map(|(outlet, label)| Endpoint {
                label: Some(label.into()),
                ..part(
                    outlet,
                    Capability::Switch,
                    vec![flag("on", Access::ALL), number("countdown", "s", Access::ALL).range(0.0, 43_200.0)],
                )
            })
            .collect(),
        "siren" => vec![part(
            1,
            Capability::Switch,
            vec![
                flag("alarm", Access::ALL),
                number("duration", "s", Access::ALL).range(0.0, 1_800.0),
                choice("volume", Access::ALL, &["low", "medium", "high"]),
            ],
        )],
        "presence sensor" => vec![part(
            1,
            Capability::Sensor,
            vec![flag("presence", Access::NOTIFY), number("illuminance", "lx", Access::NOTIFY)],
        )],
        "light sensor" => vec![part(1, Capability::Sensor, vec![number("illuminance", "lx", Access::NOTIFY)])],
        "rain sensor" => vec![part(1, Capability::Sensor, vec![flag("rain", Access::NOTIFY)])],
        "leak sensor" => vec![part(1, Capability::Sensor, vec![flag("water_leak", Access::NOTIFY)])],
        "vibration sensor" => vec![part(1, Capability::Sensor, vec![flag("vibration", Access::NOTIFY)])],
        "smoke alarm" => {
            vec![part(1, Capability::Sensor, vec![flag("smoke", Access::NOTIFY), flag("battery_low", Access::NOTIFY)])]
        }
        "soil sensor" => vec![part(
            1,
            Capability::Sensor,
            vec![number("soil_moisture", "%", Access::NOTIFY), number("temperature", "°C", Access::NOTIFY)],
        )],
        "air sensor" => vec![part(
            1,
            Capability::Sensor,
            vec![
                number("co2", "ppm", Access::NOTIFY),
                number("voc", "µg/m³", Access::NOTIFY),
                number("temperature", "°C", Access::NOTIFY),
                number("humidity", "%", Access::NOTIFY),
            ],
        )],
        "motion sensor" => vec![part(
            1,
            Capability::Sensor,
            vec![flag("occupancy", Access::NOTIFY), number("illuminance", "lx", Access::NOTIFY)],
        )],
        "contact sensor" => vec![part(1, Capability::Sensor, vec![flag("open", Access::NOTIFY)])],
        "climate sensor" => vec![part(
            1,
            Capability::Sensor,
            vec![number("temperature", "°C", Access::NOTIFY), number("humidity", "%", Access::NOTIFY)],
        )],
        "button" => {
            let mut action =
                AttributeSchema::new("action", Kind::Enum, Access::NOTIFY).values(["single", "double", "long"]);
            action.momentary = true;
            vec![part(1, Capability::Remote, vec![action])]
        }
        "door lock" => vec![part(
            1,
            Capability::Lock,
            vec![
                flag("locked", Access::ALL),
                choice("lock_state", Access::NOTIFY, &["locked", "unlocked", "not_fully_locked", "unknown"]),
                number("auto_relock_time", "s", Access::ALL).range(0.0, 3_600.0),
                flag("battery_low", Access::NOTIFY),
            ],
        )],
        "lock" => vec![part(1, Capability::Lock, vec![flag("locked", Access::ALL)])],
        "thermostat" => vec![part(
            1,
            Capability::Thermostat,
            vec![
                number("heating_setpoint", "°C", Access::ALL).range(5.0, 30.0),
                AttributeSchema::new("hvac_mode", Kind::Enum, Access::ALL).values(["off", "heat", "auto"]),
            ],
        )],
        "radiator valve" => {
            let mut heating_setpoint = number("heating_setpoint", "°C", Access::ALL).range(5.0, 30.0);
            heating_setpoint.step = Some(0.5);
            vec![part(
                1,
                Capability::Thermostat,
                vec![
                    heating_setpoint,
                    choice("hvac_mode", Access::ALL, &["off", "heat", "auto"]),
                    choice("hvac_action", Access::NOTIFY, &["idle", "heating"]),
                    number("temperature", "°C", Access::NOTIFY),
                    flag("child_lock", Access::ALL),
                ],
            )]
        }
        "air conditioner" => vec![part(
            1,
            Capability::Thermostat,
            vec![
                number("cooling_setpoint", "°C", Access::ALL).range(16.0, 32.0),
                choice("hvac_mode", Access::ALL, &["off", "cool", "heat", "auto"]),
                choice("fan_mode", Access::ALL, &["low", "medium", "high", "auto"]),
                number("temperature", "°C", Access::NOTIFY),
            ],
        )],
        "fan" => vec![part(
            1,
            Capability::Fan,
            vec![
                flag("on", Access::ALL),
                choice("fan_mode", Access::ALL, &["off", "low", "medium", "high", "auto"]),
                number("fan_speed", "%", Access::ALL).range(0.0, 100.0),
            ],
        )],
        "venetian blind" => vec![part(
            1,
            Capability::Cover,
            vec![
                number("position", "%", Access::ALL).range(0.0, 100.0),
                number("tilt", "%", Access::ALL).range(0.0, 100.0),
                choice("cover_command", Access::WRITE, &["open", "close", "stop"]),
            ],
        )],
        "garage door" => vec![part(
            1,
            Capability::Cover,
            vec![
                number("position", "%", Access::ALL).range(0.0, 100.0),
                choice("cover_command", Access::WRITE, &["open", "close", "stop"]),
                flag("open", Access::NOTIFY),
            ],
        )],
        "blind" => vec![part(
            1,
            Capability::Cover,
            vec![
                number("position", "%", Access::ALL).range(0.0, 100.0),
                AttributeSchema::new("cover_command", Kind::Enum, Access::WRITE).values(["open", "close", "stop"]),
            ],
        )],
        other => panic!("there is no kind of device {other:?} in scripts"),
    }
}
