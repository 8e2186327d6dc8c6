//! Tests of permissions: tables that anyone can read, the documents of the manual, and properties that always hold.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod allowances;
mod approvals;
mod documents;
mod examples;
mod home;
mod properties;
mod reasons;
mod reference;
mod roles;
mod windows;
