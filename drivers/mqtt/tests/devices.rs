//! Which devices there are, what they are called and whether they can be reached.

use expect_test::{Expect, expect};
use serde_json::json;

use crate::script::{Script, button, lamp, list, motion};

fn check(actual: &str, expect: Expect) {
    expect.assert_eq(actual);
}

#[test]
fn a_start() {
    let mut script = Script::new();
    check(
        &script.down("mqtt://x:1883: refused"),
        expect![[r#"
        status Offline "mqtt://x:1883: refused"
    "#]],
    );
    check(
        &script.up(),
        expect![[r#"
        status Starting "waiting for zigbee2mqtt"
        > subscribe zigbee2mqtt/#
    "#]],
    );
    // Retained messages come in any order: states and availabilities before the names are known are held.
    check(&script.retained("hall/lamp/availability", r#"{"state":"online"}"#), expect![[""]]);
    check(&script.retained("hall/lamp", r#"{"state":"ON","brightness":127}"#), expect![[""]]);
    check(&script.retained("button/availability", "offline"), expect![[""]]);
    check(
        &script.retained("bridge/state", r#"{"state":"online"}"#),
        expect![[r#"
            status Starting "waiting for the list of devices"
        "#]],
    );
    check(
        &script.retained("bridge/devices", &list(&[lamp("0x01", "hall/lamp"), button("0x02", "button")])),
        expect![[r#"
            device zigbee:0x01 "hall/lamp": 0/link_quality 1/on 1/brightness
            device zigbee:0x02 "button": 0/battery 0/link_quality 1/action
            status Online ""
            unknown zigbee:0x01
            unknown zigbee:0x02
            online zigbee:0x01
            retained zigbee:0x01 1/brightness=50 1/on=true
            offline zigbee:0x02
        "#]],
    );
    check(
        &script.retained(
            "bridge/groups",
            r#"[{"id":7,"friendly_name":"all","members":[{"ieee_address":"0x01","endpoint":1}],"scenes":[]}]"#,
        ),
        expect![[r#"
        device zigbee:group-7 "all": 1/on 1/brightness
        online zigbee:group-7
    "#]],
    );
    assert_eq!(script.machine.counters().unknown, 0);
}

#[test]
fn a_broker_without_a_bridge_is_said_after_a_while() {
    let mut script = Script::new();
    check(
        &script.up(),
        expect![[r#"
        status Starting "waiting for zigbee2mqtt"
        > subscribe zigbee2mqtt/#
    "#]],
    );
    check(
        &script.pass(60),
        expect![[r#"
        status Offline "the broker is there, but no zigbee2mqtt under zigbee2mqtt; check that it runs and that base_topic is that of its configuration"
    "#]],
    );
    check(
        &script.live("bridge/state", "online"),
        expect![[r#"
            status Starting "waiting for the list of devices"
        "#]],
    );
}

#[test]
fn the_list_is_the_only_truth() {
    let mut script = Script::online(&[lamp("0x01", "one"), lamp("0x02", "two")]);
    // Gone, new and renamed at once; then nothing new; then briefly no list at all.
    let changed = list(&[lamp("0x01", "uno"), lamp("0x03", "three")]);
    check(
        &script.live("bridge/devices", &changed),
        expect![[r#"
        device zigbee:0x01 "uno": 0/link_quality 1/on 1/brightness
        renamed zigbee:0x01 "uno"
        device zigbee:0x03 "three": 0/link_quality 1/on 1/brightness
        removed zigbee:0x02
        unknown zigbee:0x03
    "#]],
    );
    check(&script.live("bridge/devices", &changed), expect![[""]]);
    check(&script.live("bridge/devices", ""), expect![[""]]);
    check(&script.live("bridge/devices", "[]"), expect![[""]]);
    check(&script.live("bridge/devices", "{"), expect![[""]]);
    check(&script.live("one", r#"{"state":"ON"}"#), expect![[""]]);
    check(
        &script.live("uno", r#"{"state":"ON","linkquality":9}"#),
        expect![[r#"
        report zigbee:0x01 0/link_quality=9 1/on=true
        online zigbee:0x01
    "#]],
    );
}

#[test]
fn what_went_while_the_hub_was_away_is_noticed() {
    let mut before = Script::online(&[lamp("0x01", "one"), lamp("0x02", "two")]);
    before.live("bridge/groups", r#"[{"id":1,"friendly_name":"g","members":[]}]"#);
    let known = before.machine.devices().cloned().collect();
    let mut script = Script::with_known(known);
    script.up();
    script.retained("bridge/state", "online");
    check(
        &script.retained("bridge/devices", &list(&[lamp("0x02", "zwei")])),
        expect![[r#"
            device zigbee:0x02 "zwei": 0/link_quality 1/on 1/brightness
            renamed zigbee:0x02 "zwei"
            removed zigbee:0x01
            status Online ""
            unknown zigbee:0x02
        "#]],
    );
    check(
        &script.retained("bridge/groups", "[]"),
        expect![[r#"
        removed zigbee:group-1
    "#]],
    );
}

#[test]
fn a_device_is_shown_while_it_is_interviewed() {
    let mut script = Script::online(&[]);
    let mut new = lamp("0x01", "0x01");
    new["definition"] = json!(null);
    new["supported"] = json!(false);
    new["interviewing"] = json!(true);
    new["interview_state"] = json!("IN_PROGRESS");
    check(
        &script.live("bridge/devices", &list(&[new])),
        expect![[r#"
        device zigbee:0x01 "0x01" (being interviewed): 
        unknown zigbee:0x01
    "#]],
    );
    check(
        &script.live("bridge/devices", &list(&[lamp("0x01", "0x01")])),
        expect![[r#"
        device zigbee:0x01 "0x01": 0/link_quality 1/on 1/brightness
    "#]],
    );
}

/// An end device with a battery switches its receiver off between its polls; whatever has mains, or carries the messages
/// of others, listens.
#[test]
fn end_devices_with_a_battery_sleep() {
    for (kind, power_source, wake_interval_ms) in [
        ("EndDevice", json!("Battery"), Some(60_000)),
        ("EndDevice", json!("battery"), Some(60_000)),
        ("EndDevice", json!("Mains (single phase)"), None),
        ("EndDevice", json!("DC Source"), None),
        ("EndDevice", json!("Unknown"), None),
        ("EndDevice", json!(null), None),
        ("Router", json!("Battery"), None),
        ("Router", json!("Mains (single phase)"), None),
        ("GreenPower", json!("Battery"), None),
        ("Unknown", json!("Battery"), None),
    ] {
        let mut item = motion("0x01", "it");
        item["type"] = json!(kind);
        item["power_source"] = power_source.clone();
        let script = Script::online(&[item]);
        let device = script.machine.devices().next().unwrap();
        assert_eq!(device.wake_interval_ms, wake_interval_ms, "{kind} {power_source}");
    }
}

#[test]
fn a_disabled_device_is_not_there() {
    let mut script = Script::online(&[]);
    let mut disabled = lamp("0x01", "lamp");
    disabled["disabled"] = json!(true);
    script.retained("lamp/availability", "online");
    check(
        &script.live("bridge/devices", &list(&[disabled])),
        expect![[r#"
        device zigbee:0x01 "lamp": 0/link_quality 1/on 1/brightness
        offline zigbee:0x01
    "#]],
    );
    check(&script.live("lamp/availability", "online"), expect![[""]]);
}

#[test]
fn a_rename_raises_no_alarm() {
    let mut script = Script::online(&[lamp("0x01", "lamp")]);
    script.live("lamp/availability", r#"{"state":"online"}"#);
    check(&script.live("lamp", ""), expect![[""]]);
    check(&script.live("lamp/availability", ""), expect![[""]]);
    check(
        &script.live("bridge/devices", &list(&[lamp("0x01", "Küche/Decke 灯")])),
        expect![[r#"
        device zigbee:0x01 "Küche/Decke 灯": 0/link_quality 1/on 1/brightness
        renamed zigbee:0x01 "Küche/Decke 灯"
    "#]],
    );
    check(
        &script.live("Küche/Decke 灯", r#"{"state":"ON"}"#),
        expect![[r#"
        report zigbee:0x01 1/on=true
    "#]],
    );
    check(&script.live("Küche/Decke 灯/availability", r#"{"state":"offline"}"#), expect![[""]]);
    check(&script.live("Küche/Decke 灯/availability", r#"{"state":"online"}"#), expect![[""]]);
    // The next one is real.
    check(
        &script.live("Küche/Decke 灯/availability", r#"{"state":"offline"}"#),
        expect![[r#"
        offline zigbee:0x01
    "#]],
    );
}

#[test]
fn a_renamed_device_that_is_never_heard_again_is_offline_in_the_end() {
    let mut script = Script::online(&[lamp("0x01", "lamp")]);
    script.live("lamp/availability", "online");
    script.live("bridge/devices", &list(&[lamp("0x01", "neu")]));
    check(&script.live("neu/availability", "offline"), expect![[""]]);
    check(
        &script.pass(14 * 60),
        expect![[r#"
        > zigbee2mqtt/0x01/get {"brightness":"","state":""}
    "#]],
    );
    check(
        &script.pass(2 * 60),
        expect![[r#"
        offline zigbee:0x01
    "#]],
    );
}

#[test]
fn without_bridge_or_link_nothing_can_be_reached() {
    let mut script = Script::online(&[lamp("0x01", "lamp"), motion("0x02", "motion")]);
    script.live("lamp/availability", "online");
    check(
        &script.live("bridge/state", r#"{"state":"offline"}"#),
        expect![[r#"
        status Offline "zigbee2mqtt is stopped (zigbee2mqtt/bridge/state says offline); start it"
        offline zigbee:0x01
        offline zigbee:0x02
    "#]],
    );
    check(&script.live("lamp/availability", "online"), expect![[""]]);
    check(
        &script.live("bridge/state", r#"{"state":"online"}"#),
        expect![[r#"
        status Online ""
        online zigbee:0x01
        unknown zigbee:0x02
    "#]],
    );
    check(
        &script.down("mqtt://x:1883: the broker closed the connection"),
        expect![[r#"
        status Offline "mqtt://x:1883: the broker closed the connection"
        offline zigbee:0x01
        offline zigbee:0x02
    "#]],
    );
}

#[test]
fn a_device_that_reports_is_there() {
    let mut script = Script::online(&[motion("0x01", "motion")]);
    check(
        &script.retained("motion", r#"{"occupancy":false}"#),
        expect![[r#"
        retained zigbee:0x01 1/occupancy=false
    "#]],
    );
    check(
        &script.live("motion", r#"{"occupancy":true,"linkquality":9}"#),
        expect![[r#"
        report zigbee:0x01 0/link_quality=9 1/occupancy=true
        online zigbee:0x01
    "#]],
    );
}

#[test]
fn a_group_is_there_when_a_member_is() {
    let mut script = Script::online(&[lamp("0x01", "one"), lamp("0x02", "two")]);
    let groups = r#"[{"id":901,"friendly_name":"default_bind_group","members":[],"scenes":[]},{"id":3,"friendly_name":"g/x","members":[{"ieee_address":"0x01","endpoint":1},{"ieee_address":"0x02","endpoint":1}]}]"#;
    check(
        &script.live("bridge/groups", groups),
        expect![[r#"
        device zigbee:group-901 "default_bind_group": 
        device zigbee:group-3 "g/x": 1/on 1/brightness
        unknown zigbee:group-901
        unknown zigbee:group-3
    "#]],
    );
    // The bridge's own word about groups is wrong.
    check(&script.live("901/availability", r#"{"state":"offline"}"#), expect![[""]]);
    check(&script.live("g/x/availability", r#"{"state":"offline"}"#), expect![[""]]);
    check(
        &script.live("one/availability", "online"),
        expect![[r#"
        online zigbee:0x01
        online zigbee:group-3
    "#]],
    );
    check(
        &script.live("two/availability", "offline"),
        expect![[r#"
        offline zigbee:0x02
    "#]],
    );
    check(
        &script.live("one/availability", "offline"),
        expect![[r#"
        offline zigbee:0x01
        offline zigbee:group-3
    "#]],
    );
}

#[test]
fn the_leavings_of_what_was_removed_are_ignored() {
    let mut script = Script::online(&[lamp("0x01", "lamp"), lamp("0x02", "old")]);
    check(&script.live("old", ""), expect![[""]]);
    check(
        &script.live("bridge/devices", &list(&[lamp("0x01", "lamp")])),
        expect![[r#"
        removed zigbee:0x02
    "#]],
    );
    check(&script.retained("old/availability", "online"), expect![[""]]);
    check(&script.retained("never/availability", "offline"), expect![[""]]);
}

#[test]
fn several_bridges_on_one_broker() {
    let mut script = Script::online(&[lamp("0x01", "lamp")]);
    for topic in ["zigbee2mqtt2/lamp", "zigbee2mqtt", "other/zigbee2mqtt/lamp", "zigbee2mqttlamp"] {
        let message = driver_mqtt::Message::new(topic.to_owned(), r#"{"state":"ON","linkquality":1}"#);
        assert_eq!(script.message(message), "", "{topic}");
    }
}
