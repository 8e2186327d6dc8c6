//! What a disk may legally look like after a cut: everything flushed is there; of the rest, anything.

use crate::random::Random;
use crate::timeline::{Entry, Kind, Timeline};

/// What became of the writes that were not flushed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fate {
    Dropped,
    Kept,
    /// Some, in any order.
    Subset,
    /// Some sectors of some, in any order.
    Torn,
    /// Exactly one.
    One,
}

const FATES: [Fate; 5] = [Fate::Dropped, Fate::Kept, Fate::Subset, Fate::Torn, Fate::One];
const SECTOR: usize = 512;

/// Builds images for rising cut points.
pub struct Cutter<'a> {
    timeline: &'a Timeline,
    flushed: Vec<u8>,
    applied: usize,
}

impl<'a> Cutter<'a> {
    pub fn new(timeline: &'a Timeline, size: usize) -> Self {
        Self { timeline, flushed: vec![0; size], applied: 0 }
    }

    /// The disk after a cut before entry `at`; not lower than the last.
    pub fn image(&mut self, at: usize, random: &mut Random) -> (Vec<u8>, Fate) {
        let entries = &self.timeline.entries;
        let last_flush = entries[..at].iter().rposition(|entry| entry.kind == Kind::Flush).map_or(0, |index| index + 1);
        for entry in &entries[self.applied.min(last_flush)..last_flush] {
            apply(self.timeline, entry, &mut self.flushed);
        }
        self.applied = self.applied.max(last_flush);
        let mut image = self.flushed.clone();
        let fate = FATES[random.below(FATES.len() as u64) as usize];
        let mut pending: Vec<&Entry> =
            entries[last_flush..at].iter().filter(|entry| entry.kind == Kind::Write).collect();
        if matches!(fate, Fate::Subset | Fate::Torn) {
            random.shuffle(&mut pending);
        }
        let kept_share = random.unit();
        let lone = random.below(pending.len().max(1) as u64) as usize;
        for (index, entry) in pending.into_iter().enumerate() {
            match fate {
                Fate::Dropped => {}
                Fate::Kept => apply(self.timeline, entry, &mut image),
                Fate::Subset if random.unit() < kept_share => apply(self.timeline, entry, &mut image),
                Fate::One if index == lone => apply(self.timeline, entry, &mut image),
                Fate::Subset | Fate::One => {}
                Fate::Torn => {
                    for (number, sector) in self.timeline.data(entry).chunks(SECTOR).enumerate() {
                        if random.unit() < kept_share {
                            let start = entry.offset + number * SECTOR;
                            image[start..start + sector.len()].copy_from_slice(sector);
                        }
                    }
                }
            }
        }
        (image, fate)
    }

    /// The number of the last acknowledgement before a cut.
    pub fn acknowledged(&self, at: usize) -> usize {
        self.timeline.entries[..at]
            .iter()
            .rev()
            .find_map(|entry| self.timeline.mark(entry)?.parse().ok())
            .unwrap_or(0)
    }
}

fn apply(timeline: &Timeline, entry: &Entry, disk: &mut [u8]) {
    if entry.kind == Kind::Write {
        let data = timeline.data(entry);
        disk[entry.offset..entry.offset + data.len()].copy_from_slice(data);
    }
}
