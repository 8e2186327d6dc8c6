//! The documents of rules. To be written.

use std::sync::Arc;

/// A problem of a rule's document, in words that name the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable word: `unknown_name`, `bad_value`, `syntax` …
    pub code: &'static str,
    /// Where: `actions[1].command.set`.
    pub path: String,
    /// What is wrong and what to write instead.
    pub message: Arc<str>,
}
