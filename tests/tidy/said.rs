//! What the hub says: a list of the codes and cases of its sentences, kept beside the description of the API, so that
//! whoever speaks to people in another language knows for what there must be words.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::sources::without_tests;
use crate::workspace::{root, texts};

const LIST: &str = "hub/api/said.json";

/// Where a kind of word stands.
struct Row {
    /// The list that it goes into.
    list: &'static str,
    /// In which files.
    files: &'static [&'static str],
    /// Behind this.
    behind: &'static str,
    /// Before so many of these, or where another sentence begins.
    before: (&'static str, usize),
}

const fn row(
    list: &'static str,
    files: &'static [&'static str],
    behind: &'static str,
    before: (&'static str, usize),
) -> Row {
    Row { list, files, behind, before }
}

/// The end of a function of a type.
const END: &str = "\n    }\n";

const API: &[&str] = &["hub/api/src"];
const RULES: &[&str] = &["hub/automation/src", "hub/core/src", "hub/api/src/routes/check.rs"];

const ROWS: &[Row] = &[
    row("problems", API, "Problem::new(", (",", 2)),
    row("problems", API, "=> (StatusCode::", (",", 2)),
    row("problems", &["hub/api/src/problem.rs"], "Self::new(", (",", 2)),
    row("problems", API, "Problem::invalid(", (",", 1)),
    row("problems", API, "Problem::conflict(", (",", 1)),
    row("problems", API, "Problem::malformed(", (",", 1)),
    row("problems", API, "Self::invalid(", (",", 1)),
    row("problems", API, "Self::conflict(", (",", 1)),
    row("problems", &["hub/api/src/auth", "hub/api/src/routes"], "code: ", (",", 1)),
    row("problems", API, "code_wanted(", (",", 1)),
    row("problems", API, "let code = if", (";", 1)),
    row("findings", RULES, ".wrong(", (",", 2)),
    row("findings", RULES, "Finding::new(", (",", 1)),
    row("findings", RULES, "Finding::at(", (",", 2)),
    row("findings", RULES, "const CODE: &str =", (";", 1)),
    row("findings", RULES, "const NEVER: &str =", (";", 1)),
    row("findings", RULES, "const ALWAYS: &str =", (";", 1)),
    row("findings", RULES, "const NOT_SEEN: &str =", (";", 1)),
    row("findings", RULES, "const NOT_ALLOWED: &str =", (";", 1)),
    row("findings", &["hub/automation/src/analysis"], "code: ", (",", 1)),
    row("findings", &["hub/access/src"], "self.error(", (",", 1)),
    row("findings", &["hub/access/src"], "self.warn(", (",", 1)),
    row("findings", &["hub/access/src"], "code: ", (",", 1)),
    row("cases", &["hub/"], "Said::new(", (",", 1)),
    row("cases", &["hub/automation/src"], "let case = if", (";", 1)),
    row("cases", &["hub/automation/src/compile"], "no_such(", (",", 1)),
    row("cases", &["hub/automation/src/compile/devices.rs"], "=> Some((", (",", 1)),
    row("cases", &["hub/model/src/attribute.rs", "hub/access/src/approval.rs"], "fn case(", (END, 1)),
    row("reasons", &["hub/access/src/verdict.rs"], "fn as_str(", (END, 1)),
    row("failures", &["hub/model/src/command.rs"], "impl FailureReason {", (END, 1)),
    row("alerts", &["hub/model/src/notification.rs"], "&[&str] = ", (";", 1)),
];

/// Whether a text is a word of a program: `bad_value`.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// The words in quotes behind each place where something stands, before it ends.
fn words<'a>(text: &'a str, row: &'a Row) -> impl Iterator<Item = &'a str> {
    text.split(row.behind).skip(1).flat_map(|rest| {
        let (end, count) = row.before;
        let length = rest.match_indices(end).nth(count.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
        let own = rest.get(..length).unwrap_or_default().split("Said::").next().unwrap_or_default();
        own.split('"').skip(1).step_by(2).filter(|word| is_word(word))
    })
}

#[test]
fn what_the_hub_says_is_listed() {
    let sources = texts(&[".rs"]);
    let mut lists: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in ROWS {
        for (path, text) in &sources {
            if row.files.iter().any(|file| path.starts_with(file)) {
                lists.entry(row.list).or_default().extend(words(without_tests(path, text), row));
            }
        }
    }
    let list = serde_json::to_string_pretty(&lists).expect("words are JSON") + "\n";
    let file = root().join(Path::new(LIST));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &list).expect("the list can be written");
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        written, list,
        "{LIST} is not up to date; UPDATE_EXPECT=1 writes it, then give the app words for what is new"
    );
}
