//! Reads the small parts of a document: texts, numbers, durations, devices, values.

use std::time::Duration;

use hub_model::device::{Capability, EndpointSelector};
use hub_model::zone::{TimeOfDay, Weekday};
use hub_model::{Availability, Said, Value};

use super::node::Content;
use super::place::{At, Findings};
use super::words::{DURATION_EXAMPLE, parse_duration, parse_signed_duration};
use super::written::{Attribute, Devices, Given, People, Placed, Range, Selection};
use crate::expression::{Expression, Template};
use crate::sun::{SunEvent, SunTime};

/// Words that were a bool in YAML 1.1 and are texts in YAML 1.2.
const OLD_BOOLS: &[(&str, bool)] =
    &[("on", true), ("yes", true), ("y", true), ("off", false), ("no", false), ("n", false)];

/// What to write in place of a word that looks like a bool.
pub(crate) fn bool_hint(text: &str) -> Option<bool> {
    OLD_BOOLS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
}

/// The words of a table.
pub(super) type Words<T> = [(&'static str, T)];

pub(super) const WEEKDAYS: &Words<Weekday> = &[
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

const SUN_EVENTS: &Words<SunEvent> = &[("sunrise", SunEvent::Sunrise), ("sunset", SunEvent::Sunset)];

/// How far from a moment of the sun an offset may lead.
const MAX_SUN_OFFSET: jiff::SignedDuration = jiff::SignedDuration::from_hours(12);

const AVAILABILITIES: &Words<Availability> =
    &[("online", Availability::Online), ("offline", Availability::Offline), ("unknown", Availability::Unknown)];

const CAPABILITIES: &Words<Capability> = &[
    ("light", Capability::Light),
    ("switch", Capability::Switch),
    ("cover", Capability::Cover),
    ("lock", Capability::Lock),
    ("thermostat", Capability::Thermostat),
    ("fan", Capability::Fan),
    ("sensor", Capability::Sensor),
    ("remote", Capability::Remote),
];

impl<'a> At<'a> {
    pub(super) fn placed<T>(&self, value: T) -> Placed<T> {
        Placed { value, place: self.place() }
    }

    /// A text that is not empty.
    pub(super) fn text(&self, findings: &mut Findings) -> Option<&'a str> {
        match &self.node.content {
            Content::Text(text) if !text.trim().is_empty() => Some(text),
            _ => {
                let case = if self.is_empty_text() { "empty_text" } else { "text" };
                let message = Said::new(case, format!("give a text, not {}", self.node.describe()));
                self.wrong("bad_value", message, findings);
                None
            }
        }
    }

    /// A text with nothing in it.
    fn is_empty_text(&self) -> bool {
        matches!(&self.node.content, Content::Text(text) if text.trim().is_empty())
    }

    /// A text that is not too long.
    pub(super) fn name(&self, most: usize, findings: &mut Findings) -> Option<String> {
        let name = self.text(findings)?;
        if name.chars().count() > most {
            self.wrong(
                "bad_value",
                Said::new("too_long", format!("give at most {most} letters")).with("most", most),
                findings,
            );
            return None;
        }
        Some(name.to_owned())
    }

    /// Texts, one or a list.
    pub(super) fn names(&self, findings: &mut Findings) -> Vec<Placed<String>> {
        if self.items().is_empty() {
            self.wrong("missing", Said::new("one", "give at least one"), findings);
        }
        let items = self.items();
        items.iter().filter_map(|item| item.text(findings).map(|text| item.placed(text.to_owned()))).collect()
    }

    /// Nothing stands here.
    pub(super) fn is_null(&self) -> bool {
        matches!(self.node.content, Content::Null)
    }

    /// An expression that is true or false.
    pub(super) fn expression(&self, findings: &mut Findings) -> Option<Expression> {
        let text = self.text(findings)?;
        Expression::condition(text).map_err(|error| self.wrong("bad_value", error.said(), findings)).ok()
    }

    /// A text that may have `{{ }}` in it.
    pub(super) fn template(&self, findings: &mut Findings) -> Option<Template> {
        let text = self.text(findings)?;
        Template::new(text).map_err(|error| self.wrong("bad_value", error.said(), findings)).ok()
    }

    /// A value, or a text with `{{ }}` that makes one.
    pub(super) fn given(&self, findings: &mut Findings) -> Option<Given> {
        match &self.node.content {
            Content::Text(text) if text.contains("{{") || text.contains("{%") => {
                self.template(findings).map(Given::Template)
            }
            _ => Some(Given::Value(self.node.to_value())),
        }
    }

    /// Names with values, in order; a `note` is none of them.
    pub(super) fn given_map(&self, most: usize, findings: &mut Findings) -> Vec<(Placed<String>, Placed<Given>)> {
        let Some(entries) = self.entries() else {
            self.wrong("bad_value", Said::new("names_and_values", "give a mapping of names and values"), findings);
            return Vec::new();
        };
        if entries.len() > most {
            self.wrong("too_large", Said::new("entries", format!("give at most {most}")).with("most", most), findings);
            return Vec::new();
        }
        let mut named = Vec::new();
        for entry in entries.iter().filter(|entry| entry.key != "note") {
            let Some(value) = self.key(&entry.key) else { continue };
            let mut name = value.placed(entry.key.clone());
            name.place.position = entry.position.or(name.place.position);
            if let Some(given) = value.given(findings) {
                named.push((name, value.placed(given)));
            }
        }
        named
    }

    /// `above` and `below`.
    pub(super) fn range(&self, findings: &mut Findings) -> Option<Range> {
        let bound = |key: &'static str| self.key(key).map(|at| at.placed(at.node.to_value()));
        let range = Range { above: bound("above"), below: bound("below") };
        if range.above.is_none() && range.below.is_none() {
            self.wrong("missing", Said::new("bound", "give above, below or both"), findings);
            return None;
        }
        Some(range)
    }

    /// `person`, `anyone` or `everyone`.
    pub(super) fn people(&self, findings: &mut Findings) -> Option<People> {
        let word = self.word("kind of presence", &["person", "anyone", "everyone"], findings)?;
        let at = self.key(word)?;
        if word == "person" {
            let name = at.text(findings)?;
            return Some(match name {
                "anyone" => People::Anyone,
                "everyone" => People::Everyone,
                _ => People::Person(at.placed(name.to_owned())),
            });
        }
        if !at.is_null() && !at.boolean(findings)? {
            at.wrong(
                "bad_value",
                Said::new("whose_presence", format!("write {word}: true, or name a person")),
                findings,
            );
            return None;
        }
        Some(if word == "anyone" { People::Anyone } else { People::Everyone })
    }

    /// `sunrise` or `sunset`, moved by what stands at `offset`.
    pub(super) fn sun_moment(&self, offset: Option<&At<'_>>, findings: &mut Findings) -> Option<SunTime> {
        let event = self.one_of(SUN_EVENTS, findings);
        let offset = match offset {
            None => jiff::SignedDuration::ZERO,
            Some(at) => {
                let text = if let Content::Text(text) = &at.node.content { text.as_str() } else { "" };
                let offset = parse_signed_duration(text).filter(|offset| offset.abs() <= MAX_SUN_OFFSET);
                if offset.is_none() {
                    let text =
                        format!("{} is no offset; write one of 12h at most, like 30m or -20m", at.node.describe());
                    let message = Said::new("offset", text);
                    at.wrong("bad_value", message, findings);
                }
                offset?
            }
        };
        Some(SunTime { event: event?, offset })
    }

    /// True or false.
    pub(super) fn boolean(&self, findings: &mut Findings) -> Option<bool> {
        let hint = match &self.node.content {
            Content::Bool(value) => return Some(*value),
            Content::Text(text) => bool_hint(text),
            _ => None,
        };
        let message = match hint {
            Some(value) => {
                Said::new("boolean_word", format!("write {value}, not {}", self.node.describe())).with("value", value)
            }
            None => Said::new("boolean", format!("give true or false, not {}", self.node.describe())),
        };
        self.wrong("bad_value", message, findings);
        None
    }

    /// A duration.
    pub(super) fn duration(&self, findings: &mut Findings) -> Option<Duration> {
        let duration = if let Content::Text(text) = &self.node.content { parse_duration(text) } else { None };
        if duration.is_none() {
            let hint = match &self.node.content {
                Content::Number(number) => {
                    Said::new("duration_unit", format!("{number} of what? {DURATION_EXAMPLE}")).with("number", number)
                }
                _ => Said::new("duration", format!("{} is no duration; {DURATION_EXAMPLE}", self.node.describe())),
            };
            self.wrong("bad_value", hint, findings);
        }
        duration
    }

    /// One word of a table.
    pub(super) fn one_of<T: Copy>(&self, words: &Words<T>, findings: &mut Findings) -> Option<T> {
        let text = if let Content::Text(text) = &self.node.content { text.as_str() } else { "" };
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let known = known.join(", ");
            let text = format!("{} is not known here; give one of {known}", self.node.describe());
            let message = Said::new("one_of", text).with("known", known);
            self.wrong("bad_value", message, findings);
        }
        found
    }

    /// A time of day.
    pub(super) fn time(&self, findings: &mut Findings) -> Option<TimeOfDay> {
        let text = if let Content::Text(text) = &self.node.content { text.as_str() } else { "" };
        let time = text.parse::<TimeOfDay>().ok();
        if time.is_none() {
            let text = format!("{} is not a time of day; write it like \"07:30\"", self.node.describe());
            let message = Said::new("time", text);
            self.wrong("bad_value", message, findings);
        }
        time
    }

    /// Times of day, one or a list.
    pub(super) fn times(&self, findings: &mut Findings) -> Vec<TimeOfDay> {
        let times: Vec<TimeOfDay> = self.items().iter().filter_map(|item| item.time(findings)).collect();
        if times.is_empty() && self.items().is_empty() {
            self.wrong("missing", Said::new("time", "give a time of day like \"07:30\""), findings);
        }
        times
    }

    /// Days of the week, one or a list.
    pub(super) fn weekdays(&self, findings: &mut Findings) -> Vec<Weekday> {
        let days = self.items().iter().filter_map(|item| item.one_of(WEEKDAYS, findings)).collect::<Vec<_>>();
        if self.items().is_empty() {
            self.wrong("bad_value", Said::new("weekdays", "name at least one day, or leave weekdays out"), findings);
        }
        days
    }

    pub(super) fn availability(&self, findings: &mut Findings) -> Option<Availability> {
        self.one_of(AVAILABILITIES, findings)
    }

    /// Which devices: a name or id, a list of them, or a selection.
    pub(super) fn devices(&self, findings: &mut Findings) -> Option<Devices> {
        if self.entries().is_some() {
            return self.selection(findings).map(|selection| Devices::Selected(self.placed(selection)));
        }
        let items = self.items();
        if items.is_empty() {
            self.wrong("missing", Said::new("device", "name at least one device"), findings);
        }
        let names = items.iter().map(|item| item.text(findings).map(|text| item.placed(text.to_owned()))).collect();
        let names: Option<Vec<_>> = names;
        names.filter(|names| !names.is_empty()).map(Devices::Named)
    }

    fn selection(&self, findings: &mut Findings) -> Option<Selection> {
        self.only(&["area", "type", "all"], findings)?;
        let mut selection = Selection::default();
        if let Some(area) = self.key("area") {
            selection.area = Some(area.placed(area.text(findings)?.to_owned()));
        }
        if let Some(capability) = self.key("type") {
            selection.capability = Some(capability.one_of(CAPABILITIES, findings)?);
        }
        if let Some(all) = self.key("all")
            && !all.boolean(findings)?
        {
            all.wrong("bad_value", Said::new("selection", "write all: true, or name an area"), findings);
            return None;
        }
        if selection.area.is_none() && (selection.capability.is_none() || self.key("all").is_none()) {
            let message = "name an area, or a type with all: true, like {type: light, all: true}";
            self.wrong("bad_value", Said::new("selection", message), findings);
            return None;
        }
        Some(selection)
    }

    /// An endpoint: its number or label.
    pub(super) fn endpoint(&self, findings: &mut Findings) -> Option<EndpointSelector> {
        match &self.node.content {
            Content::Number(number) if number.fract() == 0.0 && (0.0..=65_535.0).contains(number) => {
                Some(EndpointSelector::Number(*number as u16))
            }
            Content::Text(label) if !label.is_empty() => Some(EndpointSelector::Label(label.as_str().into())),
            _ => {
                let text = format!("{} is no endpoint; give its number or label", self.node.describe());
                let message = Said::new("endpoint", text);
                self.wrong("bad_value", message, findings);
                None
            }
        }
    }

    /// `device`, `endpoint` and `attribute` of a mapping.
    pub(super) fn attribute(&self, default: Option<&str>, findings: &mut Findings) -> Option<Attribute> {
        let devices = self.needed("device", findings).and_then(|at| at.devices(findings));
        let endpoint = match self.key("endpoint") {
            Some(at) => Some(at.endpoint(findings)?),
            None => None,
        };
        let name = match (self.key("attribute"), default) {
            (Some(at), _) => at.placed(at.text(findings)?.to_owned()),
            (None, Some(default)) => self.placed(default.to_owned()),
            (None, None) => {
                self.needed("attribute", findings);
                return None;
            }
        };
        Some(Attribute { devices: devices?, endpoint, name })
    }

    /// One value or a list of alternatives.
    pub(super) fn values(&self, findings: &mut Findings) -> Vec<Placed<Value>> {
        let items = self.items();
        if items.is_empty() {
            self.wrong("missing", Said::new("value", "give at least one value"), findings);
        }
        items.iter().map(|item| item.placed(item.node.to_value())).collect()
    }
}
