//! Things break and come back: the hub says what is wrong while it is, and goes on when it is over.

use std::time::Duration;

use hub_tests::eventually;
use serde_json::json;

use super::{Home, LATER, SOON, id, near};

/// Waits until the driver is in this state, and gives back what it says.
fn until_driver(home: &Home, state: &str, limit: Duration) -> String {
    eventually(&format!("the driver to be {state}"), limit, || {
        let drivers = hub_tests::api::items(home.api.get("drivers").ok());
        let driver = drivers.into_iter().find(|driver| driver["id"] == "zigbee").unwrap_or_default();
        let text = driver.to_string();
        if text.contains(&format!("\"{state}\"")) { Ok(text) } else { Err(text) }
    })
}

fn works(home: &Home) {
    eventually("the bulb to be commanded again", LATER, || {
        let command = home.api.command(&id("bulb"), &json!({"set": {"on": true}}));
        if command["status"] == "confirmed" { Ok(()) } else { Err(command) }
    });
    home.switch("bulb", false);
    home.switch("bulb", true);
}

/// A lamp without power: the command fails with a reason, and the hub keeps to what the lamp last said.
pub(super) fn dead_device(home: &mut Home) {
    home.switch("bulbws", false);
    home.network.act(&json!({"cmd": "offline", "dev": "bulbws", "on": true}));
    let command = home.api.command(&id("bulbws"), &json!({"set": {"on": true}}));
    assert_eq!(command["status"], "failed", "{command:#}");
    assert!(command["outcomes"][0]["reason"].is_string(), "a failure has a reason: {command:#}");
    assert_eq!(home.network.own("bulbws", 1, 6, 0), 0);
    let state = home.attribute("bulbws", "on")["state"].clone();
    assert_eq!((&state["value"], &state["desired"]), (&json!(false), &json!(null)), "{state}");
    home.network.act(&json!({"cmd": "offline", "dev": "bulbws", "on": false}));
    home.network.act(&json!({"cmd": "announce", "dev": "bulbws"}));
    eventually("the lamp to be commanded again", LATER, || {
        let command = home.api.command(&id("bulbws"), &json!({"set": {"on": true}}));
        if command["status"] == "confirmed" { Ok(()) } else { Err(command) }
    });
    home.network.until_own("bulbws", 1, 6, 0, |on| *on == 1);
}

/// A polite restart: offline and online again, no device forgotten.
pub(super) fn bridge_restart(home: &mut Home) {
    let before = home.api.devices().len();
    let mark = home.stream.mark();
    home.network.process("stop", "zigbee2mqtt");
    until_driver(home, "offline", SOON);
    home.until_availability("bulb", "offline", SOON);
    assert_eq!(home.api.devices().len(), before, "devices are unavailable, not gone");
    home.network.process("start", "zigbee2mqtt");
    until_driver(home, "online", LATER);
    works(home);
    assert_eq!(home.api.devices().len(), before);
    assert!(home.stream.events_after(mark, &json!({"kind": "device_removed"})).is_empty());
}

/// kill -9: the broker tells (last will); commands meanwhile fail with a reason and are not sent later.
pub(super) fn bridge_killed(home: &mut Home) {
    home.switch("bulb", false);
    home.network.process("kill", "zigbee2mqtt");
    until_driver(home, "offline", SOON);
    home.until_availability("bulb", "offline", SOON);
    let command = home.api.command(&id("bulb"), &json!({"set": {"on": true}, "ttl_ms": 1_000}));
    assert!(command["status"] == "failed" || command["status"] == "expired", "{command:#}");
    home.network.process("start", "zigbee2mqtt");
    until_driver(home, "online", LATER);
    let surprise = hub_tests::wait::throughout(Duration::from_secs(2), || {
        if home.network.own("bulb", 1, 6, 0) == 0 { Ok(()) } else { Err("the lamp went on by an old command") }
    });
    assert_eq!(surprise, Ok(()));
    works(home);
}

/// The broker goes away under everybody.
pub(super) fn broker_restart(home: &mut Home) {
    home.network.process("kill", "mosquitto");
    until_driver(home, "offline", SOON);
    assert_eq!(home.api.get("devices").status, 200, "the hub itself goes on");
    home.network.process("start", "mosquitto");
    until_driver(home, "online", LATER);
    works(home);
    home.network.change("th", 0x402, 0, &json!(2_011));
    home.until("th", "temperature", SOON, |value| near(value, 20.11, 0.001));
}

/// The stick is pulled: zigbee2mqtt ends itself; plugged in again and started, all is as before.
pub(super) fn cable_pulled(home: &mut Home) {
    home.network.act(&json!({"cmd": "drop"}));
    until_driver(home, "offline", LATER);
    home.until_availability("bulb", "offline", SOON);
    home.network.process("restart", "zigbee2mqtt");
    until_driver(home, "online", LATER);
    works(home);
}

/// The hub itself is killed and started: states are restored without a «changed», and everything works at once.
pub(super) fn hub_restart(home: &mut Home) {
    home.network.change("th", 0x402, 0, &json!(1_999));
    home.until("th", "temperature", SOON, |value| near(value, 19.99, 0.001));
    let count = home.api.devices().len();
    assert_eq!(home.hub.stop(), Some(0));
    home.hub.start();
    home.listen_again();
    assert_eq!(home.api.devices().len(), count, "every device is known at once");
    let state = home.attribute("th", "temperature")["state"].clone();
    assert!(near(&state["value"], 19.99, 0.001), "the last value is restored: {state}");
    until_driver(home, "online", LATER);
    works(home);
}
