//! Ways round what somebody may not do, all of them closed.

use hub_automation::document::Enabled;
use hub_model::household::{Account, Area, Role};
use hub_model::{AccountId, Cause, Device};

use super::*;
use crate::scene_edits::{DraftState, SceneDraft};

/// A home with a lamp, a garage door that looks like a lamp but for what its maker says, and a group of both.
pub(super) fn home() -> Bench {
    let account = |id: &str, role| Account::new(id.into(), id, role, Timestamp(0));
    let area = |id: &str| Area { id: id.into(), name: id.into(), floor: None, position: None };
    let kept = Kept {
        accounts: vec![account("anna", Role::Owner), account("ben", Role::Child), account("ida", Role::Installer)],
        areas: vec![area("bens"), area("cellar")],
        permissions: Some(
            r#"{"rules": [
                {"id": "own", "who": {"person": "ben"}, "allow": ["see", "control"], "what": {"areas": ["bens"]}},
                {"id": "all", "who": {"person": "ben"}, "allow": ["see", "configure"]},
                {"id": "garage", "who": {"person": "ida"}, "allow": ["see", "configure"], "what": {"types": ["garage_door"]}}],
              "ready_made": [{"who": {"role": "child"}, "ready_made": false}]}"#
                .into(),
        ),
        ..Kept::default()
    };
    let mut bench = Bench::with_lamp_and(&kept);
    let garage = |device: Device| Device { description: Some("Garage door opener".into()), ..device };
    let mut shutter = lamp(&driver(), "shutter");
    shutter.endpoints[1].capabilities = vec![hub_model::Capability::Cover];
    let members = vec![hall(), "bus:garage".into()];
    let devices = [garage(lamp(&driver(), "garage")), shutter, Device { members, ..lamp(&driver(), "group") }];
    for device in devices {
        bench.tell(DriverEvent::Device(Box::new(device)));
    }
    bench.out = Output::default();
    bench
}

pub(super) fn person(id: &str) -> Cause {
    Cause::Person { account: AccountId::new(id), via: "api".into() }
}

impl Bench {
    fn does(&mut self, who: &str, device: &str) -> String {
        let request = CommandRequest {
            device: device.into(),
            endpoint: None,
            set: vec![("on".into(), Value::Bool(true))],
            transition_ms: None,
            ttl_ms: None,
        };
        match self.core.dispatch(&self.now, person(who), request, false, &mut self.out) {
            Ok(_) => "done".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    pub(super) fn edits(&mut self, who: &str, edit: Edit) -> Result<Edited, String> {
        let (reply, mut answer) = oneshot::channel();
        let request = Request::Edit { cause: person(who), edit, audit: None, reply };
        self.core.step(&self.now, Input::Request(request), &mut self.out);
        while !self.out.commits.is_empty() {
            self.kept(Ok(()));
        }
        self.out.answers.give();
        answer.try_recv().unwrap().map_err(|error| error.to_string())
    }
}

#[test]
fn a_group_does_to_its_members_what_one_may_do_to_each() {
    let mut bench = home();
    let outcome = bench.does("ida", "bus:group");
    assert!(outcome.contains("protected"), "{outcome}");
    assert_eq!(bench.does("ida", hall().as_str()), "done");
    assert_eq!(bench.does("anna", "bus:group"), "done");
}

#[test]
fn who_writes_a_scene_can_do_what_is_in_it() {
    let mut bench = home();
    let scene = |device: &str| Edit::Scene {
        id: Some("night".into()),
        scene: SceneDraft {
            name: "Night".into(),
            states: vec![DraftState {
                device: device.into(),
                endpoint: None,
                set: vec![("on".into(), Value::Bool(true))],
            }],
            transition_ms: None,
        },
        must_exist: None,
    };
    let refused = bench.edits("ida", scene("bus:garage")).unwrap_err();
    assert!(refused.contains("protected"), "{refused}");
    bench.edits("ida", scene(hall().as_str())).unwrap();
    bench.edits("anna", scene("bus:garage")).unwrap();
    // What an owner has put in stays in when somebody else saves the rest.
    bench.edits("ida", scene("bus:garage")).unwrap();
}

#[test]
fn who_switches_a_rule_has_not_written_it() {
    let mut bench = home();
    let document = r#"{"name": "R", "triggers": [{"start": {}}], "actions": [{"set_mode": "night"}]}"#;
    let rule = Edit::Automation { id: Some("r".into()), document: document.into(), must_exist: None };
    bench.edits("ida", rule).unwrap();
    for enabled in [Enabled::No, Enabled::Yes, Enabled::Shadow] {
        bench.edits("anna", Edit::EnableAutomation { id: "r".into(), enabled }).unwrap();
        assert_eq!(
            bench.core.automations[&hub_model::AutomationId::new("r")].author,
            AccountId::new("ida"),
            "{enabled:?}"
        );
    }
}

#[test]
fn another_room_or_name_is_no_way_to_more() {
    let mut bench = home();
    let device = |id: &str, name: Option<&str>, area: Option<&str>| Edit::Device {
        id: id.into(),
        name: name.map(Arc::from),
        area: area.map(|area| Some(area.into())),
    };
    // Ben controls what is in his own room.
    assert!(bench.edits("ben", device(hall().as_str(), None, Some("bens"))).is_err());
    bench.edits("ben", device(hall().as_str(), None, Some("cellar"))).unwrap();
    // A name makes it a garage door, which Ida may look after and not open, so she may not take that name from it.
    bench.edits("anna", device("bus:shutter", Some("Garage door"), None)).unwrap();
    let outcome = bench.does("ida", "bus:shutter");
    assert!(outcome.contains("protected"), "{outcome}");
    let renamed = bench.edits("ida", device("bus:shutter", Some("Shutter"), None));
    assert!(renamed.is_err(), "{renamed:?}");
    bench.edits("ida", device("bus:shutter", Some("Garage door 2"), None)).unwrap();
}

pub(super) fn policy(rules: &str) -> Edit {
    let text =
        format!(r#"{{"rules": [{rules}], "ready_made": [{{"who": {{"role": "child"}}, "ready_made": false}}]}}"#);
    Edit::Permissions(serde_json::from_str(&text).unwrap())
}

/// A rule that lets Ben control a device, with more of it.
pub(super) fn lets(device: &str, more: &str) -> String {
    format!(
        r#"{{"id": "{device}", "who": {{"person": "ben"}}, "allow": ["see", "control"], "what": {{"devices": ["{device}"]}}{more}}}"#
    )
}

#[test]
fn what_a_group_does_with_a_member_counts_for_the_member() {
    let mut bench = home();
    let free = ["bus:group", "bus:garage"].map(|device| lets(device, "")).join(",");
    let lamp = |more: &str| policy(&format!("{free},{}", lets(hall().as_str(), more)));
    bench.edits("anna", lamp(r#", "daily": {"minutes": 60}"#)).unwrap();
    assert_eq!(bench.does("ben", "bus:group"), "done");
    bench.report("on", Value::Bool(true), Origin::Live);
    let left = bench.core.allowances_end(&bench.now).unwrap().since(bench.now.mono);
    assert_eq!(left, Duration::from_secs(3_600));
    bench.report("on", Value::Bool(false), Origin::Live);
    assert_eq!(bench.core.allowances_end(&bench.now), None);

    bench.edits("anna", lamp(r#", "approval": true"#)).unwrap();
    let plea = crate::Plea { device: hall(), attribute: "on".into(), endpoint: None, value: Some(Value::Bool(true)) };
    let asked = bench.core.plead(&bench.now, &person("ben"), &plea, &mut bench.out).unwrap();
    let once = hub_access::approval::Answer::AllowOnce;
    bench.core.answer_plea(&bench.now, &person("anna"), asked.id, once, &mut bench.out).unwrap();
    assert_eq!(bench.does("ben", "bus:group"), "done");
    let again = bench.does("ben", "bus:group");
    assert!(again.contains("adult"), "once is once: {again}");
}

#[test]
fn what_an_adult_allows_for_a_group_they_allow_for_its_members() {
    let mut bench = home();
    let asks = ["bus:group", hall().as_str()].map(|device| lets(device, r#", "approval": true"#)).join(",");
    let garage = lets("bus:garage", "");
    bench.edits("anna", policy(&format!("{asks},{garage}"))).unwrap();
    let plea = |device: &str| crate::Plea {
        device: device.into(),
        attribute: "on".into(),
        endpoint: None,
        value: Some(true.into()),
    };
    let once = hub_access::approval::Answer::AllowOnce;
    let asked = bench.core.plead(&bench.now, &person("ben"), &plea("bus:group"), &mut bench.out).unwrap();
    // Ida may not open the garage door, which is in the group, so she cannot allow the group to others.
    let answered = bench.core.answer_plea(&bench.now, &person("ida"), asked.id, once, &mut bench.out);
    assert!(answered.is_err(), "{answered:?}");
    bench.core.answer_plea(&bench.now, &person("anna"), asked.id, once, &mut bench.out).unwrap();
    let alone = bench.does("ben", hall().as_str());
    assert!(alone.contains("adult"), "the group was allowed, not the lamp by itself: {alone}");
    assert_eq!(bench.does("ben", "bus:group"), "done");
    let again = bench.does("ben", "bus:group");
    assert!(again.contains("adult"), "once is once: {again}");
}

#[test]
fn a_clock_that_is_set_back_ends_what_was_asked_in_the_future() {
    let mut bench = home();
    bench.edits("anna", policy(&lets(hall().as_str(), r#", "approval": true"#))).unwrap();
    let plea =
        |value: bool| crate::Plea { device: hall(), attribute: "on".into(), endpoint: None, value: Some(value.into()) };
    let now = bench.now;
    bench.now.wall.time = bench.now.time().plus(Duration::from_secs(365 * 86_400));
    let asked = bench.core.plead(&bench.now, &person("ben"), &plea(true), &mut bench.out).unwrap();
    bench.now = now;
    assert_eq!(bench.core.pleas_end(&now), Some(now.mono), "there is one to be ended at once");
    let anew = bench.core.plead(&bench.now, &person("ben"), &plea(true), &mut bench.out).unwrap();
    assert_ne!(asked.id, anew.id);
    assert_eq!(bench.core.permissions.approvals().list().len(), 1);
}

#[test]
fn each_socket_of_a_strip_has_its_own_time() {
    let mut bench = home();
    let mut strip = lamp(&driver(), "strip");
    let second = hub_model::device::Endpoint { number: 2, ..strip.endpoints[1].clone() };
    strip.endpoints.push(second);
    bench.tell(DriverEvent::Device(Box::new(strip)));
    bench.edits("anna", policy(&lets("bus:strip", r#", "daily": {"minutes": 60}"#))).unwrap();
    let switch = |bench: &mut Bench, endpoint, on| {
        let readings = vec![Reading { endpoint, attribute: "on".into(), value: Value::Bool(on) }];
        let report =
            Report { device: "bus:strip".into(), readings, origin: Origin::Live, confirms: ConfirmedBy::Report };
        bench.tell(DriverEvent::Report(report));
    };
    let ben_switches_on = |bench: &mut Bench| {
        let request = CommandRequest {
            device: "bus:strip".into(),
            endpoint: Some(hub_model::device::EndpointSelector::Number(1)),
            set: vec![("on".into(), Value::Bool(true))],
            transition_ms: None,
            ttl_ms: None,
        };
        bench.core.dispatch(&bench.now, person("ben"), request, false, &mut bench.out).unwrap();
    };
    // The fridge is always on.
    switch(&mut bench, 2, true);
    ben_switches_on(&mut bench);
    switch(&mut bench, 1, true);
    bench.pass(Duration::from_secs(300));
    switch(&mut bench, 1, false);
    assert_eq!(bench.core.allowances_end(&bench.now), None, "the television is off");
    ben_switches_on(&mut bench);
    switch(&mut bench, 1, true);
    bench.out = Output::default();
    bench.pass(Duration::from_secs(55 * 60));
    let sent: Vec<_> = bench.out.sends.iter().map(|(_, request)| format!("{request:?}")).collect();
    assert!(sent.len() == 1 && sent[0].contains("endpoint: 1") && sent[0].contains("Bool(false)"), "{sent:?}");
}

#[test]
fn an_adult_allows_one_socket_of_a_strip() {
    let mut bench = home();
    let mut strip = lamp(&driver(), "strip");
    let second = hub_model::device::Endpoint { number: 2, ..strip.endpoints[1].clone() };
    strip.endpoints.push(second);
    bench.tell(DriverEvent::Device(Box::new(strip)));
    bench.edits("anna", policy(&lets("bus:strip", r#", "approval": true"#))).unwrap();
    let asks = |bench: &mut Bench, endpoint: Option<u16>| {
        let (device, attribute) = ("bus:strip".into(), "on".into());
        let plea = crate::Plea { device, attribute, endpoint, value: Some(true.into()) };
        bench.core.plead(&bench.now, &person("ben"), &plea, &mut bench.out).unwrap().id
    };
    // Who says no endpoint means the first.
    let asked = asks(&mut bench, None);
    assert_eq!(asks(&mut bench, Some(1)), asked);
    assert_ne!(asks(&mut bench, Some(2)), asked);
    let once = hub_access::approval::Answer::AllowOnce;
    bench.core.answer_plea(&bench.now, &person("anna"), asked, once, &mut bench.out).unwrap();
    let switches = |bench: &mut Bench, endpoint: u16| {
        let request = CommandRequest {
            device: "bus:strip".into(),
            endpoint: Some(hub_model::device::EndpointSelector::Number(endpoint)),
            set: vec![("on".into(), Value::Bool(true))],
            transition_ms: None,
            ttl_ms: None,
        };
        bench.core.dispatch(&bench.now, person("ben"), request, false, &mut bench.out).is_ok()
    };
    assert!(!switches(&mut bench, 2), "the other was not allowed");
    assert!(switches(&mut bench, 1));
    assert!(!switches(&mut bench, 1), "once is once");
}

#[test]
fn a_scene_that_wanted_a_pin_is_undone_as_a_whole() {
    let mut bench = home();
    let state = |device: &str| DraftState {
        device: device.into(),
        endpoint: None,
        set: vec![("on".into(), Value::Bool(true))],
    };
    let states = vec![state(hall().as_str()), state("bus:garage")];
    let scene = SceneDraft { name: "Film".into(), states, transition_ms: None };
    bench.edits("anna", Edit::Scene { id: Some("film".into()), scene, must_exist: None }).unwrap();
    let scenes = r#"{"id": "s", "who": {"person": "ben"}, "allow": ["control"], "what": {"parts": ["scenes"]}}"#;
    let rules = [lets(hall().as_str(), ""), lets("bus:garage", r#", "pin": true"#), scenes.to_owned()].join(",");
    bench.edits("anna", policy(&rules)).unwrap();
    for device in [hall(), "bus:garage".into()] {
        let readings = vec![Reading { endpoint: 1, attribute: "on".into(), value: Value::Bool(false) }];
        bench.tell(DriverEvent::Report(Report {
            device,
            readings,
            origin: Origin::Live,
            confirms: ConfirmedBy::Report,
        }));
    }
    let done = |bench: &mut Bench, pin| {
        let (reply, mut answer) = oneshot::channel();
        bench.core.scene_requested(&bench.now, person("ben"), &"film".into(), (None, pin), reply, &mut bench.out);
        while !bench.out.commits.is_empty() {
            bench.kept(Ok(()));
        }
        bench.out.answers.give();
        answer.try_recv().unwrap().unwrap().parts.iter().filter(|part| part.outcome.is_ok()).count()
    };
    assert_eq!(done(&mut bench, false), 1);
    assert_eq!(done(&mut bench, true), 2);
    bench.out = Output::default();
    let (reply, _answer) = oneshot::channel();
    bench.core.undo_requested(&bench.now, &person("anna"), &"film".into(), reply, &mut bench.out);
    assert_eq!(bench.out.sends.len(), 2);
}
