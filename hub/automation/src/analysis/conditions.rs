//! In which situations conditions hold.

use hub_model::zone::{TimeOfDay, Weekday};

use super::facts::{CLOCK, Facts, Guard, SUN, Variable};
use super::formula;
use super::home::{Home, Subject};
use super::set::{Cut, Set};
use super::sun::DAY;
use crate::Document;
use crate::rule::{AttributeKey, Condition, ConditionKind, Who};

/// All days, Monday first.
pub(super) const WEEKDAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// The situations in which all conditions hold.
pub(super) fn all(conditions: &[Condition], document: &Document, home: &mut Home<'_>) -> Guard {
    conditions.iter().fold(Guard::always(), |guard, condition| guard.and(&when(condition, true, document, home)))
}

/// The situations in which at least one of them does not.
pub(super) fn not_all(conditions: &[Condition], document: &Document, home: &mut Home<'_>) -> Guard {
    conditions.iter().fold(Guard::never(), |guard, condition| guard.or(when(condition, false, document, home)))
}

/// The situations in which a condition holds, or does not.
pub(super) fn when(condition: &Condition, holds: bool, document: &Document, home: &mut Home<'_>) -> Guard {
    match (&condition.kind, holds) {
        (ConditionKind::And(inner), true) => all(inner, document, home),
        (ConditionKind::And(inner), false) => not_all(inner, document, home),
        (ConditionKind::Or(inner), true) => {
            inner.iter().fold(Guard::never(), |guard, part| guard.or(when(part, true, document, home)))
        }
        (ConditionKind::Or(inner), false) | (ConditionKind::Not(inner), true) => {
            inner.iter().fold(Guard::always(), |guard, part| guard.and(&when(part, false, document, home)))
        }
        (ConditionKind::Not(inner), false) => {
            inner.iter().fold(Guard::never(), |guard, part| guard.or(when(part, true, document, home)))
        }
        (ConditionKind::State { watched, is, hold }, _) => {
            let set = home.any_of(is);
            let hold = hold.map(|hold| hold.as_secs_f64());
            each(watched, holds, home, |key, home| attribute(key, &set, hold, holds, home))
        }
        (ConditionKind::Numeric { watched, range }, _) => {
            let set = Home::range(range);
            each(watched, holds, home, |key, home| attribute(key, &set, None, holds, home))
        }
        (ConditionKind::Time { after, before, weekdays }, _) => {
            one(CLOCK, clock(*after, *before, weekdays), holds, home)
        }
        (ConditionKind::Sun(window), _) => {
            let set = home.sun.window(window);
            one(SUN, set, holds, home)
        }
        (ConditionKind::Presence { who, is, hold }, _) => {
            let set = home.places(is);
            let hold = hold.map(|hold| hold.as_secs_f64());
            let people = match who {
                Who::Person(person) => vec![person.clone()],
                Who::Anyone => home.people.clone(),
                Who::Everyone => home.everyone(),
            };
            let every = (*who == Who::Everyone) == holds;
            let parts = people.into_iter().map(|person| {
                let place = home.variable(Subject::Place(person.clone()));
                let since = home.variable(Subject::PlaceSince(person));
                lasting(place, since, &set, hold, holds, home)
            });
            if every {
                parts.fold(Guard::always(), |guard, part| guard.and(&part))
            } else {
                parts.fold(Guard::never(), Guard::or)
            }
        }
        (ConditionKind::Mode(is), _) => {
            let (mode, set) = (home.variable(Subject::Mode), home.modes(is));
            one(mode, set, holds, home)
        }
        (ConditionKind::Availability { devices, is }, _) => {
            let set = Set::point(Home::availability(*is));
            let parts = devices.iter().map(|device| {
                let reachable = home.variable(Subject::Reachable(device.clone()));
                one(reachable, set.clone(), holds, home)
            });
            match (devices.is_empty(), holds) {
                (true, _) => Guard::unclear(),
                (false, true) => parts.fold(Guard::always(), |guard, part| guard.and(&part)),
                (false, false) => parts.fold(Guard::never(), Guard::or),
            }
        }
        (ConditionKind::If(_), _) => match document.text_at(&condition.path) {
            Some(text) => formula::when(text, holds, document, home),
            None => Guard::unclear(),
        },
    }
}

/// All of the attributes; not all, if it does not hold.
fn each(
    watched: &[AttributeKey],
    holds: bool,
    home: &mut Home<'_>,
    mut of: impl FnMut(&AttributeKey, &mut Home<'_>) -> Guard,
) -> Guard {
    if watched.is_empty() {
        // A selection that selects nothing today may do so tomorrow.
        return Guard::unclear();
    }
    let mut guard = if holds { Guard::always() } else { Guard::never() };
    for key in watched {
        let part = of(key, home);
        guard = if holds { guard.and(&part) } else { guard.or(part) };
    }
    guard
}

/// An attribute has one of these values; or not.
pub(super) fn attribute(key: &AttributeKey, set: &Set, hold: Option<f64>, holds: bool, home: &mut Home<'_>) -> Guard {
    let (variable, since) = (home.attribute(key), home.since(key));
    lasting(variable, since, set, hold, holds, home)
}

fn lasting(variable: Variable, since: Variable, set: &Set, hold: Option<f64>, holds: bool, home: &Home<'_>) -> Guard {
    let now = one(variable, set.clone(), holds, home);
    let Some(hold) = hold else { return now };
    let long = Set::of(vec![(Cut::before(hold), Cut::behind(f64::INFINITY))]);
    let long = one(since, long, holds, home);
    if holds { now.and(&long) } else { now.or(long) }
}

fn one(variable: Variable, set: Set, holds: bool, home: &Home<'_>) -> Guard {
    let set = if holds { home.universe(variable).intersect(&set) } else { home.other_than(variable, &set) };
    if set.is_empty() {
        return Guard::never();
    }
    if set == *home.universe(variable) {
        return Guard::always();
    }
    Guard::of(Facts::of(variable, set))
}

/// What clocks show in a window, in seconds of the week.
pub(super) fn clock(after: Option<TimeOfDay>, before: Option<TimeOfDay>, weekdays: &[Weekday]) -> Set {
    let (from, to) = (after.map_or(0.0, seconds), before.map_or(DAY, seconds));
    let mut spans = Vec::new();
    for (index, weekday) in WEEKDAYS.iter().enumerate() {
        if !weekdays.is_empty() && !weekdays.contains(weekday) {
            continue;
        }
        let start = index as f64 * DAY;
        let span = |from: f64, to: f64| (Cut::before(start + from), Cut::before(start + to));
        if from > to {
            spans.push(span(from, DAY));
            spans.push(span(0.0, to));
        } else {
            spans.push(span(from, to));
        }
    }
    Set::of(spans)
}

/// A time of day in seconds.
pub(super) fn seconds(time: TimeOfDay) -> f64 {
    f64::from(time.hour) * 3_600.0 + f64::from(time.minute) * 60.0 + f64::from(time.second)
}
