//! Where people are: an estimate out of signs, with the reasons for it.
//!
//! [`place`] makes a place of a phone's position, [`estimate`] weighs the signs of one person against each other, and
//! the core asks both when a sign comes, changes or grows old. Whatever is not sure says `unknown`, never `away`: a
//! home must not be locked and cooled down around somebody who is in bed.

mod change;
mod estimate;
mod left_over;
mod place;
#[cfg(test)]
mod tests;

use std::time::Duration;

use hub_automation::World;
use hub_model::household::Person;
use hub_model::presence::{AWAY, Evidence, HOME, Source, StandIn};
use hub_model::{AttributeState, Availability, Source as StateSource, Timestamp};

pub(crate) use estimate::{LASTS, estimate, heard};
pub use estimate::{Reason, Standing};
pub(crate) use left_over::LeftOver;
pub(crate) use place::place;

use crate::snapshot::Snapshot;
use crate::table::Table;

/// Why somebody is where they are said to be, the sign that counts first.
pub fn reasons(snapshot: &Snapshot, person: &Person, now: Timestamp) -> Vec<Reason> {
    let state = |stand_in: &StandIn| {
        let view = snapshot.device(&stand_in.device)?;
        Some((view.state(stand_in.endpoint, stand_in.attribute.as_str())?.clone(), view.availability))
    };
    let past = Past { steady_since: snapshot.steady_since, stopped_at: snapshot.caught_up.stopped_at };
    estimate(now, &signs(person, now, past, state)).reasons
}

/// The same for the core's own table.
fn signs_of(person: &Person, now: Timestamp, table: &Table) -> Vec<Evidence> {
    let past = Past { steady_since: table.steady_since, stopped_at: table.stopped_at };
    signs(person, now, past, |stand_in| {
        let state = table.state(&stand_in.device, stand_in.endpoint, stand_in.attribute.as_str())?;
        Some((state.clone(), table.availability(&stand_in.device)))
    })
}

/// What of the hub's own past the signs of devices depend on.
#[derive(Clone, Copy)]
struct Past {
    /// Since then the wall clock has not jumped.
    steady_since: Timestamp,
    /// When the hub was last alive before its start.
    stopped_at: Option<Timestamp>,
}

/// What was said of somebody, and what the devices say that stand for them.
fn signs(
    person: &Person,
    now: Timestamp,
    past: Past,
    state: impl Fn(&StandIn) -> Option<(AttributeState, Availability)>,
) -> Vec<Evidence> {
    let of_device = |stand_in: &StandIn| {
        let (state, availability) = state(stand_in)?;
        device_says(stand_in, &state, availability, past, now)
    };
    person.evidence.iter().cloned().chain(person.devices.iter().filter_map(of_device)).collect()
}

/// What a device says that stands for somebody. One that cannot be reached says nothing.
fn device_says(
    stand_in: &StandIn,
    state: &AttributeState,
    availability: Availability,
    past: Past,
    now: Timestamp,
) -> Option<Evidence> {
    let (is_there, reported_at) = (state.value.as_bool()?, state.reported_at?);
    if availability == Availability::Offline {
        return None;
    }
    let changed_at = state.changed_at.unwrap_or(reported_at);
    let sign = |says: &str, at, heard_at| {
        Some(Evidence { source: Source::Device(stand_in.device.clone()), says: says.into(), at, heard_at })
    };
    if is_there {
        // What was known before a stop counts as if it was heard at the stop: not each report of it was written down.
        let until = past.stopped_at.filter(|stop| state.source == StateSource::Restored && *stop <= now);
        return sign(HOME, changed_at, until.map_or(reported_at, |stop| stop.max(reported_at)));
    }
    let away_from = changed_at.max(past.steady_since).plus(away_after(stand_in)?);
    // It was false all the time: that it is still false is heard now.
    if away_from <= now { sign(AWAY, away_from, now) } else { None }
}

fn away_after(stand_in: &StandIn) -> Option<Duration> {
    stand_in.away_after_minutes.map(|minutes| Duration::from_secs(u64::from(minutes) * 60))
}

/// When a device that is not there yet will say that somebody is away. What a wall clock that was set skipped is no time
/// for which nobody was there: it counts from then on.
fn away_from(stand_in: &StandIn, state: &AttributeState, steady_since: Timestamp) -> Option<Timestamp> {
    let is_there = state.value.as_bool()?;
    if is_there { None } else { Some(state.changed_at?.max(steady_since).plus(away_after(stand_in)?)) }
}
