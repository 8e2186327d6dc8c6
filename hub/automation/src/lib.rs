//! Rules.
//!
//! A rule is a document ([`document`]) that people write in YAML and programs in JSON: one tree, two spellings. The
//! home is a [`World`]; [`compile()`] finds in it what a document names, checks every value and makes a [`rule::Rule`]. The
//! [`engine`] runs rules: given an event or the time, it says what to do. It reads no clock, does no I/O, draws no
//! random number and depends on no hash order, so that a recorded day played again leads to the same decisions.

pub mod analysis;
pub mod compile;
pub mod cron;
pub mod describe;
pub mod document;
pub mod engine;
pub mod every;
pub mod expression;
pub mod replay;
pub mod rule;
pub mod sun;
pub mod trace;
pub mod wall;
pub mod why_not;
pub mod world;

pub use compile::compile;
pub use document::{Document, Finding};
pub use engine::{Action, Engine, Facts, Input, RuleStatus, Settings, Start};
pub use world::{Seen, World};
