//! Places in a document, while it is read.

use std::sync::Arc;

use super::Finding;
use super::node::{Content, Entry, Node, Position};
use hub_model::Said;
use hub_model::name::nearest;

/// A place in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `actions[1].command.set`.
    pub path: Arc<str>,
    /// Line and column, if the text was YAML.
    pub position: Option<Position>,
}

/// A node, where it stands, and what was found wrong below it.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) node: &'a Node,
    parent: Option<&'a At<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root(&'a str),
    Key(&'a str),
    Index(usize),
}

/// What was found wrong.
pub(super) type Findings = Vec<Finding>;

/// The note that every mapping may carry.
const NOTE: &str = "note";

impl<'a> At<'a> {
    /// The whole document, which stands at `path`.
    pub(super) fn root(node: &'a Node, path: &'a str) -> Self {
        Self { node, parent: None, step: Step::Root(path) }
    }

    /// What stands under `key`.
    pub(super) fn key<'b>(&'b self, key: &'b str) -> Option<At<'b>> {
        self.node.get(key).map(|node| At { node, parent: Some(self), step: Step::Key(key) })
    }

    /// The items of a list, or the one thing that stands in place of a list.
    pub(super) fn items<'b>(&'b self) -> Vec<At<'b>> {
        match &self.node.content {
            Content::List(items) => items
                .iter()
                .enumerate()
                .map(|(index, node)| At { node, parent: Some(self), step: Step::Index(index) })
                .collect(),
            _ => vec![*self],
        }
    }

    /// The entries of a mapping, `note` left out.
    pub(super) fn entries(&self) -> Option<&'a [Entry]> {
        if let Content::Map(entries) = &self.node.content { Some(entries) } else { None }
    }

    /// Where this is.
    pub(super) fn place(&self) -> Place {
        Place { path: self.path().into(), position: self.node.position }
    }

    fn path(&self) -> String {
        let parent = self.parent.map(At::path).unwrap_or_default();
        match self.step {
            Step::Root(path) => path.to_owned(),
            Step::Key(key) if parent.is_empty() => key.to_owned(),
            Step::Key(key) => format!("{parent}.{key}"),
            Step::Index(index) => format!("{parent}[{index}]"),
        }
    }

    /// Says what is wrong here.
    pub(super) fn wrong(&self, code: &'static str, message: Said, findings: &mut Findings) {
        findings.push(Finding::at(&self.place(), code, message));
    }

    /// Refuses each key that is not one of `known` (a `note` always is), by name.
    pub(super) fn only(&self, known: &[&str], findings: &mut Findings) -> Option<()> {
        let Some(entries) = self.entries() else {
            let keys = known.join(", ");
            let text = format!("give a mapping with {keys}, not {}", self.node.describe());
            let message = Said::new("mapping", text).with("keys", keys);
            self.wrong("bad_value", message, findings);
            return None;
        };
        for entry in entries {
            if entry.key == NOTE {
                if !matches!(entry.value.content, Content::Text(_) | Content::Null) {
                    let at = At { node: &entry.value, parent: Some(self), step: Step::Key(NOTE) };
                    at.wrong("bad_value", Said::new("text", "give a text"), findings);
                }
            } else if !known.contains(&entry.key.as_str()) {
                let at = At { node: &entry.value, parent: Some(self), step: Step::Key(&entry.key) };
                let near = nearest(&entry.key, known.iter().copied());
                let hint = match near {
                    Some(name) => format!("did you mean {name:?}?"),
                    None => format!("known here: {}", known.join(", ")),
                };
                let mut place = at.place();
                place.position = entry.position.or(place.position);
                let key = super::node::shortened(&entry.key);
                let text = format!("there is no key {key:?} here; {hint}");
                let message = Said::new(if near.is_some() { "key_near" } else { "key" }, text);
                let message = message.with("key", key).with_some("near", near).with("keys", known.join(", "));
                findings.push(Finding::at(&place, "unknown_key", message));
            }
        }
        Some(())
    }

    /// The word that says what a mapping is: its one key out of `words`.
    pub(super) fn word<'b>(&'b self, what: &str, words: &'b [&'b str], findings: &mut Findings) -> Option<&'b str> {
        let Some(entries) = self.entries() else {
            let text = format!("give a mapping like {{{}: …}}, not {}", words.join(" | "), self.node.describe());
            let message = Said::new("mapping", text).with("keys", words.join(", "));
            self.wrong("bad_value", message, findings);
            return None;
        };
        let mut found = words.iter().copied().filter(|word| self.node.get(word).is_some());
        match (found.next(), found.next()) {
            (Some(word), None) => Some(word),
            (Some(first), Some(second)) => {
                let text = format!("this is both {first:?} and {second:?}; make two of it");
                let message = Said::new("both", text).with("first", first).with("second", second);
                self.wrong("bad_value", message, findings);
                None
            }
            (None, _) => {
                let written = entries.iter().map(|entry| entry.key.as_str()).find(|key| *key != NOTE);
                let near = written.and_then(|key| nearest(key, words.iter().copied()));
                let hint = match near {
                    Some(word) => format!("did you mean {word:?}?"),
                    None => format!("known: {}", words.join(", ")),
                };
                let message = match written {
                    Some(key) => {
                        let key = super::node::shortened(key);
                        let case = if near.is_some() { "kind_near" } else { "kind" };
                        Said::new(case, format!("{key:?} is no {what}; {hint}"))
                            .with("key", key)
                            .with_some("near", near)
                    }
                    None => Said::new("no_kind", format!("say what {what} it is: {}", words.join(", "))),
                };
                let message = message.with("keys", words.join(", "));
                self.wrong("unknown_key", message, findings);
                None
            }
        }
    }

    /// What stands under a key that must be there.
    pub(super) fn needed<'b>(&'b self, key: &'b str, findings: &mut Findings) -> Option<At<'b>> {
        let at = self.key(key);
        if at.is_none() {
            self.wrong("missing", Said::new("key", format!("{key:?} is missing")).with("key", key), findings);
        }
        at
    }
}
