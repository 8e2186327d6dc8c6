//! The audit log in `core.db`: each entry is chained to the one before, so that one that was changed, taken out or put in
//! is found. Bounded: the oldest are let go, and the hash of the last of them is where the chain begins.

use hub_model::audit::{AuditCheck, AuditEntry, AuditQuery, AuditRecord};
use hub_model::{Trust, Wall};
use ring::digest::{Context, SHA256};
use rusqlite::{Connection, OptionalExtension};

use crate::core_database::WriteError;
use crate::options::Options;

const HASH_LENGTH: usize = 32;
/// So many of the oldest are let go with one commit at most.
const LET_GO_AT_ONCE: i64 = 100;
/// So many are checked before the writer does something else.
const CHECKED_AT_ONCE: i64 = 2_000;
const DAY: i64 = 24 * 3_600 * 1_000;

/// The last entry that was let go.
const FIRST: &str = "first";
/// The newest entry.
const LAST: &str = "last";

type Hash = [u8; HASH_LENGTH];

/// An end of the chain.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct End {
    number: i64,
    hash: Hash,
}

impl End {
    /// Where this entry leads to.
    fn with(&self, entry: &[u8]) -> Self {
        let number = self.number.saturating_add(1);
        let mut context = Context::new(&SHA256);
        context.update(&self.hash);
        context.update(&number.to_le_bytes());
        context.update(entry);
        let mut hash = Hash::default();
        hash.copy_from_slice(context.finish().as_ref());
        Self { number, hash }
    }

    fn read(connection: &Connection, name: &str) -> rusqlite::Result<Option<Self>> {
        let mut statement = connection.prepare_cached("SELECT number, hash FROM audit_ends WHERE name = ?1")?;
        statement.query_row([name], |row| Ok(Self { number: row.get(0)?, hash: row.get(1)? })).optional()
    }

    fn put(&self, connection: &Connection, name: &str) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached("INSERT OR REPLACE INTO audit_ends VALUES (?1, ?2, ?3)")?;
        statement.execute((name, self.number, self.hash))?;
        Ok(())
    }
}

/// Adds entries, and lets the oldest go: by their age only where a time server says how late it is. A clock that
/// somebody set wrongly, or that lost its battery, must not empty the log.
pub(crate) fn append(
    connection: &Connection,
    entries: &[&AuditEntry],
    wall: Wall,
    options: &Options,
) -> Result<(), WriteError> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut last = End::read(connection, LAST)?.unwrap_or_default();
    let newest_row = "SELECT max(number) FROM audit";
    let newest_row: Option<i64> = connection.prepare_cached(newest_row)?.query_row([], |row| row.get(0))?;
    if let Some(number) = newest_row.filter(|number| *number > last.number) {
        // Somebody put something in behind the end, or took the end away: the gap keeps the check failing here.
        last.number = number.saturating_add(1);
    }
    let mut put = connection.prepare_cached("INSERT OR REPLACE INTO audit VALUES (?1, ?2, ?3, ?4)")?;
    for entry in entries {
        // Its fields have a fixed order, and nothing stands between them: equal entries are equal bytes.
        let text = serde_json::to_vec(entry)?;
        last = last.with(&text);
        put.execute((last.number, entry.at.0, text, last.hash))?;
    }
    last.put(connection, LAST)?;
    let too_many = last.number.saturating_sub(i64::from(options.audit_limit));
    let is_sure = wall.trust == Trust::Ntp;
    let too_old = if is_sure { wall.time.0.saturating_sub(i64::from(options.audit_days) * DAY) } else { i64::MIN };
    let mut oldest =
        connection.prepare_cached("SELECT number, hash, at FROM audit WHERE number > ?1 ORDER BY number LIMIT ?2")?;
    let first = End::read(connection, FIRST)?.unwrap_or_default();
    let mut rows = oldest.query((first.number, LET_GO_AT_ONCE))?;
    let mut gone = None;
    while let Some(row) = rows.next()? {
        let (end, at) = (End { number: row.get(0)?, hash: row.get(1)? }, row.get::<_, i64>(2)?);
        if end.number > too_many && at >= too_old {
            break;
        }
        gone = Some(end);
    }
    if let Some(end) = gone {
        connection.prepare_cached("DELETE FROM audit WHERE number <= ?1")?.execute([end.number])?;
        end.put(connection, FIRST)?;
    }
    Ok(())
}

/// A list of entries, the newest first. One that cannot be read is left out.
pub(crate) fn list(connection: &Connection, query: &AuditQuery) -> rusqlite::Result<Vec<AuditRecord>> {
    let mut statement =
        connection.prepare_cached("SELECT number, entry FROM audit WHERE number < ?1 ORDER BY number DESC LIMIT ?2")?;
    let before = query.before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let mut rows = statement.query((before, limit))?;
    let mut listed = Vec::new();
    while let Some(row) = rows.next()? {
        let entry: Vec<u8> = row.get(1)?;
        if let Ok(entry) = serde_json::from_slice(&entry) {
            listed.push(AuditRecord { number: unsigned(row.get(0)?), entry });
        }
    }
    Ok(listed)
}

/// A check of the chain, in steps: the writer has other things to do.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Walk {
    reached: Option<End>,
    pub(crate) found: AuditCheck,
    pub(crate) is_done: bool,
}

impl Walk {
    /// The next step.
    pub(crate) fn step(mut self, connection: &Connection) -> rusqlite::Result<Self> {
        let first = End::read(connection, FIRST)?.unwrap_or_default();
        // What was let go meanwhile need not be checked any more.
        let mut reached = self.reached.filter(|reached| reached.number >= first.number).unwrap_or(first);
        let mut statement = connection
            .prepare_cached("SELECT number, entry, hash FROM audit WHERE number > ?1 ORDER BY number LIMIT ?2")?;
        let mut rows = statement.query((reached.number, CHECKED_AT_ONCE))?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            let entry: Vec<u8> = row.get(1)?;
            let expected = reached.with(&entry);
            let is_it = row.get::<_, i64>(0)? == expected.number && row.get::<_, Vec<u8>>(2)? == expected.hash;
            if !is_it {
                return Ok(self.broken_at(expected.number));
            }
            self.found.first = self.found.first.or(Some(unsigned(expected.number)));
            self.found.entries += 1;
            reached = expected;
            count += 1;
        }
        self.reached = Some(reached);
        if count < CHECKED_AT_ONCE {
            self.is_done = true;
            if End::read(connection, LAST)?.unwrap_or_default() != reached {
                return Ok(self.broken_at(reached.number.saturating_add(1)));
            }
        }
        Ok(self)
    }

    fn broken_at(mut self, number: i64) -> Self {
        self.found.broken_at = Some(unsigned(number));
        self.is_done = true;
        self
    }
}

/// Copies what can be read of `from`, which may be damaged, and is not in `into` yet: what is not whole then is found by
/// the check.
pub(crate) fn salvage(from: &Connection, into: &Connection) -> rusqlite::Result<()> {
    let mut put = into.prepare_cached("INSERT OR IGNORE INTO audit VALUES (?1, ?2, ?3, ?4)")?;
    for order in ["ASC", "DESC"] {
        let mut read = || -> rusqlite::Result<Result<(), rusqlite::Error>> {
            let mut statement =
                from.prepare(&format!("SELECT number, at, entry, hash FROM audit ORDER BY number {order}"))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let found: (i64, i64, Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
                if let Err(error) = put.execute(found) {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        };
        match read() {
            Ok(written) => {
                written?;
                break;
            }
            // Past a broken page from the other end.
            Err(error) => tracing::debug!(%error, order, "Stopped reading a damaged audit log."),
        }
    }
    for (name, is_better) in [(FIRST, i64::lt as fn(&i64, &i64) -> bool), (LAST, i64::gt)] {
        if let Ok(Some(end)) = End::read(from, name)
            && End::read(into, name)?.is_none_or(|known| is_better(&end.number, &known.number))
        {
            end.put(into, name)?;
        }
    }
    Ok(())
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
