//! The virtual bus, from outside.

// What tests share is no test to clippy, so that its exceptions for tests do not reach it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod chaos;
mod commands;
mod conformance;
mod life;
mod manage;
mod pairing;
mod support;
