//! The store as a whole, on real files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests fail as tests do, and a skipped test says so"
)]

mod support;

mod audit;
mod commands;
mod damage;
mod faults;
mod history;
mod journal;
mod life;
mod migrations;
mod newest;
mod recorded;
mod records;
mod revisions;
