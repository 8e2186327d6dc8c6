//! The files of certificates: written whole or not at all, and never lost silently.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use super::TlsError;

/// Only for the hub.
pub(crate) const PRIVATE_MODE: u32 = 0o600;
/// For everybody who gets into the folder.
pub(crate) const PUBLIC_MODE: u32 = 0o644;
/// The largest file that is read.
const FILE_MAX: u64 = 256 * 1024;

/// The text of a file; none if it is not there.
pub(crate) fn read(file: &Path) -> Result<Option<String>, TlsError> {
    match read_bounded(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(TlsError::Read { file: file.to_owned(), source }),
    }
}

fn read_bounded(file: &Path) -> io::Result<String> {
    let opened = File::open(file)?;
    let mut text = String::new();
    io::Read::read_to_string(&mut io::Read::take(opened, FILE_MAX + 1), &mut text)?;
    if text.len() as u64 > FILE_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is too large"));
    }
    Ok(text)
}

/// Writes a file so that a power cut leaves the old one or the new one: beside it, to the disk, and then in its place.
pub(crate) fn write(file: &Path, text: &str, mode: u32) -> Result<(), TlsError> {
    let written = || {
        let folder = file.parent().unwrap_or(Path::new("."));
        if !folder.is_dir() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let beside = file.with_extension("new");
        // What an interrupted write left has the mode of that time.
        match std::fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut output = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
        output.write_all(text.as_bytes())?;
        output.sync_all()?;
        std::fs::rename(&beside, file)?;
        File::open(folder)?.sync_all()
    };
    written().map_err(|source| TlsError::Write { file: file.to_owned(), source })
}

/// Gives a file another name, where it is out of the way and can still be looked at.
pub(crate) fn set_aside(file: &Path) -> Result<(), TlsError> {
    let aside = file.with_extension("damaged");
    std::fs::rename(file, &aside).map_err(|source| TlsError::Write { file: file.to_owned(), source })?;
    tracing::warn!(file = %file.display(), kept_as = %aside.display(), "A certificate's file was damaged and is made anew.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_whole_and_has_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tls/authority.key");
        assert_eq!(read(&file).unwrap(), None);
        std::fs::create_dir(folder.path().join("tls")).unwrap();
        // An interrupted write, open to all.
        std::fs::write(file.with_extension("new"), "half").unwrap();
        for text in ["one", "two"] {
            write(&file, text, PRIVATE_MODE).unwrap();
            assert_eq!(read(&file).unwrap().as_deref(), Some(text));
        }
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, PRIVATE_MODE);
        set_aside(&file).unwrap();
        assert!(!file.exists() && folder.path().join("tls/authority.damaged").exists());
    }

    #[test]
    fn an_endless_file_is_not_read_to_its_end() {
        assert!(matches!(read(Path::new("/dev/zero")), Err(TlsError::Read { .. })));
    }
}
