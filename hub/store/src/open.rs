//! A start: opens everything and gathers what was kept.

use std::io;
use std::path::Path;

use hub_model::record::Kept;
use hub_model::zone::Zone;
use hub_model::{Now, Timestamp};

use crate::archive::{self, Archive, Found};
use crate::core_database::{CoreDatabase, WriteError};
use crate::error::OpenError;
use crate::files::{self, BALLAST, CORE, Folder, HISTORY, JOURNAL, RESTORED, SNAPSHOT};
use crate::health::Health;
use crate::journal_file;
use crate::life::Life;
use crate::options::Options;
use crate::repair;
use crate::rows::{self, Row};
use crate::sqlite;
use crate::unsealed::Unsealed;
use crate::wear::Wear;

/// Everything that a start gives.
pub(crate) struct Started {
    pub(crate) folder: Folder,
    pub(crate) core: Option<CoreDatabase>,
    pub(crate) archive: Option<Archive>,
    pub(crate) unsealed: Unsealed,
    pub(crate) life: Life,
    pub(crate) health: Health,
    pub(crate) wear: Wear,
    pub(crate) kept: Kept,
}

/// Opens the folder.
pub(crate) fn start(path: &Path, options: &Options, now: Now) -> Result<Started, OpenError> {
    let unusable = |source: io::Error| OpenError::Folder { path: path.to_owned(), source };
    let folder = Folder::make(path).map_err(unusable)?;
    let mut health = Health::default();
    let mut probed = folder.probe();
    if is_full(&probed) {
        health.full = true;
        folder.remove(BALLAST).map_err(unusable)?;
        probed = folder.probe();
    }
    match probed {
        Ok(()) => {}
        Err(error) if files::is_read_only(&error) || error.kind() == io::ErrorKind::StorageFull => {
            health.read_only = !health.full;
            tracing::error!(%error, folder = %path.display(), "The data folder cannot be written; it is opened for reading.");
            return start_reading(folder, now.time(), health);
        }
        Err(error) => return Err(unusable(error)),
    }
    for name in [CORE, HISTORY] {
        if folder.exists(name) {
            folder.protect(name).map_err(unusable)?;
        }
    }
    let mut opened = repair::open_core(&folder, options.synchronous, now.time())?;
    let (mut unsealed, unreadable) = Unsealed::of(&opened.rows);
    let (archive, found) = match archive::open(&folder, options, now.time(), &mut unsealed) {
        Ok((archive, found)) => (Some(archive), found),
        Err(error @ (OpenError::Newer { .. } | OpenError::InUse { .. })) => return Err(error),
        Err(error) => {
            // Lights can be switched without a history; the writer tries again.
            tracing::error!(%error, "History could not be opened.");
            health.gone = Some(error.to_string().into());
            (None, read_history(&folder, &mut unsealed))
        }
    };
    let before = Life::of(&opened.rows);
    let life = Life::begin(before, opened.mended, now.time());
    health.mended = opened.findings.first().cloned();
    health.history = found.findings.first().cloned();
    let mut kept = kept(&mut opened.rows, before.filter(|_| !opened.mended), &life, &unsealed, unreadable);
    kept.findings.extend(opened.findings.iter().cloned());
    let wear = add_found(found, before, now.time(), &mut kept);
    let core = CoreDatabase::new(opened.connection, &kept.commands);
    core.write_life(&life).map_err(|error| match error {
        WriteError::Database(source) => OpenError::Database { file: CORE, source },
        WriteError::Form(error) => unusable(io::Error::other(error)),
    })?;
    Ok(Started { folder, core: Some(core), archive, unsealed, life, health, wear, kept })
}

fn start_reading(folder: Folder, now: Timestamp, health: Health) -> Result<Started, OpenError> {
    let is_new = [CORE, SNAPSHOT, RESTORED, HISTORY, JOURNAL].iter().all(|name| !folder.exists(name));
    let mut rows = if is_new { Vec::new() } else { repair::read_records(&folder)? };
    if !is_new {
        folder.inhabit();
    }
    let (mut unsealed, unreadable) = Unsealed::of(&rows);
    let found = read_history(&folder, &mut unsealed);
    let before = Life::of(&rows);
    // Nothing of this stretch can be written down: it must not be taken for the one before.
    let life = Life::begin(before, true, now);
    let mut kept = kept(&mut rows, None, &life, &unsealed, unreadable);
    let wear = add_found(found, before, now, &mut kept);
    Ok(Started { folder, core: None, archive: None, unsealed, life, health, wear, kept })
}

fn read_history(folder: &Folder, unsealed: &mut Unsealed) -> Found {
    let connection = folder.exists(HISTORY).then(|| sqlite::HISTORY.open_read_only(folder, HISTORY).ok()).flatten();
    let journal = journal_file::read(folder).ok().flatten();
    archive::gather(connection.as_ref(), journal.as_deref(), unsealed)
}

fn kept(rows: &mut [Row], before: Option<Life>, life: &Life, unsealed: &Unsealed, unreadable: usize) -> Kept {
    let clean = before.is_some_and(|before| before.was_clean());
    let mut kept = Kept {
        epoch: life.epoch,
        clean,
        last_seq: before.filter(|_| clean).map_or(0, |before| before.last_seq),
        decisions: unsealed.decisions.live().cloned().collect(),
        ..Kept::default()
    };
    unsealed.commands.overlay(rows);
    rows::gather(rows, &mut kept);
    if unreadable > 0 {
        kept.findings
            .push(format!("{unreadable} notes of rules could not be read; what they waited for is forgotten").into());
    }
    kept
}

/// Adds what history knows. `before` is the life before this start.
fn add_found(found: Found, before: Option<Life>, now: Timestamp, kept: &mut Kept) -> Wear {
    let stopped_at = match before {
        Some(before) if before.was_clean() => before.stopped_at,
        Some(before) => found.written_at.max(before.started_at),
        None => found.written_at,
    };
    kept.stopped_at = stopped_at;
    kept.last_known_time = stopped_at.unwrap_or_default();
    let zone = kept.home.as_ref().and_then(|home| Zone::named(&home.time_zone).ok()).unwrap_or_else(Zone::utc);
    let wear = Wear::new(zone, now, found.alive);
    (kept.states, kept.availability) = found.last.into_kept();
    kept.findings.extend(found.findings);
    wear
}

fn is_full(probed: &io::Result<()>) -> bool {
    probed.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::StorageFull)
}
