//! Answers questions to history, from sealed chunks, sums, the journal and what is not written yet.

use hub_model::Timestamp;
use hub_model::history::{Aggregate, HistoryAnswer, HistoryQuery, Resolution, Sample};
use hub_model::zone::Zone;
use rusqlite::Connection;

use crate::aggregate::{Cut, FIVE_MINUTES, HOUR, Summing, is_counter, number_of};
use crate::bytes::Malformed;
use crate::error::HistoryError;
use crate::history_database::{self as database, CHUNK_COLUMNS, StoredChunk};
use crate::series::{SeriesKey, SeriesKind, StoredSample};

/// The newest part of history, not yet sealed: of each of the asked series.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    /// The generation of the journal that was read.
    pub(crate) generation: Option<u64>,
    journal: [Vec<StoredSample>; 2],
    waiting: [Vec<StoredSample>; 2],
}

impl Recent {
    /// Takes what is in the journal.
    pub(crate) fn add_written(&mut self, keys: &[SeriesKey; 2], key: &SeriesKey, sample: StoredSample) {
        add(&mut self.journal, keys, key, sample);
    }

    /// Takes what waits to be written.
    pub(crate) fn add_waiting(&mut self, keys: &[SeriesKey; 2], key: &SeriesKey, sample: StoredSample) {
        add(&mut self.waiting, keys, key, sample);
    }
}

fn add(series: &mut [Vec<StoredSample>; 2], keys: &[SeriesKey; 2], key: &SeriesKey, sample: StoredSample) {
    for (samples, wanted) in series.iter_mut().zip(keys) {
        if wanted == key {
            samples.push(sample);
            return;
        }
    }
}

/// A chunk that could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Gap {
    pub(crate) chunk: i64,
    pub(crate) key: SeriesKey,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl Gap {
    /// That a chunk could not be read; the log says so too.
    pub(crate) fn of(key: &SeriesKey, chunk: &StoredChunk, error: &Malformed) -> Self {
        let (from, to) = (Timestamp(chunk.first), Timestamp(chunk.last));
        tracing::warn!(device = %key.device, attribute = %key.attribute, %from, %to, %error, "Left out a damaged stretch of history.");
        Self { chunk: chunk.id, key: key.clone(), from, to }
    }
}

/// Whether this generation of the journal is sealed by now.
pub(crate) fn is_sealed(connection: Option<&Connection>, generation: Option<u64>) -> Result<bool, HistoryError> {
    let sealed = connection.map(|connection| database::mark(connection, database::SEALED)).transpose()?.flatten();
    let generation = generation.and_then(|generation| i64::try_from(generation).ok());
    Ok(sealed.zip(generation).is_some_and(|(sealed, generation)| generation <= sealed))
}

/// One question under way.
pub(crate) struct Asking<'a> {
    /// Sealed history; none = there is none.
    pub(crate) connection: Option<&'a Connection>,
    pub(crate) query: &'a HistoryQuery,
    pub(crate) now: Timestamp,
    /// Damage that was met.
    pub(crate) gaps: Vec<Gap>,
}

/// The series that a question is about: an attribute is a state or a momentary thing, and both are asked.
pub(crate) fn keys(query: &HistoryQuery) -> [SeriesKey; 2] {
    let state = SeriesKey::state(query.device.as_str(), query.endpoint, query.attribute.as_str());
    [state.clone(), SeriesKey { kind: SeriesKind::DeviceEvent, ..state }]
}

/// What is not sealed, in order of time.
pub(crate) fn fresh(recent: Recent, is_sealed: bool) -> [Vec<StoredSample>; 2] {
    let Recent { journal, waiting, .. } = recent;
    let mut series = if is_sealed { Default::default() } else { journal };
    for (samples, waiting) in series.iter_mut().zip(waiting) {
        samples.extend(waiting);
        samples.sort_by_key(|sample| sample.at);
    }
    series
}

impl Asking<'_> {
    /// The answer. None if the journal was sealed after it was read: then it is to be read anew, or, if `is_final`, what
    /// was sealed counts.
    pub(crate) fn answer(&mut self, recent: Recent, is_final: bool) -> Result<Option<HistoryAnswer>, HistoryError> {
        let days = self.query.resolution == Resolution::Day;
        let zone = if days { Zone::named(&self.query.time_zone)? } else { Zone::utc() };
        // One view of the database for the whole answer.
        let transaction = self.connection.map(Connection::unchecked_transaction).transpose()?;
        let is_sealed = is_sealed(self.connection, recent.generation)?;
        if is_sealed && !is_final {
            return Ok(None);
        }
        let recent = fresh(recent, is_sealed);
        let answer = match Cut::of(self.query.resolution, zone) {
            None => HistoryAnswer::Samples(self.samples(recent)?),
            Some(cut) => HistoryAnswer::Aggregates(self.aggregates(&cut, recent)?),
        };
        drop(transaction);
        Ok(Some(answer))
    }

    /// In order of time. What is of the same time keeps the order in which it came, the values of a state first, so that
    /// pages can be counted wherever it lies by then.
    fn samples(&mut self, recent: [Vec<StoredSample>; 2]) -> Result<Vec<Sample>, HistoryError> {
        let (from, to, limit) = (self.query.from, self.query.to, self.query.limit);
        let inside = |sample: &StoredSample| sample.at >= from && sample.at < to;
        let mut found: Vec<StoredSample> = Vec::new();
        for (key, recent) in keys(self.query).iter().zip(recent) {
            let mut latest = i64::MIN;
            let mut of_series = 0;
            self.each_chunk(key, from.0, to.0, &mut |first, samples| {
                if of_series >= limit && first > latest {
                    return false;
                }
                for sample in samples.into_iter().filter(inside) {
                    latest = latest.max(sample.at.0);
                    of_series += 1;
                    found.push(sample);
                }
                true
            })?;
            found.extend(recent.into_iter().filter(inside));
        }
        found.sort_by_key(|sample| sample.at);
        found.truncate(limit);
        Ok(found.into_iter().map(|sample| Sample { at: sample.at, value: sample.value }).collect())
    }

    /// Whole stretches: the one that `from` is in and the one that `to` ends in are answered as a whole.
    fn aggregates(&mut self, cut: &Cut, recent: [Vec<StoredSample>; 2]) -> Result<Vec<Aggregate>, HistoryError> {
        let query = self.query;
        if query.to <= query.from {
            return Ok(Vec::new());
        }
        let from = cut.start(query.from.0);
        let to = cut.next(cut.start(query.to.0.saturating_sub(1)));
        let ([key, _], [recent, _]) = (keys(query), recent);
        let mut summing = Summing::new(cut.clone(), query.limit);
        self.sums(&key, cut, from, to, &mut summing)?;
        let feed = |summing: &mut Summing, sample: &StoredSample| {
            if sample.at.0 < from {
                match number_of(&sample.value) {
                    Some(number) => summing.carry(sample.at.0, number),
                    None => summing.lose(),
                }
            } else if sample.at.0 < to {
                summing.skip_to(from);
                summing.sample(sample.at.0, &sample.value);
            }
        };
        for sample in self.last_before(&key, from)? {
            feed(&mut summing, &sample);
        }
        self.each_chunk(&key, from, to, &mut |_, samples| {
            samples.iter().for_each(|sample| feed(&mut summing, sample));
            !summing.is_full()
        })?;
        for sample in &recent {
            feed(&mut summing, sample);
        }
        summing.skip_to(from);
        summing.hold_until(to.min(self.now.0));
        Ok(summing.finish(from, is_counter(query.attribute.as_str()), query.limit))
    }

    /// What was summed up before its chunks were removed.
    fn sums(&self, key: &SeriesKey, cut: &Cut, from: i64, to: i64, summing: &mut Summing) -> Result<(), HistoryError> {
        let Some(connection) = self.connection else { return Ok(()) };
        let Some(series) = database::series_number(connection, key)? else { return Ok(()) };
        let width = if matches!(cut, Cut::Even(FIVE_MINUTES)) { FIVE_MINUTES } else { HOUR };
        for part in database::parts_before(connection, series, width, from)? {
            summing.recall(&part);
            summing.carry(from, part.latest);
        }
        let parts = database::parts(connection, series, width, from, to)?;
        for (at, part) in &parts {
            summing.put(*at, width, part);
        }
        if let Some((at, value)) = database::summed(connection, series)? {
            if at < to {
                summing.carry(at.max(from), value);
            }
        } else if !parts.is_empty() {
            summing.lose();
        }
        Ok(())
    }

    /// The last sealed chunk before a time: what a counter shows means something only beside what it showed before.
    fn last_before(&mut self, key: &SeriesKey, before: i64) -> Result<Vec<StoredSample>, HistoryError> {
        let Some(connection) = self.connection else { return Ok(Vec::new()) };
        let Some(series) = database::series_number(connection, key)? else { return Ok(Vec::new()) };
        let find = format!(
            "SELECT {CHUNK_COLUMNS} FROM chunks WHERE series = ?1 AND first < ?2 AND last < ?2 ORDER BY first DESC LIMIT 1"
        );
        let mut statement = connection.prepare_cached(&find)?;
        let mut rows = statement.query((series, before))?;
        let Some(row) = rows.next()? else { return Ok(Vec::new()) };
        Ok(self.read(key, &StoredChunk::read(row)?).unwrap_or_default())
    }

    /// Visits the readable chunks that touch a stretch of time, in order, until `visit` has enough.
    fn each_chunk(
        &mut self,
        key: &SeriesKey,
        from: i64,
        to: i64,
        visit: &mut dyn FnMut(i64, Vec<StoredSample>) -> bool,
    ) -> Result<(), HistoryError> {
        let Some(connection) = self.connection else { return Ok(()) };
        let Some(series) = database::series_number(connection, key)? else { return Ok(()) };
        let find = format!(
            "SELECT {CHUNK_COLUMNS} FROM chunks WHERE series = ?1 AND first < ?2 AND last >= ?3 ORDER BY first, id"
        );
        let mut statement = connection.prepare_cached(&find)?;
        let mut rows = statement.query((series, to, from))?;
        while let Some(row) = rows.next()? {
            let chunk = StoredChunk::read(row)?;
            if let Some(samples) = self.read(key, &chunk)
                && !visit(chunk.first, samples)
            {
                break;
            }
        }
        Ok(())
    }

    fn read(&mut self, key: &SeriesKey, chunk: &StoredChunk) -> Option<Vec<StoredSample>> {
        read(&mut self.gaps, key, chunk)
    }
}

/// The samples of a chunk; a damaged one is said and left out.
pub(crate) fn read(gaps: &mut Vec<Gap>, key: &SeriesKey, chunk: &StoredChunk) -> Option<Vec<StoredSample>> {
    match chunk.samples(key) {
        Ok(samples) => Some(samples),
        Err(error) => {
            gaps.push(Gap::of(key, chunk, &error));
            None
        }
    }
}
