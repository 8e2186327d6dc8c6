//! Simulated devices: a demo home that lives by the clock it is given, and a bus that tests play on.
//!
//! [`VirtualDriver`] is a driver like any other: a pure machine over a link. The bus behind the link is a wire of
//! memory whose other end, [`VirtualBus`], presses buttons, sets sensors and pulls cables. All time comes from the
//! driver's clock and all chance from a seed, so that the same day can be lived twice.
//!
//! **Invariant:** nothing here knows which hub it runs in; a virtual device is seen only through the driver interface.

mod blind;
mod catalogue;
mod commands;
mod demo;
mod driver;
mod home;
mod life;
mod machine;
mod manage;
mod pairing;
mod random;

pub use catalogue::Model;
pub use demo::{demo_areas, demo_devices};
pub use driver::{Stimulus, VirtualBus, VirtualDriver};
pub use home::Placement;
pub use machine::VirtualMachine;
