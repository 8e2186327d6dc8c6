//! Models that do not do what the specification says, from their bytes to what the home is told.

use hub_model::{AttributeName, Value};

use super::super::tests::{hex, play, protocol};
use crate::attributes::{commands, report};
use crate::command_class::CommandClass as C;
use crate::interview::Known;
use crate::security::SecurityClass;
use crate::serial_api::node_information::{CommandClasses, NodeInformation};

/// A node of a device class with these classes, that said these commands.
fn node(device_class: [u8; 3], classes: &str, said: &[&str]) -> Known {
    let mut known = Known::new(protocol());
    let command_classes = CommandClasses::from_bytes(&hex(classes));
    known.handle_information(&NodeInformation { device_class, command_classes });
    said.iter().for_each(|text| hear(&mut known, 0, text));
    known
}

fn hear(known: &mut Known, endpoint: u8, text: &str) {
    let command = known.decode(endpoint, &hex(text)).unwrap();
    known.handle_command(endpoint, None, &command);
}

/// A model of which this is known.
fn wants(known: &mut Known, compat: &str) {
    let compat = serde_json::from_str(compat).unwrap();
    let model = crate::device_database::Model { compat, ..Default::default() };
    known.node.endpoints.get_mut(&0).unwrap().model = Some(model.into());
    known.obey_compat();
}

/// What a command says: `endpoint attribute=value`.
fn told(known: &mut Known, endpoint: u8, text: &str) -> String {
    let command = known.decode(endpoint, &hex(text)).unwrap();
    let Some(endpoint) = known.endpoint_of(endpoint, command.class()) else { return "ignored".to_owned() };
    known.handle_command(endpoint, None, &command);
    let reports = report(&known.node, endpoint, &command);
    let reports = reports.iter().map(|it| format!("{} {}={}", it.endpoint, it.attribute, it.value));
    reports.collect::<Vec<_>>().join(", ")
}

fn asked(known: &Known) -> Vec<String> {
    let queries = super::super::queries(known, 1, &[SecurityClass::S0]);
    let text = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    queries.iter().map(|query| text(&query.command)).collect()
}

#[test]
fn a_basic_set_means_what_the_model_means_by_it() {
    let switch = |identity: &str| node([4, 0x10, 0x01], "25 20 72", &[identity]);
    // Nothing is known: it is the switch's value.
    assert_eq!(told(&mut switch("72 05 ff ff ff ff ff ff"), 0, "20 01 ff"), "0 on=true");
    let mut known = switch("72 05 ff ff ff ff ff ff");
    wants(&mut known, r#"{"mapBasicSet":"event","mapBasicReport":"report"}"#);
    assert_eq!(told(&mut known, 0, "20 01 ff"), "0 action=on");
    assert_eq!(told(&mut known, 0, "20 03 ff"), "0 basic=100");
    assert_eq!(told(&mut known, 0, "25 03 ff"), "0 on=true");
}

#[test]
fn old_alarms_of_a_lock_are_notifications() {
    let mut known = node([4, 0x40, 0x03], "62 71 72", &["72 05 00 90 00 01 00 01"]);
    // Kwikset 910: manual lock, keypad unlocked by user 3, and a type that nobody knows.
    assert_eq!(told(&mut known, 0, "71 05 15 01"), "0 action=manual_lock_operation");
    let by_user = told(&mut known, 0, "71 05 13 03 00 ff 06 06 00");
    assert_eq!(by_user, "0 action_user=3, 0 action=keypad_unlock_operation");
    assert_eq!(told(&mut known, 0, "71 05 fe 01"), "0 alarm_type=254, 0 alarm_level=1");
}

#[test]
fn notifications_that_are_others_are_told_as_those() {
    // Hoppe handle: lock and unlock are tilted and open.
    let mut handle = node([4, 0x07, 0x01], "71 72", &["72 05 03 13 07 01 00 02"]);
    let other = told(&mut handle, 0, "71 05 00 00 00 ff 06 02 00");
    let same = told(&mut handle, 0, "71 05 00 00 00 ff 06 18 00");
    assert_eq!(other, same);
    // HomeSeer light sensor: idle is the end of event 1.
    let mut sensor = node([4, 0x07, 0x01], "71 72", &[]);
    wants(
        &mut sensor,
        r#"{"remapNotifications":[{"from":{"notificationType":20,"notificationEvent":0},
            "idle":[{"notificationType":20,"notificationEvent":1}]}]}"#,
    );
    let meant = sensor.decode(0, &hex("71 05 00 00 00 ff 14 00 00")).unwrap().encode();
    assert_eq!(meant, hex("71 05 00 00 00 ff 14 00 01 01"));
}

#[test]
fn classes_are_added_and_removed() {
    // Fibaro FGT-001: the root's battery does not work; the modes of endpoint 1 are known.
    let said = ["72 05 01 0f 13 01 10 00", "60 08 00 02", "60 0a 01 08 06 40 43 80"];
    let mut known = node([4, 0x08, 0x06], "72 60 80 86", &said);
    assert!(!known.has(C::BATTERY));
    let first = &known.node.endpoints[&1];
    assert!(first.has(C::BATTERY));
    assert_eq!(first.thermostat_modes.iter().copied().collect::<Vec<_>>(), [0, 1, 31]);
    assert!(asked(&known).iter().all(|query| query != "40 04"), "{:?}", asked(&known));
    // What the root says of classes of endpoint 1 is said of that.
    assert_eq!(told(&mut known, 0, "80 03 31"), "1 battery=49, 1 battery_low=false");
    assert_eq!(told(&mut known, 1, "80 03 32"), "1 battery=50, 1 battery_low=false");
    assert_eq!(told(&mut known, 0, "40 03 01"), "1 hvac_mode=heat");
}

#[test]
fn what_a_removed_class_says_is_ignored() {
    let mut known = node([4, 0x10, 0x01], "25 26", &[]);
    wants(
        &mut known,
        r#"{"removeClasses":[{"class":38,"endpoints":[]}],"addClasses":[{"class":48,"isSupported":true,"version":1}]}"#,
    );
    assert_eq!(told(&mut known, 0, "26 03 32"), "ignored");
    assert_eq!(told(&mut known, 0, "25 03 ff"), "0 on=true");
    assert!(asked(&known).contains(&"30 02".to_owned()), "{:?}", asked(&known));
    assert!(!asked(&known).contains(&"26 02".to_owned()));
}

#[test]
fn endpoints_of_no_use_are_left_out() {
    // Everspring ST814.
    let mut known = node([4, 0x21, 0x01], "72 60 31", &["72 05 00 60 00 06 00 01", "60 08 00 02"]);
    assert!(asked(&known).iter().all(|query| !query.starts_with("60 09")));
    hear(&mut known, 0, "60 0a 01 21 01 31");
    assert_eq!(known.node.endpoints.keys().copied().collect::<Vec<_>>(), [0]);
}

#[test]
fn values_of_the_root_stay_where_they_are_more() {
    // Aeotec ZW095: the clamps are endpoints, their sum is the root's.
    let said = ["72 05 00 86 01 02 00 5f", "60 08 00 01", "60 0a 01 31 01 32"];
    let mut known = node([4, 0x31, 0x01], "72 60 32", &said);
    assert_eq!(told(&mut known, 0, "32 02 21 32 00 64"), "0 power=10");
    let mut other = node([4, 0x31, 0x01], "72 60 32", &["60 08 00 01", "60 0a 01 31 01 32"]);
    assert_eq!(told(&mut other, 0, "32 02 21 32 00 64"), "");
}

#[test]
fn names_of_parameters_are_not_asked_where_that_hangs_the_device() {
    let properties = "70 0f 00 01 01 00 01 00 00 00 00";
    let with = |identity: &str| {
        let mut known = node([4, 0x10, 0x01], "70 72 86", &[identity, "86 14 70 04"]);
        known.handle_answer(0, None, &hex(properties));
        asked(&known).into_iter().filter(|query| query.starts_with("70 0a") || query.starts_with("70 0c")).count()
    };
    // Zooz ZEN32, and a model that is not known.
    assert_eq!((with("72 05 02 7a 70 00 a0 08"), with("72 05 ff ff ff ff ff ff")), (0, 2));
}

#[test]
fn numbers_are_sent_in_the_size_that_the_model_wants() {
    // Everspring AC301: one decimal in two bytes, whatever it reports itself.
    let sent = |identity: &str| {
        let known = node([4, 0x08, 0x06], "43 40 72", &[identity, "43 05 02", "43 03 01 01 15"]);
        let wanted = commands(&known.node, 0, &AttributeName::new("heating_setpoint"), &Value::number(20.5), None);
        wanted.unwrap()[0].encode()
    };
    assert_eq!(sent("72 05 00 60 00 15 00 01"), hex("43 01 01 22 00 cd"));
    assert_eq!(sent("72 05 ff ff ff ff ff ff"), hex("43 01 01 01 15"));
}

#[test]
fn what_sets_something_can_mean_that_it_is_so() {
    // Secure HRT4-ZW, a thermostat that switches a boiler.
    let mut known = node([4, 0x08, 0x00], "25 40 72", &["72 05 00 59 00 01 00 03"]);
    assert_eq!(told(&mut known, 0, "25 01 ff"), "0 on=true");
    assert_eq!(told(&mut known, 0, "40 01 01"), "0 hvac_mode=heat");
}

#[test]
fn the_stick_is_put_into_the_groups_of_the_model() {
    // Fibaro FGS-222 tells what it does to its third group.
    let groups = |identity: &str| {
        let mut known = node([4, 0x10, 0x01], "85 72", &[]);
        let identity = ("72 04", identity);
        let answers = [identity, ("85 02 01", "85 03 01 05 00"), ("85 02 03", "85 03 03 01 00")];
        let asked = play(&mut known, "85 72", &answers);
        let sets = asked.iter().filter_map(|query| query.strip_prefix("Lifeline 0 85 01 "));
        sets.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(groups("72 05 01 0f 02 02 10 02"), ["03 01"]);
    assert_eq!(groups("72 05 ff ff ff ff ff ff"), ["01 01"]);
}

#[test]
fn a_parameter_with_parts_is_kept_as_it_was_told_last() {
    let mut known = node([4, 0x21, 0x01], "70 72", &["72 05 00 86 01 02 00 64"]);
    known.handle_answer(0, None, &hex("70 06 29 04 00 14 01 00"));
    assert!(known.handle_parameter(0, None, &hex("70 06 29 04 00 1e 01 00")));
    assert!(!known.handle_parameter(0, None, &hex("70 06 29 04 00 1e 01 00")));
    // One without parts is not worth writing down.
    assert!(!known.handle_parameter(0, None, &hex("70 06 03 02 00 f0")));
    let text = known.to_text();
    assert!(text.contains("70062904001e0100") && !text.contains("7006290400140100"), "{text}");
}

#[test]
fn what_is_known_of_the_model_is_there_after_a_restart() {
    let mut known = node([4, 0x40, 0x03], "62 70 71 72", &[]);
    play(&mut known, "62 70 71 72", &[("72 04", "72 05 00 90 00 01 00 01")]);
    let restored = Known::from_text(protocol(), &known.to_text()).unwrap();
    assert_eq!(restored.model().map(|model| &*model.label), Some("910"));
    assert_eq!(restored, known);
}
