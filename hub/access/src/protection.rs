//! What is protected: nobody but owners and adults has it without a rule that names it.

use crate::device_type::{DeviceType, DeviceTypes};
use crate::set::{Member, Set};

/// A kind of thing that is protected.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Protection {
    Locks,
    GarageDoors,
    Alarms,
    Cameras,
    Valves,
}

/// Some of them.
pub type Protections = Set<Protection>;

impl Member for Protection {
    const ALL: &'static [Self] = &[Self::Locks, Self::GarageDoors, Self::Alarms, Self::Cameras, Self::Valves];

    fn index(self) -> u32 {
        self as u32
    }
}

/// What is protected together.
#[derive(Clone, Copy, Debug)]
pub struct ProtectionRow {
    /// Which.
    pub protection: Protection,
    /// What people call it.
    pub word: &'static str,
    /// Devices of this type, with everything they have.
    pub device_type: DeviceType,
    /// These attributes, on whatever device.
    pub attributes: &'static [&'static str],
    /// To control it by voice or from away takes a PIN, whoever it is.
    pub pin_from_afar: bool,
}

/// All of them, in the order of [`Protection`].
#[rustfmt::skip]
pub const PROTECTIONS: &[ProtectionRow] = &[
    ProtectionRow {
        protection: Protection::Locks,
        word: "locks",
        device_type: DeviceType::Lock,
        attributes: &["locked", "lock_state", "pin_code", "auto_relock_time"],
        pin_from_afar: true,
    },
    ProtectionRow {
        protection: Protection::GarageDoors,
        word: "garage doors",
        device_type: DeviceType::GarageDoor,
        attributes: &[],
        pin_from_afar: true,
    },
    ProtectionRow {
        protection: Protection::Alarms,
        word: "alarms",
        device_type: DeviceType::Alarm,
        attributes: &[
            "alarm", "alarm_mode", "alarm_state", "alarm_switch", "siren_for_automation_only", "silence",
            "temporary_mute", "warning",
        ],
        pin_from_afar: true,
    },
    ProtectionRow {
        protection: Protection::Cameras,
        word: "cameras",
        device_type: DeviceType::Camera,
        attributes: &[],
        pin_from_afar: false,
    },
    ProtectionRow {
        protection: Protection::Valves,
        word: "water and gas valves",
        device_type: DeviceType::Valve,
        attributes: &[],
        pin_from_afar: false,
    },
];

impl Protection {
    /// What people call it.
    pub fn as_str(self) -> &'static str {
        PROTECTIONS.iter().find(|row| row.protection == self).map_or("", |row| row.word)
    }
}

fn those(is_meant: impl Fn(&ProtectionRow) -> bool) -> Protections {
    PROTECTIONS.iter().filter(|row| is_meant(row)).map(|row| row.protection).collect()
}

/// What devices of these types are protected as.
pub fn of_types(types: DeviceTypes) -> Protections {
    those(|row| types.contains(row.device_type))
}

/// What an attribute of this name is protected as.
pub fn of_attribute(name: &str) -> Protections {
    those(|row| row.attributes.contains(&name))
}

/// What takes a PIN from afar.
pub(crate) fn with_pin_from_afar() -> Protections {
    those(|row| row.pin_from_afar)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_protection_has_its_row_and_known_attributes() {
        let listed: Vec<Protection> = PROTECTIONS.iter().map(|row| row.protection).collect();
        assert_eq!(listed, Protection::ALL);
        for name in PROTECTIONS.iter().flat_map(|row| row.attributes) {
            assert!(hub_model::attributes::semantic(name).is_some(), "{name}");
        }
    }
}
