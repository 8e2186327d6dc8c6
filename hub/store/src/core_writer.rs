//! The part of the writer that keeps what is promised.

use std::sync::Arc;

use hub_model::record::{Change, Decision, KeepError, Kept, Record, RecordKey};
use hub_model::zone::Zone;

use crate::core_database::{CoreDatabase, WriteError};
use crate::files;
use crate::repair;
use crate::rows;
use crate::sqlite;
use crate::staging::Done;
use crate::writer::Writer;

impl Writer {
    /// Commits everything that waits in one transaction, then answers.
    pub(crate) fn commit_step(&mut self, commits: Vec<(Vec<Change>, Done)>) {
        if commits.is_empty() {
            return;
        }
        let changes: Vec<&[Change]> = commits.iter().map(|(changes, _)| changes.as_slice()).collect();
        let result = self.commit_all(&changes);
        match &result {
            Ok(()) => self.after_commit(&changes),
            Err(error) => tracing::warn!(%error, "A change could not be kept."),
        }
        for (_, done) in commits {
            done(result.clone());
        }
    }

    fn commit_all(&mut self, changes: &[&[Change]]) -> Result<(), KeepError> {
        for attempt in 1.. {
            self.regain_core()?;
            let wall = self.shared.clock.now().wall;
            let Some(core) = &mut self.core else { return Err(KeepError::Busy) };
            let error = match core.commit(changes, wall, &self.shared.options) {
                Ok(()) => break,
                Err(WriteError::Form(error)) => return Err(KeepError::Unusable { detail: error.to_string().into() }),
                Err(WriteError::Database(error)) => error,
            };
            tracing::warn!(%error, attempt, "Writing records failed.");
            if sqlite::is_full(&error) {
                self.make_room();
                if attempt > 1 {
                    return Err(KeepError::Full);
                }
            } else if attempt > 1 {
                return Err(self.judge(&error.to_string()));
            } else {
                self.reopen_core();
            }
        }
        self.note_recovery();
        Ok(())
    }

    fn after_commit(&mut self, changes: &[&[Change]]) {
        let now = self.shared.clock.now();
        for change in changes.iter().copied().flatten() {
            match change {
                Change::Put(Record::Home(home)) => {
                    if let Ok(zone) = Zone::named(&home.time_zone) {
                        self.shared.wear().set_zone(zone, now.time());
                    }
                }
                Change::Remove(RecordKey::Device(device)) => {
                    self.shared.staging().removed(device.clone(), now.time(), now.mono);
                }
                _ => {}
            }
        }
        let mut ended: Vec<Decision> =
            changes.iter().flat_map(|changes| self.unsealed.decisions.ended_by(changes, now.time())).collect();
        if !ended.is_empty() {
            self.shared.staging().decisions.append(&mut ended);
        }
        let changed = self.core.as_ref().is_some_and(|core| core.changed);
        if changed && self.snapshot_at.is_none() {
            let soon = now.mono.plus(self.shared.options.first_snapshot);
            self.snapshot_at = Some(soon.max(self.snapshot_not_before));
        }
    }

    /// Says in words why something failed: the folder is asked.
    fn judge(&self, said: &str) -> KeepError {
        let probed = self.shared.folder.probe();
        let mut health = self.shared.health();
        match probed {
            Err(error) if files::is_read_only(&error) => {
                health.read_only = true;
                KeepError::ReadOnly
            }
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                health.full = true;
                KeepError::Full
            }
            probed => {
                let detail: Arc<str> = probed.err().map_or_else(|| said.to_owned(), |error| error.to_string()).into();
                health.gone = Some(detail.clone());
                KeepError::Unusable { detail }
            }
        }
    }

    /// Closes `core.db`, asks whether the folder is alive, and opens it anew with all checks.
    fn reopen_core(&mut self) {
        let Some(core) = self.core.take() else { return };
        let now = self.shared.clock.now().time();
        match core.reopen(&self.shared.folder, &self.shared.options, now) {
            Ok((core, findings)) => {
                if let Some(finding) = findings.into_iter().next() {
                    self.shared.health().mended = Some(finding);
                }
                self.take_core(core);
            }
            Err(error) => tracing::error!(%error, "The database of records could not be opened again."),
        }
    }

    /// Opens `core.db` if it is not open: the folder could not be written before, or was gone.
    fn regain_core(&mut self) -> Result<(), KeepError> {
        if self.core.is_some() {
            return Ok(());
        }
        if self.shared.folder.probe().is_err() {
            return Err(self.judge("the folder cannot be written"));
        }
        let now = self.shared.clock.now().time();
        let opened = repair::open_core(&self.shared.folder, self.shared.options.synchronous, now);
        let opened = opened.map_err(|error| self.judge(&error.to_string()))?;
        let mut kept = Kept::default();
        rows::gather(&opened.rows, &mut kept);
        if let Some(finding) = opened.findings.first() {
            self.shared.health().mended = Some(finding.clone());
        }
        self.take_core(CoreDatabase::new(opened.connection, &kept.commands));
        if self.core.is_none() {
            return Err(self.judge("the database of records cannot be written"));
        }
        Ok(())
    }

    fn take_core(&mut self, core: CoreDatabase) {
        // A mended database may say that the last stop was clean.
        match core.write_life(&self.life) {
            Ok(()) => self.core = Some(core),
            Err(error) => tracing::error!(%error, "The database of records could not be written."),
        }
    }
}
