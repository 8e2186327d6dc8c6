//! Scenes, people, the home's mode, notifications, webhooks.

mod presence;

use hub_model::household::{Account, Home, Location, Presence, Role};
use hub_model::record::{RecordKey, SceneRecord};
use hub_model::{Access, AccountId, AttributeSchema, Kind};

use super::*;
use crate::scene_edits::{DraftState, SceneDraft};
use crate::scenes::{Activation, SceneError};

fn anna() -> AccountId {
    AccountId::new("user-a")
}

fn person() -> Cause {
    Cause::Person { account: anna(), via: "api".into() }
}

fn account(id: &str, name: &str) -> Account {
    Account::new(id.into(), name, Role::Adult, Timestamp(0))
}

/// A lamp with colours, and a home in which Anna and Ben live.
fn furnished() -> Bench {
    let accounts = vec![account("user-a", "Anna"), account("user-b", "Ben")];
    let mut bench = Bench::new(&Kept { accounts, ..Kept::default() });
    bench.tell(DriverEvent::Status(DriverStatus { state: DriverState::Online, detail: "".into() }));
    for address in ["hall-lamp", "desk"] {
        let mut device = lamp(&driver(), address);
        device.endpoints[1].attributes.extend([
            AttributeSchema::new("color_temperature", Kind::Number, Access::ALL).unit("K").range(2_000.0, 6_500.0),
            AttributeSchema::new("color", Kind::Color, Access::ALL),
            AttributeSchema::new("color_mode", Kind::Enum, Access::READ_NOTIFY).values(["color", "color_temperature"]),
            AttributeSchema::new("effect", Kind::Enum, Access::WRITE).values(["blink"]),
        ]);
        bench.tell(DriverEvent::Device(Box::new(device)));
    }
    bench.out = Output::default();
    bench
}

fn set(device: &str, settings: &[(&str, Value)]) -> DraftState {
    let set = settings.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    DraftState { device: device.into(), endpoint: None, set }
}

fn draft(name: &str, states: Vec<DraftState>) -> SceneDraft {
    SceneDraft { name: name.into(), transition_ms: None, states }
}

fn new_scene(scene: SceneDraft) -> Edit {
    Edit::Scene { id: None, scene, must_exist: Some(false) }
}

fn said(error: &EditError) -> String {
    match error {
        EditError::Scene(findings) => {
            findings.iter().map(|finding| format!("{} {finding}", finding.code)).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

impl Bench {
    /// Makes an edit and keeps it; what came of it, in words.
    fn edited(&mut self, edit: Edit) -> Result<Edited, String> {
        let mut answer = self.edit(edit);
        while !self.out.commits.is_empty() {
            self.kept(Ok(()));
        }
        answer.try_recv().unwrap().map_err(|error| said(&error))
    }

    fn scene(&mut self, edit: Edit) -> SceneRecord {
        match self.edited(edit) {
            Ok(Edited::Scene(record)) => record,
            other => panic!("{other:?}"),
        }
    }

    fn ask(&mut self, ask: Request) {
        self.core.step(&self.now, Input::Request(ask), &mut self.out);
        self.kept(Ok(()));
    }

    fn activate(&mut self, id: &str) -> Result<Activation, SceneError> {
        let (reply, mut answer) = oneshot::channel();
        self.ask(Request::ActivateScene { cause: person(), scene: id.into(), transition_ms: None, pin: false, reply });
        answer.try_recv().unwrap()
    }

    fn undo(&mut self, id: &str) -> Result<Activation, SceneError> {
        let (reply, mut answer) = oneshot::channel();
        self.ask(Request::UndoScene { cause: person(), scene: id.into(), reply });
        answer.try_recv().unwrap()
    }

    fn rule(&mut self, trigger: &str, action: &str) {
        let document = format!(r#"{{"id":"r","name":"R","triggers":[{trigger}],"actions":[{action}]}}"#);
        self.edited(Edit::Automation { id: None, document: document.into(), must_exist: None }).unwrap();
        self.out = Output::default();
    }

    /// What drivers were told to set since the last call.
    fn sent(&mut self) -> Vec<String> {
        let sends = std::mem::take(&mut self.out.sends);
        let line = |request: DriverRequest| match request {
            DriverRequest::Command(command) => {
                let settings: Vec<String> =
                    command.settings.iter().map(|set| format!("{}={}", set.attribute, set.value)).collect();
                format!("{} {}", command.device.native_address(), settings.join(" "))
            }
            other => format!("{other:?}"),
        };
        sends.into_iter().map(|(_, request)| line(request)).collect()
    }

    /// The same, and the devices do it.
    fn carried_out(&mut self) -> Vec<String> {
        let requests: Vec<DriverRequest> = self.out.sends.iter().map(|(_, request)| request.clone()).collect();
        let lines = self.sent();
        for request in requests {
            let DriverRequest::Command(command) = request else { continue };
            let progress = CommandProgress { command: command.id, attribute: None, stage: CommandStage::Sent };
            self.tell(DriverEvent::Command(progress));
            for setting in command.settings {
                let attribute = setting.attribute.as_str();
                self.report_of(&command.device, attribute, setting.value);
                if attribute.starts_with("color") {
                    self.report_of(&command.device, "color_mode", attribute.into());
                }
            }
        }
        self.out.sends.clear();
        lines
    }

    fn report_of(&mut self, device: &DeviceId, attribute: &str, value: Value) {
        let readings = vec![Reading { endpoint: 1, attribute: attribute.into(), value }];
        let report = Report { device: device.clone(), readings, origin: Origin::Live, confirms: ConfirmedBy::Report };
        self.tell(DriverEvent::Report(report));
    }

    /// What is said of runs, modes, people and notifications since the last call, each with its cause.
    fn news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.out.events)
            .iter()
            .filter_map(|event| {
                let what = match &event.kind {
                    EventKind::AutomationRun { phase, detail, .. } => {
                        format!("{phase} {}", detail.as_deref().unwrap_or(""))
                    }
                    EventKind::ModeChanged { from, to } => format!("mode {from} → {to}"),
                    EventKind::PresenceChanged { person, from, to } => {
                        format!("{person} {} → {to}", from.as_deref().unwrap_or("?"))
                    }
                    EventKind::Notification(told) => {
                        let to: Vec<&str> = told.to.iter().map(|recipient| recipient.account.as_str()).collect();
                        format!("told {}: {}", to.join(","), told.message)
                    }
                    EventKind::Webhook { body, .. } => format!("webhook {body}"),
                    _ => return None,
                };
                let cause = match &event.cause {
                    Cause::Rule { automation, depth, .. } => format!("rule {automation} {depth}"),
                    Cause::Person { account, .. } => account.to_string(),
                    other => format!("{other:?}"),
                };
                Some(format!("{} [{cause}]", what.trim()))
            })
            .collect()
    }

    fn findings(&mut self) -> Vec<String> {
        let snapshot = self.core.snapshot();
        snapshot.automations.iter().flat_map(|view| &view.status.findings).map(ToString::to_string).collect()
    }
}

const MOTION: &str = r#"{"state":{"device":"bus:hall-lamp","attribute":"on","to":true}}"#;

#[test]
fn a_scene_is_checked_against_the_home_and_errors_name_the_place() {
    let mut bench = furnished();
    let wrong = vec![
        set("Desc", &[("on", Value::Bool(true))]),
        set("bus:desk", &[("brightness", Value::Number(140.0)), ("volume", Value::Number(1.0))]),
        set("bus:desk", &[("link_quality", Value::Number(1.0)), ("on", Value::Bool(true))]),
        set("DESK", &[("on", Value::Bool(false))]),
        set("hall lamp", &[]),
    ];
    let refused = bench.edited(new_scene(draft("Film", wrong))).unwrap_err();
    expect_test::expect![[r#"
        unknown_name states[0].device: there is no device "Desc"; did you mean "desk"?
        bad_value states[1].set.brightness: brightness cannot be 140: give 0 to 100 %
        unknown_name states[1].set.volume: bus:desk has no attribute volume
        bad_value states[2].set.link_quality: link_quality of bus:desk can only be read; leave it out
        bad_value states[3].set.on: on of bus:desk is set twice; leave one out
        missing states[4].set: set 1 to 64 attributes"#]]
    .assert_eq(&refused);
    assert!(bench.core.snapshot().scenes.is_empty());
    assert_eq!(
        bench.edited(new_scene(draft("Film", Vec::new()))).unwrap_err(),
        "missing states: give at least one state"
    );
}

#[test]
fn scenes_have_names_and_ids_of_their_own() {
    let mut bench = furnished();
    let on = || vec![set("desk", &[("on", Value::Bool(true))])];
    let first = bench.scene(new_scene(draft("Fernseh-Abend", on())));
    assert_eq!((first.scene.id.as_str(), first.revision), ("fernseh-abend", 1));
    assert_eq!((first.scene.states[0].device.as_str(), first.scene.states[0].endpoint), ("bus:desk", Some(1)));
    let taken = bench.edited(new_scene(draft("FERNSEH-abend", on()))).unwrap_err();
    assert_eq!(taken, "there is already a scene of the name \"FERNSEH-abend\"");
    assert_eq!(bench.scene(new_scene(draft("Fernseh Abend", on()))).scene.id.as_str(), "fernseh-abend-2");
    assert_eq!(bench.scene(new_scene(draft("寝室", on()))).scene.id.as_str(), "scene");
    let again = Edit::Scene { id: Some("scene".into()), scene: draft("Bedroom", on()), must_exist: Some(true) };
    let again = bench.scene(again);
    assert_eq!((again.scene.id.as_str(), &*again.scene.name, again.revision), ("scene", "Bedroom", 2));
    // Two at once: what is on its way to the disk counts.
    let mut answers = [bench.edit(new_scene(draft("Night", on()))), bench.edit(new_scene(draft("night", on())))];
    bench.kept(Ok(()));
    assert!(answers[0].try_recv().unwrap().is_ok());
    assert!(answers[1].try_recv().unwrap().is_err());
}

#[test]
fn a_rule_activates_a_scene_and_one_that_is_gone_is_a_failed_run() {
    let mut bench = furnished();
    let states = vec![
        set("desk", &[("on", Value::Bool(true)), ("brightness", Value::Number(40.0))]),
        set("hall lamp", &[("brightness", Value::Number(10.0))]),
    ];
    bench.scene(new_scene(draft("Film", states)));
    bench.rule(MOTION, r#"{"scene":"Film"}"#);
    bench.report("on", Value::Bool(true), Origin::Live);
    assert_eq!(bench.sent(), ["desk on=true brightness=40", "hall-lamp brightness=10"]);
    let command = bench.out.events.iter().find_map(|event| match &event.kind {
        EventKind::Command(command) => Some(Arc::clone(command)),
        _ => None,
    });
    let set_off = bench.out.events.iter().find(|event| matches!(event.kind, EventKind::StateChanged { .. })).unwrap();
    assert!(matches!(
        &command.unwrap().cause,
        Cause::Rule { automation, parent, .. } if automation.as_str() == "r" && *parent == Some(set_off.seq)
    ));
    assert_eq!(bench.findings(), [""; 0]);

    bench.edited(Edit::RemoveScene("film".into())).unwrap();
    assert_eq!(bench.findings(), ["actions[0].scene: there is no scene \"Film\""]);
    bench.out = Output::default();
    bench.report("on", Value::Bool(false), Origin::Live);
    bench.report("on", Value::Bool(true), Origin::Live);
    assert_eq!(bench.sent(), [""; 0]);
    assert_eq!(
        bench.news(),
        ["started [System]", "failed actions[0]: there is no scene \"Film\" [System]", "finished [System]",]
    );
    bench.scene(new_scene(draft("Film", vec![set("desk", &[("on", Value::Bool(false))])])));
    assert_eq!(bench.findings(), [""; 0], "a scene of that name is there again");
    assert!(matches!(bench.activate("nothing"), Err(SceneError::NotFound(_))));
}

#[test]
fn a_scene_says_what_became_of_each_of_its_devices() {
    let mut bench = furnished();
    let states = vec![set("desk", &[("on", Value::Bool(true))]), set("hall lamp", &[("on", Value::Bool(true))])];
    bench.scene(new_scene(draft("All", states)));
    bench.edited(Edit::RemoveDevice { id: "bus:desk".into(), force: true }).unwrap();
    let (reply, mut answer) = oneshot::channel();
    let ask =
        Request::ActivateScene { cause: person(), scene: "all".into(), transition_ms: Some(300), pin: false, reply };
    bench.core.step(&bench.now, Input::Request(ask), &mut bench.out);
    assert!(answer.try_recv().is_err(), "answered once the commands are kept");
    assert_eq!(bench.sent(), ["hall-lamp on=true"], "and carried out before");
    assert_eq!(bench.out.commits.len(), 1, "all commands together");
    bench.kept(Err(KeepError::Full));
    let activation = answer.try_recv().unwrap().unwrap();
    let said: Vec<String> = activation
        .parts
        .iter()
        .map(|part| match &part.outcome {
            Ok(command) => format!("{} {} {:?}", part.device, command.status.as_str(), command.transition_ms),
            Err(error) => error.to_string(),
        })
        .collect();
    assert_eq!(said, ["there is no device bus:desk", "bus:hall-lamp accepted Some(300)"]);
    assert!(activation.parts[1].outcome.as_ref().unwrap().not_kept);
}

#[test]
fn what_is_now_becomes_a_scene() {
    let mut bench = furnished();
    let capture = |name: &str, attributes: Option<Vec<&str>>| Edit::CaptureScene {
        name: name.into(),
        devices: vec!["desk".into(), "bus:hall-lamp".into()],
        attributes: attributes.map(|names| names.into_iter().map(Into::into).collect()),
    };
    let refused = bench.edited(capture("Now", None)).unwrap_err();
    assert_eq!(
        refused.lines().next().unwrap(),
        "bad_value devices[0]: nothing is known of desk that a scene could set"
    );
    let color = Value::composite([("hue", Value::Number(30.0)), ("saturation", Value::Number(80.0))]);
    for (device, attribute, value) in [
        ("bus:desk", "on", Value::Bool(true)),
        ("bus:desk", "brightness", Value::Number(40.2)),
        ("bus:desk", "color_temperature", Value::Number(2_700.0)),
        ("bus:desk", "color", color),
        ("bus:desk", "color_mode", "color_temperature".into()),
        ("bus:hall-lamp", "on", Value::Bool(false)),
        ("bus:hall-lamp", "brightness", Value::Number(80.0)),
    ] {
        bench.report_of(&device.into(), attribute, value);
    }
    let states = |record: &SceneRecord| -> Vec<String> {
        let line = |state: &hub_model::scene::SceneState| {
            let set: Vec<String> = state.set.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{} {}", state.device, set.join(" "))
        };
        record.scene.states.iter().map(line).collect()
    };
    let now = bench.scene(capture("Now", None));
    assert_eq!(
        states(&now),
        ["bus:desk on=true brightness=40.2 color_temperature=2700", "bus:hall-lamp on=false"],
        "a light that is off is off, and one of colour and temperature counts"
    );
    bench.report_of(&"bus:desk".into(), "color_mode", "color".into());
    let colored = bench.scene(capture("Colored", None));
    assert_eq!(states(&colored)[0], "bus:desk on=true brightness=40.2 color={hue: 30, saturation: 80}");
    let some = bench.scene(capture("Some", Some(vec!["brightness", "effect"])));
    assert_eq!(states(&some), ["bus:desk brightness=40.2", "bus:hall-lamp brightness=80"]);
    assert_eq!(bench.edited(capture("NOW", None)).unwrap_err(), "there is already a scene of the name \"NOW\"");
}

#[test]
fn an_activation_is_undone_where_nobody_changed_it_again() {
    let mut bench = furnished();
    let desk = DeviceId::new("bus:desk");
    for (attribute, value) in [
        ("on", Value::Bool(true)),
        ("brightness", Value::Number(80.0)),
        ("color_temperature", Value::Number(2_700.0)),
        ("color_mode", "color_temperature".into()),
    ] {
        bench.report_of(&desk, attribute, value);
    }
    bench.report("on", Value::Bool(false), Origin::Live);
    let red = Value::composite([("hue", Value::Number(0.0)), ("saturation", Value::Number(100.0))]);
    let states = vec![
        set("desk", &[("on", Value::Bool(true)), ("brightness", Value::Number(20.0)), ("color", red)]),
        set("hall lamp", &[("brightness", Value::Number(10.0))]),
    ];
    bench.scene(new_scene(draft("Film", states)));
    let nothing = |bench: &mut Bench| bench.undo("film").unwrap_err().to_string();
    assert_eq!(
        nothing(&mut bench),
        "it was not activated since the hub started, changed nothing, or was undone already"
    );

    bench.activate("film").unwrap();
    bench.carried_out();
    bench.report("on", Value::Bool(true), Origin::Live);
    bench.activate("film").unwrap();
    bench.carried_out();
    let undone = bench.undo("film").unwrap();
    assert_eq!(undone.parts.len(), 2);
    // Pressed twice, it still goes back to before the first time; what was on stays as it was, what was off goes off.
    assert_eq!(bench.carried_out(), ["desk brightness=80 color_temperature=2700", "hall-lamp on=false"]);
    assert!(matches!(bench.undo("film"), Err(SceneError::NothingToUndo(_))), "once");

    bench.activate("film").unwrap();
    bench.carried_out();
    bench.report_of(&desk, "brightness", Value::Number(55.0));
    bench.undo("film").unwrap();
    assert_eq!(bench.carried_out()[0], "desk color_temperature=2700", "what somebody set since stays");

    bench.activate("film").unwrap();
    bench.carried_out();
    bench.pass(Duration::from_secs(3_601));
    bench.out = Output::default();
    assert_eq!(nothing(&mut bench), "it was activated more than an hour ago");
}

#[test]
fn a_device_in_the_place_of_another_takes_its_part_in_scenes() {
    let mut bench = furnished();
    bench.scene(new_scene(draft("All", vec![set("desk", &[("on", Value::Bool(true))])])));
    bench.edited(Edit::ReplaceDevice { old: "bus:desk".into(), new: hall() }).unwrap();
    let scene = bench.core.snapshot().scenes[0].clone();
    assert_eq!((scene.scene.states[0].device.clone(), scene.revision), (hall(), 2));
}

#[test]
fn people_and_rules_set_the_mode_in_one_way() {
    let mut bench = furnished();
    bench.rule(MOTION, r#"{"set_mode":"night"}"#);
    bench.report("on", Value::Bool(true), Origin::Live);
    assert_eq!(bench.news()[1..], ["mode home → night [rule r 1]", "finished [System]"]);
    let kept = bench.out.commits.last().unwrap().1.clone();
    assert!(matches!(&kept[..], [Change::Put(Record::Home(home))] if &*home.mode == "night"));
    let modes = bench.out.records.iter().filter(
        |record| matches!(&record.entry, hub_model::history::HistoryEntry::Mode { mode, .. } if &**mode == "night"),
    );
    assert_eq!(modes.count(), 1);
    bench.kept(Ok(()));

    // Settings that were read before the rule, and are kept while another rule sets the mode, change no mode.
    bench.report("on", Value::Bool(false), Origin::Live);
    let home = Home { mode: "home".into(), ..Home::default() };
    let renamed = Home { name: "Villa".into(), ..home };
    let mut answer = bench.edit(Edit::Home { home: renamed, sets_mode: false });
    let away = Home { mode: "away".into(), ..(*bench.core.table.home).clone() };
    drop(bench.edit(Edit::Home { home: away, sets_mode: true }));
    bench.report("on", Value::Bool(true), Origin::Live);
    bench.out.events.clear();
    let mut disk = None;
    while !bench.out.commits.is_empty() {
        let changes = bench.out.commits.iter().flat_map(|(_, changes)| changes).cloned();
        let mut homes = changes.filter_map(|change| match change {
            Change::Put(Record::Home(home)) => Some(home),
            _ => None,
        });
        disk = homes.next_back().or(disk);
        bench.kept(Ok(()));
    }
    assert!(matches!(answer.try_recv(), Ok(Ok(Edited::Home(_)))));
    assert_eq!(&*bench.core.table.home.mode, "away");
    assert_eq!(disk.as_ref(), Some(&*bench.core.table.home), "the disk has what is in force");

    let modes = vec!["home".into(), "away".into()];
    bench.edited(Edit::Home { home: Home { modes, ..(*bench.core.table.home).clone() }, sets_mode: false }).unwrap();
    assert!(bench.findings()[0].contains("there is no mode \"night\""), "{:?}", bench.findings());
    bench.report("on", Value::Bool(false), Origin::Live);
    bench.out.events.clear();
    bench.report("on", Value::Bool(true), Origin::Live);
    assert_eq!(bench.news()[1], "failed actions[0]: there is no mode \"night\"; the home has home, away [System]");
}

#[test]
fn rules_follow_the_homes_zone_and_place() {
    let mut bench = furnished();
    // 2027-01-15T08:00:00Z
    bench.rule(r#"{"time":"18:30"}"#, r#"{"notify":{"message":"evening"}}"#);
    let due = |bench: &Bench| bench.core.poll_timeout(&bench.now).unwrap().since(bench.now.mono);
    assert_eq!(due(&bench), Duration::from_secs(10 * 3_600 + 1_800));
    let home = Home {
        time_zone: "Asia/Tokyo".into(),
        location: Some(Location { latitude: 35.7, longitude: 139.7 }),
        ..(*bench.core.table.home).clone()
    };
    bench.edited(Edit::Home { home, sets_mode: false }).unwrap();
    assert_eq!(due(&bench), Duration::from_secs(3_600 + 1_800));
}

#[test]
fn who_gets_an_account_is_known_to_rules() {
    let mut bench = Bench::with_lamp();
    let document =
        r#"{"id":"r","name":"R","triggers":[{"start":{}}],"actions":[{"notify":{"to":"Anna","message":"m"}}]}"#;
    let rule = Edit::Automation { id: None, document: document.into(), must_exist: None };
    let refused = bench.edit(rule.clone()).try_recv().unwrap().unwrap_err();
    assert!(matches!(refused, EditError::Rule(_)));
    let keep = |bench: &mut Bench, change: Change| {
        let (reply, _answer) = oneshot::channel();
        bench.ask(Request::Keep { changes: vec![change], reply });
    };
    keep(&mut bench, Change::Put(Record::Account(account("user-a", "Anna"))));
    assert!(bench.edited(rule).is_ok());
    keep(&mut bench, Change::Remove(RecordKey::Account(anna())));
    assert_eq!(bench.findings(), ["actions[0].notify.to: there is no person \"Anna\""]);
}

#[test]
fn rules_tell_people_within_bounds() {
    let mut bench = furnished();
    let message = "x".repeat(5_000);
    bench.rule(
        MOTION,
        &format!(r#"{{"notify":{{"to":"ben","title":"T","message":"{message}","severity":"warning"}}}}"#),
    );
    let fire = |bench: &mut Bench| {
        bench.report("on", Value::Bool(false), Origin::Live);
        bench.report("on", Value::Bool(true), Origin::Live);
    };
    fire(&mut bench);
    let told = Arc::clone(&bench.core.snapshot().notifications[0]);
    assert_eq!(
        (told.message.chars().count(), told.title.as_deref(), told.severity),
        (4_001, Some("T"), Severity::Warning)
    );
    assert_eq!(told.to.iter().map(|recipient| recipient.account.as_str()).collect::<Vec<_>>(), ["user-b"]);
    assert!(bench.news()[1].ends_with("[rule r 0]"));
    for _ in 0..40 {
        fire(&mut bench);
    }
    assert_eq!(bench.core.snapshot().notifications.len(), 30);
    let fuses = bench.news().iter().filter(|news| news.starts_with("fuse it told people")).count();
    assert_eq!(fuses, 1);
    bench.pass(Duration::from_secs(3_601));
    fire(&mut bench);
    assert_eq!(bench.core.snapshot().notifications.len(), 31);

    for _ in 0..40 {
        bench.pass(Duration::from_secs(3_601));
        for _ in 0..30 {
            fire(&mut bench);
        }
        bench.kept(Ok(()));
    }
    let notifications = bench.core.snapshot().notifications;
    assert_eq!(notifications.len(), 500);
    assert!(notifications.windows(2).all(|pair| pair[0].id < pair[1].id));
}

#[test]
fn what_was_told_is_read_by_each() {
    let mut bench = furnished();
    bench.rule(MOTION, r#"{"notify":{"message":"Hello"}}"#);
    bench.report("on", Value::Bool(true), Origin::Live);
    assert_eq!(bench.news()[1], "told user-a,user-b: Hello [rule r 0]");
    bench.kept(Ok(()));
    let id = bench.core.snapshot().notifications[0].id.clone();
    let read = |account: &str| Edit::ReadNotification { id: id.clone(), account: account.into(), acknowledges: false };
    // Both at once: the disk must have both.
    let mut answers = [bench.edit(read("user-a")), bench.edit(read("user-b"))];
    let mut disk = None;
    while !bench.out.commits.is_empty() {
        for (_, changes) in &bench.out.commits {
            for change in changes {
                if let Change::Put(Record::Notification(told)) = change {
                    disk = Some(told.clone());
                }
            }
        }
        bench.kept(Ok(()));
    }
    assert!(answers.iter_mut().all(|answer| answer.try_recv().unwrap().is_ok()));
    assert!(disk.unwrap().to.iter().all(|recipient| recipient.read_at == Some(bench.now.time())));
    assert_eq!(bench.edited(read("user-x")).unwrap_err(), format!("there is no notification {id}"));
}

#[test]
fn a_webhook_sets_off_the_rules_that_listen_to_it() {
    let mut bench = furnished();
    bench.rule(r#"{"webhook":{"id":"garage-4711-secret"}}"#, r#"{"notify":{"message":"called"}}"#);
    let call = |bench: &mut Bench, id: Option<&str>| {
        let (reply, mut answer) = oneshot::channel();
        bench.ask(Request::Webhook { id: id.map(Arc::from), body: Value::Number(1.0), reply });
        answer.try_recv().unwrap()
    };
    assert_eq!(bench.core.snapshot().webhooks.iter().map(|id| &**id).collect::<Vec<_>>(), ["garage-4711-secret"]);
    assert!(!call(&mut bench, None));
    assert!(!call(&mut bench, Some("other")));
    assert_eq!(bench.news(), [""; 0]);
    assert!(call(&mut bench, Some("garage-4711-secret")));
    assert_eq!(bench.news()[0], "webhook 1 [System]");
    assert_eq!(bench.core.snapshot().notifications.len(), 1);
    bench.edited(Edit::RemoveAutomation("r".into())).unwrap();
    assert!(bench.core.snapshot().webhooks.is_empty());
}
