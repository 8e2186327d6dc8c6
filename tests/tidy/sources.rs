//! What stands in the files: where the clock is read, how long they are, and whom they speak of.

use std::path::Path;

use crate::workspace::{assert_none, texts};

/// The one file that reads a clock.
const CLOCK: &str = "hub/daemon/src/clock.rs";
/// The product; tests live in real time.
const PRODUCT: &[&str] = &["hub/", "drivers/", "cloud-sync/"];
const READS_A_CLOCK: &[&str] = &[
    "SystemTime::now(",
    "Instant::now(",
    "Timestamp::now(",
    "Zoned::now(",
    "Utc::now(",
    "UtcDateTime::now(",
    "Local::now(",
];
const LINES: usize = 600;
/// What programs say in the first lines of what they write.
const GENERATED: &str = "auto-generated";

/// Sources; what is generated or is data may be long.
const SOURCES: &[&str] = &[".rs", ".py", ".sh", ".ts", ".svelte"];
/// Everything people read.
const TEXTS: &[&str] = &[
    ".rs", ".py", ".sh", ".ts", ".svelte", ".js", ".md", ".toml", ".yaml", ".yml", ".service", "Makefile", "run",
    ".html", ".sql",
];

/// The runtime's own clock, which tests can hold still; sockets need it for their deadlines.
fn is_runtime_clock(text: &str, line: &str) -> bool {
    let imported = text.lines().any(|line| line.starts_with("use tokio::time::") && line.contains("Instant"));
    line.contains("tokio::time::Instant::now(") || (imported && !line.contains("std::time"))
}

fn is_product(path: &Path) -> bool {
    PRODUCT.iter().any(|folder| path.starts_with(folder))
}

/// Code that is not of the product itself: a `tests` or `examples` folder or file, or what stands behind `#[cfg(test)]`.
pub(crate) fn without_tests<'a>(path: &Path, text: &'a str) -> &'a str {
    if path
        .components()
        .any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs" | "benches" | "examples" | "fuzz")))
    {
        return "";
    }
    text.split("#[cfg(test)]\nmod ").next().unwrap_or_default()
}

#[test]
fn the_clock_is_read_in_one_file() {
    let offences: Vec<String> = texts(&[".rs"])
        .iter()
        .filter(|(path, _)| is_product(path) && path != Path::new(CLOCK))
        .flat_map(|(path, text)| {
            without_tests(path, text)
                .lines()
                .enumerate()
                .filter(|(_, line)| !line.trim_start().starts_with("//"))
                .filter(|(_, line)| READS_A_CLOCK.iter().any(|call| line.contains(call)))
                .filter(|(_, line)| !(line.contains("Instant::now(") && is_runtime_clock(text, line)))
                .map(move |(index, line)| format!("{}:{}: {}", path.display(), index + 1, line.trim()))
        })
        .collect();
    assert_none("time is passed in; these lines read a clock", &offences);
}

#[test]
fn no_source_is_longer_than_600_lines() {
    let is_generated = |text: &str| text.lines().take(3).any(|line| line.contains(GENERATED));
    let offences: Vec<String> = texts(SOURCES)
        .iter()
        .filter(|(_, text)| !is_generated(text))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert_none("a file says one thing; these are too long", &offences);
}

/// Words that tell of the machine or the circumstances a file was written in. In halves, so that this file is clean.
const FOREIGN: &[[&str; 2]] = &[
    ["/wor", "k/"],
    ["/tmp/hear", "th"],
    ["/ro", "ot/"],
    ["this ses", "sion"],
    ["shared/", "ref"],
    ["shared/", "tools"],
    ["shared/", "design"],
    ["shared/", "contract"],
    ["design", ".md"],
    ["contract", ".md"],
    ["ref/", "zigbee.md"],
    ["ref/", "reliability"],
    ["issue ", "#"],
    ["issue ", "2"],
    ["npmjs", ".org"],
    ["registry+", "http"],
    ["ghp", "_"],
];

#[test]
fn the_project_speaks_of_itself_alone() {
    let offences: Vec<String> = texts(TEXTS)
        .iter()
        .flat_map(|(path, text)| {
            text.lines().enumerate().filter_map(move |(index, line)| {
                FOREIGN
                    .iter()
                    .map(|halves| halves.concat())
                    .find(|word| line.contains(word))
                    .map(|word| format!("{}:{}: «{word}»", path.display(), index + 1))
            })
        })
        .collect();
    assert_none("words that tell of where a file was written", &offences);
}

#[test]
fn lock_files_name_no_host() {
    let offences: Vec<String> = texts(&["package-lock.json", ".npmrc", ".cargo/config.toml"])
        .iter()
        .filter(|(_, text)| text.contains("\"resolved\"") || text.contains("://"))
        .filter(|(_, text)| !only_links_of_people(text))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert_none("files that bind the project to one package host", &offences);
}

/// The addresses that package-lock.json keeps of people who ask for donations say nothing about where packages come from.
fn only_links_of_people(text: &str) -> bool {
    !text.contains("\"resolved\"")
        && text
            .lines()
            .filter(|line| line.contains("://"))
            .all(|line| line.trim_start().starts_with("\"url\": ") || line.trim_start().starts_with("\"funding\": "))
}

#[test]
fn words_are_put_off_nowhere() {
    let marks = [["to", "do!("], ["unimpl", "emented!("], ["FIX", "ME"], ["XX", "X "], ["#[ig", "nore]"]]
        .map(|halves| halves.concat());
    let offences: Vec<String> = texts(SOURCES)
        .iter()
        .flat_map(|(path, text)| {
            let marks = &marks;
            text.lines().enumerate().filter_map(move |(index, line)| {
                marks
                    .iter()
                    .find(|mark| line.contains(*mark))
                    .map(|mark| format!("{}:{}: {mark}", path.display(), index + 1))
            })
        })
        .collect();
    assert_none("work put off, or tests switched off", &offences);
}
