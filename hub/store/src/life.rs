//! Which stretch of life this is: another epoch after every stop that was not clean.

use std::hash::{BuildHasher, RandomState};

use hub_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rows::{Key, Row, kind};

/// What is written down of the hub's life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Life {
    /// Names this stretch.
    pub(crate) epoch: u64,
    /// Started and not stopped cleanly since.
    pub(crate) running: bool,
    /// The last event before a clean stop.
    pub(crate) last_seq: u64,
    /// When this stretch began, or went on.
    pub(crate) started_at: Option<Timestamp>,
    /// When it was stopped cleanly.
    pub(crate) stopped_at: Option<Timestamp>,
    /// A time that had come for certain, for what is let go by its age.
    pub(crate) certain_at: Option<Timestamp>,
}

impl Life {
    /// As it was left; none = never started.
    pub(crate) fn of(rows: &[Row]) -> Option<Self> {
        let row = rows.iter().find(|row| row.key.kind == kind::LIFE)?;
        serde_json::from_slice(&row.body).ok()
    }

    /// Whether it was left by a clean stop.
    pub(crate) fn was_clean(&self) -> bool {
        self.epoch != 0 && !self.running
    }

    /// The next stretch, running.
    pub(crate) fn begin(before: Option<Self>, mended: bool, now: Timestamp) -> Self {
        let known = before.and_then(|before| before.certain_at.or(before.stopped_at).or(before.started_at));
        let certain_at = known.or(Some(now));
        match before.filter(|before| before.was_clean() && !mended) {
            Some(clean) => Self { running: true, started_at: Some(now), certain_at, ..clean },
            None => Self {
                epoch: new_epoch(before.map_or(0, |before| before.epoch), now),
                running: true,
                started_at: Some(now),
                certain_at,
                ..Self::default()
            },
        }
    }

    pub(crate) fn row(&self) -> serde_json::Result<Row> {
        Ok(Row { key: Key::record(kind::LIFE, ""), body: serde_json::to_vec(self)? })
    }
}

/// Counts up, and carries the time and chance, so that it is another one even after an older copy of the data was
/// restored. Below 2⁵³, so that every JSON reader holds it exactly.
fn new_epoch(before: u64, now: Timestamp) -> u64 {
    let seconds = u64::try_from(now.0 / 1_000).unwrap_or(0) & 0xffff_ffff;
    let chance = RandomState::new().hash_one(now.0) & 0xf_ffff;
    ((seconds << 20) | chance).max(before + 1 + (chance & 0xff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clean_stop_keeps_the_epoch() {
        let now = Timestamp(1_800_000_000_000);
        let first = Life::begin(None, false, now);
        assert!(first.running && first.epoch > 0 && first.epoch < 1 << 53);
        let cut = Life::begin(Some(first), false, now);
        assert!(cut.epoch > first.epoch);
        let clean = Life { running: false, last_seq: 7, ..first };
        assert_eq!(Life::begin(Some(clean), false, now), Life { running: true, started_at: Some(now), ..clean });
        assert!(Life::begin(Some(clean), true, now).epoch > first.epoch);
        assert!(Life::begin(Some(first), false, Timestamp(0)).epoch > first.epoch);
    }
}
