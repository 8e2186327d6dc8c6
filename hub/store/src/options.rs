//! How the store works; the defaults are right for a Raspberry Pi with an SD card.

use std::time::Duration;

/// When SQLite waits for the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Synchronous {
    /// At every commit: what is acknowledged survives a power cut.
    #[default]
    Full,
    /// At checkpoints only: loses acknowledged commits in a power cut. Only to show that a test would notice.
    Normal,
}

/// How the store works.
#[derive(Clone, PartialEq, Debug)]
pub struct Options {
    /// History is written at most that often; a power cut loses at most so much of it.
    pub history_batch: Duration,
    /// Decisions of rules that fall within so much time are written together: a burst costs one write, and the disk is
    /// not busy at the very moment at which a command is on its way.
    pub decision_window: Duration,
    /// Every change is kept for so many days, then only sums.
    pub history_days: u32,
    /// Sums of five minutes are kept for so many days, then only those of hours.
    pub history_sum_days: u32,
    /// The most that sealed history may take; the oldest goes first.
    pub history_max_bytes: u64,
    /// Size of the journal; it is filled once and then overwritten in place.
    pub journal_bytes: usize,
    /// When SQLite waits for the disk.
    pub synchronous: Synchronous,
    /// Room kept back for a full disk; 0 = none.
    pub ballast_bytes: usize,
    /// What may wait to be written before telemetry collapses to the newest of each attribute.
    pub staging_limit: usize,
    /// While nothing else is written, a sign of life is, that often.
    pub idle_alive: Duration,
    /// A snapshot of the records is made at most that often.
    pub snapshot_interval: Duration,
    /// The first snapshot is made that long after the first change.
    pub first_snapshot: Duration,
    /// Commands of people that are kept.
    pub command_limit: usize,
    /// How long commands of people are kept.
    pub command_days: u32,
    /// Revisions of one thing that are kept.
    pub revision_limit: u32,
    /// Removed things whose revisions are kept.
    pub removed_limit: u32,
    /// The most that all revisions may take, in bytes; the oldest go first.
    pub revision_bytes: u32,
    /// Entries of the audit log that are kept; the oldest go first.
    pub audit_limit: u32,
    /// How long they are kept.
    pub audit_days: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            history_batch: Duration::from_secs(10),
            decision_window: Duration::from_millis(50),
            history_days: 35,
            history_sum_days: 400,
            history_max_bytes: 1024 * 1024 * 1024,
            journal_bytes: 1024 * 1024,
            synchronous: Synchronous::Full,
            ballast_bytes: 10 * 1024 * 1024,
            staging_limit: 4_096,
            idle_alive: Duration::from_secs(600),
            snapshot_interval: Duration::from_secs(3_600),
            first_snapshot: Duration::from_secs(60),
            command_limit: 1_000,
            command_days: 7,
            revision_limit: 100,
            removed_limit: 200,
            revision_bytes: 8 * 1024 * 1024,
            audit_limit: 100_000,
            audit_days: 730,
        }
    }
}
