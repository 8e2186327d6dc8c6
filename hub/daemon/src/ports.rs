//! Joins the store to the ports that core and API have for one.

use std::sync::Arc;

use hub_core::{Archive, ArchiveError, Journal};
use hub_model::audit::{AuditCheck, AuditQuery, AuditRecord};
use hub_model::history::{
    ChangesQuery, HistoryAnswer, HistoryQuery, HistoryRecord, RecordedChange, TraceQuery, TraceRecord,
};
use hub_model::record::{Change, Decision, KeepError, Kept, StoreStatus};
use hub_model::revision::{ListedRevision, RevisedKind, Revision, RevisionQuery};
use hub_model::{Clock, Timestamp};
use hub_store::{HistoryError, OpenError, Options, Store, StoreHandle, Synchronous};

use crate::config;
use crate::plan::Plan;

/// Opens the store as the plan wants it.
pub fn open(plan: &Plan, clock: Arc<dyn Clock>) -> Result<(Store, Kept), OpenError> {
    let history = &plan.config.history;
    let options = Options {
        history_batch: history.batch(),
        history_days: u32::from(history.days),
        history_max_bytes: u64::from(history.size_limit_mb) * 1_000_000,
        synchronous: match plan.config.store.synchronous {
            config::Synchronous::Full => Synchronous::Full,
            config::Synchronous::Normal => Synchronous::Normal,
        },
        ..Options::default()
    };
    Store::open(&plan.data, clock, options)
}

/// The store as the core writes to it and the API reads from it.
#[derive(Clone, Debug)]
pub struct StorePort(pub StoreHandle);

impl Journal for StorePort {
    fn commit(&mut self, changes: Vec<Change>, kept: Box<dyn FnOnce(Result<(), KeepError>) + Send>) {
        self.0.commit(changes, kept);
    }

    fn decide(&mut self, decision: Decision) {
        self.0.decide(decision);
    }

    fn record(&mut self, record: HistoryRecord) {
        self.0.record(record);
    }

    fn alive(&mut self, time: Timestamp, seq: u64) {
        self.0.alive(time, seq);
    }
}

impl Archive for StorePort {
    fn history(&self, query: &HistoryQuery) -> Result<HistoryAnswer, ArchiveError> {
        self.0.history(query).map_err(unreadable)
    }

    fn changes(&self, query: &ChangesQuery) -> Result<Vec<RecordedChange>, ArchiveError> {
        self.0.changes(query).map_err(unreadable)
    }

    fn traces(&self, query: &TraceQuery) -> Result<Vec<TraceRecord>, ArchiveError> {
        self.0.traces(query).map_err(unreadable)
    }

    fn revisions(&self, query: &RevisionQuery) -> Result<Vec<ListedRevision>, ArchiveError> {
        self.0.revisions(query).map_err(|error| ArchiveError { detail: error.to_string().into() })
    }

    fn revision(&self, kind: RevisedKind, id: &str, number: u64) -> Result<Option<Revision>, ArchiveError> {
        self.0.revision(kind, id, number).map_err(|error| ArchiveError { detail: error.to_string().into() })
    }

    fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, ArchiveError> {
        self.0.audit(query).map_err(|error| ArchiveError { detail: error.to_string().into() })
    }

    fn check_audit(&self) -> Result<AuditCheck, ArchiveError> {
        self.0.check_audit().map_err(|error| ArchiveError { detail: error.to_string().into() })
    }

    fn recorded(
        &self,
        from: Timestamp,
        to: Timestamp,
        take: &mut dyn FnMut(HistoryRecord) -> bool,
    ) -> Result<(), ArchiveError> {
        self.0.recorded(from, to, take).map_err(|error| ArchiveError { detail: error.to_string().into() })
    }

    fn status(&self) -> StoreStatus {
        self.0.status()
    }
}

fn unreadable(error: HistoryError) -> ArchiveError {
    ArchiveError { detail: error.to_string().into() }
}
