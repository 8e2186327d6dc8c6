//! Where people are, out of signs.

use hub_model::presence::{Fix, StandIn};

use super::*;

const EVERYONE: &str = r#"{"presence":{"everyone":true,"to":"away"}}"#;
const OFF: &str = r#"{"command":{"device":"desk","set":{"on":false}}}"#;
const DAY: u64 = 24 * 60 * 60;

impl Bench {
    fn phone(&mut self, person: &str, latitude: f64) -> usize {
        let fix = Fix { latitude, longitude: 13.4, accuracy_m: 10.0, at: self.now.time() };
        let mut answer = self.edit(Edit::PhoneFix { person: person.into(), fix });
        let commits = self.out.commits.len();
        while !self.out.commits.is_empty() {
            self.kept(Ok(()));
        }
        answer.try_recv().unwrap().unwrap();
        commits
    }
}

fn in_berlin() -> Bench {
    let mut bench = furnished();
    let location = Some(Location { latitude: 52.5, longitude: 13.4 });
    let home = Home { location, ..(*bench.core.table.home).clone() };
    bench.edited(Edit::Home { home, sets_mode: false }).unwrap();
    bench
}

#[test]
fn a_silent_phone_is_not_away_and_costs_no_writes() {
    let mut bench = in_berlin();
    bench.rule(EVERYONE, OFF);
    bench.edited(Edit::Presence { person: "user-b".into(), place: "away".into() }).unwrap();
    assert_eq!(bench.phone("user-a", 52.5), 1);
    bench.news();
    bench.pass(Duration::from_secs(600));
    assert_eq!(bench.phone("user-a", 52.5), 0, "the same again is no news");
    bench.pass(Duration::from_secs(DAY - 1));
    assert_eq!(bench.news(), [""; 0]);
    bench.pass(Duration::from_secs(2));
    assert_eq!(bench.news(), ["user-a home → unknown [System]"]);
    assert_eq!(bench.sent(), [""; 0], "nobody knows whether everyone is away");
    bench.phone("user-a", 53.0);
    assert_eq!(bench.news()[0], "user-a unknown → away [System]");
    assert_eq!(bench.sent(), ["desk on=false"]);
}

#[test]
fn everyone_does_not_wait_for_who_does_not_count() {
    let mut bench = in_berlin();
    bench.rule(EVERYONE, OFF);
    bench.edited(Edit::Person { id: "user-b".into(), counts: Some(false), devices: None }).unwrap();
    bench.phone("user-a", 52.5);
    bench.out = Output::default();
    bench.edited(Edit::Presence { person: "user-b".into(), place: "away".into() }).unwrap();
    assert_eq!(bench.sent(), [""; 0], "where they are makes no difference");
    bench.pass(Duration::from_secs(1));
    bench.phone("user-a", 53.0);
    assert_eq!(bench.sent(), ["desk on=false"]);
}

#[test]
fn who_is_in_bed_is_at_home() {
    let mut bench = in_berlin();
    let stand_in =
        StandIn { device: "bus:desk".into(), endpoint: 1, attribute: "on".into(), away_after_minutes: Some(30) };
    bench.report_of(&"bus:desk".into(), "on", Value::Bool(true));
    bench.edited(Edit::Person { id: "user-a".into(), counts: None, devices: Some(vec![stand_in]) }).unwrap();
    assert_eq!(bench.news(), ["user-a ? → home [System]"]);
    bench.phone("user-a", 53.0);
    assert_eq!(bench.news(), [""; 0], "the phone's word from outside does not count while the bed is taken");
    bench.report_of(&"bus:desk".into(), "on", Value::Bool(false));
    assert_eq!(bench.news(), ["user-a home → away [Report]"]);
    // What people said gives way to what a device says anew.
    bench.edited(Edit::Presence { person: "user-a".into(), place: "away".into() }).unwrap();
    bench.pass(Duration::from_secs(60));
    bench.report_of(&"bus:desk".into(), "on", Value::Bool(true));
    assert_eq!(bench.news(), ["user-a away → home [Report]"]);
}

fn bed(away_after_minutes: Option<u32>) -> StandIn {
    StandIn { device: "bus:desk".into(), endpoint: 1, attribute: "on".into(), away_after_minutes }
}

#[test]
fn what_a_device_said_before_a_stop_is_no_word_of_a_person() {
    let presence = Presence { place: "home".into(), since: Timestamp(1_799_999_000_000) };
    let settings =
        hub_model::presence::PersonSettings { person: "user-a".into(), counts: true, devices: vec![bed(None)] };
    let kept = Kept {
        accounts: vec![account("user-a", "Anna")],
        people: vec![settings],
        presences: vec![hub_model::household::KeptPresence { person: "user-a".into(), presence, evidence: Vec::new() }],
        ..Kept::default()
    };
    let place = |bench: &mut Bench| bench.core.snapshot().people[0].presence.clone().unwrap().place;
    let mut bench = Bench::new(&kept);
    assert_eq!(&*place(&mut bench), "home", "until the bed is heard");
    bench.tell(DriverEvent::Status(DriverStatus { state: DriverState::Online, detail: "".into() }));
    bench.tell(DriverEvent::Device(Box::new(lamp(&driver(), "desk"))));
    bench.report_of(&"bus:desk".into(), "on", Value::Bool(false));
    assert_eq!(&*place(&mut bench), "unknown");
    // Or for as long as a device counts that says nothing any more.
    let mut bench = Bench::new(&kept);
    bench.pass(Duration::from_secs(DAY - 1));
    assert_eq!(&*place(&mut bench), "home");
    bench.pass(Duration::from_secs(2));
    assert_eq!(&*place(&mut bench), "unknown");
}

/// Anna in a bed that was taken for so long, as a stop found it.
fn in_bed_for(hours: u64) -> Kept {
    let now = Timestamp(1_800_000_000_000);
    let ago = |hours: u64| now.minus(Duration::from_secs(hours * 3_600));
    let presence = Presence { place: "home".into(), since: ago(hours) };
    let settings =
        |person: &str, devices| hub_model::presence::PersonSettings { person: person.into(), counts: true, devices };
    Kept {
        accounts: vec![account("user-a", "Anna"), account("user-b", "Ben")],
        people: vec![settings("user-a", vec![bed(None)]), settings("user-b", Vec::new())],
        presences: vec![hub_model::household::KeptPresence { person: "user-a".into(), presence, evidence: Vec::new() }],
        devices: vec![hub_model::device::DeviceRecord::new(lamp(&driver(), "desk"))],
        states: vec![hub_model::record::KnownState {
            device: "bus:desk".into(),
            endpoint: 1,
            attribute: "on".into(),
            value: Value::Bool(true),
            changed_at: ago(hours),
        }],
        availability: vec![("bus:desk".into(), Availability::Online)],
        stopped_at: Some(now.minus(Duration::from_secs(60))),
        ..Kept::default()
    }
}

fn moves(bench: &mut Bench) -> Vec<String> {
    let mut news = bench.news();
    news.retain(|line| line.starts_with("user-"));
    news
}

#[test]
fn a_restart_takes_nobody_out_of_bed() {
    let mut bench = Bench::new(&in_bed_for(30));
    let is = |availability| DriverEvent::Availability { device: "bus:desk".into(), availability };
    for availability in [Availability::Unknown, Availability::Offline, Availability::Online] {
        bench.tell(is(availability));
    }
    assert_eq!(moves(&mut bench), [""; 0], "until the bed is heard");
    bench.report_of(&"bus:desk".into(), "on", Value::Bool(true));
    assert_eq!(moves(&mut bench), [""; 0]);
    bench.tell(is(Availability::Offline));
    assert_eq!(moves(&mut bench), ["user-a home → unknown [Report]"], "it was heard, and is gone now");
    bench.tell(is(Availability::Online));
    assert_eq!(moves(&mut bench), ["user-a unknown → home [Report]"]);
    // What a phone said of somewhere else does not win while the bed is waited for.
    let mut kept = in_bed_for(30);
    let at = Timestamp(1_799_999_000_000);
    let source = hub_model::presence::Source::Phone;
    kept.presences[0].evidence = vec![hub_model::presence::Evidence { source, says: "away".into(), at, heard_at: at }];
    let mut bench = Bench::new(&kept);
    bench.tell(is(Availability::Unknown));
    assert_eq!(moves(&mut bench), [""; 0]);
}

#[test]
fn what_is_left_of_somebody_is_no_matter_of_others() {
    let mut kept = Kept { states: Vec::new(), ..in_bed_for(30) };
    let heard_at = Timestamp(1_800_000_000_000).minus(Duration::from_secs(DAY - 3_600));
    let source = hub_model::presence::Source::Phone;
    let evidence = vec![hub_model::presence::Evidence { source, says: "home".into(), at: heard_at, heard_at }];
    let presence = Presence { place: "home".into(), since: heard_at };
    kept.presences.push(hub_model::household::KeptPresence { person: "user-b".into(), presence, evidence });
    kept.stopped_at = None;
    let mut bench = Bench::new(&kept);
    bench.pass(Duration::from_secs(3_601));
    assert_eq!(moves(&mut bench), ["user-b home → unknown [System]"]);
    bench.pass(Duration::from_secs(DAY - 3_602));
    assert_eq!(moves(&mut bench), [""; 0]);
    bench.pass(Duration::from_secs(2));
    assert_eq!(moves(&mut bench), ["user-a home → unknown [System]"]);
}

#[test]
fn who_was_silent_for_too_long_is_known_again_by_the_same_word() {
    let mut bench = in_berlin();
    bench.report_of(&"bus:desk".into(), "on", Value::Bool(true));
    bench.edited(Edit::Person { id: "user-a".into(), counts: None, devices: Some(vec![bed(None)]) }).unwrap();
    bench.pass(Duration::from_secs(DAY + 1));
    assert_eq!(moves(&mut bench), ["user-a ? → home [System]", "user-a home → unknown [System]"]);
    bench.report_of(&"bus:desk".into(), "on", Value::Bool(true));
    assert_eq!(moves(&mut bench), ["user-a unknown → home [Report]"]);
    bench.pass(Duration::from_secs(DAY + 1));
    assert_eq!(moves(&mut bench), ["user-a home → unknown [System]"]);
}

#[test]
fn a_clock_that_is_set_takes_nobody_out_of_bed() {
    let mut bench = in_berlin();
    bench.report_of(&"bus:desk".into(), "on", Value::Bool(true));
    bench.edited(Edit::Person { id: "user-a".into(), counts: None, devices: Some(vec![bed(Some(30))]) }).unwrap();
    bench.report_of(&"bus:desk".into(), "on", Value::Bool(false));
    assert_eq!(bench.news(), ["user-a ? → home [System]", "user-a home → unknown [Report]"]);
    bench.now.wall.time = bench.now.wall.time.plus(Duration::from_secs(DAY));
    bench.report_of(&"bus:desk".into(), "brightness", Value::Number(7.0));
    bench.pass(Duration::from_secs(1_799));
    assert_eq!(bench.news(), [""; 0]);
    bench.pass(Duration::from_secs(2));
    assert_eq!(bench.news(), ["user-a unknown → away [System]"]);
}

#[test]
fn people_come_and_go() {
    let mut bench = furnished();
    bench.rule(r#"{"presence":{"everyone":true,"to":"away"}}"#, r#"{"command":{"device":"desk","set":{"on":false}}}"#);
    let is = |person: &str, place: &str| Edit::Presence { person: person.into(), place: place.into() };
    assert_eq!(bench.edited(is("user-x", "home")).unwrap_err(), "there is no person user-x");
    bench.edited(is("user-a", "home")).unwrap();
    let Ok(Edited::Person(told)) = bench.edited(is("user-a", "home")) else { panic!() };
    assert_eq!(told.presence.unwrap().since, bench.now.time());
    bench.edited(is("user-b", "work")).unwrap();
    bench.edited(is("user-a", "away")).unwrap();
    assert_eq!(
        bench.news(),
        [
            "user-a ? → home [System]",
            "user-b ? → work [System]",
            "user-a home → away [System]",
            "started [System]",
            "finished [System]"
        ],
        "told again is no news"
    );
    assert_eq!(bench.sent(), ["desk on=false"]);

    let presence = Presence { place: "work".into(), since: Timestamp(5) };
    let kept = hub_model::household::KeptPresence {
        person: "user-b".into(),
        presence: presence.clone(),
        evidence: Vec::new(),
    };
    let gone = hub_model::household::KeptPresence { person: "user-x".into(), ..kept.clone() };
    let accounts = vec![account("user-b", "Ben")];
    let mut bench = Bench::new(&Kept { accounts, presences: vec![kept, gone], ..Kept::default() });
    let people = bench.core.snapshot().people;
    assert_eq!(people.iter().map(|person| person.presence.clone()).collect::<Vec<_>>(), [Some(presence)]);
}
