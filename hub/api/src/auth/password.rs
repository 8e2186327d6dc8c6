//! Passwords: Argon2id with 19 MiB, two passes, one lane. One at a time, on a blocking thread, so that a crowd of
//! logins costs neither the memory of a small machine nor the time of its core task. Who has no password costs the same
//! work as who has one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use hub_model::household::Secret;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Problem;
use crate::random::{self, Random};

/// How many logins may wait for their turn.
const WAITING_MAX: usize = 64;
/// Fewer characters are guessed too soon.
pub(crate) const LENGTH_MIN: usize = 8;
/// More only cost time.
const LENGTH_MAX: usize = 1_024;

/// Hashes and checks passwords.
#[derive(Debug)]
pub(crate) struct Passwords {
    turn: Arc<Semaphore>,
    waiting: Semaphore,
    /// How many were checked.
    checked: Arc<AtomicU64>,
}

/// Checked when there is no such account or it has no password, so that the answer takes as long. No password has this
/// hash: nobody finds one whose hash is all zeros.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), waiting: Semaphore::new(WAITING_MAX), checked: Arc::default() }
    }

    /// Refuses a password that is too short or endless.
    pub(crate) fn check_strength(password: &Secret) -> Result<(), Problem> {
        let length = password.reveal().chars().count();
        if (LENGTH_MIN..=LENGTH_MAX).contains(&length) {
            return Ok(());
        }
        Err(Problem::invalid(
            "bad_password",
            "The password is too short or too long.",
            format!("Give {LENGTH_MIN} to {LENGTH_MAX} characters; a few random words are good."),
        )
        .with("field", "password".into()))
    }

    /// How many passwords and PINs were checked since the start, whether there was one to compare them with or not.
    pub(crate) fn checked(&self) -> u64 {
        self.checked.load(Ordering::Relaxed)
    }

    /// Waits for one's turn. What is decided before a check (has this account to wait?) is decided within the turn, so
    /// that many guesses at once do not slip through together.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, Problem> {
        let crowded = || Problem::busy("Too many people are logging in at once.");
        let _place = self.waiting.try_acquire().map_err(|_| crowded())?;
        let permit = Arc::clone(&self.turn).acquire_owned().await.map_err(|_| crowded())?;
        Ok(Turn { passwords: self, permit: Arc::new(permit) })
    }
}

/// One's turn; the next begins when it is dropped and its work is done: a client that hangs up does not let others in
/// while its hash is still being made.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    passwords: &'a Passwords,
    permit: Arc<OwnedSemaphorePermit>,
}

impl Turn<'_> {
    /// The hash of a password, as a PHC string.
    pub(crate) async fn hash(&self, random: &dyn Random, password: &Secret) -> Result<Secret, Problem> {
        let salt = random::bytes::<16>(random)?;
        let password = password.clone();
        self.blocking(move || {
            argon2()
                .hash_password_with_salt(password.reveal().as_bytes(), &salt)
                .map(|hash: PasswordHash| Secret::new(hash.to_string()))
                .map_err(|_| unhashable())
        })
        .await?
    }

    /// Whether `password` is the one of `hash`. Without a hash, or with a damaged one, the answer is no and takes as long.
    pub(crate) async fn verify(&self, password: &Secret, hash: Option<Secret>) -> Result<bool, Problem> {
        let password = password.clone();
        let checked = Arc::clone(&self.passwords.checked);
        self.blocking(move || {
            let hash = hash.as_ref().and_then(|hash| PasswordHash::new(hash.reveal()).ok());
            let Some(hash) = hash.or_else(|| PasswordHash::new(NOBODY).ok()) else { return false };
            checked.fetch_add(1, Ordering::Relaxed);
            argon2().verify_password(password.reveal().as_bytes(), &hash).is_ok()
        })
        .await
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let permit = Arc::clone(&self.permit);
        let work = move || {
            let done = work();
            drop(permit);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| unhashable())
    }
}

fn unhashable() -> Problem {
    Problem::new(
        axum::http::StatusCode::INTERNAL_SERVER_ERROR,
        "password_not_hashed",
        "The password could not be hashed.",
        "The machine may be out of memory; try again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = Passwords::new();
        let random = crate::SystemRandom;
        let known = passwords.turn().await.unwrap().hash(&random, &Secret::new("correct horse")).await.unwrap();
        assert!(known.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", known.reveal());
        for (password, hash, fits) in [
            ("correct horse", Some(known.clone()), true),
            ("wrong horse", Some(known.clone()), false),
            ("nobody has this one", None, false),
            ("correct horse", Some(Secret::new("damaged")), false),
            ("nobody has this one", Some(Secret::default()), false),
        ] {
            let checked = passwords.checked();
            let turn = passwords.turn().await.unwrap();
            assert_eq!(turn.verify(&Secret::new(password), hash).await.unwrap(), fits, "{password}");
            // Who exists and who does not cost the same work.
            assert_eq!(passwords.checked(), checked + 1, "{password}");
        }
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let real = PasswordHash::new(known.reveal()).unwrap();
        assert_eq!((&nobody.algorithm, &nobody.params), (&real.algorithm, &real.params));
    }
}
