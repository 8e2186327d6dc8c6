//! What rules and the like were: revisions in `core.db`, in a table of their own, bounded.

use std::collections::HashMap;
use std::sync::Arc;

use hub_model::record::Kept;
use hub_model::revision::{ListedRevision, RevisedKind, Revision, RevisionChange, RevisionEntry, RevisionQuery};
use hub_model::{AccountId, Cause, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow};
use serde::Deserialize;

use crate::core_database::WriteError;
use crate::options::Options;

const COLUMNS: &str = "place, kind, id, number, removed, entry, document, checksum";

/// A row whose checksum agrees.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Row {
    place: i64,
    kind: String,
    id: String,
    number: i64,
    removed: bool,
    entry: Vec<u8>,
    document: Vec<u8>,
}

impl Row {
    fn of(revision: &Revision) -> serde_json::Result<Self> {
        let entry = &revision.entry;
        Ok(Self {
            place: 0,
            kind: entry.kind.as_str().to_owned(),
            id: entry.id.to_string(),
            number: i64::try_from(entry.number).unwrap_or(i64::MAX),
            removed: entry.change == RevisionChange::Removed,
            entry: serde_json::to_vec(entry)?,
            document: revision.document.as_bytes().to_vec(),
        })
    }

    /// Reads a row; none = it is damaged.
    fn read(row: &SqlRow<'_>) -> Option<Self> {
        let read = || -> rusqlite::Result<(Self, u32)> {
            let found = Self {
                place: row.get(0)?,
                kind: row.get(1)?,
                id: row.get(2)?,
                number: row.get(3)?,
                removed: row.get(4)?,
                entry: row.get(5)?,
                document: row.get(6)?,
            };
            Ok((found, row.get(7)?))
        };
        read().ok().filter(|(row, stored)| row.checksum() == *stored).map(|(row, _)| row)
    }

    fn checksum(&self) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        let number = self.number.to_le_bytes();
        let parts: [&[u8]; 6] =
            [self.kind.as_bytes(), self.id.as_bytes(), &number, &[u8::from(self.removed)], &self.entry, &self.document];
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.finalize()
    }

    /// Puts it in. With a place, only if neither it nor the revision is there.
    fn put(&self, connection: &Connection) -> rusqlite::Result<usize> {
        let place = (self.place > 0).then_some(self.place);
        let sql = match place {
            Some(_) => "INSERT OR IGNORE INTO revisions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            None => "INSERT OR REPLACE INTO revisions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        };
        connection.prepare_cached(sql)?.execute((
            place,
            &self.kind,
            &self.id,
            self.number,
            self.removed,
            &self.entry,
            &self.document,
            self.checksum(),
        ))
    }

    /// The change; none = a newer program wrote it.
    fn entry(&self) -> Option<RevisionEntry> {
        serde_json::from_slice(&self.entry).ok()
    }
}

/// Keeps a revision.
pub(crate) fn put(connection: &Connection, revision: &Revision) -> Result<(), WriteError> {
    Row::of(revision)?.put(connection)?;
    Ok(())
}

/// Forgets what is too much: older revisions of the things that were changed, things that were removed long ago, and the
/// oldest of all when they take too much room.
pub(crate) fn prune<'a>(
    connection: &Connection,
    changed: impl Iterator<Item = &'a RevisionEntry>,
    options: &Options,
) -> rusqlite::Result<()> {
    let mut older = connection.prepare_cached(
        "DELETE FROM revisions WHERE kind = ?1 AND id = ?2 AND number <= (SELECT number FROM revisions \
         WHERE kind = ?1 AND id = ?2 ORDER BY number DESC LIMIT 1 OFFSET ?3)",
    )?;
    let mut removed = false;
    for entry in changed {
        older.execute((entry.kind.as_str(), &*entry.id, options.revision_limit))?;
        removed |= entry.change == RevisionChange::Removed;
    }
    if removed {
        // Of the columns beside max(), SQLite takes those of the row that has the greatest number.
        connection
            .prepare_cached(
                "DELETE FROM revisions WHERE (kind, id) IN (SELECT kind, id FROM \
                 (SELECT kind, id, removed, place, max(number) FROM revisions GROUP BY kind, id) \
                 WHERE removed = 1 ORDER BY place DESC LIMIT -1 OFFSET ?1)",
            )?
            .execute([options.removed_limit])?;
    }
    connection
        .prepare_cached(
            "DELETE FROM revisions WHERE place <= (SELECT max(place) FROM (SELECT place, \
             sum(length(entry) + length(document)) OVER (ORDER BY place DESC) AS room FROM revisions) \
             WHERE room > ?1)",
        )?
        .execute([options.revision_bytes])?;
    Ok(())
}

/// The number of the newest revision of each thing, in the order of these changes.
pub(crate) fn newest(connection: &Connection) -> rusqlite::Result<Vec<(RevisedKind, Arc<str>, u64)>> {
    let mut statement =
        connection.prepare("SELECT kind, id, max(number), max(place) FROM revisions GROUP BY kind, id ORDER BY 4")?;
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?)))?;
    let mut newest = Vec::new();
    for row in rows {
        let (kind, id, number) = row?;
        if let Some(kind) = RevisedKind::named(&kind) {
            newest.push((kind, id.into(), unsigned(number)));
        }
    }
    Ok(newest)
}

/// Adds what things are now, where that is not among their revisions: they were written before there were revisions, or
/// the table was damaged.
pub(crate) fn complete(connection: &mut Connection, kept: &Kept) -> Result<(), WriteError> {
    #[derive(Deserialize)]
    struct Named {
        name: Arc<str>,
    }
    let newest = newest(connection)?;
    let known: HashMap<(RevisedKind, &str), u64> =
        newest.iter().map(|(kind, id, number)| ((*kind, &**id), *number)).collect();
    let is_missing = |kind: RevisedKind, id: &str, number: u64| known.get(&(kind, id)).is_none_or(|has| *has < number);
    let rules =
        kept.automations.iter().filter(|rule| is_missing(RevisedKind::Automation, rule.id.as_str(), rule.revision));
    let rules = rules.map(|rule| {
        let id: Arc<str> = rule.id.as_str().into();
        let name = serde_json::from_str::<Named>(&rule.document).map_or_else(|_| Arc::clone(&id), |it| it.name);
        let entry = found(RevisedKind::Automation, id, name, rule.revision, rule.changed_at, &rule.author);
        Revision { entry, document: Arc::clone(&rule.document) }
    });
    let scenes =
        kept.scenes.iter().filter(|record| is_missing(RevisedKind::Scene, record.scene.id.as_str(), record.revision));
    let scenes = scenes.map(|record| {
        let (id, name) = (record.scene.id.as_str().into(), Arc::clone(&record.scene.name));
        let entry = found(RevisedKind::Scene, id, name, record.revision, record.changed_at, &record.author);
        serde_json::to_string(&record.scene.document()).map(|document| Revision { entry, document: document.into() })
    });
    let missing = rules.map(Ok).chain(scenes).collect::<serde_json::Result<Vec<Revision>>>()?;
    if missing.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    missing.iter().try_for_each(|revision| put(&transaction, revision))?;
    transaction.commit()?;
    Ok(())
}

/// The change of a thing that was found as it is.
fn found(
    kind: RevisedKind,
    id: Arc<str>,
    name: Arc<str>,
    number: u64,
    at: Timestamp,
    author: &AccountId,
) -> RevisionEntry {
    let change = if number <= 1 { RevisionChange::Created } else { RevisionChange::Changed };
    RevisionEntry { kind, id, number, name, at, author: author.clone(), cause: Cause::Restore, change }
}

/// How many rows are damaged.
pub(crate) fn damaged(connection: &Connection) -> rusqlite::Result<usize> {
    let mut damaged = 0;
    scan(connection, false, &mut |row| {
        damaged += usize::from(row.is_none());
        Ok(())
    })?;
    Ok(damaged)
}

/// Copies what can be read of `from`, which may be damaged, and is not in `into` yet. Gives how many.
pub(crate) fn salvage(from: &Connection, into: &Connection) -> rusqlite::Result<usize> {
    let mut copied = 0;
    for backwards in [false, true] {
        let mut failed = None;
        let read = scan(from, backwards, &mut |row| {
            if let Some(row) = row {
                copied += row.put(into).inspect_err(|_| failed = Some(()))?;
            }
            Ok(())
        });
        match read {
            Ok(()) => break,
            Err(error) if failed.is_some() => return Err(error),
            // Past a broken page from the other end.
            Err(error) => tracing::debug!(%error, backwards, "Stopped reading a damaged table of revisions."),
        }
    }
    Ok(copied)
}

fn scan(
    connection: &Connection,
    backwards: bool,
    visit: &mut dyn FnMut(Option<Row>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let order = if backwards { "DESC" } else { "ASC" };
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM revisions ORDER BY place {order}"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        visit(Row::read(row))?;
    }
    Ok(())
}

/// A list of revisions, the newest first. Damaged ones are left out.
pub(crate) fn list(connection: &Connection, query: &RevisionQuery) -> rusqlite::Result<Vec<ListedRevision>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM revisions WHERE (?1 IS NULL OR kind = ?1 AND (?2 IS NULL OR id = ?2)) AND place < ?3 \
         ORDER BY place DESC"
    ))?;
    let before = query.before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
    let (kind, id) = match &query.of {
        Some((kind, id)) => (Some(kind.as_str()), id.as_deref()),
        None => (None, None),
    };
    let mut rows = statement.query((kind, id, before))?;
    let mut listed = Vec::new();
    while listed.len() < query.limit
        && let Some(row) = rows.next()?
    {
        if let Some(row) = Row::read(row)
            && let Some(entry) = row.entry()
        {
            listed.push(ListedRevision { place: unsigned(row.place), entry });
        }
    }
    Ok(listed)
}

/// One revision; none if it is not there or damaged.
pub(crate) fn one(
    connection: &Connection,
    kind: RevisedKind,
    id: &str,
    number: u64,
) -> rusqlite::Result<Option<Revision>> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM revisions WHERE kind = ?1 AND id = ?2 AND number = ?3"))?;
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let found = statement.query_row((kind.as_str(), id, number), |row| Ok(Row::read(row))).optional()?;
    Ok(found.flatten().and_then(|row| {
        let document = std::str::from_utf8(&row.document).ok()?.into();
        Some(Revision { entry: row.entry()?, document })
    }))
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
