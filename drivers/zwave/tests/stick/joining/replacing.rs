//! A node that does not answer any more is removed, or another takes its number; names.

use std::time::Duration;

use driver_api::{DriverEvent, ManageAction, ManageError};
use driver_zwave::serial_api::NodeId;
use hub_model::pairing::{PairingAction, PairingStage, QuestionKind};
use hub_model::{DeviceId, SessionId, Value};

use super::node::SecureNode;
use super::stick::{Home, Node};

fn replace(device: DeviceId) -> ManageAction {
    let (session, action) = (SessionId::new("session"), PairingAction::Replace { device });
    ManageAction::StartPairing { session, action, duration: Duration::from_secs(60) }
}

fn is_known(home: &Home, node: u16) -> bool {
    home.log.iter().any(
        |event| matches!(event, DriverEvent::Device(device) if device.id == Home::device(node) && device.interviewed),
    )
}

#[test]
fn another_takes_the_place_of_a_dead_node() {
    let mut home = Home::new(&[]).with(2, &[0x5E, 0x25]).open();
    home.until("it is known", |home| is_known(home, 2));
    home.nodes.get_mut(&2).unwrap().is_silent = true;
    home.manage(replace(Home::device(2))).unwrap();
    assert_eq!(home.sent.last(), Some(&(2, vec![0x00])), "the stick believes it only when it has tried");
    let callback = home.asked.iter().rfind(|(function, _)| *function == 0x63).unwrap().1[1];

    let node = home.nodes.get_mut(&2).unwrap();
    (node.is_silent, node.classes) = (false, vec![0x5E, 0x20]);
    home.log.clear();
    home.call_back(Duration::from_secs(5), 0x63, &[callback, 0x04]);
    home.until("it is over", |home| home.pairings().iter().any(|progress| progress.stage == PairingStage::Closed));
    home.until("it is known anew", |home| is_known(home, 2));
    let gone = home.log.iter().any(|event| matches!(event, DriverEvent::DeviceRemoved(_)));
    assert!(!gone, "for the hub it stays the same device");
}

#[test]
fn who_answers_is_not_replaced_or_removed() {
    let mut home = Home::new(&[]).with(2, &[0x5E, 0x25]).open();
    home.until("it is known", |home| is_known(home, 2));
    let refused = home.manage(replace(Home::device(2))).unwrap_err();
    assert!(refused.to_string().starts_with("The old device still answers."), "{refused}");
    let refused = home.manage(ManageAction::Remove { device: Home::device(2), force: false }).unwrap_err();
    assert!(refused.to_string().starts_with("the device still answers"), "{refused}");
    assert_eq!(home.manage(replace(Home::device(9))), Err(ManageError::NotFound));
    let mut old = Home::new(&[0x63]).with(2, &[0x5E]).open();
    assert!(matches!(old.manage(replace(Home::device(2))), Err(ManageError::NotPossible(_))));
}

#[test]
fn a_person_may_give_a_replacement_up() {
    let mut home = Home::new(&[]).with(2, &[0x5E, 0x25]).open();
    home.until("it is known", |home| is_known(home, 2));
    home.nodes.get_mut(&2).unwrap().is_silent = true;
    home.manage(replace(Home::device(2))).unwrap();
    home.manage(ManageAction::StopPairing { session: SessionId::new("session") }).unwrap();
    assert_eq!(home.count(0x4A, &[0x05, 0x00]), 1, "the stick stops");
    assert!(is_known(&home, 2));
}

/// A home where node 2 is replaced by another, as far as that it is in the network.
fn replaced_by(node: Node) -> Home {
    let mut home = Home::new(&[]).with(2, &[0x5E, 0x25]).open();
    home.until("it is known", |home| is_known(home, 2));
    home.nodes.get_mut(&2).unwrap().is_silent = true;
    home.manage(replace(Home::device(2))).unwrap();
    let callback = home.asked.iter().rfind(|(function, _)| *function == 0x63).unwrap().1[1];
    home.nodes.insert(2, node);
    home.sent.clear();
    home.call_back(Duration::from_secs(5), 0x63, &[callback, 0x04]);
    home
}

fn is_asked(home: &Home, kind: QuestionKind) -> bool {
    home.pairings().iter().any(|progress| progress.ask.as_ref().is_some_and(|ask| ask.kind == kind))
}

/// The stick does not say what it is, so it is asked, and if it does not say it, tried.
#[test]
fn who_takes_the_place_gets_keys_too() {
    for hides_information in [false, true] {
        let mut secure = SecureNode::new(5, 0x03);
        secure.get_number(NodeId(2));
        let node = Node { classes: vec![0x5E, 0x9F], secure: Some(secure), hides_information, ..Node::default() };
        let mut home = replaced_by(node);
        home.until("what is granted is asked", |home| is_asked(home, QuestionKind::Grant));
        let answer = Value::composite([("s2_unauthenticated", Value::Bool(true))]);
        home.manage(ManageAction::AnswerPairing { session: SessionId::new("session"), answer }).unwrap();
        home.until("it has joined", |home| home.nodes[&2].secure.as_ref().is_some_and(|secure| secure.has_joined));
    }
}

#[test]
fn who_says_nothing_stays_without_security_only_if_a_person_says_so() {
    let mut home = replaced_by(Node { hides_information: true, ..Node::default() });
    home.until("a person is asked", |home| is_asked(home, QuestionKind::Confirm));
    assert!(home.sent.contains(&(2, vec![0x9F, 0x04])) && home.sent.contains(&(2, vec![0x98, 0x04, 0x00])));
}

/// A stick that starts anew has forgotten what it was at.
#[test]
fn a_stick_that_starts_anew_ends_a_pairing_and_a_search() {
    let mut home = Home::new(&[]).with(2, &[0x5E]).open();
    home.until("it is known", |home| is_known(home, 2));
    let (session, action) = (SessionId::new("session"), PairingAction::Include { via: None, code: None });
    home.manage(ManageAction::StartPairing { session, action, duration: Duration::from_secs(600) }).unwrap();
    home.restart();
    assert!(home.pairings().iter().any(|progress| progress.stage == PairingStage::Failed));

    home.search = Duration::from_secs(3_600);
    let request = home.ask(ManageAction::RepairRoutes { device: Some(Home::device(2)) });
    home.until("it searches", |home| home.count(0x48, &[2]) == 1);
    home.run(Duration::from_secs(1));
    home.restart();
    assert!(home.answer_to(request).is_some_and(|answer| answer.is_err()));
}

/// A stick may say it as often as it likes.
#[test]
fn what_the_stick_says_twice_is_done_once() {
    let mut home = Home::new(&[]).open();
    let (session, action) = (SessionId::new("session"), PairingAction::Include { via: None, code: None });
    home.manage(ManageAction::StartPairing { session, action, duration: Duration::from_secs(60) }).unwrap();
    let begun = home.now;
    home.newcomer = Some((6, Node { classes: vec![0x5E], ..Node::default() }));
    for second in 1..50 {
        home.call_back(Duration::from_secs(second), 0x4A, &[1, 0x02, 0, 0]);
    }
    home.until("it is over", |home| home.pairings().iter().any(|progress| progress.stage == PairingStage::Closed));
    let took = home.now.since(begun);
    assert!(took < Duration::from_secs(65), "nothing prolongs it: {took:?}");

    let (session, action) = (SessionId::new("other"), PairingAction::Include { via: None, code: None });
    home.manage(ManageAction::StartPairing { session, action, duration: Duration::from_secs(60) }).unwrap();
    home.call_back(Duration::ZERO, 0x4A, &[1, 0x02, 0, 0]);
    home.call_back(Duration::ZERO, 0x4A, &[1, 0x03, 6, 4, 4, 0x10, 1, 0x5E]);
    for _ in 0..9 {
        home.call_back(Duration::ZERO, 0x4A, &[1, 0x05, 6, 0]);
    }
    home.until("it is known", |home| is_known(home, 6));
    let finished =
        home.asked.iter().filter(|(function, payload)| *function == 0x4A && payload[0] == 5 && payload[1] != 0);
    assert_eq!(finished.count(), 1);
}

#[test]
fn what_a_pairing_wanted_is_not_done_in_the_next_one() {
    let mut home = Home::new(&[]).with(2, &[0x5E]).open();
    home.until("it is known", |home| is_known(home, 2));
    home.ask(ManageAction::RepairRoutes { device: Some(Home::device(2)) });
    home.until("it searches", |home| home.count(0x48, &[2]) == 1);
    home.run(Duration::from_secs(1));
    let (session, action) = (SessionId::new("session"), PairingAction::Include { via: None, code: None });
    let duration = Duration::from_secs(60);
    home.ask(ManageAction::StartPairing { session: session.clone(), action, duration });
    home.manage(ManageAction::StopPairing { session: session.clone() }).unwrap();
    home.ask(ManageAction::StartPairing { session, action: PairingAction::Exclude, duration });
    home.until("devices may leave", |home| home.count(0x4B, &[0xC1]) == 1);
    assert_eq!(home.count(0x4A, &[0xC1]), 0, "and none may come in");
}

/// Nothing is opened that nobody waits for any more.
#[test]
fn a_pairing_that_is_stopped_before_it_was_opened_opens_nothing() {
    let mut home = Home::new(&[]).with(2, &[0x5E]).open();
    home.until("it is known", |home| is_known(home, 2));
    home.ask(ManageAction::RepairRoutes { device: Some(Home::device(2)) });
    home.until("it searches", |home| home.count(0x48, &[2]) == 1);
    home.run(Duration::from_secs(1));
    let (session, action) = (SessionId::new("session"), PairingAction::Include { via: None, code: None });
    let duration = Duration::from_secs(60);
    let start = home.ask(ManageAction::StartPairing { session: session.clone(), action, duration });
    home.manage(ManageAction::StopPairing { session }).unwrap();
    home.run(Duration::from_secs(120));
    assert!(home.answer_to(start).is_some_and(|answer| answer.is_err()));
    assert_eq!(home.count(0x4A, &[0xC1]), 0);
}

#[test]
fn a_node_that_keeps_names_is_given_one() {
    let mut home = Home::new(&[]).with(2, &[0x5E, 0x77]).with(3, &[0x5E, 0x25]).open();
    home.until("they are known", |home| is_known(home, 2) && is_known(home, 3));
    let rename = |node: u16| ManageAction::Rename { device: Home::device(node), name: "Lamp in the hallway".into() };
    home.manage(rename(2)).unwrap();
    let set = [&[0x77, 0x01, 0x00][..], b"Lamp in the hall"].concat();
    assert!(home.sent.contains(&(2, set)), "as much of it as it keeps");
    let names = |event: &DriverEvent| match event {
        DriverEvent::Renamed { device, name } if *device == Home::device(2) => Some(name.to_string()),
        _ => None,
    };
    assert_eq!(home.log.iter().find_map(names).as_deref(), Some("Lamp in the hall"));
    let abilities = |home: &Home, node: u16| {
        let last = home.log.iter().rev().find_map(|event| match event {
            DriverEvent::Device(device) if device.id == Home::device(node) => Some(device.clone()),
            _ => None,
        });
        last.map(|device| (device.abilities.rename, device.native_name))
    };
    assert_eq!(abilities(&home, 2), Some((true, Some("Lamp in the hall".into()))));
    assert_eq!(abilities(&home, 3), Some((false, Some("Node 3".into()))));
    assert_eq!(home.manage(rename(3)), Err(ManageError::Unsupported));
    let mut home = Home::restarted(&[], home.kept).with(2, &[0x5E, 0x77]).open();
    home.run(Duration::from_secs(1));
    assert_eq!(abilities(&home, 2), Some((true, Some("Lamp in the hall".into()))), "it is still called so");
}
