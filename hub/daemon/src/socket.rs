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
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    if std::os::unix::net::UnixStream::connect(place).is_ok() {
        return Err(io::ErrorKind::AddrInUse.into());
    }
    // Made where nobody else gets to, and moved when only the group may open it: between the two calls it is as open as
    // the umask says, and who opens it is the owner.
    let closed = tempfile::Builder::new().prefix(".h").permissions(Permissions::from_mode(0o700)).tempdir_in(folder)?;
    let made = closed.path().join("s");
    let listener = UnixListener::bind(&made)?;
    std::fs::set_permissions(&made, Permissions::from_mode(0o660))?;
    std::fs::rename(&made, place)?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn it_is_never_more_open_than_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("hearth.sock");
        let done = AtomicBool::new(false);
        let seen = std::thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                let mut seen = std::collections::BTreeSet::new();
                while !done.load(Ordering::Relaxed) {
                    seen.extend(std::fs::metadata(&place).map(|found| found.permissions().mode() & 0o777));
                }
                seen
            });
            for _ in 0..2_000 {
                drop(bind(std::slice::from_ref(&place)).unwrap());
                std::fs::remove_file(&place).unwrap();
            }
            done.store(true, Ordering::Relaxed);
            watcher.join().unwrap()
        });
        assert!(seen.iter().all(|mode| *mode == 0o660), "{seen:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing else is left");
    }

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
