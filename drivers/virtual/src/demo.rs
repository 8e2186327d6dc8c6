//! The demo home: who lives where is in `life`, what hangs on the walls is here.

use crate::catalogue::Model;
use crate::home::{Placement, Room};

/// Address, name, model, room.
const DEVICES: &[(&str, &str, Model, Room)] = &[
    ("hallway-lamp", "Hallway lamp", Model::ColorLight, Room::Hallway),
    ("hallway-motion", "Hallway motion", Model::MotionSensor, Room::Hallway),
    ("front-door", "Front door", Model::ContactSensor, Room::Hallway),
    ("front-door-lock", "Front door lock", Model::Lock, Room::Hallway),
    ("hallway-smoke", "Hallway smoke alarm", Model::SmokeSensor, Room::Hallway),
    ("living-room-ceiling", "Living room ceiling light", Model::WhiteLight, Room::LivingRoom),
    ("living-room-lamp", "Living room lamp", Model::ColorLight, Room::LivingRoom),
    ("living-room-motion", "Living room motion", Model::MotionSensor, Room::LivingRoom),
    ("living-room-climate", "Living room climate", Model::ClimateSensor, Room::LivingRoom),
    ("living-room-thermostat", "Living room thermostat", Model::Thermostat, Room::LivingRoom),
    ("living-room-blind", "Living room blind", Model::Blind, Room::LivingRoom),
    ("television-plug", "Television", Model::MeteringPlug, Room::LivingRoom),
    ("kitchen-ceiling", "Kitchen ceiling light", Model::WhiteLight, Room::Kitchen),
    ("kitchen-motion", "Kitchen motion", Model::MotionSensor, Room::Kitchen),
    ("kitchen-window", "Kitchen window", Model::ContactSensor, Room::Kitchen),
    ("kettle-plug", "Kettle", Model::MeteringPlug, Room::Kitchen),
    ("fridge-plug", "Fridge", Model::MeteringPlug, Room::Kitchen),
    ("kitchen-leak", "Kitchen leak sensor", Model::LeakSensor, Room::Kitchen),
    ("bedside-lamp", "Bedside lamp", Model::ColorLight, Room::Bedroom),
    ("bedroom-climate", "Bedroom climate", Model::ClimateSensor, Room::Bedroom),
    ("bedroom-window", "Bedroom window", Model::ContactSensor, Room::Bedroom),
    ("bedroom-remote", "Bedroom remote", Model::Remote, Room::Bedroom),
    ("bathroom-light", "Bathroom light", Model::WhiteLight, Room::Bathroom),
    ("bathroom-motion", "Bathroom motion", Model::MotionSensor, Room::Bathroom),
    ("bathroom-climate", "Bathroom climate", Model::ClimateSensor, Room::Bathroom),
    ("washing-machine-plug", "Washing machine", Model::MeteringPlug, Room::Bathroom),
    ("bathroom-leak", "Bathroom leak sensor", Model::LeakSensor, Room::Bathroom),
    ("annas-lamp", "Anna's lamp", Model::ColorLight, Room::AnnasRoom),
    ("annas-thermostat", "Anna's thermostat", Model::Thermostat, Room::AnnasRoom),
    ("annas-switch", "Anna's wall switch", Model::DoubleSwitch, Room::AnnasRoom),
    ("annas-remote", "Anna's remote", Model::Remote, Room::AnnasRoom),
];

/// The rooms of the demo home, each with the addresses of the devices in it.
const AREAS: &[(&str, &[&str])] = &[
    ("Hallway", &["hallway-lamp", "hallway-motion", "front-door", "front-door-lock", "hallway-smoke"]),
    (
        "Living room",
        &[
            "living-room-ceiling",
            "living-room-lamp",
            "living-room-motion",
            "living-room-climate",
            "living-room-thermostat",
            "living-room-blind",
            "television-plug",
        ],
    ),
    ("Kitchen", &["kitchen-ceiling", "kitchen-motion", "kitchen-window", "kettle-plug", "fridge-plug", "kitchen-leak"]),
    ("Bedroom", &["bedside-lamp", "bedroom-climate", "bedroom-window", "bedroom-remote"]),
    ("Bathroom", &["bathroom-light", "bathroom-motion", "bathroom-climate", "washing-machine-plug", "bathroom-leak"]),
    ("Anna's room", &["annas-lamp", "annas-thermostat", "annas-switch", "annas-remote"]),
];

/// The rooms of the demo home, each with the native addresses of the devices in it: what a hub may suggest as areas.
pub fn demo_areas() -> &'static [(&'static str, &'static [&'static str])] {
    AREAS
}

/// The devices of the demo home.
pub fn demo_devices() -> Vec<Placement> {
    DEVICES
        .iter()
        .map(|(address, name, model, room)| Placement { room: Some(*room), ..Placement::new(*address, *name, *model) })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_device_is_in_one_area_and_its_rooms_agree() {
        let listed: Vec<&str> = AREAS.iter().flat_map(|(_, addresses)| addresses.iter().copied()).collect();
        let devices: BTreeSet<&str> = DEVICES.iter().map(|(address, ..)| *address).collect();
        assert_eq!(listed.len(), DEVICES.len());
        assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), devices);
        for (area, addresses) in AREAS {
            let rooms: BTreeSet<String> = DEVICES
                .iter()
                .filter(|(address, ..)| addresses.contains(address))
                .map(|(.., room)| format!("{room:?}"))
                .collect();
            assert_eq!(rooms.len(), 1, "{area}: {rooms:?}");
        }
    }
}
