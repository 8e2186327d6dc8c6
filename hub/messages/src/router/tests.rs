//! A home of three people is told things, and time passes.

mod requests;

use hub_model::household::Secret;
use hub_model::message::{ChannelKind, MessagePreferences, QuietHours, WebhookShape};
use hub_model::notification::{AlertNote, Recipient, RequestState};
use hub_model::record::{Record, RecordKey};
use hub_model::zone::Zone;
use hub_model::{Trust, Wall};
use proptest::prelude::*;

mod pages;

use super::*;
use crate::household::Person;
use crate::limits::NEXT_PERSON_AFTER;

/// A channel whose id says whose and what it is: `anna/phone`.
fn channel(id: &str, least: Severity) -> Channel {
    let (account, what) = id.split_once('/').unwrap();
    let kind = match what.split('-').next().unwrap() {
        "phone" => {
            ChannelKind::WebPush { endpoint: Secret::new("https://push"), p256dh: "".into(), auth: Secret::new("") }
        }
        "mail" => ChannelKind::Email { address: "a@b.example".into() },
        _ => ChannelKind::Webhook { url: Secret::new("https://hook"), shape: WebhookShape::Json },
    };
    Channel { id: id.into(), account: account.into(), name: what.into(), kind, least, created_at: Timestamp(0) }
}

fn person(channels: &[&str]) -> Person {
    let account = channels[0].split('/').next().unwrap();
    Person {
        preferences: MessagePreferences::of(account.into()),
        channels: channels.iter().map(|id| channel(id, Severity::Info)).collect(),
        ends_at: None,
        sees_rules: account != "ben",
    }
}

fn home() -> Household {
    Household {
        zone: Zone::named("Europe/Berlin").unwrap(),
        people: vec![
            person(&["anna/phone-1", "anna/mail", "anna/phone-2"]),
            person(&["ben/hook"]),
            person(&["cleo/mail"]),
        ],
        escalation: vec!["anna".into(), "ben".into(), "nobody".into(), "cleo".into()],
    }
}

struct Bench {
    router: Router,
    household: Household,
    now: Now,
    /// What a restart would find.
    disk: BTreeMap<NotificationId, PendingMessage>,
    next_id: u32,
    told_too: Vec<String>,
    gone: Vec<ChannelId>,
}

impl Bench {
    fn new(household: Household, time: &str) -> Self {
        let wall = Wall { time: time.parse().unwrap(), trust: Trust::Ntp };
        let now = Now { wall, mono: Monotonic(Duration::from_secs(100)) };
        let router = Router::restore(&now, household.clone(), Vec::new(), NEXT_PERSON_AFTER);
        let (disk, told_too, gone) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { router, household, now, disk, next_id: 0, told_too, gone }
    }

    /// Gives an input; says what is sent: `channel: title body`.
    fn step(&mut self, input: Input<'_>) -> Vec<String> {
        let mut out = Output::default();
        self.router.step(&self.now, input, &mut out);
        for change in out.changes {
            match change {
                Change::Put(Record::PendingMessage(message)) => drop(self.disk.insert(message.id.clone(), message)),
                Change::Remove(RecordKey::PendingMessage(id)) => assert!(self.disk.remove(&id).is_some(), "{id}"),
                other => panic!("{other:?}"),
            }
        }
        self.told_too.extend(out.told_too.iter().map(|(id, account)| format!("{id} {account}")));
        self.gone.extend(out.gone);
        out.sendings.iter().map(|one| format!("{}: {}", one.channel.id, one.content.body)).collect()
    }

    fn notification(&mut self, to: &[&str], text: &str, severity: Severity) -> Notification {
        self.next_id += 1;
        Notification {
            id: format!("{:04}", self.next_id).into(),
            at: self.now.time(),
            title: None,
            message: text.into(),
            severity,
            rule: Some("rule".into()),
            to: to
                .iter()
                .map(|account| Recipient { account: (*account).into(), read_at: None, acknowledged_at: None })
                .collect(),
            alert: None,
            request: None,
        }
    }

    fn tell(&mut self, to: &[&str], text: &str, severity: Severity) -> Vec<String> {
        let told = self.notification(to, text, severity);
        self.step(Input::Told(&told))
    }

    fn alert(&mut self, code: &str, over: bool, severity: Severity) -> Vec<String> {
        let mut told = self.notification(&["anna"], code, severity);
        told.alert = Some(AlertNote { code: code.into(), over });
        self.step(Input::Told(&told))
    }

    fn outcome(&mut self, message: &str, channel: &str, outcome: Outcome) -> Vec<String> {
        self.step(Input::Outcome { message: &message.into(), channel: &channel.into(), outcome })
    }

    fn pass(&mut self, duration: Duration) {
        self.now.mono = self.now.mono.plus(duration);
        self.now.wall.time = self.now.wall.time.plus(duration);
    }

    /// Lets time pass, doing what is due meanwhile; says what was sent, with the minutes that had passed.
    fn wait(&mut self, minutes: u64) -> Vec<String> {
        let start = self.now.mono;
        let end = start.plus(Duration::from_secs(60 * minutes));
        let mut sent = Vec::new();
        loop {
            let due = self.router.poll_timeout(&self.now).unwrap_or(end).min(end);
            self.pass(due.since(self.now.mono));
            let minute = self.now.mono.since(start).as_secs() / 60;
            let news = self.step(Input::Timeout);
            sent.extend(news.into_iter().map(|line| format!("{minute} {line}")));
            if due == end {
                return sent;
            }
            assert!(self.router.poll_timeout(&self.now).is_none_or(|next| next > self.now.mono), "turns for ever");
        }
    }

    fn restart(&mut self) -> Vec<String> {
        let kept = self.disk.values().map(|message| {
            let text = serde_json::to_string(message).unwrap();
            serde_json::from_str(&text).unwrap()
        });
        self.now.mono = Monotonic(Duration::from_secs(1));
        self.router = Router::restore(&self.now, self.household.clone(), kept.collect(), NEXT_PERSON_AFTER);
        self.step(Input::Timeout)
    }
}

const NOON: &str = "2026-11-20T11:00:00Z";
const EVENING: &str = "2026-11-20T22:30:00Z";
const NOTHING: [&str; 0] = [];

fn failed() -> Outcome {
    Outcome::Failed { retry_after: None, detail: "no answer".into() }
}

#[test]
fn a_message_goes_to_all_channels_of_the_first_kind() {
    let mut bench = Bench::new(home(), NOON);
    let sent = bench.tell(&["anna", "ben", "nobody"], "done", Severity::Info);
    assert_eq!(sent, ["anna/phone-1: done", "anna/phone-2: done", "ben/hook: done"]);
    for (id, channel) in [("0001", "anna/phone-1"), ("0001", "anna/phone-2"), ("0001", "ben/hook")] {
        assert_eq!(bench.outcome(id, channel, Outcome::Delivered), NOTHING);
    }
    assert_eq!((bench.router.pending(), bench.disk.len()), (0, 0));
    assert_eq!(bench.wait(600), NOTHING);
}

#[test]
fn nothing_is_sent_to_who_has_no_account_any_more() {
    let mut household = home();
    let now = Bench::new(home(), NOON).now;
    // Ben's account ends in five minutes; he is told, is tried again, and would be the next person after that.
    household.people[1].ends_at = Some(now.time().plus(Duration::from_secs(300)));
    let mut bench = Bench::new(household, NOON);
    assert_eq!(bench.tell(&["ben"], "done", Severity::Info), ["ben/hook: done"]);
    assert_eq!(bench.tell(&["ben"], "later", Severity::Info), ["ben/hook: later"]);
    bench.pass(Duration::from_secs(290));
    assert_eq!(bench.outcome("0001", "ben/hook", failed()), NOTHING);
    assert_eq!(bench.tell(&["anna"], "alarm", Severity::Error), ["anna/phone-1: alarm", "anna/phone-2: alarm"]);
    bench.pass(Duration::from_secs(10));
    assert_eq!(bench.tell(&["ben"], "too late", Severity::Info), NOTHING);
    assert_eq!(bench.outcome("0002", "ben/hook", failed()), NOTHING);
    let sent = bench.wait(600);
    assert!(
        !sent.iter().any(|line| line.contains("ben/")) && sent.iter().any(|line| line.contains("cleo/")),
        "{sent:?}"
    );
    // His account goes on for longer: he is told again.
    let mut household = home();
    household.people[1].ends_at = Some(bench.now.time().plus(Duration::from_secs(300)));
    bench.step(Input::Household(household));
    assert_eq!(bench.tell(&["ben"], "again", Severity::Info), ["ben/hook: again"]);
    // While nobody knows what time it is, it may be over.
    bench.now.wall.trust = Trust::Persisted;
    assert_eq!(bench.tell(&["ben"], "perhaps", Severity::Info), NOTHING);
}

#[test]
fn a_start_without_a_clock_holds_back_and_forgets_nothing() {
    let mut household = home();
    household.people[1].ends_at = Some("2026-12-24T00:00:00Z".parse().unwrap());
    household.escalation = vec!["ben".into(), "cleo".into()];
    let mut bench = Bench::new(household, NOON);
    assert_eq!(bench.tell(&["ben"], "smoke", Severity::Error), ["ben/hook: smoke"]);
    bench.outcome("0001", "ben/hook", failed());
    bench.now.wall.trust = Trust::Persisted;
    // Who cannot be told yet costs no time: the next person is told at once.
    assert_eq!(bench.restart(), ["cleo/mail: smoke"]);
    assert_eq!(bench.tell(&["ben"], "done", Severity::Warning), NOTHING);
    assert_eq!(bench.wait(30), NOTHING);
    assert_eq!(bench.restart(), ["cleo/mail: smoke"], "what was being sent is sent again");
    assert_eq!(bench.disk.len(), 2);
    bench.now.wall.trust = Trust::Ntp;
    let mut sent = bench.step(Input::Timeout);
    sent.sort();
    assert_eq!(sent, ["ben/hook: done", "ben/hook: smoke"]);
    // It turns out that his account is over.
    bench.now.wall.trust = Trust::Persisted;
    bench.outcome("0001", "ben/hook", failed());
    assert_eq!(bench.restart().iter().filter(|line| line.starts_with("ben/")).count(), 0);
    bench.now.wall = Wall { time: "2026-12-24T00:00:00Z".parse().unwrap(), trust: Trust::Ntp };
    assert_eq!(bench.wait(60).iter().filter(|line| line.contains("ben/")).count(), 0);
}

#[test]
fn each_channel_and_person_takes_what_is_bad_enough() {
    let mut household = home();
    household.people[0].channels = vec![channel("anna/phone", Severity::Warning), channel("anna/mail", Severity::Info)];
    household.people[1].preferences.least = Severity::Error;
    let mut bench = Bench::new(household, NOON);
    let everyone = ["anna", "ben", "cleo"];
    assert_eq!(bench.tell(&everyone, "a", Severity::Info), ["anna/mail: a", "cleo/mail: a"]);
    assert_eq!(bench.tell(&everyone, "b", Severity::Warning), ["anna/phone: b", "cleo/mail: b"]);
    assert_eq!(bench.tell(&everyone, "c", Severity::Error), ["anna/phone: c", "ben/hook: c", "cleo/mail: c"]);
}

#[test]
fn what_cannot_be_sent_is_tried_again_and_then_by_another_way() {
    let mut bench = Bench::new(home(), NOON);
    bench.tell(&["anna"], "x", Severity::Warning);
    bench.outcome("0001", "anna/phone-2", Outcome::Refused { detail: "too long".into() });
    bench.outcome(
        "0001",
        "anna/phone-1",
        Outcome::Failed { retry_after: Some(Duration::from_secs(300)), detail: "".into() },
    );
    assert_eq!(bench.disk.len(), 1, "kept until it is tried again");
    assert_eq!(bench.wait(6), ["5 anna/phone-1: x"]);
    assert_eq!(bench.disk.len(), 0);
    // The subscription is gone, and so is the last phone: mail it is.
    assert_eq!(bench.outcome("0001", "anna/phone-1", Outcome::Gone), ["anna/mail: x"]);
    assert_eq!(bench.gone, ["anna/phone-1".into()]);
    let mut tries = 1;
    while bench.router.pending() > 0 {
        bench.outcome("0001", "anna/mail", failed());
        tries += bench.wait(61).len();
    }
    assert_eq!(tries, 10);
}

#[test]
fn a_second_outcome_of_one_delivery_is_none() {
    let mut bench = Bench::new(home(), NOON);
    bench.tell(&["ben"], "x", Severity::Error);
    bench.outcome("0001", "ben/hook", Outcome::Delivered);
    let before = bench.router.poll_timeout(&bench.now);
    assert_eq!(bench.outcome("0001", "ben/hook", failed()), NOTHING);
    assert_eq!(bench.outcome("9999", "ben/hook", failed()), NOTHING);
    assert_eq!(bench.router.poll_timeout(&bench.now), before);
}

#[test]
fn what_is_critical_goes_on_until_somebody_sees_to_it() {
    let mut bench = Bench::new(home(), NOON);
    let mut sent = bench.tell(&["anna"], "smoke", Severity::Error);
    for phone in ["anna/phone-1", "anna/phone-2"] {
        sent.extend(bench.outcome("0001", phone, Outcome::Delivered));
    }
    sent.extend(bench.wait(60));
    assert_eq!(
        sent,
        [
            "anna/phone-1: smoke",
            "anna/phone-2: smoke",
            "2 anna/mail: smoke",
            "10 ben/hook: smoke",
            "20 cleo/mail: smoke"
        ]
    );
    assert_eq!(bench.told_too, ["0001 ben", "0001 cleo"]);

    let mut bench = Bench::new(home(), NOON);
    bench.tell(&["anna"], "smoke", Severity::Error);
    assert_eq!(bench.wait(11), ["2 anna/mail: smoke", "10 ben/hook: smoke"]);
    bench.step(Input::Acknowledged(&"0001".into()));
    assert_eq!(bench.wait(600), NOTHING);
    assert_eq!((bench.router.pending(), bench.disk.len()), (0, 0));
}

#[test]
fn whichever_of_equal_messages_is_acknowledged_they_all_are() {
    for acknowledged in ["0001", "0002", "0003"] {
        let mut bench = Bench::new(home(), NOON);
        bench.tell(&["anna"], "smoke", Severity::Error);
        for _ in 0..2 {
            bench.wait(3);
            assert_eq!(bench.tell(&["anna"], "smoke", Severity::Error), NOTHING);
        }
        // Also of what a restart goes on with, and which it is told again.
        bench.restart();
        let again = Notification { id: "0002".into(), ..bench.notification(&["anna"], "smoke", Severity::Error) };
        assert_eq!(bench.step(Input::Told(&again)), NOTHING);
        assert_eq!(bench.router.messages.values().map(|message| message.count).collect::<Vec<_>>(), [3]);
        bench.step(Input::Acknowledged(&acknowledged.into()));
        assert_eq!(bench.wait(60), NOTHING, "{acknowledged}");
        assert_eq!((bench.router.pending(), bench.disk.len()), (0, 0));
    }
}

#[test]
fn of_very_many_equal_messages_the_first_and_the_newest_can_be_acknowledged() {
    for acknowledged in ["0001", "0500"] {
        let mut bench = Bench::new(home(), NOON);
        for _ in 0..500 {
            bench.tell(&["anna"], "smoke", Severity::Error);
        }
        assert!(bench.router.messages.values().all(|message| message.again.len() <= 64));
        bench.step(Input::Acknowledged(&acknowledged.into()));
        assert_eq!(bench.router.pending(), 0, "{acknowledged}");
    }
}

#[test]
fn what_is_critical_and_comes_again_after_it_was_seen_to_is_new() {
    let mut bench = Bench::new(home(), NOON);
    assert_eq!(bench.tell(&["ben"], "smoke", Severity::Error), ["ben/hook: smoke"]);
    bench.step(Input::Acknowledged(&"0001".into()));
    assert_eq!(bench.tell(&["ben"], "smoke", Severity::Error), ["ben/hook: smoke"]);
    // Nobody could be reached: that is no reason to say nothing the next time.
    let mut household = home();
    household.escalation.clear();
    let mut bench = Bench::new(household, NOON);
    bench.tell(&["ben"], "smoke", Severity::Error);
    bench.outcome("0001", "ben/hook", Outcome::Refused { detail: "no".into() });
    assert_eq!(bench.router.pending(), 0);
    assert_eq!(bench.tell(&["ben"], "smoke", Severity::Error), ["ben/hook: smoke"]);
}

#[test]
fn who_cannot_be_reached_costs_no_time() {
    let mut household = home();
    household.people[0].channels.clear();
    let mut bench = Bench::new(household, NOON);
    assert_eq!(bench.tell(&["anna"], "smoke", Severity::Error), ["ben/hook: smoke"]);
    assert_eq!(bench.outcome("0001", "ben/hook", Outcome::Gone), ["cleo/mail: smoke"]);
}

#[test]
fn quiet_hours_hold_back_all_but_what_is_critical() {
    let mut household = home();
    let quiet = QuietHours { from: "22:00".parse().unwrap(), to: "07:00".parse().unwrap() };
    household.people[1].preferences.quiet = Some(quiet);
    let mut bench = Bench::new(household, EVENING);
    assert_eq!(bench.tell(&["ben", "cleo"], "a", Severity::Info), ["cleo/mail: a"]);
    bench.outcome("0001", "cleo/mail", Outcome::Delivered);
    assert_eq!(bench.tell(&["ben"], "b", Severity::Warning), NOTHING);
    assert_eq!(bench.tell(&["ben"], "b", Severity::Warning), NOTHING);
    assert_eq!(bench.tell(&["ben"], "fire", Severity::Error), ["ben/hook: fire"]);
    bench.step(Input::Acknowledged(&"0004".into()));
    assert_eq!(bench.disk.len(), 2);
    // Also over a restart; 22:30 in London is half past eleven in Berlin.
    assert_eq!(bench.restart(), NOTHING);
    assert_eq!(bench.wait(9 * 60), ["450 ben/hook: a\nb (2 times)"]);
    assert_eq!(bench.outcome("0002/waited/ben", "ben/hook", Outcome::Delivered), NOTHING);
    assert_eq!((bench.router.pending(), bench.disk.len()), (0, 0));
    // One alone comes as itself.
    bench.pass(Duration::from_secs(15 * 3_600));
    bench.tell(&["ben"], "alone", Severity::Info);
    assert_eq!(
        bench.wait(12 * 60).iter().map(|line| line.split_once(' ').unwrap().1).collect::<Vec<_>>(),
        ["ben/hook: alone"]
    );
}

#[test]
fn a_restart_after_quiet_hours_sends_what_waited() {
    let mut household = home();
    let quiet = QuietHours { from: "22:00".parse().unwrap(), to: "07:00".parse().unwrap() };
    household.people[1].preferences.quiet = Some(quiet);
    let mut bench = Bench::new(household, EVENING);
    bench.tell(&["ben"], "a", Severity::Info);
    bench.pass(Duration::from_secs(12 * 3_600));
    assert_eq!(bench.restart(), ["ben/hook: a"]);
}

#[test]
fn equal_messages_count_up() {
    let mut bench = Bench::new(home(), NOON);
    assert_eq!(bench.tell(&["ben"], "again", Severity::Info).len(), 1);
    assert_eq!(bench.tell(&["ben"], "again", Severity::Info), NOTHING);
    assert_eq!(bench.tell(&["ben"], "again", Severity::Error), ["ben/hook: again"], "worse is new");
    bench.step(Input::Acknowledged(&"0003".into()));
    assert_eq!(bench.tell(&["cleo"], "again", Severity::Info).len(), 1, "to somebody else it is another");
    bench.pass(Duration::from_secs(601));
    assert_eq!(bench.tell(&["ben"], "again", Severity::Info).len(), 1, "a while later it is new");
}

#[test]
fn an_alarm_that_comes_again_after_it_was_over_is_new() {
    let mut bench = Bench::new(home(), NOON);
    assert_eq!(bench.alert("smoke:k", false, Severity::Error).len(), 2);
    assert_eq!(bench.alert("smoke:k", false, Severity::Error).len(), 0);
    assert_eq!(bench.alert("smoke:k", true, Severity::Warning).len(), 2);
    assert_eq!(bench.wait(5), NOTHING, "nobody else need be told");
    assert_eq!(bench.alert("smoke:k", false, Severity::Error).len(), 2);
}

#[test]
fn kinds_and_devices_can_be_muted() {
    let mut household = home();
    household.people[0].preferences.muted_kinds = vec!["battery_low".into()];
    household.people[0].preferences.muted_devices = vec!["zigbee:0x2".into()];
    let mut bench = Bench::new(household, NOON);
    for (code, sent) in
        [("battery_low:zigbee:0x1", 0), ("offline:zigbee:0x2", 0), ("offline:zigbee:0x1", 2), ("storage_full", 2)]
    {
        assert_eq!(bench.alert(code, false, Severity::Warning).len(), sent, "{code}");
    }
}

#[test]
fn an_hour_has_room_for_so_many() {
    let mut bench = Bench::new(home(), NOON);
    let mut sent = 0;
    for number in 0..50 {
        let told = bench.tell(&["ben"], &number.to_string(), Severity::Info);
        sent += told.len();
        let id = format!("{:04}", bench.next_id);
        bench.outcome(&id, "ben/hook", Outcome::Delivered);
    }
    assert_eq!(sent, 20);
    assert_eq!(bench.tell(&["ben"], "fire", Severity::Error).len(), 1, "what is critical has its own room");
    bench.step(Input::Acknowledged(&"0051".into()));
    let sent = bench.wait(61);
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].starts_with("60 ben/hook: There were too many"), "{sent:?}");
}

#[test]
fn a_restart_goes_on_with_what_was_critical() {
    let mut bench = Bench::new(home(), NOON);
    bench.tell(&["anna"], "smoke", Severity::Error);
    bench.wait(3);
    // What was being sent is sent again, the next person hears of it at their time.
    assert_eq!(bench.restart(), ["anna/phone-1: smoke", "anna/phone-2: smoke", "anna/mail: smoke"]);
    assert_eq!(bench.wait(30), ["7 ben/hook: smoke", "17 cleo/mail: smoke"]);
    // A clock that was years ahead postpones nothing.
    let mut bench = Bench::new(home(), "2036-01-01T00:00:00Z");
    bench.tell(&["anna"], "smoke", Severity::Error);
    bench.now.wall.time = NOON.parse().unwrap();
    bench.restart();
    assert_eq!(bench.wait(15), ["2 anna/mail: smoke", "10 ben/hook: smoke"]);
}

#[test]
fn who_leaves_is_told_nothing_more() {
    let mut household = home();
    let mut bench = Bench::new(household.clone(), NOON);
    bench.tell(&["anna", "cleo"], "smoke", Severity::Error);
    household.people.remove(0);
    assert_eq!(bench.step(Input::Household(household)), NOTHING);
    assert_eq!(bench.wait(60), ["10 ben/hook: smoke"]);
}

#[test]
fn memory_is_bounded_and_what_is_critical_stays() {
    let mut household = home();
    let quiet = QuietHours { from: "22:00".parse().unwrap(), to: "07:00".parse().unwrap() };
    household.people[1].preferences.quiet = Some(quiet);
    let mut bench = Bench::new(household, EVENING);
    bench.tell(&["ben"], "fire", Severity::Error);
    for number in 0..2_000 {
        bench.tell(&["ben"], &number.to_string(), Severity::Info);
    }
    assert_eq!((bench.router.pending(), bench.disk.len()), (256, 256));
    assert!(bench.router.recent.len() <= 1_024);
    assert!(bench.router.messages.contains_key(&NotificationId::new("0001")));
}

#[derive(Debug, Clone)]
enum Move {
    Tell(u8, u8, u8),
    Outcome(u8, u8),
    Acknowledge(u8),
    Pass(u16),
    Restart,
    Jump(i32),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (0..8_u8, 0..6_u8, 0..3_u8).prop_map(|(to, text, severity)| Move::Tell(to, text, severity)),
        6 => (any::<u8>(), 0..4_u8).prop_map(|(which, how)| Move::Outcome(which, how)),
        1 => any::<u8>().prop_map(Move::Acknowledge),
        4 => (0..600_u16).prop_map(Move::Pass),
        1 => Just(Move::Restart),
        1 => (-100_000..100_000_i32).prop_map(Move::Jump),
    ];
    proptest::collection::vec(one, 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever happens: what is to be kept is on the disk, nothing turns for ever, everything ends, and something
    /// critical that nobody acknowledges has been sent to everybody on the list.
    #[test]
    fn whatever_happens_it_ends_well(moves in moves()) {
        let mut bench = Bench::new(home(), NOON);
        let mut open: Vec<(NotificationId, ChannelId)> = Vec::new();
        let severities = [Severity::Info, Severity::Warning, Severity::Error];
        for one in moves {
            let sent = match one {
                Move::Tell(to, text, severity) => {
                    let names: Vec<&str> = ["anna", "ben", "cleo"].into_iter().enumerate()
                        .filter(|(bit, _)| to & (1 << bit) != 0).map(|(_, name)| name).collect();
                    bench.tell(&names, &text.to_string(), severities[usize::from(severity)])
                }
                Move::Outcome(which, how) => {
                    if open.is_empty() { continue }
                    let (message, channel) = open.swap_remove(usize::from(which) % open.len());
                    let outcome = [Outcome::Delivered, failed(), Outcome::Gone, Outcome::Refused { detail: "".into() }]
                        [usize::from(how)].clone();
                    bench.outcome(message.as_str(), channel.as_str(), outcome)
                }
                Move::Acknowledge(which) => {
                    let id = bench.router.messages.keys().nth(usize::from(which) % 4).cloned();
                    id.map(|id| bench.step(Input::Acknowledged(&id))).unwrap_or_default()
                }
                Move::Pass(minutes) => bench.wait(minutes.into()),
                Move::Restart => bench.restart(),
                Move::Jump(seconds) => {
                    bench.now.wall.time = Timestamp(bench.now.time().0 + i64::from(seconds) * 1_000);
                    bench.step(Input::Timeout)
                }
            };
            drop(sent);
            open = bench.router.messages.values().flat_map(|message| {
                let sending = message.tells.iter().flat_map(|tell| &tell.deliveries)
                    .filter(|one| one.state == DeliveryState::Sending);
                sending.map(|one| (message.id.clone(), one.channel.clone()))
            }).collect();
            for message in bench.router.messages.values() {
                if is_critical(message) {
                    prop_assert_eq!(bench.disk.get(&message.id), Some(message));
                }
            }
            for id in bench.disk.keys() {
                prop_assert!(bench.router.messages.contains_key(id));
            }
        }
        let critical: Vec<NotificationId> =
            bench.router.messages.values().filter(|message| is_critical(message)).map(|message| message.id.clone()).collect();
        bench.wait(60);
        for id in critical {
            if let Some(message) = bench.router.messages.get(&id) {
                let told: BTreeSet<&str> = message.tells.iter().map(|tell| tell.account.as_str()).collect();
                prop_assert_eq!(told, BTreeSet::from(["anna", "ben", "cleo"]));
            }
        }
        // Every delivery ends sometime, and then everything does.
        for _ in 0..60 {
            let sending: Vec<(NotificationId, ChannelId)> = bench.router.messages.values().flat_map(|message| {
                message.tells.iter().flat_map(|tell| &tell.deliveries)
                    .filter(|one| one.state == DeliveryState::Sending)
                    .map(|one| (message.id.clone(), one.channel.clone())).collect::<Vec<_>>()
            }).collect();
            for (message, channel) in sending {
                bench.outcome(message.as_str(), channel.as_str(), Outcome::Delivered);
            }
            bench.wait(60);
        }
        prop_assert_eq!(bench.router.pending(), 0);
        prop_assert_eq!(bench.disk.len(), 0);
    }
}
