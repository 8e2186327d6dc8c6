//! Security 2 and Security 0: keys, nonces, encapsulation (SDS13783), and what a device's label says (SDS13937).
//!
//! Everything here is told its randomness. Keys are [`Secret`]s: wiped when dropped, and never shown.

pub mod cipher;
pub mod ckdf;
pub mod ctr_drbg;
pub mod dsk;
pub mod ecdh;
pub mod label;
pub mod qr_code;
pub mod s0;
pub mod s2;
pub mod secret;
pub mod security_class;
#[cfg(test)]
mod vectors;

pub use crate::read::Problem;
pub use dsk::{Dsk, Pin};
pub use label::Label;
pub use secret::{Key, Secret};
pub use security_class::SecurityClass;
