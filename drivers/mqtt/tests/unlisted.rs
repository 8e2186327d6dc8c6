//! A bridge that no longer lists its devices: what is kept, for how long, and how it leaves.

use driver_api::{DriverEvent, Machine, ManageAction};
use expect_test::{Expect, expect};
use hub_model::{Device, DeviceId, Value};

use crate::script::{Script, lamp, list};

fn check(actual: &str, expect: Expect) {
    expect.assert_eq(actual);
}

fn lamps(count: u8) -> Vec<serde_json::Value> {
    (1..=count).map(|number| lamp(&format!("0x{number:02}"), &format!("lamp {number}"))).collect()
}

fn id(address: &str) -> DeviceId {
    DeviceId::new(format!("zigbee:{address}"))
}

/// The bridge's list becomes these.
fn relist(script: &mut Script, devices: &[serde_json::Value]) -> String {
    script.retained("bridge/devices", &list(devices))
}

/// What a hub kept of these devices.
fn described(devices: &[serde_json::Value]) -> Vec<Device> {
    let mut script = Script::new();
    script.up();
    let payload = list(devices).into_bytes();
    let message = driver_mqtt::Message::new("zigbee2mqtt/bridge/devices".to_owned(), payload).retained();
    script.machine.handle_received(script.now, vec![message]);
    let mut found = Vec::new();
    while let Some(event) = script.machine.poll_event() {
        if let DriverEvent::Device(device) = event {
            found.push(*device);
        }
    }
    found
}

#[test]
fn most_devices_gone_at_once_are_kept_as_unreachable() {
    let mut script = Script::online(&lamps(4));
    for number in 1..=4 {
        script.live(&format!("lamp {number}"), r#"{"state":"ON","linkquality":9}"#);
    }
    check(
        &relist(&mut script, &lamps(1)),
        expect![[r#"
        device zigbee:0x02 "lamp 2" (unlisted): 0/link_quality 1/on 1/brightness
        device zigbee:0x03 "lamp 3" (unlisted): 0/link_quality 1/on 1/brightness
        device zigbee:0x04 "lamp 4" (unlisted): 0/link_quality 1/on 1/brightness
        offline zigbee:0x02
        offline zigbee:0x03
        offline zigbee:0x04
    "#]],
    );
    // Whatever topics still say.
    check(&script.live("lamp 2/availability", "online"), expect![[""]]);
    check(
        &script.set("0x02", &[(1, "on", Value::Bool(true))]),
        expect![[r#"
        command c1 failed unreachable "zigbee2mqtt no longer lists this device; pair it again, or remove it"
    "#]],
    );
    check(
        &relist(&mut script, &lamps(2)),
        expect![[r#"
        device zigbee:0x02 "lamp 2": 0/link_quality 1/on 1/brightness
        unknown zigbee:0x02
    "#]],
    );
    check(
        &script.live("lamp 2", r#"{"state":"ON","linkquality":9}"#),
        expect![[r#"
        report zigbee:0x02 0/link_quality=9 1/on=true
        online zigbee:0x02
    "#]],
    );
}

#[test]
fn devices_that_are_paired_again_one_by_one_cost_none_of_the_others() {
    let all = lamps(8);
    let mut script = Script::online(&all);
    relist(&mut script, &[]);
    for back in 1..=8 {
        let told = relist(&mut script, &all[..back]);
        assert!(!told.contains("removed"), "with {back} back: {told}");
    }
    // One at a time is what a person does.
    check(
        &relist(&mut script, &all[1..]),
        expect![[r#"
        removed zigbee:0x01
    "#]],
    );
}

#[test]
fn what_was_kept_is_kept_over_a_restart_of_the_hub() {
    let all = lamps(8);
    let mut kept = described(&all);
    for device in &mut kept[4..] {
        device.unlisted = true;
    }
    let mut script = Script::with_known(kept);
    script.up();
    script.retained("bridge/state", r#"{"state":"online"}"#);
    let told = relist(&mut script, &all[..4]);
    assert!(!told.contains("removed"), "{told}");
    assert!(told.contains("offline zigbee:0x08"), "{told}");
    let told = relist(&mut script, &all);
    assert!(told.contains(r#"device zigbee:0x08 "lamp 8":"#), "{told}");
}

#[test]
fn most_devices_gone_while_the_hub_was_stopped_are_kept_too() {
    let mut script = Script::with_known(described(&lamps(5)));
    script.up();
    script.retained("bridge/state", r#"{"state":"online"}"#);
    let told = relist(&mut script, &lamps(1));
    assert!(!told.contains("removed"), "{told}");
    assert!(told.contains("offline zigbee:0x05"), "{told}");
    // A single one was removed by somebody.
    let mut script = Script::with_known(described(&lamps(5)));
    script.up();
    assert!(relist(&mut script, &lamps(4)).contains("removed zigbee:0x05"));
}

#[test]
fn a_second_loss_in_the_middle_of_the_first_is_one_too() {
    let all = lamps(8);
    let mut script = Script::online(&all);
    relist(&mut script, &[]);
    for back in 1..=4 {
        relist(&mut script, &all[..back]);
    }
    let told = relist(&mut script, &[]);
    assert!(!told.contains("removed"), "{told}");
}

#[test]
fn what_the_bridge_no_longer_lists_is_not_found_and_gone_when_a_person_removes_it() {
    let all = lamps(4);
    let mut script = Script::online(&all);
    relist(&mut script, &[]);
    for (force, address) in [(false, "0x01"), (true, "0x02")] {
        let told = script.manage(ManageAction::Remove { device: id(address), force });
        assert!(told.ends_with("NotFound\n") && !told.contains("request"), "{told}");
    }
    let told = script.manage(ManageAction::Interview { device: id("0x03") });
    assert!(told.contains("NotFound"), "{told}");
    // The hub has forgotten it, so it is told of it anew.
    check(
        &relist(&mut script, &all[..1]),
        expect![[r#"
        device zigbee:0x01 "lamp 1": 0/link_quality 1/on 1/brightness
        unknown zigbee:0x01
    "#]],
    );
}

#[test]
fn nothing_is_not_found_before_the_first_list() {
    let mut script = Script::with_known(described(&lamps(1)));
    script.up();
    script.retained("bridge/state", r#"{"state":"online"}"#);
    let told = script.manage(ManageAction::Remove { device: id("0x01"), force: false });
    assert!(told.contains("has not listed its devices yet"), "{told}");
}

#[test]
fn a_new_device_may_have_the_name_of_one_that_is_kept() {
    let mut script = Script::online(&lamps(4));
    relist(&mut script, &[]);
    relist(&mut script, &[lamp("0x99", "lamp 1")]);
    let told = script.live("lamp 1", r#"{"state":"ON","linkquality":9}"#);
    assert!(told.contains("report zigbee:0x99"), "{told}");
    assert!(!told.contains("0x01"), "{told}");
}

#[test]
fn a_command_under_way_to_a_device_that_is_kept_fails() {
    let mut script = Script::online(&lamps(4));
    script.set("0x01", &[(1, "on", Value::Bool(true))]);
    let told = relist(&mut script, &[]);
    assert!(told.contains("command c1 failed removed"), "{told}");
}

#[test]
fn what_is_kept_is_bounded() {
    let mut script = Script::online(&[]);
    for round in 0..60 {
        let devices: Vec<_> =
            (0..100).map(|number| lamp(&format!("0x{round:02}{number:03}"), &format!("{round}/{number}"))).collect();
        relist(&mut script, &devices);
    }
    assert_eq!(script.machine.devices().count(), 100);
    assert!(script.machine.unlisted() <= 2_000, "{}", script.machine.unlisted());
}
