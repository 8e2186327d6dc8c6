//! Every way a pairing can go.

use std::time::Duration;

use driver_api::{DriverEvent, ManageAction, ManageError};
use driver_virtual::{Model, Placement, Stimulus, VirtualMachine};
use expect_test::expect;
use hub_model::pairing::{PairingAction, PairingProgress, PairingStage, QuestionKind};
use hub_model::{DriverId, SessionId, Value};

use super::support::{Hand, id, lines};

const MINUTE: Duration = Duration::from_secs(60);
const WHILE: Duration = Duration::from_secs(4);

fn hand() -> Hand {
    let mut hand = Hand::scripted(&[Placement::new("lamp", "Lamp", Model::WhiteLight)]);
    hand.events();
    hand
}

fn include() -> PairingAction {
    PairingAction::Include { via: None, code: None }
}

fn start(hand: &mut Hand, action: PairingAction, duration: Duration) -> Vec<DriverEvent> {
    let (answer, events) = hand.manage(ManageAction::StartPairing { session: SessionId::new("s"), action, duration });
    answer.unwrap();
    events
}

fn answer(hand: &mut Hand, fields: &[(&str, Value)]) -> Result<Value, ManageError> {
    let answer = Value::composite(fields.iter().cloned());
    hand.machine_answer(answer)
}

impl Hand {
    fn machine_answer(&mut self, answer: Value) -> Result<Value, ManageError> {
        let (result, events) = self.manage(ManageAction::AnswerPairing { session: SessionId::new("s"), answer });
        self.put_aside(events);
        result
    }

    fn put_aside(&mut self, events: Vec<DriverEvent>) {
        self.aside.extend(events.into_iter().filter(|event| !matches!(event, DriverEvent::Managed { .. })));
    }

    /// What was said of the pairing while it was answered and for a while after.
    fn told(&mut self, duration: Duration) -> String {
        let mut happened: Vec<_> =
            std::mem::take(&mut self.aside).into_iter().map(|event| (Duration::ZERO, event)).collect();
        happened.extend(self.pass(duration));
        lines(&happened)
    }
}

fn progress(events: &[DriverEvent]) -> impl Iterator<Item = &PairingProgress> {
    events.iter().filter_map(|event| match event {
        DriverEvent::Pairing(progress) => Some(progress),
        _ => None,
    })
}

#[test]
fn the_first_device_asks_everything() {
    let mut hand = hand();
    start(&mut hand, include(), MINUTE);
    expect![[r#"
        Heard — A new device was heard. Leave it where it is.
        Joined virtual:paired-contact-1 — It is in the network. Keys come next.
        Keys virtual:paired-contact-1 asks Grant ["s2_authenticated", "s2_unauthenticated"] — Choose within 2 minutes which security classes the device may use. Leave all of them on if in doubt.
    "#]]
    .assert_eq(&hand.told(WHILE));
    answer(&mut hand, &[("s2_authenticated", true.into())]).unwrap();
    expect![[r#"
        Keys virtual:paired-contact-1 asks Pin ["pin"] — Type within 4 minutes the five underlined digits of the number on the device.
    "#]]
    .assert_eq(&hand.told(WHILE));
    answer(&mut hand, &[("pin", "03415".into())]).unwrap();
    expect![[r#"
        Keys virtual:paired-contact-1 — The keys are exchanged.
        Identified virtual:paired-contact-1 — It is a door and window contact.
        Identified virtual:paired-contact-1 asks Confirm ["confirm"] — Its light blinks now. Say within 2 minutes whether this is the right device.
    "#]]
    .assert_eq(&hand.told(WHILE));
    answer(&mut hand, &[("confirm", true.into())]).unwrap();
    expect![[r#"
        device virtual:paired-contact-1
        virtual:paired-contact-1 online
        virtual:paired-contact-1 battery=87 link_quality=180 open=false
        Configured virtual:paired-contact-1 — It is set up to report.
        Confirmed virtual:paired-contact-1 — It works. Give it a name and a room.
        Closed — The network is closed again.
    "#]]
    .assert_eq(&hand.told(MINUTE));
}

/// Brings a pairing to its first question of a kind, answering what comes before.
fn until_asked(hand: &mut Hand, kind: QuestionKind) {
    for _ in 0..4 {
        let events = hand.events_of(WHILE);
        let asked = progress(&events).chain(progress(&hand.aside)).filter_map(|progress| progress.ask.as_ref()).last();
        let asked = asked.expect("a question").kind;
        if asked == kind {
            return;
        }
        hand.aside.clear();
        let fields: &[(&str, Value)] = match asked {
            QuestionKind::Grant => &[("s2_authenticated", Value::Bool(true))],
            QuestionKind::Pin => &[("pin", Value::Text("03415".into()))],
            QuestionKind::Confirm => &[("confirm", Value::Bool(true))],
        };
        answer(hand, fields).unwrap();
    }
    panic!("{kind:?} was not asked");
}

#[test]
fn wrong_answers_fail_with_a_next_step_and_close() {
    for (kind, fields, words) in [
        (QuestionKind::Pin, [("pin", Value::text("03416"))], "not those of the device"),
        (QuestionKind::Grant, [("s2_authenticated", Value::Bool(false))], "No security class"),
        (QuestionKind::Confirm, [("confirm", Value::Bool(false))], "another device"),
    ] {
        let mut hand = hand();
        start(&mut hand, include(), MINUTE);
        until_asked(&mut hand, kind);
        hand.aside.clear();
        answer(&mut hand, &fields).unwrap();
        let told = hand.told(Duration::from_secs(600));
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 2, "{told}");
        assert!(lines[0].starts_with("Failed") && lines[0].contains(words), "{told}");
        assert!(lines[1].starts_with("Closed"), "{told}");
    }
}

#[test]
fn answers_that_are_none_are_refused_and_the_question_stays() {
    let mut hand = hand();
    start(&mut hand, include(), MINUTE);
    assert!(
        matches!(answer(&mut hand, &[("confirm", true.into())]), Err(ManageError::NotPossible(_))),
        "nothing was asked"
    );
    let mut hand = self::hand();
    start(&mut hand, include(), MINUTE);
    until_asked(&mut hand, QuestionKind::Pin);
    for wrong in [Value::text("3415"), Value::number(3415.0), Value::text("0341x"), Value::Unknown] {
        assert!(matches!(answer(&mut hand, &[("pin", wrong)]), Err(ManageError::Invalid { field: "pin", .. })));
    }
    answer(&mut hand, &[("pin", "03415".into())]).unwrap();
}

#[test]
fn a_question_left_open_fails() {
    let mut hand = hand();
    start(&mut hand, include(), MINUTE);
    let events = hand.events_of(Duration::from_secs(600));
    let stages: Vec<PairingStage> = progress(&events).map(|progress| progress.stage).collect();
    use PairingStage::{Closed, Failed, Heard, Joined, Keys};
    assert_eq!(stages, [Heard, Joined, Keys, Failed, Closed]);
}

#[test]
fn the_network_closes_by_itself_and_by_hand() {
    let mut hand = hand();
    start(&mut hand, include(), Duration::from_secs(1));
    assert!(lines(&hand.pass(MINUTE)).starts_with("Closed — The time is up"));
    let events = start(&mut hand, include(), MINUTE);
    assert_eq!(progress(&events).next().unwrap().stage, PairingStage::Waiting);
    let again = ManageAction::StartPairing { session: SessionId::new("t"), action: include(), duration: MINUTE };
    assert!(matches!(hand.manage(again).0, Err(ManageError::NotPossible(_))));
    hand.manage(ManageAction::StopPairing { session: SessionId::new("s") }).0.unwrap();
    assert_eq!(lines(&hand.pass(MINUTE)), "");
    let gone = ManageAction::StopPairing { session: SessionId::new("s") };
    assert_eq!(hand.manage(gone).0, Err(ManageError::NotFound));
}

#[test]
fn kinds_take_turns_and_devices_leave_again() {
    let mut hand = hand();
    hand.play(Stimulus::Add(Placement::new("paired-contact-1", "Taken", Model::ContactSensor)));
    start(&mut hand, include(), MINUTE);
    until_asked(&mut hand, QuestionKind::Confirm);
    answer(&mut hand, &[("confirm", true.into())]).unwrap();
    let told = hand.told(MINUTE);
    assert!(told.contains("device virtual:paired-plug-2\n"), "{told}");
    hand.events();
    start(&mut hand, PairingAction::Exclude, MINUTE);
    expect![[r#"
        Heard virtual:paired-plug-2 — A device was heard that wants to leave.
        Confirmed virtual:paired-plug-2 — It has left. It can be used in another network.
        removed virtual:paired-plug-2
        Closed — The network is closed again.
    "#]]
    .assert_eq(&lines(&hand.pass(MINUTE)));
    start(&mut hand, PairingAction::Exclude, MINUTE);
    assert!(lines(&hand.pass(MINUTE * 2)).starts_with("Closed — The time is up"));
}

#[test]
fn a_code_given_beforehand_answers_for_the_digits() {
    let mut hand = hand();
    let code = Some("03415-00000-11111".into());
    start(&mut hand, PairingAction::Include { via: None, code }, MINUTE);
    until_asked(&mut hand, QuestionKind::Grant);
    answer(&mut hand, &[("s2_authenticated", true.into())]).unwrap();
    let told = hand.told(WHILE);
    assert!(!told.contains("asks Pin") && told.contains("asks Confirm"), "{told}");
}

#[test]
fn a_replaced_device_keeps_its_id() {
    let mut hand = hand();
    hand.play(Stimulus::Reach { address: "lamp".into(), reachable: false });
    let action = PairingAction::Replace { device: id("nobody") };
    let unknown = ManageAction::StartPairing { session: SessionId::new("s"), action, duration: MINUTE };
    assert_eq!(hand.manage(unknown).0, Err(ManageError::NotFound));
    hand.events();
    start(&mut hand, PairingAction::Replace { device: id("lamp") }, MINUTE);
    let told = hand.told(MINUTE);
    assert!(
        told.contains("device virtual:lamp\nvirtual:lamp online\n") && told.contains("Confirmed virtual:lamp"),
        "{told}"
    );
}

#[test]
fn what_was_paired_renamed_and_removed_is_so_after_a_restart() {
    let mut hand = Hand::demo(1, "2026-11-21T12:00:00Z");
    hand.manage(ManageAction::Remove { device: id("hallway-lamp"), force: false }).0.unwrap();
    hand.manage(ManageAction::Rename { device: id("kitchen-leak"), name: "Sink".into() }).0.unwrap();
    hand.play(Stimulus::Add(Placement::new("paired-plug-2", "New plug 2", Model::MeteringPlug)));
    let known: Vec<_> = hand.machine.devices().cloned().collect();
    let machine = VirtualMachine::new(DriverId::new("virtual"), &driver_virtual::demo_devices(), true, 1, &known);
    let mut hand = Hand::of(machine, "2026-11-22T12:00:00Z");
    let after: Vec<_> = hand.machine.devices().cloned().collect();
    assert_eq!(known, after);
    assert!(!lines(&hand.pass(Duration::ZERO)).contains("removed"));
}
