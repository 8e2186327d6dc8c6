//! Tests of rules: scripts that anyone can read, documents good and bad, and properties that always hold.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod analysis;
mod documents;
mod durability;
mod expression_bounds;
mod expressions;
mod home;
mod properties;
mod recorded;
mod rule_tests;
mod script;
mod scripts;
mod week;
mod why_not;
