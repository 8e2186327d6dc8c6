//! A journal that holds virtual time still until the disk has what it was handed.

use std::io::Write;
use std::sync::Arc;

use hearth::ports::StorePort;
use hub_core::Journal;
use hub_core::ports::Kept;
use hub_model::history::HistoryRecord;
use hub_model::record::{Change, Decision};
use hub_model::{Event, EventKind, Timestamp};
use hub_store::StoreHandle;
use tokio::sync::{Notify, broadcast};

use crate::Result;
use crate::clock::VirtualClock;
use crate::diary::Diary;

/// What is printed by a hub that stands still.
const STANDS_STILL: &str = "stands still";

/// Passes everything on and wakes its [`Watch`].
pub(crate) struct WatchedJournal {
    port: StorePort,
    handed: Arc<Notify>,
}

/// Waits for the disk after each turn of the core.
pub(crate) struct Watch {
    handed: Arc<Notify>,
    clock: Arc<VirtualClock>,
    until: Option<Timestamp>,
}

impl WatchedJournal {
    /// A journal and what watches it.
    pub(crate) fn new(port: StorePort, clock: Arc<VirtualClock>, until: Option<Timestamp>) -> (Self, Watch) {
        let handed = Arc::new(Notify::new());
        (Self { port, handed: Arc::clone(&handed) }, Watch { handed, clock, until })
    }
}

impl Watch {
    /// Writes down what the hub says of runs that a stop interrupted, then waits for the disk. A blocking task that runs
    /// keeps the paused clock from moving on.
    pub(crate) async fn run(
        self,
        store: StoreHandle,
        mut events: broadcast::Receiver<Arc<Event>>,
        diary: Option<Diary>,
    ) -> Result<()> {
        loop {
            self.handed.notified().await;
            while let Ok(event) = events.try_recv() {
                if let (EventKind::AutomationRun { automation, phase, .. }, Some(diary)) = (&event.kind, &diary)
                    && matches!(&**phase, "late" | "missed" | "failed" | "fuse")
                {
                    diary.write(event.at, &format!("{automation} {phase}"))?;
                }
            }
            let store = store.clone();
            tokio::task::spawn_blocking(move || store.flush()).await?;
            let now = self.clock.time();
            if self.until.is_some_and(|until| now >= until) {
                writeln!(std::io::stdout(), "{} {STANDS_STILL}", now.milliseconds())?;
                loop {
                    std::thread::park();
                }
            }
        }
    }
}

impl Journal for WatchedJournal {
    fn commit(&mut self, changes: Vec<Change>, kept: Kept) {
        self.port.commit(changes, kept);
        self.handed.notify_one();
    }

    fn decide(&mut self, decision: Decision) {
        self.port.decide(decision);
        self.handed.notify_one();
    }

    fn record(&mut self, record: HistoryRecord) {
        self.port.record(record);
        self.handed.notify_one();
    }

    fn alive(&mut self, time: Timestamp, seq: u64) {
        self.port.alive(time, seq);
    }
}
