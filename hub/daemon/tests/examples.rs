//! Every command that can be typed: it has an example, which is understood, a page in the manual, a place among the
//! completions, and JSON for programs.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::Write as _;
use std::process::{Command, Stdio};

use hearth::cli::arguments::{EXAMPLES, command};

use crate::canned;

/// All commands that do something by themselves, e.g. `device set`.
pub(crate) fn commands() -> Vec<String> {
    fn walk(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        if !command.is_subcommand_required_set() && !path.is_empty() {
            found.push(path.to_owned());
        }
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            walk(inner, format!("{path} {}", inner.get_name()).trim_start(), found);
        }
    }
    let mut found = Vec::new();
    walk(&command(), "", &mut found);
    found
}

/// The words of an example, as a shell reads them.
pub(crate) fn words(example: &str) -> Vec<String> {
    let parts = example.split('\'').enumerate();
    parts
        .flat_map(|(number, part)| match number % 2 {
            0 => part.split_whitespace().map(ToOwned::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

#[test]
fn every_command_has_an_example_that_is_understood() {
    let named: Vec<&str> = EXAMPLES.iter().map(|(named, _)| *named).collect();
    assert_eq!(named, commands(), "the commands that have an example, and those that there are");
    for (named, example) in EXAMPLES {
        let typed = ["hearth".to_owned()].into_iter().chain(words(example));
        let matches = command().try_get_matches_from(typed).unwrap_or_else(|error| panic!("{example}: {error}"));
        let (mut meant, mut inner) = (Vec::new(), &matches);
        while let Some((name, matches)) = inner.subcommand() {
            meant.push(name);
            inner = matches;
        }
        assert_eq!(meant.join(" "), named, "{example}");
    }
}

fn hearth(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_hearth")).args(arguments).output().unwrap()
}

#[test]
fn every_command_has_a_page_and_is_completed() {
    let folder = tempfile::tempdir().unwrap();
    assert!(hearth(&["man", "--out", folder.path().to_str().unwrap()]).status.success());
    for (named, example) in EXAMPLES {
        let file = folder.path().join(format!("hearth-{}.1", named.replace(' ', "-")));
        let page = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        // As troff writes them.
        let page = page.replace("\\-", "-").replace("\\*(Aq", "'").replace("\\(aq", "'").replace("\\&", "");
        assert!(page.contains(example), "{page}");
    }
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = hearth(&["completions", shell]);
        assert!(output.status.success(), "{shell}");
        let script = String::from_utf8_lossy(&output.stdout).into_owned();
        let words: BTreeSet<&str> =
            script.split(|letter: char| !letter.is_alphanumeric() && !"-_".contains(letter)).collect();
        for word in commands().iter().flat_map(|named| named.split(' ')) {
            assert!(
                words.contains(word) || words.iter().any(|known| known.ends_with(&format!("__{word}"))),
                "{shell}: {word}"
            );
        }
    }
}

/// What cannot be asked of a hub with prepared answers, and where it is tried.
const ELSEWHERE: [(&str, &str); 15] = [
    ("run", "demo.rs"),
    ("discover", "tests/end_to_end/lan.rs"),
    ("check-config", "command_line.rs: it has no JSON"),
    ("automation check", "command_line.rs: JSON lines by nature"),
    ("automation edit", "revisions.rs: it opens an editor"),
    ("automation export", "rule_files.rs"),
    ("automation import", "rule_files.rs"),
    ("events", "demo.rs: a stream"),
    ("driver discover", "tests/end_to_end/lan.rs"),
    ("driver inspect", "command_line.rs: JSON lines by nature"),
    ("pair", "pairing.rs: a stream"),
    ("login", "login.rs"),
    ("logout", "login.rs"),
    ("completions", "above: it has no JSON"),
    ("man", "above: it has no JSON"),
];

/// What is not prepared is answered with what was asked.
fn answer(request: &str) -> (u16, String) {
    match canned::answer(request) {
        (404, _) => (200, serde_json::json!({"asked": request, "items": [], "next_cursor": null}).to_string()),
        known => known,
    }
}

#[test]
fn every_command_has_json_of_a_stable_shape() {
    let folder = tempfile::tempdir().unwrap();
    let rule = "id: attic\nname: Attic\ntriggers: [{time: '07:30'}]\nactions: [{delay: 1s}]\n";
    for (name, text) in [
        ("attic.yaml", rule),
        ("hall.yaml", &rule.replace("attic", "hall").replace("Attic", "Hall")),
        ("scenes.yaml", "name: Film\nstates: [{device: Lamp, set: {on: true}}]\n"),
        ("permission.json", r#"{"who": {"role": "child"}, "allow": ["see"]}"#),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let address = canned::start(answer).to_string();
    let mut told = String::new();
    for (named, example) in EXAMPLES {
        if ELSEWHERE.iter().any(|(elsewhere, _)| *elsewhere == named) {
            continue;
        }
        let mut typed = words(example);
        if let Some(at) = typed.iter().position(|word| word == "--host") {
            typed.drain(at..at + 2);
        }
        let mut process = Command::new(env!("CARGO_BIN_EXE_hearth"))
            .args(typed)
            .args(["--json", "--yes", "--host", &address, "--token", "t"])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Some ask for a word or two; others have ended by now.
        let _ = process.stdin.take().unwrap().write_all(b"one word\nanother word\n");
        let output = process.wait_with_output().unwrap();
        let code = output.status.code().unwrap();
        writeln!(told, "$ hearth {example}").unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let mut values = 0;
        for value in serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>() {
            writeln!(told, "{}", value.unwrap_or_else(|error| panic!("{example}: {error}: {text}"))).unwrap();
            values += 1;
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(values > 0 || code != 0, "{example} printed nothing");
        if code != 0 {
            writeln!(told, "exit code {code}: {}", errors.trim_end()).unwrap();
        }
        told.push('\n');
    }
    expect_test::expect_file!["json-of-commands.txt"].assert_eq(&told);
}
