//! With which security a device is spoken with is shown, and one whose keys are lost is not spoken with plainly.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use driver_api::{CommandProgress, CommandStage, DriverCommand, DriverEvent, DriverRequest, ManageAction};
use hub_model::command::{FailureReason, Setting};
use hub_model::household::Secret as Kept;
use hub_model::{CommandId, Device, Value};

use super::keys::{NODE, SECURITY_2, answer, grant, pair};
use super::node::SecureNode;
use super::stick::Home;
use hub_model::pairing::QuestionKind;

/// A device that was granted Security 2 Unauthenticated. It has a switch with that only.
fn joined() -> Home {
    let mut home = pair(SecureNode::new(5, 0x01), SECURITY_2, None);
    grant(&mut home, &["s2_unauthenticated"]);
    home.until("it is known", |home| home.told(NODE).is_some_and(|device| device.interviewed));
    home
}

/// The same network and device, with a hub that has this. The random numbers of each start are others.
fn again(before: &mut Home, kept: BTreeMap<Arc<str>, Kept>, known: Vec<Device>, random: u8) -> Home {
    let mut home = Home::remembering(&[], kept, known, random);
    home.nodes = std::mem::take(&mut before.nodes);
    home.now = before.now;
    let mut home = home.open();
    home.until("it is known", |home| home.told(NODE).is_some_and(|device| device.interviewed));
    home
}

fn security(home: &Home) -> Option<&str> {
    home.told(NODE)?.security.as_deref()
}

fn switch(home: &mut Home) -> CommandStage {
    let id = CommandId::new("switch");
    home.command(DriverRequest::Command(DriverCommand {
        id: id.clone(),
        device: Home::device(NODE),
        settings: vec![Setting { endpoint: 0, attribute: "on".into(), value: Value::Bool(true) }],
        transition: None,
        deadline: home.now.plus(Duration::from_secs(60)),
        by_person: true,
    }));
    let end = |home: &Home| {
        home.log.iter().find_map(|event| match event {
            DriverEvent::Command(CommandProgress { command, stage, .. })
                if *command == id && *stage != CommandStage::Sent =>
            {
                Some(stage.clone())
            }
            _ => None,
        })
    };
    home.until("it has ended", |home| end(home).is_some());
    end(home).unwrap()
}

fn without_keys(home: &Home) -> BTreeMap<Arc<str>, Kept> {
    home.kept
        .iter()
        .filter(|(name, _)| !name.starts_with("key/"))
        .map(|(name, text)| (name.clone(), text.clone()))
        .collect()
}

fn fails_with_words_and_nothing_is_sent(home: &mut Home) {
    let sent = home.sent.len();
    let began = home.now;
    let CommandStage::Failed { reason, detail } = switch(home) else { panic!("it was sent") };
    let words = detail.unwrap();
    assert_eq!((reason, home.now), (FailureReason::Refused, began), "{words}");
    assert!(words.contains("keys that this hub does not have") && words.contains("exclude it"), "{words}");
    assert_eq!(home.sent.len(), sent, "{:02x?}", &home.sent[sent..]);
}

#[test]
fn the_granted_security_is_shown() {
    let mut home = joined();
    assert_eq!(security(&home), Some("s2_unauthenticated"));
    assert!(matches!(switch(&mut home), CommandStage::Acknowledged));
    let (kept, known) = (home.kept.clone(), home.told(NODE).cloned().into_iter().collect());
    let home = again(&mut home, kept, known, 8);
    assert_eq!(security(&home), Some("s2_unauthenticated"), "after a restart too");

    let mut plain = Home::new(&[]).with(NODE, &[0x5E, 0x25]).open();
    plain.until("it is known", |home| home.told(NODE).is_some_and(|device| device.interviewed));
    assert_eq!(security(&plain), Some("none"));
}

#[test]
fn a_device_whose_keys_are_lost_is_not_spoken_with() {
    let mut before = joined();
    let (kept, all) = (without_keys(&before), before.kept.clone());
    let known: Vec<Device> = before.told(NODE).cloned().into_iter().collect();
    let mut home = again(&mut before, kept, known.clone(), 8);
    assert_eq!(security(&home), Some("keys_missing"));
    fails_with_words_and_nothing_is_sent(&mut home);

    // The keys that were made meanwhile are not its keys either.
    let (kept, told) = (home.kept.clone(), home.told(NODE).cloned());
    let mut home = again(&mut home, kept, told.into_iter().collect(), 9);
    home.run(Duration::from_secs(60));
    assert_eq!(security(&home), Some("keys_missing"));
    fails_with_words_and_nothing_is_sent(&mut home);

    // They are restored from a backup, without what was known of the device before.
    let keys = all.iter().filter(|(name, _)| name.starts_with("key/"));
    let mut kept = home.kept.clone();
    kept.extend(keys.map(|(name, text)| (name.clone(), text.clone())));
    let told = home.told(NODE).cloned();
    let mut home = again(&mut home, kept, told.into_iter().collect(), 10);
    home.until("they are tried again", |home| security(home) == Some("s2_unauthenticated"));
    assert!(matches!(switch(&mut home), CommandStage::Acknowledged));

    // With that too.
    let mut home = again(&mut home, all, known, 11);
    assert_eq!(security(&home), Some("s2_unauthenticated"));
    assert!(matches!(switch(&mut home), CommandStage::Acknowledged));
}

/// As after Z-Wave JS, which has keys of its own: the hub knows the device, and nothing that it said.
#[test]
fn a_device_that_another_driver_joined_is_known_to_have_keys() {
    let mut before = joined();
    let known: Vec<Device> = before.told(NODE).cloned().into_iter().collect();
    before.nodes.get_mut(&NODE).unwrap().classes = vec![0x5E, 0x9F, 0x62, 0x25];
    let mut home = Home::remembering(&[], BTreeMap::new(), known, 8);
    home.nodes = std::mem::take(&mut before.nodes);
    let mut home = home.open();
    home.until("it is found out", |home| security(home) == Some("keys_missing"));
    home.until("it is known", |home| home.told(NODE).is_some_and(|device| device.interviewed));
    let plainly =
        |home: &Home, class: u8| home.sent.iter().filter(|(_, command)| command.first() == Some(&class)).count();
    assert_eq!(plainly(&home, 0x62), 0, "a lock is not spoken with");
    assert!(plainly(&home, 0x25) > 0, "what it says it does plainly is asked");
    // It is asked anew: nothing has changed.
    home.manage(ManageAction::Interview { device: Home::device(NODE) }).unwrap();
    home.run(Duration::from_secs(120));
    assert_eq!((security(&home), plainly(&home, 0x62)), (Some("keys_missing"), 0));
}

/// A person wanted it so.
#[test]
fn a_device_that_was_let_in_without_keys_is_spoken_with_plainly() {
    let mut home = pair(SecureNode::new(5, 0x01), &[0x5E, 0x9F, 0x25], None);
    home.until("what is granted is asked", |home| super::keys::is_asked(home, QuestionKind::Grant));
    answer(&mut home, Value::composite([("s2_unauthenticated", Value::Bool(false))]));
    home.until("somebody is asked", |home| super::keys::is_asked(home, QuestionKind::Confirm));
    answer(&mut home, Value::composite([("confirm", Value::Bool(true))]));
    home.until("it is known", |home| home.told(NODE).is_some_and(|device| device.interviewed));
    assert_eq!(security(&home), Some("none"));
    assert!(matches!(switch(&mut home), CommandStage::Acknowledged));
    assert!(home.sent.contains(&(NODE, vec![0x25, 0x01, 0xFF])), "{:02x?}", home.sent);
    let (kept, known) = (home.kept.clone(), home.told(NODE).cloned().into_iter().collect());
    let mut home = again(&mut home, kept, known, 8);
    assert!(matches!(switch(&mut home), CommandStage::Acknowledged));
}
