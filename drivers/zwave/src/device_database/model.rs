//! One model, as the table has it, and as it is true of one device.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::compat::Compat;
use super::condition::{Condition, Subjects, applies};
use super::names;

/// What is known of a model of devices.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Model {
    /// Who sells it.
    pub manufacturer: Box<str>,
    /// What it is called.
    pub label: Box<str>,
    /// What it is.
    pub description: Box<str>,
    /// Parameters of Configuration, by number; several of one number are parts of it.
    pub parameters: Vec<Parameter>,
    /// Groups of associations of the root device and of endpoints.
    pub groups: Vec<Group>,
    /// What endpoints are called.
    pub endpoint_labels: BTreeMap<u8, Box<str>>,
    /// How it is let in.
    pub inclusion: Option<Box<str>>,
    /// How it is made to leave.
    pub exclusion: Option<Box<str>>,
    /// How it is set back.
    pub reset: Option<Box<str>>,
    /// How it is woken.
    pub wake_up: Option<Box<str>>,
    /// Where it does not do what the specification says.
    pub compat: Compat,
}

/// A parameter of Configuration, or a part of one.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Parameter {
    when: Option<Condition>,
    /// Its number.
    pub number: u16,
    /// The bits that it takes; none = it is the whole parameter.
    pub mask: Option<u32>,
    /// As an attribute: a name that no other parameter of the model has, and no other attribute.
    #[serde(skip)]
    pub name: Box<str>,
    /// What it is called.
    pub label: Box<str>,
    /// What it is for.
    pub description: Option<Box<str>>,
    /// Bytes: 1 to 4.
    pub size: u8,
    /// Least value.
    pub minimum: Option<i64>,
    /// Greatest value.
    pub maximum: Option<i64>,
    /// As it is from the factory.
    pub default: Option<i64>,
    /// The unit, with a number before it where the value counts more or less than one: `0.1 °C`.
    pub unit: Option<Box<str>>,
    /// It has no sign.
    pub unsigned: bool,
    /// It cannot be set.
    pub read_only: bool,
    /// It can only be set.
    pub write_only: bool,
    /// It can be its options only.
    pub only_options: bool,
    /// Values with names.
    pub options: Vec<Choice>,
    /// Nobody needs to see it.
    pub hidden: bool,
}

impl Parameter {
    /// It can be one of its options, and nothing else.
    pub fn is_choice(&self) -> bool {
        self.only_options && !self.options.is_empty()
    }

    /// Its values can be below zero.
    pub fn is_signed(&self) -> bool {
        !self.unsigned
            && (self.minimum.is_none_or(|minimum| minimum < 0) && self.options.is_empty() || self.has_negative())
    }

    fn has_negative(&self) -> bool {
        let options = self.options.iter().map(|option| option.value);
        options.chain(self.minimum).chain(self.default).any(|value| value < 0)
    }

    /// The least and greatest value that are said, or that its options have.
    pub fn range(&self) -> Option<(i64, i64)> {
        let options = || self.options.iter().map(|option| option.value);
        match (self.minimum, self.maximum) {
            (Some(minimum), Some(maximum)) => Some((minimum, maximum)),
            _ if self.only_options => Some((options().min()?, options().max()?)),
            _ => None,
        }
    }
}

/// A value with a name.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Choice {
    when: Option<Condition>,
    /// The value.
    pub value: i64,
    /// Its name.
    pub label: Box<str>,
    /// The name as a word that no other option of the parameter has.
    #[serde(skip)]
    pub word: Box<str>,
}

/// A group of associations.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Group {
    when: Option<Condition>,
    /// Of which endpoint; 0 = the root device.
    pub endpoint: u8,
    /// Its number.
    pub group: u8,
    /// What it is for.
    pub label: Box<str>,
    /// How many nodes fit.
    pub most: u8,
    /// The controller is to be in it.
    pub lifeline: bool,
    /// Whether endpoints are to be told; none = as the specification says.
    pub multi_channel: Option<bool>,
}

/// A text, or alternatives of which the first that applies counts.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    One(Box<str>),
    Alternatives(Vec<Alternative>),
}

#[derive(Deserialize)]
struct Alternative {
    when: Option<Condition>,
    text: Box<str>,
}

/// A line of the table.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Line {
    manufacturer: Option<Text>,
    label: Option<Text>,
    description: Option<Text>,
    parameters: Vec<Parameter>,
    groups: Vec<Group>,
    endpoint_labels: BTreeMap<u8, Box<str>>,
    inclusion: Option<Text>,
    exclusion: Option<Text>,
    reset: Option<Text>,
    wake_up: Option<Text>,
    compat: Vec<Compat>,
}

impl Text {
    fn of(text: Option<Self>, subjects: &Subjects) -> Option<Box<str>> {
        match text? {
            Self::One(text) => Some(text),
            Self::Alternatives(list) => {
                list.into_iter().find(|item| applies(item.when.as_ref(), subjects)).map(|item| item.text)
            }
        }
    }
}

impl Line {
    /// What is true of a device.
    pub(super) fn of(self, subjects: &Subjects) -> Model {
        let text = |text| Text::of(text, subjects);
        let mut model = Model {
            manufacturer: text(self.manufacturer).unwrap_or_default(),
            label: text(self.label).unwrap_or_default(),
            description: text(self.description).unwrap_or_default(),
            parameters: Vec::new(),
            groups: Vec::new(),
            endpoint_labels: self.endpoint_labels,
            inclusion: text(self.inclusion),
            exclusion: text(self.exclusion),
            reset: text(self.reset),
            wake_up: text(self.wake_up),
            compat: self.compat.into_iter().find(|compat| applies(compat.when.as_ref(), subjects)).unwrap_or_default(),
        };
        for mut parameter in self.parameters {
            let is_there = |known: &Parameter| (known.number, known.mask) == (parameter.number, parameter.mask);
            if applies(parameter.when.as_ref(), subjects) && !model.parameters.iter().any(is_there) {
                parameter.when = None;
                parameter.options.retain(|option| applies(option.when.as_ref(), subjects));
                parameter.options.iter_mut().for_each(|option| option.when = None);
                model.parameters.push(parameter);
            }
        }
        for group in self.groups {
            let is_there = |known: &Group| (known.endpoint, known.group) == (group.endpoint, group.group);
            if applies(group.when.as_ref(), subjects) && !model.groups.iter().any(is_there) {
                model.groups.push(Group { when: None, ..group });
            }
        }
        model.parameters.sort_by_key(|parameter| (parameter.number, parameter.mask));
        names::give(&mut model.parameters);
        model
    }
}
