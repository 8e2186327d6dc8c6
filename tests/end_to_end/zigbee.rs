//! The hub with the real zigbee2mqtt over virtual devices. What the hub does is judged by the devices' own attributes;
//! what happens to the devices, by what the hub says.
//!
//! Bringing up the network takes half a minute, so one network serves many chapters, one after the other.

mod commands;
mod devices;
mod faults;
mod network;
mod reports;
mod rules;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use hub_tests::browser::Browser;
use hub_tests::stream::Stream;
use hub_tests::wait::timed;
use hub_tests::zigbee::Network;
use hub_tests::{Api, Bench, Hub, eventually};
use serde_json::{Value, json};

/// Long enough for a frame to go through everything on a busy machine.
const SOON: Duration = Duration::from_secs(10);
/// Long enough for a process to come back.
const LATER: Duration = Duration::from_secs(60);

/// The virtual devices: how the coordinator calls them, and their addresses.
const DEVICES: &[(&str, &str)] = &[
    ("aqara", "0x00158d000000000d"),
    ("blind", "0x000b57fffe000009"),
    ("bulb", "0x000b57fffe000001"),
    ("bulbws", "0x000b57fffe000002"),
    ("door", "0x00124b0000000006"),
    ("lock", "0x000d6f000000000a"),
    ("motion", "0x00124b0000000005"),
    ("plug", "0x00158d0000000003"),
    ("remote", "0x000b57fffe000007"),
    ("switch2", "0xa4c138000000000b"),
    ("th", "0x00124b0000000004"),
    ("trv", "0x0004740000000008"),
    ("tuyatrv", "0xa4c138000000000c"),
    ("unknown", "0x1234567800000001"),
];

/// Everything that runs.
struct Home {
    network: Network,
    hub: Hub,
    api: Api,
    stream: Stream,
    /// Somebody who uses the app; only where it is wanted.
    browser: Option<Browser>,
}

impl Home {
    fn start(bench: &Bench, arguments: &[&str]) -> Self {
        let network = Network::start(bench, arguments);
        let mut hub = Hub::new(bench, &network.driver());
        hub.start();
        let api = hub.claim();
        let stream = hub.stream(None);
        Self { network, hub, api, stream, browser: None }
    }

    /// Reads the stream anew, after a restart of the hub.
    fn listen_again(&mut self) {
        self.api = self.hub.login();
        self.stream = self.hub.stream(None);
    }

    /// Waits until the hub knows every device completely.
    fn wait_for_all_devices(&self) {
        eventually("every device, fully interviewed", LATER * 2, || {
            let known = self.api.devices();
            let missing: Vec<_> = DEVICES
                .iter()
                .filter(|(name, _)| {
                    !known.iter().any(|device| device["id"] == id(name) && device["interviewed"] == true)
                })
                .map(|(name, _)| *name)
                .collect();
            if missing.is_empty() { Ok(()) } else { Err(missing) }
        });
    }

    /// Waits until the hub gives a device this availability.
    fn until_availability(&self, device: &str, expected: &str, limit: Duration) {
        eventually(&format!("{device} to be {expected}"), limit, || {
            let now = self.api.device(&id(device)).map(|device| device["availability"].clone());
            if now == Some(json!(expected)) { Ok(()) } else { Err(now) }
        });
    }

    /// An attribute that is on one endpoint of the device only.
    fn attribute(&self, device: &str, name: &str) -> Value {
        let device = self.api.device(&id(device)).expect("the hub knows the device");
        let endpoints = device["endpoints"].as_array().expect("a device has endpoints");
        endpoints
            .iter()
            .flat_map(|endpoint| endpoint["attributes"].as_array().into_iter().flatten())
            .find(|attribute| attribute["name"] == name)
            .cloned()
            .unwrap_or_default()
    }

    /// Waits until such an attribute has a value that suits.
    fn until(&self, device: &str, name: &str, limit: Duration, suits: impl Fn(&Value) -> bool) -> Value {
        eventually(&format!("{name} of {device}"), limit, || {
            let attribute = self.attribute(device, name);
            if suits(&attribute["state"]["value"]) { Ok(attribute) } else { Err(attribute["state"].clone()) }
        })
    }

    /// Switches a device and proves by its own attribute that it is so.
    fn switch(&self, device: &str, on: bool) {
        self.api.set(&id(device), &json!({"on": on}));
        self.network.until_own(device, 1, 6, 0, |value| *value == u8::from(on));
    }
}

/// The hub's id of a virtual device.
fn id(device: &str) -> String {
    let (_, address) = DEVICES.iter().find(|(name, _)| *name == device).expect("a virtual device");
    format!("zigbee:{address}")
}

/// Whether two numbers are near each other.
fn near(value: &Value, expected: f64, tolerance: f64) -> bool {
    value.as_f64().is_some_and(|value| (value - expected).abs() <= tolerance)
}

/// A chapter: its name and what it does.
type Chapter = (&'static str, fn(&mut Home));

/// Tells every chapter, also behind one that fails, and fails with the names of those that did.
fn tell(home: &mut Home, chapters: &[Chapter]) {
    let mut failed = Vec::new();
    for (name, chapter) in chapters {
        let (result, time) = timed(|| catch_unwind(AssertUnwindSafe(|| chapter(home))));
        println!("{} {name} ({:.1} s)", if result.is_ok() { "ok    " } else { "FAILED" }, time.as_secs_f64());
        if result.is_err() {
            failed.push(*name);
        }
    }
    assert!(failed.is_empty(), "failed: {}", failed.join(", "));
}

#[test]
fn zigbee2mqtt() {
    if !Network::is_possible() {
        return;
    }
    let bench = Bench::new("zigbee2mqtt");
    let mut home = Home::start(&bench, &["--join", "all"]);
    home.wait_for_all_devices();
    home.browser = Browser::is_possible().then(|| Browser::start(&bench, &home.hub, None));
    tell(
        &mut home,
        &[
            ("devices appear with what they can", devices::appear),
            ("lamps, plugs and switches", commands::switches),
            ("brightness and colour", commands::lights),
            ("blind, lock and heating", commands::moving_things),
            ("a wish that a device cannot fulfil is refused in words", commands::refusals),
            ("sensors", reports::sensors),
            ("buttons are events", reports::buttons),
            ("a rule from motion to a lamp", rules::motion_lamp),
            ("an update of firmware", network::firmware),
            ("a rename elsewhere", network::rename),
            ("devices are looked after through the hub", network::looked_after),
            ("the network is drawn", network::map),
            ("a device comes back under another short address", network::rejoin),
            ("a device leaves and comes back", network::leave_and_return),
            ("a device is removed through the hub", network::remove),
            ("pairing through the hub", network::pairing),
            ("pairing with the app", network::pairing_with_the_app),
            ("a device that does not answer", faults::dead_device),
            ("zigbee2mqtt restarts", faults::bridge_restart),
            ("zigbee2mqtt is killed", faults::bridge_killed),
            ("the broker restarts", faults::broker_restart),
            ("the cable of the stick is pulled", faults::cable_pulled),
            ("the hub restarts", faults::hub_restart),
            ("the rule still works", rules::motion_lamp_again),
        ],
    );
    assert_eq!(home.hub.stop(), Some(0), "the hub ends politely");
}

#[test]
fn zigbee2mqtt_with_other_settings() {
    if !Network::is_possible() {
        return;
    }
    let bench = Bench::new("zigbee2mqtt-other-settings");
    let arguments = [
        "--base",
        "haus/oben/zigbee",
        "--output",
        "attribute_and_json",
        "--availability",
        "--home-assistant",
        "--join",
        "bulb,th,motion,door,switch2,lock",
    ];
    let mut home = Home::start(&bench, &arguments);
    tell(
        &mut home,
        &[
            ("devices are online", devices::are_online),
            ("lamps and switches", commands::switches_of_some),
            ("sensors", reports::some_sensors),
            ("null is unknown", reports::null_is_unknown),
            ("a rule from motion to a lamp", rules::motion_lamp),
            ("zigbee2mqtt is killed", faults::bridge_killed),
        ],
    );
}
