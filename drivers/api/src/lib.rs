//! What every driver shares.
//!
//! A driver has three layers. The *codec* turns bytes into frames. The *machine* ([`Machine`]) is the protocol: given
//! what came in, a request or the time, it says what to send and what happened; it does no I/O and reads no clock. The
//! *task* is written once: [`run_machine`] joins a machine, a [`Link`] and the queues of a [`DriverContext`].
//!
//! **Invariant:** no driver knows another driver, the core, the store or the API.

pub mod driver;
pub mod machine;
pub mod network;
pub mod health;
pub mod provisioning;
pub mod link;
pub mod queue;
pub mod run;
pub mod conformance;

pub use driver::{
    CommandProgress, CommandStage, Driver, DriverAbility, DriverCommand, DriverContext, DriverError, DriverEvent,
    DriverRequest, Image, ManageAction, ManageError, Origin, ProvisionAction, Reading, Report, RequestId,
    ZWAVE_ABILITIES,
};
pub use link::{Link, LinkError};
pub use machine::{LinkState, Machine};
pub use run::{WhenFull, run_machine};
