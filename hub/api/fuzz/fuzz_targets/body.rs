//! Any bytes as the body of a request: where it is wrong, the place is found, and what was sent is not repeated.
#![no_main]

#[allow(dead_code)]
#[path = "../../src/mistake.rs"]
mod mistake;

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use mistake::{path_at, without_value};
use serde::Deserialize;

/// Something of each kind that bodies have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Body {
    text: String,
    number: Option<u16>,
    list: Option<Vec<f64>>,
    #[serde(default)]
    within: BTreeMap<String, Option<Word>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
enum Word {
    One,
    Two { value: Vec<Word> },
}

fuzz_target!(|bytes: &[u8]| {
    let Err(error) = serde_json::from_slice::<Body>(bytes) else { return };
    let path = path_at(bytes, error.line(), error.column());
    // serde_json goes 128 deep, and of each name 64 letters are shown.
    let deepest = 130 * (64 * 4 + 8);
    assert!(!error.is_data() || path.len() <= deepest, "{}", path.len());
    for (line, column) in [(0, 0), (1, bytes.len()), (usize::MAX, 0), (error.line(), error.column() / 2)] {
        path_at(bytes, line, column);
    }
    let text = error.to_string();
    let words = without_value(&text);
    let kinds = ["invalid type", "invalid value", "unknown variant"];
    assert!(!kinds.iter().any(|kind| words.starts_with(kind)) || !words.split(", expected ").next().unwrap_or("").contains('"'));
});
