//! Permissions that begin and end by themselves are said to be others, at the moment at which they are.

use hub_model::event::Resource;
use hub_model::household::{Account, Role};
use hub_model::{Monotonic, Trust};

use super::permissions::person;
use super::*;

const HOUR: Duration = Duration::from_secs(3_600);

/// A home on Friday, 15 January 2027, at 08:00 UTC, with a child for whom these rules are made.
fn home(rules: &str) -> Bench {
    let account = |id: &str, role| Account::new(id.into(), id, role, Timestamp(0));
    let permissions =
        format!(r#"{{"rules": [{rules}], "ready_made": [{{"who": {{"role": "child"}}, "ready_made": false}}]}}"#);
    let kept = Kept {
        accounts: vec![account("anna", Role::Owner), account("ben", Role::Child)],
        permissions: Some(permissions.into()),
        ..Kept::default()
    };
    let mut bench = Bench::with_lamp_and(&kept);
    bench.pass(Duration::ZERO);
    bench.out = Output::default();
    bench
}

fn rule(more: &str) -> String {
    format!(r#"{{"id": "r", "who": {{"person": "ben"}}, "allow": ["see", "control"]{more}}}"#)
}

impl Bench {
    /// How often it was said that permissions are others.
    fn said(&mut self) -> usize {
        let events = std::mem::take(&mut self.out.events);
        let is_said = |kind: &EventKind| matches!(kind, EventKind::Changed { what: Resource::Permissions, .. });
        events.iter().filter(|event| is_said(&event.kind)).count()
    }

    /// Sleeps until the core wants to be woken, as the task does, for so long at most; says how long that was.
    fn sleep(&mut self, most: Duration) -> Duration {
        let next = self.core.poll_timeout(&self.now).unwrap_or(Monotonic(Duration::MAX));
        let slept = next.since(self.now.mono).min(most);
        self.pass(slept);
        slept
    }
}

#[test]
fn a_window_is_said_when_it_begins_and_ends_and_on_other_days_not() {
    let mut bench = home(&rule(r#", "when": {"from": "10:00", "to": "12:00", "weekdays": ["fri"]}"#));
    assert_eq!((bench.sleep(24 * HOUR), bench.said()), (2 * HOUR, 1));
    assert_eq!((bench.sleep(24 * HOUR), bench.said()), (2 * HOUR, 1));
    // On the next days nothing begins: it is looked at most, and nothing is said.
    let mut slept = Duration::ZERO;
    let mut looks = 0;
    while slept < 5 * 24 * HOUR {
        slept += bench.sleep(24 * HOUR);
        looks += 1;
    }
    assert_eq!(bench.said(), 0);
    assert!(looks <= 12, "{looks}");
}

#[test]
fn what_ends_once_is_said_once() {
    let mut bench = home(&rule(r#", "until": "2027-01-15T09:30:00Z""#));
    assert_eq!((bench.sleep(24 * HOUR), bench.said()), (Duration::from_secs(5_400), 1));
    assert_eq!(bench.core.permissions_turn_at(), None);
}

#[test]
fn where_people_are_turns_permissions_too() {
    let mut bench = home(&rule(r#", "only_while_home": ["adult"]"#));
    for (place, said) in [("home", 1), ("home", 0), ("away", 1)] {
        bench.edits("anna", Edit::Presence { person: "anna".into(), place: place.into() }).unwrap();
        bench.pass(Duration::ZERO);
        assert_eq!(bench.said(), said, "{place}");
    }
}

#[test]
fn a_days_allowance_is_said_when_it_is_used_up_and_when_there_is_a_new_one() {
    let mut bench = home(&rule(r#", "daily": {"minutes": 60}"#));
    let request = CommandRequest {
        device: hall(),
        endpoint: None,
        set: vec![("on".into(), Value::Bool(true))],
        transition_ms: None,
        ttl_ms: None,
    };
    bench.core.dispatch(&bench.now, person("ben"), request, false, &mut bench.out).unwrap();
    let mut slept = Duration::ZERO;
    while slept < HOUR {
        assert_eq!(bench.said(), 0);
        slept += bench.sleep(HOUR - slept);
    }
    assert_eq!(bench.said(), 1);
    while slept < 16 * HOUR {
        assert_eq!(bench.said(), 0);
        slept += bench.sleep(16 * HOUR - slept);
    }
    assert_eq!(bench.said(), 1);
}

#[test]
fn a_clock_that_is_set_is_followed() {
    let mut bench = home(&rule(r#", "when": {"from": "10:00", "to": "12:00"}"#));
    let mut set = |hours: u32, trust| {
        bench.now.wall.time = Timestamp(1_800_000_000_000).plus(hours * HOUR);
        bench.now.wall.trust = trust;
        bench.pass(Duration::ZERO);
        bench.said()
    };
    assert_eq!(set(3, Trust::Ntp), 1);
    assert_eq!(set(3, Trust::Persisted), 1, "nobody knows whether it is its time");
    assert_eq!(set(3, Trust::Lan), 1);
    assert_eq!(set(1, Trust::Lan), 1);
}

#[test]
fn who_changes_permissions_is_heard_once() {
    let mut bench = home(&rule(r#", "when": {"from": "07:00", "to": "12:00"}"#));
    let policy = serde_json::from_str(&format!(r#"{{"rules": [{}]}}"#, rule(""))).unwrap();
    bench.edits("anna", Edit::Permissions(policy)).unwrap();
    bench.pass(Duration::ZERO);
    assert_eq!(bench.said(), 1);
}
