//! Levels of dimmers and covers, and switches, in one byte.

use super::Duration;

/// 0 is off or closed, 1–99 a level, 254 not known, 255 on (or, in old devices, full).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Level(pub u8);

impl Level {
    /// Off, or closed.
    pub const OFF: Self = Self(0);
    /// The greatest level.
    pub const FULL: Self = Self(99);
    /// Only in reports.
    pub const UNKNOWN: Self = Self(0xfe);
    /// On; for a dimmer the level it had before it was switched off.
    pub const ON: Self = Self(0xff);

    /// On or off.
    pub fn switch(on: bool) -> Self {
        if on { Self::ON } else { Self::OFF }
    }

    /// The level nearest to 0–100 %; what lies outside is clamped.
    pub fn from_percent(percent: f64) -> Self {
        let level = (percent.clamp(0.0, 100.0) * 0.99).round();
        // A number from 0 to 99; not a number becomes 0.
        Self(level as u8)
    }

    /// From 0 to 100 %; none = not known, or not a level.
    pub fn percent(self) -> Option<f64> {
        match self.0 {
            level @ 0..=99 => Some(f64::from(level) / 0.99),
            0xff => Some(100.0),
            _ => None,
        }
    }

    /// Whether it is on; none = not known.
    pub fn is_on(self) -> Option<bool> {
        match self.0 {
            0 => Some(false),
            1..=99 | 0xff => Some(true),
            _ => None,
        }
    }
}

impl From<u8> for Level {
    fn from(byte: u8) -> Self {
        Self(byte)
    }
}
impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.0
    }
}

/// Where a level is going, and how long it still takes. Reports have it from a class's later versions on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target {
    /// The level it will have.
    pub level: Level,
    /// The time until then.
    pub duration: Duration,
}

/// Which way a level changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// More, open.
    Up,
    /// Less, closed.
    Down,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_percentages() {
        for (percent, level) in [(0.0, 0), (1.0, 1), (50.0, 50), (99.0, 98), (100.0, 99), (-5.0, 0), (500.0, 99)] {
            assert_eq!(Level::from_percent(percent), Level(level), "{percent} %");
        }
        assert_eq!(Level::from_percent(f64::NAN), Level::OFF);
        for level in 0..=99 {
            assert_eq!(Level(level).percent().map(Level::from_percent), Some(Level(level)));
        }
        assert_eq!(Level::ON.percent(), Some(100.0));
        assert_eq!((Level::UNKNOWN.percent(), Level::UNKNOWN.is_on(), Level(120).is_on()), (None, None, None));
    }
}
