//! Keeps drivers running: each in a task of its own, started again with back-off when it ends, whatever ended it.

use std::sync::Arc;
use std::time::Duration;

use driver_api::{Driver, DriverAbility, DriverContext, DriverError, DriverEvent, DriverRequest};
use hub_model::event::{DriverState, DriverStatus};
use hub_model::{Clock, Device, DriverId};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::driver_memory::DriverMemory;
use crate::snapshot::Snapshot;

/// Makes a driver. Called at each start of the instance, so that a mended file or plug is noticed.
pub type DriverFactory = Box<dyn Fn() -> Result<Box<dyn Driver>, DriverError> + Send + Sync>;

/// A driver instance of the configuration.
pub struct DriverSpec {
    /// Its id.
    pub id: DriverId,
    /// Its type, for people.
    pub driver_type: Arc<str>,
    /// What its kind can do beside speaking with devices.
    pub abilities: &'static [DriverAbility],
    /// How it is made.
    pub factory: DriverFactory,
}

impl std::fmt::Debug for DriverSpec {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("DriverSpec").field("id", &self.id).field("driver_type", &self.driver_type).finish()
    }
}

/// How many requests wait for a driver at most; one more fails at once with `busy`.
const REQUESTS: usize = 64;
/// The first and the longest pause before a driver is started again.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// A driver that ran this long has shown that it can: the pause starts small again.
const PROVEN_AFTER: Duration = Duration::from_secs(300);

/// From a supervisor to the core.
#[derive(Debug)]
pub(crate) enum Control {
    /// The instance runs; requests go here.
    Started(DriverId, mpsc::Sender<DriverRequest>),
    /// It ended.
    Ended(DriverId, DriverStatus),
}

/// What a supervisor needs.
pub(crate) struct Supervisor {
    pub(crate) spec: DriverSpec,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) seed: u64,
    pub(crate) events: mpsc::Sender<DriverEvent>,
    pub(crate) control: mpsc::Sender<Control>,
    pub(crate) snapshot: watch::Receiver<Arc<Snapshot>>,
    pub(crate) memory: DriverMemory,
    pub(crate) cancel: CancellationToken,
}

impl Supervisor {
    /// Runs until it is cancelled.
    pub(crate) async fn run(self) {
        let mut back_off = BACK_OFF.0;
        let mut starts: u64 = 0;
        while !self.cancel.is_cancelled() {
            let started = self.clock.now().mono;
            let outcome = self.run_once(self.seed.wrapping_add(starts)).await;
            starts += 1;
            if self.cancel.is_cancelled() {
                return;
            }
            let detail = match outcome {
                Ok(()) => "the driver ended by itself; it is started again".to_owned(),
                Err(error) => error.to_string(),
            };
            tracing::warn!(driver = %self.spec.id, %detail, "A driver ended and will be started again.");
            let status = DriverStatus { state: DriverState::Failed, detail: detail.into() };
            if self.control.send(Control::Ended(self.spec.id.clone(), status)).await.is_err() {
                return;
            }
            if self.clock.now().mono.since(started) >= PROVEN_AFTER {
                back_off = BACK_OFF.0;
            }
            tokio::select! {
                () = self.cancel.cancelled() => return,
                () = tokio::time::sleep(back_off) => {}
            }
            back_off = (back_off * 2).min(BACK_OFF.1);
        }
    }

    async fn run_once(&self, seed: u64) -> Result<(), DriverError> {
        let driver = (self.spec.factory)()?;
        let (requests, receiver) = mpsc::channel(REQUESTS);
        let context = DriverContext {
            id: self.spec.id.clone(),
            clock: Arc::clone(&self.clock),
            seed,
            known: self.known(),
            kept: self.memory.of(&self.spec.id),
            events: self.events.clone(),
            requests: receiver,
            cancel: self.cancel.child_token(),
        };
        if self.control.send(Control::Started(self.spec.id.clone(), requests)).await.is_err() {
            return Ok(());
        }
        // A task of its own, so that a panic ends this instance only.
        match tokio::spawn(driver.run(context)).await {
            Ok(outcome) => outcome,
            Err(error) if error.is_panic() => {
                Err(DriverError::new("the driver stopped by a fault of its own (a panic); the log has the place"))
            }
            Err(_) => Ok(()),
        }
    }

    fn known(&self) -> Vec<Device> {
        let snapshot = self.snapshot.borrow();
        snapshot
            .devices
            .iter()
            .filter(|view| view.record.device.driver() == self.spec.id)
            .map(|view| view.record.device.clone())
            .collect()
    }
}
