//! Who is asking: accounts, passwords, sessions, and the set-up code of a new hub.

mod accounts;
mod attempts;
mod code;
mod ended;
mod guesses;
mod password;
mod pin;
mod second_factor;
mod sessions;
mod setup_code;
mod token;

pub(crate) use accounts::{ACCOUNTS_MAX, Accounts, Entry, Invitation, Proof};
pub(crate) use attempts::{Attempts, Origin, Subject};
pub(crate) use guesses::{Guesses, guessed_wrong, write_soon};
pub(crate) use password::{Passwords, Turn};
pub(crate) use pin::{check_pin, pin_came};
pub(crate) use second_factor::{SecondFactor, for_people, new_secret};
pub(crate) use sessions::{ApiToken, Opening, PRESENCE_SCOPE, Sessions};
pub(crate) use setup_code::SetupCode;
pub(crate) use token::{Grant, OpenedSession, SessionKind, token_hash};
