//! Where the sun is, as what clocks show on some days of the year.

use hub_model::zone::Zone;
use jiff::civil::Date;

use super::set::Set;
use crate::World;
use crate::rule::SunWindow;
use crate::sun::{SunEvent, SunTime, sun_event};

/// How long a day is, in seconds.
pub(super) const DAY: f64 = 86_400.0;
/// How long a week is.
pub(super) const WEEK: f64 = 7.0 * DAY;

/// Days of the year that tell enough of it: month and day.
const DAYS: &[(i8, i8)] = &[
    (1, 5),
    (1, 25),
    (2, 15),
    (3, 5),
    (3, 21),
    (4, 10),
    (4, 30),
    (5, 20),
    (6, 21),
    (7, 10),
    (8, 1),
    (8, 20),
    (9, 10),
    (9, 30),
    (10, 15),
    (11, 1),
    (11, 20),
    (12, 21),
];
/// Any year does: the sun does the same each year.
const YEAR: i16 = 2025;
/// Sunrise and sunset where nobody said where the home is: between 35 and 60 degrees, in seconds of the day.
const ANYWHERE: &[(f64, f64)] = &[
    (33_600.0, 54_000.0),
    (29_700.0, 57_600.0),
    (25_200.0, 63_000.0),
    (22_500.0, 66_600.0),
    (24_300.0, 71_100.0),
    (18_900.0, 76_500.0),
    (13_200.0, 81_000.0),
];

/// Sunrise and sunset on some days of the year.
pub(super) struct SunDays {
    days: Vec<(f64, f64)>,
}

impl SunDays {
    pub(super) fn of(world: &dyn World) -> Self {
        let home = world.home();
        let zone = Zone::named(&home.time_zone).unwrap_or_else(|_| Zone::utc());
        let day = |(month, day): &(i8, i8)| {
            let location = home.location.as_ref()?;
            let date = Date::new(YEAR, *month, *day).ok()?;
            let shown = |event| {
                let local = zone.local(sun_event(event, date, location, &zone)?);
                let time = local.time();
                Some(f64::from(time.hour()) * 3_600.0 + f64::from(time.minute()) * 60.0 + f64::from(time.second()))
            };
            Some((shown(SunEvent::Sunrise)?, shown(SunEvent::Sunset)?))
        };
        let days: Vec<(f64, f64)> = DAYS.iter().filter_map(day).collect();
        Self { days: if days.is_empty() { ANYWHERE.to_vec() } else { days } }
    }

    /// All of them.
    pub(super) fn whole(&self) -> Set {
        Set::half_open(0.0, self.days.len() as f64 * DAY)
    }

    /// The moment of an event on each of the days.
    pub(super) fn moments(&self, moment: SunTime) -> Set {
        Set::points(self.days.iter().enumerate().map(|(index, day)| {
            index as f64 * DAY + (at(moment.event, *day) + moment.offset.as_secs_f64()).rem_euclid(DAY)
        }))
    }

    /// The time between two moments on each of the days.
    pub(super) fn window(&self, window: &SunWindow) -> Set {
        let mut spans = Set::default();
        for (index, day) in self.days.iter().enumerate() {
            let start = index as f64 * DAY;
            for (from, to) in on_a_day(window, *day) {
                spans = spans.union(&Set::half_open(start + from, start + to));
            }
        }
        spans
    }
}

fn at(event: SunEvent, (sunrise, sunset): (f64, f64)) -> f64 {
    match event {
        SunEvent::Sunrise => sunrise,
        SunEvent::Sunset => sunset,
    }
}

/// The parts of a day that are in the window.
fn on_a_day(window: &SunWindow, day: (f64, f64)) -> Vec<(f64, f64)> {
    let time = |moment: SunTime| at(moment.event, day) + moment.offset.as_secs_f64();
    match (window.after, window.before) {
        (None, None) => vec![(0.0, DAY)],
        (Some(after), None) => vec![(time(after).clamp(0.0, DAY), DAY)],
        (None, Some(before)) => vec![(0.0, time(before).clamp(0.0, DAY))],
        (Some(after), Some(before)) => {
            // From each beginning to the end that follows it.
            let next_day = at(before.event, day) < at(after.event, day);
            let (from, to) = (time(after), time(before) + if next_day { DAY } else { 0.0 });
            if to - from >= DAY {
                return vec![(0.0, DAY)];
            }
            if to <= from {
                return Vec::new();
            }
            let begin = from.rem_euclid(DAY);
            let end = begin + (to - from);
            if end <= DAY { vec![(begin, end)] } else { vec![(begin, DAY), (0.0, end - DAY)] }
        }
    }
}

/// Whether clocks can show one of `clock` while the sun is at one of `sun`.
pub(super) fn is_possible(clock: &Set, sun: &Set) -> bool {
    if clock.is_empty() || sun.is_empty() {
        return false;
    }
    let mut times = Set::default();
    for weekday in 0..7 {
        times = times.union(&clock.part(f64::from(weekday) * DAY, f64::from(weekday + 1) * DAY));
    }
    let days = sun.spans().last().map_or(0.0, |(_, high)| (high.at() / DAY).ceil()) as usize;
    (0..days).any(|day| sun.part(day as f64 * DAY, (day + 1) as f64 * DAY).meets(&times))
}
