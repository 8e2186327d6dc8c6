//! `history.db`: sealed chunks, and sums of what grew too old.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use hub_model::{Timestamp, Value};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::aggregate::{Cut, FIVE_MINUTES, HOUR, Part, Summing, number_of};
use crate::bytes::{Malformed, Reader};
use crate::chunk;
use crate::coding;
use crate::last_known::LastKnown;
use crate::series::{SeriesKey, SeriesKind, StoredSample};

/// The generation of the journal that was sealed last.
pub(crate) const SEALED: &str = "sealed";
/// When the last sealed frame was written.
pub(crate) const WRITTEN_AT: &str = "written_at";
/// Event number, local day and bytes written on it, of the last sign of life.
pub(crate) const ALIVE: [&str; 3] = ["seq", "day", "written"];

/// Reads a mark.
pub(crate) fn mark(connection: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    connection.prepare_cached("SELECT value FROM marks WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()
}

/// Writes a mark.
pub(crate) fn put_mark(connection: &Connection, name: &str, value: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT OR REPLACE INTO marks (name, value) VALUES (?1, ?2)")?.execute((name, value))?;
    Ok(())
}

/// The number of a series; none = nothing of it was ever sealed.
pub(crate) fn series_number(connection: &Connection, key: &SeriesKey) -> rusqlite::Result<Option<i64>> {
    let find = "SELECT id FROM series WHERE kind = ?1 AND device = ?2 AND endpoint = ?3 AND attribute = ?4";
    let parameters = (key.kind as u8, &*key.device, key.endpoint, &*key.attribute);
    connection.prepare_cached(find)?.query_row(parameters, |row| row.get(0)).optional()
}

/// The series of a number; none if it is damaged.
pub(crate) fn series_key(connection: &Connection, series: i64) -> rusqlite::Result<Option<SeriesKey>> {
    let find = "SELECT kind, device, endpoint, attribute FROM series WHERE id = ?1";
    let found = connection.prepare_cached(find)?.query_row([series], |row| Ok(key_of(row, 0))).optional()?;
    Ok(found.flatten())
}

/// All series of what happens in a home, by number. Damaged ones are left out.
pub(crate) fn happenings(connection: &Connection) -> rusqlite::Result<BTreeMap<i64, SeriesKey>> {
    let mut statement = connection.prepare_cached("SELECT kind, device, endpoint, attribute, id FROM series")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(4)?, key_of(row, 0))))?;
    let mut found = BTreeMap::new();
    for row in rows {
        if let (number, Some(key)) = row?
            && SeriesKind::HAPPENINGS.contains(&key.kind)
        {
            found.insert(number, key);
        }
    }
    Ok(found)
}

fn make_series(connection: &Connection, key: &SeriesKey) -> rusqlite::Result<i64> {
    if let Some(number) = series_number(connection, key)? {
        return Ok(number);
    }
    let insert = "INSERT INTO series (kind, device, endpoint, attribute) VALUES (?1, ?2, ?3, ?4)";
    connection.prepare_cached(insert)?.execute((key.kind as u8, &*key.device, key.endpoint, &*key.attribute))?;
    Ok(connection.last_insert_rowid())
}

/// What a journal holds, gathered for sealing.
#[derive(Debug, Default)]
pub(crate) struct Harvest {
    pub(crate) samples: HashMap<Arc<SeriesKey>, Vec<StoredSample>>,
    pub(crate) last: LastKnown,
    pub(crate) alive: Option<crate::journal::Alive>,
    pub(crate) written_at: Option<Timestamp>,
}

/// Seals a generation of the journal: chunks, last values and marks in one transaction.
pub(crate) fn seal(connection: &mut Connection, generation: u64, harvest: Harvest) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (key, mut samples) in harvest.samples {
        samples.sort_by_key(|sample| sample.at);
        if key.kind == SeriesKind::State {
            // A batch that failed half-way was written twice.
            samples.dedup();
        }
        put_samples(&transaction, &key, &samples)?;
    }
    for device in harvest.last.removed() {
        let forget = "DELETE FROM last_states WHERE series IN (SELECT id FROM series WHERE device = ?1)";
        transaction.prepare_cached(forget)?.execute([&**device])?;
    }
    for (key, at, value) in harvest.last.values() {
        put_last_state(&transaction, key, at, value)?;
    }
    if let Some(alive) = harvest.alive {
        let values = [i64::try_from(alive.seq), Ok(alive.day), i64::try_from(alive.written)];
        for (name, value) in ALIVE.iter().zip(values) {
            put_mark(&transaction, name, value.unwrap_or(i64::MAX))?;
        }
    }
    if let Some(written_at) = harvest.written_at {
        put_mark(&transaction, WRITTEN_AT, written_at.0)?;
    }
    put_mark(&transaction, SEALED, i64::try_from(generation).unwrap_or(i64::MAX))?;
    transaction.commit()
}

/// Puts samples in order of time into as many chunks as they need.
pub(crate) fn put_samples(connection: &Connection, key: &SeriesKey, samples: &[StoredSample]) -> rusqlite::Result<()> {
    let series = make_series(connection, key)?;
    chunk::stretches(samples).into_iter().try_for_each(|stretch| put_chunk(connection, series, key, stretch))
}

/// Puts the last value of a series.
pub(crate) fn put_last_state(
    connection: &Connection,
    key: &SeriesKey,
    at: Timestamp,
    value: &Value,
) -> rusqlite::Result<()> {
    let series = make_series(connection, key)?;
    let mut body = Vec::new();
    coding::put_value(&mut body, value);
    let put = "INSERT OR REPLACE INTO last_states (series, at, body, checksum) VALUES (?1, ?2, ?3, ?4)";
    connection.prepare_cached(put)?.execute((series, at.0, &body, checksum(key, &[at.0], &body)))?;
    Ok(())
}

fn put_chunk(connection: &Connection, series: i64, key: &SeriesKey, samples: &[StoredSample]) -> rusqlite::Result<()> {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return Ok(()) };
    let body = chunk::encode(samples);
    let count = samples.len() as i64;
    let put = "INSERT INTO chunks (series, first, last, count, checksum, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let checksum = checksum(key, &[first.at.0, last.at.0, count], &body);
    connection.prepare_cached(put)?.execute((series, first.at.0, last.at.0, count, checksum, &body))?;
    Ok(())
}

fn checksum(key: &SeriesKey, numbers: &[i64], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&[key.kind as u8]);
    hasher.update(&key.endpoint.to_le_bytes());
    for text in [&key.device, &key.attribute] {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    numbers.iter().for_each(|number| hasher.update(&number.to_le_bytes()));
    hasher.update(body);
    hasher.finalize()
}

/// A chunk as it lies in the database.
#[derive(Debug)]
pub(crate) struct StoredChunk {
    pub(crate) id: i64,
    pub(crate) first: i64,
    pub(crate) last: i64,
    count: i64,
    checksum: u32,
    body: Vec<u8>,
}

/// The columns that [`StoredChunk::read`] wants.
pub(crate) const CHUNK_COLUMNS: &str = "id, first, last, count, checksum, body";

impl StoredChunk {
    /// From a row of [`CHUNK_COLUMNS`].
    pub(crate) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            first: row.get(1)?,
            last: row.get(2)?,
            count: row.get(3)?,
            // A damaged column is a damaged chunk, not an error of the database.
            checksum: row.get(4).unwrap_or(0),
            body: row.get(5).unwrap_or_default(),
        })
    }

    /// The samples, if the checksum agrees.
    pub(crate) fn samples(&self, key: &SeriesKey) -> Result<Vec<StoredSample>, Malformed> {
        if checksum(key, &[self.first, self.last, self.count], &self.body) != self.checksum {
            return Err(Malformed("a chunk's checksum does not agree"));
        }
        chunk::decode(&self.body)
    }
}

/// The last values at the last sealing, and how many could not be read.
pub(crate) fn last_states(connection: &Connection) -> rusqlite::Result<(Vec<(SeriesKey, StoredSample)>, usize)> {
    let all =
        "SELECT kind, device, endpoint, attribute, at, body, checksum FROM last_states JOIN series ON series = id";
    let mut statement = connection.prepare(all)?;
    let mut rows = statement.query([])?;
    let (mut states, mut damaged) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        match last_state(row) {
            Some(state) => states.push(state),
            None => damaged += 1,
        }
    }
    Ok((states, damaged))
}

fn last_state(row: &rusqlite::Row<'_>) -> Option<(SeriesKey, StoredSample)> {
    let key = key_of(row, 0)?;
    let (at, body): (i64, Vec<u8>) = (row.get(4).ok()?, row.get(5).ok()?);
    if checksum(&key, &[at], &body) != row.get::<_, u32>(6).ok()? {
        return None;
    }
    let value = coding::value(&mut Reader::new(&body)).ok()?;
    Some((key, StoredSample { at: Timestamp(at), value, cause: hub_model::Cause::Restore }))
}

fn key_of(row: &rusqlite::Row<'_>, from: usize) -> Option<SeriesKey> {
    Some(SeriesKey {
        kind: SeriesKind::of(row.get(from).ok()?)?,
        device: row.get::<_, String>(from + 1).ok()?.into(),
        endpoint: row.get(from + 2).ok()?,
        attribute: row.get::<_, String>(from + 3).ok()?.into(),
    })
}

/// What retention did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Retired {
    /// Chunks that were summed up and removed.
    pub(crate) chunks: usize,
    /// Of these, such as could not be read any more.
    pub(crate) damaged: usize,
}

/// Sums up and removes the oldest chunks: those that ended before `before`, at most `limit`.
pub(crate) fn retire(connection: &mut Connection, before: i64, limit: usize) -> rusqlite::Result<Retired> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut retired = Retired::default();
    {
        let oldest = format!("SELECT {CHUNK_COLUMNS}, series FROM chunks WHERE last < ?1 ORDER BY last LIMIT ?2");
        let mut statement = transaction.prepare_cached(&oldest)?;
        let chunks: Vec<(StoredChunk, i64)> = statement
            .query_map((before, limit as i64), |row| Ok((StoredChunk::read(row)?, row.get(6)?)))?
            .collect::<Result<_, _>>()?;
        for (chunk, series) in chunks {
            retired.chunks += 1;
            let key = series_key(&transaction, series)?;
            match key.as_ref().map(|key| (key, chunk.samples(key))) {
                Some((SeriesKey { kind: SeriesKind::State, .. }, Ok(samples))) => {
                    sum_up(&transaction, series, &samples)?;
                }
                Some((_, Ok(_))) => {}
                Some((_, Err(_))) | None => retired.damaged += 1,
            }
            transaction.prepare_cached("DELETE FROM chunks WHERE id = ?1")?.execute([chunk.id])?;
        }
    }
    transaction.commit()?;
    Ok(retired)
}

fn sum_up(connection: &Connection, series: i64, samples: &[StoredSample]) -> rusqlite::Result<()> {
    let Some(end) = samples.last().map(|sample| sample.at.0) else { return Ok(()) };
    let carried = summed(connection, series)?;
    for width in [FIVE_MINUTES, HOUR] {
        let cut = Cut::Even(width);
        let mut summing = Summing::new(cut.clone(), usize::MAX);
        let mut carried_in = None;
        if let Some((at, value)) = carried {
            carried_in = Some(cut.start(at));
            let before = parts_before(connection, series, width, at.saturating_add(1))?;
            before.iter().for_each(|part| summing.recall(part));
            // Long stretches without a change get no rows; reading fills them in.
            summing.carry(at, value);
            let first = samples.first().map_or(end, |sample| sample.at.0);
            summing.hold_until(cut.next(cut.start(at)).min(first));
            summing.skip_to(cut.start(first).max(at).min(first));
        }
        samples.iter().for_each(|sample| summing.sample(sample.at.0, &sample.value));
        let parts = summing.into_parts();
        for (at, part) in parts.iter().filter(|(at, part)| part.count > 0 || Some(**at) == carried_in) {
            put_part(connection, series, width, *at, part)?;
        }
    }
    match samples.last().map(|sample| number_of(&sample.value)) {
        Some(Some(number)) => {
            let put = "INSERT OR REPLACE INTO summed (series, at, value) VALUES (?1, ?2, ?3)";
            connection.prepare_cached(put)?.execute((series, end, number))?;
        }
        _ => {
            connection.prepare_cached("DELETE FROM summed WHERE series = ?1")?.execute([series])?;
        }
    }
    Ok(())
}

/// The last sample of a series that was summed up.
pub(crate) fn summed(connection: &Connection, series: i64) -> rusqlite::Result<Option<(i64, f64)>> {
    let find = "SELECT at, value FROM summed WHERE series = ?1";
    connection.prepare_cached(find)?.query_row([series], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

fn put_part(connection: &Connection, series: i64, width: i64, at: i64, part: &Part) -> rusqlite::Result<()> {
    let found = parts(connection, series, width, at, at + 1)?;
    let sum = found.into_values().next().map_or(*part, |mut sum| {
        sum.add(part);
        sum
    });
    let put = "INSERT OR REPLACE INTO aggregates \
               (series, width, at, least, greatest, integral, covered, count, rise, latest) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    connection.prepare_cached(put)?.execute(rusqlite::params![
        series,
        width,
        at,
        sum.least,
        sum.greatest,
        sum.integral,
        sum.covered,
        sum.count,
        sum.rise,
        sum.latest
    ])?;
    Ok(())
}

/// Sums of a series with their starts, from `from` (included) to `to` (excluded).
pub(crate) fn parts(
    connection: &Connection,
    series: i64,
    width: i64,
    from: i64,
    to: i64,
) -> rusqlite::Result<BTreeMap<i64, Part>> {
    let find = format!(
        "SELECT {PART_COLUMNS}, at FROM aggregates \
         WHERE series = ?1 AND width = ?2 AND at >= ?3 AND at < ?4 ORDER BY at"
    );
    let mut statement = connection.prepare_cached(&find)?;
    let rows = statement.query_map((series, width, from, to), |row| Ok((row.get(7)?, read_part(row)?)))?;
    rows.collect()
}

const PART_COLUMNS: &str = "least, greatest, integral, covered, count, rise, latest";

fn read_part(row: &rusqlite::Row<'_>) -> rusqlite::Result<Part> {
    Ok(Part {
        least: row.get(0)?,
        greatest: row.get(1)?,
        integral: row.get(2)?,
        covered: row.get(3)?,
        count: row.get(4)?,
        rise: row.get(5)?,
        latest: row.get(6)?,
    })
}

/// The last two sums before a time, in order: by these it is known how far a counter had risen.
pub(crate) fn parts_before(
    connection: &Connection,
    series: i64,
    width: i64,
    before: i64,
) -> rusqlite::Result<Vec<Part>> {
    let find = format!(
        "SELECT {PART_COLUMNS} FROM aggregates WHERE series = ?1 AND width = ?2 AND at < ?3 ORDER BY at DESC LIMIT 2"
    );
    let mut statement = connection.prepare_cached(&find)?;
    let rows = statement.query_map((series, width, before), read_part)?;
    let mut parts: Vec<Part> = rows.collect::<Result<_, _>>()?;
    parts.reverse();
    Ok(parts)
}

/// Removes sums of one width that are older.
pub(crate) fn forget_sums(connection: &Connection, width: i64, before: i64) -> rusqlite::Result<usize> {
    connection.execute("DELETE FROM aggregates WHERE width = ?1 AND at < ?2", (width, before))
}

/// Bytes in use.
pub(crate) fn used_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let ask = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let pages = ask("page_count")?.saturating_sub(ask("freelist_count")?);
    Ok(u64::try_from(pages.saturating_mul(ask("page_size")?)).unwrap_or(0))
}

/// Gives free pages and the write-ahead log's room back to the disk.
pub(crate) fn shrink(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)")
}

/// When the oldest chunk ended.
pub(crate) fn oldest(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection.query_row("SELECT min(last) FROM chunks", [], |row| row.get(0))
}

/// The first of these widths that has sums.
pub(crate) fn finest_sums(connection: &Connection, widths: &[i64]) -> rusqlite::Result<Option<i64>> {
    for width in widths {
        let any = "SELECT EXISTS (SELECT 1 FROM aggregates WHERE width = ?1)";
        if connection.query_row(any, [width], |row| row.get::<_, bool>(0))? {
            return Ok(Some(*width));
        }
    }
    Ok(None)
}

/// Removes the oldest tenth of the sums of one width, by time.
pub(crate) fn forget_oldest_sums(connection: &Connection, width: i64) -> rusqlite::Result<usize> {
    let range = "SELECT min(at), max(at) FROM aggregates WHERE width = ?1";
    let (oldest, newest): (i64, i64) = connection.query_row(range, [width], |row| Ok((row.get(0)?, row.get(1)?)))?;
    forget_sums(connection, width, oldest.saturating_add((newest.saturating_sub(oldest)) / 10).saturating_add(1))
}
