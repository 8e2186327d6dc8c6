//! Time, passed in. Nothing but the one clock of the daemon reads the system's clock; everything else is told.

use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point of wall time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// Time since the hub's start on a clock that never jumps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Monotonic(pub Duration);

/// How far the wall time is to be believed, in rising order. A Raspberry Pi has no battery-backed clock: after a power
/// cut it only knows the last time that was written down.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// The last time that was persisted, or the build date.
    #[default]
    Persisted,
    /// A battery-backed clock of this machine.
    Rtc,
    /// A host of the local network said so.
    Lan,
    /// A person set it.
    Person,
    /// The network time protocol.
    Ntp,
}

/// The wall time and how far it is to be trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Wall {
    /// The time.
    pub time: Timestamp,
    /// Its worth.
    pub trust: Trust,
}

/// What time it is. Delays run on `mono`, schedules on `wall`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Now {
    /// Wall time: may jump.
    pub wall: Wall,
    /// Monotonic time: never jumps.
    pub mono: Monotonic,
}

impl Now {
    /// The wall time alone.
    pub fn time(&self) -> Timestamp {
        self.wall.time
    }
}

/// Tells the time. There is one real implementation, in the daemon; tests use [`ManualClock`].
pub trait Clock: Send + Sync + 'static {
    /// What time it is.
    fn now(&self) -> Now;
}

/// A clock that stands still until it is told to move. Both its times move together.
#[derive(Debug, Default)]
pub struct ManualClock {
    now: Mutex<Now>,
}

impl ManualClock {
    /// A clock that stands at `time`, trusted as much as a clock can be.
    pub fn at(time: Timestamp) -> Self {
        Self { now: Mutex::new(Now { wall: Wall { time, trust: Trust::Ntp }, mono: Monotonic::default() }) }
    }

    /// Lets `duration` pass.
    pub fn advance(&self, duration: Duration) {
        let mut now = self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        now.wall.time = now.wall.time.plus(duration);
        now.mono = now.mono.plus(duration);
    }

    /// Makes the wall clock jump; monotonic time stays.
    pub fn jump_to(&self, time: Timestamp, trust: Trust) {
        self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner).wall = Wall { time, trust };
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Now {
        *self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Timestamp {
    /// The earliest and latest representable times (years −9999 and 9999); arithmetic saturates there.
    const LIMIT: i64 = 253_402_207_200_000 - 1;

    /// Milliseconds since 1970.
    pub fn milliseconds(self) -> i64 {
        self.0
    }

    /// This time and `duration` more; saturates at the year 9999.
    pub fn plus(self, duration: Duration) -> Self {
        let milliseconds = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(milliseconds).min(Self::LIMIT))
    }

    /// This time and `duration` less; saturates.
    pub fn minus(self, duration: Duration) -> Self {
        let milliseconds = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(milliseconds).max(-Self::LIMIT))
    }

    /// How long ago `earlier` was; zero if it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The same instant for `jiff`; clamped to the years that it can represent.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0.clamp(-Self::LIMIT, Self::LIMIT))
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// From `jiff`, cut to milliseconds.
    pub fn from_jiff(timestamp: jiff::Timestamp) -> Self {
        Self(timestamp.as_millisecond())
    }
}

impl Monotonic {
    /// This time and `duration` more; saturates.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }

    /// How long after `earlier`; zero if it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// The text is not a time by RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a time; write it like 2026-11-21T18:00:05.120Z")]
pub struct ParseTimestampError {
    text: String,
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>()
            .map(Self::from_jiff)
            .map_err(|_| ParseTimestampError { text: text.chars().take(64).collect() })
    }
}

/// RFC 3339 in UTC with milliseconds.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.3}", self.to_jiff())
    }
}
impl fmt::Debug for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
/// RFC 3339 text where people can read it, milliseconds in binary forms.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_i64(self.0) }
    }
}
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
        } else {
            Ok(Self(i64::deserialize(deserializer)?))
        }
    }
}
