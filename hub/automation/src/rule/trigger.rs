//! What sets a rule off, or what a run waits for.

use std::sync::Arc;
use std::time::Duration;

use hub_model::zone::{TimeOfDay, Weekday};
use hub_model::{Availability, DeviceId};

use super::{AttributeKey, NumberRange, Pattern, Who};
use crate::cron::Cron;
use crate::sun::SunTime;

/// What sets a rule off, or what a run waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// Where it stands in the document.
    pub path: Arc<str>,
    /// What expressions know it by.
    pub id: Option<Arc<str>>,
    /// What it is.
    pub kind: TriggerKind,
}

/// What a trigger is.
#[derive(Clone, Debug, PartialEq)]
pub enum TriggerKind {
    /// One of these attributes changes.
    State {
        /// Which.
        watched: Vec<AttributeKey>,
        /// From one of these; none = from anything.
        from: Option<Vec<Pattern>>,
        /// To one of these; none = to anything.
        to: Option<Vec<Pattern>>,
        /// And stays so for this long.
        hold: Option<Duration>,
    },
    /// One of these numbers comes into a range.
    Numeric {
        /// Which.
        watched: Vec<AttributeKey>,
        /// Into this.
        range: NumberRange,
        /// And stays there for this long.
        hold: Option<Duration>,
    },
    /// A momentary thing happens.
    Event {
        /// Which.
        watched: Vec<AttributeKey>,
        /// One of these; none = any.
        is: Option<Vec<Pattern>>,
    },
    /// Local clocks show a time.
    Time {
        /// One of these.
        at: Vec<TimeOfDay>,
        /// On one of these days; empty = on any.
        weekdays: Vec<Weekday>,
    },
    /// The sun rises or sets.
    Sun {
        /// When.
        moment: SunTime,
        /// On one of these days; empty = on any.
        weekdays: Vec<Weekday>,
    },
    /// Again and again, aligned to the clock.
    Every(Duration),
    /// Local clocks and the calendar fit a pattern.
    Cron(Cron),
    /// One of these devices can be reached again, or no longer.
    Availability {
        /// Which.
        devices: Vec<DeviceId>,
        /// From this; none = from anything.
        from: Option<Availability>,
        /// To this; none = to anything.
        to: Option<Availability>,
        /// And stays so for this long.
        hold: Option<Duration>,
    },
    /// A person comes or goes.
    Presence {
        /// Who.
        who: Who,
        /// From `home`, `away` or a zone; none = from anywhere.
        from: Option<Arc<str>>,
        /// To `home`, `away` or a zone; none = anywhere.
        to: Option<Arc<str>>,
        /// And stays so for this long.
        hold: Option<Duration>,
    },
    /// The home's mode changes.
    Mode {
        /// From one of these; none = from any.
        from: Option<Vec<Arc<str>>>,
        /// To one of these; none = to any.
        to: Option<Vec<Arc<str>>>,
        /// And stays so for this long.
        hold: Option<Duration>,
    },
    /// The hub starts.
    Start,
    /// Somebody calls the webhook of this id.
    Webhook(Arc<str>),
}

impl TriggerKind {
    /// The word of the rule language.
    pub fn word(&self) -> &'static str {
        match self {
            Self::State { .. } => "state",
            Self::Numeric { .. } => "numeric",
            Self::Event { .. } => "event",
            Self::Time { .. } => "time",
            Self::Sun { .. } => "sun",
            Self::Every(_) => "every",
            Self::Cron(_) => "cron",
            Self::Availability { .. } => "availability",
            Self::Presence { .. } => "presence",
            Self::Mode { .. } => "mode",
            Self::Start => "start",
            Self::Webhook(_) => "webhook",
        }
    }

    /// The attributes it watches.
    pub fn attributes(&self) -> &[AttributeKey] {
        match self {
            Self::State { watched, .. } | Self::Numeric { watched, .. } | Self::Event { watched, .. } => watched,
            _ => &[],
        }
    }

    /// The devices whose reachability it watches.
    pub fn devices(&self) -> &[DeviceId] {
        if let Self::Availability { devices, .. } = self { devices } else { &[] }
    }

    /// Whether the time of the last change says since when what it is about has been so. A number moves within its
    /// range, a level within a step, a person from zone to zone; and nobody says since when the home is in its mode.
    pub fn stands_since_last_change(&self) -> bool {
        matches!(self, Self::State { to, .. } if to.iter().flatten().all(Pattern::is_exact))
    }

    /// How long what it is about must stay so.
    pub fn hold(&self) -> Option<Duration> {
        match self {
            Self::State { hold, .. }
            | Self::Numeric { hold, .. }
            | Self::Availability { hold, .. }
            | Self::Presence { hold, .. }
            | Self::Mode { hold, .. } => *hold,
            _ => None,
        }
    }
}
