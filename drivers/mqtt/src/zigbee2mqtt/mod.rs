//! The dialect of zigbee2mqtt 2.x; what 1.x said otherwise is understood.
//!
//! [`Zigbee2Mqtt`] is the machine: messages and requests in, messages and events out, no I/O. It follows these rules:
//!
//! - **Devices.** `bridge/devices` is the only truth about devices, `bridge/groups` about groups. They are compared by
//!   address; names are labels and parts of topics. While they are absent, what was known stays.
//! - **Topics.** A topic belongs to the longest known name that it starts with: a device may be called
//!   `x/availability`. What comes before the names are known is held for a moment, up to a bound.
//! - **Origins.** A retained state is the newest that there was before the subscription; what the bridge repeats from its
//!   cache when it starts may be older than what was heard live. Neither is news; all other states are live.
//! - **Confirmation.** `/set` has no answer. The first state that shows a wish is the bridge saying that its conversion
//!   succeeded (`echo`); every later one is a report of the device. An error in `bridge/logging` fails the command.
//! - **Commands** go to `<base>/<address>/set`, one JSON object, at most once; without link or bridge they fail at once.

mod codec;
pub mod decode;
pub mod definition;
mod describe;
pub mod encode;
mod endpoints;
mod group;
pub mod inspect;
pub mod mapping;
pub mod names;
mod network;
mod schema;

mod availability;
mod bridge;
mod commands;
mod early;
mod logging;
mod machine;
mod manage;
mod outbox;
mod pairing;
mod reads;
mod registry;
mod requests;
mod states;
mod status;
mod topics;
mod unlisted;

pub mod fuzz;

pub use machine::{Counters, Zigbee2Mqtt};
