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

/// A type and the word for it in documents.
#[derive(Clone, Copy, Debug)]
pub struct TypeRow {
    /// The type.
    pub device_type: DeviceType,
    /// The word.
    pub word: &'static str,
}

const fn row(device_type: DeviceType, word: &'static str) -> TypeRow {
    TypeRow { device_type, word }
}

/// All types, in the order of [`DeviceType`].
pub const DEVICE_TYPES: &[TypeRow] = &[
    row(DeviceType::Light, "light"),
    row(DeviceType::Switch, "switch"),
    row(DeviceType::Cover, "cover"),
    row(DeviceType::Lock, "lock"),
    row(DeviceType::Thermostat, "thermostat"),
    row(DeviceType::Fan, "fan"),
    row(DeviceType::Sensor, "sensor"),
    row(DeviceType::Remote, "remote"),
    row(DeviceType::Media, "media"),
    row(DeviceType::GarageDoor, "garage_door"),
    row(DeviceType::Alarm, "alarm"),
    row(DeviceType::Camera, "camera"),
    row(DeviceType::Valve, "valve"),
];

/// By what a device is known to be of a type.
#[derive(Clone, Copy, Debug)]
enum Sign {
    /// An endpoint is for this.
    Has(Capability),
    /// It has this attribute, and nothing of it is for that.
    Attribute(&'static str, Capability),
    /// A word of what its maker calls it begins so.
    Described(&'static str),
    /// The same, and nothing of it is for that.
    DescribedUnless(&'static str, Capability),
    /// It is a cover, and a word of what people call it begins so.
    CoverNamed(&'static str),
}

/// The signs. A smoke detector can sound an alarm and is a sensor; a radiator valve lets no water out. Media players
/// have no driver yet: who has one says so.
const SIGNS: &[(Sign, DeviceType)] = &[
    (Sign::Has(Capability::Light), DeviceType::Light),
    (Sign::Has(Capability::Switch), DeviceType::Switch),
    (Sign::Has(Capability::Cover), DeviceType::Cover),
    (Sign::Has(Capability::Lock), DeviceType::Lock),
    (Sign::Has(Capability::Thermostat), DeviceType::Thermostat),
    (Sign::Has(Capability::Fan), DeviceType::Fan),
    (Sign::Has(Capability::Sensor), DeviceType::Sensor),
    (Sign::Has(Capability::Remote), DeviceType::Remote),
    (Sign::Described("garage"), DeviceType::GarageDoor),
    (Sign::CoverNamed("garage"), DeviceType::GarageDoor),
    (Sign::CoverNamed("gate"), DeviceType::GarageDoor),
    (Sign::Described("siren"), DeviceType::Alarm),
    (Sign::Attribute("alarm", Capability::Sensor), DeviceType::Alarm),
    (Sign::Attribute("alarm_mode", Capability::Sensor), DeviceType::Alarm),
    (Sign::Attribute("warning", Capability::Sensor), DeviceType::Alarm),
    (Sign::Described("camera"), DeviceType::Camera),
    (Sign::Described("irrigation"), DeviceType::Valve),
    (Sign::Described("sprinkler"), DeviceType::Valve),
    (Sign::DescribedUnless("valve", Capability::Thermostat), DeviceType::Valve),
    // As one maker writes it.
    (Sign::DescribedUnless("walve", Capability::Thermostat), DeviceType::Valve),
];

impl Sign {
    fn is_on(self, record: &DeviceRecord) -> bool {
        let device = &record.device;
        let described = |word| device.description.as_deref().is_some_and(|text| has_word(text, word));
        match self {
            Self::Has(capability) => device.has(capability),
            Self::Attribute(name, unless) => {
                !device.has(unless) && device.attributes().any(|(_, schema)| schema.name.as_str() == name)
            }
            Self::Described(word) => described(word),
            Self::DescribedUnless(word, unless) => !device.has(unless) && described(word),
            Self::CoverNamed(word) => device.has(Capability::Cover) && has_word(&record.name, word),
        }
    }
}

/// Whether a word of the text begins so.
fn has_word(text: &str, beginning: &str) -> bool {
    let text = text.to_lowercase();
    text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word.starts_with(beginning))
}

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
    SIGNS.iter().filter(|(sign, _)| sign.is_on(record)).map(|(_, device_type)| *device_type).collect()
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
        assert_eq!(types(Some(Capability::Switch), "Water walve", "Main", "on"), "switch valve");
        assert_eq!(types(Some(Capability::Cover), "Curtain module", "Gate", "position"), "cover garage_door");
        assert_eq!(types(None, "Indoor box", "Box", "warning"), "alarm");
        assert_eq!(types(Some(Capability::Switch), "Hue Secure siren and chime", "Box", "on"), "switch alarm");
        assert_eq!(types(Some(Capability::Sensor), "Smoke alarm II", "Smoke", "smoke"), "sensor");
        assert_eq!(types(Some(Capability::Sensor), "Temperature sensor with alarm", "x", "alarm_mode"), "sensor");
        assert_eq!(types(Some(Capability::Lock), "Door lock", "Front door", "locked"), "lock");
        assert_eq!(types(None, "", "", "x"), "");
    }
}
