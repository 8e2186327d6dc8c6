//! The hub as a program.
//!
//! [`config`] and [`plan`] say what is wanted, [`clock`] tells the time, [`drivers`] turns configuration into drivers, [`hub`]
//! joins store, core, drivers and API and takes them down again in order, and [`cli`] is everything else that people
//! type: a client of the hub's own API.
//!
//! **Invariant:** nothing in here decides anything about a home. It reads the system's clock, environment and files,
//! and hands them on.

pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod doors;
pub mod drivers;
pub mod hub;
pub mod logging;
pub mod memory;
pub mod messages;
pub mod open_files;
pub mod panics;
pub mod plan;
pub mod ports;
pub mod recovery;
pub mod service;
pub mod socket;
pub mod troubles;
