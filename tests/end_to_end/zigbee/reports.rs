//! Something happens to the virtual devices; the hub says so.

use hub_tests::mqtt::Client;
use serde_json::{Value, json};

use super::{Home, SOON, id, near};

const TEMPERATURE: u16 = 0x402;
const HUMIDITY: u16 = 0x405;
const ZONE: u16 = 0x500;
const ON_OFF: u16 = 6;

/// A zone's status changes: the first alarm is bit 0, tamper bit 2, low battery bit 3.
pub(super) fn zone(home: &Home, device: &str, bits: u8) {
    let payload = format!("{bits:02x}0000000000");
    home.network.act(&json!({
        "cmd": "command", "dev": device, "ep": 1, "cluster": ZONE, "id": 0, "server": true, "payload": payload,
    }));
}

/// A changed value arrives as one event and as the state; an equal one is no event.
pub(super) fn sensors(home: &mut Home) {
    some_sensors(home);
    home.network.change("aqara", TEMPERATURE, 0, &json!(-512));
    home.until("aqara", "temperature", SOON, |value| near(value, -5.12, 0.01));
    home.network.change("aqara", 0x403, 0, &json!(987));
    home.until("aqara", "pressure", SOON, |value| near(value, 987.0, 0.01));
}

/// Climate, door and motion.
pub(super) fn some_sensors(home: &mut Home) {
    let mark = home.stream.mark();
    home.network.change("th", TEMPERATURE, 0, &json!(2_345));
    let event = home.stream.event_after(
        mark,
        SOON,
        &json!({"kind": "state_changed", "device": id("th"), "attribute": "temperature", "to": 23.45}),
    );
    assert_eq!(event["cause"]["kind"], "report", "{event}");
    let state = home.until("th", "temperature", SOON, |value| near(value, 23.45, 0.001))["state"].clone();
    assert_eq!(state["source"], "reported");

    let mark = home.stream.mark();
    home.network.act(&json!({"cmd": "report", "dev": "th", "ep": 1, "cluster": TEMPERATURE, "attrs": [0]}));
    home.network.change("th", HUMIDITY, 0, &json!(6_125));
    home.stream.event_after(
        mark,
        SOON,
        &json!({"kind": "state_changed", "device": id("th"), "attribute": "humidity", "to": 61.25}),
    );
    let equal = home
        .stream
        .events_after(mark, &json!({"kind": "state_changed", "device": id("th"), "attribute": "temperature"}));
    assert_eq!(equal, Vec::<Value>::new(), "an equal report is no event");

    for (device, attribute) in [("door", "open"), ("motion", "occupancy")] {
        for (bits, expected) in [(1, true), (0, false)] {
            zone(home, device, bits);
            home.until(device, attribute, SOON, |value| *value == expected);
        }
    }
    zone(home, "door", 0b1000);
    home.until("door", "battery_low", SOON, |value| *value == true);
    zone(home, "door", 0);
}

/// A press is an event and never a state, and two presses are two.
pub(super) fn buttons(home: &mut Home) {
    let mark = home.stream.mark();
    let pressed = json!({"kind": "device_event", "device": id("remote"), "attribute": "action"});
    for _ in 0..2 {
        home.network.act(&json!({"cmd": "command", "dev": "remote", "ep": 1, "cluster": ON_OFF, "id": 2}));
    }
    hub_tests::eventually("two presses", SOON, || {
        let presses = home.stream.events_after(mark, &pressed);
        if presses.len() == 2 { Ok(()) } else { Err(presses) }
    });
    let presses = home.stream.events_after(mark, &pressed);
    assert!(presses.iter().all(|press| press.to_string().contains("toggle")), "{presses:?}");
    assert_eq!(home.attribute("remote", "action")["state"]["value"], Value::Null, "an action is no state");
}

/// Null is unknown: not false, not zero, and no reason to forget anything else.
pub(super) fn null_is_unknown(home: &mut Home) {
    zone(home, "motion", 1);
    home.until("motion", "occupancy", SOON, |value| *value == true);
    let mut client = Client::connect(home.network.mqtt, "somebody-else");
    let topic = format!("{}/{}", home.network.base(), "0x00124b0000000005");
    client.publish_json(&topic, &json!({"occupancy": null, "battery_low": null, "linkquality": 77}));
    home.until("motion", "link_quality", SOON, |value| *value == 77);
    assert_eq!(home.attribute("motion", "occupancy")["state"]["value"], Value::Null);
    assert_eq!(home.attribute("motion", "battery_low")["state"]["value"], Value::Null);
    zone(home, "motion", 0);
    home.until("motion", "occupancy", SOON, |value| *value == false);
}
