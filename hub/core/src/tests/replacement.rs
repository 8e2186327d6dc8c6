//! A device takes the place of another, and of its rules and scenes nothing is lost unsaid.

use super::*;

const RULE: &str = r#"{"id":"dark","name":"Dark","triggers":[{"state":{"device":"bus:hall-lamp","attribute":"on","to":false}}],
    "actions":[{"command":{"device":"bus:hall-lamp","set":{"brightness":1}}}]}"#;

impl Bench {
    fn add_rule(&mut self, document: &str) -> Result<Edited, EditError> {
        self.done(Edit::Automation { id: None, document: document.into(), must_exist: None })
    }

    fn done(&mut self, edit: Edit) -> Result<Edited, EditError> {
        let mut answer = self.edit(edit);
        self.kept(Ok(()));
        answer.try_recv().unwrap()
    }

    fn replaced_by(&mut self, new: &str) -> Result<Edited, EditError> {
        self.done(Edit::ReplaceDevice { old: hall(), new: DeviceId::new(new) })
    }
}

#[test]
fn a_device_that_cannot_do_what_the_old_one_is_used_for_is_refused_in_words() {
    let mut bench = Bench::with_lamp();
    bench.add_rule(RULE).unwrap();
    let scene = crate::SceneDraft {
        name: "Evening".into(),
        transition_ms: None,
        states: vec![crate::DraftState {
            device: "bus:hall-lamp".into(),
            endpoint: None,
            set: vec![("brightness".into(), Value::Number(20.0))],
        }],
    };
    bench.done(Edit::Scene { id: None, scene, must_exist: None }).unwrap();
    let mut plain = lamp(&driver(), "plain-lamp");
    plain.endpoints[1].attributes.retain(|schema| schema.name.as_str() == "on");
    bench.tell(DriverEvent::Device(Box::new(plain)));
    bench.tell(DriverEvent::Device(Box::new(lamp(&driver(), "new-lamp"))));
    let refused = bench.replaced_by("bus:plain-lamp").unwrap_err();
    assert!(matches!(refused, EditError::Invalid(_)), "{refused:?}");
    assert_eq!(
        refused.to_string(),
        "bus:plain-lamp cannot do all that bus:hall-lamp is used for; change these first: \
         rule dark, actions[0].command.set.brightness: \"hall lamp\" has no attribute \"brightness\"; \
         scene evening, states[0].set.brightness: bus:plain-lamp has no attribute brightness"
    );
    assert!(bench.core.table.view(&hall()).is_some(), "nothing was changed");
    bench.replaced_by("bus:new-lamp").unwrap();
    let status = bench.core.engine.status(&"dark".into()).unwrap();
    assert_eq!(status.findings, []);
}

#[test]
fn what_did_not_work_before_keeps_nobody_from_replacing_a_device() {
    let mut bench = Bench::with_lamp();
    bench.tell(DriverEvent::Device(Box::new(lamp(&driver(), "other-lamp"))));
    bench.tell(DriverEvent::Device(Box::new(lamp(&driver(), "new-lamp"))));
    bench
        .add_rule(
            &RULE.replace("\"actions\":[", r#""actions":[{"command":{"device":"bus:other-lamp","set":{"on":true}}},"#),
        )
        .unwrap();
    bench.done(Edit::RemoveDevice { id: "bus:other-lamp".into(), force: false }).unwrap();
    bench.replaced_by("bus:new-lamp").unwrap();
    let status = bench.core.engine.status(&"dark".into()).unwrap();
    assert_eq!(status.findings.len(), 1, "{:?}", status.findings);
    assert!(bench.core.automations[&hub_model::AutomationId::from("dark")].document.contains("bus:new-lamp"));
}

#[test]
fn a_rule_under_an_id_that_no_rule_can_have_is_refused() {
    let mut bench = Bench::with_lamp();
    for id in ["Hallway-Light", "", "hallway light"] {
        let edit = Edit::Automation { id: Some(id.into()), document: RULE.into(), must_exist: None };
        let refused = bench.done(edit).unwrap_err();
        let EditError::Rule(findings) = refused else { panic!("{refused:?}") };
        assert_eq!(findings[0].to_string(), format!("id: {id:?} is no id; use small letters, digits, - and _"));
        assert!(bench.core.automations.is_empty());
    }
}
