//! Tests that stand in a rule: what must come of what.

use std::time::Duration;

use hub_model::device::EndpointSelector;
use hub_model::{Availability, Value};
use jiff::civil;

use super::written::Placed;

/// A test of a rule: given this home, when that happens, then the rule does this and nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// What people call it.
    pub name: String,
    /// How the home is before.
    pub given: Given,
    /// What happens, in order, each so long after the one before.
    pub when: Vec<(Duration, Placed<Happening>)>,
    /// Everything that the rule does, in order; empty = nothing.
    pub then: Vec<Placed<Effect>>,
}

/// How the home is before a test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    /// What local clocks show.
    pub time: Option<civil::DateTime>,
    /// The home's mode.
    pub mode: Option<String>,
    /// Who is where.
    pub presence: Vec<(String, String)>,
    /// What is known of devices.
    pub states: Vec<Placed<Happening>>,
}

/// Something that happens in a home. Devices are named as rules name them.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// A device reports.
    Report {
        /// Whose.
        device: String,
        /// Where.
        endpoint: Option<EndpointSelector>,
        /// Which.
        attribute: String,
        /// What.
        value: Value,
    },
    /// A momentary thing, like a press of a button.
    Event {
        /// Whose.
        device: String,
        /// Where.
        endpoint: Option<EndpointSelector>,
        /// Which, mostly `action`.
        attribute: String,
        /// What.
        value: Value,
    },
    /// A device comes or goes.
    Availability {
        /// Which.
        device: String,
        /// Now.
        to: Availability,
    },
    /// The home's mode is set.
    Mode(String),
    /// A person comes or goes.
    Presence {
        /// Who.
        person: String,
        /// Now.
        to: String,
    },
    /// Somebody calls the webhook of this id.
    Webhook(String),
    /// The hub is stopped for so long.
    Down(Duration),
    /// Nothing: only time passes.
    Wait,
}

/// Something that a rule does.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// It sets this on a device, whatever it sets beside.
    Command {
        /// Which device.
        device: String,
        /// Where.
        endpoint: Option<EndpointSelector>,
        /// What.
        set: Vec<(String, Value)>,
    },
    /// It activates this scene.
    Scene(String),
    /// It tells somebody; this one, if named.
    Notify(Option<String>),
    /// It sets this mode.
    SetMode(String),
}
