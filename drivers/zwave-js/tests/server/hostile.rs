//! Servers that say whatever they like, and servers that this hub cannot speak with.

use driver_api::run::drain_events;
use driver_api::{DriverEvent, LinkState, Machine};
use driver_zwave_js::machine::ZWaveJs;
use driver_zwave_js::message::NEWEST_SCHEMA;
use hub_model::event::{DriverState, DriverStatus};
use hub_model::{Device, DriverId, Monotonic, Now, Timestamp, Trust, Wall};
use serde_json::{Value as Json, json};

use crate::recorded;

fn now() -> Now {
    Now { wall: Wall { time: Timestamp(1_800_000_000_000), trust: Trust::Ntp }, mono: Monotonic::default() }
}

fn machine() -> ZWaveJs {
    let mut machine = ZWaveJs::new(DriverId::new("zwave"), Vec::new(), NEWEST_SCHEMA);
    machine.handle_link(now(), LinkState::Up);
    machine
}

fn hear(machine: &mut ZWaveJs, message: &Json) -> Vec<DriverEvent> {
    machine.handle_received(now(), message.to_string());
    while machine.poll_transmit().is_some() {}
    drain_events(machine)
}

fn status(events: &[DriverEvent]) -> Option<DriverStatus> {
    let states = events.iter().rev().filter_map(|event| match event {
        DriverEvent::Status(status) => Some(status.clone()),
        _ => None,
    });
    states.into_iter().next()
}

fn version(least: u64, greatest: u64) -> Json {
    json!({"type": "version", "homeId": 1, "driverVersion": "15.0.0", "serverVersion": "3.0.0", "minSchemaVersion": least,
        "maxSchemaVersion": greatest})
}

#[test]
fn a_server_that_speaks_no_common_schema_is_refused_in_words() {
    for (least, greatest, words) in
        [(0, 10, "is too old"), (NEWEST_SCHEMA + 1, NEWEST_SCHEMA + 9, "is newer than this hub")]
    {
        let mut machine = machine();
        let status = status(&hear(&mut machine, &version(least, greatest))).unwrap();
        assert_eq!(status.state, DriverState::Offline);
        assert!(status.detail.contains(words) && status.detail.contains("update"), "{}", status.detail);
    }
}

/// A machine that knows a plug.
fn listening() -> ZWaveJs {
    let mut machine = machine();
    let node = json!({"nodeId": 2, "status": 4, "ready": true, "interviewStage": "Complete",
        "endpoints": [{"index": 0, "commandClasses": [{"id": 37, "version": 2}]}],
        "values": [{"commandClass": 37, "endpoint": 0, "property": "currentValue", "value": false,
            "metadata": {"type": "boolean", "readable": true, "writeable": false}}]});
    let state = json!({"state": {"controller": {"homeId": 1, "ownNodeId": 1}, "nodes": [node]}});
    for message in [
        version(0, 50),
        json!({"type": "result", "success": true, "messageId": "2", "result": {}}),
        json!({"type": "result", "success": true, "messageId": "3", "result": state}),
    ] {
        hear(&mut machine, &message);
    }
    machine
}

#[test]
fn what_cannot_be_read_is_left_out_and_said() {
    let mut machine = listening();
    let event = |event: &str, args: Json| json!({"type": "event", "event": {"source": "node", "event": event, "nodeId": 2, "args": args}});
    let mut last = None;
    for message in [
        event("value updated", json!("what")),
        event("value updated", json!({"commandClass": -1, "property": "currentValue"})),
        event("value updated", json!({"commandClass": 37, "property": ["x"]})),
        event("value updated", json!({"commandClass": 37, "property": "x".repeat(500)})),
        event(
            "value updated",
            json!({"commandClass": 37, "property": "currentValue", "newValue": "x".repeat(100_000)}),
        ),
        event("value updated", Json::Null),
        event("ready", Json::Null),
        event("notification", json!([])),
        json!({"type": "event", "event": 7}),
        json!({"type": "result", "messageId": "1"}),
        json!({"type": "result", "messageId": {}, "success": "no"}),
    ] {
        let events = hear(&mut machine, &message);
        assert!(!events.iter().any(|event| matches!(event, DriverEvent::Report(_))), "{message}");
        last = status(&events).or(last);
    }
    let said = last.unwrap();
    assert_eq!(said.state, DriverState::Online);
    assert!(said.detail.contains("could not be read"), "{}", said.detail);
    // It goes on as before.
    let events = hear(
        &mut machine,
        &event("value updated", json!({"commandClass": 37, "property": "currentValue", "newValue": true})),
    );
    assert!(events.iter().any(|event| matches!(event, DriverEvent::Report(_))), "{events:?}");
}

#[test]
fn events_that_nobody_knows_are_left_alone() {
    let mut machine = listening();
    for message in [
        json!({"type": "event", "event": {"source": "node", "event": "grew wings", "nodeId": 2}}),
        json!({"type": "event", "event": {"source": "node", "event": "value updated", "nodeId": 99}}),
        json!({"type": "event", "event": {"source": "moon", "event": "full"}}),
        json!({"type": "hello"}),
    ] {
        assert_eq!(hear(&mut machine, &message), [], "{message}");
    }
}

#[test]
fn a_node_that_is_too_large_is_left_out_and_said() {
    for large in [
        json!({"name": "x".repeat(300_000)}),
        json!({"interviewStage": vec![0; 200_000]}),
        json!({"deviceConfig": {"label": "x".repeat(300_000)}}),
        json!({"endpoints": (0..100_000).map(|_| json!({"index": 1})).collect::<Vec<_>>()}),
    ] {
        let mut machine = listening();
        let mut node = json!({"nodeId": 3, "ready": true});
        node.as_object_mut().unwrap().extend(large.as_object().unwrap().clone());
        let event = json!({"source": "controller", "event": "node added", "node": node});
        let events = hear(&mut machine, &json!({"type": "event", "event": event}));
        assert!(!events.iter().any(|event| matches!(event, DriverEvent::Device(_))), "{events:?}");
        let said = status(&events).unwrap();
        assert!(said.detail.contains("without its values"), "{}", said.detail);
    }
}

/// Values are kept while it is asked what they are: that counts too, and ends when there is no answer.
#[test]
fn values_whose_meaning_is_asked_take_no_more_memory_than_there_is() {
    const MOST_MEMORY: usize = 64 * 1024 * 1024;
    const LENGTH: usize = 64_000;
    const KNOWN: usize = 950;
    let long = "x".repeat(LENGTH);
    // As text: so much is slow to put together as JSON.
    let node = json!({"nodeId": 3, "ready": true, "values": "VALUES",
        "endpoints": [{"index": 0, "commandClasses": [{"id": 112, "version": 4}]}]});
    let event = json!({"type": "event", "event": {"source": "controller", "event": "node added", "node": node}});
    let value = |number: usize| {
        let value = json!({"commandClass": 112, "endpoint": 0, "property": number, "value": "VALUE",
            "metadata": {"type": "string", "readable": true, "writeable": false}});
        value.to_string().replace("VALUE", &long)
    };
    let values: Vec<String> = (0..KNOWN).map(value).collect();
    let event = event.to_string().replace("\"VALUES\"", &format!("[{}]", values.join(",")));
    let mut machine = listening();
    machine.handle_received(now(), event);
    while machine.poll_transmit().is_some() {}
    drain_events(&mut machine);
    // Each event has another value, of which nothing is known.
    let asked = |machine: &mut ZWaveJs, numbers: std::ops::Range<usize>| {
        let mut questions = 0;
        let mut last = None;
        for number in numbers {
            let args = json!({"commandClass": 112, "endpoint": 0, "property": number, "newValue": long});
            let event = json!({"source": "node", "event": "value added", "nodeId": 3, "args": args});
            machine.handle_received(now(), json!({"type": "event", "event": event}).to_string());
            while let Some(request) = machine.poll_transmit() {
                questions += usize::from(request.contains("get_value_metadata"));
            }
            last = status(&drain_events(machine)).or(last);
        }
        (questions, last)
    };
    let (questions, said) = asked(&mut machine, 1_000..1_120);
    let room = MOST_MEMORY / LENGTH - KNOWN;
    assert!((room - 10..=room).contains(&questions), "{questions} questions, and room for {room}");
    let said = said.expect("that it is too much is told");
    assert!(said.detail.contains("no room"), "{}", said.detail);
    // None is answered, so nothing of them is kept.
    let later = Now { mono: Monotonic(std::time::Duration::from_secs(600)), ..now() };
    machine.handle_timeout(later);
    drain_events(&mut machine);
    let (questions, _) = asked(&mut machine, 2_000..2_020);
    assert_eq!(questions, 20);
}

/// Every message of a recorded session with one part of it changed.
#[test]
fn damaged_messages_do_no_harm() {
    let damages: [fn(&mut Json); 6] = [
        |value| *value = Json::Null,
        |value| *value = json!(-1),
        |value| *value = json!(1e300),
        |value| *value = json!("\u{0}…"),
        |value| *value = json!([[[{}]]]),
        |value| *value = json!({"value": {"unit": []}}),
    ];
    for (number, damage) in (0_usize..).zip(damages) {
        let mut machine = machine();
        for (place, message) in recorded::messages().into_iter().enumerate() {
            machine.handle_received(now(), message.to_string());
            if message["type"] == "event" && place % 3 == number % 3 {
                let mut message = message.clone();
                damage_each(&mut message, damage, &mut |damaged| {
                    machine.handle_received(now(), damaged.to_string());
                });
            }
            while machine.poll_transmit().is_some() {}
            let devices: Vec<Device> = drain_events(&mut machine)
                .into_iter()
                .filter_map(|event| if let DriverEvent::Device(device) = event { Some(*device) } else { None })
                .collect();
            assert!(devices.iter().all(|device| device.id.as_str().starts_with("zwave:")));
        }
    }
}

/// Calls with the message in which each part in turn is damaged; parts of lists and nodes only as a whole.
fn damage_each(message: &mut Json, damage: fn(&mut Json), with: &mut impl FnMut(&Json)) {
    let paths = paths(message, String::new(), 0);
    for path in paths {
        let mut damaged = message.clone();
        if let Some(part) = damaged.pointer_mut(&path) {
            damage(part);
        }
        with(&damaged);
    }
}

fn paths(value: &Json, path: String, depth: usize) -> Vec<String> {
    let mut found = vec![path.clone()];
    if let Some(fields) = value.as_object().filter(|_| depth < 4) {
        for (name, field) in fields {
            found.extend(paths(field, format!("{path}/{name}"), depth + 1));
        }
    }
    found
}
