//! Every set of `tests/analysis` has the findings that it names: each in `bad` is found, and nothing else is said; in
//! `good` there are remarks only. `tests/analysis/README.md` says how they are written.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use hub_automation::analysis::{CheckFinding, RuleOfSet, check};
use hub_automation::document;
use hub_model::event::Severity;
use hub_model::household::Location;
use hub_model::scene::{Scene, SceneState};
use hub_model::{AutomationId, Timestamp};

use crate::home::TestHome;
use crate::script::parts;

/// A finding that a set names.
#[derive(Debug)]
struct Expected {
    line: String,
    optional: bool,
    severity: Severity,
    codes: Vec<String>,
    rules: BTreeSet<String>,
    path: Option<String>,
    says: Option<String>,
}

impl Expected {
    fn parse(line: &str) -> Self {
        let (optional, rest) = line.strip_prefix("maybe ").map_or((false, line), |rest| (true, rest));
        let (rest, says) = rest.split_once(" says ").map_or((rest, None), |(rest, says)| (rest, Some(says.to_owned())));
        let (rest, path) = rest.split_once(" at ").map_or((rest, None), |(rest, path)| (rest, Some(path.to_owned())));
        let mut words = rest.splitn(3, ' ');
        let severity = match words.next() {
            Some("error") => Severity::Error,
            Some("warning") => Severity::Warning,
            Some("info") => Severity::Info,
            _ => panic!("{line:?}: write SEVERITY CODE RULE"),
        };
        let codes = words.next().unwrap().split('|').map(str::to_owned).collect();
        let rules = words.next().unwrap().split(", ").map(|rule| rule.trim().to_owned()).collect();
        Self { line: line.to_owned(), optional, severity, codes, rules, path, says }
    }

    fn is(&self, finding: &CheckFinding) -> bool {
        let rules: BTreeSet<String> = finding.automations.iter().map(|id| id.as_str().to_owned()).collect();
        let below = |path: &String| {
            let rest = finding.path.strip_prefix(path.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        finding.severity == self.severity
            && self.codes.iter().any(|code| code == finding.code)
            && rules == self.rules
            && self.path.as_ref().is_none_or(below)
            && self.says.as_ref().is_none_or(|says| finding.message.text.contains(says.as_str()))
    }
}

/// The home of a set.
fn home(settings: &str, devices: &str, scenes: &str) -> TestHome {
    let mut home = TestHome::default();
    let mut is_placed = true;
    for (key, value) in settings.lines().filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        match key.trim() {
            "people" => value.split(", ").for_each(|person| {
                home.put_person(person, None, Timestamp(0));
            }),
            "modes" => home.home.modes = value.split(", ").map(Arc::from).collect(),
            "location" if value == "unknown" => is_placed = false,
            "location" => {
                let (latitude, longitude) = value.split_once(',').unwrap();
                let [latitude, longitude] = [latitude, longitude].map(|degrees| degrees.trim().parse().unwrap());
                home.home.location = Some(Location { latitude, longitude });
            }
            "zone" => home.home.time_zone = value.into(),
            other => panic!("there is no setting {other:?}"),
        }
        home.complete |= matches!(key.trim(), "people" | "modes");
    }
    // Most sets are about something else.
    if home.complete && is_placed {
        home.home.location.get_or_insert(Location { latitude: 52.5, longitude: 13.4 });
    }
    for line in devices.lines().filter(|line| !line.trim().is_empty()) {
        home.add(line.trim());
    }
    if !scenes.trim().is_empty() {
        let scenes: serde_json::Map<String, serde_json::Value> = serde_saphyr::from_str(scenes).unwrap();
        for (name, devices) in scenes {
            let state = |(device, set): (&String, &serde_json::Value)| {
                let (device, endpoint) = device
                    .split_once('/')
                    .map_or((device.as_str(), None), |(device, endpoint)| (device, Some(endpoint.parse().unwrap())));
                let set = set.as_object().unwrap().iter();
                let set =
                    set.map(|(name, value)| (name.as_str().into(), serde_json::from_value(value.clone()).unwrap()));
                SceneState { device: home.find(device), endpoint, set: set.collect() }
            };
            let states = devices.as_object().unwrap().iter().map(state).collect();
            let id = name.to_lowercase().replace(' ', "-").into();
            home.scenes.push(Scene { id, name: name.into(), transition_ms: None, states });
        }
    }
    home
}

/// What is found in a set.
fn found(text: &str) -> Vec<CheckFinding> {
    found_in(text, false).unwrap_or_else(|refused| refused)
}

/// What is found in a set, or in the same set with its rules in the opposite order; or why it cannot be read.
fn found_in(text: &str, turned: bool) -> Result<Vec<CheckFinding>, Vec<CheckFinding>> {
    let parts = parts(text);
    let part = |name: &str| parts.get(name).map(String::as_str).unwrap_or_default();
    let home = home(part("settings"), part("home"), part("scenes"));
    let documents = match document::parse_yaml_many(part("rules")) {
        Ok(documents) => documents,
        Err(findings) => {
            let rules: serde_json::Value = serde_saphyr::from_str(part("rules")).unwrap();
            let id_of = |path: &str| {
                let index = path
                    .strip_prefix('[')
                    .and_then(|rest| rest.split(']').next())
                    .map(|index| index.parse::<usize>().unwrap());
                let rule = index.map_or(&rules, |index| &rules[index]);
                AutomationId::from(rule["id"].as_str().unwrap_or("?"))
            };
            return Err(findings
                .iter()
                .map(|finding| CheckFinding::of(finding, Some(&id_of(&finding.path))))
                .collect());
        }
    };
    let ids: Vec<AutomationId> =
        documents.iter().map(|document| AutomationId::from(document.id().expect("each rule has an id"))).collect();
    let mut rules: Vec<RuleOfSet<'_>> =
        ids.iter().zip(&documents).map(|(id, document)| RuleOfSet { id, document }).collect();
    if turned {
        rules.reverse();
    }
    let all = check(&rules, &home);
    for finding in &all {
        assert!(!finding.message.text.is_empty() && !finding.path.starts_with('['), "{finding:?}");
    }
    Ok(all)
}

fn sets(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/analysis").join(folder);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

fn differences(folder: &str, may_pass: impl Fn(&CheckFinding) -> bool) -> String {
    let mut differences = String::new();
    for (name, text) in sets(folder) {
        let findings = found(&text);
        let lines = parts(&text).remove("findings").unwrap_or_default();
        let expected: Vec<Expected> =
            lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(Expected::parse).collect();
        for expected in expected.iter().filter(|expected| !expected.optional) {
            if !findings.iter().any(|finding| expected.is(finding)) {
                let _ = writeln!(differences, "{folder}/{name}: not found: {}", expected.line);
            }
        }
        for finding in &findings {
            if !may_pass(finding) && !expected.iter().any(|expected| expected.is(finding)) {
                let _ = writeln!(differences, "{folder}/{name}: found too: {}", finding.to_json());
            }
        }
    }
    differences
}

#[test]
fn what_is_planted_is_found() {
    let differences = differences("bad", |finding| finding.severity == Severity::Info);
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn what_is_right_is_let_pass() {
    let differences = differences("good", |_| false);
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn the_order_of_rules_changes_no_finding() {
    let told = |text: &str, turned: bool| -> BTreeSet<(u8, &'static str, BTreeSet<String>)> {
        let findings = found_in(text, turned).unwrap_or_default();
        let rules = |finding: &CheckFinding| finding.automations.iter().map(|id| id.as_str().to_owned()).collect();
        findings.iter().map(|finding| (finding.severity as u8, finding.code, rules(finding))).collect()
    };
    for (name, text) in sets("bad").into_iter().chain(sets("good")) {
        assert_eq!(told(&text, false), told(&text, true), "{name}");
    }
}
