//! The API in front of a real core with lamps that answer at once.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests may fail loudly")]

mod accounts;
mod audit;
mod can;
mod commands;
mod browsers;
mod description;
mod door;
mod guessing;
mod energy;
mod encrypted;
mod harness;
mod hidden;
mod home;
mod household;
mod live;
mod maintenance;
mod permissions;
mod provisioning;
mod recovery;
mod replayed;
mod presence;
mod messages;
mod revisions;
mod scene_revisions;
mod second_factor;
mod sessions;
mod stream_doors;
mod users;
mod tls;
mod why;
mod rules;
