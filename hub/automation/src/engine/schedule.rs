//! When triggers that follow the clock, the calendar or the sun come next.

use std::time::Duration;

use hub_model::Timestamp;
use hub_model::household::Location;
use hub_model::zone::{Weekday, Zone};

use crate::every::next_every;
use crate::rule::{Trigger, TriggerKind};
use crate::sun::next_sun_event;

/// How many rises or sets are looked at for one on the right day of the week.
const MOST_SUN_EVENTS: usize = 16;
/// How far back missed times are looked for, the nearest first.
const LOOK_BACK: &[Duration] = &[
    Duration::from_secs(60),
    Duration::from_secs(3_600),
    Duration::from_secs(86_400),
    Duration::from_secs(8 * 86_400),
    Duration::from_secs(32 * 86_400),
    Duration::from_secs(366 * 86_400),
];

/// Where clocks show what and the sun rises.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) zone: &'a Zone,
    pub(super) location: Option<&'a Location>,
}

impl Trigger {
    /// The first time after `after` that it is about; none = it follows no clock, or never comes.
    pub(super) fn next_time(&self, site: Site<'_>, after: Timestamp) -> Option<Timestamp> {
        let zone = site.zone;
        match &self.kind {
            TriggerKind::Time { at, weekdays } => at.iter().filter_map(|time| zone.next(after, *time, weekdays)).min(),
            TriggerKind::Every(period) => Some(next_every(*period, zone, after)),
            TriggerKind::Cron(cron) => cron.next(zone, after),
            TriggerKind::Sun { moment, weekdays } => {
                let location = site.location?;
                let mut at = after;
                for _ in 0..MOST_SUN_EVENTS {
                    at = next_sun_event(moment.event, moment.offset, location, at)?;
                    if weekdays.is_empty() || weekdays.contains(&Weekday::of(zone.local(at).date())) {
                        return Some(at);
                    }
                }
                None
            }
            _ => None,
        }
    }

    /// The latest time after `after` and up to `until` that it is about.
    pub(super) fn last_time(&self, site: Site<'_>, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
        for back in LOOK_BACK {
            let from = until.minus(*back).max(after);
            let mut newest = None;
            let mut at = from;
            while let Some(next) = self.next_time(site, at).filter(|next| *next <= until) {
                newest = Some(next);
                at = next;
            }
            if newest.is_some() || from == after {
                return newest;
            }
        }
        None
    }

    /// How long it is between two of its next times, if it is one of those that come again and again; others come at
    /// a moment of their own.
    pub(super) fn period(&self, site: Site<'_>, after: Timestamp) -> Duration {
        if !matches!(self.kind, TriggerKind::Every(_) | TriggerKind::Cron(_)) {
            return Duration::MAX;
        }
        let first = self.next_time(site, after);
        let second = first.and_then(|first| self.next_time(site, first));
        first.zip(second).map_or(Duration::MAX, |(first, second)| second.since(first))
    }

    /// Whether it follows the clock, the calendar or the sun.
    pub(super) fn is_schedule(&self) -> bool {
        matches!(
            self.kind,
            TriggerKind::Time { .. } | TriggerKind::Every(_) | TriggerKind::Cron(_) | TriggerKind::Sun { .. }
        )
    }
}
