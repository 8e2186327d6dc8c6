//! Hostile and missing brokers.

use std::fs;
use std::path::Path;
use std::time::Duration;

use hub_tests::api::{attribute_of, items};
use hub_tests::broker::{Broker, driver_at};
use hub_tests::cable::Cable;
use hub_tests::hub::free_port;
use hub_tests::mqtt::Client;
use hub_tests::skip::has_programs;
use hub_tests::wait::timed;
use hub_tests::{Api, Bench, Hub, eventually};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(15);
const LAMP: &str = "zigbee:0x00158d0000abcdef";

#[test]
fn a_start_waits_for_no_broker() {
    let bench = Bench::new("no-broker");
    let mut hub = Hub::new(&bench, &driver_at(free_port()));
    let ((), time) = timed(|| hub.start());
    assert!(time < Duration::from_secs(5), "the start took {time:?}");
    let api = hub.claim();
    let status = eventually("the driver to say why", SOON, || {
        let driver = items(api.get("drivers").ok()).into_iter().next().unwrap_or_default();
        if driver.to_string().contains("127.0.0.1") { Ok(driver) } else { Err(driver) }
    });
    assert!(!status.to_string().contains("\"online\""), "{status}");
    assert_eq!(hub.stop(), Some(0));
}

/// What zigbee2mqtt says of a home with one lamp.
fn announce(client: &mut Client, base: &str) {
    let retained: &[(&str, Value)] = &[
        ("bridge/state", json!({"state": "online"})),
        ("bridge/info", json!({"version": "2.14.1", "permit_join": false, "config": {}})),
        ("bridge/groups", json!([])),
        (
            "bridge/devices",
            json!([{
                "ieee_address": "0x00158d0000abcdef", "type": "Router", "network_address": 1, "supported": true, "disabled": false,
                "friendly_name": "lamp", "interview_completed": true, "interview_state": "SUCCESSFUL", "endpoints": {"1": {}},
                "definition": {"source": "native", "model": "L1", "vendor": "Lamps", "description": "A lamp", "options": [], "exposes": [
                    {"type": "light", "features": [
                        {"type": "binary", "name": "state", "label": "State", "property": "state", "access": 7, "value_on": "ON", "value_off": "OFF", "value_toggle": "TOGGLE"},
                        {"type": "numeric", "name": "brightness", "label": "Brightness", "property": "brightness", "access": 7, "value_min": 0, "value_max": 254},
                    ]},
                    {"type": "numeric", "name": "linkquality", "label": "Linkquality", "property": "linkquality", "access": 1, "unit": "lqi", "value_min": 0, "value_max": 255},
                ]},
            }]),
        ),
    ];
    for (topic, payload) in retained {
        client.publish(format!("{base}/{topic}").as_bytes(), payload.to_string().as_bytes(), true);
    }
    client.settle();
}

/// The lamp says that it is on or off, and the hub believes it.
fn lamp_is_heard(client: &mut Client, api: &Api, limit: Duration) {
    for (state, on) in [("ON", true), ("OFF", false)] {
        eventually(&format!("the lamp to be {state}"), limit, || {
            client.publish_json("zigbee2mqtt/lamp", &json!({"state": state}));
            let value = api.value(LAMP, 1, "on");
            if value == on { Ok(()) } else { Err(value) }
        });
    }
}

/// How often anybody but the test itself has connected.
fn connections(broker: &Broker) -> usize {
    broker.log().lines().filter(|line| line.contains("New client connected") && !line.contains("as flood")).count()
}

#[test]
fn malformed_messages_harm_nobody() {
    if !has_programs(&["mosquitto"]) {
        return;
    }
    let bench = Bench::new("malformed");
    let broker = Broker::start(&bench);
    let mut client = Client::connect(broker.port(), "flood");
    announce(&mut client, "zigbee2mqtt");
    let mut hub = Hub::new(&bench, &broker.driver());
    hub.start();
    let api = hub.claim();
    lamp_is_heard(&mut client, &api, SOON);

    let deep = "[".repeat(200_000);
    let deep_object = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    let long = format!("{{\"state\":\"{}\"}}", "x".repeat(1_000_000));
    let many = format!("{{{}\"state\":\"ON\"}}", (0..50_000).map(|n| format!("\"k{n}\":{n},")).collect::<String>());
    let devices = format!(
        "[{}]",
        (0..20_000).map(|n| format!("{{\"ieee_address\":\"0x{n:016x}\"}}")).collect::<Vec<_>>().join(",")
    );
    let payloads: &[&[u8]] = &[
        b"",
        b"{",
        b"null",
        b"true",
        b"[]",
        b"\"\"",
        b"NaN",
        b"{\"brightness\":NaN}",
        b"{\"brightness\":1e999}",
        b"{\"brightness\":-1e308}",
        b"{\"state\":\"ON\",\"state\":\"OFF\"}",
        b"{\"state\":{\"state\":{}}}",
        b"{\"state\":[\"ON\"]}",
        b"{\"brightness\":\"\"}",
        b"{\"brightness\":null}",
        b"{\"state\":\"\xff\xfe\"}",
        b"\xff\xfe\x00\x80",
        b"{\"\\ud800\":1}",
        b"{\"linkquality\":99999999999999999999999999}",
        deep.as_bytes(),
        deep_object.as_bytes(),
        long.as_bytes(),
        many.as_bytes(),
    ];
    let topics: &[&str] = &[
        "lamp",
        "lamp/availability",
        "lamp/state",
        "lamp/set",
        "lamp/get",
        "nobody",
        "nobody/availability",
        "a//b",
        "/",
        "lamp/lamp/lamp",
        "bridge/state",
        "bridge/info",
        "bridge/groups",
        "bridge/event",
        "bridge/logging",
        "bridge/health",
        "bridge/response/permit_join",
        "bridge/response/device/rename",
        "bridge/response/",
        "bridge/",
        "bridge/nothing",
    ];
    for topic in topics {
        for payload in payloads {
            client.publish(format!("zigbee2mqtt/{topic}").as_bytes(), payload, false);
        }
        client.settle();
    }
    for payload in payloads {
        client.publish(b"zigbee2mqtt/bridge/devices", payload, false);
    }
    client.publish(b"zigbee2mqtt/bridge/devices", devices.as_bytes(), false);
    for number in 0..10_000 {
        client.publish(format!("zigbee2mqtt/retained{number}").as_bytes(), b"{\"state\":\"ON\"}", true);
    }
    client.settle();

    announce(&mut client, "zigbee2mqtt");
    lamp_is_heard(&mut client, &api, Duration::from_secs(60));
    let memory = hub.resident_bytes().expect("the hub runs");
    assert!(memory < 200 << 20, "the hub holds {} MiB", memory >> 20);
    assert!(!hub.log().contains("panicked"), "something panicked; see the log");
    assert_eq!(connections(&broker), 1, "the hub had no reason to connect again");
    assert_eq!(hub.stop(), Some(0));
}

#[test]
fn a_giant_retained_message_ends_in_no_loop() {
    if !has_programs(&["mosquitto"]) {
        return;
    }
    let bench = Bench::new("giant");
    let broker = Broker::start(&bench);
    let mut client = Client::connect(broker.port(), "flood");
    announce(&mut client, "zigbee2mqtt");
    client.publish(b"zigbee2mqtt/giant", &vec![b'x'; 64 << 20], true);
    client.settle();
    let mut hub = Hub::new(&bench, &broker.driver());
    hub.start();
    let api = hub.claim();
    lamp_is_heard(&mut client, &api, SOON);
    client.publish(b"zigbee2mqtt/giant", &vec![b'y'; 64 << 20], false);
    client.settle();
    lamp_is_heard(&mut client, &api, SOON);
    // Once to see what the broker speaks may be more than one connection; a loop would be many.
    assert!(connections(&broker) <= 3, "the hub connected {} times", connections(&broker));
    let memory = hub.resident_bytes().expect("the hub runs");
    assert!(memory < 200 << 20, "the hub holds {} MiB", memory >> 20);
    assert_eq!(hub.stop(), Some(0));
}

/// A lamp whose states are retained is switched by somebody else while the hub is cut off from the broker, and once
/// more while the hub is stopped. It is shown as it is, and no rule takes old news for new.
#[test]
fn what_happened_while_the_hub_was_cut_off_is_shown() {
    if !has_programs(&["mosquitto"]) {
        return;
    }
    let bench = Bench::new("cut-off");
    let broker = Broker::start(&bench);
    let cable = Cable::to(broker.port());
    let mut client = Client::connect(broker.port(), "bridge");
    announce(&mut client, "zigbee2mqtt");
    let mut hub = Hub::new(&bench, &driver_at(cable.port()));
    hub.start();
    let mut api = hub.claim();
    let is = |client: &mut Client, state: &str| {
        client.publish(b"zigbee2mqtt/lamp", json!({"state": state}).to_string().as_bytes(), true);
        client.settle();
    };
    let until_driver = |api: &Api, state: &str| {
        eventually(&format!("the driver to be {state}"), Duration::from_secs(60), || {
            let driver = items(api.get("drivers").ok()).into_iter().next().unwrap_or_default();
            if driver["state"] == state { Ok(()) } else { Err(driver) }
        });
    };
    let until_state = |api: &Api, on: bool, source: &str| {
        eventually(&format!("the lamp to be {on}, {source}"), SOON, || {
            let state =
                api.device(LAMP).map(|device| attribute_of(&device, 1, "on")["state"].clone()).unwrap_or_default();
            if state["value"] == on && state["source"] == source { Ok(()) } else { Err(state) }
        });
    };
    lamp_is_heard(&mut client, &api, SOON);
    is(&mut client, "ON");
    until_state(&api, true, "reported");
    let rule = json!({
        "name": "Dark", "triggers": [{"state": {"device": LAMP, "attribute": "on", "to": false}}],
        "actions": [{"command": {"device": LAMP, "set": {"brightness": 10}}}],
    });
    assert_eq!(api.post("automations", &rule).status, 201);
    client.subscribe("zigbee2mqtt/+/set");
    let mut stream = hub.stream(None);
    let mark = stream.mark();
    let change = json!({"kind": "state_changed", "device": LAMP, "attribute": "on"});

    // Nothing happened: nothing is told.
    cable.pull();
    until_driver(&api, "offline");
    cable.plug();
    until_driver(&api, "online");
    client.publish(b"zigbee2mqtt/lamp", json!({"brightness": 254}).to_string().as_bytes(), false);
    api.until_value(LAMP, 1, "brightness", SOON, |value| *value == 100.0);
    assert_eq!(stream.events_after(mark, &change), [Value::Null; 0]);

    cable.pull();
    until_driver(&api, "offline");
    is(&mut client, "OFF");
    assert_eq!(api.value(LAMP, 1, "on"), true, "the hub cannot know yet");
    cable.plug();
    until_state(&api, false, "restored");
    let told = stream.event_after(mark, SOON, &change);
    assert_eq!((&told["from"], &told["to"], &told["cause"]["kind"]), (&json!(true), &json!(false), &json!("restore")));

    // The same while the hub is stopped.
    is(&mut client, "ON");
    until_state(&api, true, "reported");
    assert_eq!(hub.stop(), Some(0));
    is(&mut client, "OFF");
    hub.start();
    api = hub.login();
    until_driver(&api, "online");
    until_state(&api, false, "restored");

    // A live change does fire the rule, so that its silence before meant something.
    is(&mut client, "ON");
    until_state(&api, true, "reported");
    client.take();
    assert!(client.received.is_empty(), "a rule took a restored value for news: {:?}", client.received);
    is(&mut client, "OFF");
    client.until("the rule's command", SOON, |topic, _| topic.ends_with("/set"));
    assert_eq!(hub.stop(), Some(0));
}

#[test]
fn several_bridges_on_a_broker_with_passwords() {
    if !has_programs(&["mosquitto", "mosquitto_passwd"]) {
        return;
    }
    let bench = Bench::new("bridges");
    let (user, password) = ("hearth", "a p\u{e4}ssword");
    let broker = Broker::with_user(&bench, user, password);
    let file = bench.folder().join("mqtt-password");
    fs::write(&file, format!("{password}\n")).expect("a file can be written");
    let wrong = bench.folder().join("wrong-password");
    fs::write(&wrong, "not-the-secret\n").expect("a file can be written");
    let driver = |id: &str, base: &str, file: &Path| {
        format!(
            "[[driver]]\nid = \"{id}\"\ntype = \"zigbee2mqtt\"\nbroker = \"mqtt://127.0.0.1:{}\"\nbase_topic = \"{base}\"\n\
             username = \"{user}\"\npassword_file = \"{}\"\n\n",
            broker.port(),
            file.display()
        )
    };
    let drivers =
        [driver("up", "haus/oben/z2m", &file), driver("down", "zigbee2mqtt", &file), driver("out", "haus", &wrong)];
    let mut hub = Hub::new(&bench, &drivers.concat());
    hub.start();
    let api = hub.claim();
    let mut client = Client::connect_as(broker.port(), "flood", Some((user, password)));
    for base in ["haus/oben/z2m", "zigbee2mqtt"] {
        announce(&mut client, base);
    }
    // The same address behind two bridges is two devices; what one says is not of the other.
    let lamps = ["up:0x00158d0000abcdef", "down:0x00158d0000abcdef"];
    for lamp in lamps {
        eventually(lamp, SOON, || api.device(lamp).ok_or("not yet there"));
    }
    client.publish_json("haus/oben/z2m/lamp", &json!({"state": "ON"}));
    client.publish_json("zigbee2mqtt/lamp", &json!({"state": "OFF"}));
    for (lamp, on) in lamps.iter().zip([true, false]) {
        api.until_value(lamp, 1, "on", SOON, |value| *value == on);
    }
    let refused = eventually("the refused driver to say why", SOON, || {
        let driver =
            items(api.get("drivers").ok()).into_iter().find(|driver| driver["id"] == "out").unwrap_or_default();
        let detail = driver["detail"].as_str().unwrap_or_default().to_lowercase();
        if detail.contains("password") || detail.contains("authori") { Ok(driver) } else { Err(driver) }
    });
    assert_ne!(refused["state"], "online");
    for secret in [password, "not-the-secret"] {
        assert!(!hub.log().contains(secret), "a password is in the log");
    }
    assert_eq!(hub.stop(), Some(0));
}

#[test]
fn the_broker_knows_the_hub_again_after_a_restart() {
    if !has_programs(&["mosquitto"]) {
        return;
    }
    let bench = Bench::new("client-id");
    let broker = Broker::start(&bench);
    let mut hub = Hub::new(&bench, &broker.driver());
    let names = |broker: &Broker| -> Vec<String> {
        let log = broker.log();
        let names = log.lines().filter(|line| line.contains("New client connected"));
        names.filter_map(|line| Some(line.split_once(" as ")?.1.split(' ').next()?.to_owned())).collect()
    };
    let mut hub_id = String::new();
    for starts in 1..=2 {
        hub.start();
        let status = Api::new(hub.port()).get("status").ok();
        hub_id = status["hub_id"].as_str().unwrap_or_default().to_owned();
        eventually("the hub at the broker", SOON, || {
            let names = names(&broker);
            if names.iter().filter(|name| name.starts_with("hearth-")).count() >= starts { Ok(()) } else { Err(names) }
        });
        assert_eq!(hub.stop(), Some(0));
    }
    let wanted = format!("hearth-{}-zigbee", &hub_id[..8]);
    let names = names(&broker);
    assert!(names.iter().filter(|name| name.starts_with("hearth-")).all(|name| *name == wanted), "{wanted}: {names:?}");
}
