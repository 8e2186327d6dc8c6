//! Transport Service, version 2 (SDS13783): a command in several frames, each with a checksum, and lost ones
//! asked for again.

pub mod receiver;
pub mod segment;
pub mod sender;

pub use receiver::Receiver;
pub use segment::{Refused, Segment};
pub use sender::{Outcome, Sender, TooLong};
