//! What people are told about a request for permission, and what stands there once it is answered.

use hub_access::approval::{Answer, Approval};
use hub_model::notification::{Notification, RequestState};

use super::permissions::{home, lets, person, policy};
use super::*;

/// Ben asks to switch the lamp on.
fn asked(bench: &mut Bench) -> Approval {
    bench.edits("anna", policy(&lets(hall().as_str(), r#", "approval": true"#))).unwrap();
    let plea = crate::Plea { device: hall(), attribute: "on".into(), endpoint: None, value: Some(true.into()) };
    bench.core.plead(&bench.now, &person("ben"), &plea, &mut bench.out).unwrap()
}

fn told(bench: &mut Bench, who: &str) -> Vec<Arc<Notification>> {
    let all = &bench.core.snapshot().notifications;
    all.iter().filter(|told| told.recipient(&who.into()).is_some()).cloned().collect()
}

/// What somebody was told: whether they have read it, what became of the request, by whom, and the words.
fn stands(bench: &mut Bench, who: &str) -> Vec<(bool, RequestState, Option<String>, String)> {
    let shown = |told: &Arc<Notification>| {
        let note = told.request.clone().expect("it is about the request");
        assert_eq!((&*note.person_name, note.device, note.value), ("ben", Some(hall()), Some(true.into())));
        let is_read = told.recipient(&who.into()).unwrap().read_at.is_some();
        (is_read, note.state, note.by_name.map(|by| by.to_string()), told.message.to_string())
    };
    told(bench, who).iter().map(shown).collect()
}

const ASKS: &str = "ben would like to switch on hall lamp. Answer within ten minutes in the app.";
const ASKED: &str = "You asked to switch on hall lamp.";

#[test]
fn what_was_answered_is_read_and_says_what_became_of_it() {
    let mut bench = home();
    let asked = asked(&mut bench);
    assert_eq!(stands(&mut bench, "anna"), [(false, RequestState::Waiting, None, ASKS.to_owned())]);
    bench.out = Output::default();
    let (reply, _answer) = oneshot::channel();
    let answer = Some(Answer::AllowOnce);
    let answered = Request::AnswerPlea { cause: person("anna"), id: asked.id, answer, reply };
    bench.core.step(&bench.now, Input::Request(answered), &mut bench.out);
    let by = Some("anna".to_owned());
    assert_eq!(stands(&mut bench, "anna"), [(true, RequestState::AllowedOnce, by.clone(), ASKS.to_owned())]);
    assert_eq!(stands(&mut bench, "ben"), [(false, RequestState::AllowedOnce, by.clone(), ASKED.to_owned())]);
    let is_kept = bench.out.commits.iter().flat_map(|(_, changes)| changes).any(|change| {
        matches!(change, Change::Put(Record::Notification(told)) if told.recipient(&"anna".into()).is_some_and(|own| own.read_at.is_some()))
    });
    assert!(is_kept, "a restart still knows it: {:?}", bench.out.commits);
    let is_said = bench.out.events.iter().any(|event| {
        matches!(&event.kind, EventKind::Changed { what: hub_model::event::Resource::Messages, id } if id.as_deref() == Some("anna"))
    });
    assert!(is_said, "open pages read it anew: {:?}", bench.out.events);

    bench.core.take_back_plea(&bench.now, &person("anna"), asked.id, &mut bench.out).unwrap();
    assert_eq!(stands(&mut bench, "anna"), [(true, RequestState::TakenBack, by.clone(), ASKS.to_owned())]);
    assert_eq!(stands(&mut bench, "ben").last(), Some(&(false, RequestState::TakenBack, by, ASKED.to_owned())));
}

#[test]
fn what_nobody_answered_in_time_is_read_too() {
    let mut bench = home();
    asked(&mut bench);
    bench.now.wall.time = bench.now.time().plus(Duration::from_secs(601));
    bench.core.end_pleas(&bench.now, &mut bench.out);
    assert_eq!(stands(&mut bench, "anna"), [(true, RequestState::Unanswered, None, ASKS.to_owned())]);
    assert_eq!(stands(&mut bench, "ben"), [(false, RequestState::Unanswered, None, ASKED.to_owned())]);
}

#[test]
fn of_several_parts_the_one_that_is_meant_is_named() {
    let mut bench = home();
    let mut strip = lamp(&driver(), "strip");
    strip.endpoints[1].label = Some("left".into());
    let right = hub_model::device::Endpoint { number: 2, label: Some("right".into()), ..strip.endpoints[1].clone() };
    strip.endpoints.push(right);
    bench.tell(DriverEvent::Device(Box::new(strip)));
    bench.edits("anna", policy(&lets("bus:strip", r#", "approval": true"#))).unwrap();
    let plea = crate::Plea {
        device: "bus:strip".into(),
        attribute: "on".into(),
        endpoint: Some(2),
        value: Some(false.into()),
    };
    bench.core.plead(&bench.now, &person("ben"), &plea, &mut bench.out).unwrap();
    let heard = told(&mut bench, "anna");
    assert!(heard[0].message.starts_with("ben would like to switch off strip (right)."), "{}", heard[0].message);
    assert_eq!(heard[0].request.as_ref().unwrap().endpoint, Some(2));
}
