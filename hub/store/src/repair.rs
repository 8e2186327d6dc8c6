//! Opens `core.db`, and mends it if it is damaged: from itself, row by row, and from its verified snapshot.
//!
//! Nothing is thrown away at the first sign of damage: a card that was pulled looks the same. The folder is asked
//! whether it is alive, the file is opened anew, and only if it is damaged then too is it set aside and mended.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use hub_model::Timestamp;
use rusqlite::Connection;

use crate::audit;
use crate::error::OpenError;
use crate::files::{self, CORE as CORE_FILE, Folder, RESTORED, SNAPSHOT};
use crate::options::Synchronous;
use crate::revisions;
use crate::rows::{Key, Row, Scan, kind, scan};
use crate::sqlite::{CORE, Refusal, damage};

/// An opened `core.db` and what is in it.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) rows: Vec<Row>,
    /// What was mended, in words.
    pub(crate) findings: Vec<Arc<str>>,
    /// It is not what the last run left.
    pub(crate) mended: bool,
}

/// Opens, makes or mends `core.db`.
pub(crate) fn open_core(folder: &Folder, synchronous: Synchronous, now: Timestamp) -> Result<Opened, OpenError> {
    finish_restoring(folder, now).map_err(|source| unusable(folder, source))?;
    let mut findings = Vec::new();
    let mut mended = false;
    if !folder.exists(CORE_FILE) {
        folder.probe().map_err(|source| unusable(folder, source))?;
        if folder.exists(SNAPSHOT) {
            mend(
                folder,
                Scan { broken: Some(rusqlite::Error::QueryReturnedNoRows), ..Scan::default() },
                now,
                &mut findings,
            )?;
            mended = true;
        } else {
            let name = CORE.create(folder, &|_| Ok(()))?;
            folder.replace(&name, CORE_FILE).map_err(|source| unusable(folder, source))?;
        }
    }
    let mut attempts = 0;
    loop {
        attempts += 1;
        let damage = match open_checked(folder, synchronous) {
            Ok((connection, rows)) => {
                folder.inhabit();
                return Ok(Opened { connection, rows, findings, mended });
            }
            Err(Refused::Final(error)) => return Err(error),
            Err(Refused::Damaged(found)) => found,
        };
        folder.probe().map_err(|source| unusable(folder, source))?;
        match attempts {
            // Once more with a new handle, now that the folder is known to be alive.
            1 => tracing::warn!("The database of records looks damaged; it is opened once more."),
            2 => {
                tracing::error!(
                    "The database of records is damaged; it is mended from what is readable and its snapshot."
                );
                mend(folder, damage, now, &mut findings)?;
                mended = true;
            }
            _ => {
                return Err(OpenError::Database {
                    file: CORE_FILE,
                    source: damage.broken.unwrap_or(rusqlite::Error::InvalidQuery),
                });
            }
        }
    }
}

enum Refused {
    Damaged(Scan),
    Final(OpenError),
}

fn open_checked(folder: &Folder, synchronous: Synchronous) -> Result<(Connection, Vec<Row>), Refused> {
    let damaged = |error| Refused::Damaged(Scan { broken: Some(error), ..Scan::default() });
    let connection = CORE.open(folder, synchronous).map_err(|refusal| match refusal {
        Refusal::Damaged(error) => damaged(error),
        Refusal::Final(error) => Refused::Final(error),
    })?;
    let mut found = scan(&connection);
    if found.broken.is_none() {
        found.broken = quick_check(&connection).err();
    }
    if found.broken.is_none() {
        match revisions::damaged(&connection) {
            Ok(damaged) => found.damaged_revisions = damaged,
            Err(error) => found.broken = Some(error),
        }
    }
    if found.is_sound() { Ok((connection, found.rows)) } else { Err(Refused::Damaged(found)) }
}

fn quick_check(connection: &Connection) -> rusqlite::Result<()> {
    let answer: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if answer == "ok" { Ok(()) } else { Err(damage(&answer)) }
}

/// Makes a new database of what is readable and of the snapshot, and puts it in the place of the damaged one.
fn mend(folder: &Folder, damaged: Scan, now: Timestamp, findings: &mut Vec<Arc<str>>) -> Result<(), OpenError> {
    let snapshot = read_snapshot(folder);
    let known: BTreeSet<&Key> = damaged.rows.iter().map(|row| &row.key).collect();
    let in_snapshot: BTreeSet<&Key> = snapshot.iter().flatten().map(|row| &row.key).collect();
    // A damaged row that the snapshot does not know may have a damaged name: then any row of the snapshot may be it.
    let all_seen = damaged.broken.is_none() && damaged.damaged.iter().all(|key| in_snapshot.contains(key));
    let from_snapshot: BTreeSet<Key> = snapshot
        .iter()
        .flatten()
        .map(|row| &row.key)
        .filter(|key| !known.contains(key) && (!all_seen || damaged.damaged.contains(key)))
        .cloned()
        .collect();
    let damaged_revisions = damaged.damaged_revisions;
    let lost = damaged.damaged.iter().filter(|key| !in_snapshot.contains(key)).count();
    let mut rows: BTreeMap<Key, Row> = BTreeMap::new();
    for row in snapshot.into_iter().flatten().filter(|row| from_snapshot.contains(&row.key)).chain(damaged.rows) {
        rows.insert(row.key.clone(), row);
    }
    let salvaged = rows.len() - from_snapshot.len();
    let (text, restored) = (
        format!(
            "the database of records was damaged and has been mended: {salvaged} records were read from it, {} came from its snapshot{}{}; \
         look whether your latest changes are there, and consider a new card",
            from_snapshot.len(),
            if lost > 0 { format!(", {lost} were lost") } else { String::new() },
            if damaged_revisions > 0 {
                format!("; {damaged_revisions} earlier versions of rules were damaged too")
            } else {
                String::new()
            },
        ),
        rows.into_values().collect::<Vec<_>>(),
    );
    let sources: Vec<Connection> =
        [CORE_FILE, SNAPSHOT].into_iter().filter_map(|name| CORE.open_read_only(folder, name).ok()).collect();
    let name = CORE.create(folder, &|connection| {
        let transaction = connection.transaction()?;
        for row in &restored {
            row.put(&transaction)?;
        }
        for source in &sources {
            revisions::salvage(source, &transaction)?;
            audit::salvage(source, &transaction)?;
        }
        transaction.commit()
    })?;
    drop(sources);
    folder
        .replace(&name, RESTORED)
        .and_then(|()| finish_restoring(folder, now))
        .map_err(|source| unusable(folder, source))?;
    findings.push(text.into());
    Ok(())
}

/// Puts a complete mended database in the place of the damaged one. Can be repeated after a power cut at any point.
fn finish_restoring(folder: &Folder, now: Timestamp) -> io::Result<()> {
    if !folder.exists(RESTORED) {
        return Ok(());
    }
    if folder.exists(CORE_FILE) {
        folder.set_aside(CORE_FILE, now.0)?;
    }
    // A write-ahead log of the damaged file must not be applied to the mended one.
    folder.remove("core.db-wal")?;
    folder.remove("core.db-shm")?;
    folder.sync()?;
    folder.replace(RESTORED, CORE_FILE)
}

/// The rows of the snapshot, if there is one and it is sound.
pub(crate) fn read_snapshot(folder: &Folder) -> Option<Vec<Row>> {
    if !folder.exists(SNAPSHOT) {
        return None;
    }
    verified(folder, SNAPSHOT)
        .inspect_err(|error| tracing::error!(%error, "The snapshot of the records is damaged too."))
        .ok()
}

fn verified(folder: &Folder, name: &str) -> rusqlite::Result<Vec<Row>> {
    let connection = CORE.open_read_only(folder, name).map_err(|refusal| match refusal {
        Refusal::Damaged(error) | Refusal::Final(OpenError::Database { source: error, .. }) => error,
        Refusal::Final(other) => damage(&other.to_string()),
    })?;
    let answer: String = connection.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    let found = scan(&connection);
    match found.broken {
        Some(error) => Err(error),
        None if answer == "ok" && found.damaged.is_empty() => Ok(found.rows),
        None => Err(damage(&answer)),
    }
}

/// Makes the snapshot anew and verifies it before it takes the place of the one before.
pub(crate) fn take_snapshot(connection: &Connection, folder: &Folder) -> Result<(), SnapshotError> {
    let name = folder.temporary(SNAPSHOT)?;
    // SQLite takes the permissions of a file that is there.
    let file = files::create(&folder.file(&name))?;
    connection.execute("VACUUM INTO ?1", [folder.file(&name).to_string_lossy()])?;
    file.sync_all()?;
    verified(folder, &name)?;
    folder.replace(&name, SNAPSHOT)?;
    Ok(())
}

/// A snapshot was not made; the one before is still there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotError {
    #[error("the file could not be written: {0}")]
    File(#[from] io::Error),
    #[error("the copy could not be made or verified: {0}")]
    Database(#[from] rusqlite::Error),
}

/// What can be read of the records in a folder that cannot be written; damaged rows come from the snapshot. Without a
/// snapshot and without any account the records are refused: a hub that belongs to somebody must not look like a new one.
pub(crate) fn read_records(folder: &Folder) -> Result<Vec<Row>, OpenError> {
    let name = if folder.exists(RESTORED) { RESTORED } else { CORE_FILE };
    let found = match CORE.open_read_only(folder, name) {
        Ok(connection) => scan(&connection),
        Err(Refusal::Damaged(error)) => Scan { broken: Some(error), ..Scan::default() },
        Err(Refusal::Final(OpenError::Database { source, .. })) => Scan { broken: Some(source), ..Scan::default() },
        Err(Refusal::Final(error)) => return Err(error),
    };
    let is_sound = found.is_sound();
    let mut rows: BTreeMap<Key, Row> = found.rows.into_iter().map(|row| (row.key.clone(), row)).collect();
    if !is_sound {
        match read_snapshot(folder) {
            Some(snapshot) => {
                for row in snapshot {
                    rows.entry(row.key.clone()).or_insert(row);
                }
            }
            None if !rows.keys().any(|key| key.kind == kind::ACCOUNT) => {
                let source = found.broken.unwrap_or_else(|| damage("its records are damaged"));
                return Err(OpenError::Database { file: CORE_FILE, source });
            }
            None => {}
        }
    }
    Ok(rows.into_values().collect())
}

fn unusable(folder: &Folder, source: io::Error) -> OpenError {
    OpenError::Folder { path: folder.path().to_owned(), source }
}

/// Whether changes of this kind of row are worth a new snapshot soon.
pub(crate) fn is_worth_a_snapshot(key: &Key) -> bool {
    const OFTEN: [&str; 10] = [
        kind::COMMAND,
        kind::DECISION,
        kind::DECIDED_ON,
        kind::LIFE,
        kind::PRESENCE,
        kind::NOTIFICATION,
        kind::SESSION,
        kind::LOGIN_ATTEMPTS,
        kind::USAGE,
        kind::PENDING_MESSAGE,
    ];
    !OFTEN.contains(&key.kind.as_str())
}
