//! The exchange of keys with nodes that do not do as they should, and with those that want the key of Security 0.

use std::time::Duration;

use driver_api::{DriverEvent, ManageAction};
use driver_zwave::security::SecurityClass;
use hub_model::pairing::{PairingAction, PairingStage, QuestionKind};
use hub_model::{SessionId, Value};

use super::node::SecureNode;
use super::stick::{Home, Node};

pub(super) const NODE: u16 = 6;
pub(super) const SECURITY_2: &[u8] = &[0x5E, 0x9F];
/// Authenticated and unauthenticated.
const REQUESTED: u8 = 0x03;

fn session() -> SessionId {
    SessionId::new("session")
}

/// A node that is heard, with the classes of its node information.
pub(super) fn pair(node: SecureNode, classes: &[u8], code: Option<String>) -> Home {
    let mut home = Home::new(&[]).open();
    let action = PairingAction::Include { via: None, code: code.map(Into::into) };
    let duration = Duration::from_secs(60);
    home.manage(ManageAction::StartPairing { session: session(), action, duration }).unwrap();
    home.newcomer = Some((
        NODE,
        Node { classes: classes.to_vec(), secure: Some(node), is_silent: false, hides_information: false },
    ));
    let length = u8::try_from(classes.len() + 3).unwrap();
    let information = [&[6, length, 4, 0x10, 1], classes].concat();
    let said = [vec![1, 0x02, 0, 0], [&[1, 0x03], &information[..]].concat(), vec![1, 0x05, 6, 0]];
    for (place, payload) in (0..).zip(said) {
        home.call_back(Duration::from_millis(10) * place, 0x4A, &payload);
    }
    home
}

pub(super) fn is_asked(home: &Home, kind: QuestionKind) -> bool {
    home.pairings().iter().any(|progress| progress.ask.as_ref().is_some_and(|ask| ask.kind == kind))
}

pub(super) fn answer(home: &mut Home, answer: Value) {
    home.manage(ManageAction::AnswerPairing { session: session(), answer }).unwrap();
}

pub(super) fn grant(home: &mut Home, words: &[&'static str]) {
    home.until("what is granted is asked", |home| is_asked(home, QuestionKind::Grant));
    answer(home, Value::composite(words.iter().map(|word| (*word, Value::Bool(true)))));
}

fn has_confirmed(home: &Home) -> bool {
    home.pairings().iter().any(|progress| progress.stage == PairingStage::Confirmed)
}

/// Somebody says this in the node's name.
fn forge(home: &mut Home, command: &[u8]) {
    let length = u8::try_from(command.len()).unwrap();
    home.call_back(Duration::ZERO, 0x04, &[&[0x00, 6, length], command].concat());
    home.run(Duration::from_millis(500));
}

#[test]
fn a_public_key_before_the_grant_does_not_go_round_the_pin() {
    let mut home = pair(SecureNode::new(5, REQUESTED), SECURITY_2, None);
    home.until("what is granted is asked", |home| is_asked(home, QuestionKind::Grant));
    let other = SecureNode::new(9, REQUESTED).public();
    forge(&mut home, &[&[0x9F, 0x08, 0x00][..], &other].concat());
    let is_agreed = |home: &Home| home.sent.iter().any(|(_, command)| command.starts_with(&[0x9F, 0x08, 0x01]));
    assert!(!is_agreed(&home));
    grant(&mut home, &["s2_authenticated"]);
    home.until("the PIN is asked", |home| is_asked(home, QuestionKind::Pin));
    assert!(!is_agreed(&home));
    let pin = home.nodes[&NODE].secure.as_ref().unwrap().dsk().pin();
    answer(&mut home, Value::composite([("pin", Value::text(pin.to_string()))]));
    home.until("it has joined", has_confirmed);
}

#[test]
fn a_node_gets_the_key_of_security_0_inside_security_2() {
    let mut home = pair(SecureNode::new(5, 0x81), SECURITY_2, None);
    grant(&mut home, &["s2_unauthenticated", "s0"]);
    home.until("it has joined", has_confirmed);
    let secure = home.nodes[&NODE].secure.as_ref().unwrap();
    let classes: Vec<SecurityClass> = secure.keys.keys().copied().collect();
    assert_eq!(classes, [SecurityClass::S0, SecurityClass::S2Unauthenticated]);
    assert!(secure.has_joined);
}

#[test]
fn a_node_that_leaves_a_key_out_is_not_taken_for_one_that_has_it() {
    let mut node = SecureNode::new(5, REQUESTED);
    node.leaves = 0x02;
    let code = node.dsk().to_string();
    let mut home = pair(node, SECURITY_2, Some(code));
    grant(&mut home, &["s2_authenticated", "s2_unauthenticated"]);
    home.until("it is told", |home| home.sent.contains(&(NODE, vec![0x9F, 0x07, 0x09])));
    assert!(is_asked(&home, QuestionKind::Confirm) && !has_confirmed(&home));
}

#[test]
fn a_node_without_a_common_key_scheme_or_curve_is_told_so() {
    for (requested, knows, fail_type) in [(0x00, [2, 1], 0x01), (0x03, [1, 1], 0x02), (0x03, [2, 2], 0x03)] {
        let mut node = SecureNode::new(5, requested);
        node.knows = knows;
        let mut home = pair(node, SECURITY_2, None);
        home.until("it is told", |home| home.sent.contains(&(NODE, vec![0x9F, 0x07, fail_type])));
        assert!(is_asked(&home, QuestionKind::Confirm));
    }
}

/// Its label has a DSK, so it has Security 2; somebody has cut that out of its node information.
#[test]
fn a_device_whose_label_promises_security_2_is_not_taken_with_less() {
    for classes in [&[0x5E, 0x98][..], &[0x5E]] {
        let node = SecureNode::new(5, REQUESTED);
        let code = node.dsk().to_string();
        let mut home = pair(node, classes, Some(code));
        home.until("somebody is asked", |home| is_asked(home, QuestionKind::Confirm));
        assert!(!has_confirmed(&home) && !home.sent.iter().any(|(_, command)| command.starts_with(&[0x98])));
    }
}

/// A person who typed a PIN thinks that it was compared.
#[test]
fn a_pin_that_was_not_needed_is_said() {
    let said = |classes: &[u8], keys: &[&'static str]| {
        let node = SecureNode::new(5, REQUESTED);
        let pin = node.dsk().pin().to_string();
        let mut home = pair(node, classes, Some(pin));
        if !keys.is_empty() {
            grant(&mut home, keys);
        }
        home.until("it has joined", has_confirmed);
        home.pairings().iter().any(|progress| progress.next_step.contains("The PIN was not needed"))
    };
    assert!(said(&[0x5E], &[]));
    assert!(said(SECURITY_2, &["s2_unauthenticated"]));
    assert!(!said(SECURITY_2, &["s2_authenticated"]));
}

/// Whoever says that a node was reset: while the stick reaches it, it stays.
#[test]
fn a_node_that_was_reset_is_forgotten_when_the_stick_has_tried_it() {
    let is_gone = |home: &Home| home.log.contains(&DriverEvent::DeviceRemoved(Home::device(NODE)));
    let mut home = Home::new(&[]).with(NODE, &[0x5E, 0x5A, 0x25]).open();
    let is_told = |event: &DriverEvent| matches!(event, DriverEvent::Device(device) if device.id == Home::device(NODE));
    home.until("it is told", |home| home.log.iter().any(is_told));
    for _ in 0..3 {
        forge(&mut home, &[0x5A, 0x01]);
    }
    home.run(Duration::from_secs(60));
    assert!(!is_gone(&home) && home.nodes.contains_key(&NODE));
    // It has taken its time to leave.
    home.nodes.get_mut(&NODE).unwrap().is_silent = true;
    home.until("it is gone", is_gone);
    assert!(!home.nodes.contains_key(&NODE));
}
