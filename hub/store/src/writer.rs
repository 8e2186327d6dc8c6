//! The one thread that writes.

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hub_model::record::{Change, Decision};
use hub_model::{Monotonic, Timestamp};

use crate::archive::{self, Archive};
use crate::asking::Question;
use crate::core_database::CoreDatabase;
use crate::files::{self, BALLAST};
use crate::history_writer::{HistoryTrouble, Item};
use crate::life::Life;
use crate::repair::SnapshotError;
use crate::retention::Retention;
use crate::sqlite;
use crate::staging::{Done, Staged};
use crate::store::Shared;
use crate::unsealed::Unsealed;

/// After history could not be written, how long until it is tried again.
const HISTORY_RETRY: Duration = Duration::from_secs(10);
/// How often old history is looked for.
const RETENTION_INTERVAL: Duration = Duration::from_secs(3_600);
/// How often it is written down how far the time is for certain.
const CERTAIN_INTERVAL: Duration = Duration::from_secs(24 * 3_600);
/// The first wait before the ballast is put back; each further one is twice as long.
const BALLAST_RETRY: Duration = Duration::from_secs(600);
const BALLAST_RETRY_LIMIT: Duration = Duration::from_secs(24 * 3_600);
/// The ballast is not written while the hub starts.
const BALLAST_DELAY: Duration = Duration::from_secs(30);

/// The writer and what it writes to.
pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) core: Option<CoreDatabase>,
    pub(crate) archive: Option<Archive>,
    pub(crate) unsealed: Unsealed,
    pub(crate) life: Life,
    /// The newest event number that was told.
    last_seq: u64,
    /// When the last frame was written.
    written_at: Monotonic,
    retry_history_at: Option<Monotonic>,
    /// Damage of history that was met twice in a row is not the card's connection.
    history_damage_seen: bool,
    retention_at: Monotonic,
    retention: Retention,
    pub(crate) snapshot_at: Option<Monotonic>,
    pub(crate) snapshot_not_before: Monotonic,
    ballast_at: Monotonic,
    ballast_wait: Duration,
}

/// What is to be done now.
#[derive(Default)]
struct Work {
    commits: Vec<(Vec<Change>, Done)>,
    questions: Vec<Question>,
    decisions: Vec<Decision>,
    records: Vec<Staged>,
    alive: Option<(Timestamp, u64)>,
    flushes: u64,
    closing: bool,
}

impl Writer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        core: Option<CoreDatabase>,
        archive: Option<Archive>,
        unsealed: Unsealed,
        life: Life,
    ) -> Self {
        let now = shared.clock.now().mono;
        Self {
            shared,
            core,
            archive,
            unsealed,
            last_seq: life.last_seq,
            life,
            written_at: now,
            retry_history_at: None,
            history_damage_seen: false,
            retention_at: now,
            retention: Retention::new(life.certain_at.unwrap_or_default(), now),
            snapshot_at: None,
            snapshot_not_before: now,
            ballast_at: now.plus(BALLAST_DELAY),
            ballast_wait: BALLAST_RETRY,
        }
    }

    /// Works until the store is closed.
    pub(crate) fn run(mut self) {
        loop {
            let mut work = self.wait();
            let (closing, flushes) = (work.closing, work.flushes);
            let items = self.take_in(&work);
            // A command is among the records before the journal says how it ended.
            self.commit_step(std::mem::take(&mut work.commits));
            self.answer(std::mem::take(&mut work.questions));
            self.history_step(&work, items);
            self.housekeeping(closing);
            let mut staging = self.shared.staging();
            staging.flushed = flushes;
            let all_written = staging.records.is_empty() || self.retry_history_at.is_some();
            let nothing_waits =
                staging.commits.is_empty() && staging.questions.is_empty() && staging.decisions.is_empty();
            if closing && all_written && nothing_waits {
                staging.closed = true;
                drop(staging);
                self.shared.flushed.notify_all();
                break;
            }
            drop(staging);
            self.shared.flushed.notify_all();
        }
        self.finish();
    }

    fn wait(&self) -> Work {
        let mut staging = self.shared.staging();
        loop {
            let now = self.shared.clock.now().mono;
            let pressed = staging.closing || staging.flushes > staging.flushed;
            let history_allowed = pressed || self.retry_history_at.is_none_or(|at| now >= at);
            let records_at = staging.waiting_since.map(|since| since.plus(self.shared.options.history_batch));
            let records_due = staging.is_crowded() || records_at.is_some_and(|at| now >= at);
            let idle_at = staging.alive.map(|_| self.written_at.plus(self.shared.options.idle_alive));
            let idle_due = idle_at.is_some_and(|at| now >= at);
            let decided_at = staging.decided_since.map(|since| since.plus(self.shared.options.decision_window));
            let decisions_due = decided_at.is_some_and(|at| now >= at);
            let write_history = history_allowed && (pressed || records_due || idle_due || decisions_due);
            let asked = !staging.commits.is_empty() || !staging.questions.is_empty();
            if pressed || write_history || asked || self.is_housekeeping_due(now) {
                let mut work = Work {
                    commits: std::mem::take(&mut staging.commits),
                    questions: std::mem::take(&mut staging.questions),
                    flushes: staging.flushes,
                    closing: staging.closing,
                    ..Work::default()
                };
                if write_history {
                    work.decisions = std::mem::take(&mut staging.decisions);
                    staging.decided_since = None;
                    work.records = staging.records.iter().cloned().collect();
                    staging.writing = work.records.len();
                    work.alive = staging.alive.take();
                }
                return work;
            }
            let next = [records_at, idle_at, decided_at].into_iter().flatten().map(|at| match self.retry_history_at {
                Some(retry) => at.max(retry),
                None => at,
            });
            let next = next.chain(self.next_housekeeping()).min();
            // A clock that is set by hand does not wake the thread: the wait is never endless.
            let wait = next.map_or(RETENTION_INTERVAL, |at| at.since(now)).max(Duration::from_millis(1));
            staging = self.shared.wake.wait_timeout(staging, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn next_housekeeping(&self) -> impl Iterator<Item = Monotonic> {
        let ballast = self.wants_ballast().then_some(self.ballast_at);
        [self.snapshot_at, Some(self.retention_at), ballast].into_iter().flatten()
    }

    fn is_housekeeping_due(&self, now: Monotonic) -> bool {
        self.next_housekeeping().any(|at| now >= at)
    }

    fn wants_ballast(&self) -> bool {
        self.core.is_some() && self.shared.options.ballast_bytes > 0 && !self.shared.folder.exists(BALLAST)
    }

    // History and decisions.

    /// Learns what belongs into `core.db` in the end, and gives what goes to the journal.
    fn take_in(&mut self, work: &Work) -> Vec<Item> {
        let mut items: Vec<Item> = work.records.iter().map(Item::of_staged).collect();
        for item in &items {
            if let Item::Command(ended) = item {
                self.unsealed.commands.take(ended.clone());
            }
        }
        for decision in &work.decisions {
            self.unsealed.decisions.take(decision);
            items.push(Item::Decision(decision.clone()));
        }
        for staged in &work.records {
            if let Staged::Removed(device, _) = staged {
                self.unsealed.decisions.forget_device(device.as_str());
            }
        }
        items
    }

    fn history_step(&mut self, work: &Work, mut items: Vec<Item>) {
        let now = self.shared.clock.now();
        if let Some((_, seq)) = work.alive {
            self.last_seq = seq;
            items.push(Item::Alive(self.sign_of_life(seq)));
        }
        if items.is_empty() {
            return;
        }
        match self.write_items(items, work.records.len()) {
            Ok(()) => {
                self.written_at = now.mono;
                self.retry_history_at = None;
                self.history_damage_seen = false;
            }
            Err(trouble) => {
                if self.retry_history_at.is_none() {
                    tracing::warn!(error = %trouble, "History could not be written; it is tried again soon.");
                }
                self.note_history_trouble(&trouble);
                self.retry_history_at = Some(now.mono.plus(HISTORY_RETRY));
                let mut staging = self.shared.staging();
                staging.writing = 0;
                if staging.alive.is_none() {
                    staging.alive = work.alive;
                }
                drop(staging);
                // Decisions do not wait for the journal.
                self.keep_in_core();
            }
        }
    }

    pub(crate) fn sign_of_life(&self, seq: u64) -> crate::journal::Alive {
        let (day, written) = self.shared.wear().today(self.shared.clock.now().time());
        crate::journal::Alive { seq, day, written }
    }

    /// Writes what is only in memory and journal of decisions and commands into `core.db`.
    pub(crate) fn keep_in_core(&mut self) {
        let Some(core) = &mut self.core else { return };
        match core.write_unsealed(&self.unsealed) {
            Ok(()) => self.unsealed.settle(),
            Err(error) => tracing::error!(%error, "Decisions of rules could not be kept; a restart may forget them."),
        }
    }

    fn note_history_trouble(&mut self, trouble: &HistoryTrouble) {
        let mut health = self.shared.health();
        match trouble {
            HistoryTrouble::Database(error) if sqlite::is_full(error) => health.full = true,
            HistoryTrouble::File(error) if error.kind() == std::io::ErrorKind::StorageFull => health.full = true,
            HistoryTrouble::File(error) if files::is_read_only(error) => health.read_only = true,
            other => health.gone = Some(other.to_string().into()),
        }
        let full = health.full;
        drop(health);
        if full {
            self.make_room();
            return;
        }
        // A handle may be at fault; the next attempt opens everything anew.
        self.archive = None;
        self.shared.forget_readers();
        if let HistoryTrouble::Database(error) = trouble
            && sqlite::is_damage(error)
            && std::mem::replace(&mut self.history_damage_seen, true)
            && self.shared.folder.probe().is_ok()
        {
            let now = self.shared.clock.now().time();
            match archive::replace_database(&self.shared.folder, now, error) {
                Ok(finding) => self.shared.health().history = Some(finding),
                Err(error) => tracing::error!(%error, "The damaged history could not be replaced."),
            }
            self.history_damage_seen = false;
        }
    }

    /// Opens history again after it was lost.
    pub(crate) fn regain_archive(&mut self) -> Result<(), HistoryTrouble> {
        if self.archive.is_some() {
            return Ok(());
        }
        self.shared.folder.probe().map_err(HistoryTrouble::File)?;
        let now = self.shared.clock.now().time();
        // What the journal holds for `core.db` is in memory already.
        let opened = archive::open(&self.shared.folder, &self.shared.options, now, &mut Unsealed::default());
        let (archive, found) = opened.map_err(HistoryTrouble::Open)?;
        self.shared.staging().reach = archive.journal.reach();
        self.shared.read_only.store(false, Ordering::Release);
        let mut health = self.shared.health();
        health.history = found.findings.first().cloned().or(health.history.take());
        drop(health);
        self.shared.forget_readers();
        self.archive = Some(archive);
        self.note_recovery();
        Ok(())
    }

    /// Writing works again.
    pub(crate) fn note_recovery(&self) {
        let mut health = self.shared.health();
        if health.read_only || health.gone.is_some() {
            tracing::info!("The data folder can be written again.");
        }
        health.read_only = false;
        health.gone = None;
        if self.shared.options.ballast_bytes == 0 {
            health.full = false;
        }
    }

    // Housekeeping.

    fn housekeeping(&mut self, closing: bool) {
        let now = self.shared.clock.now();
        if self.snapshot_at.is_some_and(|at| closing || now.mono >= at) {
            self.take_snapshot(now.mono);
        }
        if !closing && now.mono >= self.retention_at {
            self.retention_at = now.mono.plus(RETENTION_INTERVAL);
            self.retire_by_age();
        }
        if !closing && self.wants_ballast() && now.mono >= self.ballast_at {
            self.refill_ballast(now.mono);
        }
    }

    fn take_snapshot(&mut self, now: Monotonic) {
        self.snapshot_at = None;
        let Some(core) = &mut self.core else { return };
        let probed = self.shared.folder.probe().map_err(SnapshotError::File);
        match probed.and_then(|()| core.take_snapshot(&self.shared.folder)) {
            Ok(()) => {
                self.snapshot_not_before = now.plus(self.shared.options.snapshot_interval);
                tracing::debug!("Took a snapshot of the records.");
            }
            Err(error) => {
                tracing::warn!(%error, "The snapshot of the records could not be made; the one before stays.");
                self.snapshot_at = Some(now.plus(self.shared.options.snapshot_interval));
            }
        }
    }

    fn refill_ballast(&mut self, now: Monotonic) {
        let folder = &self.shared.folder;
        match folder.probe().and_then(|()| folder.fill(BALLAST, self.shared.options.ballast_bytes)) {
            Ok(()) => {
                self.ballast_wait = BALLAST_RETRY;
                self.ballast_at = now.plus(BALLAST_RETRY);
                self.shared.health().full = false;
            }
            Err(error) => {
                tracing::warn!(%error, "The ballast file could not be made; the disk may be nearly full.");
                self.shared.health().full = error.kind() == std::io::ErrorKind::StorageFull;
                self.ballast_at = now.plus(self.ballast_wait);
                self.ballast_wait = (self.ballast_wait * 2).min(BALLAST_RETRY_LIMIT);
            }
        }
    }

    /// Frees what can be freed: the ballast first, so that there is room to work with.
    pub(crate) fn make_room(&mut self) {
        self.shared.health().full = true;
        if let Err(error) = self.shared.folder.remove(BALLAST) {
            tracing::warn!(%error, "The ballast could not be freed.");
        }
        self.ballast_at = self.shared.clock.now().mono.plus(self.ballast_wait);
        if let Some(core) = &self.core
            && let Err(error) = core.checkpoint()
        {
            tracing::debug!(%error, "The write-ahead log of the records could not be emptied.");
        }
        self.retire_by_age();
        self.shrink_history();
    }

    /// Lets go what is old by now.
    fn retire_by_age(&mut self) {
        let Some(time) = self.retention.time(&self.shared.clock.now()) else { return };
        self.retire_old(time);
        // A clean stop writes it down too.
        let is_news = self.life.certain_at.is_none_or(|written| time.since(written) >= CERTAIN_INTERVAL);
        if is_news && let Some(core) = &self.core {
            self.life.certain_at = Some(time);
            if let Err(error) = core.write_life(&self.life) {
                tracing::debug!(%error, "How far the time is could not be written down.");
            }
        }
    }

    fn finish(mut self) {
        if let Some(core) = self.core.take() {
            if self.shared.clean.load(Ordering::Acquire) {
                let now = self.shared.clock.now().time();
                let (last_seq, stopped_at) = (self.last_seq, Some(now));
                let certain_at = Some(self.retention.certain());
                let life = Life { running: false, last_seq, stopped_at, certain_at, ..self.life };
                if let Err(error) = core.write_life(&life) {
                    tracing::warn!(%error, "The clean stop could not be written down.");
                }
            }
            if let Err(error) = core.checkpoint() {
                tracing::debug!(%error, "The write-ahead log of the records could not be emptied.");
            }
        }
    }
}
