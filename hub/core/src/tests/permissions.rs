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
