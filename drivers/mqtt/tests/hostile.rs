//! Garbage is skipped and counted; it never panics and never piles up.

use driver_api::Machine;
use driver_mqtt::Message;
use driver_mqtt::zigbee2mqtt::fuzz;
use serde_json::json;

use crate::script::{Script, lamp, list};

#[test]
fn payloads_that_are_not_what_their_topic_promises() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_object = format!("{}1{}", r#"{"state":"#.repeat(50_000), "}".repeat(50_000));
    let long = format!(r#"{{"state":"{}"}}"#, "x".repeat(2_000_000));
    let many = json!({"devices": (0..50_000).collect::<Vec<_>>()}).to_string();
    let payloads = [
        "",
        " ",
        "null",
        "[]",
        "{}",
        "1",
        "\"\"",
        "{",
        "nan",
        r#"{"state":NaN}"#,
        r#"{"state":Infinity}"#,
        r#"{"state":1e999}"#,
        r#"{"state":-0.0,"brightness":1e300}"#,
        r#"{"state":"ON","state":"OFF"}"#,
        r#"{"level":"error","level":"info"}"#,
        r#"[{"ieee_address":"+/#"}]"#,
        r#"[{"ieee_address":"0x1","exposes":7}]"#,
        r#"[{"ieee_address":"0x1","friendly_name":"bridge/devices"}]"#,
        r#"[{"id":-1}]"#,
        r#"[{"id":1e30}]"#,
        "{\"state\":\"\\ud800\"}",
        &deep,
        &deep_object,
        &long,
        &many,
    ];
    let topics = [
        "lamp",
        "lamp/availability",
        "lamp/state",
        "lamp/color-x",
        "bridge/state",
        "bridge/info",
        "bridge/devices",
        "bridge/groups",
        "bridge/event",
        "bridge/logging",
        "bridge/health",
        "bridge/definitions",
        "bridge/extensions",
        "bridge/response/permit_join",
        "bridge/response/",
        "bridge/",
        "bridge",
        "",
        "/",
        "lamp/",
        "nobody",
        "nobody/availability",
    ];
    let mut script = Script::online(&[lamp("0x01", "lamp")]);
    for payload in payloads {
        for topic in topics {
            script.live(topic, payload);
            script.retained(topic, payload);
        }
        script.pass(1);
    }
    assert!(script.machine.counters().malformed > 100);
    // It is still the same machine.
    script.live("bridge/state", "online");
    script.live("bridge/devices", &list(&[lamp("0x01", "lamp")]));
    let report = script.live("lamp", r#"{"state":"ON","linkquality":1}"#);
    assert!(report.contains("1/on=true"), "{report}");
}

#[test]
fn topics_that_are_no_text() {
    let mut script = Script::online(&[lamp("0x01", "lamp")]);
    for topic in [&b"zigbee2mqtt/\xff\xfe"[..], b"\xff", b"", b"zigbee2mqtt/lamp\0"] {
        assert_eq!(script.message(Message::new(topic.to_vec(), "{}")), "");
    }
    assert_eq!(script.machine.counters().malformed, 2);
}

/// A list with one bad item still has the others.
#[test]
fn one_bad_device_does_not_hide_the_others() {
    let mut script = Script::online(&[]);
    let bad = [
        json!(7),
        json!({"ieee_address": "7 8"}),
        json!({}),
        json!({"ieee_address": "a b/+"}),
        json!({"ieee_address": "0x02", "definition": []}),
    ];
    let mut devices = bad.to_vec();
    devices.push(lamp("0x01", "lamp"));
    script.live("bridge/devices", &list(&devices));
    let mut ids: Vec<_> = script.machine.devices().map(|device| device.id.to_string()).collect();
    ids.sort();
    assert_eq!(ids, ["zigbee:0x01", "zigbee:0x02"]);
}

#[test]
fn a_list_of_megabytes() {
    let devices: Vec<_> = (0..2_000).map(|n| lamp(&format!("0x{n:016x}"), &format!("Raum {n}/Lampe"))).collect();
    let payload = list(&devices);
    assert!(payload.len() > 1_000_000);
    let mut script = Script::online(&devices);
    assert_eq!(script.machine.devices().count(), 2_000);
    assert_eq!(script.retained("bridge/devices", &payload), "");
    assert!(script.live("Raum 1999/Lampe", r#"{"state":"ON","linkquality":1}"#).contains("1/on=true"));
}

/// Messages for names that are not known yet are held up to a bound.
#[test]
fn what_is_held_is_bounded() {
    let mut script = Script::new();
    script.up();
    for n in 0..10_000 {
        script.retained(&format!("device {n}"), r#"{"state":"ON"}"#);
    }
    assert_eq!(script.machine.counters().unknown, 10_000 - 4_096);
    script.down("gone");
    script.up();
    let large = "x".repeat(1024 * 1024);
    for n in 0..20 {
        script.retained(&format!("device {n}"), &large);
    }
    assert_eq!(script.machine.counters().unknown, 10_000 - 4_096 + 13);
}

/// A small deterministic stand-in for the fuzzers, for every test run.
#[test]
fn mutated_messages() {
    let seeds: [(&str, &str); 8] = [
        ("z/lamp", r#"{"state":"ON","brightness":254,"color":{"x":0.1,"y":0.2},"color_mode":"xy","linkquality":9}"#),
        ("z/a/set", r#"{"state_l1":"ON","state_l2":null}"#),
        ("z/remote", r#"{"action":"toggle","battery":7}"#),
        ("z/lamp/availability", r#"{"state":"offline"}"#),
        ("z/bridge/event", r#"{"type":"device_interview","data":{"ieee_address":"0x1","status":"started"}}"#),
        ("z/bridge/logging", r#"{"level":"error","message":"z2m: Publish 'set' 'state' to 'lamp' failed: 'x'"}"#),
        ("z/bridge/groups", r#"[{"id":5,"friendly_name":"living","members":[{"ieee_address":"0x01","endpoint":1}]}]"#),
        ("z/bridge/response/device/rename", r#"{"status":"ok","data":{},"transaction":"hearth-0000000000000001-1"}"#),
    ];
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    for _ in 0..300 {
        let messages: Vec<(Vec<u8>, Vec<u8>)> = (0..8)
            .map(|_| {
                let (topic, payload) = seeds[next(seeds.len())];
                let mut parts = [topic.as_bytes().to_vec(), payload.as_bytes().to_vec()];
                let part = &mut parts[usize::from(next(8) > 0)];
                for _ in 0..next(4) {
                    let at = next(part.len());
                    match next(3) {
                        0 => part[at] = next(256) as u8,
                        1 => drop(part.drain(at..(at + next(8)).min(part.len()))),
                        _ => part.insert(at, b"{}[]\",:0-e\xff"[next(11)]),
                    }
                    if part.is_empty() {
                        break;
                    }
                }
                let [topic, payload] = parts;
                (topic, payload)
            })
            .collect();
        fuzz::messages(messages.iter().map(|(topic, payload)| (topic.as_slice(), payload.as_slice())));
    }
    fuzz::definition(list(&[lamp("0x01", "lamp")]).as_bytes());
    let machine = fuzz::machine();
    assert_eq!(machine.devices().count(), 5);
    assert!(machine.poll_timeout().is_some());
}
