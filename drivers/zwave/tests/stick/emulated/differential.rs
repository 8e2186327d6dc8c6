//! The same evening with the real driver of zwave-js and with ours, at the same stick: what both know in the end, and how
//! many frames it took.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use hub_model::Value;
use serde_json::{Value as Json, json};

use super::compared::{Comparison, Theirs};
use super::interview::{DEAD, LISTENING, SLEEPING, interview};
use crate::support::{Frame, Hub, Program, Stick};

/// A command in the words of both: node, endpoint; attribute and value; class, property and value.
type Command = (u16, u16, &'static str, Value, u8, &'static str, Json);

fn commands() -> Vec<Command> {
    let on = Value::Bool(true);
    vec![
        (2, 0, "on", on.clone(), 0x25, "targetValue", json!(true)),
        (3, 0, "brightness", Value::number(100.0), 0x26, "targetValue", json!(99)),
        (5, 0, "locked", on.clone(), 0x62, "targetMode", json!(255)),
        (7, 0, "hvac_mode", Value::text("heat"), 0x40, "mode", json!(1)),
        (8, 2, "on", on.clone(), 0x25, "targetValue", json!(true)),
        (9, 0, "brightness", Value::number(100.0), 0x26, "targetValue", json!(99)),
        (10, 0, "on", on.clone(), 0x25, "targetValue", json!(true)),
        (13, 0, "on", on.clone(), 0x25, "targetValue", json!(true)),
        (14, 0, "on", on.clone(), 0x25, "targetValue", json!(true)),
        (16, 0, "on", on, 0x25, "targetValue", json!(true)),
    ]
}

/// What nodes say by themselves.
fn reports() -> [Json; 4] {
    [
        json!({"do": "press_switch", "node": 2, "value": false}),
        json!({"do": "tell", "node": 4, "hex": "31 05 01 22 00 fa"}),
        json!({"do": "battery", "node": 5, "level": 33}),
        json!({"do": "notification", "node": 6, "type": 7, "event": 8}),
    ]
}

/// Classes whose values say what a device is and not how; Hearth has them as the description of a device.
const DESCRIBING: &[&str] = &["Manufacturer Specific", "Version", "Z-Wave Plus Info", "Protocol", "Node"];

/// The frames of a part of the evening.
#[derive(Debug, Default)]
struct Count {
    to_stick: usize,
    from_stick: usize,
    to_nodes: BTreeMap<u8, usize>,
}

impl Count {
    fn of(frames: &[Frame]) -> Self {
        let mut count = Self::default();
        for frame in frames {
            if frame.is_ours {
                count.to_stick += 1;
            } else {
                count.from_stick += 1;
            }
            if let Some((node, _)) = frame.to_node() {
                *count.to_nodes.entry(node).or_default() += 1;
            }
        }
        count
    }

    /// Without the dead node: Hearth looks for it now and then, so that it comes back by itself.
    fn total(&self) -> usize {
        self.to_nodes.iter().filter(|(node, _)| u16::from(**node) != DEAD).map(|(_, count)| count).sum()
    }
}

/// What Hearth may send more, because it is of use: after a lock took its command it is asked for bolt and door, and after
/// a restart those that listen are asked how they are, where zwave-js only asks whether they are there.
const OF_USE: [usize; 3] = [0, 1, 12];
const PARTS: [&str; 3] = ["interview", "commands and reports", "restart"];

async fn ours(stick: &mut Stick) -> ([Count; 3], Hub) {
    let mut hub = Hub::start(stick);
    interview(stick, &mut hub).await;
    let interviewed = Count::of(&stick.frames().await);
    for (node, endpoint, attribute, value, ..) in commands() {
        hub.sets(node, endpoint, attribute, value).await;
    }
    hub.settle(6_000).await;
    for report in reports() {
        stick.tell(report).await;
        hub.settle(500).await;
    }
    let values = hub.values.clone();
    let commanded = Count::of(&stick.frames().await);
    let (kept, devices) = hub.stop().await;
    stick.frames().await;
    let mut hub = Hub::start_with(&stick.address(), kept, devices);
    hub.online_since(0).await;
    hub.settle(3_000).await;
    let restarted = Count::of(&stick.frames().await);
    // What it knew before it was ended, as a hub keeps it.
    hub.values = values;
    ([interviewed, commanded, restarted], hub)
}

async fn theirs(stick: &mut Stick, cache: &PathBuf) -> ([Count; 3], Vec<Theirs>) {
    let options = json!({"port": stick.port(), "cache": cache});
    let listening: Vec<u16> = LISTENING.into_iter().chain([DEAD]).collect();
    let mut driver = Program::start("driver.js", &options).await.expect("it is installed with the stick");
    let found = driver.tell(json!({"do": "interviewed", "nodes": listening, "seconds": 200})).await;
    assert_eq!(found, json!(listening), "zwave-js has found them out");
    for node in SLEEPING {
        stick.tell(json!({"do": "wake", "node": node})).await;
        driver.tell(json!({"do": "interviewed", "nodes": [node], "seconds": 60})).await;
    }
    driver.tell(json!({"do": "rest", "seconds": 2})).await;
    let interviewed = Count::of(&stick.frames().await);
    for (node, endpoint, _, _, class, property, value) in commands() {
        let request = json!({"do": "set", "node": node, "commandClass": class, "endpoint": endpoint, "property": property, "value": value});
        driver.tell(request).await;
    }
    driver.tell(json!({"do": "rest", "seconds": 6})).await;
    for report in reports() {
        stick.tell(report).await;
        driver.tell(json!({"do": "rest", "seconds": 0.5})).await;
    }
    let values = driver.tell(json!({"do": "values"})).await;
    let commanded = Count::of(&stick.frames().await);
    driver.end().await;
    stick.frames().await;
    let mut driver = Program::start("driver.js", &options).await.expect("it was there before");
    driver.tell(json!({"do": "ready", "nodes": listening, "seconds": 60})).await;
    driver.tell(json!({"do": "rest", "seconds": 3})).await;
    let restarted = Count::of(&stick.frames().await);
    driver.end().await;
    let values = values.as_array().unwrap().iter().map(|value| Theirs {
        node: u16::try_from(value["node"].as_u64().unwrap()).unwrap(),
        class: value["class"].as_str().unwrap().to_owned(),
        endpoint: u16::try_from(value["endpoint"].as_u64().unwrap_or_default()).unwrap(),
        property: value["property"].as_str().unwrap().to_owned(),
        value: value["value"].clone(),
    });
    let values = values.filter(|value| !DESCRIBING.contains(&value.class.as_str())).collect();
    ([interviewed, commanded, restarted], values)
}

fn table(ours: &[Count; 3], theirs: &[Count; 3]) -> String {
    let mut text = String::new();
    for (part, (ours, theirs)) in PARTS.iter().zip(ours.iter().zip(theirs)) {
        writeln!(text, "\n| {part} | Hearth | zwave-js | ratio |\n|---|---|---|---|").unwrap();
        let mut line = |name: &str, ours: usize, theirs: usize| {
            let ratio = ours as f64 / theirs as f64;
            writeln!(text, "| {name} | {ours} | {theirs} | {ratio:.2} |").unwrap();
        };
        line("frames to the stick", ours.to_stick, theirs.to_stick);
        line("frames from the stick", ours.from_stick, theirs.from_stick);
        line("frames to nodes that answer", ours.total(), theirs.total());
        for node in ours.to_nodes.keys().chain(theirs.to_nodes.keys()).collect::<std::collections::BTreeSet<_>>() {
            let of = |count: &Count| count.to_nodes.get(node).copied().unwrap_or_default();
            line(&format!("  to node {node}"), of(ours), of(theirs));
        }
    }
    text
}

#[tokio::test]
#[ignore = "zwave-js takes minutes; part of make test-long"]
async fn the_same_evening_with_the_driver_of_zwave_js() {
    let Some(mut stick) = Stick::start().await else { return };
    let (our_frames, hub) = ours(&mut stick).await;
    drop(stick);
    let mut stick = Stick::start().await.expect("it was there before");
    let cache = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("zwave-js");
    // What an earlier run has left.
    let _ = std::fs::remove_dir_all(&cache);
    std::fs::create_dir_all(&cache).unwrap();
    let (their_frames, values) = theirs(&mut stick, &cache).await;

    println!("{}", table(&our_frames, &their_frames));
    let comparison = Comparison::of(&hub, &values);
    println!("{}", comparison.table());
    assert_eq!(comparison.unequal, [""; 0], "values differ in the end");
    assert_eq!(comparison.unexplained, [""; 0], "nobody says why Hearth has no attribute for these");
    for (number, part) in PARTS.iter().enumerate() {
        let (ours, theirs) = (our_frames[number].total(), their_frames[number].total());
        assert!(ours <= theirs + OF_USE[number], "{part}: {ours} frames, and zwave-js {theirs}");
    }
    let [ours, theirs]: [usize; 2] = [&our_frames, &their_frames].map(|parts| parts.iter().map(Count::total).sum());
    assert!(ours <= theirs, "in all: {ours} frames, and zwave-js {theirs}");
}
