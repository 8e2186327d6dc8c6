//! What the core and the API need of a store, as traits that they own. The daemon joins them to the real one.

use std::sync::Arc;

use hub_model::Timestamp;
use hub_model::audit::{AuditCheck, AuditQuery, AuditRecord};
use hub_model::history::{
    ChangesQuery, HistoryAnswer, HistoryQuery, HistoryRecord, RecordedChange, TraceQuery, TraceRecord,
};
use hub_model::record::{Change, Decision, KeepError, StoreStatus};
use hub_model::revision::{ListedRevision, RevisedKind, Revision, RevisionQuery};

/// Called once the changes are on the disk, or cannot be. From any thread.
pub type Kept = Box<dyn FnOnce(Result<(), KeepError>) + Send>;

/// Where the core writes to. No method waits: each hands over and returns.
pub trait Journal: Send + 'static {
    /// Keeps changes for good, all or none. `kept` is called after they are on the disk.
    fn commit(&mut self, changes: Vec<Change>, kept: Kept);
    /// Keeps a decision of a rule promptly, without an answer.
    fn decide(&mut self, decision: Decision);
    /// Adds to history: batched, at most one batch is lost by a power cut.
    fn record(&mut self, record: HistoryRecord);
    /// Writes down how far the clock and the event numbers are, with the next batch; at most once a minute.
    fn alive(&mut self, time: Timestamp, seq: u64);
}

/// Where the API reads from. Methods block on the disk: call them on a blocking thread.
pub trait Archive: Send + Sync + 'static {
    /// A stretch of history.
    fn history(&self, query: &HistoryQuery) -> Result<HistoryAnswer, ArchiveError>;
    /// What happened to one thing, with what caused it, newest first.
    fn changes(&self, query: &ChangesQuery) -> Result<Vec<RecordedChange>, ArchiveError>;
    /// The traces of a rule, newest first if nothing else is asked.
    fn traces(&self, query: &TraceQuery) -> Result<Vec<TraceRecord>, ArchiveError>;
    /// A list of revisions, the newest first.
    fn revisions(&self, query: &RevisionQuery) -> Result<Vec<ListedRevision>, ArchiveError>;
    /// One revision of a thing; none if it is not kept (any more).
    fn revision(&self, kind: RevisedKind, id: &str, number: u64) -> Result<Option<Revision>, ArchiveError>;
    /// A list of entries of the audit log, the newest first.
    fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, ArchiveError>;
    /// Checks that nobody changed the audit log.
    fn check_audit(&self) -> Result<AuditCheck, ArchiveError>;
    /// Everything that happened from `from` (included) to `to` (excluded), oldest first, and before it, in no order of
    /// time, the last value of everything from before `from`. `take` ends it with false. Memory is bounded, time is not:
    /// end it.
    fn recorded(
        &self,
        from: Timestamp,
        to: Timestamp,
        take: &mut dyn FnMut(HistoryRecord) -> bool,
    ) -> Result<(), ArchiveError>;
    /// How the store is.
    fn status(&self) -> StoreStatus;
}

/// History, revisions or the audit log could not be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{detail}")]
pub struct ArchiveError {
    /// What could not be read and why.
    pub detail: Arc<str>,
}
