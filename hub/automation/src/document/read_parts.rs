//! Reads the small parts of a document: texts, numbers, durations, devices, values.

use std::time::Duration;

use hub_model::device::{Capability, EndpointSelector};
use hub_model::zone::{TimeOfDay, Weekday};
use hub_model::{Availability, Value};

use super::node::Content;
use super::place::{At, Findings};
use super::words::{DURATION_EXAMPLE, parse_duration};
use super::written::{Attribute, Devices, Placed, Selection};

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
                self.wrong("bad_value", format!("give a text, not {}", self.node.describe()), findings);
                None
            }
        }
    }

    /// True or false.
    pub(super) fn boolean(&self, findings: &mut Findings) -> Option<bool> {
        let hint = match &self.node.content {
            Content::Bool(value) => return Some(*value),
            Content::Text(text) => bool_hint(text),
            _ => None,
        };
        let message = match hint {
            Some(value) => format!("write {value}, not {}", self.node.describe()),
            None => format!("give true or false, not {}", self.node.describe()),
        };
        self.wrong("bad_value", message, findings);
        None
    }

    /// A duration.
    pub(super) fn duration(&self, findings: &mut Findings) -> Option<Duration> {
        let duration = if let Content::Text(text) = &self.node.content { parse_duration(text) } else { None };
        if duration.is_none() {
            let hint = match &self.node.content {
                Content::Number(number) => format!("{number} of what? {DURATION_EXAMPLE}"),
                _ => format!("{} is no duration; {DURATION_EXAMPLE}", self.node.describe()),
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
            let message = format!("{} is not known here; give one of {}", self.node.describe(), known.join(", "));
            self.wrong("bad_value", message, findings);
        }
        found
    }

    /// Times of day, one or a list.
    pub(super) fn times(&self, findings: &mut Findings) -> Vec<TimeOfDay> {
        let mut times = Vec::new();
        for item in self.items() {
            let text = if let Content::Text(text) = &item.node.content { text.as_str() } else { "" };
            match text.parse::<TimeOfDay>() {
                Ok(time) => times.push(time),
                Err(_) => {
                    let message = format!("{} is not a time of day; write it like \"07:30\"", item.node.describe());
                    item.wrong("bad_value", message, findings);
                }
            }
        }
        if times.is_empty() && self.items().is_empty() {
            self.wrong("missing", "give a time of day like \"07:30\"", findings);
        }
        times
    }

    /// Days of the week, one or a list.
    pub(super) fn weekdays(&self, findings: &mut Findings) -> Vec<Weekday> {
        let days = self.items().iter().filter_map(|item| item.one_of(WEEKDAYS, findings)).collect::<Vec<_>>();
        if self.items().is_empty() {
            self.wrong("bad_value", "name at least one day, or leave weekdays out", findings);
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
            self.wrong("missing", "name at least one device", findings);
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
            all.wrong("bad_value", "write all: true, or name an area", findings);
            return None;
        }
        if selection.area.is_none() && (selection.capability.is_none() || self.key("all").is_none()) {
            let message = "name an area, or a type with all: true, like {type: light, all: true}";
            self.wrong("bad_value", message, findings);
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
                let message = format!("{} is no endpoint; give its number or label", self.node.describe());
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
            self.wrong("missing", "give at least one value", findings);
        }
        items.iter().map(|item| item.placed(item.node.to_value())).collect()
    }
}
