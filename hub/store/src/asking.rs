//! Questions to `core.db`, which the writer alone has open: it answers them between its other work, after the commits
//! that were handed over before.

use std::sync::mpsc::sync_channel;

use hub_model::audit::{AuditCheck, AuditQuery, AuditRecord};
use hub_model::revision::{ListedRevision, RevisedKind, Revision, RevisionQuery};
use rusqlite::Connection;

use crate::audit::{self, Walk};
use crate::error::ReadError;
use crate::files::CORE as CORE_FILE;
use crate::revisions;
use crate::sqlite::{CORE, Refusal};
use crate::store::StoreHandle;
use crate::writer::Writer;

/// So many questions may wait.
pub(crate) const QUESTION_LIMIT: usize = 64;

/// A question, which gives its own answer.
pub(crate) type Question = Box<dyn FnOnce(Result<&Connection, ReadError>) + Send>;

impl StoreHandle {
    /// A list of revisions, the newest first. Blocks on the disk.
    pub fn revisions(&self, query: &RevisionQuery) -> Result<Vec<ListedRevision>, ReadError> {
        let query = query.clone();
        self.ask_core(move |connection| revisions::list(connection, &query))
    }

    /// One revision of a thing; none if it is not kept (any more). Blocks on the disk.
    pub fn revision(&self, kind: RevisedKind, id: &str, number: u64) -> Result<Option<Revision>, ReadError> {
        let id = id.to_owned();
        self.ask_core(move |connection| revisions::one(connection, kind, &id, number))
    }

    /// A list of entries of the audit log, the newest first. Blocks on the disk.
    pub fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, ReadError> {
        let query = *query;
        self.ask_core(move |connection| audit::list(connection, &query))
    }

    /// Checks the chain of the audit log, in steps between which the store does its other work. Blocks on the disk.
    pub fn check_audit(&self) -> Result<AuditCheck, ReadError> {
        let mut walk = Walk::default();
        while !walk.is_done {
            walk = self.ask_core(move |connection| walk.step(connection))?;
        }
        Ok(walk.found)
    }

    fn ask_core<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, ReadError> {
        let (reply, answer) = sync_channel(1);
        self.put_question(Box::new(move |connection| {
            let found = connection.and_then(|connection| question(connection).map_err(ReadError::from));
            // Who asked may have given up.
            drop(reply.send(found));
        }))?;
        answer.recv().unwrap_or(Err(ReadError::Busy))
    }
}

impl Writer {
    /// Answers everything that was asked.
    pub(crate) fn answer(&self, questions: Vec<Question>) {
        if questions.is_empty() {
            return;
        }
        if let Some(core) = &self.core {
            questions.into_iter().for_each(|question| question(Ok(core.connection())));
            return;
        }
        // The folder cannot be written: what lies there can be read.
        for question in questions {
            let opened = CORE.open_read_only(&self.shared.folder, CORE_FILE).map_err(|refusal| match refusal {
                Refusal::Damaged(source) => ReadError::from(source),
                Refusal::Final(error) => ReadError::from(error),
            });
            match opened {
                Ok(connection) => question(Ok(&connection)),
                Err(error) => question(Err(error)),
            }
        }
    }
}
