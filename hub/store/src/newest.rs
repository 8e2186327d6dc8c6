//! Answers what came last: the newest samples of one series, with their causes. Asked for the oldest, it answers what
//! came first.

use hub_model::Timestamp;
use rusqlite::Connection;

use crate::error::HistoryError;
use crate::history_database::{self as database, CHUNK_COLUMNS, StoredChunk};
use crate::query::{Gap, Recent, fresh, is_sealed, read};
use crate::series::{SeriesKey, SeriesKind, StoredSample};

/// Stands for what is not sealed: newer than every chunk.
const UNSEALED: i64 = i64::MAX;

/// One question under way.
pub(crate) struct Newest<'a> {
    /// Sealed history; none = there is none.
    pub(crate) connection: Option<&'a Connection>,
    pub(crate) key: &'a SeriesKey,
    /// Included.
    pub(crate) from: Timestamp,
    /// Excluded.
    pub(crate) to: Timestamp,
    pub(crate) limit: usize,
    pub(crate) oldest_first: bool,
    /// Others are passed over.
    pub(crate) wanted: &'a dyn Fn(&StoredSample) -> bool,
    /// Damage that was met.
    pub(crate) gaps: Vec<Gap>,
}

/// A sample and its place: what is of the same time keeps the order in which it came.
type Placed = ((Timestamp, i64, usize), StoredSample);

impl Newest<'_> {
    /// In the order that was asked for. None if the journal was sealed after it was read: then it is to be read anew, or, if
    /// `is_final`, what was sealed counts.
    pub(crate) fn answer(&mut self, recent: Recent, is_final: bool) -> Result<Option<Vec<StoredSample>>, HistoryError> {
        // One view of the database for the whole answer.
        let transaction = self.connection.map(Connection::unchecked_transaction).transpose()?;
        let is_sealed = is_sealed(self.connection, recent.generation)?;
        if is_sealed && !is_final {
            return Ok(None);
        }
        let [recent, _] = fresh(recent, is_sealed);
        let mut found = Vec::new();
        self.take(UNSEALED, recent, &mut found);
        self.take_sealed(&mut found)?;
        drop(transaction);
        Ok(Some(found.into_iter().map(|(_, sample)| sample).collect()))
    }

    /// Reads chunks from one end, until no other can have anything that comes before what was found.
    fn take_sealed(&mut self, found: &mut Vec<Placed>) -> Result<(), HistoryError> {
        let Some(connection) = self.connection else { return Ok(()) };
        let Some(series) = database::series_number(connection, self.key)? else { return Ok(()) };
        let find = if self.oldest_first {
            "SELECT id, first FROM chunks WHERE series = ?1 AND first < ?2 AND last >= ?3 ORDER BY first, id"
        } else {
            "SELECT id, last FROM chunks WHERE series = ?1 AND first < ?2 AND last >= ?3 ORDER BY last DESC, id DESC"
        };
        let chunks: Vec<(i64, i64)> = connection
            .prepare_cached(find)?
            .query_map((series, self.to.0, self.from.0), |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let body = format!("SELECT {CHUNK_COLUMNS} FROM chunks WHERE id = ?1");
        for (id, edge) in chunks {
            let is_before = |at: i64| if self.oldest_first { at < edge } else { at > edge };
            if found.len() >= self.limit && found.last().is_none_or(|((at, ..), _)| is_before(at.0)) {
                break;
            }
            let chunk = connection.prepare_cached(&body)?.query_row([id], StoredChunk::read)?;
            if let Some(samples) = read(&mut self.gaps, self.key, &chunk) {
                self.take(id, samples, found);
            }
        }
        Ok(())
    }

    fn take(&self, chunk: i64, samples: Vec<StoredSample>, found: &mut Vec<Placed>) {
        let inside = |sample: &StoredSample| sample.at >= self.from && sample.at < self.to && (self.wanted)(sample);
        let placed = samples.into_iter().enumerate().filter(|(_, sample)| inside(sample));
        found.extend(placed.map(|(index, sample)| ((sample.at, chunk, index), sample)));
        found.sort_by_key(|(place, _)| *place);
        if !self.oldest_first {
            found.reverse();
        }
        if matches!(self.key.kind, SeriesKind::State | SeriesKind::Trace) {
            // A batch that failed half-way was written twice.
            found.dedup_by(|(_, left), (_, right)| left == right);
        }
        found.truncate(self.limit);
    }
}
