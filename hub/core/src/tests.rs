//! Scripts: what the core is told, and what it then says. No task, no clock.

use std::sync::Arc;
use std::time::Duration;

use driver_api::{
    CommandProgress, CommandStage, DriverCommand, DriverEvent, DriverRequest, ManageAction, ManageError, Origin,
    Reading, Report,
};
use hub_model::command::{ConfirmedBy, FailureReason};
use hub_model::event::{Alert, DriverState, DriverStatus, Severity};
use hub_model::history::{HistoryEntry, HistoryRecord};
use hub_model::record::{Change, KeepError, Kept, KnownState, Record};
use hub_model::{
    AttributeState, Availability, Cause, Command, CommandRequest, CommandStatus, DeviceId, DriverId, EventKind, Source,
    Timestamp, Value,
};
use tokio::sync::oneshot;

use crate::core::{Core, Input, Output};
use crate::handle::{Edit, EditError, Edited, Request};
use crate::testing::lamp;

mod ended;
mod held;
mod in_force;
mod permissions;
mod picture;
mod rule_steps;
mod rules;
mod sight;

/// A core under test with one driver `bus` and one lamp.
struct Bench {
    core: Core,
    now: hub_model::Now,
    out: Output,
}

fn driver() -> DriverId {
    DriverId::new("bus")
}

fn hall() -> DeviceId {
    DeviceId::new("bus:hall-lamp")
}

impl Bench {
    fn new(kept: &Kept) -> Self {
        let now = hub_model::Now {
            wall: hub_model::Wall { time: Timestamp(1_800_000_000_000), trust: hub_model::Trust::Ntp },
            ..hub_model::Now::default()
        };
        let mut out = Output::default();
        let mut counter = 0_u16;
        let random = Box::new(move |bytes: &mut [u8]| {
            counter += 1;
            let [low, high] = counter.to_le_bytes();
            bytes.fill(low);
            bytes[0] ^= high;
        });
        let core = Core::restore(&now, kept, vec![(driver(), "test".into(), &[])], true, random, &mut out);
        Self { core, now, out }
    }

    fn with_lamp() -> Self {
        Self::with_lamp_and(&Kept::default())
    }

    fn with_lamp_and(kept: &Kept) -> Self {
        let mut bench = Self::new(kept);
        bench.tell(DriverEvent::Status(DriverStatus { state: DriverState::Online, detail: "".into() }));
        bench.tell(DriverEvent::Device(Box::new(lamp(&driver(), "hall-lamp"))));
        bench.out = Output::default();
        bench
    }

    fn pass(&mut self, duration: Duration) {
        self.now.mono = self.now.mono.plus(duration);
        self.now.wall.time = self.now.wall.time.plus(duration);
        self.core.step(&self.now, Input::Timeout, &mut self.out);
    }

    fn tell(&mut self, event: DriverEvent) {
        self.core.step(&self.now, Input::Driver(driver(), event), &mut self.out);
    }

    fn report(&mut self, attribute: &str, value: Value, origin: Origin) {
        let endpoint = if attribute == "link_quality" { 0 } else { 1 };
        let readings = vec![Reading { endpoint, attribute: attribute.into(), value }];
        let report = Report { device: hall(), readings, origin, confirms: ConfirmedBy::Report };
        self.tell(DriverEvent::Report(report));
    }

    fn stage(&mut self, command: &Command, stage: CommandStage) {
        self.tell(DriverEvent::Command(CommandProgress { command: command.id.clone(), attribute: None, stage }));
    }

    fn command(&mut self, attribute: &str, value: Value) -> Arc<Command> {
        let request = CommandRequest {
            device: hall(),
            endpoint: None,
            set: vec![(attribute.into(), value)],
            transition_ms: None,
            ttl_ms: None,
        };
        let command = self.core.dispatch(&self.now, Cause::System, request, false, &mut self.out).unwrap();
        self.core.step(&self.now, Input::Timeout, &mut self.out);
        command
    }

    fn find(&self, command: &Command) -> Arc<Command> {
        self.core.commands.find(&command.id).unwrap()
    }

    /// The lamp's own state of an attribute of endpoint 1.
    fn state(&self, attribute: &str) -> AttributeState {
        self.core.table.view(&hall()).unwrap().state(1, attribute).unwrap().clone()
    }

    fn edit(&mut self, edit: Edit) -> oneshot::Receiver<Result<Edited, EditError>> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Edit { cause: Cause::System, edit, audit: None, reply };
        self.core.step(&self.now, Input::Request(request), &mut self.out);
        self.out.answers.give();
        answer
    }

    fn kept(&mut self, result: Result<(), KeepError>) {
        for (token, _) in std::mem::take(&mut self.out.commits) {
            self.core.step(&self.now, Input::Committed(token, result.clone()), &mut self.out);
        }
        self.out.answers.give();
    }

    /// The changes of states since the last call, as text.
    fn changes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.out.events)
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::StateChanged { attribute, from, to, .. } => Some(format!("{attribute}: {from} → {to}")),
                _ => None,
            })
            .collect()
    }
}

#[test]
fn a_report_confirms_and_an_equal_one_is_no_event() {
    let mut bench = Bench::with_lamp();
    let command = bench.command("on", Value::Bool(true));
    assert_eq!(bench.find(&command).status, CommandStatus::Accepted);
    bench.stage(&command, CommandStage::Sent);
    bench.report("on", Value::Bool(true), Origin::Live);
    let command = bench.find(&command);
    assert_eq!(command.status, CommandStatus::Confirmed);
    assert_eq!(command.outcomes[0].confirmed_by, Some(ConfirmedBy::Report));
    assert_eq!(bench.changes(), ["on: unknown → true"]);

    let again = bench.command("on", Value::Bool(true));
    bench.stage(&again, CommandStage::Sent);
    bench.report("on", Value::Bool(true), Origin::Live);
    assert_eq!(bench.find(&again).status, CommandStatus::Confirmed, "an equal report confirms too");
    assert_eq!(bench.changes(), [""; 0]);
}

#[test]
fn a_report_within_one_native_step_confirms() {
    let mut bench = Bench::with_lamp();
    let command = bench.command("brightness", Value::Number(40.0));
    bench.stage(&command, CommandStage::Sent);
    bench.report("brightness", Value::Number(40.2), Origin::Live);
    assert_eq!(bench.find(&command).status, CommandStatus::Confirmed);
}

#[test]
fn a_command_that_is_not_sent_in_time_expires() {
    let mut bench = Bench::with_lamp();
    let command = bench.command("on", Value::Bool(true));
    bench.pass(Duration::from_secs(9));
    assert_eq!(bench.find(&command).status, CommandStatus::Accepted);
    bench.pass(Duration::from_secs(2));
    assert_eq!(bench.find(&command).status, CommandStatus::Expired);
}

#[test]
fn what_was_superseded_does_not_expire_with_the_rest() {
    let mut bench = Bench::with_lamp();
    let set = vec![("on".into(), Value::Bool(true)), ("brightness".into(), Value::Number(10.0))];
    let request = CommandRequest { device: hall(), endpoint: None, set, transition_ms: None, ttl_ms: None };
    let older = bench.core.dispatch(&bench.now, Cause::System, request, false, &mut bench.out).unwrap();
    bench.command("brightness", Value::Number(20.0));
    bench.pass(Duration::from_secs(11));
    let ended: Vec<_> = bench.find(&older).outcomes.iter().map(|outcome| (outcome.status, outcome.reason)).collect();
    let superseded = (CommandStatus::Failed, Some(FailureReason::Superseded));
    assert_eq!(ended, [(CommandStatus::Expired, None), superseded]);
}

#[test]
fn without_a_report_the_device_is_asked_once_and_then_the_command_has_failed() {
    let mut bench = Bench::with_lamp();
    let command = bench.command("on", Value::Bool(true));
    bench.stage(&command, CommandStage::Sent);
    bench.out.sends.clear();
    bench.pass(Duration::from_secs(5));
    assert!(matches!(bench.out.sends[..], [(_, DriverRequest::Read { .. })]), "{:?}", bench.out.sends);
    assert_eq!(bench.find(&command).status, CommandStatus::Sent);
    bench.pass(Duration::from_secs(5));
    let command = bench.find(&command);
    assert_eq!((command.status, command.outcomes[0].reason), (CommandStatus::Failed, Some(FailureReason::NoReport)));
    let desired = bench.core.table.view(&hall()).unwrap().state(1, "on").unwrap().desired.clone();
    assert_eq!(desired, None, "nothing is wanted any more");
}

#[test]
fn a_newer_command_takes_the_place_of_an_older_one() {
    let mut bench = Bench::with_lamp();
    let older = bench.command("brightness", Value::Number(10.0));
    bench.stage(&older, CommandStage::Sent);
    let newer = bench.command("brightness", Value::Number(20.0));
    bench.stage(&newer, CommandStage::Sent);
    let older = bench.find(&older);
    assert_eq!((older.status, older.outcomes[0].reason), (CommandStatus::Failed, Some(FailureReason::Superseded)));
    bench.report("brightness", Value::Number(20.0), Origin::Live);
    assert_eq!(bench.find(&newer).status, CommandStatus::Confirmed);
}

#[test]
fn a_driver_that_cannot_take_a_command_is_said() {
    let mut bench = Bench::with_lamp();
    let command = bench.command("on", Value::Bool(true));
    let (_, request) = bench.out.sends.pop().unwrap();
    assert!(matches!(&request, DriverRequest::Command(DriverCommand { id, .. }) if *id == command.id));
    bench.core.step(&bench.now, Input::NotSent(request, FailureReason::Busy), &mut bench.out);
    let command = bench.find(&command);
    assert_eq!((command.status, command.outcomes[0].reason), (CommandStatus::Failed, Some(FailureReason::Busy)));
}

#[test]
fn values_that_do_not_fit_are_refused_in_words() {
    let mut bench = Bench::with_lamp();
    let mut refuse = |attribute: &str, value: Value| {
        let request = CommandRequest {
            device: hall(),
            endpoint: None,
            set: vec![(attribute.into(), value)],
            transition_ms: None,
            ttl_ms: None,
        };
        bench.core.dispatch(&bench.now, Cause::System, request, false, &mut bench.out).unwrap_err().to_string()
    };
    let answers = [
        refuse("brightness", Value::Number(140.0)),
        refuse("on", Value::text("on")),
        refuse("link_quality", Value::Number(1.0)),
        refuse("colour", Value::Bool(true)),
    ]
    .join("\n");
    expect_test::expect![[r#"
        brightness cannot be 140: give 0 to 100 %
        on cannot be on: give true or false
        link_quality of bus:hall-lamp can only be read
        bus:hall-lamp has no attribute colour"#]]
    .assert_eq(&answers);
}

#[test]
fn what_was_kept_comes_back_without_events_and_a_live_difference_is_a_change() {
    let mut bench = Bench::new(&kept_with_the_lamp_on());
    assert_eq!(bench.out.events.len(), 0);
    let restored = bench.state("on");
    assert_eq!((restored.value, restored.source), (Value::Bool(true), Source::Restored));
    bench.report("on", Value::Bool(true), Origin::Live);
    assert_eq!(bench.changes(), [""; 0], "an equal live report only makes it live");
    bench.report("on", Value::Bool(false), Origin::Cached);
    assert_eq!(bench.changes(), [""; 0], "a cached value does not outdo a live one");
    bench.report("on", Value::Bool(false), Origin::Live);
    assert_eq!(bench.changes(), ["on: true → false"]);
}

/// A home that was stopped while the lamp was on.
fn kept_with_the_lamp_on() -> Kept {
    let mut device = hub_model::device::DeviceRecord::new(lamp(&driver(), "hall-lamp"));
    device.name = "Hall".into();
    let state = KnownState {
        device: hall(),
        endpoint: 1,
        attribute: "on".into(),
        value: Value::Bool(true),
        changed_at: Timestamp(1_700_000_000_000),
    };
    Kept { devices: vec![device], states: vec![state], ..Kept::default() }
}

#[test]
fn devices_of_a_lost_driver_are_unreachable_and_not_gone() {
    let mut bench = Bench::with_lamp();
    bench.report("on", Value::Bool(true), Origin::Live);
    let availability = |bench: &Bench| bench.core.table.view(&hall()).unwrap().availability;
    assert_eq!(availability(&bench), Availability::Online);
    let status = DriverStatus { state: DriverState::Failed, detail: "it burnt".into() };
    bench.core.step(&bench.now, Input::Supervisor(driver(), status), &mut bench.out);
    assert_eq!(availability(&bench), Availability::Offline);
    bench.tell(DriverEvent::Status(DriverStatus { state: DriverState::Online, detail: "".into() }));
    assert_eq!(availability(&bench), Availability::Unknown);
    bench.report("on", Value::Bool(true), Origin::Live);
    assert_eq!(availability(&bench), Availability::Online);
}

#[test]
fn a_change_is_seen_only_after_it_is_kept() {
    let mut bench = Bench::with_lamp();
    let rename = Edit::Device { id: hall(), name: Some("Ceiling".into()), area: None };
    let mut answer = bench.edit(rename.clone());
    assert_eq!(&*bench.core.table.view(&hall()).unwrap().record.name, "hall lamp");
    assert!(answer.try_recv().is_err());
    bench.kept(Ok(()));
    assert!(matches!(answer.try_recv().unwrap(), Ok(Edited::Device(_))));
    assert_eq!(&*bench.core.table.view(&hall()).unwrap().record.name, "Ceiling");

    let mut answer = bench.edit(Edit::RemoveDevice { id: hall(), force: true });
    bench.kept(Err(KeepError::Full));
    assert!(matches!(answer.try_recv().unwrap(), Err(EditError::Keep(KeepError::Full))));
    assert!(bench.core.table.view(&hall()).is_some(), "what could not be kept did not happen");
    assert_eq!(bench.core.alerts.len(), 1);
    drop(bench.edit(rename));
    bench.kept(Ok(()));
    assert_eq!(bench.core.alerts.len(), 0, "the alert is over when keeping works again");
}

/// A journal in small: what of the hall lamp is on the disk after these commits, the last one winning.
fn kept_name(commits: &[(u64, Vec<Change>)]) -> Option<String> {
    let mut records = commits.iter().flat_map(|(_, changes)| changes).filter_map(|change| match change {
        Change::Put(Record::Device(record)) => Some(record.name.to_string()),
        _ => None,
    });
    records.next_back()
}

#[test]
fn a_name_outlives_a_description_that_came_while_it_was_being_kept() {
    let mut bench = Bench::with_lamp();
    let mut answer = bench.edit(Edit::Device { id: hall(), name: Some("Ceiling".into()), area: None });
    let mut described = lamp(&driver(), "hall-lamp");
    described.model = Some("Newer".into());
    bench.tell(DriverEvent::Device(Box::new(described)));
    assert_eq!(kept_name(&bench.out.commits).as_deref(), Some("hall lamp"));
    bench.kept(Ok(()));
    assert!(answer.try_recv().is_err(), "not answered while the disk has the old name");
    assert_eq!(kept_name(&bench.out.commits).as_deref(), Some("Ceiling"));
    bench.kept(Ok(()));
    let Ok(Ok(Edited::Device(record))) = answer.try_recv() else { panic!("the name was not changed") };
    assert_eq!((&*record.name, record.device.model.as_deref()), ("Ceiling", Some("Newer")));
}

#[test]
fn rules_that_are_added_at_once_get_ids_of_their_own() {
    let mut bench = Bench::with_lamp();
    let rule = r#"{"name":"Same","triggers":[{"time":"07:30"}],"actions":[{"delay":"1s"}]}"#;
    let add =
        |id: Option<&str>| Edit::Automation { id: id.map(Into::into), document: rule.into(), must_exist: Some(false) };
    let mut answers = [bench.edit(add(None)), bench.edit(add(None)), bench.edit(add(Some("same")))];
    bench.kept(Ok(()));
    let told = answers.each_mut().map(|answer| match answer.try_recv().unwrap() {
        Ok(Edited::Automation(record)) => record.id.to_string(),
        other => format!("{other:?}"),
    });
    assert_eq!(
        told,
        [
            "same",
            "same-2",
            "Err(Conflict(Said { text: \"there is already an automation same\", case: \"rule\", params: [(\"id\", \"same\")] }))"
        ]
    );
}

#[test]
fn who_waits_for_a_driver_that_ended_is_told() {
    let mut bench = Bench::with_lamp();
    let sent = bench.command("brightness", Value::Number(10.0));
    bench.stage(&sent, CommandStage::Sent);
    let unsent = bench.command("on", Value::Bool(true));
    let (reply, mut answer) = oneshot::channel();
    let ask = Request::Manage { driver: driver(), action: ManageAction::NetworkMap, reply };
    bench.core.step(&bench.now, Input::Request(ask), &mut bench.out);
    let status = DriverStatus { state: DriverState::Failed, detail: "it burnt".into() };
    bench.core.step(&bench.now, Input::Supervisor(driver(), status), &mut bench.out);
    bench.out.answers.give();
    assert_eq!(answer.try_recv().unwrap(), Err(ManageError::Offline));
    let unsent = bench.find(&unsent);
    assert_eq!((unsent.status, unsent.outcomes[0].reason), (CommandStatus::Failed, Some(FailureReason::DriverOffline)));
    assert_eq!(bench.find(&sent).status, CommandStatus::Sent, "the next instance may still hear of it");
}

#[test]
fn a_persons_command_that_finds_no_room_on_the_way_to_the_disk_says_so() {
    let mut bench = Bench::with_lamp();
    let cause = Cause::Person { account: "anna".into(), via: "api".into() };
    let mut last = None;
    for _ in 0..=1_024 {
        let request = CommandRequest {
            device: hall(),
            endpoint: None,
            set: vec![("on".into(), Value::Bool(true))],
            transition_ms: None,
            ttl_ms: None,
        };
        let (reply, answer) = oneshot::channel();
        let ask = Request::Command { cause: cause.clone(), request, pin: false, reply };
        bench.core.step(&bench.now, Input::Request(ask), &mut bench.out);
        last = Some(answer);
    }
    bench.out.answers.give();
    assert!(last.unwrap().try_recv().unwrap().unwrap().not_kept);
}

#[test]
fn what_is_wrong_with_the_store_is_said_once() {
    let mut bench = Bench::with_lamp();
    let rename = Edit::Device { id: hall(), name: Some("Ceiling".into()), area: None };
    let attempt = |bench: &mut Bench, result: Result<(), KeepError>| {
        drop(bench.edit(rename.clone()));
        bench.kept(result);
        std::mem::take(&mut bench.out.events)
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::Alert(alert) => Some(format!("{}{}", if alert.resolved { "-" } else { "+" }, alert.code)),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    let say = |bench: &mut Bench, code: &str, resolved: bool| {
        let alert = Alert { code: code.into(), severity: Severity::Error, text: "It is full.".into(), resolved };
        bench.core.step(&bench.now, Input::Request(Request::Alert { alert }), &mut bench.out);
    };
    let gone = || KeepError::Unusable { detail: "I/O error".into() };
    // Nobody else looks: the next success ends it.
    assert_eq!(attempt(&mut bench, Err(KeepError::ReadOnly)), ["+storage_read_only"]);
    assert_eq!(attempt(&mut bench, Err(KeepError::ReadOnly)), [""; 0]);
    assert_eq!(attempt(&mut bench, Err(gone())), ["-storage_read_only", "+storage_gone"]);
    assert_eq!(attempt(&mut bench, Ok(())), ["-storage_gone"]);
    // The store says it too, and says when it is over.
    assert_eq!(attempt(&mut bench, Err(KeepError::Full)), ["+storage_full"]);
    say(&mut bench, "storage_full", false);
    assert_eq!(attempt(&mut bench, Ok(())), [""; 0], "it holds as long as the store says so");
    assert_eq!(bench.core.alerts.len(), 1);
    assert_eq!(attempt(&mut bench, Err(KeepError::Full)), [""; 0]);
    say(&mut bench, "storage_full", true);
    assert_eq!(attempt(&mut bench, Err(KeepError::Full)), ["-storage_full", "+storage_full"]);
    assert_eq!(attempt(&mut bench, Ok(())), ["-storage_full"]);
}

#[test]
fn numbers_of_events_have_no_gaps() {
    let mut bench = Bench::with_lamp();
    for level in 0..50 {
        bench.report("brightness", Value::Number(f64::from(level)), Origin::Live);
    }
    let numbers: Vec<u64> = bench.out.events.iter().map(|event| event.seq).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{numbers:?}");
}

mod blame;
mod household;
mod messages;
mod origins;
mod priority;
mod replacement;
mod removal;
mod requests;
mod revisions;
mod sleeping;

mod task {
    //! The same with the task around it: queues, supervisor, a driver that answers.

    use std::future::Future;
    use std::pin::Pin;

    use driver_api::{Driver, DriverContext, DriverError};
    use hub_model::time::ManualClock;
    use hub_model::{AccountId, Clock};

    use super::*;
    use crate::supervisor::DriverSpec;
    use crate::task::{CoreParts, RunningCore, start};
    use crate::testing::{EchoDriver, MemoryJournal};

    fn running(journal: &MemoryJournal, factory: crate::DriverFactory) -> RunningCore {
        let mut counter = 0_u8;
        start(CoreParts {
            kept: Kept::default(),
            journal: Box::new(journal.clone()),
            clock: Arc::new(ManualClock::at(Timestamp(1_800_000_000_000))) as Arc<dyn Clock>,
            random: Box::new(move |bytes| {
                counter = counter.wrapping_add(1);
                bytes.fill(counter);
            }),
            drivers: vec![DriverSpec { id: driver(), driver_type: "echo".into(), abilities: &[], factory }],
            schedules_on_untrusted_clock: true,
            heartbeat: None,
        })
    }

    async fn until(core: &RunningCore, holds: impl Fn(&crate::Snapshot) -> bool) {
        let mut pictures = core.handle.watch();
        let waited = pictures.wait_for(|snapshot| holds(snapshot));
        tokio::time::timeout(Duration::from_secs(10), waited).await.expect("it takes too long").unwrap();
    }

    #[tokio::test]
    async fn a_person_switches_a_lamp() {
        let journal = MemoryJournal::default();
        let core = running(&journal, Box::new(|| Ok(Box::new(EchoDriver { addresses: vec!["hall-lamp".to_owned()] }))));
        until(&core, |snapshot| snapshot.device(&hall()).is_some()).await;
        let person = Cause::Person { account: AccountId::new("owner"), via: "api".into() };
        let request = CommandRequest {
            device: hall(),
            endpoint: None,
            set: vec![("on".into(), Value::Bool(true))],
            transition_ms: None,
            ttl_ms: None,
        };
        let command = core.handle.command(person, request, false).await.unwrap();
        let command = core.handle.wait_command(&command.id, Duration::from_secs(10)).await.unwrap();
        assert_eq!(command.status, CommandStatus::Confirmed);
        until(&core, |snapshot| {
            let state = snapshot.device(&hall()).and_then(|view| view.state(1, "on")).unwrap();
            state.value == Value::Bool(true) && state.desired.is_none()
        })
        .await;
        let put = |change: &Change| matches!(change, Change::Put(Record::Command(kept)) if kept.id == command.id);
        assert_eq!(journal.changes().into_iter().filter(put).count(), 1, "only the promise is worth a commit");
        let ends = |record: &HistoryRecord| matches!(&record.entry, HistoryEntry::Command(ended) if *ended == command);
        assert!(journal.records().iter().any(ends), "its end goes with history");
        let snapshot = core.handle.snapshot();
        let events = core.handle.events_since(snapshot.epoch, 0).unwrap();
        assert_eq!(events.last().map(|event| event.seq), Some(snapshot.seq));
        core.stop().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_has_an_answer_sees_what_it_says_in_the_picture() {
        let journal = MemoryJournal::default();
        // Many devices: the picture takes a while.
        let addresses = || (0..2_000).map(|number| format!("lamp-{number}")).chain(["hall-lamp".to_owned()]).collect();
        let core = running(&journal, Box::new(move || Ok(Box::new(EchoDriver { addresses: addresses() }))));
        until(&core, |snapshot| snapshot.device(&hall()).is_some()).await;
        let asking = core.handle.clone();
        let asked = tokio::spawn(async move {
            for round in 0..300 {
                let on = Value::Bool(round % 2 == 0);
                let request = CommandRequest {
                    device: hall(),
                    endpoint: None,
                    set: vec![("on".into(), on.clone())],
                    transition_ms: None,
                    ttl_ms: None,
                };
                let person = Cause::Person { account: AccountId::new("owner"), via: "api".into() };
                let command = asking.command(person, request, false).await.unwrap();
                let command = asking.wait_command(&command.id, Duration::from_secs(10)).await.unwrap();
                assert_eq!(command.status, CommandStatus::Confirmed);
                let value =
                    asking.snapshot().device(&hall()).and_then(|view| view.state(1, "on").cloned()).unwrap().value;
                assert_eq!(value, on, "command {round}");
                let name: Arc<str> = format!("Lamp {round}").into();
                let rename = Edit::Device { id: hall(), name: Some(Arc::clone(&name)), area: None };
                asking.edit(Cause::System, rename).await.unwrap();
                assert_eq!(asking.snapshot().device(&hall()).unwrap().record.name, name, "edit {round}");
            }
        });
        asked.await.unwrap();
        core.stop().await;
    }

    struct Panics;
    impl Driver for Panics {
        fn run(self: Box<Self>, _: DriverContext) -> Pin<Box<dyn Future<Output = Result<(), DriverError>> + Send>> {
            Box::pin(async { panic!("a fault") })
        }
    }

    #[tokio::test]
    async fn a_panic_of_a_driver_ends_only_that_instance_and_is_said() {
        let core = running(&MemoryJournal::default(), Box::new(|| Ok(Box::new(Panics))));
        until(&core, |snapshot| snapshot.drivers[0].status.state == DriverState::Failed).await;
        let answer = core.handle.manage(driver(), driver_api::ManageAction::NetworkMap).await;
        assert!(answer.is_err());
        core.stop().await;
    }
}
