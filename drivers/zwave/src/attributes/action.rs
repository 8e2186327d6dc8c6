//! What is done at remotes, wall switches and key pads.

use super::node::Endpoint;
use super::notification::happening_word;
use super::own_names::slug;
use super::reading::{Native, Property, Reading, Readings};
use crate::command_class::value::name_of;
use crate::command_class::{Command, CommandClass, central_scene, entry_control, scene_activation};

/// What was done with a key, by [`central_scene::KEY_ATTRIBUTES`].
const KEY_WORDS: &[(u8, &str)] = &[
    (0x00, "single"),
    (0x01, "release"),
    (0x02, "hold"),
    (0x03, "double"),
    (0x04, "triple"),
    (0x05, "quadruple"),
    (0x06, "quintuple"),
];

fn key_word(scene: u8, key_attribute: u8) -> String {
    match name_of(KEY_WORDS, key_attribute) {
        Some(word) => format!("{scene}_{word}"),
        None => format!("{scene}_key_{key_attribute}"),
    }
}

fn scene_word(scene: u8) -> String {
    format!("scene_{scene}")
}

fn event_type_word(event_type: u8) -> String {
    name_of(entry_control::EVENT_TYPES, event_type).map_or_else(|| format!("event_{event_type}"), slug)
}

pub(super) fn readings(command: &Command) -> Vec<Reading> {
    let event = |word: String| Readings::of(command.class()).add(Property::Event, Native::Text(word)).done();
    match command {
        Command::CentralScene(central_scene::Command::Notification { key_attribute, scene, .. }) => {
            event(key_word(*scene, *key_attribute))
        }
        Command::SceneActivation(scene_activation::Command::Set { scene, .. }) => event(scene_word(*scene)),
        // What was typed in is a code, and no value.
        Command::EntryControl(entry_control::Command::Notification { event_type, .. }) => {
            event(event_type_word(*event_type))
        }
        _ => Vec::new(),
    }
}

/// The words that an endpoint can send, as far as it is known. None = any.
pub(super) fn words(endpoint: &Endpoint, class: CommandClass) -> Vec<String> {
    match class {
        CommandClass::CENTRAL_SCENE => endpoint
            .scenes
            .iter()
            .flat_map(|(scene, keys)| {
                // Version 1 has no more than this.
                let keys: Vec<u8> = match keys.0.as_slice() {
                    [] => vec![0, 1, 2],
                    _ => keys.positions().filter_map(|position| u8::try_from(position).ok()).collect(),
                };
                keys.into_iter().map(|key| key_word(*scene, key)).collect::<Vec<_>>()
            })
            .collect(),
        CommandClass::NOTIFICATION => endpoint
            .notifications
            .iter()
            .flat_map(|(notification_type, events)| events.iter().map(move |number| (*notification_type, *number)))
            .filter_map(|(notification_type, number)| happening_word(notification_type, number))
            .collect(),
        CommandClass::BASIC => ["on", "off", "level", "brightness_move_up", "brightness_move_down", "brightness_stop"]
            .map(str::to_owned)
            .to_vec(),
        CommandClass::ENTRY_CONTROL => entry_control::EVENT_TYPES.iter().map(|(_, name)| slug(name)).collect(),
        _ => Vec::new(),
    }
}
