//! Rules.
//!
//! A rule is a document ([`document`]) that people write in YAML and programs in JSON: one tree, two spellings. The
//! [`engine`] runs rules: given an event or the time, it says what to do. It reads no clock, does no I/O, draws no
//! random number and depends on no hash order, so that a recorded day played again leads to the same decisions.

pub mod world;
pub mod document;
pub mod engine;

pub use engine::{Action, Engine, Input, RuleStatus, Settings, Start};
pub use world::World;
