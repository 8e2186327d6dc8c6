//! The documents of rules: one tree, two spellings.
//!
//! A [`Document`] keeps the tree as it was written (order, notes, `2m` and `40%` included), so that text and programs
//! edit the same thing without loss, and beside it what it means ([`written`]).

mod comments;
pub mod difference;
mod json;
pub(crate) mod node;
mod place;
mod read;
mod read_parts;
pub mod secrets;
pub mod set;
pub mod tests;
pub mod words;
pub mod written;
mod yaml;

use std::fmt;

use hub_model::event::Severity;
use hub_model::{AutomationId, DeviceId, Said};

use crate::expression::{Expression, Template};
use node::{Content, Node};
pub use node::{MAX_DEPTH, Position};
pub use place::Place;
pub use read::check_id;
pub(crate) use read_parts::bool_hint;
pub use written::Enabled;
use written::Rule;

/// How large a document may be.
pub const MAX_BYTES: usize = 256 * 1024;
/// How large a text of many rules may be.
pub const MAX_LIST_BYTES: usize = 4 * 1024 * 1024;
/// How many rules one text may hold.
pub const MAX_RULES: usize = 2_000;

/// A problem of a rule's document, in words that name the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is; errors refuse the rule.
    pub severity: Severity,
    /// A stable word: `unknown_name`, `bad_value`, `unknown_key`, `missing`, `syntax`, `too_large` …
    pub code: &'static str,
    /// Where: `actions[1].command.set`. Empty = the document as a whole.
    pub path: String,
    /// Where in the text, if the text was YAML (or not even JSON).
    pub position: Option<Position>,
    /// What is wrong and what to write instead.
    pub message: Said,
}

impl Finding {
    /// An error.
    pub fn new(code: &'static str, path: impl Into<String>, position: Option<Position>, message: Said) -> Self {
        Self { severity: Severity::Error, code, path: path.into(), position, message }
    }

    /// An error at a place of a document.
    pub fn at(place: &Place, code: &'static str, message: Said) -> Self {
        Self::new(code, &*place.path, place.position, message)
    }
}

/// `actions[1].command.set (line 12, column 20): …`
impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.path.as_str(), self.position) {
            ("", None) => write!(formatter, "{}", self.message),
            ("", Some(position)) => write!(formatter, "{position}: {}", self.message),
            (path, None) => write!(formatter, "{path}: {}", self.message),
            (path, Some(position)) => write!(formatter, "{path} ({position}): {}", self.message),
        }
    }
}

/// A rule as it was written, and what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    tree: Node,
    rule: Rule,
}

/// Reads one rule in YAML. Comments become notes.
pub fn parse_yaml(text: &str) -> Result<Document, Vec<Finding>> {
    Document::of(parse_tree(text, MAX_BYTES, yaml_tree)?, "")
}

/// Reads one rule or a list of them in YAML.
pub fn parse_yaml_many(text: &str) -> Result<Vec<Document>, Vec<Finding>> {
    many(parse_tree(text, MAX_LIST_BYTES, yaml_tree)?)
}

/// Reads one rule in JSON.
pub fn parse_json(text: &str) -> Result<Document, Vec<Finding>> {
    Document::of(parse_tree(text, MAX_BYTES, json::parse)?, "")
}

/// Reads one rule or a list of them in JSON.
pub fn parse_json_many(text: &str) -> Result<Vec<Document>, Vec<Finding>> {
    many(parse_tree(text, MAX_LIST_BYTES, json::parse)?)
}

/// Any YAML as JSON, for things that are written like rules and are none.
pub fn yaml_as_json(text: &str) -> Result<String, Finding> {
    yaml::parse(text).map(|tree| json::write(&tree))
}

fn yaml_tree(text: &str) -> Result<Node, Finding> {
    let mut tree = yaml::parse(text)?;
    if let Some(finding) = yaml::depth_finding(&tree) {
        return Err(finding);
    }
    comments::into_notes(text, &mut tree);
    Ok(tree)
}

fn parse_tree(text: &str, limit: usize, parse: fn(&str) -> Result<Node, Finding>) -> Result<Node, Vec<Finding>> {
    if text.len() > limit {
        let most = limit / 1024;
        let message = Said::new("document", format!("it is larger than {most} KiB; split it")).with("most", most);
        return Err(vec![Finding::new("too_large", "", None, message)]);
    }
    parse(text).map_err(|finding| vec![finding])
}

/// That a text holds too many rules.
pub(super) fn too_many_rules() -> Said {
    Said::new("rules", format!("there are more than {MAX_RULES} rules; split them")).with("most", MAX_RULES)
}

fn many(tree: Node) -> Result<Vec<Document>, Vec<Finding>> {
    let Content::List(items) = tree.content else {
        return Document::of(tree, "").map(|document| vec![document]);
    };
    if items.len() > MAX_RULES {
        let message = too_many_rules();
        return Err(vec![Finding::new("too_large", "", tree.position, message)]);
    }
    let (mut documents, mut findings) = (Vec::new(), Vec::new());
    for (index, item) in items.into_iter().enumerate() {
        match Document::of(item, &format!("[{index}]")) {
            Ok(document) => documents.push(document),
            Err(more) => findings.extend(more),
        }
    }
    if findings.is_empty() { Ok(documents) } else { Err(findings) }
}

/// A path without the place of its rule in a list of rules.
pub(crate) fn within_rule(path: &str) -> &str {
    let rest = path.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    rest.map_or(path, |(_, rest)| rest.strip_prefix('.').unwrap_or(rest))
}

impl Document {
    fn of(tree: Node, path: &str) -> Result<Self, Vec<Finding>> {
        let rule = read::read_rule(&tree, path)?;
        Ok(Self { tree, rule })
    }

    /// Its id, if it has one yet.
    pub fn id(&self) -> Option<&str> {
        self.rule.id.as_deref()
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.rule.name
    }

    /// Whether it acts.
    pub fn enabled(&self) -> Enabled {
        self.rule.enabled
    }

    /// What it means.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// What stands at a path like `actions[1].command.set`, with or without its place in a list of rules.
    fn node_at(&self, path: &str) -> Option<&Node> {
        let mut node = &self.tree;
        for step in within_rule(path).split(['.', '[']).filter(|step| !step.is_empty()) {
            node = match step.strip_suffix(']') {
                None => node.get(step)?,
                Some(index) => match &node.content {
                    Content::List(items) => items.get(index.parse::<usize>().ok()?)?,
                    _ => return None,
                },
            };
        }
        Some(node)
    }

    /// Where in its text something stands, if it was YAML.
    pub fn position_at(&self, path: &str) -> Option<Position> {
        self.node_at(path)?.position
    }

    /// The text at a path, or that of an expression there.
    pub(crate) fn text_at(&self, path: &str) -> Option<&str> {
        let node = self.node_at(path)?;
        match &node.get("if").unwrap_or(node).content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The same in JSON.
    pub fn to_json(&self) -> String {
        json::write(&self.tree)
    }

    /// The same in YAML.
    pub fn to_yaml(&self) -> String {
        yaml::write(&self.tree)
    }

    /// Whether a key of this name stands anywhere in it.
    pub(crate) fn names_key(&self, key: &str) -> bool {
        fn names(node: &Node, key: &str) -> bool {
            match &node.content {
                Content::List(items) => items.iter().any(|item| names(item, key)),
                Content::Map(entries) => entries.iter().any(|entry| entry.key == key || names(&entry.value, key)),
                _ => false,
            }
        }
        names(&self.tree, key)
    }

    /// The same with this id, which [`check_id`] must have found good.
    pub fn with_id(mut self, id: &AutomationId) -> Self {
        self.tree.set("id", Node::text(id.as_str()));
        self.rule.id = Some(id.as_str().to_owned());
        self
    }

    /// The same, switched on, off or to shadow.
    pub fn with_enabled(mut self, enabled: Enabled) -> Self {
        let node = match enabled {
            Enabled::Yes => Node::new(Content::Bool(true)),
            Enabled::No => Node::new(Content::Bool(false)),
            Enabled::Shadow => Node::text("shadow"),
        };
        if self.tree.get("enabled").is_some() || enabled != Enabled::Yes {
            self.tree.set("enabled", node);
        }
        self.rule.enabled = enabled;
        self
    }

    /// The same with each name of a device or area replaced by its id, so that the rule survives renames. A name that
    /// is unknown or ambiguous stays.
    pub fn resolved(&self, world: &dyn crate::World) -> Self {
        let mut tree = self.tree.clone();
        for part in ["variables", "triggers", "conditions", "actions", "tests"] {
            if let Content::Map(entries) = &mut tree.content
                && let Some(entry) = entries.iter_mut().find(|entry| entry.key == part)
            {
                name_by_id(&mut entry.value, part == "conditions", world);
            }
        }
        Self::of(tree, "").unwrap_or_else(|_| self.clone())
    }

    /// The same with another device in the place of one: after a dead device was replaced.
    pub fn with_device_replaced(&self, old: &DeviceId, new: &DeviceId) -> Self {
        let mut tree = self.tree.clone();
        each_device_name(&mut tree, &mut |name| {
            if name == old.as_str() {
                *name = new.as_str().to_owned();
            }
        });
        let other = |name: &str| (name == old.as_str()).then(|| new.as_str().to_owned());
        each_expression(&mut tree, false, &mut &other);
        Self::of(tree, "").unwrap_or_else(|_| self.clone())
    }
}

fn name_by_id(node: &mut Node, is_conditions: bool, world: &dyn crate::World) {
    let id = |name: &str| Some(crate::compile::device_named(name, world).ok()?.as_str().to_owned());
    each_expression(node, is_conditions, &mut &id);
    each_device_name(node, &mut |name| {
        if let Ok(device) = crate::compile::device_named(name, world) {
            *name = device.as_str().to_owned();
        }
    });
    each_area_name(node, &mut |name| {
        if let Some(area) = crate::compile::area_named(name, world) {
            *name = area.as_str().to_owned();
        }
    });
}

/// Below these keys a text is a condition.
const CONDITION_KEYS: &[&str] = &["conditions", "if", "and", "or", "not", "while"];

/// Every text that may name a device in an expression, with what renames it.
fn each_expression(node: &mut Node, is_condition: bool, rename: &mut dyn FnMut(&str) -> Option<String>) {
    match &mut node.content {
        Content::List(items) => items.iter_mut().for_each(|item| each_expression(item, is_condition, rename)),
        Content::Map(entries) => {
            for entry in entries.iter_mut().filter(|entry| entry.key != "note") {
                each_expression(&mut entry.value, CONDITION_KEYS.contains(&entry.key.as_str()), rename);
            }
        }
        Content::Text(text) if text.contains("{{") => *text = Template::rename_devices(text, rename),
        Content::Text(text) if is_condition => *text = Expression::rename_devices(text, rename),
        _ => {}
    }
}

/// Below these keys people write what they like; a `device` there is not ours.
const FREE_KEYS: &[&str] = &["set", "variables", "note"];

fn each_device_name(node: &mut Node, change: &mut dyn FnMut(&mut String)) {
    match &mut node.content {
        Content::List(items) => items.iter_mut().for_each(|item| each_device_name(item, change)),
        Content::Map(entries) => {
            for entry in entries.iter_mut().filter(|entry| !FREE_KEYS.contains(&entry.key.as_str())) {
                match (entry.key.as_str(), &mut entry.value.content) {
                    ("device", Content::Text(name)) => change(name),
                    ("device", Content::List(items)) => {
                        for item in items {
                            if let Content::Text(name) = &mut item.content {
                                change(name);
                            }
                        }
                    }
                    _ => each_device_name(&mut entry.value, change),
                }
            }
        }
        _ => {}
    }
}

fn each_area_name(node: &mut Node, change: &mut dyn FnMut(&mut String)) {
    match &mut node.content {
        Content::List(items) => items.iter_mut().for_each(|item| each_area_name(item, change)),
        Content::Map(entries) => {
            for entry in entries.iter_mut().filter(|entry| !FREE_KEYS.contains(&entry.key.as_str())) {
                if entry.key == "device"
                    && let Content::Map(selection) = &mut entry.value.content
                {
                    for part in selection.iter_mut().filter(|part| part.key == "area") {
                        if let Content::Text(name) = &mut part.value.content {
                            change(name);
                        }
                    }
                } else {
                    each_area_name(&mut entry.value, change);
                }
            }
        }
        _ => {}
    }
}
