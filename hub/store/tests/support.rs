//! A store in a temporary folder, and short ways to say things to it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hub_model::history::{
    Aggregate, HistoryAnswer, HistoryEntry, HistoryQuery, HistoryRecord, Resolution, Sample, StateRecord,
};
use hub_model::household::{Area, Home, Secret};
use hub_model::record::{AutomationRecord, Change, DecidedOn, Decision, KeepError, Kept, Record};
use hub_model::time::ManualClock;
use hub_model::{Cause, Timestamp, Value};
use hub_store::{Options, Store, StoreHandle};
use tempfile::TempDir;

/// The time at which tests begin.
pub(crate) const START: Timestamp = Timestamp(1_800_000_000_000);

/// Small files, nothing kept back.
pub(crate) fn options() -> Options {
    Options {
        ballast_bytes: 0,
        journal_bytes: 64 * 1024,
        // The clock of these tests stands still.
        decision_window: std::time::Duration::ZERO,
        ..Options::default()
    }
}

/// An open store.
pub(crate) struct Bench {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Store,
    pub(crate) handle: StoreHandle,
    pub(crate) kept: Kept,
    pub(crate) folder: PathBuf,
    pub(crate) options: Options,
    directory: Arc<TempDir>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(options())
    }

    pub(crate) fn with(options: Options) -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let folder = directory.path().join("data");
        Self::open(directory, folder, Arc::new(ManualClock::at(START)), options)
    }

    /// Opens what lies in a folder.
    pub(crate) fn of(folder: &Path) -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        Self::open(
            directory,
            folder.to_owned(),
            Arc::new(ManualClock::at(START.plus(Duration::from_secs(3_600)))),
            options(),
        )
    }

    fn open(directory: Arc<TempDir>, folder: PathBuf, clock: Arc<ManualClock>, options: Options) -> Self {
        let (store, kept) = Store::open(&folder, clock.clone(), options.clone()).unwrap();
        Self { clock, handle: store.handle(), store, kept, folder, options, directory }
    }

    /// Stops cleanly and starts again.
    pub(crate) fn restart(self) -> Self {
        let Self { clock, store, folder, options, directory, .. } = self;
        store.close();
        Self::open(directory, folder, clock, options)
    }

    /// Stops cleanly, lets `change` happen to the folder, and starts again.
    pub(crate) fn restart_after(self, change: impl FnOnce(&Path)) -> Self {
        let Self { clock, store, folder, options, directory, .. } = self;
        store.close();
        change(&folder);
        Self::open(directory, folder, clock, options)
    }

    /// What a machine that lost its power now would find: a copy of the files as they are.
    pub(crate) fn cut(&self) -> TempDir {
        copy(&self.folder)
    }

    pub(crate) fn commit(&self, changes: Vec<Change>) -> Result<(), KeepError> {
        let (sender, receiver) = sync_channel(1);
        self.handle.commit(changes, Box::new(move |result| sender.send(result).unwrap()));
        receiver.recv_timeout(Duration::from_secs(20)).expect("an answer")
    }

    pub(crate) fn put(&self, record: Record) {
        self.commit(vec![Change::Put(record)]).unwrap();
    }

    /// Records a value of device `virtual:1` now.
    pub(crate) fn state(&self, attribute: &str, value: impl Into<Value>) {
        self.handle.record(state_at(self.now(), attribute, value.into()));
    }

    pub(crate) fn now(&self) -> Timestamp {
        use hub_model::Clock;
        self.clock.now().time()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn samples(&self, attribute: &str) -> Vec<Sample> {
        match self.handle.history(&query(attribute, Resolution::Raw)).unwrap() {
            HistoryAnswer::Samples(samples) => samples,
            HistoryAnswer::Aggregates(_) => panic!("samples were asked for"),
        }
    }

    pub(crate) fn values(&self, attribute: &str) -> Vec<Value> {
        self.samples(attribute).into_iter().map(|sample| sample.value).collect()
    }

    pub(crate) fn aggregates(&self, query: &HistoryQuery) -> Vec<Aggregate> {
        match self.handle.history(query).unwrap() {
            HistoryAnswer::Aggregates(aggregates) => aggregates,
            HistoryAnswer::Samples(_) => panic!("sums were asked for"),
        }
    }

    pub(crate) fn troubles(&self) -> Vec<&'static str> {
        self.handle.status().troubles.into_iter().map(|trouble| trouble.code).collect()
    }

    /// Records so much that the journal is sealed at least once, without touching other attributes.
    pub(crate) fn fill_journal(&self) {
        for round in 0..40 {
            for number in 0..100 {
                self.state("filler", Value::text(format!("{round} {number} {}", "x".repeat(20))));
            }
            self.handle.flush();
        }
    }
}

/// A copy of a folder of files.
pub(crate) fn copy(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

pub(crate) fn state_at(at: Timestamp, attribute: &str, value: Value) -> HistoryRecord {
    let entry = HistoryEntry::State(StateRecord {
        device: "virtual:1".into(),
        endpoint: 1,
        attribute: attribute.into(),
        value,
        cause: Cause::Report,
    });
    HistoryRecord { at, entry }
}

/// All of an attribute of `virtual:1`.
pub(crate) fn query(attribute: &str, resolution: Resolution) -> HistoryQuery {
    HistoryQuery {
        device: "virtual:1".into(),
        endpoint: 1,
        attribute: attribute.into(),
        from: Timestamp(0),
        to: START.plus(Duration::from_secs(400 * 24 * 3_600)),
        resolution,
        time_zone: "Europe/Berlin".into(),
        limit: 100_000,
    }
}

pub(crate) fn area(id: &str, name: &str) -> Record {
    Record::Area(Area { id: id.into(), name: name.into(), floor: None, position: None })
}

pub(crate) fn home(name: &str) -> Record {
    Record::Home(Home { name: name.into(), ..Home::default() })
}

pub(crate) fn secret(name: &str, value: &str) -> Record {
    Record::Secret { name: name.into(), value: Secret::new(value) }
}

pub(crate) fn rule(id: &str) -> Record {
    Record::Automation(AutomationRecord {
        id: id.into(),
        document: "{}".into(),
        revision: 1,
        author: "anna".into(),
        changed_at: START,
    })
}

pub(crate) fn decision(run: &str, at: Timestamp, state: Option<&[u8]>) -> Decision {
    Decision {
        automation: "hall".into(),
        run: Some(run.into()),
        at,
        state: state.map(Arc::from),
        decided_on: vec![DecidedOn {
            device: "virtual:1".into(),
            endpoint: 1,
            attribute: "occupancy".into(),
            value: Value::Bool(true),
            changed_at: at,
        }],
    }
}

/// Names of areas, in order.
pub(crate) fn areas(kept: &Kept) -> Vec<String> {
    kept.areas.iter().map(|area| format!("{}={}", area.id, area.name)).collect()
}

/// A list that callbacks write to.
pub(crate) type Log<T> = Arc<Mutex<Vec<T>>>;
