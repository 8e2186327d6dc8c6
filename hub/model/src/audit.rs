//! The audit log: who did what that is to be found again. Append-only; each entry is chained to the one before.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What somebody did, or tried to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When, by the hub's clock.
    pub at: Timestamp,
    /// The account, `local` for whoever sits at the hub, `unknown` for a stranger, `hub` for the hub itself.
    pub who: Arc<str>,
    /// By what: `api`, `cli`, `file`.
    pub via: Arc<str>,
    /// From which address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Arc<str>>,
    /// What was done, a stable word like `login`.
    pub action: Arc<str>,
    /// To what: the id of a thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<Arc<str>>,
    /// How it went: `ok`, `refused`.
    pub outcome: Arc<str>,
    /// More in words, without secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Arc<str>>,
}

/// An entry with its place in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRecord {
    /// Counts up without a gap.
    pub number: u64,
    /// The entry.
    pub entry: AuditEntry,
}

/// Which entries are wanted, newest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AuditQuery {
    /// Only those before this number.
    pub before: Option<u64>,
    /// So many at most.
    pub limit: usize,
}

/// What a check of the chain found.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct AuditCheck {
    /// How many entries there are.
    pub entries: u64,
    /// The oldest that is kept; none = there are none.
    pub first: Option<u64>,
    /// The first entry that is not what was written, or is missing; none = the chain is whole.
    pub broken_at: Option<u64>,
}
