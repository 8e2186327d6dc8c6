//! What the end-to-end tests stand on: a folder for each test, the built daemon, clients for its API and stream, and
//! the counterparts it is tested against.
//!
//! **Invariant:** nothing sleeps for a fixed time ([`wait::eventually`] asks until a condition holds, with a limit),
//! every port is a free one on loopback, and only processes started here are ended here.

#![allow(clippy::expect_used, clippy::panic, reason = "in a test harness a surprise is a failed test")]

pub mod api;
pub mod bench;
pub mod broker;
pub mod browser;
pub mod cable;
pub mod hub;
pub mod lan;
pub mod mqtt;
pub mod outside;
pub mod receiver;
pub mod skip;
pub mod stream;
pub mod wait;
pub mod zigbee;
pub mod zwave;

pub use api::Api;
pub use bench::Bench;
pub use hub::Hub;
pub use wait::eventually;
