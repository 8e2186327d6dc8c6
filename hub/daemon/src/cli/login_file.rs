//! The login that is kept for a person between two commands: at which hub, and the tokens of the session there.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use hub_model::household::Secret;
use serde::{Deserialize, Serialize};

use super::failure::Failure;

/// For its owner alone.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;
/// What others may do with a file.
const OTHERS: u32 = 0o077;

/// A login at a hub.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Login {
    /// The hub, as it was named.
    pub(crate) host: String,
    /// By what it is recognised, if that was said.
    pub(crate) fingerprint: Option<String>,
    /// Who vouches for it, if that was said.
    pub(crate) ca: Option<PathBuf>,
    /// Who.
    pub(crate) username: String,
    /// Shown with each request, for an hour.
    pub(crate) access_token: Secret,
    /// Gets new tokens, once.
    pub(crate) refresh_token: Secret,
}

/// The file in which it is kept.
#[derive(Clone, Debug)]
pub(crate) struct LoginFile(PathBuf);

impl LoginFile {
    /// The one at this path.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    fn failed(&self, source: std::io::Error) -> Failure {
        Failure::File { file: self.0.clone(), source }
    }

    fn folder(&self) -> &Path {
        self.0.parent().unwrap_or(Path::new("."))
    }

    /// The login; none = nobody is logged in. A file that others can read is not taken: what is in it is no secret any
    /// more.
    pub(crate) fn read(&self) -> Result<Option<Login>, Failure> {
        let file = match File::open(&self.0) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            file => file.map_err(|error| self.failed(error))?,
        };
        let shown = self.0.display();
        let mode = file.metadata().map_err(|error| self.failed(error))?.permissions().mode();
        if mode & OTHERS != 0 {
            return Err(Failure::Usage(format!(
                "others can read {shown}: end the session with `hearth session end`, remove the file and log in again"
            )));
        }
        let login = serde_json::from_reader(file);
        login.map(Some).map_err(|_| Failure::Usage(format!("{shown} is no login; remove it and log in again")))
    }

    /// Keeps a login in the place of the one that is there, whole or not at all.
    pub(crate) fn write(&self, login: &Login) -> Result<(), Failure> {
        self.make_folder()?;
        let text = serde_json::to_vec_pretty(login).map_err(|error| self.failed(error.into()))?;
        // A temporary file is for its owner alone from the beginning.
        let written = tempfile::NamedTempFile::new_in(self.folder()).and_then(|mut file| {
            file.write_all(&text)?;
            file.as_file().sync_all()?;
            file.persist(&self.0).map_err(|error| error.error).map(drop)
        });
        written.map_err(|error| self.failed(error))
    }

    /// Forgets the login.
    pub(crate) fn remove(&self) -> Result<(), Failure> {
        match std::fs::remove_file(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(|error| self.failed(error)),
        }
    }

    /// Waits until no other command changes the login, and keeps others waiting for as long as the answer is there.
    pub(crate) fn lock(&self) -> Result<File, Failure> {
        self.make_folder()?;
        // Not the file itself, which is another one after each change.
        let path = self.0.with_extension("lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(path);
        let locked = file.and_then(|file| file.lock().map(|()| file));
        locked.map_err(|error| self.failed(error))
    }

    fn make_folder(&self) -> Result<(), Failure> {
        let made = DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(self.folder());
        made.map_err(|error| self.failed(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_for_the_eyes_of_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hearth/login.json");
        let file = LoginFile::new(path.clone());
        assert_eq!(file.read().unwrap(), None);
        let login = Login {
            host: "https://hub.local".to_owned(),
            fingerprint: None,
            ca: None,
            username: "anna".to_owned(),
            access_token: Secret::new("first"),
            refresh_token: Secret::new("second"),
        };
        for access_token in ["first", "third"] {
            let login = Login { access_token: Secret::new(access_token), ..login.clone() };
            file.write(&login).unwrap();
            assert_eq!(file.read().unwrap(), Some(login));
        }
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        let refused = file.read().unwrap_err();
        assert!(refused.exit_code() == 2 && refused.to_string().contains("others can read"), "{refused}");
        file.remove().unwrap();
        file.remove().unwrap();
        assert_eq!(file.read().unwrap(), None);
    }
}
