//! What readers see follows what happens, and costs only what changed.

use hub_model::household::Area;

use super::*;
use crate::{ById, Identified, Snapshot};

/// A rule of this id that switches what is in the hallway when the hall lamp is switched on.
fn rule(id: &str) -> Edit {
    let document = r#"{"name": "Follow",
        "triggers": [{"state": {"device": "bus:hall-lamp", "attribute": "on", "to": true}}],
        "actions": [{"delay": "1s"}, {"command": {"device": {"area": "hallway"}, "set": {"on": true}}}]}"#;
    Edit::Automation { id: Some(id.into()), document: document.into(), must_exist: None }
}

impl Bench {
    fn make(&mut self, edit: Edit) {
        let mut answer = self.edit(edit);
        self.kept(Ok(()));
        answer.try_recv().unwrap().unwrap();
    }
}

/// The findings of each rule, in words.
fn findings(snapshot: &Snapshot) -> Vec<String> {
    let all = snapshot.automations.iter().flat_map(|view| view.status.findings.iter());
    all.map(|finding| finding.message.to_string()).collect()
}

#[test]
fn a_rule_that_loses_its_area_says_so_at_once_and_no_longer_when_it_is_back() {
    let mut bench = Bench::with_lamp();
    let hallway = || Edit::Area(Area { id: "hallway".into(), name: "Hallway".into(), floor: None, position: None });
    let move_in = || Edit::Device { id: hall(), name: None, area: Some(Some("hallway".into())) };
    bench.make(hallway());
    bench.make(move_in());
    bench.make(rule("follow"));
    assert_eq!(findings(&bench.core.snapshot()), [""; 0]);
    bench.make(Edit::RemoveArea("hallway".into()));
    assert_eq!(findings(&bench.core.snapshot()), ["there is no area \"hallway\""]);
    bench.make(hallway());
    bench.make(move_in());
    assert_eq!(findings(&bench.core.snapshot()), [""; 0]);
}

/// The ids of what is another in `new` than in `old`.
fn changed<T: Identified>(old: &ById<T>, new: &ById<T>) -> Vec<String> {
    let is_other = |one: &&Arc<T>| old.get(one.id()).is_none_or(|before| !Arc::ptr_eq(before, one));
    new.iter().filter(is_other).map(|one| one.id().to_owned()).collect()
}

#[test]
fn only_what_changed_is_made_anew() {
    let mut bench = Bench::with_lamp();
    for number in 0..100 {
        bench.tell(DriverEvent::Device(Box::new(lamp(&driver(), &format!("lamp-{number}")))));
    }
    bench.make(Edit::Area(Area { id: "hallway".into(), name: "Hallway".into(), floor: None, position: None }));
    bench.make(rule("a"));
    bench.make(rule("b"));
    bench.make(Edit::EnableAutomation { id: "a".into(), enabled: hub_automation::document::Enabled::No });
    let mut before = bench.core.snapshot();
    let mut what_changed = |bench: &mut Bench| {
        let now = bench.core.snapshot();
        let before = std::mem::replace(&mut before, now.clone());
        (changed(&before.devices, &now.devices).join(" "), changed(&before.automations, &now.automations).join(" "))
    };
    bench.report("on", Value::Bool(true), Origin::Live);
    assert_eq!(what_changed(&mut bench), ("bus:hall-lamp".to_owned(), "b".to_owned()));
    assert_eq!(what_changed(&mut bench), (String::new(), String::new()));
    bench.pass(Duration::from_secs(2));
    assert_eq!(what_changed(&mut bench), (String::new(), "b".to_owned()), "it has run");
    bench.make(Edit::RemoveAutomation("b".into()));
    bench.tell(DriverEvent::DeviceRemoved(hall()));
    let now = bench.core.snapshot();
    assert_eq!((now.devices.len(), now.automations.len()), (100, 1));
    assert!(now.device(&hall()).is_none() && now.automations.get("b").is_none());
}
