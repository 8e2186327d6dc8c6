//! What can go wrong at opening and reading.

use std::io;
use std::path::PathBuf;

/// The store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or used.
    #[error("the data folder {} cannot be used: {source}; check the path, its owner and the card's mount", path.display())]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A newer program wrote it.
    #[error(
        "{file} was written by a newer Hearth (version {found}, this one knows up to {known}); install that version again or restore a backup made before it"
    )]
    Newer {
        /// Which file.
        file: &'static str,
        /// Its version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Another program has it open.
    #[error("{file} is in use: another Hearth runs on the same data folder; stop it first")]
    InUse {
        /// Which file.
        file: &'static str,
    },
    /// The database cannot be used and not be mended either.
    #[error("{file} cannot be opened: {source}; check the card, or restore a backup")]
    Database {
        /// Which file.
        file: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The writer thread could not be started.
    #[error("the store's thread could not be started: {source}")]
    Thread {
        /// What the system said.
        source: io::Error,
    },
}

/// History could not be read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// No such time zone.
    #[error("history by days needs a time zone: {source}")]
    Zone {
        /// What is wrong.
        #[from]
        source: hub_model::zone::UnknownZone,
    },
    /// The database could not be read.
    #[error("history could not be read: {source}; check the card")]
    Database {
        /// What SQLite said.
        #[from]
        source: rusqlite::Error,
    },
}

/// Records (revisions, the audit log) could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database could not be read.
    #[error("records could not be read: {source}; check the card")]
    Database {
        /// What SQLite said.
        #[from]
        source: rusqlite::Error,
    },
    /// The database is not there, or cannot be opened.
    #[error("records could not be read: {source}")]
    Unopened {
        /// Why.
        #[from]
        source: OpenError,
    },
    /// The store has too much to do or is stopping.
    #[error("the store is busy or stopping; try again")]
    Busy,
}
