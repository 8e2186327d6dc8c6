//! What is known of models of devices beyond what they say: names, parameters, associations, texts for people, and where
//! they do not do what the specification says.
//!
//! The table ([`table`]) is part of the program, packed. A model is looked up by its fingerprint (manufacturer, product
//! type, product, version of the firmware); what it needs of the table is unpacked for that, and dropped. It is made by
//! `tests/zwave/device-database.js` of the npm package `@zwave-js/config` (`data/README.md`).

mod compat;
mod condition;
mod model;
mod names;
mod table;

#[cfg(test)]
mod tests;

pub use compat::{
    AddedClass, AlarmMapping, AlarmParameter, Compat, FloatEncoding, NotificationEvent, OverriddenQuery,
    RemappedNotification, RemovedClass, WakeUpQuery,
};
pub use condition::{Comparison, Condition, Operator, Subject};
pub use model::{Choice, Group, Model, Parameter};
pub use table::{find, manufacturer, source};
