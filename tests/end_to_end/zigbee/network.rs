//! Devices come, go, are renamed and updated.

use hub_tests::mqtt::Client;
use serde_json::{Value, json};

use super::{DEVICES, Home, LATER, SOON, id, near};

/// Asks the bridge for something, as another program on the broker would.
fn ask_bridge(home: &Home, request: &str, payload: &Value) {
    let mut client = Client::connect(home.network.mqtt, "somebody-else");
    let answer = format!("zigbee2mqtt/bridge/response/{request}");
    client.subscribe(&answer);
    client.settle();
    client.publish_json(&format!("zigbee2mqtt/bridge/request/{request}"), payload);
    let answer = client.until(request, LATER, |topic, _| topic == answer);
    let answer: Value = serde_json::from_slice(&answer).expect("the bridge answers in JSON");
    assert_eq!(answer["status"], "ok", "{request}: {answer}");
}

fn address(device: &str) -> &'static str {
    DEVICES.iter().find(|(name, _)| *name == device).expect("a virtual device").1
}

/// Another program renames a device; for the hub it stays the same one and goes on working.
pub(super) fn rename(home: &mut Home) {
    let mark = home.stream.mark();
    ask_bridge(home, "device/rename", &json!({"from": address("th"), "to": "Küche/Fühler 灯"}));
    home.network.change("th", 0x402, 0, &json!(1_875));
    home.until("th", "temperature", SOON, |value| near(value, 18.75, 0.001));
    let gone = home.stream.events_after(mark, &json!({"kind": "device_removed"}));
    assert_eq!(gone, Vec::<Value>::new(), "a rename removes nothing");
    ask_bridge(home, "device/rename", &json!({"from": address("bulb"), "to": "Küche/Decke"}));
    home.switch("bulb", true);
    home.switch("bulb", false);
}

/// The network is drawn: every device hangs somewhere below the coordinator.
pub(super) fn map(home: &mut Home) {
    let scan = home.api.post("drivers/zigbee/network/scan", &json!({}));
    assert_eq!(scan.status, 202, "{scan:?}");
    let network = hub_tests::eventually("the network to be drawn", LATER * 2, || {
        let network = home.api.get("drivers/zigbee/network").ok();
        let is_done = network["scanning"] == false && !network["measured_at"].is_null();
        if is_done { Ok(network) } else { Err(network) }
    });
    let nodes = network["nodes"].as_array().expect("nodes");
    let role = |role: &str| nodes.iter().filter(|node| node["role"] == role).count();
    assert_eq!((nodes.len(), role("coordinator")), (DEVICES.len() + 1, 1), "{network}");
    for (name, _) in DEVICES {
        let node = nodes.iter().find(|node| node["device"] == id(name)).expect("each device is a node");
        assert!(!node["depth"].is_null() && !node["parent"].is_null(), "{name} hangs somewhere: {node}");
    }
}

/// A person looks after devices through the hub: the bridge does it.
pub(super) fn looked_after(home: &mut Home) {
    let bulb = id("bulb");
    let interview = home.api.post(&format!("devices/{bulb}/interview?wait=60s"), &json!({})).ok();
    assert_eq!(interview["status"], "done", "{interview}");
    let options = home.api.patch(&format!("devices/{bulb}/options"), &json!({"transition": 0})).ok();
    assert_eq!(options["answer"]["to"]["transition"], 0, "{options}");
    let made = home.api.post("drivers/zigbee/groups", &json!({"name": "Both"})).ok();
    let group = made["device"].as_str().expect("a group is a device").to_owned();
    for member in ["bulb", "bulbws"] {
        let added = home.api.post(&format!("devices/{group}/members"), &json!({"device": id(member)}));
        assert_eq!(added.status, 204, "{added:?}");
    }
    let members = |count: usize| {
        hub_tests::eventually("the members of the group", SOON, || {
            let known = home.api.device(&group).map(|group| group["members"].clone());
            let is_right = known.as_ref().is_some_and(|members| members.as_array().map_or(0, Vec::len) == count);
            if is_right { Ok(()) } else { Err(known) }
        });
    };
    members(2);
    home.api.set(&group, &json!({"on": true}));
    for member in ["bulb", "bulbws"] {
        home.network.until_own(member, 1, 6, 0, |on| *on == 1);
    }
    assert_eq!(home.api.delete(&format!("devices/{group}/members/{}", id("bulbws"))).status, 204);
    members(1);
    assert_eq!(home.api.delete(&format!("devices/{group}")).status, 204);
    home.api.patch(&format!("devices/{bulb}"), &json!({"name": "Decke im Flur"})).ok();
    let mut client = Client::connect(home.network.mqtt, "somebody-else");
    client.subscribe("zigbee2mqtt/bridge/devices");
    client.until("the name in the network", LATER, |_, payload| {
        String::from_utf8_lossy(payload).contains("Decke im Flur")
    });
}

/// A device comes back with another short address: the same device.
pub(super) fn rejoin(home: &mut Home) {
    let mark = home.stream.mark();
    home.network.act(&json!({"cmd": "rejoin", "dev": "plug", "nwk": 0x4242}));
    hub_tests::eventually("the plug to be commanded under its new address", LATER, || {
        let command = home.api.command(&id("plug"), &json!({"set": {"on": true}}));
        if command["status"] == "confirmed" { Ok(()) } else { Err(command) }
    });
    home.network.until_own("plug", 1, 6, 0, |on| *on == 1);
    let gone = home.stream.events_after(mark, &json!({"kind": "device_removed", "device": id("plug")}));
    assert_eq!(gone, Vec::<Value>::new(), "a device that comes back was never removed");
}

/// A device leaves by itself: the hub says so; it joins again: it is there again.
pub(super) fn leave_and_return(home: &mut Home) {
    let mark = home.stream.mark();
    home.network.act(&json!({"cmd": "leave", "dev": "unknown"}));
    home.stream.event_after(mark, LATER, &json!({"kind": "device_removed", "device": id("unknown")}));
    assert_eq!(home.api.get(&format!("devices/{}", id("unknown"))).status, 404);
    home.network.act(&json!({"cmd": "join", "dev": "unknown", "force": true}));
    home.stream.event_after(mark, LATER, &json!({"kind": "device_added", "device": id("unknown")}));
    hub_tests::eventually("the device to be interviewed again", LATER, || {
        if home.attribute("unknown", "on").is_null() { Err("no attribute on yet") } else { Ok(()) }
    });
    home.switch("unknown", true);
}

/// A person removes a device through the hub: it really leaves the network.
pub(super) fn remove(home: &mut Home) {
    let mark = home.stream.mark();
    home.api.delete(&format!("devices/{}", id("unknown"))).ok();
    hub_tests::eventually("the device to leave", LATER, || {
        let joined = home.network.device("unknown")["joined"].clone();
        if joined == false { Ok(()) } else { Err(joined) }
    });
    home.stream.event_after(mark, SOON, &json!({"kind": "device_removed", "device": id("unknown")}));
    assert_eq!(home.api.get(&format!("devices/{}", id("unknown"))).status, 404);
}

/// The network is opened through the hub and a device joins, in named stages.
pub(super) fn pairing(home: &mut Home) {
    let mark = home.stream.mark();
    let session = home.api.post("drivers/zigbee/pairing", &json!({"action": "include", "seconds": 60})).ok();
    hub_tests::eventually("the network to be open", SOON, || {
        let permit = home.network.act(&json!({"cmd": "list"}))["permit"].clone();
        if permit == true { Ok(()) } else { Err(permit) }
    });
    home.network.act(&json!({"cmd": "join", "dev": "unknown"}));
    for stage in ["joined", "identified", "configured", "confirmed"] {
        if stage == "configured" {
            // What a new device says of itself is the proof that it is set up and works.
            home.network.change("unknown", 8, 0, &json!(77));
        }
        let progress = home.stream.event_after(mark, LATER, &json!({"kind": "pairing", "stage": stage}));
        assert_eq!(progress["session"], session["id"], "{progress}");
        assert_eq!(progress["device"], id("unknown"), "{progress}");
    }
    let session = session["id"].as_str().expect("a session has an id");
    home.api.delete(&format!("drivers/zigbee/pairing/{session}")).ok();
    hub_tests::eventually("the network to be closed", SOON, || {
        let permit = home.network.act(&json!({"cmd": "list"}))["permit"].clone();
        if permit == false { Ok(()) } else { Err(permit) }
    });
    home.switch("unknown", true);
}

/// The same by a person with the app, who then says what the device is called and where it is.
pub(super) fn pairing_with_the_app(home: &mut Home) {
    let Some(mut browser) = home.browser.take() else { return };
    remove(home);
    let mark = home.stream.mark();
    browser.ask("open_network", &json!({"on": "hub"}));
    home.network.act(&json!({"cmd": "join", "dev": "unknown"}));
    home.stream.event_after(mark, LATER, &json!({"kind": "pairing", "stage": "identified"}));
    home.network.change("unknown", 8, 0, &json!(78));
    browser.ask("name_newcomer", &json!({"name": "Lamp in the attic", "room": "Attic"}));
    let device = home.api.device(&id("unknown")).expect("it is in the home");
    assert_eq!((&device["name"], &device["area"]), (&json!("Lamp in the attic"), &json!("attic")));
    home.switch("unknown", true);
}

/// Firmware is updated: the hub sees that it runs and that it is done.
pub(super) fn firmware(home: &mut Home) {
    let mark = home.stream.mark();
    let request = json!({"id": address("bulb"), "hex": {"data": image(), "file_name": "test.ota"}});
    let mut client = Client::connect(home.network.mqtt, "somebody-else");
    client.publish_json("zigbee2mqtt/bridge/request/device/ota_update/update", &request);
    let of_bulb = |event: &Value| event["event"]["device"] == id("bulb");
    home.stream.message_after(mark, "word of the running update", LATER, |message| {
        of_bulb(message) && message.to_string().contains("updating")
    });
    home.stream.message_after(mark, "progress of 100 %", LATER * 2, |message| {
        of_bulb(message)
            && message["event"]["attribute"].as_str().is_some_and(|name| name.contains("progress"))
            && message["event"]["to"] == 100
    });
    hub_tests::eventually("the bulb to run its new firmware", LATER, || {
        let version = home.network.device("bulb")["ota"]["version"].clone();
        if version == NEW_VERSION { Ok(()) } else { Err(version) }
    });
}

const NEW_VERSION: u32 = 318_771_254;

/// A firmware image for the bulb, as Zigbee lays it out: a header and one part; in hexadecimal.
fn image() -> String {
    let part = vec![0x5a_u8; 1_500];
    let mut image = Vec::new();
    image.extend(0x0bee_f11e_u32.to_le_bytes());
    for field in [0x0100_u16, 56, 0, 4_476, 10_242] {
        image.extend(field.to_le_bytes());
    }
    image.extend(NEW_VERSION.to_le_bytes());
    image.extend(2_u16.to_le_bytes());
    image.extend([b'x'; 32]);
    let total = 56 + 6 + part.len();
    image.extend(u32::try_from(total).expect("a small image").to_le_bytes());
    image.extend(0_u16.to_le_bytes());
    image.extend(u32::try_from(part.len()).expect("a small image").to_le_bytes());
    image.extend(part);
    image.iter().map(|byte| format!("{byte:02x}")).collect()
}
