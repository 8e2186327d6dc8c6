//! Who does not see everything is told of the rest only that it is there.

use std::fmt::Write;

use hub_access::Part;
use hub_model::household::Person;

use super::super::{Eyes, Hidden};
use super::*;

/// In every name, id and value that is not for the eyes of who asks.
const MARK: &str = "attic";
/// When hidden things happen: no clock of what is told shows this second.
const SECOND: u64 = 37;
const OPEN: [&str; 3] = ["lamp-1", "lamp-2", "lamp-3"];
const HIDDEN: [&str; 2] = ["attic-1", "attic-2"];

/// Numbers that are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

/// Eyes that see the open lamps and Anna, who they are.
fn eyes(snapshot: &Snapshot, parts: &[Part], reads: bool) -> Eyes {
    let mut home = snapshot.clone();
    HIDDEN.iter().for_each(|address| home.devices.remove(&format!("test:{address}")));
    home.people = Arc::new(vec![Person::new("anna".into(), "Anna")]);
    Eyes {
        account: "anna".into(),
        home: Arc::new(home),
        parts: parts.iter().copied().collect(),
        reads: Box::new(move |document| reads && !document.contains(MARK)),
    }
}

impl Past {
    /// Rules that set each other off, made up at random. Those of which nothing is seen happen at the hidden second.
    fn made_up(numbers: &mut Numbers) -> (Self, Snapshot) {
        let all: Vec<&str> = OPEN.iter().chain(&HIDDEN).copied().collect();
        let devices: Vec<(&str, &[&str])> = all.iter().map(|address| (*address, &[][..])).collect();
        let mut past = Self::with(&devices);
        for step in 0..8_u64 {
            let device = numbers.one_of(&all);
            let second = step * 60 + if device.contains(MARK) { SECOND } else { 10 };
            let trigger = match numbers.below(6) {
                0 => r#"{"kind":"time","path":"triggers[0]","id":"evening"}"#.to_owned(),
                1 => r#"{"kind":"presence","person":"attic-person","to":"attic place"}"#.to_owned(),
                2 => r#"{"kind":"availability","device":"test:attic-1","to":"offline"}"#.to_owned(),
                3 => r#"{"kind":"webhook","value":"attic body"}"#.to_owned(),
                4 => r#"{"kind":"run","automation":"attic-rule","run":"attic-rule-1-0"}"#.to_owned(),
                _ => format!(
                    r#"{{"kind":"state","device":"test:{device}","endpoint":1,"attribute":"on","to":true,"at":"{}","since":"{}"}}"#,
                    at(second),
                    at(second)
                ),
            };
            let looked_at = numbers.one_of(&all);
            let value = if looked_at.contains(MARK) { "\"attic value\"" } else { "false" };
            let target = numbers.one_of(&all);
            past.trace(
                step * 60 + 10,
                &format!(
                    r#""run":"hall-{step}-0","trigger":{trigger},"conditions":[
                    {{"path":"conditions[0]","device":"test:{looked_at}","endpoint":1,"attribute":"on","value":{value},"as_wanted":true}},
                    {{"path":"conditions[1]","value":"attic words","as_wanted":true}}],
                    "actions":[{{"path":"actions[0]","device":"test:{target}","set":{{"on":true,"attic_level":1}}}},
                    {{"path":"actions[1]","scene":"attic scene"}}],"result":"finished","detail":"attic detail""#
                ),
            );
            let cause = match numbers.below(6) {
                0 => Cause::Report,
                1 => Cause::Person { account: "attic-person".into(), via: "api".into() },
                2 => Cause::Person { account: "anna".into(), via: "api".into() },
                3 => Cause::Rule {
                    automation: "attic-rule".into(),
                    run: "attic-rule-1-0".into(),
                    depth: 1,
                    parent: None,
                },
                _ => rule(&format!("hall-{step}-0")),
            };
            let second = step * 60 + if target.contains(MARK) { SECOND } else { 11 };
            past.state(&format!("test:{target}"), numbers.below(2) == 0, second, cause);
        }
        let mut snapshot = past.snapshot();
        let document = r#"{"id":"hall","name":"Hall","triggers":[{"start":{}}],"actions":[{"stop":"x"}]}"#;
        let mut view = view_of(document);
        view.record.revision = 2;
        snapshot.automations.put(Arc::new(view));
        snapshot.people =
            Arc::new(vec![Person::new("anna".into(), "Anna"), Person::new("attic-person".into(), "Attic Person")]);
        (past, snapshot)
    }

    fn why_with(&self, snapshot: &Snapshot, device: &str, eyes: Option<&Eyes>) -> super::super::Why {
        let archive = MemoryArchive(self.journal.clone());
        let sources = Sources {
            snapshot,
            archive: &archive,
            commands: &self.commands,
            now: at(1_000),
            person: &|account| Some(account.to_string()),
            eyes,
        };
        let key = AttributeKey { device: device.into(), endpoint: 1, attribute: "on".into() };
        why(&sources, &key, None).unwrap()
    }
}

#[test]
fn no_chain_names_what_is_hidden_or_tells_when_it_was() {
    let hidden_second = format!(":{SECOND}");
    let (mut hidden, mut told) = (0, 0);
    for seed in 0..400 {
        let (past, snapshot) = Past::made_up(&mut Numbers(seed));
        for parts in [&[Part::Rules, Part::Mode, Part::Why][..], &[Part::Why]] {
            for reads in [true, false] {
                let eyes = eyes(&snapshot, parts, reads);
                for address in OPEN {
                    let device = format!("test:{address}");
                    let why = past.why_with(&snapshot, &device, Some(&eyes));
                    let mut said = why.text.join("\n");
                    write!(said, "{:?}", why.chain).unwrap();
                    let said = said.to_lowercase();
                    assert!(!said.contains(MARK) && !said.contains(&hidden_second), "seed {seed}: {said}");
                    let hidden_times = (0..8).map(|step| at(step * 60 + SECOND).0.to_string());
                    assert_eq!(hidden_times.filter(|time| said.contains(time)).count(), 0, "seed {seed}: {said}");
                    assert!(reads || !said.contains("evening"), "seed {seed}: {said}");
                    assert!(parts.contains(&Part::Rules) || !said.contains("hall"), "seed {seed}: {said}");
                    // What is told is as it is for who sees everything.
                    let whole = past.why_with(&snapshot, &device, None);
                    assert_eq!((&why.value, why.since), (&whole.value, whole.since));
                    assert!(why.chain.len() <= whole.chain.len() + 1, "seed {seed}");
                    let ends_hidden = matches!(why.chain.last(), Some(Link::Hidden(_)));
                    assert!(!ends_hidden || !why.is_complete);
                    hidden += usize::from(ends_hidden);
                    told += usize::from(!ends_hidden && why.chain.len() > 1);
                }
            }
        }
    }
    assert!(hidden > 100 && told > 100, "{hidden} {told}");
}

#[test]
fn a_chain_ends_in_words_where_it_leads_to_something_hidden() {
    let mut past = Past::with(&[("lamp-1", &[]), ("attic-1", &[])]);
    past.state("test:attic-1", true, 30, Cause::Report);
    past.trace(
        100,
        &format!(
            r#""run":"hall-0-0","trigger":{{"kind":"state","path":"triggers[0]","device":"test:attic-1","endpoint":1,
            "attribute":"on","to":true,"at":"{}"}},"conditions":[],"actions":[{{"path":"actions[0]",
            "device":"test:lamp-1","set":{{"on":true}}}}],"result":"finished""#,
            at(30)
        ),
    );
    past.state("test:lamp-1", true, 100, rule("hall-0-0"));
    let mut snapshot = past.snapshot();
    let mut view = view_of(r#"{"id":"hall","name":"Hall","triggers":[],"actions":[]}"#);
    view.record.revision = 2;
    snapshot.automations.put(Arc::new(view));
    let whole = past.why_with(&snapshot, "test:lamp-1", None);
    assert_eq!(whole.text.len(), 3, "{:#?}", whole.text);
    let told = past.why_with(&snapshot, "test:lamp-1", Some(&eyes(&snapshot, &[Part::Rules], false)));
    assert_eq!(
        told.text,
        [
            r#"lamp 1 on is true since 18:01:40 because the rule "Hall" set it (revision 2)."#,
            "That began with something that you may not see.",
        ]
    );
    assert!(matches!(told.chain.last(), Some(Link::Hidden(Hidden::Something))), "{:#?}", told.chain);
    let told = past.why_with(&snapshot, "test:lamp-1", Some(&eyes(&snapshot, &[], false)));
    assert_eq!(told.text, ["lamp 1 on is true since 18:01:40 because a rule that you may not see set it."]);
    past.state("test:lamp-1", false, 200, Cause::Person { account: "attic-person".into(), via: "cli".into() });
    let snapshot = past.snapshot();
    let told = past.why_with(&snapshot, "test:lamp-1", Some(&eyes(&snapshot, &[], false)));
    assert_eq!(told.text, ["lamp 1 on is false since 18:03:20 because somebody whom you may not see set it."]);
}

fn why_not_of(past: &Past, snapshot: &Snapshot, document: &str, eyes: Option<&Eyes>) -> super::super::WhyNot {
    let archive = MemoryArchive(past.journal.clone());
    let sources = Sources {
        snapshot,
        archive: &archive,
        commands: &[],
        now: at(1_000),
        person: &|account| Some(account.to_string()),
        eyes,
    };
    why_not(&sources, &view_of(document), None).unwrap()
}

#[test]
fn why_a_rule_did_not_act_is_told_to_who_sees_all_that_it_names() {
    let mut past = Past::with(&[("lamp-1", &[]), ("lamp-2", &[]), ("attic-1", &[])]);
    past.state("test:lamp-1", true, 10, Cause::Report);
    past.state("test:attic-1", true, 10, Cause::Report);
    let snapshot = past.snapshot();
    let rule = |device: &str| {
        format!(
            r#"{{"id":"hall","name":"Hall","triggers":[{{"state":{{"device":"test:{device}","attribute":"on","to":true}}}}],
            "conditions":[{{"if":"state('test:at' ~ 'tic-1', 'on')"}}],"actions":[{{"stop":"x"}}]}}"#
        )
    };
    let eyes = eyes(&snapshot, &[Part::Rules], true);
    let hidden = why_not_of(&past, &snapshot, &rule("attic-1"), Some(&eyes));
    assert_eq!(hidden.reason.code, "hidden");
    assert!(hidden.explanation.triggers.is_empty() && !format!("{hidden:?}").contains(MARK), "{hidden:?}");
    let whole = why_not_of(&past, &snapshot, &rule("lamp-1"), None);
    let told = why_not_of(&past, &snapshot, &rule("lamp-1"), Some(&eyes));
    assert_eq!(told.reason.text, whole.reason.text);
    // A name that is made up on the way leads to nothing that they do not see.
    assert_eq!(
        (whole.explanation.conditions[0].holds, told.explanation.conditions[0].holds),
        (Some(true), Some(false))
    );
}
