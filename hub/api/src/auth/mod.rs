//! Who is asking: accounts, passwords, sessions, and the set-up code of a new hub.

mod accounts;
mod attempts;
mod ended;
mod password;
mod sessions;
mod setup_code;
mod token;

pub(crate) use accounts::Accounts;
pub(crate) use attempts::{Attempts, Origin, Subject};
pub(crate) use password::Passwords;
pub(crate) use sessions::{ApiToken, PRESENCE_SCOPE, Sessions};
pub(crate) use setup_code::SetupCode;
pub(crate) use token::{Grant, OpenedSession, SessionKind, token_hash};
