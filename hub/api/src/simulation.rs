//! The home in virtual time, for checks and replays: what they work on, and how many of them work at once; and the
//! turns of what else takes a thread for long.

use std::sync::Arc;
use std::time::Duration;

use hub_automation::replay::{SimulatedHome, Site};
use hub_core::Snapshot;
use hub_model::device::EndpointSelector;
use hub_model::zone::Zone;
use hub_model::{Availability, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Problem;

/// How many requests may wait for a check.
const CHECKS_WAITING: usize = 16;
/// How long a large reading waits for the one before it.
const READING_WAITS: Duration = Duration::from_secs(10);

/// Turns for what takes a processor or a thread for long. A small machine has few of them, and the home needs one; of
/// the threads for such work (the daemon has four) one stays free for logins and all that is short.
#[derive(Debug)]
pub(crate) struct Simulations {
    check: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    replay: Arc<Semaphore>,
    reading: Arc<Semaphore>,
}

impl Default for Simulations {
    fn default() -> Self {
        Self {
            check: Arc::new(Semaphore::new(1)),
            waiting: Arc::new(Semaphore::new(CHECKS_WAITING)),
            replay: Arc::new(Semaphore::new(1)),
            reading: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Simulations {
    /// Does a check off the async threads, one at a time.
    pub(crate) async fn check<T: Send + 'static>(
        &self,
        check: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let busy = || Problem::busy("Too many rules are being checked.");
        let _waiting = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| busy())?;
        let turn = Arc::clone(&self.check).acquire_owned().await.map_err(|_| busy())?;
        let checked = tokio::task::spawn_blocking(move || {
            let checked = check();
            drop(turn);
            checked
        });
        checked.await.map_err(|_| Problem::busy("The rule could not be checked."))
    }

    /// The turn of reading or comparing much, to be held while it is done; a problem if the one before takes too long.
    pub(crate) async fn large_reading(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let turn = tokio::time::timeout(READING_WAITS, Arc::clone(&self.reading).acquire_owned()).await;
        match turn {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(Problem::busy("Somebody else reads much of the history.")),
        }
    }

    /// The turn of a replay, to be held while it runs; a problem if another one runs.
    pub(crate) fn replay(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.replay).try_acquire_owned().map_err(|_| Problem::busy("Another replay is running."))
    }
}

/// The home of a picture, with nothing known of its states.
pub(crate) fn home_of(snapshot: &Snapshot) -> SimulatedHome {
    let records = snapshot.devices.iter().map(|view| ((*view.record).clone(), Availability::Unknown)).collect();
    let scenes = snapshot.scenes.iter().map(|record| record.scene.clone()).collect();
    let home = SimulatedHome::of(records, (*snapshot.home).clone()).with_areas((*snapshot.areas).clone());
    home.with_scenes(scenes).with_people((*snapshot.people).clone())
}

/// The same as far as it is known how it was at a time: what has not changed since then.
pub(crate) fn home_at(snapshot: &Snapshot, at: Timestamp) -> SimulatedHome {
    let mut home = home_of(snapshot);
    for view in snapshot.devices.iter() {
        let device = &view.record.device.id;
        home.set_availability(device, view.availability);
        for (endpoint, schema, state) in view.attributes() {
            if let Some(since) = state.changed_at.filter(|since| *since < at && !state.value.is_unknown()) {
                let endpoint = EndpointSelector::Number(endpoint);
                home.know(device.as_str(), Some(&endpoint), schema.name.as_str(), &state.value, since);
            }
        }
    }
    home
}

/// Where it lies.
pub(crate) fn site_of(snapshot: &Snapshot) -> Site {
    // The zone was checked when it was set.
    let zone = Zone::named(&snapshot.home.time_zone).unwrap_or_else(|_| Zone::utc());
    Site { zone, location: snapshot.home.location }
}
