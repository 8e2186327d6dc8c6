//! The words of Hearth.
//!
//! One vocabulary for drivers, rules, store, API and programs: what a device, an endpoint, an attribute, a value,
//! a state, a command and an event are, and what time it is. Names follow the field's standards (Matter and the
//! Zigbee Cluster Library say *endpoint* and *attribute*; MQTT says *topic*).
//!
//! **Invariant:** this crate does no I/O, reads no clock, starts no thread and depends on no crate of ours.
//!
//! The serde form of these types is the form in which the store keeps them (fields are only ever added, each with a
//! default). What clients see on the wire is defined apart from it, in `hub-api`.

pub mod id;
pub mod name;
pub mod said;
pub mod time;
pub mod zone;
pub mod calendar;
pub mod value;
pub mod color;
pub mod unit;
pub mod attribute;
pub mod attributes;
pub mod device;
pub mod state;
pub mod command;
pub mod event;
pub mod pairing;
pub mod presence;
pub mod household;
pub mod scene;
pub mod notification;
pub mod message;
pub mod history;
pub mod revision;
pub mod audit;
pub mod record;

pub use attribute::{Access, AttributeSchema, Kind};
pub use command::{Command, CommandRequest, CommandStatus};
pub use device::{Capability, Device, Endpoint};
pub use event::{Cause, Event, EventKind};
pub use id::{
    AccountId, AreaId, AttributeName, AutomationId, ChannelId, CommandId, DeviceId, DriverId, EndpointNumber,
    NotificationId, RunId, SceneId, SessionId, TokenId,
};
pub use said::Said;
pub use state::{AttributeState, Availability, Source};
pub use time::{Clock, Monotonic, Now, Timestamp, Trust, Wall};
pub use value::Value;
