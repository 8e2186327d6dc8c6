//! Requests to the bridge, and pairing.

use std::time::Duration;

use driver_api::ManageAction;
use driver_api::driver::GroupAction;
use expect_test::{Expect, expect};
use hub_model::pairing::PairingAction;
use hub_model::{DeviceId, SessionId, Value};
use serde_json::json;

use crate::script::{Script, lamp, list};

fn check(actual: &str, expect: Expect) {
    expect.assert_eq(actual);
}

fn id(address: &str) -> DeviceId {
    DeviceId::new(format!("zigbee:{address}"))
}

fn answer(number: u64, status: &str) -> String {
    let error = if status == "error" { json!("it cannot be") } else { json!(null) };
    let transaction = format!("hearth-000000000000feed-{number}");
    json!({"status": status, "data": {"n": number}, "error": error, "transaction": transaction}).to_string()
}

#[test]
fn every_action_is_one_request() {
    let mut script = Script::online(&[lamp("0x01", "lamp")]);
    script.live("bridge/groups", r#"[{"id":5,"friendly_name":"living","members":[]}]"#);
    let actions = [
        ManageAction::Rename { device: id("0x01"), name: "Küche/灯".into() },
        ManageAction::Rename { device: id("group-5"), name: "Wohnen".into() },
        ManageAction::Remove { device: id("0x01"), force: true },
        ManageAction::Remove { device: id("group-5"), force: false },
        ManageAction::Interview { device: id("0x01") },
        ManageAction::Interview { device: id("group-5") },
        ManageAction::SetOptions { device: id("0x01"), options: Value::composite([("retain", Value::Bool(true))]) },
        ManageAction::SetOptions { device: id("0x01"), options: Value::Bool(true) },
        ManageAction::Firmware { device: id("0x01"), install: false },
        ManageAction::Firmware { device: id("0x01"), install: true },
        ManageAction::Group(GroupAction::Create { name: "neu".into() }),
        ManageAction::Group(GroupAction::Remove { group: id("group-5") }),
        ManageAction::Group(GroupAction::AddMember { group: id("group-5"), member: id("0x01"), endpoint: Some(2) }),
        ManageAction::Group(GroupAction::RemoveMember { group: id("group-5"), member: id("0x01"), endpoint: None }),
        ManageAction::NetworkMap,
        ManageAction::Restart,
        ManageAction::Remove { device: id("0x99"), force: true },
        ManageAction::AnswerPairing { session: SessionId::new("s"), answer: Value::Unknown },
        ManageAction::StopPairing { session: SessionId::new("s") },
    ];
    let all: String = actions.into_iter().map(|action| script.manage(action)).collect();
    check(
        &all,
        expect![[r#"
        > zigbee2mqtt/bridge/request/device/rename {"from":"0x01","homeassistant_rename":false,"to":"Küche/灯","transaction":"hearth-000000000000feed-1"}
        > zigbee2mqtt/bridge/request/group/rename {"from":"living","homeassistant_rename":false,"to":"Wohnen","transaction":"hearth-000000000000feed-2"}
        > zigbee2mqtt/bridge/request/device/remove {"block":false,"force":true,"id":"0x01","transaction":"hearth-000000000000feed-3"}
        > zigbee2mqtt/bridge/request/group/remove {"force":false,"id":"living","transaction":"hearth-000000000000feed-4"}
        > zigbee2mqtt/bridge/request/device/interview {"id":"0x01","transaction":"hearth-000000000000feed-5"}
        managed 6 Unsupported
        > zigbee2mqtt/bridge/request/device/options {"id":"0x01","options":{"retain":true},"transaction":"hearth-000000000000feed-6"}
        managed 8 Invalid { field: "options", words: "options must be an object" }
        > zigbee2mqtt/bridge/request/device/ota_update/check {"id":"0x01","transaction":"hearth-000000000000feed-7"}
        > zigbee2mqtt/bridge/request/device/ota_update/update {"id":"0x01","transaction":"hearth-000000000000feed-8"}
        > zigbee2mqtt/bridge/request/group/add {"friendly_name":"neu","transaction":"hearth-000000000000feed-9"}
        > zigbee2mqtt/bridge/request/group/remove {"force":false,"id":"living","transaction":"hearth-000000000000feed-10"}
        > zigbee2mqtt/bridge/request/group/members/add {"device":"0x01","endpoint":2,"group":"living","transaction":"hearth-000000000000feed-11"}
        > zigbee2mqtt/bridge/request/group/members/remove {"device":"0x01","group":"living","transaction":"hearth-000000000000feed-12"}
        > zigbee2mqtt/bridge/request/networkmap {"routes":false,"transaction":"hearth-000000000000feed-13","type":"raw"}
        > zigbee2mqtt/bridge/request/restart {"transaction":"hearth-000000000000feed-14"}
        managed 17 NotFound
        managed 18 Unsupported
        managed 19 NotFound
    "#]],
    );
}

#[test]
fn each_request_is_answered_once() {
    let mut script = Script::online(&[lamp("0x01", "lamp")]);
    script.manage(ManageAction::NetworkMap);
    script.manage(ManageAction::Restart);
    script.manage(ManageAction::Firmware { device: id("0x01"), install: true });
    check(
        &script.live("bridge/response/restart", &answer(2, "ok")),
        expect![[r#"
        managed 2 ok {n: 2}
    "#]],
    );
    check(&script.live("bridge/response/restart", &answer(2, "ok")), expect![[""]]);
    check(
        &script.live("bridge/response/networkmap", &answer(1, "error")),
        expect![[r#"
        managed 1 Refused("it cannot be")
    "#]],
    );
    // Answers to others, in every shape that a transaction can have.
    for other in [
        r#"{"status":"ok","data":{}}"#,
        r#"{"status":"ok","data":{},"transaction":42}"#,
        r#"{"status":"ok","data":{},"transaction":"t-1"}"#,
    ] {
        assert_eq!(script.live("bridge/response/permit_join", other), "");
    }
    // An update may take hours; an unknown request is never answered.
    check(
        &script.pass(12 * 3600),
        expect![[r#"
        > zigbee2mqtt/0x01/get {"brightness":"","state":""}
    "#]],
    );
    script.manage(ManageAction::Restart);
    check(
        &script.pass(60),
        expect![[r#"
        managed 4 TimedOut(30s)
    "#]],
    );
    script.manage(ManageAction::NetworkMap);
    check(
        &script.down("mqtt://x:1883: refused"),
        expect![[r#"
        managed 3 Offline
        managed 5 Offline
        status Offline "mqtt://x:1883: refused"
        offline zigbee:0x01
    "#]],
    );
    check(
        &script.manage(ManageAction::NetworkMap),
        expect![[r#"
        managed 6 Offline
    "#]],
    );
}

#[test]
fn a_new_group_is_answered_with_the_device_that_it_is() {
    let mut script = Script::online(&[]);
    script.manage(ManageAction::Group(GroupAction::Create { name: "Küche".into() }));
    let made = json!({"status": "ok", "data": {"friendly_name": "Küche", "id": 7}, "transaction": "hearth-000000000000feed-1"});
    check(
        &script.live("bridge/response/group/add", &made.to_string()),
        expect![[r#"
        managed 1 ok {device: zigbee:group-7}
    "#]],
    );
}

#[test]
fn the_map_is_told_in_the_hubs_words() {
    let mut script = Script::online(&[]);
    script.manage(ManageAction::NetworkMap);
    let node = |address: &str, name: &str, kind: &str, failed: &[&str]| {
        json!({"ieeeAddr": address, "friendlyName": name, "type": kind, "networkAddress": 1, "failed": failed,
            "lastSeen": if kind == "Coordinator" { json!(null) } else { json!(1_795_197_600_000_i64) }})
    };
    let link = |from: &str, to: &str, relationship: u8, lqi: u8| {
        json!({"source": {"ieeeAddr": from}, "target": {"ieeeAddr": to}, "relationship": relationship, "lqi": lqi,
            "depth": 1, "routes": []})
    };
    let nodes = [
        node("0x00", "Coordinator", "Coordinator", &[]),
        node("0x01", "Lampe", "Router", &["lqi"]),
        node("0x02", "Fühler", "EndDevice", &[]),
        node("0x02", "Fühler", "EndDevice", &[]),
    ];
    let links = [
        link("0x01", "0x00", 2, 180),
        link("0x02", "0x01", 1, 60),
        link("0x99", "0x01", 2, 60),
        link("0x01", "0x00", 2, 170),
        json!({"source": 7}),
    ];
    let data = json!({"type": "raw", "routes": false, "value": {"nodes": nodes, "links": links}});
    let drawn = json!({"status": "ok", "data": data, "transaction": "hearth-000000000000feed-1"});
    check(
        &script.live("bridge/response/networkmap", &drawn.to_string()),
        expect![[r#"
        managed 1 ok {nodes: [{device: unknown, id: 0x00, last_seen: unknown, name: Coordinator, neighbours: [{id: 0x01, link_quality: 180, relation: sibling}], role: coordinator, silent: false}, {device: zigbee:0x01, id: 0x01, last_seen: 2026-11-20T18:00:00.000Z, name: Lampe, neighbours: [{id: 0x02, link_quality: 60, relation: child}], role: router, silent: true}, {device: zigbee:0x02, id: 0x02, last_seen: 2026-11-20T18:00:00.000Z, name: Fühler, neighbours: [], role: end_device, silent: false}], statistics: []}
    "#]],
    );
    script.manage(ManageAction::NetworkMap);
    let strange = json!({"status": "ok", "data": {"value": 5}, "transaction": "hearth-000000000000feed-2"});
    check(
        &script.live("bridge/response/networkmap", &strange.to_string()),
        expect![[r#"
        managed 2 NotPossible("zigbee2mqtt answered with something else")
    "#]],
    );
}

#[test]
fn what_is_under_way_is_bounded() {
    let mut script = Script::online(&[]);
    let refused = (0..100).filter(|_| script.manage(ManageAction::NetworkMap).contains("too many")).count();
    assert_eq!(refused, 36);
}

#[test]
fn the_hubs_own_rename_is_no_news() {
    let mut script = Script::online(&[lamp("0x01", "lamp")]);
    script.manage(ManageAction::Rename { device: id("0x01"), name: "neu".into() });
    check(
        &script.live("bridge/devices", &list(&[lamp("0x01", "neu")])),
        expect![[r#"
        device zigbee:0x01 "neu": 0/link_quality 1/on 1/brightness
    "#]],
    );
    check(
        &script.live("bridge/response/device/rename", &answer(1, "ok")),
        expect![[r#"
        managed 1 ok {n: 1}
    "#]],
    );
}

fn include(via: Option<&str>, code: Option<&str>) -> PairingAction {
    PairingAction::Include { via: via.map(id), code: code.map(Into::into) }
}

fn start(script: &mut Script, action: PairingAction, seconds: u64) -> String {
    let session = SessionId::new("s1");
    script.manage(ManageAction::StartPairing { session, action, duration: Duration::from_secs(seconds) })
}

#[test]
fn a_pairing_from_first_word_to_first_report() {
    let mut script = Script::online(&[lamp("0x0a", "router")]);
    check(
        &start(&mut script, include(Some("0x0a"), None), 60),
        expect![[r#"
        > zigbee2mqtt/bridge/request/permit_join {"device":"0x0a","time":60,"transaction":"hearth-000000000000feed-1"}
    "#]],
    );
    check(
        &script.live("bridge/response/permit_join", &answer(1, "ok")),
        expect![[r#"
        pairing s1 Waiting - "Put the device into pairing mode, close to the coordinator or a mains-powered device."
        managed 1 ok {n: 1}
    "#]],
    );
    script.live("bridge/info", r#"{"permit_join":true}"#);
    let event = |kind: &str, status: Option<&str>| {
        json!({"type": kind, "data": {"friendly_name": "0x01", "ieee_address": "0x01", "status": status}}).to_string()
    };
    check(
        &script.live("bridge/event", &event("device_joined", None)),
        expect![[r#"
        pairing s1 Heard zigbee:0x01 "Keep the device awake and close by: press its button every few seconds."
        pairing s1 Joined zigbee:0x01 "Keep the device awake and close by: press its button every few seconds."
    "#]],
    );
    check(&script.live("bridge/event", &event("device_interview", Some("started"))), expect![[""]]);
    check(&script.live("bridge/event", &event("device_announce", None)), expect![[""]]);
    check(
        &script.live("bridge/event", &event("device_interview", Some("successful"))),
        expect![[r#"
        pairing s1 Identified zigbee:0x01 ""
    "#]],
    );
    check(
        &script.live("bridge/devices", &list(&[lamp("0x0a", "router"), lamp("0x01", "0x01")])),
        expect![[r#"
        device zigbee:0x01 "0x01": 0/link_quality 1/on 1/brightness
        unknown zigbee:0x01
        pairing s1 Configured zigbee:0x01 "Use the device once, so that it reports."
    "#]],
    );
    check(
        &script.live("0x01", r#"{"state":"ON","linkquality":80}"#),
        expect![[r#"
        report zigbee:0x01 0/link_quality=80 1/on=true
        online zigbee:0x01
        pairing s1 Confirmed zigbee:0x01 ""
    "#]],
    );
    check(
        &script.live("0x01", r#"{"state":"ON","linkquality":80}"#),
        expect![[r#"
        report zigbee:0x01 0/link_quality=80 1/on=true
    "#]],
    );
    check(
        &script.manage(ManageAction::StopPairing { session: SessionId::new("s1") }),
        expect![[r#"
        pairing s1 Closed - "The network is closed."
        > zigbee2mqtt/bridge/request/permit_join {"time":0,"transaction":"hearth-000000000000feed-2"}
    "#]],
    );
    check(
        &script.live("bridge/response/permit_join", &answer(2, "ok")),
        expect![[r#"
        managed 2 ok {n: 2}
    "#]],
    );
}

#[test]
fn a_failed_interview_says_what_to_do() {
    let mut script = Script::online(&[]);
    start(&mut script, include(None, None), 60);
    script.live("bridge/response/permit_join", &answer(1, "ok"));
    script.live("bridge/event", r#"{"type":"device_joined","data":{"friendly_name":"0x01","ieee_address":"0x01"}}"#);
    check(
        &script.live("bridge/event", r#"{"type":"device_interview","data":{"ieee_address":"0x01","status":"failed"}}"#),
        expect![[r#"
        pairing s1 Failed zigbee:0x01 "Reset the device, keep it close and awake, and pair it again."
    "#]],
    );
    // It tries again by itself.
    check(
        &script.live("bridge/event", r#"{"type":"device_joined","data":{"ieee_address":"0x01"}}"#),
        expect![[r#"
        pairing s1 Heard zigbee:0x01 "Keep the device awake and close by: press its button every few seconds."
        pairing s1 Joined zigbee:0x01 "Keep the device awake and close by: press its button every few seconds."
    "#]],
    );
    check(
        &script.live("bridge/event", r#"{"type":"device_leave","data":{"ieee_address":"0x01"}}"#),
        expect![[r#"
        pairing s1 Failed zigbee:0x01 "Reset the device, keep it close and awake, and pair it again."
    "#]],
    );
}

#[test]
fn the_network_is_kept_open_as_long_as_wanted_and_no_longer() {
    let mut script = Script::online(&[]);
    check(
        &start(&mut script, include(None, None), 600),
        expect![[r#"
        > zigbee2mqtt/bridge/request/permit_join {"time":254,"transaction":"hearth-000000000000feed-1"}
    "#]],
    );
    script.live("bridge/response/permit_join", &answer(1, "ok"));
    check(&script.pass(233), expect![[""]]);
    check(
        &script.pass(1),
        expect![[r#"
        > zigbee2mqtt/bridge/request/permit_join {"time":254,"transaction":"hearth-000000000000feed-2"}
    "#]],
    );
    script.live("bridge/response/permit_join", &answer(2, "ok"));
    check(&script.pass(233), expect![[""]]);
    check(
        &script.pass(1),
        expect![[r#"
        > zigbee2mqtt/bridge/request/permit_join {"time":132,"transaction":"hearth-000000000000feed-3"}
    "#]],
    );
    script.live("bridge/response/permit_join", &answer(3, "ok"));
    check(&script.pass(131), expect![[""]]);
    check(
        &script.pass(1),
        expect![[r#"
        pairing s1 Failed - "No device was heard. Reset it to factory settings, bring it close to the coordinator and try again."
        pairing s1 Closed - "The network is closed."
        > zigbee2mqtt/bridge/request/permit_join {"time":0,"transaction":"hearth-000000000000feed-4"}
    "#]],
    );
}

#[test]
fn a_device_that_reports_before_the_list_is_renewed_is_configured_too() {
    let mut script = Script::online(&[]);
    start(&mut script, include(None, None), 60);
    script.live("bridge/response/permit_join", &answer(1, "ok"));
    script.live("bridge/event", r#"{"type":"device_joined","data":{"ieee_address":"0x01"}}"#);
    script.live("bridge/devices", &list(&[lamp("0x01", "0x01")]));
    script.live("bridge/event", r#"{"type":"device_interview","data":{"ieee_address":"0x01","status":"successful"}}"#);
    check(
        &script.live("0x01", r#"{"state":"ON","linkquality":80}"#),
        expect![[r#"
        report zigbee:0x01 0/link_quality=80 1/on=true
        online zigbee:0x01
        pairing s1 Configured zigbee:0x01 "Use the device once, so that it reports."
        pairing s1 Confirmed zigbee:0x01 ""
    "#]],
    );
}

#[test]
fn a_network_that_cannot_be_opened() {
    let mut script = Script::online(&[]);
    start(&mut script, include(None, None), 60);
    check(
        &script.live("bridge/response/permit_join", &answer(1, "error")),
        expect![[r#"
        pairing s1 Failed - "The network could not be opened: it cannot be."
        managed 1 Refused("it cannot be")
    "#]],
    );
    start(&mut script, include(None, None), 60);
    check(
        &script.pass(40),
        expect![[r#"
        pairing s1 Failed - "The network could not be opened: no answer came within 30s."
        managed 2 TimedOut(30s)
    "#]],
    );
    start(&mut script, include(None, None), 60);
    script.live("bridge/response/permit_join", &answer(3, "ok"));
    script.live("bridge/info", r#"{"permit_join":true}"#);
    check(
        &script.live("bridge/info", r#"{"permit_join":false}"#),
        expect![[r#"
        pairing s1 Closed - "The network was closed from somewhere else."
    "#]],
    );
    check(
        &start(&mut script, PairingAction::Exclude, 60),
        expect![[r#"
        managed 4 Unsupported
    "#]],
    );
    check(
        &start(&mut script, include(Some("0x99"), None), 60),
        expect![[r#"
        managed 5 NotFound
    "#]],
    );
    script.live("bridge/state", "offline");
    check(
        &start(&mut script, include(None, None), 60),
        expect![[r#"
        managed 6 Offline
    "#]],
    );
}

#[test]
fn an_install_code_is_given_before_the_network_opens() {
    let mut script = Script::online(&[]);
    check(
        &start(&mut script, include(None, Some("83FED3407A939723A5C639B26916D505C3B5")), 60),
        expect![[r#"
        > zigbee2mqtt/bridge/request/install_code/add {"transaction":"hearth-000000000000feed-1","value":"83FED3407A939723A5C639B26916D505C3B5"}
    "#]],
    );
    check(
        &script.live("bridge/response/install_code/add", &answer(1, "ok")),
        expect![[r#"
        > zigbee2mqtt/bridge/request/permit_join {"time":60,"transaction":"hearth-000000000000feed-2"}
    "#]],
    );
    check(
        &script.live("bridge/response/permit_join", &answer(2, "ok")),
        expect![[r#"
        pairing s1 Waiting - "Put the device into pairing mode, close to the coordinator or a mains-powered device."
        managed 1 ok {n: 2}
    "#]],
    );
    check(
        &start(&mut script, include(None, Some("nonsense")), 60),
        expect![[r#"
        pairing s1 Closed - "Another pairing took its place."
        > zigbee2mqtt/bridge/request/install_code/add {"transaction":"hearth-000000000000feed-3","value":"nonsense"}
    "#]],
    );
    check(
        &script.live("bridge/response/install_code/add", &answer(3, "error")),
        expect![[r#"
        pairing s1 Failed - "Check the install code: it is printed on the device or its box."
        managed 2 Refused("it cannot be")
    "#]],
    );
}
