//! The set-up code: proves to a new hub that the claimant stands in front of it. It is in `DATA/setup-code` while the
//! hub has no owner, stays the same over restarts of a month, and works once. The same code lets an owner in again who
//! has lost the password, when a recovery file asks for it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use hub_model::household::Secret;
use hub_model::{Monotonic, Timestamp};

use super::code;
use crate::random::{NoRandomness, Random};

/// 100 bits.
const LENGTH: usize = 20;
/// What a person chose for a recovery has so many letters and digits at least.
const CHOSEN_MIN: usize = 16;
/// A hub may stand on a shelf for a year: its code stays good while it runs, but an older one is not taken up again.
const KEPT_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// So long the code of a recovery is good.
const RECOVERY_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// The code of a hub that has no owner yet, or whose owner is let in again.
#[derive(Debug)]
pub(crate) struct SetupCode {
    code: Mutex<Option<Code>>,
    file: PathBuf,
}

#[derive(Clone, Debug)]
struct Code {
    text: Secret,
    /// Until when, if it has an end.
    until: Option<Monotonic>,
}

impl SetupCode {
    /// None for a hub that has an owner; else the code of the file, or a new one that is written there.
    pub(crate) fn new(
        data_folder: &Path,
        is_claimed: bool,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<Self, NoRandomness> {
        let file = data_folder.join("setup-code");
        if is_claimed {
            remove(&file);
            return Ok(Self { code: Mutex::new(None), file });
        }
        let made = Self { code: Mutex::new(None), file };
        let text = match made.kept(now) {
            Some(kept) => code::grouped(&kept),
            None => {
                let text = code::generate::<LENGTH>(random)?;
                made.write(&text);
                text
            }
        };
        made.set(Some(Code { text: Secret::new(text), until: None }));
        Ok(made)
    }

    /// The code of the file, if there is one that is not too old.
    fn kept(&self, now: Timestamp) -> Option<String> {
        let text = code::normal(&std::fs::read_to_string(&self.file).ok()?);
        let written = std::fs::metadata(&self.file).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        let age = now.since(Timestamp(0).plus(written));
        (is_complete(&text) && age <= KEPT_FOR).then_some(text)
    }

    /// Lets the owner of a claimed hub in again, for a day: by the code that the person chose, or by a new one.
    pub(crate) fn recover(&self, chosen: &str, now: Monotonic, random: &dyn Random) -> Result<Secret, NoRandomness> {
        let chosen = code::normal(chosen);
        let text = if chosen.len() >= CHOSEN_MIN { chosen } else { code::generate::<LENGTH>(random)? };
        self.write(&text);
        let text = Secret::new(text);
        self.set(Some(Code { text: text.clone(), until: Some(now.plus(RECOVERY_FOR)) }));
        Ok(text)
    }

    fn write(&self, text: &str) {
        if let Err(error) = write_private(&self.file, text) {
            tracing::warn!(file = %self.file.display(), %error, "The set-up code could not be written to its file; it is shown at the start only.");
        }
    }

    fn set(&self, code: Option<Code>) {
        *self.code.lock().unwrap_or_else(PoisonError::into_inner) = code;
    }

    /// The code, for the person at the machine; none once the hub has an owner.
    pub(crate) fn current(&self, now: Monotonic) -> Option<Secret> {
        let code = self.code.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        code.until.is_none_or(|until| now < until).then_some(code.text)
    }

    /// Whether this is the code. Case, spaces and dashes do not matter, nor does O for 0 or I and L for 1.
    pub(crate) fn fits(&self, given: &str, now: Monotonic) -> bool {
        let given = code::normal(given);
        self.current(now).is_some_and(|text| code::same(code::normal(text.reveal()).as_bytes(), given.as_bytes()))
    }

    /// The hub has an owner: the code is void.
    pub(crate) fn use_up(&self) {
        self.set(None);
        remove(&self.file);
    }
}

fn is_complete(text: &str) -> bool {
    text.len() == LENGTH && code::is_of_the_alphabet(text)
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

    const NOW: Monotonic = Monotonic(Duration::ZERO);

    /// As old as its file.
    fn age(folder: &Path) -> Timestamp {
        let written = std::fs::metadata(folder.join("setup-code")).unwrap().modified().unwrap();
        Timestamp(0).plus(written.duration_since(UNIX_EPOCH).unwrap())
    }

    #[test]
    fn the_code_stays_over_restarts_and_works_once() {
        let folder = tempfile::tempdir().unwrap();
        let random = crate::SystemRandom;
        let new = |is_claimed, now| SetupCode::new(folder.path(), is_claimed, now, &random).unwrap();
        let first = new(false, Timestamp(0));
        let code = first.current(NOW).unwrap();
        assert_eq!(code.reveal().len(), 24, "{}", code.reveal());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(folder.path().join("setup-code")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let written = age(folder.path());
        let again = new(false, written.plus(KEPT_FOR));
        assert_eq!(again.current(NOW), Some(code.clone()));
        assert!(again.fits(&code.reveal().to_lowercase().replace('-', " "), NOW));
        assert!(!again.fits("0000-0000-0000-0000-0000", NOW));
        again.use_up();
        assert!(!again.fits(code.reveal(), NOW));
        assert!(!folder.path().join("setup-code").exists());
        assert_eq!(new(true, written).current(NOW), None);
    }

    #[test]
    fn an_old_code_is_not_taken_up_again() {
        let folder = tempfile::tempdir().unwrap();
        let random = crate::SystemRandom;
        let old = SetupCode::new(folder.path(), false, Timestamp(0), &random).unwrap().current(NOW);
        let later = age(folder.path()).plus(KEPT_FOR + Duration::from_secs(1));
        let new = SetupCode::new(folder.path(), false, later, &random).unwrap().current(NOW);
        assert!(new.is_some() && new != old);
    }

    #[test]
    fn the_code_of_a_recovery_is_good_for_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let random = crate::SystemRandom;
        let claimed = SetupCode::new(folder.path(), true, Timestamp(0), &random).unwrap();
        for (chosen, is_taken) in [("", false), ("too short", false), ("my own code 1234567", true)] {
            let code = claimed.recover(chosen, NOW, &random).unwrap();
            assert_eq!(claimed.fits(chosen, NOW), is_taken, "{chosen}");
            assert!(claimed.fits(code.reveal(), NOW));
            assert!(!claimed.fits(code.reveal(), NOW.plus(RECOVERY_FOR)));
        }
    }
}
