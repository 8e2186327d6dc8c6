//! Approvals: asked, answered, used.

use hub_access::approval::{
    APPROVALS_MAX, APPROVALS_OF_ONE_MAX, Answer, ApprovalError, ApprovalId, ApprovalState, Asked, Decider,
};
use hub_access::{Approvals, CompiledPolicy, DeviceFacts, Request, Target, Through, can};
use hub_model::household::Role;
use hub_model::{AccountId, DeviceId};

use crate::home::{Home, child_with_only, with_request};

const RULE: &str = r#"{"id": "r", "who": {"role": "child"}, "allow": ["see", "control"], "when": {"from": "07:00", "to": "20:30"},
    "limits": {"heating_setpoint": {"min": 18, "max": 22}}}"#;
const LINE: &str = "control heater.heating_setpoint = 25";

/// Ten in the evening.
fn evening() -> Home {
    Home::at("2026-11-27T21:00:00Z")
}

fn asked(line: &str) -> Asked {
    with_request(line, |request| Asked::of(&"anna".into(), request))
}

fn ask(home: &mut Home, line: &str) -> ApprovalId {
    home.approvals.ask(asked(line), home.now.time()).unwrap().0
}

fn answer_by(home: &mut Home, id: ApprovalId, who: &str, role: Role, answer: Answer) -> Result<(), ApprovalError> {
    let person: AccountId = who.into();
    let decider = Decider { person: &person, role, may_do_it: true };
    home.approvals.answer(id, decider, answer, home.now.time()).map(|_| ())
}

fn answer(home: &mut Home, id: ApprovalId, answer: Answer) {
    answer_by(home, id, "maria", Role::Adult, answer).unwrap();
}

fn child() -> CompiledPolicy {
    child_with_only(&[RULE])
}

#[test]
fn what_is_allowed_once_is_done_once() {
    let mut home = evening();
    assert_eq!(home.said(&child(), LINE), "outside_window value_out_of_limits +ask");
    let id = ask(&mut home, LINE);
    assert!(!home.verdict(&child(), LINE).allowed);
    answer(&mut home, id, Answer::AllowOnce);
    let verdict = home.verdict(&child(), LINE);
    assert_eq!((verdict.allowed, verdict.approval), (true, Some(id)));
    assert_eq!(verdict.valid_until.unwrap().to_string(), "2026-11-27T21:10:00.000Z");
    assert!(!home.verdict(&child(), "control heater.heating_setpoint = 24").allowed);
    assert!(!home.verdict(&child(), "control lamp.on = true").allowed);
    home.approvals.use_up(id);
    assert!(!home.verdict(&child(), LINE).allowed);
    assert_eq!(home.approvals.list(), []);
}

#[test]
fn what_is_allowed_for_an_hour_is_allowed_within_limits_for_an_hour() {
    let mut home = evening();
    let id = ask(&mut home, LINE);
    answer(&mut home, id, Answer::AllowForAnHour);
    home.approvals.use_up(id);
    home.advance(3_599);
    assert!(home.verdict(&child(), LINE).allowed);
    assert!(home.verdict(&child(), "control heater.heating_setpoint = 20").allowed);
    assert_eq!(home.said(&child(), "control heater.heating_setpoint = 24"), "value_out_of_limits +ask");
    home.advance(1);
    assert!(!home.verdict(&child(), LINE).allowed);
    assert_eq!(home.approvals.expire(home.now.time()).len(), 1);
}

#[test]
fn an_hour_is_for_the_attribute_whatever_the_value() {
    let mut home = evening();
    let policy =
        child_with_only(&[r#"{"id": "r", "who": {"role": "child"}, "allow": ["see", "control"], "approval": true}"#]);
    let id = ask(&mut home, "control lamp.on = true");
    answer(&mut home, id, Answer::AllowForAnHour);
    for line in ["control lamp.on = true", "control lamp.on = false", "control lamp.on = true"] {
        let verdict = home.verdict(&policy, line);
        assert_eq!((verdict.allowed, verdict.approval), (true, Some(id)), "{line}");
        home.approvals.use_up(id);
    }
    assert_eq!(home.said(&policy, "control lamp.brightness = 20"), "needs_approval +ask");
}

#[test]
fn what_was_allowed_is_taken_back_by_who_is_grown_up() {
    let mut home = evening();
    let id = ask(&mut home, LINE);
    let take_back = |home: &mut Home, who: &str, role: Role| {
        let person: AccountId = who.into();
        let decider = Decider { person: &person, role, may_do_it: false };
        home.approvals.take_back(id, decider, home.now.time()).map(|approval| approval.id)
    };
    assert_eq!(take_back(&mut home, "maria", Role::Adult), Err(ApprovalError::NotGiven));
    answer(&mut home, id, Answer::AllowForAnHour);
    assert_eq!(take_back(&mut home, "bert", Role::Child), Err(ApprovalError::NotForYou));
    assert_eq!(take_back(&mut home, "anna", Role::Adult), Err(ApprovalError::NotForYou));
    assert!(home.verdict(&child(), LINE).allowed);
    assert_eq!(take_back(&mut home, "paul", Role::Owner), Ok(id));
    assert!(!home.verdict(&child(), LINE).allowed);
    assert_eq!(take_back(&mut home, "paul", Role::Owner), Err(ApprovalError::Unknown));
}

#[test]
fn equal_requests_are_one_and_a_refusal_holds_for_a_while() {
    let mut home = evening();
    let id = ask(&mut home, LINE);
    assert_eq!(home.approvals.ask(asked(LINE), home.now.time()), Ok((id, false)));
    answer(&mut home, id, Answer::Refuse);
    assert_eq!(home.approvals.ask(asked(LINE), home.now.time()), Ok((id, false)));
    assert!(!home.verdict(&child(), LINE).allowed);
    home.advance(600);
    let (again, is_new) = home.approvals.ask(asked(LINE), home.now.time()).unwrap();
    assert!(is_new && again != id);
}

#[test]
fn nobody_answers_for_themselves_or_beyond_what_they_may() {
    let mut home = evening();
    let id = ask(&mut home, LINE);
    let allow = Answer::AllowOnce;
    assert_eq!(answer_by(&mut home, id, "bert", Role::Child, allow), Err(ApprovalError::NotForYou));
    assert_eq!(answer_by(&mut home, id, "anna", Role::Adult, allow), Err(ApprovalError::NotForYou));
    let maria: AccountId = "maria".into();
    let decider = Decider { person: &maria, role: Role::Adult, may_do_it: false };
    assert_eq!(home.approvals.answer(id, decider, allow, home.now.time()).err(), Some(ApprovalError::NotYours));
    assert_eq!(answer_by(&mut home, ApprovalId(9), "maria", Role::Adult, allow), Err(ApprovalError::Unknown));
    answer(&mut home, id, allow);
    assert_eq!(home.approvals.get(id).unwrap().state, ApprovalState::AllowedOnce { by: maria });
    assert_eq!(answer_by(&mut home, id, "paul", Role::Owner, Answer::Refuse), Err(ApprovalError::AlreadyAnswered));
}

#[test]
fn who_gets_no_answer_within_ten_minutes_asks_anew() {
    let mut home = evening();
    let id = ask(&mut home, LINE);
    assert_eq!(home.approvals.next_end(home.now.time()).unwrap().to_string(), "2026-11-27T21:10:00.000Z");
    home.advance(600);
    assert_eq!(answer_by(&mut home, id, "maria", Role::Adult, Answer::AllowOnce), Err(ApprovalError::Unknown));
    assert_eq!(home.approvals.expire(home.now.time())[0].id, id);
    assert_eq!(home.approvals.next_end(home.now.time()), None);
}

#[test]
fn an_approval_gives_no_pin_and_nothing_that_no_rule_is_about() {
    let mut home = evening();
    let policy = child_with_only(&[r#"{"id": "r", "who": {"role": "child"}, "allow": ["control"],
        "what": {"devices": ["door"]}, "pin": true, "approval": true}"#]);
    let line = "control door.locked = false";
    assert_eq!(home.said(&policy, line), "needs_approval needs_pin +ask +pin");
    let id = ask(&mut home, line);
    answer(&mut home, id, Answer::AllowOnce);
    assert_eq!(home.said(&policy, line), "needs_pin +pin");
    home.pin = true;
    assert_eq!(home.said(&policy, line), "yes: r");
    assert_eq!(home.said(&policy, "control door.locked = false via rule"), "needs_approval");
    let id = ask(&mut home, "control garage.position = 100");
    answer(&mut home, id, Answer::AllowForAnHour);
    assert_eq!(home.said(&policy, "control garage.position = 100"), "protected");
}

#[test]
fn one_endpoint_is_allowed_and_not_the_other() {
    let mut home = evening();
    let id = ask(&mut home, "control plug.on@1 = true");
    answer(&mut home, id, Answer::AllowForAnHour);
    for (endpoint, is_allowed) in [("@1", true), ("@2", false), ("", true)] {
        for value in [true, false] {
            let line = format!("control plug.on{endpoint} = {value}");
            assert_eq!(home.verdict(&child(), &line).allowed, is_allowed, "{line}");
        }
    }
    assert!(home.approvals.ask(asked("control plug.on@2 = true"), home.now.time()).unwrap().1);
}

#[test]
fn what_was_kept_without_an_endpoint_is_for_any() {
    let mut home = evening();
    let id = ask(&mut home, "control plug.on = true");
    answer(&mut home, id, Answer::AllowOnce);
    let kept = serde_json::to_string(&home.approvals).unwrap();
    assert!(!kept.contains("endpoint"), "{kept}");
    home.approvals = serde_json::from_str(&kept).unwrap();
    for line in ["control plug.on@1 = true", "control plug.on@2 = true"] {
        assert_eq!(home.verdict(&child(), line).approval, Some(id), "{line}");
    }
}

#[test]
fn a_group_reaches_no_endpoint_that_nobody_knows() {
    let mut home = evening();
    let id = ask(&mut home, "control plug.on@1 = true");
    answer(&mut home, id, Answer::AllowOnce);
    let group = DeviceId::new("group");
    let is_allowed = |at: Option<u16>, line: &str| {
        with_request(line, |request| {
            let Target::Device { device, attribute, value, .. } = request.target else { panic!("{line}") };
            let device = DeviceFacts { through: Some(Through { group: &group, endpoint: Some(1) }), ..device };
            let target = Target::Device { device, attribute, endpoint: at, value };
            can(&child(), &Request { target, ..*request }, &home.household()).allowed
        })
    };
    let of_member = [Some(1), Some(2), None].map(|at| is_allowed(at, "control plug.on = true"));
    assert_eq!(of_member, [true, false, false]);
}

#[test]
fn there_are_not_too_many() {
    let mut approvals = Approvals::default();
    let now = evening().now.time();
    let of = |person: usize, value: usize| Asked {
        person: format!("user-{person}").into(),
        ..asked(&format!("control lamp.brightness = {value}"))
    };
    for value in 0..APPROVALS_OF_ONE_MAX {
        approvals.ask(of(0, value), now).unwrap();
    }
    assert_eq!(approvals.ask(of(0, 100), now), Err(ApprovalError::TooMany));
    for count in APPROVALS_OF_ONE_MAX..APPROVALS_MAX {
        approvals.ask(of(count, 1), now).unwrap();
    }
    assert_eq!(approvals.ask(of(1_000, 1), now), Err(ApprovalError::TooMany));
}

#[test]
fn a_restart_keeps_them_and_a_clock_that_was_set_back_does_not() {
    let mut home = evening();
    let id = ask(&mut home, LINE);
    answer(&mut home, id, Answer::AllowForAnHour);
    let kept = serde_json::to_string(&home.approvals).unwrap();
    home.approvals = serde_json::from_str(&kept).unwrap();
    assert!(home.verdict(&child(), LINE).allowed);
    home.now.wall.time = home.now.wall.time.minus(std::time::Duration::from_secs(7_200));
    assert!(!home.verdict(&child(), LINE).allowed);
    assert_eq!(home.approvals.expire(home.now.time()).len(), 1);
}
