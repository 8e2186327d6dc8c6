//! `core.db`: everything that is promised.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use hub_model::audit::AuditEntry;
use hub_model::record::{Change, Kept, Record};
use hub_model::revision::RevisionEntry;
use hub_model::{Timestamp, Wall};
use rusqlite::{Connection, TransactionBehavior};

use crate::audit;
use crate::error::OpenError;
use crate::files::Folder;
use crate::life::Life;
use crate::options::Options;
use crate::repair::{self, Opened, SnapshotError};
use crate::revisions;
use crate::rows::{Key, Row, kind};
use crate::unsealed::Unsealed;

const DAY: i64 = 24 * 3_600 * 1_000;

/// The open database of records.
#[derive(Debug)]
pub(crate) struct CoreDatabase {
    connection: Connection,
    commands: Commands,
    /// Changed since the last snapshot, in a way worth another.
    pub(crate) changed: bool,
}

/// The kept commands, oldest first, so that the number of rows stays bounded without looking for the oldest.
#[derive(Debug, Default)]
struct Commands {
    by_age: BTreeSet<(i64, String)>,
    accepted: HashMap<String, i64>,
}

impl Commands {
    fn put(&mut self, id: &str, accepted_at: Timestamp) {
        self.remove(id);
        self.accepted.insert(id.to_owned(), accepted_at.0);
        self.by_age.insert((accepted_at.0, id.to_owned()));
    }

    fn remove(&mut self, id: &str) {
        if let Some(accepted_at) = self.accepted.remove(id) {
            self.by_age.remove(&(accepted_at, id.to_owned()));
        }
    }

    /// Commands that are too many or too old.
    fn surplus(&self, options: &Options, newest: i64) -> Vec<String> {
        let too_many = self.by_age.len().saturating_sub(options.command_limit);
        let too_old = newest.saturating_sub(i64::from(options.command_days) * DAY);
        let surplus = self.by_age.iter().enumerate().take_while(|(index, (at, _))| *index < too_many || *at < too_old);
        surplus.map(|(_, (_, id))| id.clone()).collect()
    }
}

/// A change could not be put into rows, or the rows not into the database.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error("a record could not be put into words: {0}")]
    Form(#[from] serde_json::Error),
    #[error("the database could not be written: {0}")]
    Database(#[from] rusqlite::Error),
}

impl CoreDatabase {
    /// Takes over an opened database and what was read of it.
    pub(crate) fn new(connection: Connection, commands: &[hub_model::Command]) -> Self {
        let mut known = Commands::default();
        commands.iter().for_each(|command| known.put(command.id.as_str(), command.accepted_at));
        Self { connection, commands: known, changed: false }
    }

    /// Keeps all these changes, in one transaction. On success they are on the disk.
    pub(crate) fn commit(&mut self, changes: &[&[Change]], wall: Wall, options: &Options) -> Result<(), WriteError> {
        let mut put_commands = Vec::new();
        let mut removed_commands = Vec::new();
        let mut revised: Vec<&RevisionEntry> = Vec::new();
        let mut audited: Vec<&AuditEntry> = Vec::new();
        let mut worth_a_snapshot = false;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for change in changes.iter().copied().flatten() {
            let key = match change {
                Change::Put(record) => {
                    if let Record::Command(command) = record {
                        put_commands.push((command.id.clone(), command.accepted_at));
                    }
                    let row = Row::of(record)?;
                    row.put(&transaction)?;
                    row.key
                }
                Change::Remove(key) => {
                    let key = Key::of(key);
                    remove(&transaction, &key)?;
                    if key.kind == kind::COMMAND {
                        removed_commands.push(key.id.clone());
                    }
                    key
                }
                Change::Revision(revision) => {
                    revisions::put(&transaction, revision)?;
                    revised.push(&revision.entry);
                    continue;
                }
                Change::Audit(entry) => {
                    audited.push(entry);
                    continue;
                }
            };
            worth_a_snapshot |= repair::is_worth_a_snapshot(&key);
        }
        let newest = put_commands.iter().map(|(_, at)| at.0).max();
        let surplus = newest.map_or_else(Vec::new, |newest| self.commands.surplus(options, newest));
        for id in &surplus {
            remove(&transaction, &Key::record(kind::COMMAND, id))?;
        }
        if !revised.is_empty() {
            revisions::prune(&transaction, revised.iter().copied(), options)?;
        }
        audit::append(&transaction, &audited, wall, options)?;
        transaction.commit()?;
        surplus.iter().chain(&removed_commands).for_each(|id| self.commands.remove(id));
        put_commands.iter().for_each(|(id, at)| self.commands.put(id.as_str(), *at));
        self.changed |= worth_a_snapshot;
        Ok(())
    }

    /// Writes what differs of the decisions and commands.
    pub(crate) fn write_unsealed(&mut self, unsealed: &Unsealed) -> rusqlite::Result<()> {
        let (mut put, removed) = unsealed.decisions.difference();
        put.extend(unsealed.commands.rows(|id| self.commands.accepted.contains_key(id)));
        if put.is_empty() && removed.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        put.iter().try_for_each(|row| row.put(&transaction))?;
        removed.iter().try_for_each(|key| remove(&transaction, key))?;
        transaction.commit()
    }

    /// Adds revisions that are missing, and gives the newest number of each thing.
    pub(crate) fn complete_revisions(&mut self, kept: &mut Kept) -> Result<(), WriteError> {
        revisions::complete(&mut self.connection, kept)?;
        kept.revisions = revisions::newest(&self.connection)?;
        Ok(())
    }

    /// For reading.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Writes down which stretch of life this is.
    pub(crate) fn write_life(&self, life: &Life) -> Result<(), WriteError> {
        Ok(life.row()?.put(&self.connection)?)
    }

    /// Makes the snapshot anew.
    pub(crate) fn take_snapshot(&mut self, folder: &Folder) -> Result<(), SnapshotError> {
        repair::take_snapshot(&self.connection, folder)?;
        self.changed = false;
        Ok(())
    }

    /// Puts the write-ahead log into the database and gives its room back.
    pub(crate) fn checkpoint(&self) -> rusqlite::Result<()> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    /// Closes it, and opens it anew with all its checks. Gives what was mended, in words.
    pub(crate) fn reopen(
        self,
        folder: &Folder,
        options: &Options,
        now: Timestamp,
    ) -> Result<(Self, Vec<Arc<str>>), OpenError> {
        let Self { connection, commands, changed } = self;
        drop(connection);
        let Opened { connection, findings, .. } = repair::open_core(folder, options.synchronous, now)?;
        Ok((Self { connection, commands, changed }, findings))
    }
}

fn remove(connection: &Connection, key: &Key) -> rusqlite::Result<()> {
    connection.prepare_cached(key.table.remove())?.execute((&key.kind, &key.id))?;
    Ok(())
}
