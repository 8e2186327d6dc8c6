//! The local socket: whoever may open it (the Unix group `hearth`) is let in.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

/// The socket could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Another hub answers there.
    #[error(
        "another hub runs already and answers at {0}; stop it, or give this one another [hub] socket and data folder"
    )]
    Taken(PathBuf),
    /// None of the places can be used.
    #[error("the local socket cannot be made at {place} ({source}); make the folder writable or set [hub] socket")]
    Unusable {
        /// The last place that was tried.
        place: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Listens at the first of `places` that can be used: one that another hub answers at, or in a folder that cannot be
/// written, is passed over. A socket that nobody answers at is left over and replaced.
pub fn bind(places: &[PathBuf]) -> Result<(UnixListener, PathBuf), SocketError> {
    let mut last = None;
    for place in places {
        match bind_at(place) {
            Ok(listener) => return Ok((listener, place.clone())),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = Some(SocketError::Taken(place.clone())),
            Err(source) => last = Some(SocketError::Unusable { place: place.clone(), source }),
        }
    }
    Err(last.unwrap_or_else(|| SocketError::Unusable { place: PathBuf::new(), source: io::ErrorKind::NotFound.into() }))
}

fn bind_at(place: &Path) -> io::Result<UnixListener> {
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if std::fs::symlink_metadata(place).is_ok() {
        if std::os::unix::net::UnixStream::connect(place).is_ok() {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        std::fs::remove_file(place)?;
    }
    let listener = UnixListener::bind(place)?;
    std::fs::set_permissions(place, Permissions::from_mode(0o660))?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_left_over_socket_is_replaced_and_a_living_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("run/hearth.sock");
        let (listener, bound) = bind(std::slice::from_ref(&place)).unwrap();
        assert_eq!(bound, place);
        assert_eq!(std::fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o660);
        assert!(matches!(bind(std::slice::from_ref(&place)), Err(SocketError::Taken(_))));
        let other = folder.path().join("other.sock");
        assert_eq!(bind(&[place.clone(), other.clone()]).unwrap().1, other);
        drop(listener);
        assert_eq!(bind(std::slice::from_ref(&place)).unwrap().1, place);
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(matches!(bind(&[file.join("hearth.sock")]), Err(SocketError::Unusable { .. })));
    }
}
