//! The run loop, its queue and the links, from outside.

// What tests share is no test to clippy, so that its exceptions for tests do not reach it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod links;
mod queue;
mod run;
mod support;
