//! The program from outside: configuration, command line, and the demo home end to end.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod rule_files;
mod canned;
mod canned_accounts;
mod command_line;
mod config;
mod demo;
mod energy;
mod encrypted;
mod examples;
mod household;
mod login;
mod pairing;
mod revisions;
mod roles;
mod secrets;
