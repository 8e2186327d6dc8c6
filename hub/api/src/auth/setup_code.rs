//! The set-up code: proves to a new hub that the claimant stands in front of it. It is in `DATA/setup-code` while the
//! hub has no owner, stays the same over restarts, and works once.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use hub_model::household::Secret;

use crate::random::{self, NoRandomness, Random};

/// Letters and digits that nobody confuses (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUPS: usize = 5;
const GROUP_LENGTH: usize = 4;

/// The code of a hub that has no owner yet.
#[derive(Debug)]
pub(crate) struct SetupCode {
    code: Mutex<Option<Secret>>,
    file: PathBuf,
}

impl SetupCode {
    /// None for a hub that has an owner; else the code of the file, or a new one that is written there.
    pub(crate) fn new(data_folder: &Path, is_claimed: bool, random: &dyn Random) -> Result<Self, NoRandomness> {
        let file = data_folder.join("setup-code");
        if is_claimed {
            remove(&file);
            return Ok(Self { code: Mutex::new(None), file });
        }
        let kept = std::fs::read_to_string(&file).ok().map(|text| normal(&text)).filter(|text| is_complete(text));
        let code = match kept {
            Some(kept) => grouped(&kept),
            None => {
                let code = generate(random)?;
                if let Err(error) = write_private(&file, &code) {
                    tracing::warn!(file = %file.display(), %error, "The set-up code could not be written to its file; it is shown at the start only.");
                }
                code
            }
        };
        Ok(Self { code: Mutex::new(Some(Secret::new(code))), file })
    }

    /// The code, for the person at the machine; none once the hub has an owner.
    pub(crate) fn current(&self) -> Option<Secret> {
        self.code.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether this is the code. Case, spaces and dashes do not matter, nor does O for 0 or I and L for 1.
    pub(crate) fn fits(&self, given: &str) -> bool {
        let given = normal(given);
        self.current().is_some_and(|code| same(normal(code.reveal()).as_bytes(), given.as_bytes()))
    }

    /// The hub has an owner: the code is void.
    pub(crate) fn use_up(&self) {
        *self.code.lock().unwrap_or_else(PoisonError::into_inner) = None;
        remove(&self.file);
    }
}

/// 100 random bits as five groups.
fn generate(random: &dyn Random) -> Result<String, NoRandomness> {
    let bytes = random::bytes::<{ GROUPS * GROUP_LENGTH }>(random)?;
    let letters: String = bytes
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter))
        .collect();
    Ok(grouped(&letters))
}

fn grouped(letters: &str) -> String {
    let groups: Vec<String> =
        letters.chars().collect::<Vec<_>>().chunks(GROUP_LENGTH).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

fn normal(text: &str) -> String {
    text.chars()
        .take(128)
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        })
        .collect()
}

fn is_complete(text: &str) -> bool {
    text.len() == GROUPS * GROUP_LENGTH && text.bytes().all(|letter| ALPHABET.contains(&letter))
}

/// Compares without telling by its time where the difference is.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |differs, (left, right)| differs | (left ^ right)) == 0
}

fn write_private(file: &Path, code: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(file)?;
    writeln!(opened, "{code}")?;
    opened.sync_all()
}

fn remove(file: &Path) {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(file = %file.display(), %error, "The used set-up code could not be removed; it is void all the same.");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_stays_over_restarts_and_works_once() {
        let folder = tempfile::tempdir().unwrap();
        let random = crate::SystemRandom;
        let first = SetupCode::new(folder.path(), false, &random).unwrap();
        let code = first.current().unwrap();
        assert_eq!(code.reveal().len(), 24, "{}", code.reveal());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(folder.path().join("setup-code")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let again = SetupCode::new(folder.path(), false, &random).unwrap();
        assert_eq!(again.current(), Some(code.clone()));
        assert!(again.fits(&code.reveal().to_lowercase().replace('-', " ")));
        assert!(!again.fits("0000-0000-0000-0000-0000"));
        again.use_up();
        assert!(!again.fits(code.reveal()));
        assert!(!folder.path().join("setup-code").exists());
        assert_eq!(SetupCode::new(folder.path(), true, &random).unwrap().current(), None);
    }
}
