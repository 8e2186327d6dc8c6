//! The second factor: codes of an authenticator app (TOTP, RFC 6238: HMAC-SHA1, 30 s, six digits), and ten recovery codes
//! for whoever has lost it. Each code is accepted once.

use std::time::Duration;

use hub_model::Timestamp;
use hub_model::household::Secret;
use ring::hmac;

use super::code;
use super::token::{TokenHash, read_hash};
use crate::random::{self, NoRandomness, Random, from_hex, hex};

/// As RFC 4226 section 4 wants it: 160 bits.
const SECRET_LENGTH: usize = 20;
const STEP: Duration = Duration::from_secs(30);
const DIGITS: u32 = 6;
/// A code of the step before or after is accepted too (RFC 6238 section 5.2): clocks differ.
const STEPS_AROUND: i64 = 1;
/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;
/// 80 bits each.
const RECOVERY_LENGTH: usize = 16;
/// RFC 4648 section 6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What an account asks for beside the password.
#[derive(Clone, Debug)]
pub(crate) struct SecondFactor {
    secret: Secret,
    /// The step of the last accepted code.
    last_step: i64,
    recovery: Vec<TokenHash>,
}

/// A new secret, in hexadecimal.
pub(crate) fn new_secret(random: &dyn Random) -> Result<Secret, NoRandomness> {
    Ok(Secret::new(hex(&random::bytes::<SECRET_LENGTH>(random)?)))
}

/// The secret as people type it into an app.
pub(crate) fn for_people(secret: &Secret) -> String {
    base32(&from_hex(secret.reveal()).unwrap_or_default())
}

impl SecondFactor {
    /// With this secret, if `given` is a code of it now; and the recovery codes, which are shown once.
    pub(crate) fn confirmed(
        random: &dyn Random,
        secret: Secret,
        given: &str,
        now: Timestamp,
    ) -> Result<Option<(Self, Vec<Secret>)>, NoRandomness> {
        let mut factor = Self { secret, last_step: 0, recovery: Vec::new() };
        if !factor.accept(given, now) {
            return Ok(None);
        }
        let codes = factor.renew_recovery(random)?;
        Ok(Some((factor, codes)))
    }

    /// New recovery codes, which are shown once; the ones until now are void.
    pub(crate) fn renew_recovery(&mut self, random: &dyn Random) -> Result<Vec<Secret>, NoRandomness> {
        let codes: Result<Vec<String>, NoRandomness> =
            (0..RECOVERY_CODES).map(|_| code::generate::<RECOVERY_LENGTH>(random)).collect();
        let codes = codes?;
        self.recovery = codes.iter().map(|text| code::hash(text)).collect();
        Ok(codes.into_iter().map(Secret::new).collect())
    }

    /// Takes over the recovery codes of another that was kept.
    pub(super) fn take_recovery(&mut self, renewed: &Self) {
        self.recovery.clone_from(&renewed.recovery);
    }

    /// How many recovery codes are left.
    pub(crate) fn recovery_codes(&self) -> usize {
        self.recovery.len()
    }

    /// Whether this is a code of now that was not used before, or a recovery code. It is used up.
    pub(crate) fn accept(&mut self, given: &str, now: Timestamp) -> bool {
        let digits: String = given.chars().filter(|letter| !letter.is_whitespace()).take(64).collect();
        if digits.len() != DIGITS as usize {
            return self.accept_recovery(given);
        }
        let key =
            hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &from_hex(self.secret.reveal()).unwrap_or_default());
        let step = now.milliseconds().div_euclid(STEP.as_millis() as i64);
        let around = (step - STEPS_AROUND)..=(step + STEPS_AROUND);
        let fits = |step: &i64| code::same(code_of(&key, *step).as_bytes(), digits.as_bytes());
        match around.filter(|step| *step > self.last_step).find(fits) {
            Some(step) => {
                self.last_step = step;
                true
            }
            None => false,
        }
    }

    /// A login that came meanwhile has used codes of the same factor up.
    pub(super) fn forget_what_was_used(&mut self, before: &Self) {
        if self.secret == before.secret {
            self.last_step = self.last_step.max(before.last_step);
            self.recovery.retain(|code| before.recovery.contains(code));
        }
    }

    fn accept_recovery(&mut self, given: &str) -> bool {
        let hash = code::hash(given);
        let before = self.recovery.len();
        self.recovery.retain(|kept| !code::same(kept, &hash));
        self.recovery.len() < before
    }

    /// As it is kept.
    pub(super) fn text(&self) -> Secret {
        Secret::new(format!("{} {}", self.secret.reveal(), self.last_step))
    }

    /// The recovery codes as they are kept.
    pub(super) fn recovery_text(&self) -> Secret {
        let hashes: Vec<String> = self.recovery.iter().map(|hash| hex(hash)).collect();
        Secret::new(hashes.join(" "))
    }

    /// As it was kept.
    pub(super) fn read(text: &Secret, recovery: Option<&Secret>) -> Option<Self> {
        let (secret, last_step) = text.reveal().split_once(' ')?;
        from_hex(secret)?;
        let recovery = recovery.map(|hashes| hashes.reveal().split(' ').filter_map(read_hash).collect());
        Some(Self {
            secret: Secret::new(secret),
            last_step: last_step.parse().ok()?,
            recovery: recovery.unwrap_or_default(),
        })
    }
}

/// The code of a step (RFC 4226 section 5.3).
fn code_of(key: &hmac::Key, step: i64) -> String {
    let tag = hmac::sign(key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = bytes.last().map_or(0, |last| usize::from(last & 15));
    let number = bytes.iter().skip(offset).take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:06}", (number & 0x7FFF_FFFF) % 10_u32.pow(DIGITS))
}

fn base32(bytes: &[u8]) -> String {
    let (mut text, mut held, mut bits) = (String::new(), 0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            let index = (held >> bits) & 31;
            text.extend(BASE32.get(index as usize).map(|letter| char::from(*letter)));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        let index = (held << (5 - bits)) & 31;
        text.extend(BASE32.get(index as usize).map(|letter| char::from(*letter)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET);
        // RFC 6238 appendix B, the last six of its eight digits.
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_of(&key, seconds / 30), expected);
        }
    }

    #[test]
    fn base32_is_that_of_the_standard() {
        // RFC 4648 section 10, without padding.
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_code_is_accepted_once_and_only_around_its_time() {
        let at = |seconds: i64| Timestamp(seconds * 1_000);
        let random = crate::SystemRandom;
        let secret = Secret::new(hex(SECRET));
        assert!(SecondFactor::confirmed(&random, secret.clone(), "000000", at(59)).unwrap().is_none());
        let (mut factor, codes) = SecondFactor::confirmed(&random, secret, "287 082", at(59)).unwrap().unwrap();
        for (given, seconds, accepted) in [
            ("287082", 59, false),
            ("287082", 80, false),
            ("081804", 1_111_111_109 + 60, false),
            ("081804", 1_111_111_109 + 30, true),
            ("081804", 1_111_111_109 + 30, false),
            ("050471", 1_111_111_111, true),
            ("", 1_111_111_111, false),
            ("123456789", 1_111_111_111, false),
        ] {
            assert_eq!(factor.accept(given, at(seconds)), accepted, "{given} {seconds}");
            factor = SecondFactor::read(&factor.text(), Some(&factor.recovery_text())).unwrap();
        }
        assert_eq!(codes.len(), 10);
        for (given, accepted) in [
            (codes[0].reveal().to_lowercase(), true),
            (codes[0].reveal().to_owned(), false),
            (codes[9].reveal().replace('-', ""), true),
        ] {
            assert_eq!(factor.accept(&given, at(0)), accepted, "{given}");
            factor = SecondFactor::read(&factor.text(), Some(&factor.recovery_text())).unwrap();
        }
        assert_eq!(factor.recovery_codes(), 8);
    }
}
