//! Rules read and tell what their author sees, and nothing else.

use hub_model::AutomationId;

use super::permissions::{home, person};
use super::*;
use crate::permissions::of_part;

const RULES: &str =
    r#"{"id": "rules", "who": {"person": "ben"}, "allow": ["see", "configure"], "what": {"parts": ["rules"]}}"#;

fn policy(more: &str) -> Edit {
    let text = format!(
        r#"{{"rules": [{{"id": "own", "who": {{"person": "ben"}}, "allow": ["see", "control"],
                "what": {{"devices": ["bus:hall-lamp"]}}}}, {RULES}{more}],
            "ready_made": [{{"who": {{"role": "child"}}, "ready_made": false}}]}}"#
    );
    Edit::Permissions(serde_json::from_str(&text).unwrap())
}

fn rule(document: &str) -> Edit {
    Edit::Automation { id: Some("r".into()), document: document.into(), must_exist: None }
}

impl Bench {
    /// What is wrong with a rule that somebody writes; empty = nothing.
    fn writes(&mut self, who: &str, document: &str) -> String {
        let (reply, mut answer) = oneshot::channel();
        let request = Request::Edit { cause: person(who), edit: rule(document), audit: None, reply };
        self.core.step(&self.now, Input::Request(request), &mut self.out);
        while !self.out.commits.is_empty() {
            self.kept(Ok(()));
        }
        self.out.answers.give();
        match answer.try_recv().unwrap() {
            Ok(_) => String::new(),
            Err(EditError::Rule(findings)) => {
                findings.iter().map(|finding| finding.message.to_string()).collect::<Vec<_>>().join("; ")
            }
            Err(other) => other.to_string(),
        }
    }

    fn blind(&self) -> Vec<&'static str> {
        let status = self.core.engine.status(&AutomationId::new("r")).unwrap();
        status.findings.iter().map(|finding| finding.code).collect()
    }

    fn alerts(&self) -> Vec<&str> {
        self.core.alerts.iter().map(|alert| &*alert.code).collect()
    }

    fn heard(&self) -> Vec<&str> {
        self.core.table.household.notifications.iter().map(|told| &*told.message).collect()
    }

    fn reports(&mut self, device: &str, on: bool) {
        let readings = vec![Reading { endpoint: 1, attribute: "on".into(), value: Value::Bool(on) }];
        let report = Report { device: device.into(), readings, origin: Origin::Live, confirms: ConfirmedBy::Report };
        self.tell(DriverEvent::Report(report));
    }
}

/// Every place of a rule that reads, with a device in it.
const READERS: [&str; 10] = [
    r#"{"name": "R", "triggers": [{"state": {"device": "DEVICE", "attribute": "on", "to": true}}], "actions": [{"stop": "x"}]}"#,
    r#"{"name": "R", "triggers": [{"availability": {"device": "DEVICE", "to": "offline"}}], "actions": [{"stop": "x"}]}"#,
    r#"{"name": "R", "triggers": [{"start": {}}], "conditions": [{"state": {"device": "DEVICE", "attribute": "on", "is": true}}], "actions": [{"stop": "x"}]}"#,
    r#"{"name": "R", "triggers": [{"start": {}}], "conditions": [{"not": [{"availability": {"device": "DEVICE", "is": "online"}}]}], "actions": [{"stop": "x"}]}"#,
    r#"{"name": "R", "triggers": [{"start": {}}], "conditions": ["state('DEVICE', 'on')"], "actions": [{"stop": "x"}]}"#,
    r#"{"name": "R", "triggers": [{"start": {}}], "actions": [{"notify": {"to": "everyone", "message": "It is {{ state('DEVICE', 'on') }}."}}]}"#,
    r#"{"name": "R", "triggers": [{"start": {}}], "actions": [{"wait_for": {"state": {"device": "DEVICE", "attribute": "on", "to": true}}}]}"#,
    r#"{"name": "R", "triggers": [{"start": {}}], "actions": [{"stop": "{{ state('DEVICE', 'on') }}"}]}"#,
    r#"{"name": "R", "triggers": [{"start": {}}], "actions": [{"command": {"device": "bus:hall-lamp", "set": {"brightness": "{{ state('DEVICE', 'brightness') }}"}}}]}"#,
    r#"{"name": "R", "variables": {"it": "{{ state('DEVICE', 'on') }}"}, "triggers": [{"start": {}}], "actions": [{"stop": "{{ vars.it }}"}]}"#,
];

#[test]
fn a_rule_names_what_its_author_sees() {
    let mut bench = home();
    bench.edits("anna", policy("")).unwrap();
    for reader in READERS {
        let hidden = bench.writes("ben", &reader.replace("DEVICE", "bus:garage"));
        assert!(hidden.contains("there is no device \"bus:garage\""), "{hidden} {reader}");
        // Nor does it hint at what is not seen.
        let nearly = bench.writes("ben", &reader.replace("DEVICE", "bus:garag"));
        assert!(nearly.contains("\"bus:garag\"") && !nearly.contains("bus:garage\""), "{nearly} {reader}");
        assert_eq!(bench.writes("ben", &reader.replace("DEVICE", "bus:hall-lamp")), "", "{reader}");
        assert_eq!(bench.writes("anna", &reader.replace("DEVICE", "bus:garage")), "", "{reader}");
    }
}

#[test]
fn attributes_and_people_are_seen_one_by_one() {
    let mut bench = home();
    bench.edits("anna", policy("")).unwrap();
    let only = r#"{"id": "own", "who": {"person": "ben"}, "allow": ["see"], "what": {"capabilities": ["brightness"]}}"#;
    let text = format!(
        r#"{{"rules": [{only}, {RULES}], "ready_made": [{{"who": {{"role": "child"}}, "ready_made": false}}]}}"#
    );
    bench.edits("anna", Edit::Permissions(serde_json::from_str(&text).unwrap())).unwrap();
    let refused = bench.writes("ben", &READERS[0].replace("DEVICE", "bus:hall-lamp"));
    assert!(refused.contains("has no attribute \"on\""), "{refused}");
    let presence = |who: &str| {
        format!(
            r#"{{"name": "R", "triggers": [{{"presence": {{{who}, "to": "home"}}}}], "actions": [{{"stop": "x"}}]}}"#
        )
    };
    for hidden in [r#""person": "anna""#, r#""anyone": true"#, r#""everyone": true"#] {
        let refused = bench.writes("ben", &presence(hidden));
        assert!(!refused.is_empty() && !refused.contains("ida"), "{hidden}: {refused}");
        assert_eq!(bench.writes("anna", &presence(hidden)), "", "{hidden}");
    }
    assert_eq!(bench.writes("ben", &presence(r#""person": "ben""#)), "");
}

/// What is seen at some times only is not read at all.
#[test]
fn a_window_is_not_for_rules() {
    let mut bench = home();
    let by_day = r#", {"id": "day", "who": {"person": "ben"}, "allow": ["see"], "what": {"devices": ["bus:garage"]},
        "when": {"from": "00:00", "to": "23:59"}}"#;
    bench.edits("anna", policy(by_day)).unwrap();
    let refused = bench.writes("ben", &READERS[0].replace("DEVICE", "bus:garage"));
    assert!(refused.contains("there is no device"), "{refused}");
}

const TELLS: &str = r#"{"name": "R", "triggers": [{"state": {"device": "bus:garage", "attribute": "on", "to": true}},
        {"state": {"device": "bus:hall-lamp", "attribute": "on", "to": true}}],
    "actions": [{"notify": {"to": "everyone", "message": "Garage: {{ state('bus:gar' ~ 'age', 'on') }}"}}]}"#;

#[test]
fn who_may_see_less_than_before_has_rules_that_read_less() {
    let mut bench = home();
    let garage =
        r#", {"id": "garage", "who": {"person": "ben"}, "allow": ["see"], "what": {"devices": ["bus:garage"]}}"#;
    bench.edits("anna", policy(garage)).unwrap();
    assert_eq!(bench.writes("ben", TELLS), "");
    bench.reports("bus:garage", true);
    assert_eq!(bench.heard(), ["Garage: true"]);
    assert_eq!(bench.alerts(), Vec::<&str>::new());

    bench.edits("anna", policy("")).unwrap();
    assert_eq!(bench.blind(), ["not_seen"]);
    assert_eq!(bench.alerts(), ["rule_not_seen:r"]);
    bench.reports("bus:garage", false);
    bench.reports("bus:garage", true);
    assert_eq!(bench.heard().len(), 1, "{:?}", bench.heard());
    // What it still sees sets it off; a name that is made up on the way leads nowhere either.
    bench.reports(hall().as_str(), true);
    assert!(!bench.heard().iter().skip(1).any(|told| told.contains("true")), "{:?}", bench.heard());

    bench.edits("anna", policy(garage)).unwrap();
    assert_eq!(bench.blind(), Vec::<&str>::new());
    assert_eq!(bench.alerts(), Vec::<&str>::new());
    bench.reports("bus:garage", false);
    bench.reports("bus:garage", true);
    assert_eq!(*bench.heard().last().unwrap(), "Garage: true");
}

#[test]
fn another_role_is_looked_at_too() {
    let mut bench = home();
    bench.edits("anna", policy("")).unwrap();
    assert_eq!(bench.writes("ida", &READERS[0].replace("DEVICE", hall().as_str())), "");
    assert_eq!(bench.blind(), Vec::<&str>::new());
    let account =
        hub_model::household::Account::new("ida".into(), "ida", hub_model::household::Role::Guest, Timestamp(0));
    let (reply, _answer) = oneshot::channel();
    let changes = vec![Change::Put(Record::Account(account))];
    let off = r#"{"rules": [], "ready_made": [{"who": {"role": "guest"}, "ready_made": false}]}"#;
    bench.edits("anna", Edit::Permissions(serde_json::from_str(off).unwrap())).unwrap();
    assert_eq!(bench.blind(), Vec::<&str>::new());
    bench.core.step(&bench.now, Input::Request(Request::Keep { changes, reply }), &mut bench.out);
    bench.kept(Ok(()));
    assert_eq!(bench.blind(), ["not_seen"]);
}

/// The end of an installer's week darkens no home.
#[test]
fn rules_of_an_account_that_ended_go_on() {
    let mut bench = home();
    let ended = hub_model::household::Account {
        expires_at: Some(bench.now.time().minus(Duration::from_secs(1))),
        ..hub_model::household::Account::new("ida".into(), "ida", hub_model::household::Role::Installer, Timestamp(0))
    };
    assert_eq!(bench.writes("ida", &READERS[0].replace("DEVICE", hall().as_str())), "");
    let (reply, _answer) = oneshot::channel();
    let changes = vec![Change::Put(Record::Account(ended))];
    bench.core.step(&bench.now, Input::Request(Request::Keep { changes, reply }), &mut bench.out);
    bench.kept(Ok(()));
    assert_eq!(bench.blind(), Vec::<&str>::new());
}

#[test]
fn a_rule_that_is_gone_wants_nothing_more() {
    let mut bench = home();
    let cause = Cause::Rule { automation: "gone".into(), run: "run".into(), depth: 0, parent: None };
    let request = CommandRequest {
        device: "bus:garage".into(),
        endpoint: None,
        set: vec![("on".into(), Value::Bool(true))],
        transition_ms: None,
        ttl_ms: None,
    };
    let refused = bench.core.dispatch(&bench.now, cause, request, false, &mut bench.out).unwrap_err().to_string();
    assert!(refused.contains("gone"), "{refused}");
}

fn scene(device: &str) -> Edit {
    Edit::Scene {
        id: Some("night".into()),
        scene: crate::scene_edits::SceneDraft {
            name: "Night".into(),
            states: vec![crate::scene_edits::DraftState {
                device: device.into(),
                endpoint: None,
                set: vec![("on".into(), Value::Bool(true))],
            }],
            transition_ms: None,
        },
        must_exist: None,
    }
}

#[test]
fn a_rule_activates_scenes_if_its_author_may() {
    let mut bench = home();
    let activates = |id: &str| {
        format!(
            r#"{{"name": "R", "triggers": [{{"state": {{"device": "bus:hall-lamp", "attribute": "brightness"}}}}], "actions": [{{"scene": "{id}"}}]}}"#
        )
    };
    bench.edits("anna", scene(hall().as_str())).unwrap();
    let sees = r#", {"id": "scenes", "who": {"person": "ben"}, "allow": ["see"], "what": {"parts": ["scenes"]}}"#;
    bench.edits("anna", policy(sees)).unwrap();
    assert_eq!(bench.writes("ben", &activates("night")), "");
    bench.out = Output::default();
    bench.report("brightness", Value::number(50.0), Origin::Live);
    assert_eq!(bench.out.sends.len(), 0);
    let may = sees.replace(r#"["see"]"#, r#"["see", "control"]"#);
    bench.edits("anna", policy(&may)).unwrap();
    bench.report("brightness", Value::number(60.0), Origin::Live);
    assert_eq!(bench.out.sends.len(), 1);
}

#[test]
fn hints_of_scenes_name_what_is_seen() {
    let mut bench = home();
    let scenes = r#", {"id": "scenes", "who": {"person": "ben"}, "allow": ["see", "control", "configure"],
        "what": {"parts": ["scenes"]}}"#;
    bench.edits("anna", policy(scenes)).unwrap();
    let says = |bench: &mut Bench, edit: Edit| {
        let (reply, mut answer) = oneshot::channel();
        let request = Request::Edit { cause: person("ben"), edit, audit: None, reply };
        bench.core.step(&bench.now, Input::Request(request), &mut bench.out);
        bench.out.answers.give();
        format!("{:?}", answer.try_recv().unwrap().unwrap_err())
    };
    for name in ["bus:garag", "bus:garage", "Garage"] {
        let capture = Edit::CaptureScene { name: "Now".into(), devices: vec![name.into()], attributes: None };
        for edit in [scene(name), capture] {
            let said = says(&mut bench, edit);
            assert!(said.contains("there is no device") && !said.contains("did you mean"), "{name}: {said}");
        }
    }
}

#[test]
fn who_may_not_undo_leaves_it_to_who_may() {
    let mut bench = home();
    bench.edits("anna", scene("bus:garage")).unwrap();
    bench.reports("bus:garage", false);
    let scenes = r#", {"id": "scenes", "who": {"person": "ben"}, "allow": ["control"], "what": {"parts": ["scenes"]}}"#;
    bench.edits("anna", policy(scenes)).unwrap();
    let (reply, _answer) = oneshot::channel();
    bench.core.scene_requested(&bench.now, person("anna"), &"night".into(), (None, false), reply, &mut bench.out);
    let mut undo = |who: &str| {
        let (reply, mut answer) = oneshot::channel();
        bench.core.undo_requested(&bench.now, &person(who), &"night".into(), reply, &mut bench.out);
        while !bench.out.commits.is_empty() {
            bench.kept(Ok(()));
        }
        bench.out.answers.give();
        answer.try_recv().unwrap().map(|done| done.parts.iter().all(|part| part.outcome.is_ok()))
    };
    assert!(matches!(undo("ben"), Ok(false)));
    assert!(matches!(undo("anna"), Ok(true)));
    assert!(undo("anna").is_err());
}

#[test]
fn nobody_whose_account_is_over_is_an_adult_at_home() {
    let mut bench = home();
    let homely = r#", {"id": "homely", "who": {"person": "ben"}, "allow": ["see"], "what": {"parts": ["alerts"]},
        "only_while_home": ["adult"]}"#;
    bench.edits("anna", policy(homely)).unwrap();
    let guest = |ends: Option<Timestamp>| hub_model::household::Account {
        expires_at: ends,
        ..hub_model::household::Account::new("eve".into(), "eve", hub_model::household::Role::Adult, Timestamp(0))
    };
    let ends = bench.now.time().plus(Duration::from_secs(60));
    let (reply, _answer) = oneshot::channel();
    let changes = vec![Change::Put(Record::Account(guest(Some(ends))))];
    bench.core.step(&bench.now, Input::Request(Request::Keep { changes, reply }), &mut bench.out);
    bench.kept(Ok(()));
    bench.edits("eve", Edit::Presence { person: "eve".into(), place: "home".into() }).unwrap();
    let may = |bench: &Bench| {
        let request = of_part(hub_access::Action::See, hub_access::Part::Alerts, hub_access::Via::Lan);
        bench.core.permissions.verdict(&"ben".into(), &request, &bench.now, false).allowed
    };
    assert!(may(&bench));
    bench.pass(Duration::from_secs(61));
    assert!(!may(&bench));
}

#[test]
fn a_rule_that_tells_nobody_says_so() {
    let mut bench = home();
    let ended = hub_model::household::Account {
        expires_at: Some(bench.now.time().plus(Duration::from_secs(60))),
        ..hub_model::household::Account::new("eve".into(), "eve", hub_model::household::Role::Guest, Timestamp(0))
    };
    let (reply, _answer) = oneshot::channel();
    let changes = vec![Change::Put(Record::Account(ended))];
    bench.core.step(&bench.now, Input::Request(Request::Keep { changes, reply }), &mut bench.out);
    bench.kept(Ok(()));
    let tells = r#"{"name": "R", "triggers": [{"state": {"device": "bus:hall-lamp", "attribute": "on"}}],
        "actions": [{"notify": {"to": "eve", "message": "Hello"}}]}"#;
    assert_eq!(bench.writes("anna", tells), "");
    let failed = |bench: &mut Bench| {
        let events = std::mem::take(&mut bench.out.events);
        let failures = events.iter().filter_map(|event| match &event.kind {
            EventKind::AutomationRun { detail, .. } => {
                detail.clone().filter(|detail| detail.contains("nobody was told"))
            }
            _ => None,
        });
        failures.count()
    };
    bench.reports(hall().as_str(), true);
    assert_eq!((failed(&mut bench), bench.heard().len()), (0, 1));
    bench.pass(Duration::from_secs(61));
    bench.reports(hall().as_str(), false);
    assert_eq!((failed(&mut bench), bench.heard().len()), (1, 1));
}

/// A rule reads what its author sees, and is explained by that.
#[test]
fn why_a_rule_did_not_act_is_told_by_what_its_author_sees() {
    let mut bench = home();
    bench.edits("anna", policy("")).unwrap();
    let document = r#"{"name": "R", "triggers": [{"state": {"device": "bus:hall-lamp", "attribute": "on", "to": true}}],
        "conditions": [{"if": "state('bus:gar' ~ 'age', 'on')"}], "actions": [{"stop": "x"}]}"#;
    bench.reports("bus:garage", true);
    let holds = |bench: &mut Bench| {
        let snapshot = bench.core.snapshot();
        let rule = Arc::clone(snapshot.automations.get("r").unwrap());
        let archive = crate::testing::MemoryArchive(crate::testing::MemoryJournal::default());
        let sources = crate::why::Sources {
            snapshot: &snapshot,
            archive: &archive,
            commands: &[],
            now: bench.now.time(),
            person: &|_| None,
            eyes: None,
        };
        crate::why::why_not(&sources, &rule, None).unwrap().explanation.conditions[0].holds
    };
    assert_eq!(bench.writes("ben", document), "");
    assert_eq!(holds(&mut bench), Some(false));
    assert_eq!(bench.writes("anna", document), "");
    assert_eq!(holds(&mut bench), Some(true));
}
