//! What devices say.

use expect_test::{Expect, expect};
use serde_json::json;

use crate::script::{Script, button, lamp, list, motion};

fn check(actual: &str, expect: Expect) {
    expect.assert_eq(actual);
}

#[test]
fn topics_belong_to_the_longest_known_name() {
    let mut script = Script::online(&[
        lamp("0x01", "x"),
        lamp("0x02", "x/availability"),
        lamp("0x03", "a/set"),
        lamp("0x04", "bridge"),
        lamp("0x05", "a"),
        lamp("0x06", "x/state"),
    ]);
    script.live("bridge/info", &json!({"config": {"advanced": {"output": "attribute"}}}).to_string());
    let state = r#"{"state":"ON","linkquality":1}"#;
    let mut all = String::new();
    for topic in ["x", "x/availability", "a/set", "bridge", "a", "x/state"] {
        all += &format!("{topic}: {}", script.live(topic, state));
    }
    for (topic, payload) in [
        ("x/availability/availability", "offline"),
        ("bridge/availability", "online"),
        ("a/set/availability", "online"),
        ("x/brightness", "254"),
        ("x/state/brightness", "254"),
        ("a/set/brightness", "254"),
        // Somebody's wishes, not news.
        ("a/get", r#"{"state":""}"#),
        ("a/set/set", r#"{"state":"OFF"}"#),
        ("x/l1/set", "OFF"),
        ("x/set/state", "OFF"),
        ("x/state/set", "OFF"),
        ("a/b/c", "OFF"),
    ] {
        all += &format!("{topic}: {}\n", script.live(topic, payload).trim_end());
    }
    check(
        &all,
        expect![[r#"
        x: report zigbee:0x01 0/link_quality=1 1/on=true
        online zigbee:0x01
        x/availability: report zigbee:0x02 0/link_quality=1 1/on=true
        online zigbee:0x02
        a/set: report zigbee:0x03 0/link_quality=1 1/on=true
        online zigbee:0x03
        bridge: report zigbee:0x04 0/link_quality=1 1/on=true
        online zigbee:0x04
        a: report zigbee:0x05 0/link_quality=1 1/on=true
        online zigbee:0x05
        x/state: report zigbee:0x06 0/link_quality=1 1/on=true
        online zigbee:0x06
        x/availability/availability: offline zigbee:0x02
        bridge/availability: 
        a/set/availability: 
        x/brightness: report zigbee:0x01 1/brightness=100
        x/state/brightness: report zigbee:0x06 1/brightness=100
        a/set/brightness: report zigbee:0x03 1/brightness=100
        a/get: 
        a/set/set: 
        x/l1/set: 
        x/set/state: 
        x/state/set: 
        a/b/c: 
    "#]],
    );
}

#[test]
fn unknown_is_not_false() {
    let mut script = Script::online(&[lamp("0x01", "lamp")]);
    check(&script.live("lamp", r#"{"state":null,"brightness":null,"linkquality":7,"update":{"installed_version":-1,"latest_version":-1,"state":null}}"#), expect![[r#"
        report zigbee:0x01 0/link_quality=7 1/brightness=unknown 1/on=unknown
        online zigbee:0x01
    "#]]);
}

#[test]
fn a_press_is_an_event_and_two_equal_ones_are_two() {
    let mut script = Script::online(&[button("0x01", "button")]);
    let press = r#"{"action":"single","battery":80,"linkquality":9}"#;
    check(
        &script.live("button", press),
        expect![[r#"
        report zigbee:0x01 0/battery=80 0/link_quality=9
        happening zigbee:0x01 1/action=single
        online zigbee:0x01
    "#]],
    );
    check(
        &script.live("button", press),
        expect![[r#"
        report zigbee:0x01 0/battery=80 0/link_quality=9
        happening zigbee:0x01 1/action=single
    "#]],
    );
    // What 1.x sends after it, what Home Assistant mode sends beside it, and a press from before the hub's time.
    check(
        &script.live("button", r#"{"action":"","battery":80,"linkquality":9}"#),
        expect![[r#"
        report zigbee:0x01 0/battery=80 0/link_quality=9
    "#]],
    );
    check(&script.live("button/action", "single"), expect![[""]]);
    check(
        &script.retained("button", press),
        expect![[r#"
        cached zigbee:0x01 0/battery=80 0/link_quality=9
    "#]],
    );
}

#[test]
fn attributes_on_topics_of_their_own() {
    let mut script = Script::online(&[button("0x01", "button"), lamp("0x02", "lamp")]);
    // Beside JSON they say nothing new.
    script.live("bridge/info", &json!({"config": {"advanced": {"output": "attribute_and_json"}}}).to_string());
    check(&script.live("button/action", "single"), expect![[""]]);
    check(&script.live("lamp/state", "ON"), expect![[""]]);
    script.live("bridge/info", &json!({"config": {"advanced": {"output": "attribute"}}}).to_string());
    check(
        &script.live("button/action", "single"),
        expect![[r#"
        happening zigbee:0x01 1/action=single
        online zigbee:0x01
    "#]],
    );
    check(
        &script.live("lamp/state", "ON"),
        expect![[r#"
        report zigbee:0x02 1/on=true
        online zigbee:0x02
    "#]],
    );
    check(
        &script.live("lamp/brightness", "127"),
        expect![[r#"
        report zigbee:0x02 1/brightness=50
    "#]],
    );
    check(&script.live("lamp/brightness", ""), expect![[""]]);
    check(&script.live("lamp/nonsense", "127"), expect![[""]]);
    assert_eq!(script.machine.counters().unmapped, 1);
}

/// What the bridge repeats from its cache when it starts fires no rule; what comes by radio meanwhile does.
#[test]
fn states_repeated_at_the_start_of_the_bridge_are_restored() {
    let mut script = Script::online(&[motion("0x01", "motion"), lamp("0x02", "lamp"), button("0x03", "button")]);
    script.live("bridge/state", "offline");
    script.live("bridge/state", "online");
    check(
        &script.live("lamp", r#"{"state":"ON","brightness":127}"#),
        expect![[r#"
        cached zigbee:0x02 1/brightness=50 1/on=true
    "#]],
    );
    check(
        &script.live("motion", r#"{"occupancy":true,"linkquality":9}"#),
        expect![[r#"
        report zigbee:0x01 0/link_quality=9 1/occupancy=true
        online zigbee:0x01
    "#]],
    );
    check(
        &script.live("button", r#"{"action":"single","battery":80}"#),
        expect![[r#"
        report zigbee:0x03 0/battery=80
        happening zigbee:0x03 1/action=single
        online zigbee:0x03
    "#]],
    );
    script.live("bridge/logging", r#"{"level":"info","message":"z2m: Zigbee2MQTT started!"}"#);
    check(
        &script.live("lamp", r#"{"state":"OFF","brightness":127}"#),
        expect![[r#"
        report zigbee:0x02 1/brightness=50 1/on=false
        online zigbee:0x02
    "#]],
    );
}

/// After an outage the retained state is the news of the outage. One that comes behind a live state is older than that.
#[test]
fn what_the_broker_kept_over_an_outage_is_said_to_be_retained() {
    let mut script = Script::online(&[lamp("0x01", "lamp"), lamp("0x02", "other")]);
    script.live("lamp", r#"{"state":"ON","linkquality":9}"#);
    script.down("mqtt://x:1883: the broker was stopped");
    script.up();
    script.retained("bridge/state", r#"{"state":"online"}"#);
    check(
        &script.retained("lamp", r#"{"state":"OFF","linkquality":9}"#),
        expect![[r#"
        retained zigbee:0x01 0/link_quality=9 1/on=false
    "#]],
    );
    script.live("lamp", r#"{"state":"ON","linkquality":9}"#);
    check(
        &script.retained("lamp", r#"{"state":"OFF","linkquality":9}"#),
        expect![[r#"
        cached zigbee:0x01 0/link_quality=9 1/on=false
    "#]],
    );
    check(
        &script.retained("other", r#"{"state":"OFF","linkquality":9}"#),
        expect![[r#"
        retained zigbee:0x02 0/link_quality=9 1/on=false
    "#]],
    );
}

#[test]
fn what_the_broker_does_not_keep_is_asked_for_gently() {
    let mut script = Script::new();
    script.up();
    script.retained("bridge/state", "online");
    let devices = [
        lamp("0x01", "one"),
        lamp("0x02", "two"),
        motion("0x03", "battery"),
        lamp("0x04", "kept"),
        lamp("0x05", "gone"),
    ];
    script.retained("bridge/devices", &list(&devices));
    script.retained(
        "bridge/groups",
        r#"[{"id":1,"friendly_name":"g","members":[{"ieee_address":"0x01","endpoint":1}]}]"#,
    );
    script.retained("kept", r#"{"state":"ON"}"#);
    script.retained("gone/availability", "offline");
    check(&script.pass(2), expect![[""]]);
    check(
        &script.pass(1),
        expect![[r#"
        > zigbee2mqtt/0x01/get {"brightness":"","state":""}
    "#]],
    );
    check(
        &script.pass(1),
        expect![[r#"
        > zigbee2mqtt/0x02/get {"brightness":"","state":""}
    "#]],
    );
    check(&script.pass(60), expect![[""]]);
}

/// A bridge that starts after the hub may not repeat what it knows.
#[test]
fn states_are_asked_for_when_the_bridge_starts_after_the_hub() {
    let mut script = Script::new();
    script.up();
    script.retained("bridge/state", r#"{"state":"offline"}"#);
    script.retained("bridge/devices", &list(&[lamp("0x01", "one"), lamp("0x02", "two")]));
    script.retained("bridge/groups", "[]");
    check(&script.pass(60), expect![[""]]);
    script.live("bridge/state", r#"{"state":"online"}"#);
    // One comes out of the bridge's cache meanwhile.
    script.live("two", r#"{"state":"ON"}"#);
    check(
        &script.pass(60),
        expect![[r#"
        > zigbee2mqtt/0x01/get {"brightness":"","state":""}
    "#]],
    );
    // Once is enough: what was heard is known.
    script.live("one", r#"{"state":"ON","linkquality":9}"#);
    script.live("bridge/state", r#"{"state":"offline"}"#);
    script.live("bridge/state", r#"{"state":"online"}"#);
    check(&script.pass(60), expect![[""]]);
}
