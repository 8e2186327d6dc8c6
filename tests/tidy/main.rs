//! The rules of the house as tests: who may depend on whom, which licences are in the tree, where the clock is read,
//! how long a file may be, what stands at the top level.

#![allow(clippy::expect_used, clippy::panic, reason = "in a test a surprise is a failure")]

mod layering;
mod layout;
mod licences;
mod said;
mod sources;
mod workspace;
