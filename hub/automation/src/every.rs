//! `every: 15m`: periods that are aligned to local clocks.
//!
//! They begin anew at each local midnight: 15 minutes are the quarters of the hour, 7 minutes are 00:00, 00:07 … 23:55
//! and 00:00 again. Periods longer than a day are counted from the midnight that 1970 began with: two days are every
//! second midnight.
//!
//! **When clocks change.** Periods up to an hour follow the clock on the wall: they go on through the hour that the
//! autumn repeats, and lose nothing but what the spring leaves out. Longer ones are times of day, each once: one that is
//! left out comes as much later as clocks are put forward, one that is doubled comes the first time.

use std::time::Duration;

use hub_model::Timestamp;
use hub_model::zone::Zone;
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};

/// The shortest period; a shorter one counts as this.
pub const SHORTEST: Duration = Duration::from_secs(1);

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// The first instant after `after` at which `period` begins anew. The end of time if there is none before it.
pub fn next_every(period: Duration, zone: &Zone, after: Timestamp) -> Timestamp {
    let period = i64::try_from(period.max(SHORTEST).as_millis()).unwrap_or(i64::MAX);
    let next = if period <= HOUR {
        on_the_wall(period, zone, after)
    } else if period <= DAY {
        times_of_day(period, zone, after)
    } else {
        across_days(period, zone, after)
    };
    next.unwrap_or(Timestamp(i64::MAX))
}

/// The first instant at which local clocks show a multiple of the period.
fn on_the_wall(period: i64, zone: &Zone, after: Timestamp) -> Option<Timestamp> {
    let shows_multiple = |time: Timestamp| since_midnight(zone.local(time)) % period == 0;
    let mut from = after;
    // Clocks do not change more often than this within an hour.
    for _ in 0..4 {
        let shown = since_midnight(zone.local(from));
        let wait = ((shown / period + 1) * period).min(DAY) - shown;
        let next = Timestamp(from.milliseconds().checked_add(wait)?);
        let Some(change) = clock_change(zone, from, next) else { return Some(next) };
        if shows_multiple(change) {
            return Some(change);
        }
        from = change;
    }
    Some(from)
}

/// The first instant in `(from, to]` from which on clocks show something else than the time that passes.
fn clock_change(zone: &Zone, from: Timestamp, to: Timestamp) -> Option<Timestamp> {
    let ahead = |time: Timestamp| zone.local(time).duration_since(DateTime::ZERO).as_millis() - i128::from(time.0);
    let before = ahead(from);
    if ahead(to) == before {
        return None;
    }
    let (mut unchanged, mut changed) = (from.milliseconds(), to.milliseconds());
    while changed - unchanged > 1 {
        let middle = unchanged + (changed - unchanged) / 2;
        *if ahead(Timestamp(middle)) == before { &mut unchanged } else { &mut changed } = middle;
    }
    Some(Timestamp(changed))
}

/// The first instant of the times of day that are multiples of the period.
fn times_of_day(period: i64, zone: &Zone, after: Timestamp) -> Option<Timestamp> {
    let today = zone.local(after).date();
    // A day before, because a time that was left out before midnight comes after it; and one more for the next midnight.
    let dates = today.yesterday().unwrap_or(today).series(jiff::Span::new().days(1)).take(4);
    let times =
        |date: Date| (0..).map(|count| count * period).take_while(|time| *time < DAY).map(move |time| at(date, time));
    dates.flat_map(times).filter_map(|local| zone.instant(local?)).filter(|time| *time > after).min()
}

/// The first instant of a period that is counted through all days.
fn across_days(period: i64, zone: &Zone, after: Timestamp) -> Option<Timestamp> {
    let first = Date::constant(1970, 1, 1);
    let shown = i64::try_from(zone.local(after).duration_since(first.at(0, 0, 0, 0)).as_millis()).ok()?;
    (0..3)
        .filter_map(|more| at(first, (shown.div_euclid(period) + more).checked_mul(period)?))
        .filter_map(|local| zone.instant(local))
        .find(|time| *time > after)
}

fn at(date: Date, milliseconds: i64) -> Option<DateTime> {
    date.at(0, 0, 0, 0).checked_add(SignedDuration::from_millis(milliseconds)).ok()
}

/// What local clocks show, in milliseconds since midnight.
fn since_midnight(local: DateTime) -> i64 {
    i64::try_from(local.duration_since(local.date().at(0, 0, 0, 0)).as_millis()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
