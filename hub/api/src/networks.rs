//! The networks of drivers as they were last drawn. Drawing asks every router for its neighbours and may take minutes:
//! one at a time for each driver, and the last one is kept in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use driver_api::network::Network;
use driver_api::{ManageAction, ManageError};
use hub_model::event::Resource;
use hub_model::{DriverId, Timestamp};
use tokio::sync::watch;

use crate::api::App;

/// A network that was drawn.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) measured_at: Timestamp,
    pub(crate) network: Network,
}

/// How far a network is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drawing {
    /// Since when it is being drawn; none = it is not.
    pub(crate) scanning_since: Option<Timestamp>,
    /// The last that was drawn.
    pub(crate) drawn: Option<Arc<Drawn>>,
    /// Why the last attempt failed; none = it did not.
    pub(crate) error: Option<ManageError>,
}

impl Drawing {
    /// Whether nobody was asked yet, so that a look may begin it. Looking needs fewer rights than measuring, which keeps
    /// a network busy: what failed is tried again by who may. A driver that was not connected has asked nobody.
    pub(crate) fn was_never_tried(&self) -> bool {
        self.drawn.is_none() && matches!(self.error, None | Some(ManageError::Offline))
    }
}

/// All networks.
#[derive(Debug, Default)]
pub(crate) struct Networks {
    drawings: Mutex<HashMap<DriverId, watch::Sender<Drawing>>>,
}

impl Networks {
    /// How far the network of a driver is.
    pub(crate) fn watch(&self, driver: &DriverId) -> watch::Receiver<Drawing> {
        let mut drawings = self.drawings.lock().unwrap_or_else(PoisonError::into_inner);
        drawings.entry(driver.clone()).or_default().subscribe()
    }

    fn change(&self, driver: &DriverId, change: impl FnOnce(&mut Drawing)) {
        let mut drawings = self.drawings.lock().unwrap_or_else(PoisonError::into_inner);
        drawings.entry(driver.clone()).or_default().send_modify(change);
    }
}

/// Lets a driver draw its network, unless it does already. False = it does.
pub(crate) fn draw(app: &App, driver: &DriverId) -> bool {
    let mut begins = false;
    let now = app.now();
    app.networks.change(driver, |drawing| {
        begins = drawing.scanning_since.is_none();
        drawing.scanning_since.get_or_insert(now);
    });
    if begins {
        let (app, driver) = (Arc::clone(app), driver.clone());
        tokio::spawn(async move {
            let answer = app.core.manage(driver.clone(), ManageAction::NetworkMap).await;
            let network = answer.and_then(|answer| {
                let network = Network::from_value(&answer);
                network.ok_or_else(|| ManageError::NotPossible("the driver answered with something else".into()))
            });
            if let Err(error) = &network {
                tracing::info!(%driver, reason = error.word(), "A network could not be drawn.");
            }
            let measured_at = app.now();
            app.networks.change(&driver, |drawing| {
                drawing.scanning_since = None;
                match network {
                    Ok(network) => {
                        drawing.drawn = Some(Arc::new(Drawn { measured_at, network }));
                        drawing.error = None;
                    }
                    Err(error) => drawing.error = Some(error),
                }
            });
            app.core.changed(Resource::Network, driver.as_str()).await;
        });
    }
    begins
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn looking_tries_once() {
        let after = |error| Drawing { error, ..Drawing::default() }.was_never_tried();
        assert!(after(None) && after(Some(ManageError::Offline)));
        assert!(!after(Some(ManageError::TimedOut(Duration::from_secs(1)))));
        assert!(!after(Some(ManageError::Refused("busy".into()))));
        let network = Network::default();
        let drawn = Some(Arc::new(Drawn { measured_at: Timestamp(0), network }));
        assert!(!Drawing { drawn, ..Drawing::default() }.was_never_tried());
    }
}
