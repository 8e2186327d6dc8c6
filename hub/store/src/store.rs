//! The store's face: open, hand over, ask, close.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use hub_model::history::{
    ChangesQuery, HistoryAnswer, HistoryQuery, HistoryRecord, RecordedChange, TraceQuery, TraceRecord,
};
use hub_model::record::{Change, Decision, KeepError, Kept, StoreStatus, StoreTrouble};
use hub_model::{Clock, Timestamp, Value};
use rusqlite::Connection;

use crate::asking::Question;
use crate::error::{HistoryError, OpenError, ReadError};
use crate::files::Folder;
use crate::health::Health;
use crate::journal::{self, Entry};
use crate::journal_file;
use crate::newest::Newest;
use crate::open;
use crate::options::Options;
use crate::query::{Asking, Gap, Recent, keys};
use crate::recorded::{Reading, RecentOfAll};
use crate::series::{SeriesKey, SeriesKind, StoredSample, availability_of, sample_of};
use crate::sqlite::{HISTORY, Refusal};
use crate::staging::{Done, Reach, Staged, Staging};
use crate::wear::Wear;
use crate::writer::Writer;

/// Idle read connections that are kept.
const IDLE_READERS: usize = 2;
/// How often a question is asked anew because the journal was sealed meanwhile. That is rare.
const SEALED_MEANWHILE_LIMIT: usize = 10;

/// The store. Dropping it without [`Store::close`] is an unclean stop: what was handed over is still written, but the
/// next start is a new epoch.
#[derive(Debug)]
pub struct Store {
    handle: StoreHandle,
    thread: Option<JoinHandle<()>>,
}

/// Hands things over to the store and asks it. Cheap to clone.
#[derive(Clone)]
pub struct StoreHandle {
    shared: Arc<Shared>,
}

/// What the writer thread and the handles have in common.
pub(crate) struct Shared {
    pub(crate) folder: Folder,
    pub(crate) options: Options,
    pub(crate) clock: Arc<dyn Clock>,
    staging: Mutex<Staging>,
    pub(crate) wake: Condvar,
    pub(crate) flushed: Condvar,
    health: Mutex<Health>,
    wear: Mutex<Wear>,
    readers: Mutex<Vec<Connection>>,
    /// The folder cannot be written: reading needs another way.
    pub(crate) read_only: AtomicBool,
    /// Close was asked for: the stop is clean.
    pub(crate) clean: AtomicBool,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn staging(&self) -> MutexGuard<'_, Staging> {
        lock(&self.staging)
    }

    pub(crate) fn health(&self) -> MutexGuard<'_, Health> {
        lock(&self.health)
    }

    /// The writer stopped by a fault of its own: nothing is taken any more, and who waits is told.
    fn writer_died(&self) {
        tracing::error!("The store stopped by a fault of its own; nothing is kept until the hub is started again.");
        let mut staging = self.staging();
        staging.closed = true;
        let commits = std::mem::take(&mut staging.commits);
        // Who asked is told by the loss of the question.
        staging.questions.clear();
        drop(staging);
        for (_, done) in commits {
            done(Err(KeepError::Unusable { detail: "its writer stopped by a fault of its own".into() }));
        }
        self.flushed.notify_all();
    }

    /// Read connections of a database that was replaced are of no use.
    pub(crate) fn forget_readers(&self) {
        lock(&self.readers).clear();
    }

    pub(crate) fn wear(&self) -> MutexGuard<'_, Wear> {
        lock(&self.wear)
    }
}

impl std::fmt::Debug for StoreHandle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("StoreHandle").field("folder", &self.shared.folder).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store in this folder, makes or mends what is missing or damaged, and gives back everything that was
    /// kept. A folder that cannot be written is opened for reading; changes are then refused until it can be.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>, options: Options) -> Result<(Self, Kept), OpenError> {
        let started = open::start(folder, &options, clock.now())?;
        let shared = Arc::new(Shared {
            folder: started.folder,
            clock,
            staging: Mutex::new(Staging::new(options.staging_limit)),
            options,
            wake: Condvar::new(),
            flushed: Condvar::new(),
            health: Mutex::new(started.health),
            wear: Mutex::new(started.wear),
            readers: Mutex::new(Vec::new()),
            read_only: AtomicBool::new(started.archive.is_none()),
            clean: AtomicBool::new(false),
        });
        if let Some(archive) = &started.archive {
            shared.staging().reach = archive.journal.reach();
        }
        let writer = Writer::new(Arc::clone(&shared), started.core, started.archive, started.unsealed, started.life);
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || {
                let shared = Arc::clone(&writer.shared);
                if catch_unwind(AssertUnwindSafe(|| writer.run())).is_err() {
                    shared.writer_died();
                }
            })
            .map_err(|source| OpenError::Thread { source })?;
        Ok((Self { handle: StoreHandle { shared }, thread: Some(thread) }, started.kept))
    }

    /// A handle to it.
    pub fn handle(&self) -> StoreHandle {
        self.handle.clone()
    }

    /// Writes everything that was handed over, marks the stop as clean and ends the thread.
    pub fn close(mut self) {
        self.handle.shared.clean.store(true, Ordering::Release);
        self.stop();
    }

    fn stop(&mut self) {
        self.handle.shared.staging().closing = true;
        self.handle.shared.wake.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("The store's thread ended by a panic.");
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.stop();
    }
}

impl StoreHandle {
    /// Keeps these changes for good, all or none. `done` is called, from the store's thread, once they are on the disk
    /// or cannot be; at once if the store is stopping or has too much to do.
    pub fn commit(&self, changes: Vec<Change>, done: Done) {
        let refused = self.shared.staging().commit(changes, done);
        match refused {
            Ok(()) => self.shared.wake.notify_all(),
            Err(done) => done(Err(KeepError::Busy)),
        }
    }

    pub(crate) fn put_question(&self, question: Question) -> Result<(), ReadError> {
        if !self.shared.staging().ask(question) {
            return Err(ReadError::Busy);
        }
        self.shared.wake.notify_all();
        Ok(())
    }

    /// Keeps a decision of a rule promptly: with what else is decided within [`Options::decision_window`].
    pub fn decide(&self, decision: Decision) {
        let now = self.shared.clock.now().mono;
        let mut staging = self.shared.staging();
        let first = staging.decided_since.is_none();
        staging.decide(decision, now);
        drop(staging);
        if first {
            self.shared.wake.notify_all();
        }
    }

    /// Adds to history with the next batch.
    pub fn record(&self, record: HistoryRecord) {
        let now = self.shared.clock.now().mono;
        let mut staging = self.shared.staging();
        let first = staging.waiting_since.is_none();
        staging.record(record, now);
        if first || staging.is_crowded() {
            self.shared.wake.notify_all();
        }
    }

    /// Writes down how far the clock and the event numbers are: with the next batch, or by itself every ten minutes
    /// while nothing happens.
    pub fn alive(&self, time: Timestamp, seq: u64) {
        let first = self.shared.staging().alive.replace((time, seq)).is_none();
        if first {
            self.shared.wake.notify_all();
        }
    }

    /// Waits until everything handed over so far is written, or could not be. Blocks.
    pub fn flush(&self) {
        let mut staging = self.shared.staging();
        staging.flushes += 1;
        let mine = staging.flushes;
        self.shared.wake.notify_all();
        while staging.flushed < mine && !staging.closed {
            staging = self.shared.flushed.wait(staging).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A stretch of history; what is not yet written is seen too. Blocks on the disk.
    ///
    /// Raw samples come from `from` (included) to `to` (excluded), oldest first. Sums come in whole stretches: the one
    /// that `from` is in and the one that `to` ends in are complete. Only numbers and booleans (as 0 and 1) have sums.
    pub fn history(&self, query: &HistoryQuery) -> Result<HistoryAnswer, HistoryError> {
        let now = self.shared.clock.now().time();
        let answer = self.ask(&keys(query), |connection, recent, is_final, gaps| {
            let mut asking = Asking { connection, query, now, gaps: Vec::new() };
            let answer = asking.answer(recent, is_final);
            gaps.append(&mut asking.gaps);
            answer
        })?;
        // The last attempt always has an answer.
        Ok(answer.unwrap_or_else(|| HistoryAnswer::Samples(Vec::new())))
    }

    /// What happened to one thing, with what caused it, newest first; what is not yet written is seen too. Blocks on
    /// the disk.
    pub fn changes(&self, query: &ChangesQuery) -> Result<Vec<RecordedChange>, HistoryError> {
        let key = SeriesKey::recorded(&query.of);
        let samples = self.newest(&key, (query.from, query.to, query.limit, false), &|_| true)?;
        let is_availability = key.kind == SeriesKind::Availability;
        let change = |StoredSample { at, value, cause }| {
            let value = if is_availability { Value::text(availability_of(&value).as_str()) } else { value };
            RecordedChange { at, value, cause }
        };
        Ok(samples.into_iter().map(change).collect())
    }

    /// The traces of a rule, newest first if nothing else is asked; what is not yet written is seen too. Blocks on the disk.
    pub fn traces(&self, query: &TraceQuery) -> Result<Vec<TraceRecord>, HistoryError> {
        let key = SeriesKey::traces(query.automation.as_str());
        // Cheaper than reading each: the whole text is read by who asked.
        let named = query.run.as_ref().map(|run| serde_json::to_string(run.as_str()).unwrap_or_default());
        let wanted = |sample: &StoredSample| {
            let text = sample.value.as_text().unwrap_or_default();
            named.as_ref().is_none_or(|named| text.contains(named))
        };
        let samples = self.newest(&key, (query.from, query.to, query.limit, query.oldest_first), &wanted)?;
        let trace = |sample: StoredSample| match sample.value {
            Value::Text(text) => Some(TraceRecord { at: sample.at, text }),
            _ => None,
        };
        Ok(samples.into_iter().filter_map(trace).collect())
    }

    fn newest(
        &self,
        key: &SeriesKey,
        (from, to, limit, oldest_first): (Timestamp, Timestamp, usize, bool),
        wanted: &dyn Fn(&StoredSample) -> bool,
    ) -> Result<Vec<StoredSample>, HistoryError> {
        let keys = [key.clone(), key.clone()];
        let answer = self.ask(&keys, |connection, recent, is_final, gaps| {
            let mut asking = Newest { connection, key, from, to, limit, oldest_first, wanted, gaps: Vec::new() };
            let answer = asking.answer(recent, is_final);
            gaps.append(&mut asking.gaps);
            answer
        })?;
        Ok(answer.unwrap_or_default())
    }

    /// Asks until the journal was not sealed between reading it and reading the chunks.
    fn ask<T>(
        &self,
        keys: &[SeriesKey; 2],
        mut ask: impl FnMut(Option<&Connection>, Recent, bool, &mut Vec<Gap>) -> Result<Option<T>, HistoryError>,
    ) -> Result<Option<T>, HistoryError> {
        // What was opened while nobody could write must not be used once somebody can.
        let lasting = !self.shared.read_only.load(Ordering::Acquire);
        let connection = self.reader()?;
        let mut gaps = Vec::new();
        let mut answer = Ok(None);
        for attempt in 1..=SEALED_MEANWHILE_LIMIT {
            let (recent, is_final) = self.recent(keys);
            answer = ask(connection.as_ref(), recent, is_final || attempt == SEALED_MEANWHILE_LIMIT, &mut gaps);
            if !matches!(answer, Ok(None)) {
                break;
            }
        }
        self.shared.health().add_gaps(gaps);
        // A connection that met an error may be at fault itself.
        if let (Ok(_), Some(connection), true) = (&answer, connection, lasting) {
            self.give_back(connection);
        }
        answer
    }

    /// Everything that happened from `from` (included) to `to` (excluded), oldest first; what is not yet written is seen
    /// too. Before that comes the last value of each series from before `from`, in no order of time. `take` ends it with
    /// false. Blocks on the disk; memory is bounded.
    pub fn recorded(
        &self,
        from: Timestamp,
        to: Timestamp,
        take: &mut dyn FnMut(HistoryRecord) -> bool,
    ) -> Result<(), HistoryError> {
        let lasting = !self.shared.read_only.load(Ordering::Acquire);
        let connection = self.reader()?;
        let mut reading = Reading { connection: connection.as_ref(), from, to, gaps: Vec::new() };
        let mut answer = Ok(false);
        for attempt in 1..=SEALED_MEANWHILE_LIMIT {
            let (recent, is_final) = self.recent_of_all();
            answer = reading.read(recent, is_final || attempt == SEALED_MEANWHILE_LIMIT, take);
            if !matches!(answer, Ok(false)) {
                break;
            }
        }
        let gaps = reading.gaps;
        self.shared.health().add_gaps(gaps);
        // As with questions: one that met an error may be at fault itself.
        if let (Ok(_), Some(connection), true) = (&answer, connection, lasting) {
            self.give_back(connection);
        }
        answer.map(|_| ())
    }

    /// What is wrong now. Cheap: the disk is not asked.
    pub fn troubles(&self) -> Vec<StoreTrouble> {
        self.shared.health().troubles()
    }

    /// How the store is.
    pub fn status(&self) -> StoreStatus {
        let now = self.shared.clock.now().time();
        StoreStatus {
            bytes_written_today: self.shared.wear().today(now).1,
            size_bytes: self.shared.folder.size(),
            troubles: self.shared.health().troubles(),
        }
    }

    /// What is not sealed of the asked series, and whether nobody can seal it meanwhile.
    fn recent(&self, keys: &[SeriesKey; 2]) -> (Recent, bool) {
        let mut recent = Recent::default();
        let (generation, is_final, waiting) = self.unsealed(&mut |key, sample| recent.add_written(keys, &key, sample));
        recent.generation = generation;
        for (key, sample) in waiting {
            recent.add_waiting(keys, &key, sample);
        }
        (recent, is_final)
    }

    /// The same of all series.
    fn recent_of_all(&self) -> (RecentOfAll, bool) {
        let mut journal = Vec::new();
        let (generation, is_final, waiting) = self.unsealed(&mut |key, sample| journal.push((key, sample)));
        let waiting = waiting.map(|(key, sample)| (Arc::new(key), sample)).collect();
        (RecentOfAll { generation, journal, waiting }, is_final)
    }

    /// Visits what is in the journal; gives its generation, whether nobody can seal it meanwhile, and what waits to be
    /// written.
    fn unsealed(
        &self,
        visit: &mut dyn FnMut(Arc<SeriesKey>, StoredSample),
    ) -> (Option<u64>, bool, impl Iterator<Item = (SeriesKey, StoredSample)> + use<>) {
        // Cloned first: who hands things over must not wait for this.
        let staging = self.shared.staging();
        let (waiting, reach): (Vec<Staged>, Reach) = (staging.records.iter().cloned().collect(), staging.reach);
        drop(staging);
        let bytes = journal_file::read(&self.shared.folder).unwrap_or_else(|error| {
            tracing::warn!(%error, "The newest history could not be read.");
            None
        });
        let bytes = bytes.as_deref().unwrap_or_default();
        let is_final = reach.generation == 0;
        let (expected, bytes) = if is_final {
            (None, bytes)
        } else {
            // What was written since still is among what waits.
            (Some(reach.generation), bytes.get(..reach.end).unwrap_or(bytes))
        };
        let decoded = journal::decode(bytes, expected, &mut |entry| {
            if let Entry::Sample(key, sample) = entry {
                visit(key, sample);
            }
        });
        let waiting = waiting.into_iter().filter_map(|staged| match staged {
            Staged::Record(record) => sample_of(&record),
            Staged::Removed(..) => None,
        });
        (expected.or(decoded.generation), is_final, waiting)
    }

    /// Keeps a read connection for the next question.
    fn give_back(&self, connection: Connection) {
        let mut readers = lock(&self.shared.readers);
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
    }

    fn reader(&self) -> Result<Option<Connection>, HistoryError> {
        if let Some(connection) = lock(&self.shared.readers).pop() {
            return Ok(Some(connection));
        }
        let folder = &self.shared.folder;
        if !folder.exists(HISTORY.file) {
            return Ok(None);
        }
        if !self.shared.read_only.load(Ordering::Acquire) {
            return Ok(Some(HISTORY.open_reader(folder)?));
        }
        match HISTORY.open_read_only(folder, HISTORY.file) {
            Ok(connection) => Ok(Some(connection)),
            Err(Refusal::Damaged(source) | Refusal::Final(OpenError::Database { source, .. })) => Err(source.into()),
            Err(Refusal::Final(_)) => Ok(None),
        }
    }
}
