//! Reads what is readable of a damaged `history.db` into a new one.

use rusqlite::{Connection, OptionalExtension};

use crate::history_database::{self as database, CHUNK_COLUMNS, StoredChunk};
use crate::series::SeriesKey;

/// Chunks that are looked for where the damage hides how many there are.
const UNKNOWN_COUNT: i64 = 1_000_000;

/// Copies every chunk whose checksum agrees, one by one, the marks and the last states. Gives the number of chunks.
pub(crate) fn salvage(old: &Connection, new: &mut Connection) -> rusqlite::Result<usize> {
    let transaction = new.transaction()?;
    let mut copied = 0;
    let greatest = old.query_row("SELECT max(id) FROM chunks", [], |row| row.get::<_, Option<i64>>(0));
    let greatest = greatest.map_or(UNKNOWN_COUNT, Option::unwrap_or_default);
    for id in 1..=greatest.min(UNKNOWN_COUNT) {
        if let Ok(Some((key, chunk))) = chunk(old, id)
            && let Ok(samples) = chunk.samples(&key)
        {
            database::put_samples(&transaction, &key, &samples)?;
            copied += 1;
        }
    }
    let marks = [database::SEALED, database::WRITTEN_AT].into_iter().chain(database::ALIVE);
    for name in marks {
        if let Ok(Some(value)) = database::mark(old, name) {
            database::put_mark(&transaction, name, value)?;
        }
    }
    if let Ok((states, _)) = database::last_states(old) {
        for (key, sample) in states {
            database::put_last_state(&transaction, &key, sample.at, &sample.value)?;
        }
    }
    transaction.commit()?;
    Ok(copied)
}

fn chunk(old: &Connection, id: i64) -> rusqlite::Result<Option<(SeriesKey, StoredChunk)>> {
    let find = format!("SELECT {CHUNK_COLUMNS}, series FROM chunks WHERE id = ?1");
    let found = old
        .prepare_cached(&find)?
        .query_row([id], |row| Ok((StoredChunk::read(row)?, row.get::<_, i64>(6)?)))
        .optional()?;
    let Some((chunk, series)) = found else { return Ok(None) };
    Ok(database::series_key(old, series)?.map(|key| (key, chunk)))
}
