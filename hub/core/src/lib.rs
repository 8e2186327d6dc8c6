//! One task owns the truth.
//!
//! `Core` is the truth and what changes it: synchronous, pure, told the time. A task gives it queues. Readers
//! get a [`snapshot::Snapshot`], doers a [`handle::CoreHandle`]. What the core needs of a store it asks through the
//! [`ports::Journal`]; it never waits for it.
//!
//! **Invariant:** the core knows no concrete driver, no database and no web server, and waits for no disk, radio or
//! network.

pub mod ports;
mod by_id;
pub mod snapshot;
pub mod handle;
mod household;
pub mod presence;
mod table;
mod commands;
mod answers;
mod core;
mod caught_up;
mod changed;
mod clock_trust;
pub mod permissions;
mod in_force;
mod sight;
mod asking;
mod rule_steps;
mod approvals;
mod deed;
mod alerts;
mod driver_events;
mod driver_memory;
mod dispatch;
mod goes_with;
mod held;
mod prepared;
mod edits;
mod scene_edits;
mod scenes;
mod notifications;
mod messages;
mod pairings;
mod recent_events;
mod parents;
mod refusals;
mod recording;
mod replacement;
mod revisions;
pub mod why;
pub mod lineage;
pub mod energy;
mod supervisor;
mod task;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;

pub use approvals::Plea;
pub use asking::parts_of_home;
pub use by_id::{ById, Identified};
pub use caught_up::{CaughtUp, CaughtUpRun};
pub use core::Randomness;
pub use handle::{CommandError, CoreHandle, Edit, EditError, Edited};
pub use hub_access::Policy;
pub use messages::Telling;
pub use pairings::OpenPairing;
pub use permissions::Permissions;
pub use ports::{Archive, ArchiveError, Journal};
pub use rule_steps::refused_steps;
pub use scene_edits::{DraftState, SceneDraft};
pub use scenes::{ActivatedPart, Activation, SceneError};
pub use snapshot::{AutomationView, DeviceView, DriverView, Snapshot};
pub use supervisor::{DriverFactory, DriverSpec};
pub use task::{CoreParts, Heartbeat, RunningCore, start};
