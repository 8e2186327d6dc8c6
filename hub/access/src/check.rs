//! The check of a rule: everything that is wrong with it, in words.

use std::sync::Arc;

use hub_model::Timestamp;
use hub_model::event::Severity;
use hub_model::household::Role;
use hub_model::name::nearest;
use hub_model::zone::TimeOfDay;
use serde::Serialize;

use crate::action::Action;
use crate::device_type::DEVICE_TYPES;
use crate::document::{PolicyRule, What, When, Who};
use crate::part::PARTS;
use crate::roles;
use crate::window::{Window, weekday, weekday_words};

/// The most words of one list.
pub const WORDS_MAX: usize = 200;
/// The longest word, in bytes.
pub const WORD_BYTES_MAX: usize = 200;
/// The longest note, in bytes.
pub const NOTE_BYTES_MAX: usize = 2_000;
/// The minutes of a day.
const DAY: u32 = 24 * 60;

/// Something to say of a rule. A rule with an error is not to be saved.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// For programs.
    pub code: &'static str,
    /// Where in the document, like `what.areas[1]`.
    pub path: String,
    /// For people.
    pub message: String,
}

/// A kind of thing that has names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameKind {
    /// A room, by id.
    Area,
    /// A device, by id.
    Device,
    /// An attribute that some device has.
    Attribute,
    /// An account.
    Person,
}

/// What names there are in the home.
pub trait Names {
    /// The names of this kind.
    fn names(&self, kind: NameKind) -> Vec<&str>;
}

impl NameKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Area => "room",
            Self::Device => "device",
            Self::Attribute => "attribute",
            Self::Person => "person",
        }
    }
}

impl PolicyRule {
    /// Everything that is to be said of it.
    pub fn check(&self, names: &dyn Names, now: Timestamp) -> Vec<Finding> {
        let mut check = Check { names, findings: Vec::new() };
        check.rule(self, now);
        check.findings
    }
}

struct Check<'a> {
    names: &'a dyn Names,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn say(&mut self, severity: Severity, code: &'static str, path: impl Into<String>, message: impl Into<String>) {
        self.findings.push(Finding { severity, code, path: path.into(), message: message.into() });
    }

    fn error(&mut self, code: &'static str, path: impl Into<String>, message: impl Into<String>) {
        self.say(Severity::Error, code, path, message);
    }

    fn warn(&mut self, code: &'static str, path: impl Into<String>, message: impl Into<String>) {
        self.say(Severity::Warning, code, path, message);
    }

    fn rule(&mut self, rule: &PolicyRule, now: Timestamp) {
        if rule.id.len() > WORD_BYTES_MAX {
            self.error("too_long", "id", format!("an id has at most {WORD_BYTES_MAX} bytes"));
        }
        self.who(&rule.who);
        if rule.allow.is_empty() || rule.allow.len() > WORDS_MAX {
            self.error("allows_nothing", "allow", "name what is allowed: see, control, configure");
        }
        if let Some(what) = &rule.what {
            self.what(what);
        }
        if let Some(when) = &rule.when {
            self.when(when);
        }
        self.limits(rule);
        if let Some(who) = &rule.only_while_home {
            let path = "only_while_home";
            self.list(path, who);
            let people = who.iter().take(WORDS_MAX).enumerate().filter(|(_, word)| roles::named(word).is_none());
            for (index, word) in people {
                self.name(NameKind::Person, &format!("{path}[{index}]"), word);
            }
        }
        if let Some(daily) = rule.daily {
            if daily.minutes == 0 || daily.minutes > DAY {
                self.error("bad_allowance", "daily.minutes", format!("give 1 to {DAY} minutes a day"));
            }
            self.needs_action(rule, Action::Control, "daily");
        }
        if rule.approval == Some(true) || rule.pin == Some(true) {
            self.needs_more_than_seeing(rule);
        }
        if let Some(end) = rule.ends_at().filter(|end| *end <= now) {
            self.error("ended", "until", format!("it ended at {end}: give a time to come, or leave it out"));
        }
        if rule.note.as_ref().is_some_and(|note| note.len() > NOTE_BYTES_MAX) {
            self.error("too_long", "note", format!("a note has at most {NOTE_BYTES_MAX} bytes"));
        }
    }

    fn who(&mut self, who: &Who) {
        match who {
            Who::Role(Role::Owner) => {
                self.warn("no_effect", "who.role", "owners may do everything without a rule");
            }
            Who::Role(_) => {}
            Who::Person(person) => self.name(NameKind::Person, "who.person", person.as_str()),
        }
    }

    fn what(&mut self, what: &What) {
        let named = [
            (&what.areas, "what.areas", NameKind::Area),
            (&what.devices, "what.devices", NameKind::Device),
            (&what.capabilities, "what.capabilities", NameKind::Attribute),
        ];
        for (words, path, kind) in named {
            for (index, word) in self.listed(path, words) {
                self.name(kind, &format!("{path}[{index}]"), &word);
            }
        }
        let types: Vec<&str> = DEVICE_TYPES.iter().map(|row| row.word).collect();
        let parts: Vec<&str> = PARTS.iter().map(|row| row.word).collect();
        for (words, path, known) in [(&what.types, "what.types", types), (&what.parts, "what.parts", parts)] {
            for (index, word) in self.listed(path, words) {
                if !known.contains(&&*word) {
                    self.error("unknown_name", format!("{path}[{index}]"), one_of(&word, &known));
                }
            }
        }
    }

    fn when(&mut self, when: &When) {
        for (text, path) in [(&when.from, "when.from"), (&when.to, "when.to")] {
            if let Some(error) = text.as_ref().and_then(|text| text.parse::<TimeOfDay>().err()) {
                self.error("bad_time", path, error.to_string());
            }
        }
        let words: Vec<&str> = weekday_words().collect();
        for (index, word) in self.listed("when.weekdays", &when.weekdays) {
            if weekday(&word).is_none() {
                self.error("bad_weekday", format!("when.weekdays[{index}]"), one_of(&word, &words));
            }
        }
        let names_days = when.weekdays.as_ref().is_none_or(|days| !days.is_empty());
        if names_days && Window::of(when).is_some_and(|window| window.is_empty()) {
            let message = "it ends when it begins, so no time is in it; for the whole day leave both out";
            self.error("empty_window", "when", message);
        }
    }

    fn limits(&mut self, rule: &PolicyRule) {
        let Some(limits) = &rule.limits else { return };
        if limits.len() > WORDS_MAX {
            self.error("too_many", "limits", format!("a rule has at most {WORDS_MAX} limits"));
        }
        for (attribute, limit) in limits.iter().take(WORDS_MAX) {
            let path = format!("limits.{attribute}");
            self.name(NameKind::Attribute, &path, attribute);
            match (limit.min, limit.max) {
                (None, None) => self.error("bad_limit", path, "give min, max or both"),
                (Some(min), Some(max)) if min > max => {
                    self.error("bad_limit", path, format!("no number is at least {min} and at most {max}"));
                }
                _ => {
                    let listed = rule.what.as_ref().and_then(|what| what.capabilities.as_ref());
                    if listed.is_some_and(|listed| !listed.contains(attribute)) {
                        self.warn("no_effect", path, "the rule is not about this attribute: add it to capabilities");
                    }
                }
            }
        }
        self.needs_action(rule, Action::Control, "limits");
    }

    fn needs_action(&mut self, rule: &PolicyRule, action: Action, path: &str) {
        if !rule.allow.contains(&action) {
            let message = format!("it is for {}, which this rule does not allow", action.as_str());
            self.warn("no_effect", path, message);
        }
    }

    fn needs_more_than_seeing(&mut self, rule: &PolicyRule) {
        if rule.allow.iter().all(|action| *action == Action::See) {
            self.warn("no_effect", "allow", "approval and pin are for controlling and configuring, not for seeing");
        }
    }

    /// The words of a list that is not too long, each with its place.
    fn listed(&mut self, path: &str, words: &Option<Vec<Arc<str>>>) -> Vec<(usize, Arc<str>)> {
        let Some(words) = words else { return Vec::new() };
        self.list(path, words);
        words.iter().take(WORDS_MAX).cloned().enumerate().collect()
    }

    fn list(&mut self, path: &str, words: &[Arc<str>]) {
        if words.is_empty() {
            self.error("names_nothing", path, "an empty list leaves nothing: name something, or leave it out");
        }
        if words.len() > WORDS_MAX {
            self.error("too_many", path, format!("a list has at most {WORDS_MAX} entries"));
        }
    }

    fn name(&mut self, kind: NameKind, path: &str, name: &str) {
        if name.len() > WORD_BYTES_MAX {
            self.error("too_long", path, format!("a name has at most {WORD_BYTES_MAX} bytes"));
            return;
        }
        let is_semantic = kind == NameKind::Attribute && hub_model::attributes::semantic(name).is_some();
        let known = self.names.names(kind);
        if is_semantic || known.contains(&name) {
            return;
        }
        let kind = kind.as_str();
        let message = match nearest(name, known.iter().copied()) {
            Some(near) => format!("there is no {kind} {name:?}; {near:?} is near"),
            None => format!("there is no {kind} {name:?}"),
        };
        self.error("unknown_name", path, message);
    }
}

fn one_of(word: &str, known: &[&str]) -> String {
    let word: String = word.chars().take(64).collect();
    format!("{word:?} is none of {}", known.join(", "))
}
