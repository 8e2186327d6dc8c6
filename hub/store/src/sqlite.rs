//! Opening and migrating SQLite databases.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::OpenError;
use crate::files::Folder;
use crate::options::Synchronous;

/// No program will ever write a greater version: it is a flipped bit.
const VERSION_LIMIT: i64 = 1_000;

/// Pages kept in memory, in KiB (negative, as SQLite has it): what is read at the start is not needed again.
const CACHE_SIZE: i64 = -400;

/// One database of ours.
#[derive(Debug)]
pub(crate) struct Schema {
    /// The file's name.
    pub(crate) file: &'static str,
    /// Numbered migrations; the first makes version 1 of an empty database.
    pub(crate) migrations: &'static [&'static str],
    /// Only this process uses it: no shared-memory file, and a second process is refused.
    pub(crate) exclusive: bool,
}

/// The promised records.
pub(crate) const CORE: Schema = Schema {
    file: crate::files::CORE,
    migrations: &[
        include_str!("../migrations/core/0001_records.sql"),
        include_str!("../migrations/core/0002_revisions.sql"),
        include_str!("../migrations/core/0003_audit.sql"),
    ],
    exclusive: true,
};

/// Sealed history.
pub(crate) const HISTORY: Schema = Schema {
    file: crate::files::HISTORY,
    migrations: &[include_str!("../migrations/history/0001_chunks.sql")],
    exclusive: false,
};

/// Why a database was not opened.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It looks damaged. So does a file on a card that was pulled.
    Damaged(rusqlite::Error),
    /// Not to be mended.
    Final(OpenError),
}

impl Schema {
    /// The version that this program writes.
    pub(crate) fn version(&self) -> i64 {
        self.migrations.len() as i64
    }

    fn refuse(&self, error: rusqlite::Error) -> Refusal {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Refusal::Damaged(error),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Refusal::Final(OpenError::InUse { file: self.file })
            }
            _ => Refusal::Final(OpenError::Database { file: self.file, source: error }),
        }
    }

    /// Opens an existing database for writing and brings it to the newest version.
    pub(crate) fn open(&self, folder: &Folder, synchronous: Synchronous) -> Result<Connection, Refusal> {
        let connect = || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(folder.file(self.file), flags)?;
            self.prepare(&connection, synchronous)?;
            let version = version_of(&connection)?;
            Ok((connection, version))
        };
        let (mut connection, version) = connect().map_err(|error| self.refuse(error))?;
        if !(1..=VERSION_LIMIT).contains(&version) {
            // A database takes its name only when it is complete: an empty one is what is left of a damaged one.
            return Err(Refusal::Damaged(damage("its version makes no sense")));
        }
        self.refuse_newer(version).map_err(Refusal::Final)?;
        self.migrate(&mut connection, version).map_err(|error| self.refuse(error))?;
        Ok(connection)
    }

    /// Makes a new database under a temporary name; `fill` puts in what belongs in it. The caller renames it once it is
    /// complete, so that a power cut never leaves half a database.
    pub(crate) fn create(
        &self,
        folder: &Folder,
        fill: &dyn Fn(&mut Connection) -> rusqlite::Result<()>,
    ) -> Result<String, OpenError> {
        let unusable = |source| OpenError::Folder { path: folder.path().to_owned(), source };
        let name = folder.temporary(self.file).map_err(unusable)?;
        let file = crate::files::create(&folder.file(&name)).map_err(unusable)?;
        let build = || {
            let mut connection = Connection::open(folder.file(&name))?;
            connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
            self.prepare(&connection, Synchronous::Full)?;
            self.migrate(&mut connection, 0)?;
            fill(&mut connection)?;
            connection.close().map_err(|(_, error)| error)
        };
        build().map_err(|source| OpenError::Database { file: self.file, source })?;
        file.sync_all().map_err(unusable)?;
        Ok(name)
    }

    fn prepare(&self, connection: &Connection, synchronous: Synchronous) -> rusqlite::Result<()> {
        if self.exclusive {
            connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        } else {
            connection.busy_timeout(std::time::Duration::from_secs(5))?;
        }
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(
            None,
            "synchronous",
            match synchronous {
                Synchronous::Full => "FULL",
                Synchronous::Normal => "NORMAL",
            },
        )?;
        connection.pragma_update(None, "journal_size_limit", 4 * 1024 * 1024)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "cache_size", CACHE_SIZE)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(())
    }

    fn migrate(&self, connection: &mut Connection, from: i64) -> rusqlite::Result<()> {
        for (version, sql) in (1i64..).zip(self.migrations).filter(|(version, _)| *version > from) {
            let transaction = connection.transaction()?;
            transaction.execute_batch(sql)?;
            transaction.pragma_update(None, "user_version", version)?;
            transaction.commit()?;
            tracing::info!(file = self.file, version, "Brought the database to a new version.");
        }
        Ok(())
    }

    fn refuse_newer(&self, found: i64) -> Result<(), OpenError> {
        let known = self.version();
        if found > known { Err(OpenError::Newer { file: self.file, found, known }) } else { Ok(()) }
    }

    /// Opens for reading while the writer has it open too.
    pub(crate) fn open_reader(&self, folder: &Folder) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(folder.file(self.file), flags)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?;
        Ok(connection)
    }

    /// Opens for reading what lies in a folder that cannot be written. The write-ahead log is read too, which usually
    /// needs a shared-memory file: without locks and with sole use it does not. A clean stop leaves no log, and none
    /// can be made: then the file is opened as one that nobody changes.
    pub(crate) fn open_read_only(&self, folder: &Folder, name: &str) -> Result<Connection, Refusal> {
        let connect = || {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = if folder.is_empty(&format!("{name}-wal")) {
                Connection::open_with_flags(immutable(&folder.file(name)), flags | OpenFlags::SQLITE_OPEN_URI)?
            } else {
                let connection = Connection::open_with_flags_and_vfs(folder.file(name), flags, c"unix-none")?;
                connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
                connection
            };
            let version = version_of(&connection)?;
            Ok((connection, version))
        };
        let (connection, version) = connect().map_err(|error| self.refuse(error))?;
        self.refuse_newer(version).map_err(Refusal::Final)?;
        Ok(connection)
    }
}

/// The address of a file that nobody changes while it is open.
fn immutable(path: &Path) -> String {
    let mut address = String::from(if path.is_absolute() { "file://" } else { "file:" });
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address + "?immutable=1"
}

fn version_of(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// An error that says what is damaged.
pub(crate) fn damage(text: &str) -> rusqlite::Error {
    let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    rusqlite::Error::SqliteFailure(corrupt, Some(text.chars().take(200).collect()))
}

/// Whether an error looks like damage.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Whether an error says that the disk is full.
pub(crate) fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}
