//! The built daemon, end to end, against real counterparts.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "in a test a surprise is a failure")]

mod avahi;
mod broker;
mod browser;
mod canaries;
mod messages;
mod lan;
mod old_broker;
mod restart;
mod sleeping;
mod storage;
mod week;
mod zigbee;
mod zwave;
