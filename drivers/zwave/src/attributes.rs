//! From command classes to attributes of the home and back.
//!
//! A report becomes readings ([`reading`]): values of a class, each with its source. One table ([`names`]) says which
//! attribute a source is, and how its values are converted; what it does not name is an attribute of its own, named as
//! in the specification, so that nothing is dropped. What is known of a node ([`Node`]) says which sources it has.
//! Nothing here does input or output, and nothing is sent: wishes and questions become commands, which others wrap and send.

mod action;
mod basic;
mod color;
mod conversion;
mod describe;
mod learn;
mod mapping;
pub mod names;
mod node;
mod notification;
mod own_names;
mod parameter;
mod query;
pub mod reading;
mod report;
mod write;

#[cfg(test)]
mod tests;

pub use basic::{BasicReport, BasicSet};
pub use describe::describe;
pub use node::{Endpoint, Node, Parameter, Role, Setpoint, Tone};
pub use notification::variable;
pub use own_names::slug;
pub(crate) use parameter::is_taken;
pub use query::{queries, sources};
pub use reading::{Native, Property, Reading, Source, meter_key, pair_key};
pub use report::{Report, report, report_readings};
pub use write::{WriteError, commands, wish, without_doubles};
