//! Opens history: `history.db` and the journal, and gathers what they know at a start.

use std::cell::Cell;
use std::io;
use std::sync::Arc;

use hub_model::Timestamp;
use rusqlite::Connection;

use crate::error::OpenError;
use crate::files::{Folder, HISTORY as HISTORY_FILE};
use crate::history_database::{self as database, Harvest};
use crate::journal::{self, Alive, Decoded, Entry};
use crate::journal_file::{self, JournalFile};
use crate::last_known::LastKnown;
use crate::options::Options;
use crate::salvage::salvage;
use crate::series::SeriesKind;
use crate::sqlite::{HISTORY, Refusal};
use crate::unsealed::Unsealed;

/// Open history.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) connection: Connection,
    pub(crate) journal: JournalFile,
}

/// What history knows at a start.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) last: LastKnown,
    pub(crate) alive: Option<Alive>,
    pub(crate) written_at: Option<Timestamp>,
    pub(crate) findings: Vec<Arc<str>>,
    decoded: Decoded,
    sealed: Option<u64>,
}

/// Opens or makes history. Damage never keeps the hub from starting: a database that cannot be used is set aside.
pub(crate) fn open(
    folder: &Folder,
    options: &Options,
    now: Timestamp,
    unsealed: &mut Unsealed,
) -> Result<(Archive, Found), OpenError> {
    let unusable = |source: io::Error| OpenError::Folder { path: folder.path().to_owned(), source };
    let mut findings = Vec::new();
    let connection = open_database(folder, options, now, &mut findings)?;
    JournalFile::make(folder, options.journal_bytes).map_err(unusable)?;
    let bytes = journal_file::read(folder).map_err(unusable)?;
    let mut found = gather(Some(&connection), bytes.as_deref(), unsealed);
    // A number that no older journal of this folder had.
    let fresh = u64::try_from(now.0).unwrap_or(0).max(1);
    let next = found.sealed.map_or(fresh, |sealed| sealed.saturating_add(1));
    let journal = JournalFile::open(folder, &found.decoded, next).map_err(unusable)?;
    if found.sealed.is_none() {
        // From now on the journal can be read even if its first frame is damaged.
        let before = i64::try_from(journal.generation().saturating_sub(1)).unwrap_or(0);
        let marked = database::put_mark(&connection, database::SEALED, before);
        marked.map_err(|source| OpenError::Database { file: HISTORY_FILE, source })?;
    }
    found.findings.extend(findings);
    Ok((Archive { connection, journal }, found))
}

fn open_database(
    folder: &Folder,
    options: &Options,
    now: Timestamp,
    findings: &mut Vec<Arc<str>>,
) -> Result<Connection, OpenError> {
    let unusable = |source: io::Error| OpenError::Folder { path: folder.path().to_owned(), source };
    if !folder.exists(HISTORY_FILE) {
        make_database(folder)?;
    }
    for attempt in 1.. {
        let error = match HISTORY.open(folder, options.synchronous) {
            Ok(connection) => match is_readable(&connection) {
                Ok(()) => return Ok(connection),
                Err(error) => error,
            },
            Err(Refusal::Damaged(error)) => error,
            Err(Refusal::Final(error)) => return Err(error),
        };
        // A vanished card looks like damage: only what is damaged on a living disk, twice, is set aside.
        folder.probe().map_err(unusable)?;
        match attempt {
            1 => tracing::warn!(%error, "The database of history looks damaged; it is opened once more."),
            2 => findings.push(replace_database(folder, now, &error)?),
            _ => return Err(OpenError::Database { file: HISTORY_FILE, source: error }),
        }
    }
    Err(OpenError::InUse { file: HISTORY_FILE })
}

/// Sets a damaged database aside and begins anew with what could be read of it. Gives what happened, in words.
pub(crate) fn replace_database(
    folder: &Folder,
    now: Timestamp,
    error: &rusqlite::Error,
) -> Result<Arc<str>, OpenError> {
    let unusable = |source: io::Error| OpenError::Folder { path: folder.path().to_owned(), source };
    let aside = folder.set_aside(HISTORY_FILE, now.0).map_err(unusable)?;
    let old = HISTORY.open_read_only(folder, &aside).ok();
    let salvaged = Cell::new(0);
    let name = HISTORY.create(folder, &|new| {
        if let Some(old) = &old {
            salvaged.set(salvage(old, new)?);
        }
        Ok(())
    })?;
    // The log of the damaged file must not be applied to the new one.
    for name in ["history.db-wal", "history.db-shm"] {
        folder.remove(name).map_err(unusable)?;
    }
    folder.sync().and_then(|()| folder.replace(&name, HISTORY_FILE)).map_err(unusable)?;
    let stretches = salvaged.get();
    tracing::error!(aside, stretches, %error, "The database of history is damaged; it was set aside and begun anew.");
    Ok(format!("history was damaged ({error}); it was set aside as {aside} and begun anew with {stretches} stretches read from it").into())
}

fn make_database(folder: &Folder) -> Result<(), OpenError> {
    let name = HISTORY.create(folder, &|_| Ok(()))?;
    folder.replace(&name, HISTORY_FILE).map_err(|source| OpenError::Folder { path: folder.path().to_owned(), source })
}

/// Whether what a start needs can be read. Not the whole: chunks have checksums, and reading all would take long.
fn is_readable(connection: &Connection) -> rusqlite::Result<()> {
    database::mark(connection, database::SEALED)?;
    database::oldest(connection)?;
    database::last_states(connection)?;
    Ok(())
}

/// Gathers what sealed history and the journal know.
pub(crate) fn gather(connection: Option<&Connection>, journal: Option<&[u8]>, unsealed: &mut Unsealed) -> Found {
    let mut found = Found::default();
    if let Some(connection) = connection
        && let Err(error) = gather_sealed(connection, &mut found)
    {
        tracing::error!(%error, "The last states could not be read from history.");
        found
            .findings
            .push("the last known states could not be read completely; they come back as devices report".into());
    }
    let expected = found.sealed.map(|sealed| sealed.saturating_add(1));
    let Found { last, alive, .. } = &mut found;
    let decoded = journal.map(|bytes| {
        journal::decode(bytes, expected, &mut |entry| match entry {
            Entry::Sample(key, sample) => {
                last.take(&key, &sample);
                if key.kind == SeriesKind::Removed {
                    unsealed.decisions.forget_device(&key.device);
                }
            }
            Entry::Decision(decision) => unsealed.decisions.take(&decision),
            Entry::Command(ended) => unsealed.commands.take(ended),
            Entry::Alive(sign) => *alive = Some(sign),
        })
    });
    found.decoded = decoded.unwrap_or_default();
    if found.decoded.gaps > 0 {
        found
            .findings
            .push(format!("{} places of the newest history were damaged and are left out", found.decoded.gaps).into());
    }
    found.written_at = found.decoded.written_at.or(found.written_at);
    for fact in unsealed.decisions.decided_on() {
        found.last.overlay(fact);
    }
    found
}

fn gather_sealed(connection: &Connection, found: &mut Found) -> rusqlite::Result<()> {
    let read = |name| database::mark(connection, name);
    found.sealed = read(database::SEALED)?.and_then(|sealed| u64::try_from(sealed).ok());
    found.written_at = read(database::WRITTEN_AT)?.map(Timestamp);
    let [seq, day, written] = database::ALIVE;
    if let (Some(seq), Some(day), Some(written)) = (read(seq)?, read(day)?, read(written)?) {
        let unsigned = |number| u64::try_from(number).unwrap_or(0);
        found.alive = Some(Alive { seq: unsigned(seq), day, written: unsigned(written) });
    }
    let (states, damaged) = database::last_states(connection)?;
    states.iter().for_each(|(key, sample)| found.last.take(key, sample));
    if damaged > 0 {
        found
            .findings
            .push(format!("{damaged} last known states were damaged; they come back as devices report").into());
    }
    Ok(())
}

impl Archive {
    /// Everything in the journal, to be sealed, and how many places of it are damaged.
    pub(crate) fn harvest(&self) -> io::Result<(Harvest, usize)> {
        let bytes = self.journal.contents()?;
        let mut harvest = Harvest::default();
        let decoded = journal::decode(&bytes, Some(self.journal.generation()), &mut |entry| match entry {
            Entry::Sample(key, sample) => {
                harvest.last.take(&key, &sample);
                if key.kind != SeriesKind::Removed {
                    harvest.samples.entry(key).or_default().push(sample);
                }
            }
            Entry::Alive(alive) => harvest.alive = Some(alive),
            // These are kept in `core.db` by now.
            Entry::Decision(_) | Entry::Command(_) => {}
        });
        harvest.written_at = decoded.written_at;
        Ok((harvest, decoded.gaps))
    }
}
