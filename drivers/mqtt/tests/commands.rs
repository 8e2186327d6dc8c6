//! Commands and what becomes of them.

use driver_api::{DriverRequest, Machine};
use expect_test::{Expect, expect};
use hub_model::{DeviceId, Value};
use serde_json::json;

use crate::script::{Script, lamp, list, motion};

fn check(actual: &str, expect: Expect) {
    expect.assert_eq(actual);
}

fn on(value: bool) -> (u16, &'static str, Value) {
    (1, "on", Value::Bool(value))
}

#[test]
fn a_command_goes_to_the_address() {
    let mut script = Script::online(&[lamp("0x01", "a name")]);
    check(
        &script.set("0x01", &[on(true), (1, "brightness", Value::Number(50.0))]),
        expect![[r#"
        command c1 Sent
        > zigbee2mqtt/0x01/set {"brightness":127,"state":"ON"}
    "#]],
    );
}

/// One command gives several states: older values, the bridge's own echo, then the device's reports.
#[test]
fn the_first_state_that_shows_a_wish_is_an_echo() {
    let mut script = Script::online(&[lamp("0x01", "lamp")]);
    script.live("lamp", r#"{"state":"ON","brightness":254,"linkquality":9}"#);
    script.set("0x01", &[on(false)]);
    check(
        &script.live("lamp", r#"{"state":"ON","brightness":254,"linkquality":9}"#),
        expect![[r#"
        report zigbee:0x01 0/link_quality=9 1/brightness=100 1/on=true
    "#]],
    );
    check(
        &script.live("lamp", r#"{"state":"OFF","brightness":254,"linkquality":9}"#),
        expect![[r#"
        echo zigbee:0x01 0/link_quality=9 1/brightness=100 1/on=false
    "#]],
    );
    check(
        &script.live("lamp", r#"{"state":"OFF","brightness":254,"linkquality":9}"#),
        expect![[r#"
        report zigbee:0x01 0/link_quality=9 1/brightness=100 1/on=false
    "#]],
    );
    // Each attribute has its own.
    script.set("0x01", &[on(true), (1, "brightness", Value::Number(50.0))]);
    check(
        &script.live("lamp", r#"{"state":"ON","brightness":254,"linkquality":9}"#),
        expect![[r#"
        echo zigbee:0x01 0/link_quality=9 1/brightness=100 1/on=true
    "#]],
    );
    check(
        &script.live("lamp", r#"{"state":"ON","brightness":127,"linkquality":9}"#),
        expect![[r#"
        echo zigbee:0x01 0/link_quality=9 1/brightness=50 1/on=true
    "#]],
    );
    check(
        &script.live("lamp", r#"{"state":"ON","brightness":127,"linkquality":9}"#),
        expect![[r#"
        report zigbee:0x01 0/link_quality=9 1/brightness=50 1/on=true
    "#]],
    );
    // Long after, a state is the device's own.
    script.set("0x01", &[on(false)]);
    script.pass(120);
    check(
        &script.live("lamp", r#"{"state":"OFF","brightness":127,"linkquality":9}"#),
        expect![[r#"
        report zigbee:0x01 0/link_quality=9 1/brightness=50 1/on=false
    "#]],
    );
}

#[test]
fn an_error_in_the_log_fails_the_command() {
    let log = |message: &str| json!({"level": "error", "message": message, "namespace": "z2m"}).to_string();
    let mut script = Script::online(&[lamp("0x01", "Küche/Decke 灯")]);
    script.set("0x01", &[on(true)]);
    script.set("0x01", &[on(true), (1, "brightness", Value::Number(50.0))]);
    let timeout = "z2m: Publish 'set' 'brightness' to 'Küche/Decke 灯' failed: 'Error: ZCL command 0x01/1 genLevelCtrl.moveToLevel({}) failed (Timeout after 10000ms)'";
    check(
        &script.live("bridge/logging", &log(timeout)),
        expect![[r#"
        command c2 1/brightness failed unreachable "Timeout after 10000ms"
    "#]],
    );
    let refused = "z2m: Publish 'set' 'state' to 'Küche/Decke 灯' failed: 'Error: it does not want to'";
    check(
        &script.live("bridge/logging", &log(refused)),
        expect![[r#"
        command c1 failed refused "it does not want to"
    "#]],
    );
    // Nobody's errors.
    for message in [timeout, refused, "z2m: Publish 'set' 'state' to 'nobody' failed: 'x'", "anything", ""] {
        assert_eq!(script.live("bridge/logging", &log(message)), "", "{message}");
    }
    script.set("0x01", &[on(true)]);
    assert_eq!(script.live("bridge/logging", &log(refused).replace("error", "info")), "");
}

#[test]
fn without_bridge_a_command_fails_at_once() {
    let mut script = Script::new();
    check(
        &script.set("0x01", &[on(true)]),
        expect![[r#"
        command c1 failed driver_offline "the broker is not connected yet"
    "#]],
    );
    script.up();
    check(
        &script.set("0x01", &[on(true)]),
        expect![[r#"
        command c2 failed driver_offline "zigbee2mqtt has not listed its devices yet; try again"
    "#]],
    );
    script.retained("bridge/state", "online");
    script.retained("bridge/devices", &list(&[lamp("0x01", "lamp")]));
    script.live("bridge/state", "offline");
    check(
        &script.set("0x01", &[on(true)]),
        expect![[r#"
        command c3 failed driver_offline "zigbee2mqtt is stopped; start it"
    "#]],
    );
    script.live("bridge/state", "online");
    check(
        &script.set("0x99", &[on(true)]),
        expect![[r#"
        command c4 failed removed "zigbee2mqtt no longer lists this device"
    "#]],
    );
    check(
        &script.set("0x01", &[(1, "nonsense", Value::Bool(true))]),
        expect![[r#"
        command c5 failed refused "cannot set nonsense of endpoint 1: the device has no such attribute"
    "#]],
    );
    check(
        &script.set("0x01", &[(1, "on", Value::Number(1.0))]),
        expect![[r#"
        command c6 failed refused "cannot set on of endpoint 1: give a value of kind bool"
    "#]],
    );
    script.set("0x01", &[on(true)]);
    check(
        &script.live("bridge/devices", &list(&[lamp("0x02", "other")])),
        expect![[r#"
        device zigbee:0x02 "other": 0/link_quality 1/on 1/brightness
        command c7 failed removed "the device was removed from zigbee2mqtt"
        removed zigbee:0x01
        unknown zigbee:0x02
    "#]],
    );
    script.down("mqtt://x:1883: refused");
    check(
        &script.set("0x02", &[on(true)]),
        expect![[r#"
        command c8 failed driver_offline "mqtt://x:1883: refused"
    "#]],
    );
}

#[test]
fn a_command_that_is_too_late_is_not_sent() {
    let mut script = Script::online(&[lamp("0x01", "lamp")]);
    let command = driver_api::driver::DriverCommand {
        id: "c".into(),
        device: DeviceId::new("zigbee:0x01"),
        settings: vec![hub_model::command::Setting { endpoint: 1, attribute: "on".into(), value: Value::Bool(true) }],
        transition: None,
        deadline: script.now.mono,
        by_person: true,
    };
    script.pass(1);
    script.machine.handle_request(script.now, DriverRequest::Command(command));
    check(
        &script.drain(),
        expect![[r#"
        command c failed busy "it could not be sent in time"
    "#]],
    );
}

#[test]
fn groups_are_addressed_by_name() {
    let mut script = Script::online(&[lamp("0x01", "lamp")]);
    script.live("bridge/groups", r#"[{"id":5,"friendly_name":"living","members":[{"ieee_address":"0x01","endpoint":1}]},{"id":6,"friendly_name":"a+b","members":[{"ieee_address":"0x01","endpoint":1}]}]"#);
    check(
        &script.set("group-5", &[on(true)]),
        expect![[r#"
        command c1 Sent
        > zigbee2mqtt/living/set {"state":"ON"}
    "#]],
    );
    check(
        &script.live("living", r#"{"state":"ON"}"#),
        expect![[r#"
        echo zigbee:group-5 1/on=true
    "#]],
    );
    check(
        &script.set("group-6", &[on(true)]),
        expect![[r#"
        command c2 failed refused "its name cannot be part of a topic; rename it"
    "#]],
    );
}

#[test]
fn a_device_can_be_asked() {
    let mut script = Script::online(&[lamp("0x01", "lamp"), motion("0x02", "motion")]);
    let mut read = |device: &str, attribute: &str| {
        let attributes = vec![(1, attribute.into())];
        let request = DriverRequest::Read { device: DeviceId::new(format!("zigbee:{device}")), attributes };
        script.machine.handle_request(script.now, request);
        script.drain()
    };
    check(
        &read("0x01", "brightness"),
        expect![[r#"
        > zigbee2mqtt/0x01/get {"brightness":""}
    "#]],
    );
    check(&read("0x02", "occupancy"), expect![[""]]);
    check(&read("0x99", "on"), expect![[""]]);
}

/// An error belongs to what is still open, not to an older command that was carried out.
#[test]
fn a_command_that_was_shown_takes_no_error_of_a_later_one() {
    let log = |property: &str, name: &str| {
        let message = format!("z2m: Publish 'set' '{property}' to '{name}' failed: 'Error: it does not want to'");
        json!({"level": "error", "message": message}).to_string()
    };
    let mut script = Script::online(&[lamp("0x01", "lamp")]);
    script.set("0x01", &[on(true)]);
    script.live("lamp", r#"{"state":"ON","linkquality":9}"#);
    script.pass(20);
    script.set("0x01", &[on(false)]);
    check(
        &script.live("bridge/logging", &log("state", "lamp")),
        expect![[r#"
        command c2 failed refused "it does not want to"
    "#]],
    );
    // Nor does one that is long over.
    script.set("0x01", &[on(false)]);
    script.pass(120);
    script.set("0x01", &[on(false)]);
    check(
        &script.live("bridge/logging", &log("state", "lamp")),
        expect![[r#"
        command c4 failed refused "it does not want to"
    "#]],
    );
}

#[test]
fn an_error_names_a_property_without_its_endpoint_and_no_other_property() {
    let log = |property: &str, name: &str| {
        let message = format!("z2m: Publish 'set' '{property}' to '{name}' failed: 'Error: no'");
        json!({"level": "error", "message": message}).to_string()
    };
    let exposes = json!([
        {"type": "light", "features": [
            {"type": "binary", "name": "state", "property": "state", "access": 7, "value_on": "ON", "value_off": "OFF"},
            {"type": "numeric", "name": "color_temp", "property": "color_temp", "access": 7, "unit": "mired", "value_min": 150, "value_max": 500},
            {"type": "composite", "name": "color_xy", "property": "color", "access": 7, "features": [
                {"type": "numeric", "name": "x", "property": "x", "access": 7},
                {"type": "numeric", "name": "y", "property": "y", "access": 7}
            ]}
        ]},
        {"type": "switch", "endpoint": "l1", "features": [
            {"type": "binary", "name": "state", "property": "state_l1", "endpoint": "l1", "access": 7, "value_on": "ON", "value_off": "OFF"}
        ]},
        {"type": "switch", "endpoint": "l2", "features": [
            {"type": "binary", "name": "state", "property": "state_l2", "endpoint": "l2", "access": 7, "value_on": "ON", "value_off": "OFF"}
        ]}
    ]);
    let mut device = lamp("0x01", "lamp");
    device["definition"]["exposes"] = exposes;
    device["endpoints"] = json!({"1": {"name": "l1"}, "2": {"name": "l2"}, "3": {}});
    let mut script = Script::online(&[device]);
    script.set("0x01", &[(3, "color_temperature", Value::Number(4_000.0))]);
    script.set("0x01", &[(3, "color", Value::composite([("x", Value::Number(0.3)), ("y", Value::Number(0.3))]))]);
    check(
        &script.live("bridge/logging", &log("color", "lamp")),
        expect![[r#"
        command c2 failed refused "no"
    "#]],
    );
    script.set("0x01", &[(1, "on", Value::Bool(true)), (2, "on", Value::Bool(true))]);
    check(
        &script.live("bridge/logging", &log("state", "lamp")),
        expect![[r#"
        command c3 failed refused "no"
    "#]],
    );
}
