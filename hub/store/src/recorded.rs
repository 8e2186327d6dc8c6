//! Everything that was recorded in a stretch of time, in order: all series merged.
//!
//! A chunk is read when its time comes and dropped when it is over, so that memory is bounded by the chunks of all
//! series that lie at one time: about what one filling of the journal holds.

use std::cmp::{Ordering, Reverse};
use std::collections::binary_heap::PeekMut;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use hub_model::history::HistoryRecord;
use hub_model::{Cause, Timestamp};
use rusqlite::Connection;

use crate::error::HistoryError;
use crate::history_database::{self as database, CHUNK_COLUMNS, StoredChunk};
use crate::query::{Gap, is_sealed};
use crate::series::{SeriesKey, SeriesKind, StoredSample, record_of};

/// What is not sealed, of all series.
#[derive(Debug, Default)]
pub(crate) struct RecentOfAll {
    /// The generation of the journal that was read.
    pub(crate) generation: Option<u64>,
    /// What is in the journal.
    pub(crate) journal: Vec<(Arc<SeriesKey>, StoredSample)>,
    /// What waits to be written.
    pub(crate) waiting: Vec<(Arc<SeriesKey>, StoredSample)>,
}

/// One reading under way.
pub(crate) struct Reading<'a> {
    /// Sealed history; none = there is none.
    pub(crate) connection: Option<&'a Connection>,
    /// From (included).
    pub(crate) from: Timestamp,
    /// To (excluded).
    pub(crate) to: Timestamp,
    /// Damage that was met.
    pub(crate) gaps: Vec<Gap>,
}

/// Samples of one series, the next one first.
struct Stream {
    key: Arc<SeriesKey>,
    next: StoredSample,
    rest: std::vec::IntoIter<StoredSample>,
    /// Which stream was opened first, where all else is equal.
    order: usize,
}

impl Stream {
    /// What is of one millisecond comes in the order of how many rules lie before it, then by the names of the series.
    fn rank(&self) -> (Timestamp, u32, &SeriesKey, usize) {
        let depth = if let Cause::Rule { depth, .. } = &self.next.cause { depth.saturating_add(1) } else { 0 };
        (self.next.at, depth, &self.key, self.order)
    }
}

impl PartialEq for Stream {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Stream {}

impl PartialOrd for Stream {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Stream {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

/// The streams that are open, the next sample on top.
#[derive(Default)]
struct Merge {
    streams: BinaryHeap<Reverse<Stream>>,
    opened: usize,
}

impl Merge {
    fn open(&mut self, key: &Arc<SeriesKey>, samples: Vec<StoredSample>) {
        let mut rest = samples.into_iter();
        if let Some(next) = rest.next() {
            self.opened += 1;
            self.streams.push(Reverse(Stream { key: Arc::clone(key), next, rest, order: self.opened }));
        }
    }

    /// The next sample, if it lies before a time.
    fn pop_before(&mut self, before: i64) -> Option<(Arc<SeriesKey>, StoredSample)> {
        let mut top = self.streams.peek_mut().filter(|top| top.0.next.at.0 < before)?;
        let key = Arc::clone(&top.0.key);
        match top.0.rest.next() {
            Some(following) => Some((key, std::mem::replace(&mut top.0.next, following))),
            None => Some((key, PeekMut::pop(top).0.next)),
        }
    }
}

impl Reading<'_> {
    /// Gives `take` first the last value of each series from before `from`, then everything from there on in order of
    /// time, until it returns false. False if the journal was sealed after it was read: then it is to be read anew, or,
    /// if `is_final`, what was sealed counts.
    pub(crate) fn read(
        &mut self,
        recent: RecentOfAll,
        is_final: bool,
        take: &mut dyn FnMut(HistoryRecord) -> bool,
    ) -> Result<bool, HistoryError> {
        // One view of the database for all of it.
        let transaction = self.connection.map(Connection::unchecked_transaction).transpose()?;
        let is_sealed = is_sealed(self.connection, recent.generation)?;
        if is_sealed && !is_final {
            return Ok(false);
        }
        let RecentOfAll { journal, waiting, .. } = recent;
        let mut fresh = if is_sealed { Vec::new() } else { journal };
        fresh.extend(waiting);
        fresh.retain(|(key, sample)| SeriesKind::HAPPENINGS.contains(&key.kind) && sample.at < self.to);
        let series = match self.connection {
            Some(connection) => database::happenings(connection)?,
            None => BTreeMap::new(),
        };
        let series: BTreeMap<i64, Arc<SeriesKey>> =
            series.into_iter().map(|(number, key)| (number, Arc::new(key))).collect();
        if self.standing(&series, &fresh, take)? {
            self.happenings(&series, fresh, take)?;
        }
        drop(transaction);
        Ok(true)
    }

    /// The last value of each series from before the beginning. False = `take` has enough.
    fn standing(
        &mut self,
        series: &BTreeMap<i64, Arc<SeriesKey>>,
        fresh: &[(Arc<SeriesKey>, StoredSample)],
        take: &mut dyn FnMut(HistoryRecord) -> bool,
    ) -> Result<bool, HistoryError> {
        let from = self.from;
        let mut standing: BTreeMap<Arc<SeriesKey>, StoredSample> = BTreeMap::new();
        if let Some(connection) = self.connection {
            // What is older than any chunk is known by its last value, if nothing came since.
            let (states, _) = database::last_states(connection)?;
            let old = states.into_iter().filter(|(_, sample)| sample.at < from);
            standing.extend(old.map(|(key, sample)| (Arc::new(key), sample)));
            for (number, key) in series {
                if let Some(sample) = self.last_before(connection, *number, key)? {
                    standing.insert(Arc::clone(key), sample);
                }
            }
        }
        for (key, sample) in fresh.iter().filter(|(_, sample)| sample.at < from) {
            let known = standing.get(key);
            if known.is_none_or(|known| known.at <= sample.at) {
                standing.insert(Arc::clone(key), sample.clone());
            }
        }
        let states = standing.into_iter().filter(|(key, _)| key.kind != SeriesKind::DeviceEvent);
        Ok(states.filter_map(|(key, sample)| record_of(&key, sample)).all(take))
    }

    fn last_before(
        &mut self,
        connection: &Connection,
        series: i64,
        key: &SeriesKey,
    ) -> Result<Option<StoredSample>, HistoryError> {
        let find = format!(
            "SELECT {CHUNK_COLUMNS} FROM chunks WHERE series = ?1 AND first < ?2 ORDER BY first DESC, id DESC LIMIT 1"
        );
        let mut statement = connection.prepare_cached(&find)?;
        let mut rows = statement.query((series, self.from.0))?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let chunk = StoredChunk::read(row)?;
        let samples = self.samples(key, &chunk);
        Ok(samples.into_iter().rev().find(|sample| sample.at < self.from))
    }

    /// What happened from the beginning on.
    fn happenings(
        &mut self,
        series: &BTreeMap<i64, Arc<SeriesKey>>,
        fresh: Vec<(Arc<SeriesKey>, StoredSample)>,
        take: &mut dyn FnMut(HistoryRecord) -> bool,
    ) -> Result<(), HistoryError> {
        let mut merge = Merge::default();
        let mut of_series: BTreeMap<Arc<SeriesKey>, Vec<StoredSample>> = BTreeMap::new();
        for (key, sample) in fresh.into_iter().filter(|(_, sample)| sample.at >= self.from) {
            of_series.entry(key).or_default().push(sample);
        }
        for (key, mut samples) in of_series {
            samples.sort_by_key(|sample| sample.at);
            merge.open(&key, samples);
        }
        let mut give = |merge: &mut Merge, before: i64| {
            while let Some((key, sample)) = merge.pop_before(before) {
                if !record_of(&key, sample).is_none_or(&mut *take) {
                    return false;
                }
            }
            true
        };
        if let Some(connection) = self.connection {
            let order = "SELECT id, series, first FROM chunks WHERE first < ?1 AND last >= ?2 ORDER BY first, id";
            let mut order = connection.prepare_cached(order)?;
            let mut chunks = order.query((self.to.0, self.from.0))?;
            while let Some(row) = chunks.next()? {
                let (id, number, first): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let Some(key) = series.get(&number) else { continue };
                if !give(&mut merge, first) {
                    return Ok(());
                }
                let find = format!("SELECT {CHUNK_COLUMNS} FROM chunks WHERE id = ?1");
                let chunk = connection.prepare_cached(&find)?.query_row([id], StoredChunk::read)?;
                let mut samples = self.samples(key, &chunk);
                samples.retain(|sample| sample.at >= self.from && sample.at < self.to);
                merge.open(key, samples);
            }
        }
        give(&mut merge, self.to.0);
        Ok(())
    }

    fn samples(&mut self, key: &SeriesKey, chunk: &StoredChunk) -> Vec<StoredSample> {
        chunk.samples(key).unwrap_or_else(|error| {
            self.gaps.push(Gap::of(key, chunk, &error));
            Vec::new()
        })
    }
}
