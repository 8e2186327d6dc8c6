//! How long a change takes, in one byte (Application Command Class Specification, «Duration encoding»).

/// One byte: 0 at once, 1–127 seconds, 128–253 minutes from one on, 254 not known (in reports), 255 as the device is
/// set up (in commands).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Duration(pub u8);

impl Duration {
    /// At once; in reports: the change has ended.
    pub const INSTANT: Self = Self(0);
    /// Only in reports.
    pub const UNKNOWN: Self = Self(0xfe);
    /// Only in commands: as the device is set up.
    pub const FACTORY_DEFAULT: Self = Self(0xff);
    /// The longest that fits, in seconds: 126 minutes.
    pub const LONGEST_SECONDS: u32 = 126 * 60;

    /// The nearest that can be said: whole seconds up to 127, whole minutes above, 126 minutes at most.
    pub fn from_seconds(seconds: u32) -> Self {
        match u8::try_from(seconds) {
            Ok(seconds @ 0..=127) => Self(seconds),
            _ => {
                let minutes = (seconds.min(Self::LONGEST_SECONDS) + 30) / 60;
                Self(u8::try_from(minutes).unwrap_or(126).clamp(1, 126) + 127)
            }
        }
    }

    /// The nearest that can be said; a change of less than half a second is made at once.
    pub fn from_milliseconds(milliseconds: u64) -> Self {
        let seconds = milliseconds.saturating_add(500) / 1000;
        Self::from_seconds(u32::try_from(seconds).unwrap_or(u32::MAX))
    }

    /// In seconds; none = not known, or as the device is set up.
    pub fn seconds(self) -> Option<u32> {
        match self.0 {
            seconds @ 0..=127 => Some(u32::from(seconds)),
            minutes @ 128..=253 => Some((u32::from(minutes) - 127) * 60),
            _ => None,
        }
    }
}

impl From<u8> for Duration {
    fn from(byte: u8) -> Self {
        Self(byte)
    }
}
impl From<Duration> for u8 {
    fn from(duration: Duration) -> Self {
        duration.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_minutes() {
        for (seconds, byte) in [(0, 0), (5, 5), (127, 127), (128, 129), (180, 130), (7560, 253), (u32::MAX, 253)] {
            assert_eq!(Duration::from_seconds(seconds), Duration(byte), "{seconds} s");
        }
        assert_eq!(Duration(128).seconds(), Some(60));
        assert_eq!(Duration(253).seconds(), Some(7560));
        assert_eq!(Duration::UNKNOWN.seconds(), None);
        assert_eq!(Duration::from_milliseconds(1_499), Duration(1));
        assert_eq!(Duration::from_milliseconds(u64::MAX), Duration(253));
    }
}
