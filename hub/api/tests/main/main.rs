//! The API in front of a real core with lamps that answer at once.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests may fail loudly")]

mod accounts;
mod description;
mod door;
mod encrypted;
mod harness;
mod home;
mod household;
mod live;
mod maintenance;
mod revisions;
mod scene_revisions;
mod tls;
mod why;
mod rules;
