use super::*;
use crate::security::SecurityClass;
use crate::serial_api::node_information::{CommandClasses, NodeInformation};
use crate::serial_api::node_protocol_information::NodeProtocolInformation;

pub(super) fn protocol() -> NodeProtocolInformation {
    NodeProtocolInformation {
        listening: true,
        routing: true,
        protocol_version: 3,
        frequent_listening: None,
        beaming: true,
        optional_functionality: true,
        controller: false,
        security: false,
        speed_9_6: true,
        speed_40: true,
        speed_100: true,
        device_class: [4, 0x10, 1],
    }
}

pub(super) fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

/// Plays a node that answers by a table; returns the questions.
pub(super) fn play(known: &mut Known, classes: &str, answers: &[(&str, &str)]) -> Vec<String> {
    let mut asked = Vec::new();
    for _ in 0..200 {
        let Some(query) = known.next_query(1, &SecurityClass::ALL) else { return asked };
        let text: Vec<_> = query.command.iter().map(|byte| format!("{byte:02x}")).collect();
        let text = text.join(" ");
        if query.command.is_empty() {
            let command_classes = CommandClasses::from_bytes(&hex(classes));
            known.handle_information(&NodeInformation { device_class: [4, 0x10, 1], command_classes });
        } else if let Some((_, answer)) = answers.iter().find(|(question, _)| *question == text) {
            let bytes = hex(answer);
            let command = known.decode(query.endpoint, &bytes).unwrap();
            known.handle_command(query.endpoint, query.security, &command);
            known.handle_answer(query.endpoint, query.security, &bytes);
        }
        known.handle_asked(&query);
        asked.push(format!("{:?} {} {text}", query.stage, query.endpoint));
    }
    panic!("an interview without end: {asked:#?}");
}

const PLUG: (&str, &[(&str, &str)]) = (
    "5e 86 72 85 25 32",
    &[
        ("72 04", "72 05 ff ff 00 01 00 02"),
        ("86 11", "86 12 03 07 11 01 00"),
        ("86 13 25", "86 14 25 02"),
        ("86 13 32", "86 14 32 04"),
        ("85 02 01", "85 03 01 05 00"),
        ("32 03", "32 04 a1 05"),
        ("25 02", "25 03 ff ff 00"),
    ],
);

#[test]
fn a_plug_is_asked_in_order() {
    let mut known = Known::new(protocol());
    let asked = play(&mut known, PLUG.0, PLUG.1);
    expect_test::expect![[r#"
        Information 0 00
        Information 0 
        Identity 0 72 04
        Identity 0 86 11
        Versions 0 86 13 25
        Versions 0 86 13 32
        Versions 0 86 13 5e
        Versions 0 86 13 72
        Versions 0 86 13 85
        Versions 0 86 13 86
        Lifeline 0 85 02 01
        Lifeline 0 85 01 01 01
        Capabilities 0 32 03
        Values 0 25 02
        Values 0 32 01 40
        Values 0 32 01 50"#]]
    .assert_eq(&asked.join("\n"));
}

#[test]
fn what_was_kept_is_not_asked_again() {
    let mut known = Known::new(protocol());
    play(&mut known, PLUG.0, PLUG.1);
    let text = known.to_text();
    let restored = Known::from_text(protocol(), &text).unwrap();
    assert_eq!(restored.next_query(1, &SecurityClass::ALL), None);
    assert_eq!(crate::attributes::describe(&restored.node), crate::attributes::describe(&known.node));
    assert_eq!(restored, known);
}

#[test]
fn an_interview_goes_on_where_it_stopped() {
    let mut known = Known::new(protocol());
    let first = known.next_query(1, &[]).unwrap();
    let command_classes = CommandClasses::from_bytes(&hex(PLUG.0));
    known.handle_information(&NodeInformation { device_class: [4, 0x10, 1], command_classes });
    known.handle_asked(&first);
    let restored = Known::from_text(protocol(), &known.to_text()).unwrap();
    assert_eq!(restored.next_query(1, &[]).unwrap().command, [0x72, 0x04]);
}

#[test]
fn what_cannot_be_read_is_named() {
    for (text, line) in
        [("", 1), ("zwave-node 9", 1), ("zwave-node 1\nsecurity s9", 2), ("zwave-node 1\nsaid 0 - 2", 2)]
    {
        assert_eq!(Known::from_text(protocol(), text), Err(CacheError { line }), "{text:?}");
    }
}

#[test]
fn what_is_secure_is_not_believed_without_security() {
    let mut known = Known::new(protocol());
    let command_classes = CommandClasses::from_bytes(&hex("5e 9f 86"));
    known.handle_information(&NodeInformation { device_class: [4, 0x40, 3], command_classes });
    let report = known.decode(0, &hex("9f 0e 62 80")).unwrap();
    known.handle_command(0, Some(SecurityClass::S2AccessControl), &report);
    let lock = crate::command_class::CommandClass::DOOR_LOCK;
    assert!(!known.believes(lock, None));
    assert!(known.believes(lock, Some(SecurityClass::S2AccessControl)));
    assert!(known.believes(crate::command_class::CommandClass::VERSION, None));

    // Anybody can send node information that calls it plain.
    let command_classes = CommandClasses::from_bytes(&hex("5e 9f 86 62"));
    known.handle_information(&NodeInformation { device_class: [4, 0x40, 3], command_classes });
    assert!(!known.believes(lock, None));
    assert!(!known.believes(lock, Some(SecurityClass::S2Unauthenticated)));
}

/// Whoever forges a plain report of a lock whose keys are missing is not believed, and its class is not forgotten.
#[test]
fn where_keys_are_missing_nothing_plain_of_a_lock_is_believed() {
    let lock = crate::command_class::CommandClass::DOOR_LOCK;
    let mut known = Known::new(protocol());
    known.recall_security("keys_missing");
    assert!(!known.believes(lock, None));
    assert!(known.believes(crate::command_class::CommandClass::VERSION, None));
    known.security = Some(SecurityClass::S2AccessControl);
    known.recall_security("keys_missing");
    assert_eq!(known.security, Some(SecurityClass::S2AccessControl));
    known.recall_security("none");
    assert!(!known.lacks_keys_for(lock));
}

#[test]
fn node_information_does_not_make_security_0_plain() {
    let mut known = Known::new(protocol());
    let say = |known: &mut Known, classes: &str| {
        let command_classes = CommandClasses::from_bytes(&hex(classes));
        known.handle_information(&NodeInformation { device_class: [4, 0x40, 3], command_classes })
    };
    assert!(say(&mut known, "5e 98 86"));
    let report = known.decode(0, &hex("98 03 00 62 86")).unwrap();
    known.handle_command(0, Some(SecurityClass::S0), &report);
    let lock = crate::command_class::CommandClass::DOOR_LOCK;
    assert!(!say(&mut known, "5e 98 86 62"));
    assert!(!known.believes(lock, None));
    assert!(known.believes(lock, Some(SecurityClass::S0)));
    assert!(known.believes(crate::command_class::CommandClass::VERSION, None), "it has it plainly too");
}

#[test]
fn who_is_asked_anew_is_neither_believed_nor_spoken_with_without_its_keys() {
    let mut known = Known::new(protocol());
    let command_classes = CommandClasses::from_bytes(&hex("5e 9f 86"));
    known.handle_information(&NodeInformation { device_class: [4, 0x40, 3], command_classes });
    let report = known.decode(0, &hex("9f 0e 62 80")).unwrap();
    let class = Some(SecurityClass::S2AccessControl);
    known.handle_command(0, class, &report);
    known.forget();
    let lock = crate::command_class::CommandClass::DOOR_LOCK;
    assert!(!known.believes(lock, None) && known.believes(lock, class));
    assert_eq!((known.security, known.protection(lock)), (class, class));
    assert!(known.information.is_none() && known.next_query(1, &SecurityClass::ALL).is_some());
}

#[test]
fn an_interview_ends_when_more_was_asked_than_is_kept() {
    let mut known = Known::new(protocol());
    for number in 0..=u16::MAX {
        let [high, low] = number.to_be_bytes();
        let command = vec![0xEE, high, low];
        known.handle_asked(&Query { stage: Stage::Values, endpoint: 0, command, answer: None, security: None });
    }
    assert_eq!(known.next_query(1, &SecurityClass::ALL), None);
}
