//! Tests of the MQTT driver through its public face.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod broker;
mod commands;
mod conformance;
mod corpus;
mod devices;
mod files;
mod hostile;
mod managing;
mod mapping;
mod mosquitto;
mod script;
mod stalled;
mod states;
mod transcript;
mod unlisted;
