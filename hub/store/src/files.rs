//! The data folder and its files.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Promised records.
pub(crate) const CORE: &str = "core.db";
/// The verified copy of the promised records.
pub(crate) const SNAPSHOT: &str = "core.db.snapshot";
/// Mended records, complete, about to take the place of the damaged ones.
pub(crate) const RESTORED: &str = "core.db.restored";
/// Sealed history.
pub(crate) const HISTORY: &str = "history.db";
/// The newest history and decisions.
pub(crate) const JOURNAL: &str = "history.journal";
/// Room to work with when the disk is full.
pub(crate) const BALLAST: &str = "ballast";
const PROBE: &str = ".probe";
/// Damaged files set aside, of each name.
const DAMAGED_KEPT: usize = 3;

/// The folder that everything is in.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Records of a home were found or made in it.
    inhabited: Arc<AtomicBool>,
}

impl Folder {
    /// Makes the folder if it is missing; only its owner may look into it.
    pub(crate) fn make(path: &Path) -> io::Result<Self> {
        if !path.is_dir() {
            DirBuilder::new().recursive(true).mode(0o700).create(path)?;
            if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                sync_directory(parent)?;
            }
        }
        Ok(Self { path: path.to_owned(), inhabited: Arc::default() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether a file is there. A disk that does not say is taken to have it: nothing is made anew on a guess.
    pub(crate) fn exists(&self, name: &str) -> bool {
        self.file(name).try_exists().unwrap_or(true)
    }

    /// From now on it is known that a home's records are in it. Without them it is not the same folder: a card that is
    /// pulled leaves the empty folder that it was mounted on.
    pub(crate) fn inhabit(&self) {
        self.inhabited.store(true, Ordering::Release);
    }

    /// Whether a file is missing or has nothing in it.
    pub(crate) fn is_empty(&self, name: &str) -> bool {
        fs::metadata(self.file(name)).map_or_else(|error| error.kind() == ErrorKind::NotFound, |file| file.len() == 0)
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        sync_directory(&self.path)
    }

    /// Whether the folder is there, is the home's and can be written and read: asked of the disk, not of what is
    /// remembered.
    pub(crate) fn probe(&self) -> io::Result<()> {
        let has_records = [CORE, SNAPSHOT, RESTORED].iter().any(|name| self.exists(name));
        if self.inhabited.load(Ordering::Acquire) && !has_records {
            return Err(io::Error::new(ErrorKind::NotFound, "the home's records are not in it"));
        }
        let path = self.file(PROBE);
        let mut file = create(&path)?;
        file.write_all(b"probe")?;
        file.sync_data()?;
        drop(file);
        let found = fs::read(&path)?;
        fs::remove_file(&path)?;
        if found == b"probe" {
            Ok(())
        } else {
            Err(io::Error::new(ErrorKind::InvalidData, "it reads other than written"))
        }
    }

    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.file(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Puts a finished file in the place of another, for good.
    pub(crate) fn replace(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.file(from), self.file(to))?;
        self.sync()
    }

    /// A temporary file of this name, gone if it was there.
    pub(crate) fn temporary(&self, name: &str) -> io::Result<String> {
        let name = format!("{name}.new");
        for suffix in ["", "-wal", "-shm", "-journal"] {
            self.remove(&format!("{name}{suffix}"))?;
        }
        Ok(name)
    }

    /// Keeps a copy of a damaged database under another name; the newest few are kept.
    pub(crate) fn set_aside(&self, name: &str, milliseconds: i64) -> io::Result<String> {
        let aside = format!("{name}.damaged-{milliseconds}");
        for suffix in ["", "-wal"] {
            match fs::hard_link(self.file(&format!("{name}{suffix}")), self.file(&format!("{aside}{suffix}"))) {
                Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists) => {
                    return Err(error);
                }
                _ => {}
            }
        }
        let prefix = format!("{name}.damaged-");
        let mut kept: Vec<String> = self.names().into_iter().filter(|name| name.starts_with(&prefix)).collect();
        kept.retain(|name| !name.ends_with("-wal"));
        kept.sort();
        for old in kept.iter().rev().skip(DAMAGED_KEPT) {
            self.remove(old)?;
            self.remove(&format!("{old}-wal"))?;
        }
        Ok(aside)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }

    /// Bytes of all files.
    pub(crate) fn size(&self) -> u64 {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.metadata().ok()).filter(fs::Metadata::is_file).map(|file| file.len()).sum()
    }

    /// Takes the right to read from everybody but the owner.
    pub(crate) fn protect(&self, name: &str) -> io::Result<()> {
        fs::set_permissions(self.file(name), fs::Permissions::from_mode(0o600))
    }

    /// Fills a file with zeros, so that overwriting it later needs no room.
    pub(crate) fn fill(&self, name: &str, length: usize) -> io::Result<()> {
        let temporary = self.temporary(name)?;
        let write = || {
            let mut file = create(&self.file(&temporary))?;
            let zeros = [0u8; 64 * 1024];
            let mut left = length;
            while left > 0 {
                let part = left.min(zeros.len());
                file.write_all(zeros.get(..part).unwrap_or(&zeros))?;
                left -= part;
            }
            file.sync_all()
        };
        if let Err(error) = write() {
            self.remove(&temporary)?;
            return Err(error);
        }
        self.replace(&temporary, name)
    }
}

/// Makes or empties a file that only its owner may read.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Whether an error says that nothing can be written here, though it can be read.
pub(crate) fn is_read_only(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied)
}
