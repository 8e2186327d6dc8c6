//! Documents: what is refused and how it is said, and that nothing is lost between the two spellings.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use expect_test::expect;
use hub_automation::document::{self, written::Enabled};
use hub_automation::{Document, compile};
use proptest::prelude::*;

use crate::home::TestHome;
use crate::script::parts;

/// The rules of every script.
fn all_rules() -> Vec<(String, Vec<Document>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let rules = parts(&text).remove("rules").unwrap();
            (rules.clone(), document::parse_yaml_many(&rules).unwrap())
        })
        .collect()
}

#[test]
fn both_spellings_are_one_tree() {
    for (text, documents) in all_rules() {
        for document in documents {
            let json = document.to_json();
            let from_json = document::parse_json(&json).unwrap();
            assert_eq!(from_json.to_json(), json, "{text}");
            let yaml = document.to_yaml();
            let from_yaml = document::parse_yaml(&yaml).unwrap_or_else(|findings| panic!("{findings:?}\n{yaml}"));
            assert_eq!(from_yaml.to_json(), json, "{yaml}");
        }
    }
}

#[test]
fn order_notes_and_words_are_kept() {
    let text = "\
name: Hallway
note: Anna wants it
mode: restart
triggers:
- state:
    note: the one above the stairs
    device: Hallway motion
    attribute: hvac_mode
    to: \"off\"
    for: 1h30m
conditions:
- not:
  - state:
      device: Hallway lamp
      attribute: on
      is: true
    note: inner
actions:
- command:
    device: Hallway lamp
    set:
      on: true
      brightness: 40%
      note: soft
  note: why
- delay: 90s
  note: time to leave
";
    let document = document::parse_yaml(text).unwrap();
    expect![[r#"{"name":"Hallway","note":"Anna wants it","mode":"restart","triggers":[{"state":{"note":"the one above the stairs","device":"Hallway motion","attribute":"hvac_mode","to":"off","for":"1h30m"}}],"conditions":[{"not":[{"state":{"device":"Hallway lamp","attribute":"on","is":true},"note":"inner"}]}],"actions":[{"command":{"device":"Hallway lamp","set":{"on":true,"brightness":"40%","note":"soft"}},"note":"why"},{"delay":"90s","note":"time to leave"}]}"#]].assert_eq(&document.to_json());
    let again = document::parse_json(&document.to_json()).unwrap();
    assert_eq!(document::parse_yaml(&again.to_yaml()).unwrap().to_json(), document.to_json());
}

#[test]
fn comments_become_notes() {
    let text = "\
# For the night.
# Anna wants it.
name: Hallway   # short
mode: restart
triggers:
  # The one above the stairs.
  - state: {device: Hallway motion, attribute: occupancy, to: true}   # not the cat
  - time: \"07:30\"
    note: early # too early
# What it does.
actions:
  - command:
      device: Hallway lamp
      set:
        # Not too bright.
        color: {hue: 30, saturation: 20} # warm
        brightness: 40%
  - delay: 90s # time to leave
# The end.
";
    let document = document::parse_yaml(text).unwrap();
    expect![[r#"
        name: Hallway
        mode: restart
        triggers:
        - state:
            device: Hallway motion
            attribute: occupancy
            to: true
            note: not the cat
          note: The one above the stairs.
        - time: 07:30
          note: |-
            early
            too early
        actions:
        - command:
            device: Hallway lamp
            set:
              color:
                hue: 30
                saturation: 20
              brightness: 40%
              note: |-
                Not too bright.
                warm
        - delay: 90s
          note: |-
            time to leave
            The end.
        note: |-
          For the night.
          Anna wants it.
          short
          What it does.
    "#]]
    .assert_eq(&document.to_yaml());
    assert_eq!(document::parse_yaml(&document.to_yaml()).unwrap().to_json(), document.to_json());
}

#[test]
fn an_id_and_a_switch_can_be_set() {
    let document = document::parse_yaml("name: A\ntriggers: [{time: '07:30'}]\nactions: [{delay: 1s}]").unwrap();
    assert_eq!((document.id(), document.name(), document.enabled()), (None, "A", Enabled::Yes));
    let document = document.with_id(&"a".into()).with_enabled(Enabled::Shadow);
    let again = document::parse_json(&document.to_json()).unwrap();
    assert_eq!((again.id(), again.enabled()), (Some("a"), Enabled::Shadow));
    let document = again.with_enabled(Enabled::No);
    assert_eq!(document::parse_yaml(&document.to_yaml()).unwrap().enabled(), Enabled::No);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let rule = |part: &str| format!("name: A\ntriggers: [{{time: '07:30'}}]\nactions: [{{delay: 1s}}]\n{part}");
    let trigger = |part: &str| format!("name: A\ntriggers:\n  - {part}\nactions: [{{delay: 1s}}]\n");
    let action = |part: &str| format!("name: A\ntriggers: [{{time: '07:30'}}]\nactions:\n  - {part}\n");
    let texts = [
        String::new(),
        "just a text".to_owned(),
        "name: A".to_owned(),
        "name: [".to_owned(),
        "name: A\nname: B".to_owned(),
        "\tname: A".to_owned(),
        rule("modes: single"),
        rule("mode: sinlge"),
        rule("enabled: on"),
        rule("enabled: maybe"),
        rule("id: Hallway Light"),
        rule("catch_up: never"),
        rule("catch_up: {waits: {run_if_within: 10}}"),
        rule("note: 7"),
        rule("conditions: {state: {device: A, attribute: on, equals: true}}"),
        rule("conditions: [{status: {device: A}}]"),
        trigger("state: {device: A, attribute: on, to: true, fro: false}"),
        trigger("state: {attribute: on}"),
        trigger("state: {device: A}"),
        trigger("state: {device: [], attribute: on, to: []}"),
        trigger("state: {device: A, attribute: on, to: true, for: 5}"),
        trigger("state: {device: A, attribute: on, to: true, for: soon}"),
        trigger("{state: {device: A, attribute: on}, event: {device: B}}"),
        trigger("time: 7:3x"),
        trigger("{time: '07:30', weekdays: [monday]}"),
        trigger("{time: 730}"),
        trigger("availability: {device: A, to: gone}"),
        trigger("state"),
        action("command: {device: A}"),
        action("command: {device: A, set: {}}"),
        action("command: {device: {type: light}, set: {on: true}}"),
        action("command: {device: {type: lamp, all: true}, set: {on: true}}"),
        action("command: {device: A, endpoint: 1.5, set: {on: true}}"),
        action("command: {device: A, set: {brightness: .nan}}"),
        action("command: {device: A, set: {brightness: .inf}}"),
        action("delay: {minutes: 5}"),
        action("delay: 400d"),
        action("{wait_for: {state: {device: A, attribute: on}}, on_timeout: explode}"),
        action("{wait_for: [], timeout: 5m}"),
        action("{delay: 1s, timeout: 5m}"),
        action("switch_on: lamp"),
        "&a [*a]".to_owned(),
        "a: !!binary x\n? [complex]\n: key".to_owned(),
    ];
    let mut printed = String::new();
    for text in texts {
        let _ = writeln!(printed, "{}", text.escape_debug());
        match document::parse_yaml(&text) {
            Ok(_) => printed.push_str("    fine\n"),
            Err(findings) => {
                assert!(!findings.is_empty());
                for finding in findings {
                    let _ = writeln!(printed, "    {}: {finding}", finding.code);
                }
            }
        }
    }
    expect_test::expect_file!["wrong_yaml.txt"].assert_eq(&printed);
}

#[test]
fn json_is_read_as_strictly() {
    let texts = [
        "",
        "{",
        "[]",
        "null",
        r#"{"name":"A","name":"B"}"#,
        r#"{"name":"A","triggers":[{"time":"07:30"}],"actions":[{"delay":1e400}]}"#,
        r#"{"name":"A","triggers":[{"time":"07:30"}],"actions":[{"delay":"1s"}]} x"#,
        r#"{"name":"A","triggers":[{"time":"07:30"}],"actions":[{"dealy":"1s"}]}"#,
        r#"{"name":"A","triggers":[{"time":"07:30"}],"actions":[{"command":{"device":"A","set":"on"}}]}"#,
    ];
    let mut printed = String::new();
    for text in texts {
        let _ = writeln!(printed, "{text}");
        match document::parse_json(text) {
            Ok(_) => printed.push_str("    fine\n"),
            Err(findings) => {
                for finding in findings {
                    let _ = writeln!(printed, "    {}: {finding}", finding.code);
                }
            }
        }
    }
    expect_test::expect_file!["wrong_json.txt"].assert_eq(&printed);
}

/// What would cost a careless reader its stack, its memory or its time.
#[test]
fn hostile_documents_are_refused_at_once() {
    let deep = |left: &str, right: &str, count: usize| format!("name: {}1{}", left.repeat(count), right.repeat(count));
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (before, name) in "abcdefghij".chars().zip("bcdefghijk".chars()) {
        let _ = writeln!(bomb, "{name}: &{name} [{}]", vec![format!("*{before}"); 9].join(","));
    }
    let texts = [
        deep("[", "]", 33),
        deep("[", "]", 100_000),
        deep("{a: ", "}", 40),
        deep("{a: ", "}", 50_000),
        "- ".repeat(10_000),
        bomb,
        "x".repeat(document::MAX_BYTES + 1),
        format!("name: A\ntriggers: [{}]", "1,".repeat(100_000)),
        "&a ".repeat(10_000),
        "*".repeat(10_000),
        "\u{0}\u{feff}\u{0}".repeat(100),
        "? ".repeat(10_000),
        "%YAML 9.9\n---\n".repeat(100),
        "\"\\".repeat(1_000),
        "|\n ".repeat(1_000),
        (0..20_000).map(|number| format!("k{number}: 1 # c\n")).collect(),
        "x".repeat(document::MAX_LIST_BYTES + 1),
    ];
    for text in &texts {
        assert!(document::parse_yaml(text).is_err(), "{}", &text[..40]);
        assert!(document::parse_yaml_many(text).is_err(), "{}", &text[..40]);
        assert!(document::parse_json(text).is_err(), "{}", &text[..40]);
    }
    let many =
        "- {name: A, triggers: [{time: '07:30'}], actions: [{delay: 1s}]} # one of many\n".repeat(document::MAX_RULES);
    assert_eq!(document::parse_yaml_many(&many).unwrap().len(), document::MAX_RULES);
    assert!(document::parse_yaml_many(&format!("{many}{many}")).is_err());
    let nested = format!(r#"{{"name":{}1{}}}"#, "[".repeat(50_000), "]".repeat(50_000));
    assert!(document::parse_json(&nested).is_err());
    let nested_conditions = |count| {
        format!(
            r#"{{"name":"A","triggers":[{{"time":"07:30"}}],"conditions":{}[]{},"actions":[{{"delay":"1s"}}]}}"#,
            r#"[{"not":"#.repeat(count),
            "}]".repeat(count)
        )
    };
    assert!(document::parse_json(&nested_conditions(12)).is_ok());
    assert!(document::parse_json(&nested_conditions(20)).is_err());
}

fn home() -> TestHome {
    let mut home = TestHome::default();
    for line in ["Hallway motion: motion sensor in hallway", "Hallway lamp: light in hallway", "Button: button"] {
        home.add(line);
    }
    home
}

/// Reads a text as both spellings and makes what can be read ready to run.
fn read_anything(text: &str) {
    let home = home();
    for documents in [document::parse_yaml_many(text), document::parse_json_many(text)].into_iter().flatten() {
        for document in documents {
            let _ = compile(&document, &home);
            let resolved = document.resolved(&home);
            document::parse_json(&resolved.to_json()).unwrap();
            document::parse_yaml(&resolved.to_yaml()).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "[-\\[\\]{}:,&*!|>'\"#%@ \\n\\ta-e0-9.~?]{0,80}") {
        read_anything(&text);
    }

    #[test]
    fn a_damaged_rule_is_read_or_refused(
        which in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[-\\[\\]{}:,&*!|>'\"#% \\na-z0-9]{0,3}"), 1..4),
    ) {
        static RULES: OnceLock<Vec<String>> = OnceLock::new();
        let rules = RULES.get_or_init(|| all_rules().into_iter().map(|(text, _)| text).collect());
        let mut letters: Vec<char> = which.get(rules).chars().collect();
        for (place, new) in edits {
            let place = place.index(letters.len());
            letters.splice(place..(place + 1).min(letters.len()), new.chars());
        }
        read_anything(&letters.into_iter().collect::<String>());
    }
}

#[test]
fn a_change_by_a_program_leaves_the_rest_of_the_text_as_it_was() {
    let mut replaced = 0;
    for (_, documents) in all_rules() {
        for document in documents {
            let before = document.to_yaml();
            for enabled in [Enabled::No, Enabled::Shadow, Enabled::Yes] {
                let after = document.clone().with_enabled(enabled).to_yaml();
                let others = |text: &str| {
                    text.lines().filter(|line| !line.starts_with("enabled:")).map(str::to_owned).collect::<Vec<_>>()
                };
                assert_eq!(others(&before), others(&after));
            }
            let old = before.lines().find_map(|line| line.trim_start().strip_prefix("device: "));
            let Some(old) = old.map(|old| old.trim_matches(['"', '\''])) else { continue };
            let after = document.with_device_replaced(&old.into(), &"new:1".into()).to_yaml();
            assert_eq!(before.lines().count(), after.lines().count(), "{after}");
            for (line, other) in before.lines().zip(after.lines()).filter(|(line, other)| line != other) {
                assert!(line.contains(old) && other.contains("new:1"), "{line} → {other}");
                replaced += 1;
            }
        }
    }
    assert!(replaced > 50, "{replaced}");
}
