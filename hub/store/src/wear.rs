//! How much is written: bytes since local midnight.

use hub_model::Timestamp;
use hub_model::zone::Zone;

use crate::aggregate::Cut;
use crate::journal::Alive;

/// Counts what this program writes.
#[derive(Debug)]
pub(crate) struct Wear {
    zone: Zone,
    /// The local midnight that is counted from, milliseconds.
    day: i64,
    /// The system's counter at that midnight or at the start.
    baseline: u64,
    /// Written on that day before the start.
    carried: u64,
}

impl Wear {
    /// Goes on from the last sign of life if that was today.
    pub(crate) fn new(zone: Zone, now: Timestamp, before: Option<Alive>) -> Self {
        let day = Cut::Days(zone.clone()).start(now.0);
        let carried = before.filter(|alive| alive.day == day).map_or(0, |alive| alive.written);
        Self { zone, day, baseline: written_by_process(), carried }
    }

    /// The home moved. What was written on this day was, whenever its midnight would have been over there.
    pub(crate) fn set_zone(&mut self, zone: Zone, now: Timestamp) {
        self.today(now);
        self.day = Cut::Days(zone.clone()).start(now.0);
        self.zone = zone;
    }

    /// The local day and the bytes written on it.
    pub(crate) fn today(&mut self, now: Timestamp) -> (i64, u64) {
        let day = Cut::Days(self.zone.clone()).start(now.0);
        let written = written_by_process();
        if day != self.day {
            (self.day, self.baseline, self.carried) = (day, written, 0);
        }
        (day, self.carried.saturating_add(written.saturating_sub(self.baseline)))
    }
}

/// What the kernel counted as sent towards the disk by this process. 0 where it does not say.
fn written_by_process() -> u64 {
    let text = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix("write_bytes: ")?.trim().parse().ok()).unwrap_or(0)
}
