//! The tree that both spellings share: YAML and JSON are read into it and written from it. It keeps the order of keys,
//! notes and the words as they were written.

use std::fmt;

use hub_model::Value;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserializer, Serialize, Serializer};

/// How deep a document may nest.
pub const MAX_DEPTH: usize = 32;
/// How many keys a mapping may have.
pub(super) const MAX_KEYS: usize = 1_000;

/// A place in a text, both counted from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

/// One node of a document. Two are equal when they say the same, wherever they stand.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) content: Content,
    /// Where it stands; only YAML says.
    pub(crate) position: Option<Position>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Null,
    Bool(bool),
    /// Always finite.
    Number(f64),
    Text(String),
    List(Vec<Node>),
    /// In the order written; each key once.
    Map(Vec<Entry>),
}

/// A key and what it stands for.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) position: Option<Position>,
    pub(crate) value: Node,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.content == other.content
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.value == other.value
    }
}

impl Node {
    /// A node that stands nowhere.
    pub(crate) fn new(content: Content) -> Self {
        Self { content, position: None }
    }

    /// A text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::new(Content::Text(text.into()))
    }

    /// What stands under a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        match &self.content {
            Content::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// Puts `value` under `key`: in the place of the old one, else in front.
    pub(crate) fn set(&mut self, key: &str, value: Node) {
        if let Content::Map(entries) = &mut self.content {
            match entries.iter_mut().find(|entry| entry.key == key) {
                Some(entry) => entry.value = value,
                None => entries.insert(0, Entry { key: key.to_owned(), position: None, value }),
            }
        }
    }

    /// What it is, in words.
    pub(crate) fn describe(&self) -> String {
        match &self.content {
            Content::Null => "nothing".to_owned(),
            Content::Bool(value) => value.to_string(),
            Content::Number(value) => value.to_string(),
            Content::Text(text) => format!("{:?}", shortened(text)),
            Content::List(_) => "a list".to_owned(),
            Content::Map(_) => "a mapping".to_owned(),
        }
    }

    /// The same as a value of an attribute.
    pub(crate) fn to_value(&self) -> Value {
        match &self.content {
            Content::Null => Value::Unknown,
            Content::Bool(value) => Value::Bool(*value),
            Content::Number(value) => Value::number(*value),
            Content::Text(text) => Value::text(text.as_str()),
            Content::List(items) => Value::list(items.iter().map(Node::to_value)),
            Content::Map(entries) => {
                Value::composite(entries.iter().map(|entry| (entry.key.as_str(), entry.value.to_value())))
            }
        }
    }
}

/// The beginning of a text, for messages.
pub(crate) fn shortened(text: &str) -> String {
    if text.chars().count() > 60 {
        format!("{}…", text.chars().take(60).collect::<String>())
    } else {
        text.to_owned()
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.content {
            Content::Null => serializer.serialize_unit(),
            Content::Bool(value) => serializer.serialize_bool(*value),
            Content::Number(value) => Value::Number(*value).serialize(serializer),
            Content::Text(text) => serializer.serialize_str(text),
            Content::List(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    sequence.serialize_element(item)?;
                }
                sequence.end()
            }
            Content::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for entry in entries {
                    map.serialize_entry(&entry.key, &entry.value)?;
                }
                map.end()
            }
        }
    }
}

/// Reads a node from a self-describing format that has no positions, no deeper than told.
#[derive(Clone, Copy)]
pub(super) struct NodeSeed {
    /// How many levels may still follow.
    pub(super) depth: usize,
}

impl<'de> DeserializeSeed<'de> for NodeSeed {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl NodeSeed {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1);
        depth.map(|depth| Self { depth }).ok_or_else(|| E::custom(too_deep()))
    }
}

/// What is said of a document that nests too deep.
pub(super) fn too_deep() -> String {
    format!("it nests deeper than {MAX_DEPTH} levels")
}

/// Whether a mapping may have this key too.
pub(super) fn check_key(entries: &[Entry], key: &str) -> Result<(), String> {
    if entries.len() >= MAX_KEYS {
        return Err(format!("a mapping has more than {MAX_KEYS} keys"));
    }
    if entries.iter().any(|entry| entry.key == key) {
        return Err(format!("{:?} stands there twice", shortened(key)));
    }
    Ok(())
}

/// A number of a document; not-a-number and the infinities are refused.
pub(super) fn number<E: serde::de::Error>(number: f64) -> Result<Content, E> {
    if number.is_finite() { Ok(Content::Number(number)) } else { Err(E::custom("give a finite number")) }
}

impl<'de> Visitor<'de> for NodeSeed {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::new(Content::Null))
    }
    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::new(Content::Bool(value)))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::new(Content::Number(value as f64)))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::new(Content::Number(value as f64)))
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Node, E> {
        number(value).map(Node::new)
    }
    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::text(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Node::new(Content::List(items)))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let inner = self.inner()?;
        let mut entries: Vec<Entry> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            check_key(&entries, &key).map_err(A::Error::custom)?;
            let value = map.next_value_seed(inner)?;
            entries.push(Entry { key, position: None, value });
        }
        Ok(Node::new(Content::Map(entries)))
    }
}
