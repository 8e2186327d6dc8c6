//! What a rule of a greater priority sets is left out of a scene, down to what the driver is sent.

use super::*;

#[test]
fn a_scene_leaves_out_what_a_rule_of_a_greater_priority_sets() {
    let mut bench = Bench::with_lamp();
    bench.tell(DriverEvent::Device(Box::new(lamp(&driver(), "desk"))));
    let state = |device: &str, set: &[(&str, Value)]| crate::DraftState {
        device: device.into(),
        endpoint: None,
        set: set.iter().map(|(name, value)| ((*name).into(), value.clone())).collect(),
    };
    let scene = crate::SceneDraft {
        name: "Evening".into(),
        transition_ms: None,
        states: vec![
            state("bus:desk", &[("on", Value::Bool(true)), ("brightness", Value::Number(20.0))]),
            state("bus:hall-lamp", &[("brightness", Value::Number(10.0))]),
        ],
    };
    let rule = |id: &str, priority: i32, action: &str| Edit::Automation {
        id: None,
        document: format!(
            r#"{{"id":"{id}","name":"{id}","priority":{priority},"actions":[{action}],
                "triggers":[{{"state":{{"device":"bus:hall-lamp","attribute":"on","to":true}}}}]}}"#
        )
        .into(),
        must_exist: None,
    };
    for edit in [
        Edit::Scene { id: None, scene, must_exist: None },
        rule("a", 10, r#"{"command":{"device":"bus:desk","set":{"on":false}}}"#),
        rule("b", 0, r#"{"scene":"Evening"}"#),
    ] {
        bench.edit(edit);
        bench.kept(Ok(()));
    }
    bench.out = Output::default();
    bench.report("on", Value::Bool(true), Origin::Live);
    let sent = bench.out.sends.iter().filter_map(|(_, request)| match request {
        DriverRequest::Command(DriverCommand { device, settings, .. }) => Some((device, settings)),
        _ => None,
    });
    let sent = sent.flat_map(|(device, settings)| {
        settings.iter().map(move |set| format!("{device} {} {}", set.attribute, set.value))
    });
    assert_eq!(sent.collect::<Vec<_>>(), ["bus:desk on false", "bus:hall-lamp brightness 10"]);
}
