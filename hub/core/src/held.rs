//! Commands that wait for a driver to come up. After a power cut the hub is there before the broker and its bridge are;
//! what rules catch up with then must not fail for that.

use std::collections::BTreeMap;
use std::time::Duration;

use driver_api::DriverCommand;
use hub_model::command::FailureReason;
use hub_model::event::DriverState;
use hub_model::{Cause, CommandId, DriverId, Monotonic};

/// How long what a rule wants waits for a driver that has not been online yet. Long enough for a broker and a bridge
/// that start with the hub, short enough that nothing moves when nobody expects it any more.
const COMES_UP_WITHIN: Duration = Duration::from_secs(120);
/// Commands that wait for one driver at most.
const MOST_HELD: usize = 256;

/// The drivers that have not been online since the hub's start, and what waits for each.
#[derive(Debug, Default)]
pub(crate) struct Held {
    waiting: BTreeMap<DriverId, Vec<DriverCommand>>,
}

impl Held {
    /// Nothing waits yet.
    pub(crate) fn new(drivers: impl Iterator<Item = DriverId>) -> Self {
        Self { waiting: drivers.map(|driver| (driver, Vec::new())).collect() }
    }

    /// How long a command may wait to be sent, at least. A person looks on, a rule does not.
    pub(crate) fn patience(&self, driver: &DriverId, cause: &Cause) -> Duration {
        let waits = self.waiting.contains_key(driver) && !is_person(cause);
        if waits { COMES_UP_WITHIN } else { Duration::ZERO }
    }

    /// Takes a command that has to wait; gives it back if it has not, or if too many wait.
    pub(crate) fn hold(
        &mut self,
        now: Monotonic,
        driver: &DriverId,
        state: Option<DriverState>,
        cause: &Cause,
        command: DriverCommand,
    ) -> Result<(), (DriverCommand, Option<FailureReason>)> {
        // A person is told at once that a driver cannot be reached.
        let is_awaited = state == Some(DriverState::Starting) || !is_person(cause);
        let mut waiting = self.waiting.get_mut(driver).filter(|_| is_awaited);
        if let Some(waiting) = &mut waiting {
            // What has expired takes no room.
            waiting.retain(|held| held.deadline > now);
        }
        match waiting {
            None => Err((command, None)),
            Some(waiting) if waiting.len() >= MOST_HELD => Err((command, Some(FailureReason::Busy))),
            Some(waiting) => {
                waiting.push(command);
                Ok(())
            }
        }
    }

    /// Whether this command waits.
    pub(crate) fn holds(&self, driver: &DriverId, command: &CommandId) -> bool {
        self.waiting.get(driver).is_some_and(|waiting| waiting.iter().any(|held| held.id == *command))
    }

    /// The driver is online: what waited for it, in order. Nothing waits for it any more.
    pub(crate) fn release(&mut self, driver: &DriverId) -> Vec<DriverCommand> {
        self.waiting.remove(driver).unwrap_or_default()
    }
}

fn is_person(cause: &Cause) -> bool {
    matches!(cause, Cause::Person { .. })
}
