//! The part of the writer that writes the journal, seals it and lets old history go.

use std::io;

use hub_model::history::{HistoryEntry, HistoryRecord};
use hub_model::record::Decision;
use hub_model::{Cause, Timestamp, Value};

use crate::aggregate::{FIVE_MINUTES, HOUR};
use crate::chunk::size_of_value;
use crate::error::OpenError;
use crate::history_database as database;
use crate::journal::{Alive, PAYLOAD_LIMIT, Payload};
use crate::series::{SeriesKey, StoredSample, sample_of};
use crate::staging::Staged;
use crate::unsealed::EndedCommand;
use crate::writer::Writer;

const DAY: i64 = 24 * 3_600 * 1_000;
/// A frame is closed when it is so long.
const FRAME_TARGET: usize = 48 * 1024;
/// One thing longer than this is not taken into the journal.
const ITEM_LIMIT: usize = PAYLOAD_LIMIT - FRAME_TARGET - 8 * 1024;
/// Chunks that are summed up in one transaction.
const RETIRE_BATCH: usize = 100;

/// One thing for the journal.
pub(crate) enum Item {
    Sample(SeriesKey, StoredSample),
    Decision(Decision),
    Alive(Alive),
    Command(EndedCommand),
    /// Keeps the place of something that does not go to the journal.
    LeftOut,
}

impl Item {
    pub(crate) fn of_staged(staged: &Staged) -> Self {
        match staged {
            Staged::Record(HistoryRecord { entry: HistoryEntry::Command(command), .. }) => {
                EndedCommand::of(command).map_or(Self::LeftOut, Self::Command)
            }
            Staged::Record(record) => {
                sample_of(record).map_or(Self::LeftOut, |(key, sample)| Self::Sample(key, sample))
            }
            Staged::Removed(device, at) => {
                let sample = StoredSample { at: *at, value: Value::Unknown, cause: Cause::System };
                Self::Sample(SeriesKey::removed(device), sample)
            }
        }
    }

    /// About how long it is.
    fn size(&self) -> usize {
        match self {
            Self::Sample(key, sample) => 32 + 2 * size_of_value(&sample.value) + key.device.len() + key.attribute.len(),
            Self::Decision(decision) => {
                let facts = decision.decided_on.iter();
                let fact_size = |fact: &hub_model::record::DecidedOn| {
                    32 + 2 * size_of_value(&fact.value) + fact.device.as_str().len() + fact.attribute.as_str().len()
                };
                64 + decision.state.as_ref().map_or(0, |state| state.len()) + facts.map(fact_size).sum::<usize>()
            }
            Self::Alive(_) => 32,
            Self::LeftOut => 0,
            Self::Command(ended) => 32 + ended.id.len() + ended.body.len(),
        }
    }
}

/// Why history could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HistoryTrouble {
    #[error("the journal could not be written: {0}")]
    File(io::Error),
    #[error("history could not be sealed: {0}")]
    Database(rusqlite::Error),
    #[error("{0}")]
    Open(OpenError),
}

impl Writer {
    /// Writes everything to the journal; the first `staged` things are the records that wait. On success all is on the
    /// disk. After an error what is not there yet waits on.
    pub(crate) fn write_items(&mut self, mut items: Vec<Item>, staged: usize) -> Result<(), HistoryTrouble> {
        self.regain_archive()?;
        self.leave_out_too_long(&mut items);
        let mut start = 0;
        while start < items.len() {
            let mut size = 0;
            let taken = items.get(start..).unwrap_or_default().iter().take_while(|item| {
                let fits = size < FRAME_TARGET;
                size += item.size();
                fits
            });
            let end = start + taken.count().max(1);
            self.write_frame(items.get(start..end).unwrap_or_default(), end.min(staged) - start.min(staged))?;
            start = end;
        }
        Ok(())
    }

    /// What `core.db` is to have in the end goes there at once.
    fn leave_out_too_long(&mut self, items: &mut [Item]) {
        let (mut for_core, mut left_out) = (false, 0_usize);
        for item in items.iter_mut().filter(|item| item.size() > ITEM_LIMIT) {
            match std::mem::replace(item, Item::LeftOut) {
                Item::Decision(_) | Item::Command(_) => for_core = true,
                _ => left_out += 1,
            }
        }
        if for_core {
            self.keep_in_core();
        }
        if left_out > 0 {
            tracing::warn!(left_out, "Something too long for the history was left out.");
        }
    }

    /// `staged` of the items are records that wait; they no longer do once the frame is on the disk.
    fn write_frame(&mut self, items: &[Item], staged: usize) -> Result<(), HistoryTrouble> {
        let now = self.shared.clock.now();
        let Some(archive) = &mut self.archive else { return Ok(()) };
        let mut payload = payload(now.time(), archive, items);
        if !archive.journal.fits(payload.len()) {
            self.seal()?;
            let Some(archive) = &mut self.archive else { return Ok(()) };
            payload = self::payload(now.time(), archive, items);
        }
        let Some(archive) = &mut self.archive else { return Ok(()) };
        if !payload.is_empty() {
            archive.journal.write(payload).map_err(HistoryTrouble::File)?;
        }
        self.shared.staging().written(staged, archive.journal.reach(), now.mono);
        Ok(())
    }

    /// Moves everything in the journal into chunks, and what it says of decisions and commands into `core.db`; then the journal
    /// begins anew.
    fn seal(&mut self) -> Result<(), HistoryTrouble> {
        let Some(archive) = &mut self.archive else { return Ok(()) };
        if archive.journal.is_empty() {
            return Ok(());
        }
        if let Some(core) = &mut self.core {
            core.write_unsealed(&self.unsealed).map_err(HistoryTrouble::Database)?;
            self.unsealed.settle();
        } else {
            // Without it the decisions and commands in the journal would be lost.
            let gone = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
            return Err(HistoryTrouble::Database(rusqlite::Error::SqliteFailure(
                gone,
                Some("core.db is not open".into()),
            )));
        }
        let (harvest, gaps) = archive.harvest().map_err(HistoryTrouble::File)?;
        if gaps > 0 {
            let text = format!("{gaps} places of the newest history were damaged and are left out");
            self.shared.health().history = Some(text.into());
        }
        database::seal(&mut archive.connection, archive.journal.generation(), harvest)
            .map_err(HistoryTrouble::Database)?;
        archive.journal.restart();
        self.shared.staging().reach = archive.journal.reach();
        tracing::debug!(generation = archive.journal.generation(), "Sealed the journal.");
        self.limit_size();
        Ok(())
    }

    /// Sums up what is older than the days that every change is kept for.
    pub(crate) fn retire_old(&mut self, now: Timestamp) {
        let Some(archive) = &mut self.archive else { return };
        let options = &self.shared.options;
        let before = now.0.saturating_sub(i64::from(options.history_days) * DAY);
        let sums_before = now.0.saturating_sub(i64::from(options.history_sum_days) * DAY);
        let result = retire_before(archive, before)
            .and_then(|()| database::forget_sums(&archive.connection, FIVE_MINUTES, sums_before));
        if let Err(error) = result {
            tracing::warn!(%error, "Old history could not be summed up.");
        }
    }

    /// Lets the oldest history go while there is more than may be.
    fn limit_size(&mut self) {
        let most = self.shared.options.history_max_bytes;
        let Some(archive) = &mut self.archive else { return };
        let connection = &mut archive.connection;
        let mut limit = || -> rusqlite::Result<()> {
            while database::used_bytes(connection)? > most {
                if database::retire(connection, i64::MAX, RETIRE_BATCH)?.chunks > 0 {
                    continue;
                }
                // Only sums are left: the oldest tenth of the finest goes.
                let Some(width) = database::finest_sums(connection, &[FIVE_MINUTES, HOUR])? else { break };
                database::forget_oldest_sums(connection, width)?;
            }
            Ok(())
        };
        if let Err(error) = limit() {
            tracing::warn!(%error, "History could not be made smaller.");
        }
    }

    /// Gives the room of history that was let go back to the disk.
    pub(crate) fn shrink_history(&mut self) {
        let Some(archive) = &mut self.archive else { return };
        if let Err(error) = database::shrink(&archive.connection) {
            tracing::warn!(%error, "History could not be made smaller.");
        }
    }
}

fn payload(now: Timestamp, archive: &crate::archive::Archive, items: &[Item]) -> Payload {
    let numbers = &archive.journal.numbers;
    let mut payload = Payload::new(now, numbers);
    for item in items {
        match item {
            Item::Sample(key, sample) => payload.sample(numbers, key.clone(), sample),
            Item::Decision(decision) => payload.decision(decision),
            Item::Alive(alive) => payload.alive(*alive),
            Item::Command(ended) => payload.command(ended),
            Item::LeftOut => {}
        }
    }
    payload
}

fn retire_before(archive: &mut crate::archive::Archive, before: i64) -> rusqlite::Result<()> {
    loop {
        let retired = database::retire(&mut archive.connection, before, RETIRE_BATCH)?;
        if retired.damaged > 0 {
            tracing::warn!(damaged = retired.damaged, "Damaged stretches of history were let go.");
        }
        if retired.chunks < RETIRE_BATCH {
            return Ok(());
        }
    }
}
