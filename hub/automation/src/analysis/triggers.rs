//! What sets rules off: the events, and what is known of the home when they come.

use std::sync::Arc;
use std::time::Duration;

use hub_model::Value;
use hub_model::zone::Weekday;

use super::conditions::{WEEKDAYS, seconds};
use super::facts::{CLOCK, Facts, SUN, Variable};
use super::home::{Home, Subject};
use super::set::{Cut, Set};
use super::sun::DAY;
use crate::document::written::CatchUpPolicy;
use crate::rule::{AttributeKey, NumberRange, Rule, Trigger, TriggerKind, Who};
use crate::sun::SunTime;

/// How many of the things that a trigger watches are looked at.
const MOST_SUBJECTS: usize = 12;
/// How many times of day of a schedule are looked at one by one.
const MOST_TIMES: usize = 1_440;
/// Schedules with more times than this say nothing of what clocks show.
const MOST_KNOWN_TIMES: usize = 12;

/// Changes that come again by themselves, so that nobody needs to ask again.
const PASSING: &[&str] = &["occupancy", "vibration", "motion", "moving"];

/// An event that sets a rule off.
#[derive(Clone, Debug)]
pub(super) struct Firing {
    /// Which of the rule's triggers it is.
    pub(super) trigger: usize,
    pub(super) signal: Signal,
    /// What is known when it comes.
    pub(super) facts: Facts,
    pub(super) lasts: Lasts,
}

/// Whether what an event is about lasts, so that what is asked then may be wanted later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lasts {
    /// It is a moment, or comes again by itself.
    No,
    /// It lasts, but people mean the moment: who comes or goes, or another mode. The devices should follow it.
    ForDevices,
    /// It lasts.
    Yes,
}

/// What happens.
#[derive(Clone, Debug)]
pub(super) enum Signal {
    /// A variable changes.
    Change(Change),
    /// A button is pressed.
    Press { key: AttributeKey, values: Option<Vec<Value>> },
    /// Clocks show a time.
    Schedule(Schedule),
    /// The sun rises or sets.
    Sun { moment: SunTime, weekdays: Vec<Weekday> },
    /// The hub starts.
    Start,
    /// Somebody calls a webhook.
    Webhook(Arc<str>),
}

/// A variable changes.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) variable: Variable,
    pub(super) before: Set,
    pub(super) after: Set,
    /// What it must have been exactly, if anything was said.
    pub(super) hold: Option<Duration>,
    /// It comes into this range.
    pub(super) range: Option<NumberRange>,
    /// It is wanted that it becomes one of these; else any change will do.
    pub(super) is_said: bool,
}

/// Times of day, on some days.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    /// In seconds, rising.
    times: Vec<u32>,
    /// Monday first.
    weekdays: [bool; 7],
    /// It may leave out some of these.
    partly: bool,
}

impl Schedule {
    fn new(mut times: Vec<u32>, weekdays: &[Weekday], partly: bool) -> Self {
        times.sort_unstable();
        times.dedup();
        let mut days = [weekdays.is_empty(); 7];
        for (day, weekday) in days.iter_mut().zip(WEEKDAYS) {
            *day |= weekdays.contains(&weekday);
        }
        Self { times, weekdays: days, partly }
    }

    /// The moments that both have.
    fn both(&self, other: &Self) -> Self {
        let times = self.times.iter().copied().filter(|time| other.times.binary_search(time).is_ok()).collect();
        let mut weekdays = self.weekdays;
        for (day, other) in weekdays.iter_mut().zip(other.weekdays) {
            *day &= other;
        }
        Self { times, weekdays, partly: self.partly || other.partly }
    }

    fn is_never(&self) -> bool {
        self.times.is_empty() || self.weekdays == [false; 7]
    }

    /// As a set of the clock.
    pub(super) fn set(&self) -> Set {
        let days = (0..7).filter(|day| self.weekdays.get(*day) == Some(&true));
        if self.times.len() > MOST_TIMES / 10 {
            return Set::of(
                days.map(|day| (Cut::before(day as f64 * DAY), Cut::before((day + 1) as f64 * DAY))).collect(),
            );
        }
        Set::points(days.flat_map(|day| self.times.iter().map(move |time| day as f64 * DAY + f64::from(*time))))
    }

    /// Whether each moment of it is one of `other`.
    fn is_within(&self, other: &Self) -> bool {
        !other.partly
            && self.times.iter().all(|time| other.times.binary_search(time).is_ok())
            && self.weekdays.iter().zip(other.weekdays).all(|(day, other)| !day || other)
    }
}

impl Signal {
    /// Whether one event can be both; then what is known besides.
    pub(super) fn meets(&self, other: &Self) -> Option<Facts> {
        match (self, other) {
            (Self::Change(left), Self::Change(right)) => left.meets(right).then(Facts::default),
            (Self::Press { key, values }, Self::Press { key: other_key, values: others }) => {
                let shared = match (values, others) {
                    (Some(values), Some(others)) => values.iter().any(|value| others.contains(value)),
                    _ => true,
                };
                (key == other_key && shared).then(Facts::default)
            }
            (Self::Schedule(left), Self::Schedule(right)) => {
                let both = left.both(right);
                (!both.is_never()).then(|| Facts::of(CLOCK, both.set()))
            }
            (Self::Sun { moment, weekdays }, Self::Sun { moment: other_moment, weekdays: others }) => {
                let shared =
                    weekdays.is_empty() || others.is_empty() || weekdays.iter().any(|weekday| others.contains(weekday));
                (moment == other_moment && shared).then(Facts::default)
            }
            (Self::Start, Self::Start) => Some(Facts::default()),
            (Self::Webhook(left), Self::Webhook(right)) => (left == right).then(Facts::default),
            _ => None,
        }
    }

    /// Whether each event that is this one is the other too.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Change(left), Self::Change(right)) => left.is_within(right),
            (Self::Press { key, values }, Self::Press { key: other_key, values: others }) => {
                let within = match (values, others) {
                    (_, None) => true,
                    (None, Some(_)) => false,
                    (Some(values), Some(others)) => values.iter().all(|value| others.contains(value)),
                };
                key == other_key && within
            }
            (Self::Schedule(left), Self::Schedule(right)) => left.is_within(right),
            (Self::Sun { moment, weekdays }, Self::Sun { moment: other_moment, weekdays: others }) => {
                let within = others.is_empty()
                    || (!weekdays.is_empty() && weekdays.iter().all(|weekday| others.contains(weekday)));
                moment == other_moment && within
            }
            (Self::Start, Self::Start) => true,
            (Self::Webhook(left), Self::Webhook(right)) => left == right,
            _ => false,
        }
    }
}

impl Change {
    /// Whether it can happen at all.
    pub(super) fn is_possible(&self) -> bool {
        if self.after.is_empty() || self.before.is_empty() {
            return false;
        }
        // A change ends elsewhere than it began.
        match self.after.single() {
            Some(_) => !self.before.is_within(&self.after),
            None => !(self.is_said && self.before.is_within(&self.after) && !self.after.unknown && self.is_one()),
        }
    }

    /// All that it goes to counts as one value.
    fn is_one(&self) -> bool {
        self.after.spans().len() == 1
    }

    fn meets(&self, other: &Self) -> bool {
        if self.variable != other.variable || self.hold != other.hold {
            return false;
        }
        if let (Some(left), Some(right)) = (&self.range, &other.range) {
            // Numbers change little by little: two ranges are entered at once at one bound. Two thresholds that cross
            // may both be met by the first value that is ever heard.
            let same = (left.above.is_some() && left.above == right.above)
                || (left.below.is_some() && left.below == right.below);
            let opposite = matches!(
                (left.above, left.below, right.above, right.below),
                (Some(_), None, None, Some(_)) | (None, Some(_), Some(_), None)
            );
            return (same || opposite) && self.after.meets(&other.after);
        }
        let (before, after) = (self.before.intersect(&other.before), self.after.intersect(&other.after));
        match after.single() {
            Some(_) => !before.is_within(&after),
            None => !before.is_empty() && after.has_known(),
        }
    }

    fn is_within(&self, other: &Self) -> bool {
        if self.variable != other.variable || self.hold != other.hold {
            return false;
        }
        match (&self.range, &other.range) {
            (Some(left), Some(right)) => left == right,
            (None, Some(_)) => false,
            (_, None) => self.after.is_within(&other.after) && self.before.is_within(&other.before),
        }
    }
}

/// The events that a rule's triggers are about.
pub(super) fn firings(rule: &Rule, home: &mut Home<'_>) -> Vec<Firing> {
    let mut firings = Vec::new();
    for (index, trigger) in rule.triggers.iter().enumerate() {
        of_trigger(index, trigger, rule.catch_up.schedules == CatchUpPolicy::Skip, home, &mut firings);
    }
    firings
}

/// The events that one trigger, or one thing that is waited for, is about. A schedule that is caught up with later says
/// nothing of the time.
pub(super) fn of_trigger(
    index: usize,
    trigger: &Trigger,
    in_time: bool,
    home: &mut Home<'_>,
    firings: &mut Vec<Firing>,
) {
    let mut add = |signal, facts, lasts| firings.push(Firing { trigger: index, signal, facts, lasts });
    match &trigger.kind {
        TriggerKind::State { watched, from, to, hold } => {
            for key in watched.iter().take(MOST_SUBJECTS) {
                let from = from.as_ref().map(|from| home.any_of(from));
                let to = to.as_ref().map(|to| home.any_of(to));
                let (variable, since) = (home.attribute(key), home.since(key));
                let change = change(variable, from, to, *hold, home);
                let mut facts = known(&change, home);
                facts.put(since, Set::point(hold.unwrap_or_default().as_secs_f64()));
                let passes = !change.is_said || PASSING.contains(&key.attribute.as_str());
                add(Signal::Change(change), facts, if passes { Lasts::No } else { Lasts::Yes });
            }
        }
        TriggerKind::Numeric { watched, range, hold } => {
            for key in watched.iter().take(MOST_SUBJECTS) {
                let variable = home.attribute(key);
                let inside = home.universe(variable).intersect(&Home::range(range));
                let before = home.other_than(variable, &inside);
                let facts = Facts::of(variable, inside.clone());
                let change =
                    Change { variable, before, after: inside, hold: *hold, range: Some(*range), is_said: true };
                add(Signal::Change(change), facts, Lasts::Yes);
            }
        }
        TriggerKind::Event { watched, is } => {
            for key in watched.iter().take(MOST_SUBJECTS) {
                let values = is.as_ref().map(|is| is.iter().map(|pattern| pattern.value.clone()).collect());
                add(Signal::Press { key: key.clone(), values }, Facts::default(), Lasts::No);
            }
        }
        TriggerKind::Time { at, weekdays } => {
            let times = at.iter().map(|time| seconds(*time) as u32).collect();
            let schedule = Schedule::new(times, weekdays, false);
            add(Signal::Schedule(schedule.clone()), schedule_facts(&schedule, in_time), Lasts::No);
        }
        TriggerKind::Every(period) => {
            let schedule = every(*period);
            add(Signal::Schedule(schedule.clone()), schedule_facts(&schedule, in_time), Lasts::No);
        }
        TriggerKind::Cron(cron) => {
            let times = cron.times().map(|(hour, minute)| u32::from(hour) * 3_600 + u32::from(minute) * 60).collect();
            let weekdays: Vec<Weekday> = WEEKDAYS.into_iter().filter(|weekday| cron.may_fit(*weekday)).collect();
            let schedule = Schedule::new(times, &weekdays, cron.leaves_out_dates());
            add(Signal::Schedule(schedule.clone()), schedule_facts(&schedule, in_time), Lasts::No);
        }
        TriggerKind::Sun { moment, weekdays } => {
            let mut facts = Facts::default();
            if in_time {
                facts.put(SUN, home.sun.moments(*moment));
                if !weekdays.is_empty() {
                    facts.put(CLOCK, super::conditions::clock(None, None, weekdays));
                }
            }
            add(Signal::Sun { moment: *moment, weekdays: weekdays.clone() }, facts, Lasts::No);
        }
        TriggerKind::Availability { devices, from, to, hold } => {
            for device in devices.iter().take(MOST_SUBJECTS) {
                let reachable = home.variable(Subject::Reachable(device.clone()));
                let from = from.map(|from| Set::point(Home::availability(from)));
                let to = to.map(|to| Set::point(Home::availability(to)));
                let change = change(reachable, from, to, *hold, home);
                let facts = known(&change, home);
                add(Signal::Change(change), facts, Lasts::No);
            }
        }
        TriggerKind::Presence { who, from, to, hold } => {
            let people = match who {
                Who::Person(person) => vec![person.clone()],
                Who::Anyone => home.people.clone(),
                Who::Everyone => home.everyone(),
            };
            let from = from.as_ref().map(|from| home.place(from));
            let to = to.as_ref().map(|to| home.place(to));
            for person in people.iter().take(MOST_SUBJECTS) {
                let place = home.variable(Subject::Place(person.clone()));
                let since = home.variable(Subject::PlaceSince(person.clone()));
                let change = change(place, from.clone(), to.clone(), *hold, home);
                let mut facts = known(&change, home);
                facts.put(since, Set::point(hold.unwrap_or_default().as_secs_f64()));
                if let (Who::Everyone, Some(to)) = (who, &to) {
                    for other in &people {
                        let other = home.variable(Subject::Place(other.clone()));
                        facts.put(other, to.clone());
                    }
                }
                let lasts = if change.is_said { Lasts::ForDevices } else { Lasts::No };
                add(Signal::Change(change), facts, lasts);
            }
        }
        TriggerKind::Mode { from, to, hold } => {
            let mode = home.variable(Subject::Mode);
            let from = from.as_ref().map(|from| home.modes(from));
            let to = to.as_ref().map(|to| home.modes(to));
            let change = change(mode, from, to, *hold, home);
            let facts = known(&change, home);
            let lasts = if change.is_said { Lasts::ForDevices } else { Lasts::No };
            add(Signal::Change(change), facts, lasts);
        }
        TriggerKind::Start => add(Signal::Start, Facts::default(), Lasts::No),
        TriggerKind::Webhook(id) => add(Signal::Webhook(Arc::clone(id)), Facts::default(), Lasts::No),
    }
}

fn change(variable: Variable, from: Option<Set>, to: Option<Set>, hold: Option<Duration>, home: &Home<'_>) -> Change {
    let universe = home.universe(variable);
    let is_said = to.is_some();
    let mut after = to.unwrap_or_else(|| universe.clone());
    let mut before = from.unwrap_or_else(|| universe.clone());
    if after.single().is_some() {
        before = before.without(&after);
    }
    if before.single().is_some() && !is_said {
        after = after.without(&before);
    }
    Change { variable, before, after, hold, range: None, is_said }
}

/// What is known of the variable after a change.
fn known(change: &Change, home: &Home<'_>) -> Facts {
    if change.after == *home.universe(change.variable) {
        return Facts::default();
    }
    Facts::of(change.variable, change.after.clone())
}

fn every(period: Duration) -> Schedule {
    let period = u32::try_from(period.as_secs()).unwrap_or(u32::MAX).max(1);
    let day = DAY as u32;
    if period > day {
        // Some midnights, or some time of some days.
        let times = if period % day == 0 { vec![0] } else { (0..24).map(|hour| hour * 3_600).collect() };
        return Schedule::new(times, &[], true);
    }
    let times = (0..).map(|count: u32| count.saturating_mul(period)).take_while(|time| *time < day);
    let all: Vec<u32> = times.take(MOST_TIMES * 60).collect();
    Schedule::new(all, &[], false)
}

fn schedule_facts(schedule: &Schedule, in_time: bool) -> Facts {
    if !in_time || (schedule.times.len() > MOST_KNOWN_TIMES && schedule.weekdays == [true; 7]) {
        return Facts::default();
    }
    if schedule.times.len() > MOST_KNOWN_TIMES {
        let days = Schedule { times: vec![0; MOST_TIMES], ..schedule.clone() };
        return Facts::of(CLOCK, days.set());
    }
    Facts::of(CLOCK, schedule.set())
}
