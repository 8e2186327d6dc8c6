//! Transport encapsulations that need no keys (SDS13783): a checksum, several commands in one, and a command in several
//! frames.

pub mod crc16;
pub mod multi_command;
pub mod transport_service;

pub use crate::read::Problem;
