//! From rows of history to energy.

use std::time::Duration;

use hub_model::Timestamp;
use hub_model::history::Aggregate;

use super::HOUR;
use super::calendar::Calendar;

/// Between two readings of a counter that are further apart nobody knows when its energy was taken; and power of which
/// nothing is heard for longer is not counted.
const GAP: i64 = HOUR;
/// A counter's silence is looked for that far around what is asked. The energy of a longer one is put into so much time
/// before the reading that ended it.
pub(super) const LOOK_AROUND_COUNTER: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The same for power.
pub(super) const LOOK_AROUND_POWER: Duration = Duration::from_secs(2 * 60 * 60);

/// How much energy.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Amount {
    /// Something was measured; otherwise the rest means nothing.
    pub is_known: bool,
    /// Kilowatt hours.
    pub kwh: f64,
    /// What the part of it costs, in the home's currency, of which the price is known.
    pub(super) priced: Option<f64>,
    /// Energy taken at times at which nobody has said what it costs.
    pub(super) unpriced_kwh: f64,
    /// How much of it may belong to the time beside: the meter was not read at the right time.
    pub estimated_kwh: f64,
}

impl Amount {
    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.is_known |= other.is_known;
        self.kwh += other.kwh;
        self.estimated_kwh += other.estimated_kwh;
        self.unpriced_kwh += other.unpriced_kwh;
        if let Some(cost) = other.priced {
            *self.priced.get_or_insert(0.0) += cost;
        }
    }

    /// What it cost, in the home's currency; none = of some of it nobody has said what it costs.
    pub fn cost(&self) -> Option<f64> {
        self.priced.filter(|_| self.unpriced_kwh <= 0.0)
    }

    /// All together.
    pub fn sum(amounts: &[Self]) -> Self {
        let mut sum = Self::default();
        amounts.iter().for_each(|amount| sum.add(amount));
        sum
    }
}

/// A stretch of history of one attribute, by time.
pub(super) struct Rows<'a> {
    pub(super) rows: &'a [Aggregate],
    /// How long the stretch of a row is, in milliseconds.
    pub(super) width: i64,
    pub(super) now: Timestamp,
}

impl Rows<'_> {
    fn end(&self, row: &Aggregate) -> i64 {
        let end = row.at.0.saturating_add(self.width);
        end.min(self.now.0.max(row.at.0 + 1))
    }

    /// Adds the rise of a counter: evenly over the time between two readings.
    pub(super) fn add_counter(&self, calendar: &Calendar, amounts: &mut [Amount]) {
        // Until when the last reading is known to be good; far back if there was one before these rows.
        let mut read = self.rows.first().filter(|row| row.count == 0).map(|_| i64::MIN);
        for row in self.rows {
            let (at, end) = (row.at.0, self.end(row));
            if row.count == 0 {
                calendar.spread(at, end, 0.0, false, amounts);
                continue;
            }
            let longest = i64::try_from(LOOK_AROUND_COUNTER.as_millis()).unwrap_or(i64::MAX);
            let from = read.map_or(at, |read| read.max(at - longest));
            calendar.spread(from, end, row.change.unwrap_or(0.0), at - from > GAP, amounts);
            read = Some(at.saturating_add(self.width));
        }
    }

    /// Adds power over the time for which it was measured. Gives for how long it was not.
    pub(super) fn add_power(&self, calendar: &Calendar, amounts: &mut [Amount]) -> Duration {
        let mut not_counted = 0;
        for run in self.rows.chunk_by(|left, right| (left.count == 0) == (right.count == 0)) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            let (from, to) = (first.at.0, self.end(last));
            if first.count == 0 && to - from >= GAP {
                not_counted += calendar.within(from, to);
                continue;
            }
            for row in run {
                // What is fed back is not taken.
                let kilowatts = row.mean.max(0.0) / 1_000.0;
                calendar.spread(
                    row.at.0,
                    self.end(row),
                    kilowatts * row.covered.as_secs_f64() / 3_600.0,
                    false,
                    amounts,
                );
            }
        }
        Duration::from_millis(u64::try_from(not_counted).unwrap_or(0))
    }
}
