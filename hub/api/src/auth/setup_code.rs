//! The set-up code: proves to a new hub that the claimant stands in front of it. It is in `DATA/setup-code` while the
//! hub has no owner, stays the same over restarts for a month, and works once. The same code lets an owner in again who
//! has lost the password, when a recovery file asks for it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use hub_model::household::Secret;
use hub_model::{Clock, Monotonic, Now, Timestamp};

use super::code;
use crate::random::{NoRandomness, Random};

/// 100 bits.
const LENGTH: usize = 20;
/// What a person chose for a recovery has so many letters and digits at least.
const CHOSEN_MIN: usize = 16;
/// So long the code of a new hub is good. A hub may stand on a shelf for a year: then another one takes its place.
const KEPT_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How often it is looked whether a code is over.
const LOOK_EVERY: Duration = Duration::from_secs(60);
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
    until: Monotonic,
    /// Whether another one takes its place at its end.
    is_followed: bool,
}

impl SetupCode {
    /// None for a hub that has an owner; else the code of the file, or a new one that is written there.
    pub(crate) fn new(
        data_folder: &Path,
        is_claimed: bool,
        now: Now,
        random: &dyn Random,
    ) -> Result<Self, NoRandomness> {
        let file = data_folder.join("setup-code");
        if is_claimed {
            remove(&file);
            return Ok(Self { code: Mutex::new(None), file });
        }
        let made = Self { code: Mutex::new(None), file };
        let code = match made.kept(now) {
            Some(kept) => kept,
            None => made.follow(now.mono, random)?,
        };
        made.set(Some(code));
        Ok(made)
    }

    /// The next code of a new hub, written to its file.
    fn follow(&self, now: Monotonic, random: &dyn Random) -> Result<Code, NoRandomness> {
        let text = code::generate::<LENGTH>(random)?;
        self.write(&text);
        Ok(Code { text: Secret::new(text), until: now.plus(KEPT_FOR), is_followed: true })
    }

    /// The code of the file, if there is one that is not too old.
    fn kept(&self, now: Now) -> Option<Code> {
        let text = code::normal(&std::fs::read_to_string(&self.file).ok()?);
        let written = std::fs::metadata(&self.file).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        let age = now.time().since(Timestamp(0).plus(written));
        let left = KEPT_FOR.checked_sub(age).filter(|left| is_complete(&text) && !left.is_zero())?;
        Some(Code { text: Secret::new(code::grouped(&text)), until: now.mono.plus(left), is_followed: true })
    }

    /// Lets the owner of a claimed hub in again, for a day: by the code that the person chose, or by a new one.
    pub(crate) fn recover(&self, chosen: &str, now: Monotonic, random: &dyn Random) -> Result<Secret, NoRandomness> {
        let chosen = code::normal(chosen);
        let text = if chosen.len() >= CHOSEN_MIN { chosen } else { code::generate::<LENGTH>(random)? };
        self.write(&text);
        let text = Secret::new(text);
        self.set(Some(Code { text: text.clone(), until: now.plus(RECOVERY_FOR), is_followed: false }));
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
    pub(crate) fn current(&self, now: Monotonic, random: &dyn Random) -> Option<Secret> {
        let mut held = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        let code = held.as_ref()?;
        if now < code.until {
            return Some(code.text.clone());
        }
        if !code.is_followed {
            return None;
        }
        *held = self.follow(now, random).ok();
        held.as_ref().map(|code| code.text.clone())
    }

    /// Puts the next code into the file when the one that stands there is over. Ends when there is no code any more.
    pub(crate) async fn keep_new(&self, clock: &dyn Clock, random: &dyn Random) {
        while self.current(clock.now().mono, random).is_some() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Whether this is the code. Case, spaces and dashes do not matter, nor does O for 0 or I and L for 1.
    pub(crate) fn fits(&self, given: &str, now: Monotonic, random: &dyn Random) -> bool {
        let given = code::normal(given);
        let is_it = |text: Secret| code::same(code::normal(text.reveal()).as_bytes(), given.as_bytes());
        self.current(now, random).is_some_and(is_it)
    }

    /// Whether this could be a code: a slip of the hand is no guess.
    pub(crate) fn could_be(given: &str) -> bool {
        code::normal(given).len() >= CHOSEN_MIN
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

    const START: Monotonic = Monotonic(Duration::ZERO);
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const RANDOM: crate::SystemRandom = crate::SystemRandom;

    /// As old as its file.
    fn age(folder: &Path) -> Timestamp {
        let written = std::fs::metadata(folder.join("setup-code")).unwrap().modified().unwrap();
        Timestamp(0).plus(written.duration_since(UNIX_EPOCH).unwrap())
    }

    /// A start of the hub at this time.
    fn start(folder: &Path, is_claimed: bool, time: Timestamp) -> SetupCode {
        let mut now = Now { mono: START, ..Now::default() };
        now.wall.time = time;
        SetupCode::new(folder, is_claimed, now, &RANDOM).unwrap()
    }

    #[test]
    fn the_code_stays_over_restarts_and_works_once() {
        let folder = tempfile::tempdir().unwrap();
        let new = |is_claimed, time| start(folder.path(), is_claimed, time);
        let code = new(false, Timestamp(0)).current(START, &RANDOM).unwrap();
        // Five bits each.
        let letters = code::normal(code.reveal());
        assert!(letters.len() * 5 >= 96 && code::is_of_the_alphabet(&letters), "{}", code.reveal());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(folder.path().join("setup-code")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let written = age(folder.path());
        let again = new(false, written.plus(KEPT_FOR - DAY));
        assert_eq!(again.current(START, &RANDOM), Some(code.clone()));
        assert!(again.fits(&code.reveal().to_lowercase().replace('-', " "), START, &RANDOM));
        assert!(!again.fits("0000-0000-0000-0000-0000", START, &RANDOM));
        again.use_up();
        assert!(!again.fits(code.reveal(), START, &RANDOM));
        assert!(!folder.path().join("setup-code").exists());
        assert_eq!(new(true, written).current(START, &RANDOM), None);
    }

    #[test]
    fn every_code_is_another() {
        let codes: std::collections::HashSet<String> = (0..200)
            .map(|_| {
                let folder = tempfile::tempdir().unwrap();
                start(folder.path(), false, Timestamp(0)).current(START, &RANDOM).unwrap().reveal().to_owned()
            })
            .collect();
        assert_eq!(codes.len(), 200);
    }

    #[test]
    fn a_code_ends_after_thirty_days_while_the_hub_runs_and_at_its_start() {
        let folder = tempfile::tempdir().unwrap();
        let running = start(folder.path(), false, Timestamp(0));
        let first = running.current(START, &RANDOM).unwrap();
        let before = START.plus(KEPT_FOR - Duration::from_millis(1));
        assert!(running.fits(first.reveal(), before, &RANDOM));
        let end = START.plus(KEPT_FOR);
        assert!(!running.fits(first.reveal(), end, &RANDOM));
        let second = running.current(end, &RANDOM).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("setup-code")).unwrap().trim(), second.reveal());
        assert!(second != first && running.fits(second.reveal(), end, &RANDOM));
        let restarted = start(folder.path(), false, age(folder.path()).plus(KEPT_FOR));
        assert!(!restarted.fits(second.reveal(), START, &RANDOM));
        // What is left of its time counts on over a restart.
        let third = restarted.current(START, &RANDOM).unwrap();
        let again = start(folder.path(), false, age(folder.path()).plus(DAY * 29));
        assert!(again.fits(third.reveal(), START, &RANDOM));
        assert!(!again.fits(third.reveal(), START.plus(DAY * 2), &RANDOM));
    }

    #[tokio::test(start_paused = true)]
    async fn the_file_shows_the_next_code_though_nobody_asks() {
        let folder = tempfile::tempdir().unwrap();
        let code = start(folder.path(), false, Timestamp(0));
        let shown = || std::fs::read_to_string(folder.path().join("setup-code")).unwrap_or_default();
        let clock = hub_model::time::ManualClock::default();
        let first = shown();
        let pass = async {
            tokio::time::sleep(DAY).await;
            assert_eq!(shown(), first);
            clock.advance(KEPT_FOR);
            tokio::time::sleep(DAY).await;
            assert_ne!(shown(), first);
            code.use_up();
        };
        tokio::join!(code.keep_new(&clock, &RANDOM), pass);
        assert_eq!(shown(), "");
    }

    #[test]
    fn the_code_of_a_recovery_is_good_for_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let claimed = start(folder.path(), true, Timestamp(0));
        for (chosen, is_taken) in [("", false), ("too short", false), ("my own code 1234567", true)] {
            let code = claimed.recover(chosen, START, &RANDOM).unwrap();
            assert_eq!(claimed.fits(chosen, START, &RANDOM), is_taken, "{chosen}");
            assert!(claimed.fits(code.reveal(), START, &RANDOM));
            assert!(!claimed.fits(code.reveal(), START.plus(RECOVERY_FOR), &RANDOM));
        }
    }
}
