//! Messages to people: to their phones, their mail and their programs.
//!
//! The middle is pure. [`Watch`] sees in what devices say what needs a person, [`Alerts`] decides of which alerts people
//! are told, and the [`Router`] who is told what, when and by which channel: severity, quiet hours, equal messages, the
//! next person if nobody sees to it. The edge is thin: a [`Sender`] sends one message through one channel and says what
//! became of it.
//!
//! Where a person names an address, the hub sends there only if it does not lead to itself or its neighbours
//! ([`address`], [`http`]).
//!
//! **Invariant:** what is critical is kept until somebody acknowledges it or everybody was told: a restart does not lose
//! it, and may repeat it.
//! **Invariant:** what is kept and what waits is bounded.

mod limits;
mod line;
mod household;
mod content;
mod recent;
mod rate;
mod router;
mod watch;
mod alerts;
pub mod address;
mod target;
pub mod http;
mod webhook;
mod web_push;
mod email;
mod sender;

pub use alerts::{Alerts, Telling};
pub use content::Content;
pub use email::{MailError, Mailer, SmtpServer, SmtpTls};
pub use household::{Household, Person};
pub use limits::NEXT_PERSON_AFTER;
pub use router::{Input, Outcome, Output, Router, Sending};
pub use sender::{Sender, trial};
pub use target::{Target, TargetError};
pub use watch::Watch;
pub use web_push::{VapidError, VapidKey};
