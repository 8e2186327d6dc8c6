//! What the hub keeps.
//!
//! Two promises, two places. What is **promised** (people's settings, devices, rules, commands) is in `core.db` before
//! anybody is told that it is. **History** (every change, every press of a button) is batched, and at most one batch is
//! lost by a power cut: it goes to `history.journal`, a file of fixed size that is overwritten in place and costs the
//! card next to nothing, and from there, sealed into compressed columns, to `history.db`. How commands ended goes the
//! same way, and from the journal to `core.db`. Decisions of rules go to the journal too, but at once.
//!
//! ```text
//!  commit ──┐               ┌─► core.db ──────────► core.db.snapshot (verified)
//!  decide ──┼─► staging ─► writer
//!  record ──┘   (bounded)   └─► history.journal ──► history.db (chunks, then sums)
//! ```
//!
//! **Invariant:** one thread writes. Handing over never waits for it; reading uses connections of its own. Nothing that
//! is read from the disk is believed without its checksum, and nothing damaged keeps the hub from starting.

mod bytes;
pub mod chunk;
mod coding;
pub mod journal;
mod series;

mod error;
mod files;
mod options;
mod sqlite;

mod audit;
mod core_database;
mod counter;
mod decisions;
mod life;
mod repair;
mod revisions;
mod rows;
mod unsealed;

mod aggregate;
mod archive;
mod history_database;
mod journal_file;
mod last_known;
mod newest;
mod query;
mod recorded;
mod salvage;

mod health;
mod asking;
mod core_writer;
mod history_writer;
mod open;
mod retention;
mod staging;
mod store;
mod wear;
mod writer;

pub use bytes::Malformed;
pub use error::{HistoryError, OpenError, ReadError};
pub use options::{Options, Synchronous};
pub use series::{SeriesKey, SeriesKind, StoredSample, sample_of};
pub use staging::Done;
pub use store::{Store, StoreHandle};
pub use unsealed::EndedCommand;
