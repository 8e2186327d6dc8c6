//! SmartStart, and pairing with a code.

use std::time::Duration;

use driver_api::provisioning::{Entry, from_value};
use driver_api::{DriverEvent, ManageAction, ManageError, ProvisionAction};
use driver_zwave::security::{Dsk, SecurityClass};
use hub_model::pairing::{PairingAction, PairingStage, QuestionKind};
use hub_model::{SessionId, Value};

use super::node::SecureNode;
use super::stick::{Home, Node};

/// Authenticated and unauthenticated.
const REQUESTED: u8 = 0x03;

fn newcomer(random: u8) -> (Dsk, Node) {
    let secure = SecureNode::new(random, REQUESTED);
    (secure.dsk(), Node { classes: vec![0x5E, 0x9F], secure: Some(secure), ..Node::default() })
}

fn add(home: &mut Home, dsk: Dsk, name: Option<&str>) -> Result<Vec<Entry>, ManageError> {
    let add = ProvisionAction::Add { code: dsk.to_string().into(), name: name.map(Into::into) };
    home.manage(ManageAction::Provision(add)).map(|list| from_value(&list).unwrap())
}

fn list(home: &mut Home) -> Vec<Entry> {
    from_value(&home.manage(ManageAction::Provision(ProvisionAction::List)).unwrap()).unwrap()
}

fn has_ended(home: &Home) -> bool {
    home.pairings().iter().any(|progress| progress.stage == PairingStage::Closed)
}

#[test]
fn a_device_of_the_list_joins_by_itself() {
    let mut home = Home::new(&[]).open();
    home.run(Duration::from_secs(1));
    assert_eq!(home.count(0x4A, &[]), 0, "nobody is waited for");
    let (dsk, node) = newcomer(5);
    add(&mut home, dsk, Some("Lamp in the hall")).unwrap();
    home.run(Duration::from_secs(1));
    assert_eq!(home.count(0x4A, &[0x49, 0x00]), 1, "the stick listens");

    home.newcomer = Some((6, node));
    home.announce(dsk, false);
    home.until("it has joined", has_ended);
    let secure = home.nodes[&6].secure.as_ref().unwrap();
    assert!(secure.has_joined);
    let classes: Vec<SecurityClass> = secure.keys.keys().copied().collect();
    assert_eq!(classes, [SecurityClass::S2Unauthenticated, SecurityClass::S2Authenticated]);
    let expected = [&[0xC8][..], &dsk.network_wide_inclusion_home().0, &dsk.authentication_home().0];
    let asked = home.asked.iter().find(|(function, payload)| *function == 0x4A && payload[0] == 0xC8).unwrap();
    assert_eq!([&asked.1[..1], &asked.1[2..]].concat(), expected.concat());

    let told = home.pairings();
    assert!(told.iter().all(|progress| progress.session == told[0].session && progress.ask.is_none()), "{told:?}");
    let stages: Vec<PairingStage> = told.iter().map(|progress| progress.stage).collect();
    use PairingStage::{Closed, Confirmed, Heard, Joined, Keys};
    assert_eq!(stages, [Heard, Heard, Joined, Keys, Confirmed, Closed]);

    let device = |event: &DriverEvent| match event {
        DriverEvent::Device(device) if device.id == Home::device(6) => device.native_name.as_deref().map(str::to_owned),
        _ => None,
    };
    home.until("its name is told", |home| home.log.iter().any(|event| device(event).is_some()));
    assert_eq!(home.log.iter().find_map(device).as_deref(), Some("Lamp in the hall"));
    let listed = list(&mut home);
    let name = Some("Lamp in the hall".into());
    assert_eq!(listed, [Entry { key: dsk.to_string().into(), name, device: Some(Home::device(6)) }]);
    home.run(Duration::from_secs(1));
    assert_eq!(home.count(0x4A, &[0x49, 0x00]), 1, "nobody is waited for any more");
}

#[test]
fn the_list_is_kept_and_the_stick_listens_after_a_start() {
    let mut home = Home::new(&[]).open();
    let (dsk, _) = newcomer(5);
    add(&mut home, dsk, None).unwrap();
    let mut home = Home::restarted(&[], home.kept).open();
    home.run(Duration::from_secs(1));
    assert_eq!(home.count(0x4A, &[0x49, 0x00]), 1);
    assert_eq!(list(&mut home).len(), 1);
    let remove = |key: &str| ManageAction::Provision(ProvisionAction::Remove { key: key.into() });
    assert_eq!(home.manage(remove("1")), Err(ManageError::NotFound));
    home.manage(remove(&dsk.to_string())).unwrap();
    home.run(Duration::from_secs(1));
    assert_eq!(home.count(0x4A, &[0x05, 0x00]), 1, "it listens no more");
    assert!(!home.kept.contains_key("provisioning"));
    assert_eq!(home.manage(remove(&dsk.to_string())), Err(ManageError::NotFound));
}

#[test]
fn who_is_not_on_the_list_is_left_alone() {
    let mut home = Home::new(&[]).open();
    let ((dsk, _), (other, _)) = (newcomer(5), newcomer(6));
    add(&mut home, dsk, None).unwrap();
    home.announce(other, false);
    // This stick has no Long Range.
    home.announce(dsk, true);
    home.run(Duration::from_secs(1));
    assert_eq!(home.count(0x4A, &[0xC8]), 0);
    assert!(home.pairings().is_empty());
}

/// Somebody else has got the home ids of the label: without its key it does not stay.
#[test]
fn who_is_another_than_its_label_says_is_taken_out_again() {
    let mut home = Home::new(&[]).open();
    let ((dsk, _), (_, node)) = (newcomer(5), newcomer(6));
    add(&mut home, dsk, None).unwrap();
    home.newcomer = Some((6, node));
    home.announce(dsk, false);
    home.until("it has failed", has_ended);
    assert!(home.pairings().iter().any(|progress| progress.stage == PairingStage::Failed));
    home.until("it is told", |home| home.sent.contains(&(6, vec![0x9F, 0x07, 0x06])));
    assert!(home.nodes[&6].secure.as_ref().unwrap().keys.is_empty());
    assert_eq!(list(&mut home)[0].device, None, "it is still waited for");
    home.nodes.get_mut(&6).unwrap().is_silent = true;
    home.until("it is out", |home| !home.nodes.contains_key(&6));
    home.run(Duration::from_secs(600));
    let devices = home.log.iter().any(|event| matches!(event, DriverEvent::Device(_)));
    assert!(!devices, "it was never a device");
}

#[test]
fn a_device_that_is_stopped_while_it_joins_does_not_stay() {
    let mut home = Home::new(&[]).open();
    let (dsk, node) = newcomer(5);
    add(&mut home, dsk, None).unwrap();
    home.newcomer = Some((6, node));
    home.announce(dsk, false);
    home.until("it is in the network", |home| home.pairings().iter().any(|told| told.stage == PairingStage::Joined));
    let session = home.pairings()[0].session.clone();
    home.manage(ManageAction::StopPairing { session }).unwrap();
    assert!(has_ended(&home));
    home.nodes.get_mut(&6).unwrap().is_silent = true;
    home.until("it is out", |home| !home.nodes.contains_key(&6));
    assert_eq!(list(&mut home)[0].device, None, "it is still waited for");
}

fn is_a_device(home: &Home, node: u16) -> bool {
    home.log.iter().any(|event| matches!(event, DriverEvent::Device(device) if device.id == Home::device(node)))
}

#[test]
fn a_device_that_does_not_finish_does_not_stay() {
    let mut home = Home::new(&[]).open();
    let (dsk, mut node) = newcomer(5);
    add(&mut home, dsk, None).unwrap();
    node.is_silent = true;
    (home.newcomer, home.stops_half_way) = (Some((6, node)), true);
    home.announce(dsk, false);
    home.until("it has failed", has_ended);
    assert!(home.nodes.contains_key(&6));
    home.until("it is out", |home| !home.nodes.contains_key(&6));
    home.restart();
    assert!(!is_a_device(&home, 6));
}

/// Neither a start of the stick makes a device of it, nor does it stay because the stick was away when it was to go.
#[test]
fn who_is_to_leave_is_no_device_and_goes_when_the_stick_is_back() {
    let mut home = Home::new(&[]).open();
    let (dsk, node) = newcomer(5);
    add(&mut home, dsk, None).unwrap();
    home.newcomer = Some((6, node));
    home.announce(dsk, false);
    home.until("it is in the network", |home| home.pairings().iter().any(|told| told.stage == PairingStage::Joined));
    let session = home.pairings()[0].session.clone();
    home.manage(ManageAction::StopPairing { session }).unwrap();
    home.restart();
    home.run(Duration::from_secs(10));
    home.nodes.get_mut(&6).unwrap().is_silent = true;
    home.unplug(Duration::from_secs(600));
    home.until("it is out", |home| !home.nodes.contains_key(&6));
    assert!(!is_a_device(&home, 6));
}

/// Anybody can repeat an announcement that was heard.
#[test]
fn a_device_with_which_it_failed_is_left_alone_for_a_time() {
    let mut home = Home::new(&[]).with(2, &[0x5E, 0x25]).open();
    home.until("the other is known", |home| is_a_device(home, 2));
    home.run(Duration::from_secs(5));
    let (dsk, _) = newcomer(5);
    add(&mut home, dsk, None).unwrap();
    home.run(Duration::from_secs(1));
    home.announce(dsk, false);
    assert_eq!(home.count(0x4A, &[0xC8]), 1);
    let before = home.sent.len();
    home.ask(ManageAction::Interview { device: Home::device(2) });
    home.run(Duration::from_secs(5));
    assert!(home.sent.len() > before, "the home goes on meanwhile");
    home.until("nobody came", has_ended);
    for (pause, times) in [(1, 1), (30, 1), (1, 2), (100, 2), (150, 3)] {
        home.run(Duration::from_secs(pause));
        home.announce(dsk, false);
        home.run(Duration::from_secs(61));
        assert_eq!(home.count(0x4A, &[0xC8]), times, "after {pause} s more");
    }
    add(&mut home, dsk, None).unwrap();
    home.announce(dsk, false);
    assert_eq!(home.count(0x4A, &[0xC8]), 4, "a person wants it anew");
}

#[test]
fn nothing_is_left_of_who_had_the_number_before() {
    let mut home = Home::new(&[]).with(6, &[0x5E, 0x77]).open();
    home.until("it is known", |home| is_a_device(home, 6));
    home.run(Duration::from_secs(5));
    assert!(home.kept.contains_key("node/0x7e570001-6"));
    // It has left while the hub was off.
    let mut home = Home::restarted(&[], home.kept).open();
    let (dsk, node) = newcomer(5);
    add(&mut home, dsk, None).unwrap();
    home.newcomer = Some((6, node));
    home.announce(dsk, false);
    home.until("it is known", |home| is_a_device(home, 6));
    let can_be_named = |event: &DriverEvent| matches!(event, DriverEvent::Device(device) if device.abilities.rename);
    assert!(!home.log.iter().any(can_be_named), "only the old one keeps names");
}

#[test]
fn a_device_that_is_removed_does_not_come_back_by_itself() {
    let mut home = Home::new(&[]).open();
    let (dsk, node) = newcomer(5);
    add(&mut home, dsk, None).unwrap();
    home.newcomer = Some((6, node));
    home.announce(dsk, false);
    home.until("it has joined", has_ended);
    home.nodes.get_mut(&6).unwrap().is_silent = true;
    home.manage(ManageAction::Remove { device: Home::device(6), force: false }).unwrap();
    assert!(list(&mut home).is_empty());
}

const NO_CODE: &str = "this is no code of a device; a code is the PIN of five digits, the DSK of forty (eight groups, \
    each up to 65535), or the text of the QR code, which begins with 90";

#[test]
fn what_was_said_of_a_device_before_stays() {
    let mut home = Home::new(&[]).open();
    let code = "900132782003515253545541424344453132333435212223242500100435301537022065520001000000300578";
    let mut add = |code: &str, name: Option<&str>| {
        let add = ProvisionAction::Add { code: code.into(), name: name.map(Into::into) };
        let listed = from_value(&home.manage(ManageAction::Provision(add)).unwrap()).unwrap();
        (listed[0].name.clone(), home.kept["provisioning"].reveal().to_owned())
    };
    let (_, kept) = add(code, Some("Attic"));
    let dsk = "51525-35455-41424-34445-31323-33435-21222-32425";
    assert_eq!(add(dsk, None), (Some("Attic".into()), kept.clone()), "a DSK alone takes neither name nor keys away");
    assert_eq!(add(dsk, Some("Cellar")), (Some("Cellar".into()), kept.replace("Attic", "Cellar")));
}

/// A start of the hub makes no device of who was not given keys.
#[test]
fn who_is_to_leave_is_known_after_a_start_of_the_hub() {
    let mut home = Home::new(&[]).open();
    let ((dsk, _), (_, node)) = (newcomer(5), newcomer(6));
    add(&mut home, dsk, None).unwrap();
    home.newcomer = Some((6, node));
    home.announce(dsk, false);
    home.until("it has failed", has_ended);
    let mut home = Home::restarted(&[], home.kept).with(6, &[0x5E, 0x25]).with(7, &[0x5E, 0x25]).open();
    home.until("the other is known", |home| is_a_device(home, 7));
    home.nodes.get_mut(&6).unwrap().is_silent = true;
    home.until("it is out", |home| !home.nodes.contains_key(&6));
    home.run(Duration::from_secs(600));
    assert!(!is_a_device(&home, 6) && !home.kept.contains_key("dismissed"));

    // Once it has left, its number may be somebody else's.
    let mut home = Home::restarted(&[], home.kept).with(6, &[0x5E, 0x25]).open();
    home.until("it is a device", |home| is_a_device(home, 6));
}

/// A name that a person gave on the list is not taken away by a number.
#[test]
fn a_device_is_not_called_by_its_number_once_it_had_a_name() {
    let mut home = Home::new(&[]).open();
    let (dsk, node) = newcomer(5);
    add(&mut home, dsk, Some("Lamp in the hall")).unwrap();
    home.newcomer = Some((6, node));
    home.announce(dsk, false);
    home.until("its name is told", |home| is_a_device(home, 6));
    home.run(Duration::from_secs(60));
    home.manage(ManageAction::Provision(ProvisionAction::Remove { key: dsk.to_string().into() })).unwrap();
    let known = home.log.iter().rev().find_map(|event| match event {
        DriverEvent::Device(device) => Some((**device).clone()),
        _ => None,
    });
    let classes = home.nodes[&6].classes.clone();
    let mut home = Home::remembering(&[], home.kept, known.into_iter().collect(), 7).with(6, &classes).open();
    home.until("it is told", |home| is_a_device(home, 6));
    home.run(Duration::from_secs(60));
    let is_called = |event: &DriverEvent, name: &str| matches!(event, DriverEvent::Device(device) if device.native_name.as_deref() == Some(name));
    assert!(home.log.iter().any(|event| is_called(event, "Lamp in the hall")));
    assert!(!home.log.iter().any(|event| is_called(event, "Node 6")), "{:?}", home.log);
}

#[test]
fn what_cannot_be_on_the_list() {
    let mut home = Home::new(&[]).open();
    let mut refused = |code: &str| {
        let add = ProvisionAction::Add { code: code.into(), name: None };
        home.manage(ManageAction::Provision(add)).unwrap_err().to_string()
    };
    assert_eq!(
        [
            refused("51525"),
            refused("hello"),
            refused("51525-35455"),
            refused("900032782003515253545541424344453132333435212223242500100435301537022065520001000000300578"),
        ],
        [
            "a PIN does not say which device it is; give the text of its QR code, or all of its DSK",
            NO_CODE,
            NO_CODE,
            "this device cannot join by itself; pair it with this code instead",
        ]
    );
    let mut old = Home::new(&[0x4A]).open();
    assert!(add(&mut old, newcomer(5).0, None).is_err());
}

/// With its label nobody has to be asked for a PIN, and with its QR code for nothing.
#[test]
fn a_pairing_with_a_code_asks_for_less() {
    let (dsk, node) = newcomer(5);
    let mut home = Home::new(&[]).open();
    let session = SessionId::new("session");
    let action = PairingAction::Include { via: None, code: Some(dsk.to_string().into()) };
    let start =
        |action| ManageAction::StartPairing { session: session.clone(), action, duration: Duration::from_secs(60) };
    home.manage(start(action)).unwrap();
    home.newcomer = Some((6, node));
    press(&mut home);
    let is_asked = |home: &Home, kind: QuestionKind| {
        home.pairings().iter().any(|progress| progress.ask.as_ref().is_some_and(|ask| ask.kind == kind))
    };
    home.until("what is granted is asked", |home| is_asked(home, QuestionKind::Grant));
    let answer = Value::composite([("s2_authenticated", Value::Bool(true))]);
    home.manage(ManageAction::AnswerPairing { session: session.clone(), answer }).unwrap();
    home.until("it has joined", has_ended);
    assert!(!is_asked(&home, QuestionKind::Pin));
    assert_eq!(home.nodes[&6].secure.as_ref().unwrap().keys.len(), 1);

    let mut home = Home::new(&[]).open();
    let action = PairingAction::Include { via: None, code: Some("51525-35455".into()) };
    let Err(ManageError::Invalid { field: "code", words }) = home.manage(start(action)) else { panic!("taken") };
    assert!(words.contains("PIN") && words.contains("DSK") && words.contains("QR code"), "told at once: {words}");
}

/// The stick hears the newcomer, as after a press of its button.
fn press(home: &mut Home) {
    let soon = Duration::from_millis(10);
    let information = [6, 5, 4, 0x10, 1, 0x5E, 0x9F];
    for (place, payload) in
        [&[1, 0x02, 0, 0][..], &[&[1, 0x03][..], &information].concat(), &[1, 0x05, 6, 0]].iter().enumerate()
    {
        home.call_back(soon * u32::try_from(place).unwrap(), 0x4A, payload);
    }
}
