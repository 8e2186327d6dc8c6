//! What a node is: found out by asking, kept in the node's own words, so that it is asked once and not again after a
//! restart.
//!
//! [`Known`] is what a node has said. [`queries`] are all questions that follow from that, in their order; the first that
//! was not asked yet is the next. So an interview goes on where it stopped, whatever stopped it.

mod cache;
mod compat;
mod known;
mod lifeline;
mod parameters;
mod queries;
mod security;
#[cfg(test)]
mod tests;
mod values;

pub use cache::CacheError;
pub use known::{Identity, Known};
pub use queries::{Query, Stage, queries};
pub use security::KEYS_ARE_MISSING;
