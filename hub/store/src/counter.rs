//! How far a counter rose from one reading to the next.

/// A counter that shows more than this share of what it showed before was rounded otherwise, not reset.
const SAME: f64 = 0.9;

/// A counter, reading by reading.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub(crate) struct Counter {
    /// Up to here it is counted; none = it was never read.
    counted: Option<f64>,
    /// It says 0, and said this before. Plugs say 0 once when they come back, before they remember.
    before_zero: Option<f64>,
}

impl Counter {
    /// The next reading. Gives how far it rose: never less than nothing.
    ///
    /// One that falls by less than a tenth stands still until it is above where it was. One that says 0 and then goes on
    /// where it was, or less than a tenth below, did so all the time. One that falls otherwise was reset: it rose from 0.
    pub(crate) fn read(&mut self, number: f64) -> f64 {
        let Some(before) = self.counted else {
            self.counted = Some(number);
            return 0.0;
        };
        let is_zero = number <= 0.0;
        let before = self.before_zero.filter(|high| number > high * SAME).unwrap_or(before);
        self.before_zero = self.before_zero.filter(|_| is_zero);
        if number < before && number > before * SAME {
            self.counted = Some(before);
            return 0.0;
        }
        self.counted = Some(number);
        if number >= before {
            return number - before;
        }
        self.before_zero = self.before_zero.or(is_zero.then_some(before));
        number.max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_rises_by_what_was_taken() {
        for (readings, rises) in [
            (&[10.0, 12.0, 12.0, 15.0][..], &[0.0, 2.0, 0.0, 3.0][..]),
            // A step of rounding.
            (&[1_234.5, 1_234.25, 1_234.5, 1_235.0], &[0.0, 0.0, 0.0, 0.5]),
            (&[100.0, 95.0, 96.0, 101.0], &[0.0, 0.0, 0.0, 1.0]),
            // Reset.
            (&[100.0, 3.0, 5.0], &[0.0, 3.0, 2.0]),
            (&[100.0, 0.0, 3.0, 100.0], &[0.0, 0.0, 3.0, 97.0]),
            (&[100.0, 0.0, 0.0, 3.0], &[0.0, 0.0, 0.0, 3.0]),
            // A word that was none.
            (&[100.0, 0.0, 101.0, 102.0], &[0.0, 0.0, 1.0, 1.0]),
            (&[100.0, 0.0, 0.0, 101.0], &[0.0, 0.0, 0.0, 1.0]),
            (&[100.0, 0.0, 99.0, 101.0], &[0.0, 0.0, 0.0, 1.0]),
            (&[0.0, 4.0], &[0.0, 4.0]),
            // It counts down when something is fed back.
            (&[5.0, -1.0, -2.0], &[0.0, 0.0, 0.0]),
        ] {
            let mut counter = Counter::default();
            let found: Vec<f64> = readings.iter().map(|reading| counter.read(*reading)).collect();
            assert_eq!(found, rises, "{readings:?}");
        }
    }
}
