//! What a device is for, as permissions see it: what the model knows, and what makes it worth protecting.

use hub_model::Capability;
use hub_model::device::DeviceRecord;
use serde::{Deserialize, Serialize};

use crate::set::{Member, Set};

/// What a device is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum DeviceType {
    Light,
    Switch,
    Cover,
    Lock,
    Thermostat,
    Fan,
    Sensor,
    Remote,
    Media,
    GarageDoor,
    Alarm,
    Camera,
    Valve,
}

/// What a device is for: mostly one thing, sometimes several.
pub type DeviceTypes = Set<DeviceType>;

impl Member for DeviceType {
    const ALL: &'static [Self] = &[
        Self::Light,
        Self::Switch,
        Self::Cover,
        Self::Lock,
        Self::Thermostat,
        Self::Fan,
        Self::Sensor,
        Self::Remote,
        Self::Media,
        Self::GarageDoor,
        Self::Alarm,
        Self::Camera,
        Self::Valve,
    ];

    fn index(self) -> u32 {
        self as u32
    }
}

/// How a device of a type is known.
#[derive(Clone, Copy, Debug)]
pub struct TypeRow {
    /// The type.
    pub device_type: DeviceType,
    /// The word in documents.
    pub word: &'static str,
    /// An endpoint that is for this.
    capability: Option<Capability>,
    /// An attribute that only such devices have.
    attributes: &'static [&'static str],
    /// Beginnings of words in what its maker calls it.
    described: &'static [&'static str],
    /// Beginnings of words in what people call a cover.
    cover_named: &'static [&'static str],
    /// It is something else if an endpoint is for this.
    unless: Option<Capability>,
}

const fn device_type(device_type: DeviceType, word: &'static str) -> TypeRow {
    let none: &[&str] = &[];
    TypeRow { device_type, word, capability: None, attributes: none, described: none, cover_named: none, unless: None }
}

impl TypeRow {
    const fn capability(mut self, capability: Capability) -> Self {
        self.capability = Some(capability);
        self
    }

    const fn attributes(mut self, attributes: &'static [&'static str]) -> Self {
        self.attributes = attributes;
        self
    }

    const fn described(mut self, words: &'static [&'static str]) -> Self {
        self.described = words;
        self
    }

    const fn cover_named(mut self, words: &'static [&'static str]) -> Self {
        self.cover_named = words;
        self
    }

    const fn unless(mut self, capability: Capability) -> Self {
        self.unless = Some(capability);
        self
    }

    fn is_kind_of(&self, record: &DeviceRecord) -> bool {
        let device = &record.device;
        if self.unless.is_some_and(|capability| device.has(capability)) {
            return false;
        }
        let described = || device.description.as_deref().is_some_and(|text| has_word(text, self.described));
        let named = || device.has(Capability::Cover) && has_word(&record.name, self.cover_named);
        let has_attribute = || device.attributes().any(|(_, schema)| self.attributes.contains(&schema.name.as_str()));
        self.capability.is_some_and(|capability| device.has(capability)) || has_attribute() || described() || named()
    }
}

/// Whether a word of the text begins with one of these.
fn has_word(text: &str, beginnings: &[&str]) -> bool {
    if beginnings.is_empty() {
        return false;
    }
    let text = text.to_lowercase();
    text.split(|letter: char| !letter.is_alphanumeric())
        .any(|word| beginnings.iter().any(|beginning| word.starts_with(beginning)))
}

/// All types, in the order of [`DeviceType`]. Cameras and media players have no driver yet: who has one says so.
#[rustfmt::skip]
pub const DEVICE_TYPES: &[TypeRow] = &[
    device_type(DeviceType::Light, "light").capability(Capability::Light),
    device_type(DeviceType::Switch, "switch").capability(Capability::Switch),
    device_type(DeviceType::Cover, "cover").capability(Capability::Cover),
    device_type(DeviceType::Lock, "lock").capability(Capability::Lock),
    device_type(DeviceType::Thermostat, "thermostat").capability(Capability::Thermostat),
    device_type(DeviceType::Fan, "fan").capability(Capability::Fan),
    device_type(DeviceType::Sensor, "sensor").capability(Capability::Sensor),
    device_type(DeviceType::Remote, "remote").capability(Capability::Remote),
    device_type(DeviceType::Media, "media"),
    device_type(DeviceType::GarageDoor, "garage_door").described(&["garage", "gate"]).cover_named(&["garage", "gate"]),
    device_type(DeviceType::Alarm, "alarm").attributes(&["warning", "alarm_mode"]).described(&["siren", "alarm"]).unless(Capability::Sensor),
    device_type(DeviceType::Camera, "camera").described(&["camera"]),
    device_type(DeviceType::Valve, "valve").described(&["valve", "irrigation"]).unless(Capability::Thermostat),
];

impl DeviceType {
    /// The type of this word.
    pub fn named(word: &str) -> Option<Self> {
        DEVICE_TYPES.iter().find(|row| row.word == word).map(|row| row.device_type)
    }

    /// The word in documents.
    pub fn as_str(self) -> &'static str {
        DEVICE_TYPES.iter().find(|row| row.device_type == self).map_or("", |row| row.word)
    }
}

/// What a device is for, by what is known of it. Asked when a device is new or changed, not for every request.
pub fn types_of(record: &DeviceRecord) -> DeviceTypes {
    DEVICE_TYPES.iter().filter(|row| row.is_kind_of(record)).map(|row| row.device_type).collect()
}

#[cfg(test)]
mod tests {
    use hub_model::{Access, AttributeSchema, Device, Endpoint, Kind};

    use super::*;

    #[test]
    fn every_type_has_its_row() {
        let listed: Vec<DeviceType> = DEVICE_TYPES.iter().map(|row| row.device_type).collect();
        assert_eq!(listed, DeviceType::ALL);
        for row in DEVICE_TYPES {
            assert_eq!(serde_json::to_value(row.device_type).unwrap(), row.word);
            assert_eq!(DEVICE_TYPES[row.device_type.index() as usize].device_type, row.device_type);
        }
    }

    #[test]
    fn devices_are_known_by_what_they_have_and_are_called() {
        let types = |capability: Option<Capability>, description: &str, name: &str, attribute: &str| {
            let endpoint = Endpoint {
                number: 1,
                capabilities: capability.into_iter().collect(),
                attributes: vec![AttributeSchema::new(attribute, Kind::Bool, Access::ALL)],
                ..Endpoint::default()
            };
            let device =
                Device { description: Some(description.into()), endpoints: vec![endpoint], ..Device::default() };
            let record = DeviceRecord { name: name.into(), ..DeviceRecord::new(device) };
            types_of(&record).iter().map(DeviceType::as_str).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(types(Some(Capability::Light), "Bulb", "Garage lamp", "on"), "light");
        assert_eq!(types(Some(Capability::Cover), "Roller shutter", "Blind", "position"), "cover");
        assert_eq!(types(Some(Capability::Cover), "Curtain module", "Garagentor", "position"), "cover garage_door");
        assert_eq!(types(Some(Capability::Switch), "Garage door opener", "Opener", "on"), "switch garage_door");
        assert_eq!(types(Some(Capability::Switch), "Smart water/gas valve", "Main", "on"), "switch valve");
        assert_eq!(types(Some(Capability::Thermostat), "Radiator valve", "Heater", "on"), "thermostat");
        assert_eq!(types(None, "Indoor box", "Box", "warning"), "alarm");
        assert_eq!(types(Some(Capability::Sensor), "Temperature sensor with alarm", "x", "alarm_mode"), "sensor");
        assert_eq!(types(Some(Capability::Lock), "Door lock", "Front door", "locked"), "lock");
        assert_eq!(types(None, "", "", "x"), "");
    }
}
