//! Sunrise and sunset.
//!
//! The sun is up while its upper edge stands above a level horizon, refraction included (its centre above −50′): what
//! almanacs print. Mountains and weather are not known here.
//!
//! **Dates.** The sunrise and sunset of a date are those around its solar noon, as almanacs have them: where the sun
//! goes down a few minutes after midnight in June, that sunset belongs to the evening before.
//!
//! **High latitudes.** In polar day and polar night there is no sunrise and no sunset: `None`. What comes next is found
//! up to 400 days ahead, so that a rule for sunrise waits through the polar night.
//!
//! Every event is computed from its day alone and given to the second, so that it is the same instant whenever it is
//! asked for: what fired at it does not fire again a moment later.

use std::iter::successors;
use std::ops::RangeInclusive;

use hub_model::Timestamp;
use hub_model::household::Location;
use hub_model::zone::Zone;
use jiff::SignedDuration;
use jiff::civil::Date;
use solar_positioning::time::JulianDate;
use solar_positioning::{Horizon, SolarEvents, SolarPositions, delta_t};

/// How far an offset may reach, either way; a longer one counts as this.
pub const MAX_OFFSET: SignedDuration = SignedDuration::from_hours(24);

/// How far ahead the next event is looked for: longer than the longest polar night, which at a pole is half a year.
const LOOK_AHEAD_DAYS: f64 = 400.0;
/// After this long without a sunrise or sunset it is polar day or night.
const POLAR: SignedDuration = SignedDuration::from_hours(72);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const DAY_MILLISECONDS: i64 = 86_400_000;
/// 1970-01-01T00:00:00Z as a Julian date.
const UNIX_EPOCH: f64 = 2_440_587.5;
/// More crossings of the horizon than this in one day there are not.
const MOST_IN_A_DAY: usize = 8;

/// What the sun does at the horizon.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SunEvent {
    /// The upper edge appears.
    Sunrise,
    /// The upper edge disappears.
    Sunset,
}

/// An event, and how long after it (before it, if negative).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SunTime {
    /// The event.
    pub event: SunEvent,
    /// How long after it.
    pub offset: SignedDuration,
}

/// The event that belongs to a local date. None in polar day and night, for a date that the zone leaves out, and for a
/// place that is not on earth.
pub fn sun_event(event: SunEvent, date: Date, location: &Location, zone: &Zone) -> Option<Timestamp> {
    let noon = zone.instant(date.at(12, 0, 0, 0)).filter(|noon| zone.local(*noon).date() == date)?;
    let from = julian(shift(noon, -SignedDuration::from_hours(12)));
    let transit = SolarEvents::new()
        .next_transit_from_julian(from, from + 1.01, location.longitude, delta_t_of(noon)?)
        .ok()
        .flatten()?;
    let solar_noon = timestamp(transit);
    match event {
        SunEvent::Sunrise => last_between(event, location, shift(solar_noon, -DAY), solar_noon),
        SunEvent::Sunset => first_between(event, location, solar_noon, shift(solar_noon, DAY)),
    }
}

/// The first instant after `after` that is `offset` after the event. None if there is none for 400 days.
pub fn next_sun_event(
    event: SunEvent,
    offset: SignedDuration,
    location: &Location,
    after: Timestamp,
) -> Option<Timestamp> {
    let offset = within_limit(offset);
    let from = shift(after, -offset);
    let soon = shift(from, POLAR);
    let found = first_between(event, location, from, soon).or_else(|| {
        // One search over a long time finds the day; the day alone then says when, as it would for anyone who asks.
        let day = first_crossing(event, location, julian(soon), LOOK_AHEAD_DAYS)?;
        let near = timestamp(day);
        first_between(event, location, soon.max(shift(near, -DAY)), shift(near, DAY))
    });
    found.map(|time| shift(time, offset))
}

/// Whether the sun is up. None for a place that is not on earth.
pub fn is_sun_up(location: &Location, time: Timestamp) -> Option<bool> {
    let moment = JulianDate::new(julian(time), delta_t_of(time)?).ok()?;
    let position = SolarPositions::new().at_from_julian(moment, place(location), 0.0, None).ok()?;
    Some(position.elevation_angle() > Horizon::SunriseSunset.elevation_angle())
}

/// Whether `time` is after one event and before another; the first moment counts, the last does not.
///
/// With both, it is the time from each `after` to the `before` that follows: `after: sunset, before: sunrise` is the
/// night, on both sides of midnight, and all of the polar night; `after: sunset −1 h, before: sunset +1 h` is the dusk of
/// each evening. Offsets that let it end before it begins leave nothing of it.
///
/// With one of them it is a part of the local day: `after: sunset` ends at midnight, `before: sunrise` begins there. On
/// a date without that event the light decides: while the sun is down it is after sunset and before sunrise, while it
/// is up it is after sunrise and before sunset.
///
/// With neither it holds; for a place that is not on earth it never does.
pub fn between_sun_events(
    after: Option<SunTime>,
    before: Option<SunTime>,
    location: &Location,
    zone: &Zone,
    time: Timestamp,
) -> bool {
    let of_today = |wanted: SunTime| {
        let event = sun_event(wanted.event, zone.local(time).date(), location, zone);
        event.map(|event| shift(event, within_limit(wanted.offset)))
    };
    let is_night = || is_sun_up(location, time).map(|up| !up);
    match (after, before) {
        (None, None) => true,
        (Some(after), None) => match of_today(after) {
            Some(begin) => time >= begin,
            None => is_night() == Some(after.event == SunEvent::Sunset),
        },
        (None, Some(before)) => match of_today(before) {
            Some(end) => time < end,
            None => is_night() == Some(before.event == SunEvent::Sunrise),
        },
        (Some(after), Some(before)) => between(after, before, location, time),
    }
}

/// Whether the last `after` has no `before` behind it yet.
fn between(after: SunTime, before: SunTime, location: &Location, time: Timestamp) -> bool {
    let begun_by = shift(time, -within_limit(after.offset));
    let ended_by = shift(time, -within_limit(before.offset));
    let Some(begin) = last_between(after.event, location, shift(begun_by, -POLAR), begun_by) else {
        let is_night = is_sun_up(location, time).map(|up| !up);
        return after.event != before.event && is_night == Some(after.event == SunEvent::Sunset);
    };
    if after.event == before.event && after.offset < before.offset {
        return begin > ended_by;
    }
    first_between(before.event, location, begin, ended_by).is_none()
}

/// The first crossing of the horizon in `(after, until]`, which is a few days at most.
fn first_between(event: SunEvent, location: &Location, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
    days(after, until)
        .flat_map(|day| crossings_of_day(event, location, day))
        .find(|time| *time > after && *time <= until)
}

/// The last crossing of the horizon in `(after, until]`, which is a few days at most.
fn last_between(event: SunEvent, location: &Location, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
    days(after, until)
        .rev()
        .find_map(|day| crossings_of_day(event, location, day).filter(|time| *time > after && *time <= until).last())
}

/// The days of universal time, counted from 1970, that have events in `(after, until]`.
fn days(after: Timestamp, until: Timestamp) -> RangeInclusive<i64> {
    let day_of = |milliseconds: i64| milliseconds.div_euclid(DAY_MILLISECONDS);
    // A second more on either side, because rounding may move an event over midnight.
    day_of(after.milliseconds().saturating_sub(1_000))..=day_of(until.milliseconds().saturating_add(1_000))
}

/// The crossings of one day.
fn crossings_of_day(event: SunEvent, location: &Location, day: i64) -> impl Iterator<Item = Timestamp> {
    let midnight = UNIX_EPOCH + day as f64;
    let next = move |from: f64| first_crossing(event, location, from, midnight + 1.0 - from);
    successors(next(midnight), move |from| next(*from)).take(MOST_IN_A_DAY).map(timestamp)
}

/// The first crossing within `days` of a Julian date.
fn first_crossing(event: SunEvent, location: &Location, from: f64, days: f64) -> Option<f64> {
    let (events, delta_t) = (SolarEvents::new(), delta_t_of(timestamp(from))?);
    let (place, horizon) = (place(location), Horizon::SunriseSunset);
    match event {
        SunEvent::Sunrise => events.next_rise_from_julian(from, from + days, place, delta_t, horizon),
        SunEvent::Sunset => events.next_set_from_julian(from, from + days, place, delta_t, horizon),
    }
    .ok()
    .flatten()
}

fn place(location: &Location) -> solar_positioning::Location {
    solar_positioning::Location { latitude: location.latitude, longitude: location.longitude }
}

/// What the earth's rotation is behind uniform time, in seconds. None thousands of years from now.
fn delta_t_of(time: Timestamp) -> Option<f64> {
    delta_t::estimate(1970.0 + time.milliseconds() as f64 / (365.2425 * DAY_MILLISECONDS as f64)).ok()
}

fn julian(time: Timestamp) -> f64 {
    UNIX_EPOCH + time.milliseconds() as f64 / DAY_MILLISECONDS as f64
}

/// A Julian date to the second.
fn timestamp(julian: f64) -> Timestamp {
    Timestamp((((julian - UNIX_EPOCH) * 86_400.0).round() as i64).saturating_mul(1_000))
}

fn within_limit(offset: SignedDuration) -> SignedDuration {
    offset.clamp(-MAX_OFFSET, MAX_OFFSET)
}

fn shift(time: Timestamp, by: SignedDuration) -> Timestamp {
    if by.is_negative() { time.minus(by.unsigned_abs()) } else { time.plus(by.unsigned_abs()) }
}

#[cfg(test)]
mod tests;
