//! Looks for canaries, in whatever form they got there.

use std::collections::HashMap;

use super::sown::Canary;

/// A form in which a text may appear.
type Form = (&'static str, fn(&str) -> Vec<String>);

const FORMS: &[Form] = &[
    ("as it is", |text| vec![text.to_owned()]),
    ("in small letters", |text| vec![text.to_lowercase()]),
    ("escaped as JSON", |text| vec![inner(&serde_json::Value::from(text).to_string()), escaped(text)]),
    ("escaped as Rust", |text| vec![inner(&format!("{text:?}")), text.escape_default().to_string()]),
    ("percent-encoded", |text| {
        let encoded = percent(text);
        vec![encoded.to_lowercase(), encoded.replace("%20", "+"), encoded]
    }),
    ("in hexadecimal", |text| {
        let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        vec![digits.to_uppercase(), digits]
    }),
    ("in base64", |text| base64_within(text, STANDARD)),
    ("in base64 for addresses", |text| base64_within(text, URL_SAFE)),
    ("as a list of bytes", |text| vec![inner(&format!("{:?}", text.as_bytes()))]),
];

pub(super) const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Without the signs at both ends.
fn inner(quoted: &str) -> String {
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// As JSON that is all ASCII.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        if letter.is_ascii() {
            escaped.push(letter);
        } else {
            letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| escaped.push_str(&format!("\\u{unit:04x}")));
        }
    }
    escaped
}

/// RFC 3986, 2.1
pub(super) fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The middle of what base64 makes of a text that holds this one, wherever in it: three ways.
fn base64_within(text: &str, alphabet: &[u8; 64]) -> Vec<String> {
    let at = |before: usize| {
        let bytes = [&b"\0\0"[..before], text.as_bytes()].concat();
        let whole = bytes.chunks_exact(3).flat_map(|three| {
            let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
            [18, 12, 6, 0].map(|shift| char::from(alphabet[(bits >> shift & 63) as usize]))
        });
        // The first letters are made of what stands before, too.
        whole.skip([0, 2, 3][before]).collect::<String>()
    };
    (0..3).map(at).collect()
}

/// A canary that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    pub(crate) what: String,
    pub(crate) form: &'static str,
    /// Where, with a little of what stands around it.
    pub(crate) around: String,
}

/// All forms of all canaries, made once, by how they begin.
pub(crate) struct Search<'a>(HashMap<[u8; 3], Vec<Wanted<'a>>>);

struct Wanted<'a> {
    canary: &'a Canary,
    form: &'static str,
    text: Vec<u8>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(canaries: impl IntoIterator<Item = &'a Canary>) -> Self {
        let mut all: HashMap<[u8; 3], Vec<Wanted<'a>>> = HashMap::new();
        for canary in canaries {
            for (form, make) in FORMS {
                for text in [&canary.text, &canary.core].into_iter().flat_map(|text| make(text)) {
                    // What is too short may be anything.
                    if let (Some(start), true) = (text.as_bytes().first_chunk::<3>(), text.len() >= 6) {
                        let text = text.clone().into_bytes();
                        all.entry(*start).or_default().push(Wanted { canary, form, text });
                    }
                }
            }
        }
        Self(all)
    }

    /// What of them is in there, each once.
    pub(crate) fn within(&self, bytes: &[u8]) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        let starts = bytes.windows(3).enumerate().filter_map(|(at, start)| Some((at, self.0.get(start)?)));
        for (at, wanted) in starts {
            let is_there =
                |wanted: &&Wanted<'_>| bytes[at..].starts_with(&wanted.text) && wanted.stands_alone(bytes, at);
            for Wanted { canary, form, text } in wanted.iter().filter(is_there) {
                if found.iter().all(|found| found.what != canary.what) {
                    let around = &bytes[at.saturating_sub(80)..bytes.len().min(at + text.len() + 40)];
                    let around = String::from_utf8_lossy(around).into_owned();
                    found.push(Found { what: canary.what.clone(), form, around });
                }
            }
        }
        found
    }
}

impl Wanted<'_> {
    /// A number is only meant if it is no part of a longer one; of a position the end may be cut off or go on.
    fn stands_alone(&self, bytes: &[u8], at: usize) -> bool {
        if !self.canary.is_number() || self.form != "as it is" {
            return true;
        }
        let goes_on = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.');
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        !goes_on(before) && (self.text.contains(&b'.') || !goes_on(bytes.get(at + self.text.len())))
    }
}

/// Each canary, put on purpose into a line of a log in every form, is found; else nothing that follows from finding
/// none would be worth anything.
#[test]
fn what_is_there_is_found_in_every_form() {
    let sown = super::sown::Sown::new();
    for canary in sown.all() {
        let search = Search::new([canary]);
        for (form, make) in FORMS {
            for (index, text) in make(&canary.text).into_iter().enumerate() {
                let line = format!("2026-11-26T08:00:00.123456Z  WARN hub_core: Something. x=({text}) y=2\n");
                let found = search.within(line.as_bytes());
                assert_eq!(found.len(), 1, "{} {form} {index}: {line}", canary.what);
            }
        }
        let clean = "2026-11-26T08:00:00.123456Z  WARN hub_core: Something. run=0123456789abcdef\n";
        assert_eq!(search.within(clean.as_bytes()), []);
    }
}

/// As a part of a longer text that was encoded as a whole.
#[test]
fn what_is_within_something_else_is_found() {
    let sown = super::sown::Sown::new();
    for canary in sown.all().filter(|canary| !canary.is_number()) {
        let search = Search::new([canary]);
        for before in ["", "a", "ab", "user:"] {
            let whole = format!("{before}{}:and more", canary.text);
            let encoded: String = whole.bytes().map(|byte| format!("{byte:02X}")).collect();
            let base64 = base64_within(&whole, STANDARD)[0].clone();
            for text in [encoded, base64, percent(&whole)] {
                assert_eq!(search.within(text.as_bytes()).len(), 1, "{} {text}", canary.what);
            }
        }
    }
}
